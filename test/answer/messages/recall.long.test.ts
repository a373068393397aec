/** What rested on something wrong is recalled: by two offices, from everybody who got it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { recipientsPageSchema } from '../../../functions/answer/messages/recipients.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import type { AnswerBody } from '../../../functions/answer/reply/reply-schema.ts'
import { tick } from '../../../functions/answer/upkeep/clock.ts'
import { agencies } from '../../../functions/demo/agencies.ts'
import { registered } from '../../../functions/demo/keys.ts'
import { picture } from '../../picture/pictures.ts'
import { answered, done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'
import { hourMs, post, startTelling } from '../sealed-union.ts'

const [spoc] = agencies.filter(({ id }) => id === 'FR-SPOC')
const joined = { status: 'active' as const, cannotHonour: [], requestsPerMinute: 60_000 }
const inFrance = ['FR-SPOC', 'FR-ONE', 'FR-TWO'] as const
let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
/** What three agencies of one country got of the record, and one of another. */
let got: readonly AnswerBody[]
let other: AnswerBody
let attested: string
let since: string
beforeAll(async () => {
  if (spoc === undefined) throw new Error('there is no FR-SPOC')
  at = await startTelling({ beside: inFrance.slice(1).map((id) => ({ ...spoc, ...joined, id })) })
  gateway = at.gateway
  since = gateway.clock.now.toISOString()
  at.wait(hourMs)
  // From now on what is needed comes from this act alone.
  const [fact = '', value = ''] = Object.entries(benignOfMember)[0] ?? []
  const scope = { kind: 'general', requester: 'FR' } as const
  attested = await gateway.attestGenerally('DE-POL', { holder: 'DE-POL', fact, value, scope })
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name'), itemOf('birthDate')]))
  got = []
  for (const agency of inFrance) got = [...got, await at.ask(agency, 'R-1')]
  other = await at.ask('NL-POL', 'R-1')
  at.wait(hourMs)
})
afterAll(() => at.close())

const listed = async (id: string, agency = 'DE-POL') =>
  recipientsPageSchema.parse(
    await (await gateway.call(agency, { path: `/v1/recalls/${id}` })).json(),
  )
const body = (cause: object) => ({ cause, ask: 'erased', ground: 'It was found to be wrong.' })
const recall = async (cause: object) =>
  done(await gateway.call('DE-POL', post('/v1/recalls', body(cause))))
const sign = (id: string, agency = 'DE-DPO') =>
  gateway.call(agency, post(`/v1/recalls/${id}/signatures`))
/** What DE-POL gives FR-SPOC of a record unasked. */
async function provide(record: string): Promise<string> {
  const { stage: _, necessity: __, ...asked } = requestOfMember({ subject: { recordId: record } })
  const body = { ...asked, to: 'FR-SPOC', offence: { category: 'ordinary' }, ground: 'They met.' }
  const call = (more: object = {}) =>
    gateway.call('DE-POL', post('/v1/provisions', { ...body, ...more }))
  const { shown } = wouldLeaveViewSchema.parse(await (await call()).json())
  return (await answered(await call({ shown }))).id
}
const toldOf = async (cause: string, agency: string) =>
  (await at.toldTo(agency)).filter((each) => each.cause === cause)

describe('A recall', () => {
  const causes: Readonly<Record<string, () => object>> = {
    'a version of a policy': () => {
      const policy = got[0]?.policies.find(({ id }) => id === 'de/police')
      return { policy: `${policy?.id}@${policy?.version}` }
    },
    'an attestation': () => ({ attestation: attested }),
    'a record': () => ({ record: 'R-1' }),
    'a key, by what it attested': () => ({
      key: { agency: 'DE-POL', kid: gateway.keys.get('DE-POL')?.kid, since },
    }),
    'single answers': () => ({ entries: got.map(({ id }) => id) }),
  }

  // Kills: a recall that one office makes; one that whoever is away misses; one that reaches who got nothing by it.
  test.each(Object.keys(causes))(
    'by %s reaches three recipients, one away for a day',
    async (by) => {
      const start = await gateway.call('FR-TWO', { path: '/v1/events' })
      const { next } = eventsPageSchema.parse(await start.json())
      const id = await recall(causes[by]?.() ?? {})
      await at.turn()
      expect((await listed(id)).told).toEqual([])
      await done(await sign(id))
      await at.turn()
      for (const [i, agency] of inFrance.entries()) {
        if (agency === 'FR-TWO') at.wait(24 * hourMs)
        const told = await toldOf(id, agency)
        expect(told).toMatchObject([
          { kind: 'recalled', request: got[i]?.id, ask: 'erased', items: ['name', 'birthDate'] },
        ])
        const path = `/v1/notices/${told[0]?.entry}/done`
        await done(await gateway.call(agency, post(path, { did: 'erased' })))
      }
      const after = await gateway.call('FR-TWO', { path: `/v1/events?after=${next}` })
      const page = eventsPageSchema.parse(await after.json())
      expect(page.events.filter(({ cause }) => cause === id)).toHaveLength(1)
      const { told, signed, complete } = await listed(id)
      const theirs = told.filter(({ to }) => to.startsWith('FR-'))
      expect(theirs.map(({ to, done: did }) => [to, did?.did]).sort()).toEqual(
        inFrance.map((agency) => [agency, 'erased']).sort(),
      )
      expect([signed?.by, complete]).toEqual(['DE-DPO', true])
      // What rested on more than the French word reached the other country, too.
      const reached = !['an attestation', 'single answers'].includes(by)
      expect((await toldOf(id, 'NL-POL')).map(({ request }) => request)).toEqual(
        reached ? [other.id] : [],
      )
      expect(told.map(({ to }) => to).includes('NL-POL')).toBe(reached)
    },
  )

  test('reaches what was answered to calls that a key signed since it was in wrong hands', async () => {
    const kid = gateway.keys.get('FR-ONE')?.kid
    const key = { agency: 'FR-ONE', kid, since: gateway.clock.now.toISOString() }
    const late = await recall({ key })
    const id = await recall({ key: { ...key, since } })
    for (const each of [late, id]) await done(await sign(each))
    await at.turn()
    expect(await toldOf(id, 'FR-ONE')).toMatchObject([{ request: got[1]?.id }])
    for (const agency of ['FR-SPOC', 'NL-POL']) expect(await toldOf(id, agency)).toEqual([])
    expect(await toldOf(late, 'FR-ONE')).toEqual([])
  })

  test('of an item reaches whoever got that item, and names no other', async () => {
    const id = await recall({ record: 'R-1', items: ['birthDate', 'conviction'] })
    await done(await sign(id))
    await at.turn()
    expect(await toldOf(id, 'NL-POL')).toMatchObject([{ request: other.id, items: ['birthDate'] }])
  })

  // Kills: a signature whose entry is durable and of which nothing else is left, so that it tells nobody.
  test('that was signed by a process which then ended tells everybody all the same', async () => {
    const id = await recall({ record: 'R-1', items: ['birthDate'] })
    const { sign: noted } = gateway.world.messages
    const messages = gateway.world.messages as { sign: typeof noted }
    messages.sign = async () => {
      throw new Error('the process ended')
    }
    await sign(id).catch(() => undefined)
    messages.sign = noted
    await at.turn()
    expect(await toldOf(id, 'NL-POL')).toMatchObject([{ request: other.id }])
    const { signed, told } = await listed(id)
    expect(signed).toMatchObject({ by: 'DE-DPO' })
    await at.turn()
    expect((await listed(id)).told).toHaveLength(told.length)
  })

  // Kills: an answer that was on its way when the recall was made, and is missed.
  test('finds what was sealed after it was signed', async () => {
    await gateway.putRecord('DE-POL', personOf('R-2', [itemOf('name')]))
    await at.sealed()
    await at.vouch()
    const late = await at.ask('NL-POL', 'R-2')
    const id = await recall({ record: 'R-2' })
    await done(await sign(id))
    // The clock is ahead of the sealer, which has neither.
    await tick(gateway.world, new Date(gateway.clock.now.getTime() + hourMs))
    expect((await listed(id)).complete).toBe(true)
    at.wait(2 * hourMs)
    await at.turn()
    expect(await toldOf(id, 'NL-POL')).toMatchObject([{ request: late.id }])
  })

  // Kills: a package, a provision or a retry by which data leaves after it was recalled.
  test('keeps in what has not left yet, and what left', async () => {
    await at.vouch()
    const subject = { recordId: 'R-1' }
    const asked = requestOfMember({ subject, deliverBy: 'siena', caseReference: 'LATER' })
    const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-7', asked))
    const provided = await provide('R-1')
    const uncollected = await provide('R-1')
    const pack = () => gateway.call('DE-POL', post(`/v1/access-requests/${id}/package`))
    const collect = () => gateway.call('FR-SPOC', { path: `/v1/provisions/${provided}` })
    const jti = freshJti()
    const own = requestOfMember({ subject, caseReference: 'LATER STILL' })
    const retry = () => gateway.ask('FR-SPOC', 'officer-7', own, { jti })
    const { id: left } = await answered(await retry())
    for (const each of [pack, collect, retry]) expect((await each()).status).toBe(200)
    at.wait(1000)
    await done(await sign(await recall({ entries: [id, provided, uncollected, left] })))
    await at.turn()
    // Nobody has what was not collected, so nobody is told; but nothing is given of it any more.
    const requests = (await at.toldTo('FR-SPOC')).map(({ request }) => request)
    expect([provided, uncollected].map((each) => requests.includes(each))).toEqual([true, false])
    const late = () => gateway.call('FR-SPOC', { path: `/v1/provisions/${uncollected}` })
    for (const each of [pack, collect, retry, late])
      expect(await problemOf(await each())).toMatchObject({ code: 'record-changed' })
  })

  // Kills: a key in wrong hands that recalls what other keys let go; a consent that it gave, and is missed.
  test('of a key reaches what left by its consent, and no provision of other keys', async () => {
    await at.vouch()
    const provided = await provide('R-1')
    await gateway.putRecord('DE-POL', personOf('R-3', [itemOf('name', { originator: 'BE' })]))
    const body = requestOfMember({ subject: { recordId: 'R-3' }, caseReference: 'CONSENT' })
    const ask = async (more: object = {}) =>
      answered(await gateway.ask('FR-SPOC', 'officer-7', { ...body, ...more }))
    const { id: previous } = await ask()
    const consent = { holder: 'DE-POL', fact: 'item.originConsent', originator: 'BE' }
    const scope = { kind: 'matter', matter: previous } as const
    await gateway.attest('BE-POL', { ...consent, value: 'given', scope })
    const { id } = await ask({ previous })
    const key = (agency: string) => ({ agency, kid: gateway.keys.get(agency)?.kid, since })
    const [belgian, dutch] = [
      await recall({ key: key('BE-POL') }),
      await recall({ key: key('NL-POL') }),
    ]
    for (const each of [belgian, dutch]) await done(await sign(each))
    await at.turn()
    expect((await toldOf(belgian, 'FR-SPOC')).map(({ request }) => request)).toEqual([id])
    expect((await toldOf(dutch, 'FR-SPOC')).map(({ request }) => request)).not.toContain(provided)
  })

  // Kills: what left since a stolen key took back a refusal, and is missed; what left since it took back
  // what lets data go.
  test('of a key reaches what left since it took back what held that in, and nothing else by a withdrawal', async () => {
    await at.vouch()
    const asked = requestOfMember({ subject: { recordId: 'R-1' }, caseReference: 'LIFTED' })
    const ask = async (more: object = {}) =>
      answered(await gateway.ask('FR-SPOC', 'officer-7', { ...asked, ...more }))
    const first = await ask()
    const scope = { kind: 'matter', matter: first.id } as const
    const refused = { holder: 'DE-POL', fact: 'release.decision', value: 'refuse', scope }
    const refusal = await gateway.attest('DE-POL', refused)
    const held = await ask({ previous: first.id })
    expect(held.outcome).toBe('deny')
    at.wait(hourMs)
    const key = { agency: 'DE-POL', kid: gateway.keys.get('DE-POL')?.kid }
    const then = gateway.clock.now.toISOString()
    const back = { method: 'DELETE', path: `/v1/attestations/${refusal}` }
    await done(await gateway.call('DE-POL', back))
    at.wait(1000)
    const lifted = await ask({ previous: held.id })
    expect(lifted.outcome).toBe('release')
    // The holder's key takes back what let something else go.
    const other = await at.ask('NL-POL', 'R-1')
    await at.turn()
    const id = await recall({ key: { ...key, since: then } })
    await done(await sign(id))
    await at.turn()
    const told = (await toldOf(id, 'FR-SPOC')).map(({ request }) => request)
    expect(told).toEqual([lifted.id])
    expect(await toldOf(id, 'NL-POL')).toEqual([])
    expect(other.outcome).toBe('release')
  })

  // Kills: what a stolen key of the recipient collected, and is missed since its holder had called.
  test('of a key reaches what was provided to its agency, also before, and may have been collected', async () => {
    await at.vouch()
    const provided = await provide('R-1')
    expect((await gateway.call('FR-SPOC', { path: `/v1/provisions/${provided}` })).status).toBe(200)
    at.wait(hourMs)
    const now = gateway.clock.now.toISOString().replace(/\.\d+/, '')
    const key = { agency: 'FR-SPOC', kid: gateway.keys.get('FR-SPOC')?.kid, since: now }
    const id = await recall({ key })
    await done(await sign(id))
    await at.turn()
    const told = (await toldOf(id, 'FR-SPOC')).map(({ request }) => request)
    expect(told).toContain(provided)
    // What it asked for before is not among it.
    expect(told).not.toContain(got[0]?.id)
  })

  // Kills: a photograph that a thief fetched of what a clean key had asked for, and of which nobody is told.
  test('of a key reaches a file that it fetched of what another key asked for', async () => {
    await at.vouch()
    const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' as const } }
    await gateway.putRecord('DE-POL', personOf('R-9', [itemOf('name', { ...face, id: 'face' })]))
    await done(
      await gateway.call('DE-POL', {
        ...{ method: 'PUT', path: '/v1/records/R-9/files/face', body: picture('grey') },
        headers: { 'content-type': 'image/jpeg' },
      }),
    )
    const [mine, stolen] = ['FR-SPOC', 'FR-TWO'].map((id) => gateway.keys.get(id))
    if (mine === undefined || stolen === undefined || spoc === undefined) throw new Error('no key')
    const keys = [mine, stolen].map((each) => registered(each, '2000-01-01T00:00:00Z', 'siena'))
    await gateway.change('FR-SPOC', { keys })
    const fetched = await at.ask('FR-SPOC', 'R-9')
    const left = await at.ask('FR-SPOC', 'R-9')
    const fetchOf = (id: string) =>
      gateway.call('FR-SPOC', {
        ...{ path: `/v1/access-requests/${id}/files/face`, officer: 'officer-7' },
      })
    expect((await fetchOf(left.id)).status).toBe(200)
    // A cast: the test signs with another key of the agency's from here on.
    const signing = gateway.keys as Map<string, typeof mine>
    signing.set('FR-SPOC', stolen)
    expect((await fetchOf(fetched.id)).status).toBe(200)
    signing.set('FR-SPOC', mine)
    const key = { agency: 'FR-SPOC', kid: stolen.kid, since }
    const id = await recall({ key })
    await done(await sign(id))
    await at.turn()
    const told = (await toldOf(id, 'FR-SPOC')).map(({ request }) => request)
    expect(told).toContain(fetched.id)
    expect(told).not.toContain(left.id)
  })

  // Kills: an answer with what was put right since, recalled an hour later.
  test('of a record leaves alone what is given of it later', async () => {
    await at.vouch()
    const id = await recall({ record: 'R-2' })
    await done(await sign(id))
    await at.turn()
    at.wait(10 * 60_000)
    await done(await at.change('R-2', [{ id: 'name', value: 'Antonia Beispiel' }]))
    const right = await at.ask('NL-POL', 'R-2')
    at.wait(2 * hourMs)
    await at.turn()
    const told = (await toldOf(id, 'NL-POL')).map(({ request }) => request)
    expect(told).not.toEqual([])
    expect(told).not.toContain(right.id)
  })

  // Kills: a recall that is looked after for a day, though what it is about counts for longer.
  test('of a version reaches what still leaves by it days later', async () => {
    await at.vouch()
    const policy = (await at.ask('NL-POL', 'R-1')).policies.find(({ id }) => id === 'de/police')
    const id = await recall({ policy: `${policy?.id}@${policy?.version}` })
    await done(await sign(id))
    for (const hours of [0, 2, 26]) {
      at.wait(hours * hourMs)
      await at.turn()
    }
    await at.vouch()
    const late = await at.ask('NL-POL', 'R-1')
    at.wait(7 * 24 * hourMs)
    await at.turn()
    expect((await toldOf(id, 'NL-POL')).map(({ request }) => request)).toContain(late.id)
  })

  // Kills: a name that is mistyped, which is entered, signed, reaches nobody and looks done.
  test.each([
    { policy: 'de/polise@2026-02-14' },
    { attestation: 'A'.repeat(43) },
    { entries: ['A'.repeat(43)] },
  ])('of what is not there is refused: %j', async (cause) => {
    const answer = await problemOf(await gateway.call('DE-POL', post('/v1/recalls', body(cause))))
    expect(answer).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/cause' }] })
  })

  test('is made by a holder and signed by data protection of its state, and by nobody else', async () => {
    for (const agency of ['FR-SPOC', 'DE-MIN', 'DE-DPO']) {
      const response = await gateway.call(agency, post('/v1/recalls', body({ record: 'R-1' })))
      expect(await problemOf(response)).toMatchObject({ code: 'not-your-role' })
    }
    const id = await recall({ record: 'R-1' })
    for (const agency of ['DE-POL', 'FR-SPOC', 'GB-DPO'])
      expect(await problemOf(await sign(id, agency))).toMatchObject({ code: 'not-found' })
    await at.turn()
    expect((await listed(id)).told).toEqual([])
    expect((await listed(id, 'DE-DPO')).told).toEqual([])
    const path = `/v1/recalls/${id}`
    for (const agency of ['FR-SPOC', 'GB-POL', 'GB-DPO'])
      expect((await gateway.call(agency, { path })).status).toBe(404)
    const wrong = await gateway.call('DE-POL', post('/v1/recalls', body({ policy: 'bkag' })))
    expect((await problemOf(wrong)).status).toBe(422)
  })

  // Kills: an officer who takes a recall for the end of what was wrong, by which more is then given.
  test('ends nothing by itself, and says so', async () => {
    const recalls = async (cause: object) =>
      (await gateway.call('DE-POL', post('/v1/recalls', body(cause)))).json()
    const policy = (await at.ask('NL-POL', 'R-1')).policies[0]
    const version = `${policy?.id}@${policy?.version}`
    for (const [cause, says] of [
      [{ policy: version }, 'until it is suspended'],
      [{ attestation: attested }, 'until its office withdraws it'],
      [{ record: 'R-1' }, 'until it is corrected, restricted or erased'],
    ] as const)
      expect(await recalls(cause)).toMatchObject({ says: expect.stringContaining(says) })
  })

  // Kills: a withdrawal that says nothing of what left by the attestation, or recalls by itself.
  test('is not made by taking an attestation back, which says so, and how it is', async () => {
    const path = `/v1/attestations/${attested}`
    const response = await gateway.call('DE-POL', { method: 'DELETE', path })
    expect(await response.json()).toMatchObject({
      says: expect.stringContaining(`POST /v1/recalls {"cause":{"attestation":"${attested}"}`),
    })
    await at.turn()
    const causes = (await at.toldTo('FR-SPOC')).map(({ cause }) => cause)
    expect(causes).not.toContain(attested)
  })
})

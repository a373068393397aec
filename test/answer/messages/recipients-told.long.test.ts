/** What becomes of an item that left: everybody who got it is told, and nobody else; and who says that they acted. */

import { hash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { answered, done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { itemOf, personOf, requestOfMember } from '../people.ts'
import { hourMs, post, startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  at = await startTelling()
  gateway = at.gateway
})
afterAll(() => at.close())

/** The question that waits for the holder's own system, signed; undefined if none does. */
async function waitingQuestion(): Promise<string | undefined> {
  const response = await gateway.call('DE-POL', { path: '/v1/questions?wait=0' })
  return z.looseObject({ questions: z.array(z.string()) }).parse(await response.json()).questions[0]
}

describe('A holder corrects an item', () => {
  test('and whoever got it is told which, and by when to act, but never its value', async () => {
    await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name'), itemOf('birthDate')]))
    const [first, other] = [await at.ask('FR-SPOC', 'R-1'), await at.ask('NL-POL', 'R-1')]
    at.wait(hourMs)
    const cause = await done(await at.change('R-1', [{ id: 'name', value: 'Antonia Beispiel' }]))
    at.wait(hourMs)
    // Got what stands now.
    await at.ask('BE-POL', 'R-1')
    await at.turn()
    for (const [agency, { id }] of [
      ['FR-SPOC', first],
      ['NL-POL', other],
    ] as const) {
      const events = await at.toldTo(agency)
      expect(events).toEqual([
        {
          ...{ id: expect.any(String), kind: 'corrected', entry: expect.any(String) },
          ...{ at: expect.any(String), request: id, cause, items: ['name'], to: agency },
          ...{ holder: 'DE-POL', requester: agency },
          due: new Date(gateway.clock.now.getTime() + 168 * hourMs).toISOString(),
        },
      ])
      expect(JSON.stringify(events)).not.toMatch(/Anton|Beispiel/)
    }
    expect(await at.toldTo('BE-POL')).toEqual([])
    expect(await at.toldTo('DE-POL')).toEqual([])
  })

  // Kills: a change that is told to whoever got another item, or to whoever got that item withheld.
  test('and whoever got another item, or this one withheld, is told nothing', async () => {
    const items = [itemOf('name'), itemOf('conviction'), itemOf('informant')]
    await gateway.putRecord('DE-POL', personOf('R-2', items))
    const { id } = await at.ask('FR-SPOC', 'R-2', ['identification', 'victim-witness'])
    const { opened } = await gateway.entry(id)
    const kept = opened.decision.items.map((each) => [each.id, each.treatment.kind])
    expect(Object.fromEntries(kept)).toMatchObject({ name: 'release', informant: 'withhold' })
    const before = await at.toldTo('FR-SPOC')
    await done(await at.change('R-2', [{ id: 'conviction', value: 'fraud, 2022' }]))
    await done(await at.change('R-2', [{ id: 'informant', value: 'source 13' }]))
    // The same again is no change.
    const same = await done(await at.change('R-2', [{ id: 'name', value: itemOf('name').value }]))
    await at.turn()
    expect(await at.toldTo('FR-SPOC')).toEqual(before)
    expect(await at.listed(same)).toMatchObject({ told: [] })
  })

  // Kills: a change that tells of a record to whoever got nothing of it.
  test('and whoever got nothing has the same feed, hit or no hit', async () => {
    await gateway.putRecord('DE-POL', personOf('R-11', [itemOf('informant')]))
    const hit = await at.ask('BE-POL', 'R-11', ['victim-witness'])
    const none = await at.ask('BE-POL', 'R-404', ['victim-witness'])
    expect([hit, none].map(({ outcome, standing }) => [outcome, standing])).toEqual([
      ['deny', 'final'],
      ['deny', 'final'],
    ])
    at.wait(hourMs)
    const ids = await Promise.all(
      ['BE-POL', 'FR-SPOC', 'US-POL'].map(async (agency) => (await at.toldTo(agency)).length),
    )
    await done(await at.change('R-11', [{ id: 'informant', value: 'source 14' }]))
    const wrong = { cause: { record: 'R-11' }, ask: 'erased', ground: 'It is another person.' }
    const recalled = await done(await gateway.call('DE-POL', post('/v1/recalls', wrong)))
    await done(await gateway.call('DE-DPO', post(`/v1/recalls/${recalled}/signatures`)))
    await at.turn()
    const after = await Promise.all(
      ['BE-POL', 'FR-SPOC', 'US-POL'].map(async (agency) => (await at.toldTo(agency)).length),
    )
    expect(after).toEqual(ids)
    const { events } = eventsPageSchema.parse(
      await (await gateway.call('BE-POL', { path: '/v1/events' })).json(),
    )
    const kindsOf = (id: string) =>
      events.filter(({ request }) => request === id).map(({ kind }) => kind)
    expect(kindsOf(hit.id)).toEqual(kindsOf(none.id))
  })

  test('restricts one, replaces the record without one, and erases it: each is told as what it is', async () => {
    const items = [itemOf('name'), itemOf('birthDate')]
    await gateway.putRecord('DE-POL', personOf('R-3', items))
    const { id: request } = await at.ask('NL-POL', 'R-3')
    at.wait(hourMs)
    const restricted = await done(await at.change('R-3', [{ id: 'name', status: 'blocked' }]))
    const replaced = await gateway.putRecord(
      'DE-POL',
      personOf('R-3', [itemOf('name', { status: 'blocked' })]),
    )
    const path = '/v1/records/R-3'
    const erased = await done(await gateway.call('DE-POL', { method: 'DELETE', path }))
    await at.turn()
    const told = (await at.toldTo('NL-POL')).filter((each) => each.request === request)
    expect(told.map(({ kind, cause, items: of }) => [kind, cause, of])).toEqual(
      expect.arrayContaining([
        ['restricted', restricted, ['name']],
        ['erased', replaced, ['birthDate']],
        ['erased', erased, ['name', 'birthDate']],
      ]),
    )
    expect(told).toHaveLength(3)
  })

  test('that left by letter: the holder is told, since its officer tells who got it', async () => {
    await gateway.putRecord('DE-POL', personOf('R-4', [itemOf('name')]))
    const received = {
      ...{ way: 'letter', number: 'L-1', receivedAt: gateway.clock.now.toISOString() },
      digest: 'd'.repeat(43),
      from: { name: 'Police of Elsewhere', jurisdiction: 'FR', authorityType: 'police' },
    }
    const asked = await gateway.ask('DE-POL', 'officer-1', {
      ...requestOfMember({ subject: { recordId: 'R-4' }, caseReference: 'LETTER-1' }),
      receivedBy: { ...received, from: { ...received.from, cannotHonour: [] } },
    })
    const { id, outcome } = await answered(asked)
    expect(outcome).not.toBe('deny')
    at.wait(hourMs)
    const cause = await done(await at.change('R-4', [{ id: 'name', value: 'Antonia Beispiel' }]))
    await at.turn()
    const [told] = (await at.toldTo('DE-POL')).filter((each) => each.cause === cause)
    expect(told).toMatchObject({ kind: 'corrected', request: id, to: 'DE-POL' })
    expect(told?.requester).toMatch(/^FR-EXT-/)
  })
})

describe('A holder with a system of its own', () => {
  test('says what became of a record there, and whoever got it is told', async () => {
    await gateway.putRecord('DE-POL', personOf('R-6', [itemOf('name'), itemOf('birthDate')]))
    const { id: request } = await at.ask('BE-POL', 'R-6')
    at.wait(hourMs)
    const said = { record: 'R-6', became: 'restricted', items: ['name'] }
    const kept = await gateway.call('DE-POL', post('/v1/corrections', said))
    expect(await problemOf(kept)).toMatchObject({ code: 'not-a-holder' })
    await gateway.change('DE-POL', { system: {} })
    const cause = await done(await gateway.call('DE-POL', post('/v1/corrections', said)))
    const all = await done(
      await gateway.call('DE-POL', post('/v1/corrections', { record: 'R-6', became: 'erased' })),
    )
    const other = { record: 'R-6', became: 'corrected', items: ['conviction'] }
    await done(await gateway.call('DE-POL', post('/v1/corrections', other)))
    await at.turn()
    await gateway.change('DE-POL', {})
    const told = (await at.toldTo('BE-POL')).filter((each) => each.request === request)
    expect(told.map((each) => [each.kind, each.cause, each.items]).sort()).toEqual(
      [
        ['restricted', cause, ['name']],
        ['erased', all, ['name', 'birthDate']],
      ].sort(),
    )
    expect((await gateway.call('FR-SPOC', post('/v1/corrections', said))).status).toBe(403)
  })

  /** Asks for a record of that system, which has its name alone; how to ask the same call again. */
  async function askSystem(id: string, more: object = {}) {
    await gateway.change('DE-POL', { system: {} })
    const body = {
      ...requestOfMember({ subject: { recordId: id }, caseReference: `CASE-${id}` }),
      ...more,
    }
    const jti = freshJti()
    const send = () => gateway.ask('BE-POL', 'officer-7', body, { jti })
    const asked = send()
    const signed = (await expect.poll(waitingQuestion).toBeDefined().then(waitingQuestion)) ?? ''
    const record = personOf(id, [itemOf('name')])
    const answer = { question: hash('sha256', signed, 'base64url'), found: 'one', record }
    await gateway.call('DE-POL', post(`/v1/questions/${decodeJwt(signed).id}`, answer))
    return { send, ...(await answered(await asked)) }
  }
  const changed = async (record: string, became: string) => {
    await done(await gateway.call('DE-POL', post('/v1/corrections', { record, became })))
    await at.turn()
  }

  // Kills: what that system answered then, given once more though it is erased there.
  test('says that a record was erased there, and no retry gives it once more', async () => {
    const { send } = await askSystem('R-7')
    expect((await answered(await send())).records).toMatchObject([{ items: [{ id: 'name' }] }])
    await changed('R-7', 'erased')
    const problem = await problemOf(await send())
    await gateway.change('DE-POL', {})
    expect(problem).toMatchObject({ status: 409, code: 'record-changed' })
  })

  // Kills: an answer that nobody sends any more, since it was taken for one that was recalled.
  test('says that a record was corrected there, and what is still to be sent waits to be sent', async () => {
    const { id } = await askSystem('R-8', { deliverBy: 'letter' })
    await changed('R-8', 'corrected')
    const inbox = await gateway.call('DE-POL', { path: '/v1/inbox' })
    await gateway.change('DE-POL', {})
    expect(await inbox.text()).toContain(id)
  })
})

describe('Whoever was told', () => {
  let notice: string
  let cause: string
  beforeAll(async () => {
    await gateway.putRecord('DE-POL', personOf('R-5', [itemOf('name')]))
    await at.ask('FR-SPOC', 'R-5')
    at.wait(hourMs)
    cause = await done(await at.change('R-5', [{ id: 'name', status: 'blocked' }]))
    await at.turn()
    const told = (await at.toldTo('FR-SPOC')).find((each) => each.cause === cause)
    notice = told?.entry ?? ''
  })
  const didSo = (did: string, jti?: string) => post(`/v1/notices/${notice}/done`, { did }, jti)

  test('is missing in the list of the holder, which nobody else sees', async () => {
    expect(await at.listed(cause)).toMatchObject({
      complete: true,
      more: false,
      told: [{ id: notice, what: 'restricted', to: 'FR-SPOC', items: ['name'] }],
    })
    expect((await at.listed(cause)).told[0]).not.toHaveProperty('done')
    for (const agency of ['FR-SPOC', 'GB-POL', 'DE-MIN']) {
      const path = `/v1/corrections/${cause}`
      expect((await gateway.call(agency, { path })).status).toBe(404)
    }
  })

  // Kills: a reminder that is sent once more at each look; one that tells the holder before it is due.
  test('is reminded at half the time; and when it is over, so is the holder', async () => {
    const about = async (agency: string) =>
      (await at.toldTo(agency))
        .filter((each) => each.cause === cause)
        .map(({ kind, to }) => `${kind} ${to}`)
    for (const [days, theirs, own] of [
      [3, [], []],
      [1, ['reminder FR-SPOC'], ['reminder FR-SPOC']],
      [4, ['overdue FR-SPOC', 'escalation DE-POL'], ['overdue FR-SPOC', 'escalation DE-POL']],
      [9, [], []],
    ] as const) {
      const before = [await about('FR-SPOC'), await about('DE-POL')] as const
      at.wait(days * 24 * hourMs)
      await at.turn()
      await at.turn()
      expect((await about('FR-SPOC')).slice(before[0].length)).toEqual(
        theirs.filter((each) => !each.startsWith('escalation')),
      )
      expect((await about('DE-POL')).slice(before[1].length).sort()).toEqual([...own].sort())
    }
  })

  // Kills: an answer that another agency gives; a second one; one that keeps on using what is restricted.
  test('says once that it did so, and the holder sees by which entry', async () => {
    for (const stranger of ['NL-POL', 'DE-POL'])
      expect(await problemOf(await gateway.call(stranger, didSo('restricted')))).toMatchObject({
        code: 'not-found',
      })
    const wrong = await problemOf(await gateway.call('FR-SPOC', didSo('corrected')))
    expect(wrong.errors).toMatchObject([{ pointer: '/did' }])
    const jti = freshJti()
    const entry = await done(await gateway.call('FR-SPOC', didSo('erased', jti)))
    expect((await gateway.call('FR-SPOC', didSo('erased', jti))).status).toBe(200)
    const twice = await problemOf(await gateway.call('FR-SPOC', didSo('restricted')))
    expect(twice).toMatchObject({ status: 409, code: 'already-done' })
    const now = gateway.clock.now.toISOString()
    expect((await at.listed(cause)).told[0]?.done).toEqual({ did: 'erased', at: now, entry })
    const { leaf } = (await gateway.entry(entry)).stored
    expect(leaf).toMatchObject({ t: 'duty', previous: notice, hj: 'DE', aj: 'FR' })
  })
})

/** What a holder sees of what left, and what offices answer to a denial beside their statements. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disclosuresPageSchema } from '../../../functions/answer/messages/disclosures.ts'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { inboxPageSchema } from '../../../functions/answer/offices/inbox.ts'
import { askedFor } from '../../../functions/answer/offices/request-view.ts'
import type { AnswerBody } from '../../../functions/answer/reply/reply-schema.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { answered, type Call, done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { acts, homicide } from '../homicide.ts'
import { attestAll, benign, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let sealing: TestSealing
let gateway: Gateway
let at: ReturnType<typeof acts>
let left: AnswerBody
beforeAll(async () => {
  sealing = await startSealing()
  gateway = sealing.gateway
  at = acts(gateway)
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const death = { 'request.offence.deathPenaltyAvailable': true }
  const scope = { kind: 'general', requester: 'US' } as const
  await attestAll(gateway, 'GB-POL', scope, { ...benign, ...death })
  left = await answered(await gateway.ask('FR-SPOC', 'officer-7', requestOfMember()))
  await seal('comity.test/de/2026', [left.id], sealing.world())
})
afterAll(() => sealing.close())

async function disclosures(agency: string, after?: string) {
  const path = `/v1/disclosures${after === undefined ? '' : `?after=${after}`}`
  return disclosuresPageSchema.parse(await (await gateway.call(agency, { path })).json())
}
const post = (path: string, body: unknown, jti = freshJti()): Call => ({
  ...{ method: 'POST', path, body, jti },
})
const duties = (id: string) => `/v1/disclosures/${id}/duties`
const responses = (id: string) => `/v1/access-requests/${id}/responses`
const eventsOf = async (agency: string) =>
  eventsPageSchema.parse(await (await gateway.call(agency, { path: '/v1/events' })).json()).events

describe('A holder', () => {
  test('sees what left, to whom, and each duty of its own with its text', async () => {
    const { disclosures: all, next, more } = await disclosures('DE-POL')
    const own = left.obligations.filter(({ onWhom }) => onWhom === 'holder')
    expect(own.length).toBeGreaterThan(0)
    expect(all).toEqual([
      {
        request: left.id,
        matter: left.matter,
        at: left.decidedAt,
        requester: 'FR-SPOC',
        classes: ['identification'],
        what: {
          record: 'R-1',
          items: [{ id: 'name', treatment: 'release' }],
          caseReference: 'CASE-1',
          purpose: 'investigation',
        },
        duties: own.map(({ onWhom: _, ...duty }) => duty),
      },
    ])
    expect([(await disclosures('DE-POL', next)).disclosures, more]).toEqual([[], false])
    expect((await disclosures('GB-POL')).disclosures).toEqual([])
    const asked = await gateway.call('FR-SPOC', { path: `${duties(left.id)}` })
    expect(asked.status).toBe(404)
  })

  // Kills: a tick that counts twice; one that another agency makes; one of a duty of the requester's.
  test('says once that it did one of its duties, and nobody says it for the holder', async () => {
    const [own] = left.obligations.filter(({ onWhom }) => onWhom === 'holder')
    const theirs = left.obligations.find(({ onWhom }) => onWhom === 'requester')
    const body = { code: own?.code, ...(own?.value && { value: own.value }) }
    for (const stranger of ['FR-SPOC', 'GB-POL', 'DE-MIN'])
      expect(
        await problemOf(await gateway.call(stranger, post(duties(left.id), body))),
      ).toMatchObject({ code: 'not-found' })
    const another = await gateway.call('DE-POL', post(duties(left.id), { code: theirs?.code }))
    expect((await problemOf(another)).errors).toMatchObject([{ pointer: '/code' }])
    const jti = freshJti()
    const entry = await done(await gateway.call('DE-POL', post(duties(left.id), body, jti)))
    expect((await gateway.call('DE-POL', post(duties(left.id), body, jti))).status).toBe(200)
    const twice = await gateway.call('DE-POL', post(duties(left.id), body))
    expect(await problemOf(twice)).toMatchObject({ status: 409, code: 'already-done' })
    const [seen] = (await disclosures('DE-POL')).disclosures
    expect(seen?.duties.filter((each) => each.done !== undefined)).toEqual([
      expect.objectContaining({ code: own?.code, done: { at: left.decidedAt, entry } }),
    ])
    expect((await gateway.world.ledger.read(entry))?.leaf).toMatchObject({
      t: 'duty',
      previous: left.id,
    })
  })

  test('sees ids, classes and duties, and nothing else, once the entry was erased', async () => {
    const { id } = await answered(
      await gateway.ask(
        'FR-SPOC',
        'officer-7',
        requestOfMember({ subject: { recordId: 'R-1' }, caseReference: 'CASE-2' }),
      ),
    )
    await seal('comity.test/de/2026', [id], sealing.world())
    const { stored } = await gateway.entry(id)
    await gateway.world.subjectKeys.shred(stored.kid)
    const { disclosures: all } = await disclosures('DE-POL')
    const erased = all.find(({ request }) => request === id)
    expect(erased).toMatchObject({ requester: 'FR-SPOC', classes: ['identification'] })
    expect(erased).not.toHaveProperty('what')
    expect(erased?.duties.length).toBeGreaterThan(0)
  })
})

// Kills: words of an officer about a person, which stay when the person is erased.
test('How an answer left is not shown once its entry was erased', async () => {
  const body = requestOfMember({ caseReference: 'CASE-4', deliverBy: 'letter' })
  const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
  const number = 'letter about Anton Beispiel'
  const sent = { by: 'letter', number, sentAt: '2026-11-25T09:00:00Z' }
  await done(await gateway.call('DE-POL', post(`/v1/access-requests/${id}/delivery`, sent)))
  await seal('comity.test/de/2026', [id], sealing.world())
  const shown = async () =>
    (await disclosures('DE-POL')).disclosures.find(({ request }) => request === id)
  expect((await shown())?.delivery).toEqual(sent)
  const { stored } = await gateway.entry(id)
  await gateway.world.subjectKeys.shred(stored.kid)
  expect(await shown()).toBeDefined()
  expect(JSON.stringify(await shown())).not.toContain('Anton')
})

describe('An office of which the requester was told', () => {
  const deny = () => at.ask(homicide())
  const inbox = async (agency: string, id: string) => {
    const response = await gateway.call(agency, { path: '/v1/inbox' })
    const { open } = inboxPageSchema.parse(await response.json())
    return open.find(({ request }) => request === id)
  }

  test('refuses with a ground, which the requester reads and is told of', async () => {
    const { id } = await deny()
    expect(await inbox('GB-MIN', id)).toBeDefined()
    const body = { what: 'refuse', text: 'We give no assurance in this case.' }
    const entry = await done(await gateway.call('GB-MIN', post(responses(id), body)))
    expect((await at.look(id)).responses).toEqual([
      { ...body, office: 'GB-MIN', at: gateway.clock.now.toISOString() },
    ])
    expect(await inbox('GB-MIN', id)).toBeUndefined()
    expect(await inbox('GB-POL', id)).toBeDefined()
    await seal('comity.test/gb/2026', [id, entry], sealing.world())
    expect(await eventsOf('US-POL')).toContainEqual(
      expect.objectContaining({ kind: 'refused', request: id, entry, office: 'GB-MIN' }),
    )
    const twice = await gateway.call('GB-MIN', post(responses(id), body))
    expect(await problemOf(twice)).toMatchObject({ status: 409, code: 'already-done' })
  })

  test('asks back, and has it before it until the requester asks again', async () => {
    const { id } = await deny()
    const body = { what: 'ask-back', text: 'Which sentence is sought?' }
    await done(await gateway.call('GB-MIN', post(responses(id), body)))
    expect((await inbox('GB-MIN', id))?.askedBackAt).toBe(gateway.clock.now.toISOString())
    expect((await at.look(id)).responses).toMatchObject([body])
  })

  // Kills: an answer to what the whole decision waits for, which tells that there is a record.
  test('is the only one that may: no other office, and none after the denial is final', async () => {
    const { id } = await deny()
    const body = { what: 'refuse', text: 'We give no assurance in this case.' }
    for (const agency of ['US-POL', 'DE-POL', 'DE-MIN', 'BE-POL'])
      expect(await problemOf(await gateway.call(agency, post(responses(id), body)))).toMatchObject({
        code: 'not-found',
      })
    const minor = itemOf('name', { minor: true, ageAtEvent: 17 })
    await gateway.putRecord('DE-POL', personOf('R-17', [minor]))
    const ofMinor = requestOfMember({ caseReference: 'CASE-17', subject: { recordId: 'R-17' } })
    const untold = await answered(await gateway.ask('FR-SPOC', 'officer-7', ofMinor))
    const { opened } = await gateway.entry(untold.id)
    expect([untold.standing, opened.decision.standing]).toEqual(['final', 'open'])
    const byOfficer = await gateway.call('DE-POL', post(responses(untold.id), body))
    expect((await problemOf(byOfficer)).code).toBe('not-found')
    const told = await answered(
      await gateway.ask(
        'FR-SPOC',
        'officer-7',
        requestOfMember({ caseReference: 'CASE-3', subject: { recordId: 'R-404' } }),
      ),
    )
    const response = await gateway.call('DE-POL', post(responses(told.id), body))
    expect([told.standing, (await problemOf(response)).code]).toEqual(['final', 'not-found'])
    const long = { what: 'refuse', text: 'x'.repeat(601) }
    const tooLong = await gateway.call('GB-MIN', post(responses(id), long))
    expect((await problemOf(tooLong)).errors).toMatchObject([{ pointer: '/text' }])
  })

  test('sees who and what was asked, as far as a fact is about that, and never what was found', async () => {
    const { id } = await deny()
    const [ministry, police] = [await inbox('GB-MIN', id), await inbox('GB-POL', id)]
    // An assurance is about the person in this case, as necessity is; an offence shows itself alone.
    for (const seen of [ministry, police])
      expect(seen?.asked).toMatchObject({
        subject: { recordId: 'R-1' },
        necessity: { statement: 'To find the suspect.' },
      })
    const request = homicide()
    const { offence } = request
    expect(askedFor(['request.offence.character'], request)).toEqual({ offence })
    expect(askedFor(['assurance.reciprocity', 'risk.torture'], request)).toEqual({})
    expect(JSON.stringify([ministry, police])).not.toContain('Beispiel')
  })
})

describe('A review', () => {
  test('is told to the holder’s officers, and its answer to whoever asked', async () => {
    const { id } = await at.ask(homicide())
    const path = `/v1/access-requests/${id}/review`
    const ask = post(path, { ground: 'We think that it is otherwise.' })
    const asked = await done(await gateway.call('US-POL', ask))
    const answer = post(path, { ground: 'An officer has looked at it.' })
    const reviewed = await done(await gateway.call('GB-POL', answer))
    await seal('comity.test/gb/2026', [id, asked, reviewed], sealing.world())
    expect(await eventsOf('GB-POL')).toContainEqual(
      expect.objectContaining({ kind: 'review-asked', request: id, entry: asked }),
    )
    expect(await eventsOf('US-POL')).toContainEqual(
      expect.objectContaining({ kind: 'reviewed', request: id, entry: reviewed }),
    )
  })
})

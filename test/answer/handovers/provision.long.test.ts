/** What a holder provides unasked: shown first, judged as if the recipient had asked, collected by it alone. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { disclosuresPageSchema } from '../../../functions/answer/messages/disclosures.ts'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import { answerSchema } from '../../../functions/answer/reply/reply-schema.ts'
import type { Provision } from '../../../functions/decision/request.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { answered, done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'
import { hourMs, startTelling } from '../sealed-union.ts'

let gateway: Gateway
let at: Awaited<ReturnType<typeof startTelling>>
beforeAll(async () => {
  at = await startTelling()
  gateway = at.gateway
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name'), itemOf('account')]))
})
afterAll(() => at.close())

let cases = 0
/** A provision of a case of its own. */
const unasked = (changes: Partial<Provision> = {}): Provision => {
  cases += 1
  return {
    holder: 'DE-POL',
    to: 'FR-SPOC',
    subject: { recordId: 'R-1' },
    classes: ['identification'],
    purpose: 'investigation',
    instrument: 'EU-2023/977',
    channel: 'siena',
    urgency: 'none',
    offence: { category: 'ordinary' },
    ground: 'He was seen with the suspects of their case.',
    caseReference: `OWN ${cases}`,
    ...changes,
  }
}
const post = (agency: string, body: object, jti = freshJti(), officer = 'officer-1') =>
  gateway.call(agency, { method: 'POST', path: '/v1/provisions', body, jti, officer })
const look = async (body: Provision) =>
  wouldLeaveViewSchema.parse(await (await post('DE-POL', body)).json())
/** Shown first, and then provided. */
async function provide(body = unasked(), jti = freshJti()) {
  const { shown } = await look(body)
  return post('DE-POL', { ...body, shown }, jti)
}
const collect = (id: string, agency = 'FR-SPOC', jti = freshJti()) =>
  gateway.call(agency, { path: `/v1/provisions/${id}`, jti })
const collected = async (id: string) =>
  answerSchema.parse(await (await collect(id)).json()).records.flatMap(({ items }) => items)
const sealed = (id: string) => seal('comity.test/de/2026', [id], at.sealing.world())
/** What an agency is told of a provision, once that is sealed. */
async function told(agency: string, id: string) {
  await sealed(id)
  const page = await gateway.call(agency, { path: '/v1/events' })
  const { events } = eventsPageSchema.parse(await page.json())
  return events.filter(({ request }) => request === id).map(({ kind }) => kind)
}

describe('What a holder provides unasked', () => {
  test('is shown to its officer first; looking is an entry, and nothing leaves by it', async () => {
    const body = unasked()
    const jti = freshJti()
    const seen = await post('DE-POL', body, jti)
    const { items, outcome } = wouldLeaveViewSchema.parse(await seen.json())
    expect({ outcome, values: items.map(({ value }) => value) }).toEqual({
      outcome: 'release',
      values: ['Anton Beispiel'],
    })
    const stored = await gateway.world.ledger.read(entryId('DE-POL', jti))
    const opened = stored && (await openAny(stored, gateway.world))
    expect(opened).toMatchObject({
      kind: 'consultation',
      values: { consultation: { question: { action: 'see-provision', to: 'FR-SPOC' } } },
    })
    expect((await collect(entryId('DE-POL', jti))).status).toBe(404)
  })

  test('is permitted by the articles that speak of it, not by those of requests', async () => {
    const { outcome, reasons, records, provided, obligations } = await answered(await provide())
    expect({ outcome, records, provided }).toEqual({
      outcome: 'release',
      records: [],
      provided: { to: 'FR-SPOC' },
    })
    const rules = reasons.map(({ rule }) => rule)
    expect(rules).toContain('eu/exchange/own-initiative')
    expect(rules).toContain('de/police/unasked')
    expect(rules).not.toContain('eu/exchange/request')
    expect(obligations.map(({ code }) => code)).toContain('O-USE')
  })

  test('is an entry of its own kind of decision: who gave, to whom, and what nobody claimed', async () => {
    const { id } = await answered(await provide())
    const { stored, opened } = await gateway.entry(id)
    expect(stored.leaf).toMatchObject({ t: 'decision', hj: 'DE', aj: 'DE', out: 'release' })
    expect(opened.call.agency).toBe('DE-POL')
    const { facts } = opened.facts
    expect(facts).toMatchObject({ 'request.unasked': true, 'requester.agency': 'FR-SPOC' })
    // Kills: a stage or a penalty that nobody stated.
    expect(facts['request.stage']).toBeUndefined()
    expect(facts['request.offence.maxCustodyMonthsRequester']).toBeUndefined()
  })

  test('is the decision of the officer who may release, and of no rule', async () => {
    const { id, decidedBy } = await answered(await provide())
    expect(decidedBy).toEqual({ kind: 'officer', office: 'DE-POL', attestation: id })
  })

  // Kills: an answer that changes with the record; a second entry.
  test('is answered alike on a retry, whatever became of the record', async () => {
    await gateway.putRecord('DE-POL', personOf('R-2', [itemOf('name')]))
    const body = unasked({ subject: { recordId: 'R-2' } })
    const { shown } = await look(body)
    const jti = freshJti()
    const first = await answered(await post('DE-POL', { ...body, shown }, jti))
    await gateway.putRecord('DE-POL', personOf('R-2', [itemOf('name', { value: 'Other' })]))
    const again = await post('DE-POL', { ...body, shown }, jti)
    expect(again.status).toBe(200)
    expect({ ...(await answered(again)), receipt: '' }).toEqual({ ...first, receipt: '' })
  })

  // Kills: what leaves that nobody was shown.
  test('is nothing else than its officer was shown', async () => {
    await gateway.putRecord('DE-POL', personOf('R-3', [itemOf('name')]))
    const body = unasked({ subject: { recordId: 'R-3' } })
    const { shown } = await look(body)
    await gateway.putRecord('DE-POL', personOf('R-3', [itemOf('name', { value: 'Other' })]))
    const jti = freshJti()
    const problem = await problemOf(await post('DE-POL', { ...body, shown }, jti))
    expect(problem).toMatchObject({ status: 409, code: 'not-as-shown' })
    expect(await gateway.world.ledger.read(entryId('DE-POL', jti))).toBeUndefined()
    const other = await problemOf(await post('DE-POL', { ...unasked(), shown }))
    expect(other.code).toBe('not-as-shown')
  })

  test('comes from the holder of the record, to an agency that could ask for it', async () => {
    for (const agency of ['FR-SPOC', 'GB-POL', 'DE-MIN'])
      expect((await post(agency, unasked())).status, agency).toBe(403)
    for (const to of ['DE-POL', 'FR-NOBODY', 'DE-DPA'])
      expect(await problemOf(await post('DE-POL', unasked({ to })))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/to' }],
      })
  })

  test('is refused where the law that applies speaks of requests alone, and says so', async () => {
    const body = unasked({ to: 'GB-POL', instrument: 'none', channel: 'bilateral' })
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benignOfMember)
    const { reasons } = await look(body)
    expect(reasons.map(({ code, rule }) => [code, rule])).toContainEqual([
      'asked-only',
      'eu/transfers/unasked',
    ])
    const { id, outcome } = await answered(await provide(body))
    expect(outcome).toBe('deny')
    expect((await collect(id, 'GB-POL')).status).toBe(404)
  })
})

describe('The recipient', () => {
  test('is told by an event, and collects the data with its duties as often as it needs', async () => {
    const { id } = await answered(await provide())
    expect(await told('FR-SPOC', id)).toEqual(['provided'])
    expect(await told('DE-POL', id)).toContain('disclosed')
    for (const _ of [1, 2]) {
      const got = answerSchema.parse(await (await collect(id)).json())
      expect(got.records[0]?.items.map(({ value }) => value)).toEqual(['Anton Beispiel'])
      expect(got.obligations.map(({ code }) => code)).toContain('O-USE')
    }
  })

  // Kills: data that leaves without an entry of whoever fetched it.
  test('leaves an entry by each call', async () => {
    const { id } = await answered(await provide())
    const jti = freshJti()
    await collect(id, 'FR-SPOC', jti)
    const stored = await gateway.world.ledger.read(entryId('FR-SPOC', jti))
    const opened = stored && (await openAny(stored, gateway.world))
    expect(stored?.leaf).toMatchObject({ t: 'consultation', hj: 'DE', aj: 'FR' })
    expect(opened).toMatchObject({
      values: { consultation: { purpose: 'delivery', shown: [id] } },
    })
  })

  test('is the only one who collects it', async () => {
    const { id } = await answered(await provide())
    for (const agency of ['DE-POL', 'GB-POL', 'DE-MIN', 'FR-DPA'])
      expect((await collect(id, agency)).status, agency).toBe(404)
    // Kills: an answer to a request that can be collected.
    const asked = await answered(await gateway.ask('FR-SPOC', 'officer-7', requestOfMember()))
    expect((await collect(asked.id)).status).toBe(404)
    const own = await gateway.call('FR-SPOC', { path: `/v1/access-requests/${id}` })
    expect(own.status).toBe(404)
  })

  // Kills: what the law lets leave by one channel, collected by another.
  test('collects it by the channel that the provision names', async () => {
    const { id, outcome } = await answered(await provide(unasked({ channel: 'interpol' })))
    expect(outcome).toBe('release')
    expect(await problemOf(await collect(id))).toMatchObject({
      ...{ status: 422, errors: [{ pointer: '/channel' }] },
    })
  })

  test('collects it for a fortnight, and while the record is as it was', async () => {
    await gateway.putRecord('DE-POL', personOf('R-4', [itemOf('name')]))
    const { id } = await answered(await provide(unasked({ subject: { recordId: 'R-4' } })))
    expect(await collected(id)).toHaveLength(1)
    await gateway.putRecord('DE-POL', personOf('R-4', [itemOf('name', { value: 'Other' })]))
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
    const { id: late } = await answered(await provide())
    const now = gateway.clock.now
    gateway.clock.now = new Date(now.getTime() + 14 * 86_400_000 + 1000)
    expect(await problemOf(await collect(late))).toMatchObject({ status: 410, code: 'too-late' })
    gateway.clock.now = now
  })

  // Kills: data that first leaves when nobody would let it go any more.
  test('gets nothing once what let it leave has ended, or was taken back', async () => {
    await gateway.putRecord('DE-POL', personOf('R-5', [itemOf('name', { originator: 'BE' })]))
    const body = unasked({ subject: { recordId: 'R-5' } })
    const { id: previous } = await answered(await provide(body))
    const consent = { holder: 'DE-POL', fact: 'item.originConsent', originator: 'BE' }
    const scope = { kind: 'matter', matter: previous } as const
    const given = await gateway.attest('BE-POL', { ...consent, value: 'given', scope })
    const { id } = await answered(await provide({ ...body, previous }))
    expect(await collected(id)).toHaveLength(1)
    const now = gateway.clock.now
    gateway.clock.now = new Date(now.getTime() + 86_400_000)
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
    gateway.clock.now = now
    expect(await collected(id)).toHaveLength(1)
    const path = `/v1/attestations/${given}`
    await done(await gateway.call('BE-POL', { method: 'DELETE', path }))
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
  })

  // Kills: data that first leaves by a law that permits it no more.
  test('gets nothing once the law no longer lets it leave', async () => {
    const { id } = await answered(await provide())
    expect(await collected(id)).toHaveLength(1)
    at.wait(hourMs)
    const law = gateway.world.law as { now: typeof gateway.world.law.now }
    const { now } = law
    const from = gateway.clock.now.toISOString()
    const today = await now()
    const policies = today.book.policies.map((each) =>
      each.id === 'de/police' ? { ...each, suspensions: [{ from }] } : each,
    )
    law.now = async () => ({ ...today, book: { ...today.book, policies } })
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
    law.now = now
    expect(await collected(id)).toHaveLength(1)
  })

  // Kills: data that leaves without a duty that the law of the day lays on it.
  test('gets nothing by an answer that lacks a duty which the law has laid on it since', async () => {
    const provision = unasked()
    const given = await answered(await provide(provision))
    expect(given.obligations.map(({ code }) => code)).not.toContain('O-CONF')
    const law = gateway.world.law as { now: typeof gateway.world.law.now }
    const { now } = law
    const today = await now()
    const added = [{ code: 'O-CONF' }]
    const policies = today.book.policies.map((policy) => {
      const rules = policy.rules.map((each) => {
        const { then } = each.rule
        const obligations = [...(then.obligations ?? []), ...added]
        return { ...each, rule: { ...each.rule, then: { ...then, obligations } } }
      })
      return policy.id === 'de/police' ? { ...policy, rules } : policy
    })
    law.now = async () => ({ ...today, book: { ...today.book, policies } })
    expect(await problemOf(await collect(given.id))).toMatchObject({ code: 'record-changed' })
    const anew = await answered(await provide(unasked()))
    expect(anew.obligations.map(({ code }) => code)).toContain('O-CONF')
    expect(await collected(anew.id)).toHaveLength(1)
    law.now = now
    // One that the law has lifted since binds all the same: it was told.
    expect(await collected(anew.id)).toHaveLength(1)
    expect(await collected(given.id)).toHaveLength(1)
  })

  // Kills: data that first leaves though an office has refused it since.
  test('gets nothing once an officer has refused it since', async () => {
    const { id } = await answered(await provide())
    at.wait(hourMs)
    const scope = { kind: 'matter', matter: id } as const
    const refused = { holder: 'DE-POL', fact: 'release.decision', value: 'refuse', scope }
    await gateway.attest('DE-POL', refused)
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
  })

  test('gets nothing of a person who was erased since', async () => {
    await gateway.putRecord('DE-POL', personOf('R-6', [itemOf('name')]))
    const { id } = await answered(await provide(unasked({ subject: { recordId: 'R-6' } })))
    await done(await gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/R-6' }))
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
    const { kid } = (await gateway.entry(id)).stored
    await gateway.world.subjectKeys.restrict(kid, 'hold')
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
    await gateway.world.subjectKeys.shred(kid)
    expect((await collect(id)).status).toBe(404)
  })
})

describe('A disclosure that nobody asked for', () => {
  test('is among the disclosures of its holder, like any other', async () => {
    const { id } = await answered(await provide())
    await sealed(id)
    const page = await gateway.call('DE-POL', { path: '/v1/disclosures' })
    const { disclosures } = disclosuresPageSchema.parse(await page.json())
    const own = disclosures.find(({ request }) => request === id)
    expect(own).toMatchObject({ requester: 'FR-SPOC', classes: ['identification'] })
    expect(own?.what).toMatchObject({ record: 'R-1', items: [{ id: 'name' }] })
  })

  // Kills: a refusal of one's own accord that the recipient's next request shows.
  test('and a refusal of one changes no answer to what the recipient asks itself', async () => {
    const caseReference = 'SHARED 1'
    const refused = unasked({ purpose: 'immigration', caseReference })
    expect((await answered(await provide(refused))).outcome).toBe('deny')
    const asked = requestOfMember({ caseReference })
    const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-7', asked))
    expect((await gateway.entry(id)).opened.facts.facts['request.redescribed']).toBe(false)
    // But what the recipient was refused itself counts against what is provided to it.
    const other = 'SHARED 2'
    await gateway.ask(
      'FR-SPOC',
      'o',
      requestOfMember({ caseReference: other, purpose: 'immigration' }),
    )
    const { id: own } = await answered(await provide(unasked({ caseReference: other })))
    expect((await gateway.entry(own)).opened.facts.facts['request.redescribed']).toBe(true)
  })

  // Kills: a correction of what was provided that goes to whoever gave it.
  test('and what becomes of it is told to its recipient, who says that it acted', async () => {
    await gateway.putRecord('DE-POL', personOf('R-8', [itemOf('name')]))
    const { id } = await answered(await provide(unasked({ subject: { recordId: 'R-8' } })))
    expect(await collected(id)).toHaveLength(1)
    at.wait(hourMs)
    const cause = await done(await at.change('R-8', [{ id: 'name', value: 'Antonia Beispiel' }]))
    await at.turn()
    const [event, ...others] = (await at.toldTo('FR-SPOC')).filter((each) => each.cause === cause)
    expect(others).toEqual([])
    expect(event).toMatchObject({ kind: 'corrected', request: id, items: ['name'], to: 'FR-SPOC' })
    expect((await at.toldTo('DE-POL')).filter((each) => each.cause === cause)).toEqual([])
    const path = `/v1/notices/${event?.entry}/done`
    const acted = { method: 'POST', path, body: { did: 'corrected' } }
    await done(await gateway.call('FR-SPOC', acted))
  })

  // Kills: a notice of something that its reader never had.
  test('and that nobody has collected: its recipient is told nothing of what becomes of it', async () => {
    await gateway.putRecord('DE-POL', personOf('R-9', [itemOf('name')]))
    const { id } = await answered(await provide(unasked({ subject: { recordId: 'R-9' } })))
    at.wait(hourMs)
    const change = () => at.change('R-9', [{ id: 'name', value: 'Antonia Beispiel' }])
    const cause = await done(await change())
    await at.turn()
    expect((await at.toldTo('FR-SPOC')).filter((each) => each.cause === cause)).toEqual([])
    expect(await at.listed(cause)).toMatchObject({ told: [], complete: true })
    expect(await problemOf(await collect(id))).toMatchObject({ code: 'record-changed' })
  })

  // Kills: a notice of an open denial, or its event, to whoever was to have the data.
  test('that was denied, and its reminders, are for the holder alone', async () => {
    const { id, standing } = await answered(await provide(unasked({ to: 'ES-SPOC' })))
    expect(standing).toBe('open')
    at.wait(8 * 24 * hourMs)
    await at.turn()
    const page = await gateway.call('ES-SPOC', { path: '/v1/events' })
    expect(eventsPageSchema.parse(await page.json()).events).toEqual([])
    const own = await gateway.call('DE-POL', { path: '/v1/events' })
    const { events } = eventsPageSchema.parse(await own.json())
    const kinds = events.filter(({ request }) => request === id).map(({ kind }) => kind)
    expect(kinds).toEqual(expect.arrayContaining(['denial-to-decide', 'reminder']))
    expect((await collect(id, 'ES-SPOC')).status).toBe(404)
  })
})

/**
 * Drill: records and attestations are put back to an earlier moment (`infra/DRILLS.md`): what was erased
 * is there again, and what was taken back counts. What entries say since then takes effect again.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TakenAgain, takeAgain } from '../../functions/answer/upkeep/restoration.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered, done, type Gateway, startGateway } from '../world.ts'
import { copyOf, putBack } from './tables.ts'

let gateway: Gateway
/** What was entered since the moment that the tables are put back to, the oldest first. */
const since = {
  corrected: '',
  erased: '',
  put: '',
  gone: '',
  attested: '',
  signed: '',
  takenBack: '',
  person: '',
  objection: '',
  ended: '',
  denied: '',
  asked: '',
  answered: '',
}
let putBackAll: () => Promise<void>
let state: () => Promise<unknown>
/** The denial that was put before a person, and what counted when all was entered. */
let reviewed: string
let entered: Awaited<ReturnType<typeof counted>>

const holder = async () => {
  const agency = await gateway.world.register.agency('DE-POL')
  if (agency === undefined) throw new Error('there is no DE-POL')
  return agency
}
const held = async (id: string) => gateway.world.holder.get(await holder(), id)
const qualityOf = async (id: string) => (await held(id))?.items[0]?.quality
const change = (method: 'DELETE' | 'PATCH', path: string, body?: unknown) =>
  gateway.call('DE-POL', { method, path, body })
const post = (path: string, body: unknown, agency = 'DE-POL') =>
  gateway.call(agency, { method: 'POST', path, body })
const again = (eids: readonly string[]): Promise<TakenAgain> => takeAgain(eids, gateway.world)
const all = () => Object.values(since)
const vouched = (fact: 'risk.torture' | 'risk.unfairTrial') => ({
  holder: 'DE-POL',
  fact,
  value: 'none',
  scope: { kind: 'general', requester: 'GB' } as const,
})
const about = async () => {
  const matter = {
    holder: 'DE-POL',
    id: 'none',
    requester: 'GB-POL',
    requesterJurisdiction: 'GB',
    caseReference: 'CASE-1',
    purpose: 'prosecution',
    offenceCategory: 'ordinary',
    asked: 'nobody',
    necessityPresumed: false,
  }
  return gateway.world.attestations.about('DE-POL', matter, gateway.world.now().toISOString())
}
/** What counts or is doubted, with whoever signed it and whom it was given for. */
const counted = async () => {
  const { attestations, objections } = await about()
  const said = attestations.map(({ id, signatures = [], persons = [] }) => ({
    id,
    signed: signatures.map(({ agency }) => agency),
    persons: [...persons].sort(),
  }))
  return {
    attestations: said.sort((a, b) => (a.id < b.id ? -1 : 1)),
    objections: objections.map(({ id }) => id).sort(),
  }
}
const idsOfCounted = async () => (await counted()).attestations.map(({ id }) => id)

beforeAll(async () => {
  gateway = await startGateway()
  const { store, clock } = gateway
  const pass = () => clock.pass(1000)
  for (const id of ['R-1', 'R-2', 'R-4'])
    await gateway.putRecord('DE-POL', personOf(id, [itemOf('name')]))
  const takenBack = await gateway.attest('DE-POL', vouched('risk.torture'))
  const asked = async (subject: string, changes: Partial<AccessRequest> = {}) => {
    const body = requestOf({ subject: { recordId: subject }, ...changes })
    return (await answered(await gateway.ask('GB-POL', 'officer-7', body))).id
  }
  const [first, second] = [await asked('R-1'), await asked('R-3')]
  const ofCase = await gateway.attest('DE-POL', {
    holder: 'DE-POL',
    fact: 'transfer.caseCheck',
    value: 'clean',
    scope: { kind: 'case', requester: 'GB-POL', caseReference: 'CASE-1', persons: [first] },
  })
  const object = () =>
    post(`/v1/attestations/${ofCase}/objections`, { ground: 'There is reason to doubt it.' })
  const doubted = await done(await object())
  const ruled = await asked('R-1', { purpose: 'immigration' })
  const names = [store.tables.records, store.tables.attestations]
  const earlier = await Promise.all(names.map((name) => copyOf(store, name)))
  putBackAll = async () => {
    for (const [at, name] of names.entries()) await putBack(store, name, earlier[at] ?? [])
  }
  state = async () => [
    ...[await held('R-1'), await held('R-2'), await held('R-3')],
    ...[await counted(), await gateway.world.reviews.get(reviewed)],
  ]
  const item = { items: [{ id: 'name', quality: 'known-wrong' }] }
  pass()
  since.corrected = await done(await change('PATCH', '/v1/records/R-1', item))
  since.erased = await done(await change('DELETE', '/v1/records/R-2'))
  pass()
  since.put = await gateway.putRecord('DE-POL', personOf('R-3', [itemOf('name')]))
  since.gone = await done(await change('DELETE', '/v1/records/R-4'))
  pass()
  since.attested = await gateway.attest('DE-POL', vouched('risk.unfairTrial'))
  since.signed = await done(await gateway.sign('DE-DPO', since.attested))
  since.takenBack = await done(await change('DELETE', `/v1/attestations/${takenBack}`))
  since.person = await done(await post(`/v1/attestations/${ofCase}/persons`, { request: second }))
  since.objection = await done(await object())
  since.ended = await done(await change('DELETE', `/v1/attestations/${doubted}`))
  pass()
  since.denied = await asked('R-1', { purpose: 'prosecution' })
  const review = `/v1/access-requests/${ruled}/review`
  const ground = { ground: 'There is news of this person.' }
  since.asked = await done(await post(review, ground, 'GB-POL'))
  pass()
  since.answered = await done(await post(review, ground))
  reviewed = ruled
  entered = await counted()
})
afterAll(() => gateway.close())

describe('After records and attestations were put back', () => {
  test('the danger is there: the erased record is found again; what was taken back counts no more, since its mark is not put back', async () => {
    await putBackAll()
    expect(await held('R-2')).toBeDefined()
    expect(await held('R-3')).toBeUndefined()
    const before = await counted()
    expect(before.attestations.map(({ persons }) => persons.length)).toEqual([1])
    expect(before.objections).toEqual([])
    expect(await idsOfCounted()).not.toContain(since.attested)
    expect(await gateway.world.reviews.get(reviewed)).toBeUndefined()
  })

  // Kills: erasures alone taken again; corrections that are lost; a withdrawal that counts no more; each
  // of the acts on attestations and on denials left out.
  test('all that was entered since takes effect again, as if nothing had been put back', async () => {
    await putBackAll()
    expect(await again(all())).toEqual({ done: 13, closed: [], failed: [] })
    expect(await held('R-2')).toBeUndefined()
    expect(await held('R-4')).toBeUndefined()
    expect(await held('R-3')).toEqual(personOf('R-3', [itemOf('name')]))
    expect(await qualityOf('R-1')).toBe('known-wrong')
    expect(await counted()).toEqual(entered)
    expect(entered.attestations).toContainEqual({
      id: since.attested,
      signed: ['DE-DPO'],
      persons: [],
    })
    expect(entered.attestations.map(({ persons }) => persons.length).sort()).toEqual([0, 2])
    expect(entered.objections).toEqual([since.objection])
    expect(await gateway.world.reviews.get(reviewed)).toMatchObject({
      id: since.asked,
      answer: { id: since.answered, office: 'DE-POL' },
    })
    const inbox = await gateway.world.inbox.list('DE-POL', 'holder-officer', 20)
    const { stored } = await gateway.entry(since.denied)
    expect(stored.leaf.standing).toBe('open')
    for (const eid of [since.denied, reviewed]) expect(inbox.map((row) => row.eid)).toContain(eid)
  })

  // Kills: an effect that counts twice, or that undoes a later one.
  test('it does so once, however often it is asked for, and undoes nothing newer', async () => {
    const before = await state()
    for (const eids of [all(), all().reverse(), [since.put]]) {
      await again(eids)
      expect(await state()).toEqual(before)
    }
    gateway.clock.pass(1000)
    await done(await change('DELETE', '/v1/records/R-3'))
    await again([since.put])
    expect(await held('R-3')).toBeUndefined()
  })

  // Kills: an entry that is passed over in silence.
  test('it names what no longer opens, what is gone, and what found nothing to change', async () => {
    await putBackAll()
    const { ledger, subjectKeys } = gateway.world
    const kid = (await ledger.read(since.gone))?.kid ?? ''
    await subjectKeys.shred(kid)
    const nobody = 'A'.repeat(43)
    const { store } = gateway
    await putBack(store, store.tables.attestations, [])
    expect(await again([since.gone, nobody, since.takenBack, since.erased])).toEqual({
      done: 1,
      closed: [since.gone],
      failed: [nobody, since.takenBack],
    })
  })

  // Kills: the time of the entry for its place, where the clock that gave it was behind.
  test('an erasure entered by a clock that was behind takes what it took', async () => {
    const { clock, store } = gateway
    const { now } = clock
    clock.now = new Date(now.getTime() + 20_000)
    await gateway.putRecord('DE-POL', personOf('R-5', [itemOf('name')]))
    const earlier = await copyOf(store, store.tables.records)
    clock.now = now
    const erased = await done(await change('DELETE', '/v1/records/R-5'))
    await putBack(store, store.tables.records, earlier)
    expect(await held('R-5')).toBeDefined()
    expect(await again([erased])).toEqual({ done: 1, closed: [], failed: [] })
    expect(await held('R-5')).toBeUndefined()
  })
})

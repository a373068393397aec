/**
 * Drill: records and attestations are put back to an earlier moment (`infra/DRILLS.md`): what was erased
 * is there again, and what was withdrawn counts. What entries say since then takes effect again.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TakenAgain, takeAgain } from '../../functions/journeys/take-again.ts'
import { itemOf, personOf, requestOf } from '../journeys/people.ts'
import { answered, done, type Gateway, startGateway } from '../world.ts'
import { copyOf, putBack } from './tables.ts'

let gateway: Gateway
/** What was entered since the moment that the tables are put back to, the oldest first. */
const since: Record<
  'corrected' | 'erased' | 'put' | 'gone' | 'attested' | 'withdrawn' | 'denied',
  string
> = {
  corrected: '',
  erased: '',
  put: '',
  gone: '',
  attested: '',
  withdrawn: '',
  denied: '',
}
let putBackAll: () => Promise<void>
let state: () => Promise<unknown>

const holder = async () => {
  const agency = await gateway.world.register.agency('DE-POL')
  if (agency === undefined) throw new Error('there is no DE-POL')
  return agency
}
const held = async (id: string) => gateway.world.holder.get(await holder(), id)
const qualityOf = async (id: string) => (await held(id))?.items[0]?.quality
const change = (method: 'DELETE' | 'PATCH', path: string, body?: unknown) =>
  gateway.call('DE-POL', { method, path, body })
const again = (eids: readonly string[]): Promise<TakenAgain> => takeAgain(eids, gateway.world)
const all = () => Object.values(since)
const standing = { kind: 'general', requester: 'GB' } as const
const vouched = (fact: 'risk.torture' | 'risk.unfairTrial') => ({
  holder: 'DE-POL',
  fact,
  value: 'none',
  scope: standing,
})
const counted = async () => {
  const matter = {
    request: [],
    requester: 'GB-POL',
    requesterJurisdiction: 'GB',
    caseReference: 'K-1',
    purpose: 'prosecution',
    offenceCategory: 'fraud',
  } as const
  const about = await gateway.world.attestations.about('DE-POL', matter)
  return about.map(({ id }) => id).sort()
}

beforeAll(async () => {
  gateway = await startGateway()
  const { store, clock } = gateway
  const pass = () => {
    clock.now = new Date(clock.now.getTime() + 1000)
  }
  for (const id of ['R-1', 'R-2', 'R-4'])
    await gateway.putRecord('DE-POL', personOf(id, [itemOf('name')]))
  const withdrawn = await gateway.attest('DE-POL', vouched('risk.torture'))
  const names = [store.tables.records, store.tables.attestations]
  const earlier = await Promise.all(names.map((name) => copyOf(store, name)))
  putBackAll = async () => {
    for (const [at, name] of names.entries()) await putBack(store, name, earlier[at] ?? [])
  }
  state = async () => [await held('R-1'), await held('R-2'), await held('R-3'), await counted()]
  const item = { items: [{ id: 'name', quality: 'known-wrong' }] }
  pass()
  since.corrected = await done(await change('PATCH', '/v1/records/R-1', item))
  since.erased = await done(await change('DELETE', '/v1/records/R-2'))
  pass()
  since.put = await gateway.putRecord('DE-POL', personOf('R-3', [itemOf('name')]))
  since.gone = await done(await change('DELETE', '/v1/records/R-4'))
  pass()
  since.attested = await gateway.attest('DE-POL', vouched('risk.unfairTrial'))
  since.withdrawn = await done(await change('DELETE', `/v1/attestations/${withdrawn}`))
  since.denied = (await answered(await gateway.ask('GB-POL', 'officer-7', requestOf()))).id
})
afterAll(() => gateway.close())

describe('After records and attestations were put back', () => {
  test('the danger is there: the erased record is found again, and the withdrawn attestation counts', async () => {
    await putBackAll()
    expect(await held('R-2')).toBeDefined()
    expect(await held('R-3')).toBeUndefined()
    expect(await counted()).toHaveLength(1)
    expect(await counted()).not.toContain(since.attested)
  })

  // Kills: erasures alone taken again; corrections that are lost; a withdrawal that counts no more.
  test('all that was entered since takes effect again, as if nothing had been put back', async () => {
    await putBackAll()
    expect(await again(all())).toEqual({ done: 7, closed: [], failed: [] })
    expect(await held('R-2')).toBeUndefined()
    expect(await held('R-4')).toBeUndefined()
    expect(await held('R-3')).toEqual(personOf('R-3', [itemOf('name')]))
    expect(await qualityOf('R-1')).toBe('known-wrong')
    expect(await counted()).toEqual([since.attested])
    const inbox = await gateway.world.inbox.list('DE-POL', 10)
    const { stored } = await gateway.entry(since.denied)
    expect(stored.leaf.standing).toBe('open')
    expect(inbox.map(({ eid }) => eid)).toContain(since.denied)
  })

  // Kills: an effect that counts twice, or that undoes a later one.
  test('it does so once, however often it is asked for, and undoes nothing newer', async () => {
    const before = await state()
    for (const eids of [all(), all().reverse(), [since.put]]) {
      await again(eids)
      expect(await state()).toEqual(before)
    }
    gateway.clock.now = new Date(gateway.clock.now.getTime() + 1000)
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
    expect(await again([since.gone, nobody, since.withdrawn, since.erased])).toEqual({
      done: 1,
      closed: [since.gone],
      failed: [nobody, since.withdrawn],
    })
  })
})

/** What is remembered of refusals: by the case of an agency, in one look. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodb, putAll } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRefusals } from '../../functions/adapters/refusals-dynamodb.ts'
import type { Refusal, Refusals } from '../../functions/inbox-ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { startFaults } from './faults.ts'
import { freshId } from './make.ts'

let store: Store
let refusals: Refusals
beforeAll(async () => {
  store = await startDynalite()
  refusals = dynamodbRefusals(store.client, store.tables.attestations)
})
afterAll(() => store.close())

/** A holder of its own for each test. */
let holders = 0
const holderOf = () => `DE-H${++holders}R`
const ofCase = { requester: 'FR-SPOC', caseReference: 'K 1/2026' }
const refusalOf = (changes: Partial<Refusal> = {}): Refusal => ({
  id: freshId(),
  ts: '2026-11-24T22:25:46.123Z',
  asked: 'person-1',
  found: [],
  described: 'theft',
  stage: 'suspect',
  ...changes,
})

// Kills: a case by one spelling; refusals of another agency, case or holder.
test('A refusal is found in its case, however that is written, and nowhere else', async () => {
  const holder = holderOf()
  const refusal = refusalOf({ classes: ['case'], found: ['record-1'] })
  await refusals.put(holder, ofCase, refusal)
  const spelt = { ...ofCase, caseReference: ' k\u200b1/2026' }
  for (const of of [ofCase, spelt]) expect(await refusals.of(holder, of)).toEqual([refusal])
  expect(await refusals.of(holder, { ...ofCase, requester: 'ES-SPOC' })).toEqual([])
  expect(await refusals.of(holder, { ...ofCase, caseReference: 'K 2/2026' })).toEqual([])
  expect(await refusals.of(holderOf(), ofCase)).toEqual([])
})

// Kills: a row for each asking; one row for a person, whatever was said of them.
test('The same again is one row, and what differs is another', async () => {
  const holder = holderOf()
  for (let i = 0; i < 3; i += 1) await refusals.put(holder, ofCase, refusalOf())
  expect(await refusals.of(holder, ofCase)).toHaveLength(1)
  for (const changes of [
    { asked: 'person-2' },
    { described: 'terrorism' },
    { stage: 'charged' },
    { classes: ['case'] },
    { classes: ['health'] },
  ])
    await refusals.put(holder, ofCase, refusalOf(changes))
  expect(await refusals.of(holder, ofCase)).toHaveLength(6)
})

/** As large as one is: with a pseudonym for each of the names that are remembered. */
const large = () => {
  const pseudonym = 'p'.repeat(43)
  const names = { asked: pseudonym, found: Array.from({ length: 12 }, () => pseudonym) }
  return refusalOf({ ...names, described: pseudonym, classes: ['identification', 'biometric'] })
}

// Kills: the first page taken for all there is; so many that a page of DynamoDB does not hold them.
test('Of more than a thousand in a case it is not known which there are', async () => {
  const holder = holderOf()
  await refusals.put(holder, ofCase, large())
  const pk = await keyOf(holder)
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      ...{ pk: { S: pk }, sk: { S: `person-1#${from + i}` } },
      refusal: { S: JSON.stringify(large()) },
    }))
  await putAll(store.client, store.tables.attestations, rows(1, 999))
  expect(await refusals.of(holder, ofCase)).toHaveLength(999)
  await putAll(store.client, store.tables.attestations, rows(1000, 1002))
  expect(await refusals.of(holder, ofCase)).toBeUndefined()
})

// Kills: reading what was refused before, which says nothing new; leaving out a row that an earlier build wrote.
test('What was described alike is not read, however much it is; what was described otherwise is', async () => {
  const holder = holderOf()
  await refusals.put(holder, ofCase, refusalOf())
  const [pk, sk] = [await keyOf(holder), await sortKeyOf(holder)]
  const rows = Array.from({ length: 1200 }, (_, i) => ({
    ...{ pk: { S: pk }, sk: { S: `${sk}${i}` }, refusal: { S: JSON.stringify(refusalOf()) } },
  }))
  await putAll(store.client, store.tables.attestations, rows)
  expect(await refusals.of(holder, ofCase)).toBeUndefined()
  const alike = { described: 'theft', stage: 'suspect' }
  expect(await refusals.of(holder, ofCase, alike)).toEqual([])
  const others = [{ described: 'terrorism' }, { stage: 'charged' }, { stage: 'suspect-1' }].map(
    refusalOf,
  )
  for (const each of others) await refusals.put(holder, ofCase, each)
  const earlier = refusalOf({ described: 'fraud' })
  const old = { pk: { S: pk }, sk: { S: 'person-1#what' }, refusal: { S: JSON.stringify(earlier) } }
  await store.rows.attestations.put(old)
  const found = (await refusals.of(holder, ofCase, alike)) ?? []
  expect(found.map(({ id }) => id).sort()).toEqual([...others, earlier].map(({ id }) => id).sort())
})

// Kills: a case by its own name in a key.
test('No case is shown in a key', async () => {
  const holder = holderOf()
  await refusals.put(holder, ofCase, refusalOf())
  expect(await keyOf(holder)).not.toMatch(/2026/)
})

// Kills: an older view.
test('They are looked for among what was last written', async () => {
  const line = await startFaults(store.endpoint, () => 'none')
  const client = dynamodb(line.endpoint)
  await dynamodbRefusals(client, store.tables.attestations).of(holderOf(), ofCase)
  expect(line.calls.map(({ body }) => body.ConsistentRead)).toEqual([true])
  client.destroy()
  await line.cut()
})

/** The sort key of the only refusal of a holder. */
async function sortKeyOf(holder: string): Promise<string> {
  const rows = await store.rows.attestations.everything()
  return rows.find(({ pk }) => pk?.S?.startsWith(`D#${holder}#`))?.sk?.S ?? ''
}

/** The key under which a holder’s only case is. */
async function keyOf(holder: string): Promise<string> {
  for (const { pk } of await store.rows.attestations.everything())
    if (pk?.S?.startsWith(`D#${holder}#`)) return pk.S
  throw new Error('there is no row')
}

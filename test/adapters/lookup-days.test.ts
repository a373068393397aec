/** Days that are over are counted once, and a count over them is what a count of every list would be. */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import type { EntryCount, LookupRow, Lookups } from '../../functions/log-ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { freshId } from './make.ts'

let store: Store
let lookups: Lookups
beforeAll(async () => {
  store = await startDynalite()
  lookups = dynamodbLookups(store.client, store.tables.lookups)
})
afterAll(() => store.close())

const first = Date.UTC(2026, 10, 25)
/** A moment so many hours after the first day began. */
const at = (hour: number) => new Date(first + hour * 3_600_000).toISOString()

let jurisdictions = 0
const rowsAt = (jurisdiction: string, hours: readonly number[]): readonly LookupRow[] =>
  hours.map((hour) => ({
    key: { jurisdiction, by: 'all', value: '' },
    line: {
      ...{
        id: freshId(),
        ts: at(hour),
        kind: 'decision',
        side: 'holder',
        log: 'comity.test/de/2026',
      },
      ...{
        hj: 'DE',
        aj: 'FR',
        outcome: hour % 2 === 0 ? 'deny' : 'release',
        rules: [],
        policies: [],
      },
    },
  }))
/** Files rows as the sealer does, at a moment. */
async function file(rows: readonly LookupRow[], hour: number) {
  await lookups.put(rows)
  await lookups.recount(rows, at(hour))
}
const total = (counts: readonly EntryCount[] | undefined) =>
  counts?.reduce((sum, { count }) => sum + count, 0)
const named = (counts: readonly EntryCount[] = []) =>
  Object.fromEntries(counts.map(({ outcome, count }) => [outcome, count]))

/** How many rows the store is asked for by a count. */
async function readFor(jurisdiction: string): Promise<number> {
  let items = 0
  store.client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      items += (answer.output as { readonly Items?: readonly unknown[] }).Items?.length ?? 0
      return answer
    },
    { step: 'initialize', name: 'counted' },
  )
  await lookups.count(jurisdiction, {})
  store.client.middlewareStack.remove('counted')
  return items
}

test('a count reads one row for a day that was counted, and says the same', async () => {
  const jurisdiction = `D${++jurisdictions}`
  // Each in time, so that its day is not over yet.
  for (const row of rowsAt(jurisdiction, [1, 2, 3, 4, 5, 6, 7, 8, 25, 26, 27, 50]))
    await lookups.put([row])
  const before = await lookups.count(jurisdiction, {})
  expect(named(before)).toEqual({ deny: 6, release: 6 })
  const lists = await readFor(jurisdiction)
  await lookups.tally(jurisdiction, at(51))
  expect(await lookups.count(jurisdiction, {})).toEqual(before)
  // Two days, and the list of the third.
  expect(lists).toBe(12)
  expect(await readFor(jurisdiction)).toBe(3)
  // Kills: a day that is counted whole where only a part of it is asked for.
  expect(total(await lookups.count(jurisdiction, { from: at(2), until: at(26) }))).toBe(8)
  expect(total(await lookups.count(jurisdiction, { until: at(24) }))).toBe(8)
  expect(total(await lookups.count(jurisdiction, { from: at(24) }))).toBe(4)
})

test('a day is not counted before it has been over for two hours', async () => {
  const jurisdiction = `D${++jurisdictions}`
  await file(rowsAt(jurisdiction, [1, 23]), 24)
  await lookups.tally(jurisdiction, at(25.9))
  await file(rowsAt(jurisdiction, [23.5]), 24.5)
  await lookups.tally(jurisdiction, at(26))
  expect(total(await lookups.count(jurisdiction, {}))).toBe(3)
  expect(await readFor(jurisdiction)).toBe(1)
})

// Kills: what is sealed late, after an outage, and is in no count any more.
test('what is filed once its day was counted has the day counted anew', async () => {
  const jurisdiction = `D${++jurisdictions}`
  await file(rowsAt(jurisdiction, [1, 2]), 3)
  await lookups.tally(jurisdiction, at(30))
  const late = rowsAt(jurisdiction, [5])
  await file(late, 31)
  expect(total(await lookups.count(jurisdiction, {}))).toBe(3)
  // Kills: a repeat that is counted once more.
  await file(late, 32)
  expect(total(await lookups.count(jurisdiction, {}))).toBe(3)
})

test('days without an entry, and a log without any, are counted, too', async () => {
  const jurisdiction = `D${++jurisdictions}`
  await lookups.tally(jurisdiction, at(100))
  expect(await lookups.count(jurisdiction, {})).toEqual([])
  await file(rowsAt(jurisdiction, [1, 73]), 74)
  await lookups.tally(jurisdiction, at(100))
  expect(total(await lookups.count(jurisdiction, {}))).toBe(2)
  expect(await readFor(jurisdiction)).toBe(4)
})

// Kills: a count that was read before a list came, and is written after it.
test('whoever counts and files at once, in whatever order, counts everything', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 0, max: 71 }), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 4,
      }),
      async (batches) => {
        const jurisdiction = `D${++jurisdictions}`
        const tally = () => lookups.tally(jurisdiction, at(80))
        await Promise.all([
          tally(),
          ...batches.map((hours) => file(rowsAt(jurisdiction, hours), 80)),
          tally(),
          tally(),
        ])
        expect(total(await lookups.count(jurisdiction, {}))).toBe(batches.flat().length)
        await tally()
        expect(total(await lookups.count(jurisdiction, {}))).toBe(batches.flat().length)
      },
    ),
    { numRuns: 30 },
  )
})

/** Events in lists: in order, complete and once, wherever a reader goes on and however they were filed. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { keptKey, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { dynamodbEvents } from '../../functions/adapters/events-dynamodb.ts'
import type { EventRow, Events, eventKinds } from '../../functions/inbox-ports.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { countUnits } from './watched.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

const to = 'agency#DE-POL'
let [log, logs] = ['', 0]
let events: Events
beforeEach(() => {
  log = `comity.test/de/${2000 + ++logs}`
  events = dynamodbEvents(store.client, store.tables.attestations)
})

const eventAt = (index: number, kind: (typeof eventKinds)[number] = 'disclosed'): EventRow => {
  const entry = entryId('FR-SPOC', `${log} ${index}`)
  return { to, log, index, event: { kind, entry, at: '2026-11-25T09:00:00.000Z', request: entry } }
}
const eventsAt = (from: number, until: number): readonly EventRow[] =>
  Array.from({ length: until - from }, (_, i) => eventAt(from + i))
/** Every event from a place on, by pages of so many. */
async function pages(from: number, until: number, limit: number): Promise<readonly EventRow[]> {
  const found: EventRow[] = []
  for (let next = from; ; next = (found.at(-1)?.index ?? 0) + 1) {
    const page = await events.list(to, log, { from: next, until }, limit)
    if (page.length === 0) return found
    found.push(...page)
  }
}

// Kills: a list by the place of its first event alone, of which a reader that goes on in its middle sees nothing.
test('A reader goes on in the middle of a list, and stops before its end', async () => {
  await events.file(eventsAt(0, 90))
  expect(await events.list(to, log, { from: 57, until: 80 }, 101)).toEqual(eventsAt(57, 80))
  expect(await pages(0, 90, 7)).toEqual(eventsAt(0, 90))
  expect(await events.list(to, log, { from: 90, until: 90 }, 101)).toEqual([])
})

// Kills: a page that is cut where an unread list begins before its end; pages of too few rows.
test('Lists that overlap, since entries were filed again with others, give each event once and in order', async () => {
  for (const [from, until] of [
    [0, 60],
    [3, 9],
    [40, 130],
    [41, 42],
    [55, 150],
    [58, 59],
  ] as const)
    await events.file(eventsAt(from, until))
  expect(await pages(0, 150, 7)).toEqual(eventsAt(0, 150))
  expect(await pages(56, 150, 101)).toEqual(eventsAt(56, 150))
})

// Kills: a list that takes the place of the one before, from when the key of one of its entries still opened.
test('What is filed again without an entry whose key is gone takes no event away', async () => {
  await events.file(eventsAt(0, 5))
  await events.file(eventsAt(0, 5).filter(({ index }) => index !== 2))
  expect(await pages(0, 5, 101)).toEqual(eventsAt(0, 5))
})

// Kills: rows of before that are no longer told.
test('Rows of an earlier build are read beside lists', async () => {
  const rows = rowsIn(store.client, store.tables.attestations)
  const row = ({ index, event }: EventRow) =>
    rows.put({
      ...keptKey(`O#events#${to}`, `at#${log}#${String(index).padStart(12, '0')}#${event.kind}`),
      event: { S: JSON.stringify(event) },
    })
  for (const each of [...eventsAt(0, 12), eventAt(3, 'duty-due')]) await row(each)
  await events.file(eventsAt(12, 20))
  expect(await pages(0, 20, 5)).toEqual([
    ...eventsAt(0, 4),
    eventAt(3, 'duty-due'),
    ...eventsAt(4, 20),
  ])
})

// Kills: a page that ends between two events of one entry, of which a cursor leaves out the second.
test('The events of one entry are never parted', async () => {
  const kinds = ['acted-by-passkey', 'disclosed', 'duty-due'] as const
  const all = [0, 1].flatMap((index) => kinds.map((kind) => eventAt(index, kind)))
  await events.file(all)
  for (const limit of [1, 2, 3]) expect(await pages(0, 2, limit)).toEqual(all)
})

// Kills: one item of more than DynamoDB takes.
test('Many events that name many items are parted into lists that an item can hold', async () => {
  const items = Array.from({ length: 500 }, (_, i) => entryId('DE-POL', String(i)))
  const all = eventsAt(0, 100).map((row) => ({ ...row, event: { ...row.event, items } }))
  await events.file(all)
  expect(await pages(0, 100, 101)).toEqual(all)
})

test('Fifty events to one reader cost five units to write, where fifty rows cost fifty', async () => {
  await events.file([eventAt(999)])
  const units = countUnits(store.client)
  await events.file(eventsAt(0, 50))
  expect(units.write).toBeLessThanOrEqual(5)
})

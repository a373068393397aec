import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from '../../functions/adapters/sealing-dynamodb.ts'
import { emptyRoot } from '../../functions/ledger/merkle.ts'
import type { Head, Placed, Sealing } from '../../functions/log-ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { type Fault, startFaults } from './faults.ts'
import { entryOf, freshId } from './make.ts'

let store: Store
let sealing: Sealing
beforeAll(async () => {
  store = await startDynalite()
  sealing = dynamodbSealing(store.client, store.tables.sealing)
})
afterAll(() => store.close())

let logs = 0
const freshLog = () => `comity.test/de/${++logs}`
const placedOf = (count: number): readonly Placed[] =>
  Array.from({ length: count }, () => ({ eid: freshId(), leafHash: randomBytes(32) }))
const plain = (placed: readonly Placed[] | undefined) =>
  placed?.map(({ eid, leafHash }) => [eid, Buffer.from(leafHash).toString('hex')])
const none: Head = { size: 0, root: emptyRoot, frontier: [], marked: 0, filed: 0, sweptUntil: '' }
const headOf = (size: number, marked: number, more: Partial<Head> = {}): Head => ({
  ...{ size, marked, root: randomBytes(32), frontier: [randomBytes(32), randomBytes(32)] },
  ...{ filed: 0, sweptUntil: '2026-11-24T22:25:46.123Z', ...more },
})
const bytes = (head: Head) => ({
  ...head,
  root: Buffer.from(head.root),
  frontier: head.frontier.map((hash) => Buffer.from(hash)),
})

describe('The head of a log', () => {
  test('is that of the empty tree before there is one', async () => {
    expect(bytes(await sealing.head(freshLog()))).toEqual(bytes(none))
  })

  // Kills: a field that is not kept; heads of two logs in one place.
  test('is given back as it was put, and is of its log alone', async () => {
    const [log, head] = [freshLog(), headOf(3, 0, { filed: 2 })]
    expect(await sealing.advance(log, none, head)).toBe(true)
    expect(bytes(await sealing.head(log))).toEqual(bytes(head))
    expect((await sealing.head(freshLog())).size).toBe(0)
  })

  // Kills: a head that is put without a condition, or on the size alone, or on the mark alone; a sealer that
  // puts back how far the log was swept.
  test('is replaced only if size, mark and how far it was swept are those that the caller saw', async () => {
    const [log, head] = [freshLog(), headOf(3, 2)]
    await sealing.advance(log, none, head)
    for (const stale of [
      none,
      headOf(2, 2),
      headOf(3, 1),
      headOf(0, 2),
      headOf(3, 0),
      headOf(3, 2, { sweptUntil: '' }),
    ])
      expect(await sealing.advance(log, stale, headOf(9, 9))).toBe(false)
    expect(bytes(await sealing.head(log))).toEqual(bytes(head))
    expect(await sealing.advance(log, headOf(3, 2), headOf(3, 3))).toBe(true)
    expect(await sealing.head(log)).toMatchObject({ size: 3, marked: 3 })
  })

  test('that has nothing but how far it was swept is replaced, too', async () => {
    const log = freshLog()
    const swept = { ...none, sweptUntil: '2026-01-01T00:00:00.000Z' }
    await sealing.advance(log, none, swept)
    expect(await sealing.advance(log, swept, headOf(1, 0))).toBe(true)
  })

  test('goes to one of a hundred that replace it at once', async () => {
    const log = freshLog()
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, i) => sealing.advance(log, none, headOf(i + 1, 0))),
    )
    const winner = all.indexOf(true)
    expect(all.filter(Boolean)).toHaveLength(1)
    expect((await sealing.head(log)).size).toBe(winner + 1)
  })
})

describe('A manifest', () => {
  // Kills: an order that is not kept; a start that is not part of the place.
  test('is given back in its order, at its start', async () => {
    const [log, placed] = [freshLog(), placedOf(3)]
    expect(plain(await sealing.propose(log, 7, placed))).toEqual(plain(placed))
    expect(plain(await sealing.manifest(log, 7))).toEqual(plain(placed))
    expect(await sealing.manifest(log, 0)).toBeUndefined()
    expect(await sealing.manifest(freshLog(), 7)).toBeUndefined()
  })

  // Kills: a manifest that is written over; a proposer who is given its own that does not stand.
  test('never changes once it is there, and is given to whoever comes later', async () => {
    const [log, first] = [freshLog(), placedOf(2)]
    await sealing.propose(log, 0, first)
    expect(plain(await sealing.propose(log, 0, placedOf(5)))).toEqual(plain(first))
    expect(plain(await sealing.manifest(log, 0))).toEqual(plain(first))
  })

  test('is one of a hundred that are put at once', async () => {
    const log = freshLog()
    const all = await Promise.all(
      Array.from({ length: 100 }, () => sealing.propose(log, 0, placedOf(1))),
    )
    const stands = plain(await sealing.manifest(log, 0))
    for (const each of all) expect(plain(each)).toEqual(stands)
  })

  test('may have 4,096 entries', async () => {
    const [log, placed] = [freshLog(), placedOf(4096)]
    await sealing.propose(log, 0, placed)
    expect(plain(await sealing.manifest(log, 0))).toEqual(plain(placed))
  })

  // Kills: reading as much as fits of what was cut off.
  test('that was cut off is refused', async () => {
    const log = freshLog()
    const pk = { S: `BATCH#${log}` }
    const Item = { pk, sk: { S: '000000000000' }, placed: { B: randomBytes(100) } }
    await store.rows.sealing.put(Item)
    await expect(sealing.manifest(log, 0)).rejects.toThrow(/100 bytes are not pieces of 64/)
  })
})

describe('The place of an entry', () => {
  // Kills: places from 0 instead of from the start; more than one batch of writes left out.
  test('is where it was marked, in order, for as many as there are', async () => {
    const log = freshLog()
    const eids = placedOf(60).map(({ eid }) => eid)
    expect(await sealing.placeOf(eids[0] ?? '')).toBeUndefined()
    for (let twice = 0; twice < 2; twice++) await sealing.mark(log, 100, eids)
    const places = await Promise.all(eids.map((eid) => sealing.placeOf(eid)))
    expect(places).toEqual(eids.map((_, i) => ({ log, index: 100 + i })))
    const others = placedOf(150).map(({ eid }) => eid)
    const all = await sealing.placesOf([...others, ...eids, ...eids])
    expect([...all].sort()).toEqual(eids.map((eid, i) => [eid, { log, index: 100 + i }]).sort())
  })
})

describe('A manifest that a sealer marks', () => {
  const [now, soon] = ['2026-11-25T09:00:00.000Z', '2026-11-25T09:00:15.000Z']
  const take = (log: string, start: number, by: string, from = now, until = soon) =>
    sealing.take(log, start, by, new Date(from), new Date(until))

  // Kills: two that mark one manifest; a log that waits for one that ended; a lock on all that follows.
  test('is that one’s alone while it goes on, and then anybody’s', async () => {
    const log = freshLog()
    expect(await take(log, 0, 'one')).toBe(true)
    expect(await take(log, 0, 'two')).toBe(false)
    expect(await take(log, 0, 'one', '2026-11-25T09:00:10.000Z', '2026-11-25T09:00:25.000Z')).toBe(
      true,
    )
    expect(await take(log, 0, 'two', '2026-11-25T09:00:16.000Z', '2026-11-25T09:00:31.000Z')).toBe(
      false,
    )
    expect(await take(log, 512, 'two')).toBe(true)
    // Given back: it was for a time that is over.
    expect(await take(log, 512, 'two', now, '2026-11-25T08:59:59.999Z')).toBe(true)
    expect(await take(log, 512, 'one')).toBe(true)
    expect(await take(log, 512, 'two')).toBe(false)
    expect(await take(freshLog(), 0, 'two')).toBe(true)
    const later = ['2026-11-25T09:00:26.000Z', '2026-11-25T09:00:41.000Z'] as const
    expect(await take(log, 512, 'three', ...later)).toBe(true)
  })

  // Kills: a sealer whose clock is ahead, and who ended, for whom a log waits ten minutes.
  test('is not of one who took it for longer than anybody may: its clock is wrong', async () => {
    const log = freshLog()
    await take(log, 0, 'ahead', '2026-11-25T09:10:00.000Z', '2026-11-25T09:10:15.000Z')
    expect(await take(log, 0, 'one')).toBe(true)
  })
})

describe('When a log was last looked at', () => {
  test('is what was noted last, and empty before that', async () => {
    const log = freshLog()
    expect(await sealing.looked(log)).toBe('')
    await sealing.look(log, '2026-11-25T09:00:00.000Z')
    await sealing.look(log, '2026-11-25T09:01:00.000Z')
    expect(await sealing.looked(log)).toBe('2026-11-25T09:01:00.000Z')
    expect(await sealing.looked(freshLog())).toBe('')
  })
})

describe('When the store fails', () => {
  // Kills: one's own manifest taken for another's, or another's for one's own, after a lost answer.
  test.each<Fault>(['dropped', 'answer-lost', 'throttled', 'failed', 'failed-applied'])(
    '%s: what a proposer is given is what stands',
    async (fault) => {
      for (const extent of ['once', 'always'])
        for (const rival of [false, true]) {
          const line = await startFaults(store.endpoint, ({ operation, indexOfOperation }) =>
            operation === 'PutItem' && (extent === 'always' || indexOfOperation === 0)
              ? fault
              : 'none',
          )
          const client = dynamodb(line.endpoint)
          const log = freshLog()
          if (rival) await sealing.propose(log, 0, placedOf(1))
          const through = dynamodbSealing(client, store.tables.sealing)
          const given = await through.propose(log, 0, placedOf(2)).catch(() => undefined)
          if (extent === 'once') expect(given).toBeDefined()
          if (given !== undefined)
            expect(plain(given)).toEqual(plain(await sealing.manifest(log, 0)))
          client.destroy()
          await line.cut()
        }
    },
  )

  // Kills: a view that is older than the last write: an entry would get two places.
  test('every look is at what was last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const through = dynamodbSealing(client, store.tables.sealing)
    await through.head('x')
    await through.manifest('x', 0)
    await through.placeOf('x')
    expect(line.calls.map(({ body }) => body.ConsistentRead)).toEqual([true, true, true])
    client.destroy()
    await line.cut()
  })
})

describe('The entries of a log by their time', () => {
  // Kills: a part of the index left out; a part that was cut off taken for whole.
  test('come the oldest first, page after page, and none is passed over', async () => {
    const ledger = dynamodbLedger(store.client, store.tables.decisions)
    const sweep = dynamodbSweep(store.client, store.tables.decisions)
    const ts = (i: number) => new Date(Date.UTC(2026, 10, 24) + i * 1000).toISOString()
    // Long runs in one part of the index, as chance may have it.
    const entries = Array.from({ length: 60 }, (_, i) => entryOf(freshId(), 'one', ts(i % 40)))
    for (const entry of entries) await ledger.append(entry)
    const log = 'comity.test/de/2026'
    const expected = entries
      .map(({ leaf }) => ({ eid: leaf.eid, ts: leaf.ts }))
      .sort((a, b) => (`${a.ts}${a.eid}` < `${b.ts}${b.eid}` ? -1 : 1))
    expect(await sweep.since(log, '0', 1000)).toEqual(expected)
    expect(await sweep.since(log, ts(30), 1000)).toEqual(expected.filter((e) => e.ts >= ts(30)))
    expect(await sweep.since('comity.test/fr/2026', '0', 1000)).toEqual([])
    for (const limit of [3, 7, 20]) {
      const seen = new Map<string, string>()
      for (let from = '0'; ; ) {
        const page = await sweep.since(log, from, limit)
        expect(page.map((e) => e.ts)).toEqual(page.map((e) => e.ts).sort())
        for (const { eid, ts: at } of page) seen.set(eid, at)
        const last = page.at(-1)?.ts ?? from
        if (page.length < limit || last === from) break
        from = last
      }
      expect([...seen.keys()].sort()).toEqual(expected.map(({ eid }) => eid).sort())
    }
  })
})

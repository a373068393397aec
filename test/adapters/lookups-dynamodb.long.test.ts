import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dynamodb, keptKey, putAll } from '../../functions/adapters/dynamodb.ts'
import { shardOf, shards } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import type { AuditLine, LookupKey, LookupRow, Lookups } from '../../functions/log-ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { startFaults } from './faults.ts'
import { freshId } from './make.ts'

// To see how long is waited; it is waited all the same.
vi.mock('node:timers/promises', { spy: true })

let store: Store
let lookups: Lookups
beforeAll(async () => {
  store = await startDynalite()
  lookups = dynamodbLookups(store.client, store.tables.lookups)
})
afterAll(() => store.close())

const at = (second: number) => new Date(Date.UTC(2026, 10, 25, 9, 0, second)).toISOString()
const lineOf = (second: number, rules: readonly string[] = []): AuditLine => ({
  id: freshId(),
  ts: at(second),
  kind: 'decision',
  side: 'holder',
  log: 'comity.test/de/2026',
  hj: 'DE',
  aj: 'FR',
  outcome: 'redact',
  dryRun: true,
  rules,
  policies: ['de/police@2026-02-14'],
})
let values = 0
const freshKey = (): LookupKey => ({ jurisdiction: 'DE', by: 'subject', value: `p-${++values}` })
/** Rows under one key, one for each second, the newest first. */
async function filed(count: number, rules?: readonly string[]) {
  const key = freshKey()
  const rows: readonly LookupRow[] = Array.from({ length: count }, (_, i) => ({
    key,
    line: lineOf(i, rules),
  }))
  await lookups.file(rows)
  return { key, rows, lines: rows.map(({ line }) => line).reverse() }
}
/** A fresh id of an entry whose lines fall into a part. */
function idIn(part: number): string {
  for (;;) {
    const id = freshId()
    if (shardOf(id) === part) return id
  }
}
const placeOf = ({ ts, id }: AuditLine) => `${ts}#${id}`
/** Writes rows as `functions/ledger/FORMAT.md` has them. */
const write = (rows: readonly LookupRow[]) =>
  putAll(
    store.client,
    store.tables.lookups,
    rows.map(({ key: { jurisdiction, by, value }, line }) =>
      keptKey(`${jurisdiction}#${by}#${value}#${shardOf(line.id)}`, placeOf(line)),
    ),
  )

describe('Rows under a person', () => {
  const rowsOf = (id: string): readonly LookupRow[] => {
    const line = { ...lineOf(1), id }
    return [freshKey(), { ...freshKey(), by: 'case' as const }].map((key) => ({ key, line }))
  }
  const standing = async (rows: readonly LookupRow[]) =>
    (await Promise.all(rows.map(({ key }) => lookups.list(key, {}, 10)))).flat().length

  // Kills: a note that is not written, or not read; the rows of another entry.
  test('are removed by the id of their entry alone, and no other’s', async () => {
    const [first, second] = [rowsOf(freshId()), rowsOf(freshId())]
    await lookups.file([...first, ...second])
    expect([await standing(first), await standing(second)]).toEqual([2, 2])
    const ids = first.map(({ line }) => line.id)
    await lookups.unfile([...ids, freshId()], at(0))
    await lookups.unfile(ids, at(0))
    expect([await standing(first), await standing(second)]).toEqual([0, 2])
  })

  // Kills: the note written after the rows; the note removed before the rows.
  test('are found again if whoever files or removes them dies on the way', async () => {
    for (let writes = 0; writes < 6; writes++) {
      const rows = rowsOf(freshId())
      let left = writes
      const line = await startFaults(store.endpoint, ({ operation }) =>
        /^(Batch|Put|Delete)/.test(operation) && left-- <= 0 ? 'dropped' : 'none',
      )
      const dying = dynamodbLookups(dynamodb(line.endpoint), store.tables.lookups)
      const [
        {
          line: { id },
        } = { line: { id: '' } },
      ] = rows
      await dying
        .file(rows)
        .then(() => dying.unfile([id], at(0)))
        .catch(() => undefined)
      await line.cut()
      await lookups.unfile([id], at(0))
      expect(await standing(rows)).toBe(0)
    }
  })

  // Kills: a note that goes with the rows; one that is never cleared; one cleared before its time.
  test('that come after they were removed are cleared later, with the note, and no sooner', async () => {
    const [rows, others] = [rowsOf(freshId()), rowsOf(freshId())]
    const [id = '', other = ''] = [rows, others].map(([row]) => row?.line.id)
    const noteOf = async (eid: string) => {
      const Key = { pk: { S: `NOTE#${eid}` }, sk: { S: 'note' } }
      return (await store.rows.lookups.get(Key))?.places?.S
    }
    await lookups.file([...rows, ...others])
    await lookups.unfile([id], at(10))
    await lookups.unfile([other], at(20))
    await write([...rows, ...others])
    expect(await lookups.clear(at(10))).toBe(true)
    expect([await standing(rows), await standing(others)]).toEqual([2, 2])
    expect(await lookups.clear(at(20))).toBe(true)
    expect([await standing(rows), await standing(others)]).toEqual([0, 2])
    expect([await noteOf(id), await noteOf(other)]).toEqual([undefined, expect.any(String)])

    // What was cleared is not cleared again: by now it may be of somebody who asked to be found.
    await lookups.file(rows)
    await lookups.clear(at(30))
    expect([await standing(rows), await standing(others)]).toEqual([2, 0])
  })

  // Kills: a batch that is taken for all there is.
  test('of many entries are cleared in batches, and it is told whether there are more', async () => {
    const many = Array.from({ length: 150 }, () => rowsOf(idIn(0)))
    await lookups.file(many.flat())
    const eids = many.map(([row]) => row?.line.id ?? '')
    await lookups.unfile(eids, at(40))
    await write(many.flat())
    expect(await lookups.clear(at(50))).toBe(false)
    expect(await lookups.clear(at(50))).toBe(true)
    expect(await standing(many.flat())).toBe(0)
  })

  // Kills: a due entry struck off before its rows are gone.
  test('are cleared by the next if whoever clears them dies on the way', async () => {
    for (let writes = 0; writes < 4; writes++) {
      const rows = rowsOf(freshId())
      const eids = rows.slice(0, 1).map(({ line }) => line.id)
      await lookups.file(rows)
      await lookups.unfile(eids, at(0))
      await write(rows)
      let left = writes
      const line = await startFaults(store.endpoint, ({ operation }) =>
        operation === 'DeleteItem' && left-- <= 0 ? 'dropped' : 'none',
      )
      const dying = dynamodbLookups(dynamodb(line.endpoint), store.tables.lookups)
      await dying.clear(at(1)).catch(() => undefined)
      await line.cut()
      expect(await lookups.clear(at(1))).toBe(true)
      expect(await standing(rows)).toBe(0)
    }
  })

  // Kills: a note that goes though it was written again since it was read.
  test('that are filed again while they are cleared are cleared, too', async () => {
    const rows = rowsOf(freshId())
    await lookups.file(rows)
    let again = true
    const line = await startFaults(store.endpoint, async ({ operation, body }) => {
      if (operation === 'UpdateItem' && JSON.stringify(body.Key).includes('NOTE#') && again) {
        again = false
        await lookups.file(rows)
      }
      return 'none' as const
    })
    const removing = dynamodbLookups(dynamodb(line.endpoint), store.tables.lookups)
    await removing.unfile(rows.map(({ line: { id } }) => id).slice(0, 1), at(0))
    await removing.clear(at(1))
    await line.cut()
    expect(again).toBe(false)
    expect(await standing(rows)).toBe(0)
  })
})

describe('The look-up table', () => {
  // Kills: a part of a key left out; a field of a line that is lost; an order by chance.
  test('gives lines as they were put, the newest first, under their key alone', async () => {
    const { key, rows, lines } = await filed(30)
    await lookups.file(rows)
    expect(await lookups.list(key, {}, 100)).toEqual(lines)
    for (const other of [
      { ...key, jurisdiction: 'FR' },
      { ...key, by: 'case' as const },
      { ...key, value: `${key.value}0` },
      { ...key, value: key.value.slice(0, -1) },
    ])
      expect(await lookups.list(other, {}, 100)).toEqual([])
  })

  // Kills: a bound that is on the wrong side; a page that repeats or leaves out its edge.
  test('bounds times inclusively at the start and exclusively at the end', async () => {
    const { key, lines } = await filed(10)
    const between = (from: number, until: number) =>
      lines.filter(({ ts }) => ts >= at(from) && ts < at(until))
    for (const [from, until] of [
      [2, 7],
      [3, 4],
      [4, 4],
      [7, 2],
      [0, 30],
    ] as const)
      expect(await lookups.list(key, { from: at(from), until: at(until) }, 100)).toEqual(
        between(from, until),
      )
  })

  test.each([1, 3, 7, 100])('pages by %i without a gap and without an overlap', async (limit) => {
    const { key, lines } = await filed(25)
    const seen: AuditLine[] = []
    for (let before: string | undefined; ; ) {
      const page = await lookups.list(
        key,
        { from: at(2), until: at(23), ...(before === undefined ? {} : { before }) },
        limit,
      )
      seen.push(...page)
      const last = page.at(-1)
      if (last === undefined) break
      before = placeOf(last)
    }
    expect(seen).toEqual(lines.slice(2, -2))
  })

  // Kills: one answer of the store, which has at most 1 MB, taken for all there is.
  test('gives all that was asked for, though the store gives it piece by piece', async () => {
    const { key, lines } = await filed(60, [randomBytes(75_000).toString('base64')])
    const found = await lookups.list(key, {}, 55)
    expect(found.map(({ id }) => id)).toEqual(lines.slice(0, 55).map(({ id }) => id))
  })

  // Kills: parts of which each is read only once; a part that is behind taken for one that has no more.
  test('gives the newest, whatever parts they fell into, though all are of one instant', async () => {
    for (const inOne of [10, 37, 40]) {
      const key = freshKey()
      const ids = Array.from({ length: 40 }, (_, i) => idIn(i < inOne ? 2 : i % shards))
      await lookups.file(ids.map((id) => ({ key, line: { ...lineOf(0), id } })))
      const found = await lookups.list(key, {}, 30)
      const newest = [...ids].sort().reverse().slice(0, 30)
      expect(found.map(({ id }) => id)).toEqual(newest)
    }
  })

  // Kills: a whole page asked of every part.
  test('reads about as much as it gives', async () => {
    const { key, lines } = await filed(400)
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const found = await dynamodbLookups(client, store.tables.lookups).list(key, {}, 100)
    expect(found).toEqual(lines.slice(0, 100))
    const asked = line.calls.reduce((sum, { body }) => sum + Number(body.Limit ?? 0), 0)
    expect(asked).toBeLessThan(250)
    client.destroy()
    await line.cut()
  })

  // Kills: an older view, in which what was erased still stands.
  test('is read as it was last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    await dynamodbLookups(client, store.tables.lookups).list(freshKey(), {}, 5)
    expect(line.calls.length).toBeGreaterThan(0)
    expect(line.calls.every(({ body }) => body.ConsistentRead === true)).toBe(true)
    client.destroy()
    await line.cut()
  })
})

describe('Lists of what entries share', () => {
  let jurisdictions = 0
  /** Lines of a jurisdiction of its own, so many, one each half a minute, and their rows: batches of ten. */
  const sealed = async (count: number, more: (i: number) => Partial<AuditLine> = () => ({})) => {
    const jurisdiction = `X${++jurisdictions}`
    const lines = Array.from({ length: count }, (_, i) => ({
      ...lineOf(i * 30),
      agency: `A-${i % 3}`,
      ...more(i),
    }))
    const rows = lines.flatMap((line) => [
      { key: { jurisdiction, by: 'all' as const, value: '' }, line },
      { key: { jurisdiction, by: 'agency' as const, value: line.agency ?? '' }, line },
    ])
    const file = async (some: readonly LookupRow[]) => {
      await lookups.file(some)
      for (let at = 0; at < some.length; at += 20) await lookups.put(some.slice(at, at + 20))
    }
    return { lines: lines.toReversed(), rows, file, jurisdiction }
  }
  const keysOf = (jurisdiction: string): readonly LookupKey[] => [
    { jurisdiction, by: 'all', value: '' },
    { jurisdiction, by: 'agency', value: 'A-1' },
  ]
  const paged = async (key: LookupKey, limit: number, range: { from?: string; until?: string }) => {
    const seen: AuditLine[] = []
    for (let before: string | undefined; ; ) {
      const page = await lookups.list(key, { ...range, ...(before && { before }) }, limit)
      seen.push(...page)
      const last = page.at(-1)
      if (last === undefined) return seen
      before = placeOf(last)
    }
  }

  // Kills: a bit beside its entry; a list not read since its newest is out of bounds; one that is read twice.
  test.each([1, 7, 100])(
    'give pages of %i as rows of each did, whatever is put twice',
    async (limit) => {
      const { lines, rows, file, jurisdiction } = await sealed(95)
      await file(rows)
      await file(rows)
      for (const key of keysOf(jurisdiction)) {
        const under = lines.filter(({ agency }) => key.by === 'all' || agency === key.value)
        expect(await paged(key, limit, {})).toEqual(under)
        const range = { from: at(605), until: at(1995) }
        expect(await paged(key, limit, range)).toEqual(
          under.filter(({ ts }) => ts >= range.from && ts < range.until),
        )
      }
    },
  )

  // Kills: an officer who stays in a list when the key has expired; the neighbours in the list gone as well.
  test('lose an entry of which no more is said, whenever it is repeated, and no other', async () => {
    const { lines, rows, file, jurisdiction } = await sealed(20)
    await file(rows)
    const [, agency] = keysOf(jurisdiction)
    if (agency === undefined) throw new Error('there are two keys')
    const under = lines.filter((line) => line.agency === agency.value)
    for (const gone of under) {
      const of = rows.filter(({ line }) => line.id === gone.id)
      for (let twice = 0; twice < 2; twice++) {
        await lookups.note(of.slice(1))
        await lookups.unfile([gone.id], at(0))
      }
      const left = under.slice(under.indexOf(gone) + 1)
      expect(await lookups.list(agency, {}, 100)).toEqual(left)
    }
    expect(await lookups.list({ ...agency, by: 'all', value: '' }, {}, 100)).toEqual(lines)
  })

  test('count what there is of each kind and outcome in whole spans of time, and in no other', async () => {
    const { lines, rows, file, jurisdiction } = await sealed(95, (i) =>
      i % 2 === 0 ? { outcome: 'deny', standing: i % 4 === 0 ? 'open' : 'final' } : {},
    )
    await file(rows)
    // In other batches, as when the state of sealing was lost.
    await lookups.put(rows)
    const count = async (range: { from?: string; until?: string }) => {
      const sums: Record<string, number> = {}
      for (const { outcome, standing, count } of (await lookups.count(jurisdiction, range)) ?? [])
        sums[`${outcome} ${standing}`] = (sums[`${outcome} ${standing}`] ?? 0) + count
      return sums
    }
    expect(await count({})).toEqual({ 'deny open': 24, 'deny final': 24, 'redact undefined': 47 })
    const [from, until] = [at(600), at(1800)]
    const between = lines.filter(({ ts }) => ts >= from && ts < until)
    const sum = Object.values(await count({ from, until })).reduce((a, b) => a + b, 0)
    expect(sum).toBe(between.length)
    expect(await lookups.count(jurisdiction, { from: at(601) })).toBeUndefined()
    expect(await lookups.count(jurisdiction, { until: at(1799) })).toBeUndefined()
  })

  // Kills: bounds that are given to the store the wrong way round, which refuses them.
  test('count nothing in a time that ends before it begins, or as it begins', async () => {
    const { rows, file, jurisdiction } = await sealed(30)
    await file(rows)
    for (const until of [at(0), at(600)])
      expect(await lookups.count(jurisdiction, { from: at(600), until })).toEqual([])
  })

  // Kills: a list named by its newest entry alone, so that another with the same newest takes its place.
  test('keep all entries though the newest is put again with others, or alone', async () => {
    const { lines, rows, file, jurisdiction } = await sealed(10)
    const newest = rows.slice(-2)
    for (const some of [rows.slice(0, 8), rows.slice(8, 14), rows.slice(14), []])
      await file([...some, ...newest])
    for (const key of keysOf(jurisdiction))
      expect(await paged(key, 3, {})).toEqual(
        lines.filter(({ agency }) => key.by === 'all' || agency === key.value),
      )
    const counts = (await lookups.count(jurisdiction, {})) ?? []
    expect(counts.map(({ count }) => count)).toEqual([10])
  })

  // Kills: ids told apart by how they begin, which a caller who chooses what they are made of can make alike.
  test('count two entries though their ids begin alike, in one list or in two', async () => {
    for (const together of [true, false]) {
      const { rows, jurisdiction } = await sealed(4)
      const alike = rows.map((row) => ({
        ...row,
        line: { ...row.line, ts: at(0), id: 'A'.repeat(30) + row.line.id.slice(30) },
      }))
      if (together) await lookups.put(alike)
      else
        for (const row of alike)
          await lookups.put(alike.filter(({ line }) => line.id === row.line.id))
      const counts = (await lookups.count(jurisdiction, {})) ?? []
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(4)
    }
  })

  // Kills: a list that does not say what it counts taken for one without entries.
  test('count nothing where a list does not say what to count', async () => {
    const { rows, file, jurisdiction } = await sealed(10)
    await file(rows)
    const old = keptKey(`${jurisdiction}#all##lists`, `${at(0)}#~${freshId()}`)
    await putAll(store.client, store.tables.lookups, [{ ...old, placed: { B: Buffer.alloc(38) } }])
    expect(await lookups.count(jurisdiction, {})).toBeUndefined()
  })

  // Kills: a line for each key; a list for each entry.
  test('take less than a unit of writing for each entry that is sealed with fifty', async () => {
    const { rows } = await sealed(50)
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    await dynamodbLookups(client, store.tables.lookups).put(rows)
    const written = line.calls.flatMap(({ body }) => Object.values(body.RequestItems ?? {}).flat())
    expect(written.length).toBeLessThan(50)
    client.destroy()
    await line.cut()
  })
})

/** What the store may do with a call for many items: take or give a part, and say what is left. */
const leaves = (left: 'a part' | 'all') => {
  const client = dynamodb(store.endpoint)
  let calls = 0
  client.middlewareStack.add(
    (next) => async (args) => {
      // A cast: of the calls that write many items, the only ones here.
      const input = args.input as { RequestItems?: Record<string, unknown[]> }
      const [table, all] = Object.entries(input.RequestItems ?? {})[0] ?? []
      if (table === undefined || !Array.isArray(all)) return next(args)
      calls += 1
      const taken = left === 'all' ? 0 : Math.ceil(all.length / 2)
      const UnprocessedItems = taken === all.length ? {} : { [table]: all.slice(taken) }
      if (taken === 0) return { response: {}, output: { $metadata: {}, UnprocessedItems } }
      const result = await next({
        ...args,
        input: { ...input, RequestItems: { [table]: all.slice(0, taken) } },
      })
      return { ...result, output: { ...result.output, UnprocessedItems } }
    },
    { step: 'initialize' },
  )
  return { client, calls: () => calls }
}

describe('When the store takes a part of what it is given', () => {
  // Kills: rows that are lost because nobody looked at what was left.
  test('the rest is given again, until all is there', async () => {
    const { client } = leaves('a part')
    const key = freshKey()
    const rows = Array.from({ length: 8 }, (_, i) => ({ key, line: lineOf(i) }))
    await dynamodbLookups(client, store.tables.lookups).file(rows)
    expect(await lookups.list(key, {}, 100)).toHaveLength(8)
    client.destroy()
  })

  // Kills: a promise that is kept though nothing was; asking for ever; giving again at once; a wait
  // that does not grow, or is the same for everybody.
  test('it is said in the end that nothing was taken, after waits by chance that grow', async () => {
    const { client, calls } = leaves('all')
    const chance = vi.spyOn(Math, 'random').mockReturnValue(0.25)
    vi.mocked(pause).mockClear()
    const through = dynamodbLookups(client, store.tables.lookups)
    await expect(through.file([{ key: freshKey(), line: lineOf(0) }])).rejects.toThrow(
      /couldn’t write: the store takes too little/,
    )
    expect(calls()).toBe(4)
    expect(vi.mocked(pause).mock.calls).toEqual([[12.5], [25], [50]])
    chance.mockRestore()
    client.destroy()
  })
})

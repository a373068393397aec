import { setTimeout as pause } from 'node:timers/promises'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
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
  policies: ['de/bkag@2026-02-14'],
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
  await lookups.put(rows)
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
      const command = new GetItemCommand({ TableName: store.tables.lookups, Key })
      return (await store.client.send(command)).Item?.places?.S
    }
    await lookups.file([...rows, ...others])
    await lookups.unfile([id], at(10))
    await lookups.unfile([other], at(20))
    await lookups.put([...rows, ...others])
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
    await lookups.put(many.flat())
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
      await lookups.put(rows)
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
      if (operation === 'DeleteItem' && JSON.stringify(body.Key).includes('NOTE#') && again) {
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
    await lookups.put(rows)
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
    const { key, lines } = await filed(60, ['x'.repeat(100_000)])
    const found = await lookups.list(key, {}, 55)
    expect(found.map(({ id }) => id)).toEqual(lines.slice(0, 55).map(({ id }) => id))
  })

  // Kills: parts of which each is read only once; a part that is behind taken for one that has no more.
  test('gives the newest, whatever parts they fell into, though all are of one instant', async () => {
    for (const inOne of [10, 37, 40]) {
      const key = freshKey()
      const ids = Array.from({ length: 40 }, (_, i) => idIn(i < inOne ? 2 : i % shards))
      await lookups.put(ids.map((id) => ({ key, line: { ...lineOf(0), id } })))
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
    const asked = line.calls.reduce((sum, { body }) => sum + Number(body.Limit), 0)
    expect(asked).toBeLessThan(250)
    client.destroy()
    await line.cut()
  })

  test('has no line any more once it was removed, and never minds one that is gone', async () => {
    const { key, rows, lines } = await filed(5)
    for (let twice = 0; twice < 2; twice++) await lookups.remove(rows.slice(0, 4))
    expect(await lookups.list(key, {}, 100)).toEqual(lines.slice(0, 1))
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

/** What the store may do with a call for many items: take or give a part, and say what is left. */
const leaves = (left: 'a part' | 'all') => {
  const client = dynamodb(store.endpoint)
  let calls = 0
  client.middlewareStack.add(
    (next) => async (args) => {
      // A cast: of the calls that write many items, the only ones here.
      const input = args.input as { RequestItems?: Record<string, unknown[]> }
      const [table, all] = Object.entries(input.RequestItems ?? {})[0] ?? []
      if (table === undefined || all === undefined) return next(args)
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
    await dynamodbLookups(client, store.tables.lookups).put(rows)
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
    await expect(through.put([{ key: freshKey(), line: lineOf(0) }])).rejects.toThrow(
      /couldn’t write: the store takes too little/,
    )
    expect(calls()).toBe(4)
    expect(vi.mocked(pause).mock.calls).toEqual([[12.5], [25], [50]])
    chance.mockRestore()
    client.destroy()
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BatchGetItemCommandInput } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLedger, shardOf, shards } from '../../functions/adapters/ledger-dynamodb.ts'
import { type Entry, leafHash } from '../../functions/ledger/entry.ts'
import type { Appended, Durable, Ledger } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { type Fault, startFaults } from './faults.ts'
import { entryOf, freshId } from './make.ts'

let store: Store
let ledger: Ledger
beforeAll(async () => {
  store = await startDynalite()
  ledger = dynamodbLedger(store.client, store.tables.decisions)
})
afterAll(() => store.close())

const itemOf = (eid: string) => store.rows.decisions.get({ pk: { S: `D#${eid}` } })
const overwrite = async (eid: string, changes: object) =>
  store.rows.decisions.put({ ...(await itemOf(eid)), ...changes })

const bytesOf = (entry: Entry | Durable) => ({
  leaf: entry.leaf,
  leafHash: Buffer.from(entry.leafHash).toString('hex'),
  attempt: entry.attempt,
  ciphertext: Buffer.from(entry.ciphertext).toString('hex'),
  kid: entry.kid,
})

describe('A ledger', () => {
  // Kills: an item that lacks a field, or holds another.
  test('gives back an entry as it was appended', async () => {
    const entry = entryOf(freshId(), 'one')
    const appended = await ledger.append(entry)
    expect(appended.kind).toBe('durable')
    const read = await ledger.read(entry.leaf.eid)
    expect(read && bytesOf(read)).toEqual(bytesOf(entry))
  })

  test('has no entry under an id that nobody used', async () => {
    expect(await ledger.read(freshId())).toBeUndefined()
  })

  // Kills: an unconditional put.
  test('keeps the first of two attempts and gives it to the second', async () => {
    const eid = freshId()
    const first = entryOf(eid, 'first')
    await ledger.append(first)
    const second = await ledger.append(entryOf(eid, 'second'))
    expect(second.kind).toBe('already')
    expect('entry' in second && bytesOf(second.entry)).toEqual(bytesOf(first))
    const read = await ledger.read(eid)
    expect(read && bytesOf(read)).toEqual(bytesOf(first))
  })

  // Kills: an unconditional put; an answer made from one's own entry when another won.
  test('lets one of a hundred attempts at once be durable, and gives its entry to all', async () => {
    const eid = freshId()
    const attempts = Array.from({ length: 100 }, (_, i) => entryOf(eid, `attempt-${i}`))
    const all = await Promise.all(attempts.map((entry) => ledger.append(entry)))
    expect(all.filter(({ kind }) => kind === 'durable')).toHaveLength(1)
    expect(all.filter(({ kind }) => kind === 'already')).toHaveLength(99)
    const stored = await ledger.read(eid)
    for (const each of all)
      expect('entry' in each && bytesOf(each.entry)).toEqual(stored && bytesOf(stored))
  })

  // Kills: a read that gives an older view, in `append` or in `read`.
  test('reads only what was last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const through = dynamodbLedger(client, store.tables.decisions)
    const eid = freshId()
    await through.append(entryOf(eid, 'one'))
    await through.append(entryOf(eid, 'two'))
    await through.read(eid)
    const reads = line.calls.filter(({ operation }) => operation === 'GetItem')
    expect(reads.map(({ body }) => body.ConsistentRead)).toEqual([true, true])
    client.destroy()
    await line.cut()
  })

  // Kills: shards that leave out a part of the ids, or differ between runs.
  test('spreads the ids of a log over its shards', () => {
    const found = Array.from({ length: 400 }, () => shardOf(freshId()))
    for (let shard = 0; shard < shards; shard++)
      expect(found.filter((each) => each === shard).length).toBeGreaterThan(50)
    expect(shardOf('Ieerr3cg6lQgr-wYT_mx1F0xj3znO4dT0MXbcQ0J3Ys')).toBe(0x21 % 4)
  })

  test('is there again when a store on disk was closed and started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'comity-'))
    const before = await startDynalite(folder)
    const entry = entryOf(freshId(), 'one')
    await dynamodbLedger(before.client, before.tables.decisions).append(entry)
    await before.close()
    const after = await startDynalite(folder)
    const read = await dynamodbLedger(after.client, after.tables.decisions).read(entry.leaf.eid)
    expect(read && bytesOf(read)).toEqual(bytesOf(entry))
    await after.close()
    rmSync(folder, { recursive: true })
  })
})

/** A client to a store that answers for half of the keys, as it does if all are more than 16 MB. */
function givesHalf() {
  const client = dynamodb(store.endpoint)
  client.middlewareStack.add(
    (next) => async (args) => {
      // A cast: of the calls that read many items, the only ones here.
      const { RequestItems } = args.input as Required<BatchGetItemCommandInput>
      const [table = '', { Keys = [], ...how } = { Keys: [] }] =
        Object.entries(RequestItems ?? {})[0] ?? []
      const half = Math.ceil(Keys.length / 2)
      const input = { RequestItems: { [table]: { ...how, Keys: Keys.slice(0, half) } } }
      const result = await next({ ...args, input })
      const rest = Keys.slice(half)
      const UnprocessedKeys = rest.length === 0 ? {} : { [table]: { ...how, Keys: rest } }
      return { ...result, output: { ...result.output, UnprocessedKeys } }
    },
    { step: 'initialize' },
  )
  return client
}

describe('Many entries of a ledger at once', () => {
  // Kills: only as many as the store gives in one answer, by their number or by their size.
  test('are all those that there are, by their ids', async () => {
    const entries = Array.from({ length: 130 }, () => entryOf(freshId(), 'one'))
    await Promise.all(entries.map((entry) => ledger.append(entry)))
    const eids = entries.map(({ leaf }) => leaf.eid)
    const client = givesHalf()
    const through = dynamodbLedger(client, store.tables.decisions)
    const found = await through.readAll([...eids, freshId(), freshId()])
    expect([...found.keys()].sort()).toEqual([...eids].sort())
    for (const entry of entries) {
      const read = found.get(entry.leaf.eid)
      expect(read && bytesOf(read)).toEqual(bytesOf(entry))
    }
    expect((await ledger.readAll([])).size).toBe(0)
    client.destroy()
  })

  // Kills: a check that is made of single entries only.
  test('are refused if one of them was changed', async () => {
    const entries = [entryOf(freshId(), 'one'), entryOf(freshId(), 'two')]
    for (const entry of entries) await ledger.append(entry)
    const [, other] = entries.map(({ leaf }) => leaf.eid)
    await overwrite(String(other), { lh: { B: Buffer.alloc(32) } })
    await expect(ledger.readAll(entries.map(({ leaf }) => leaf.eid))).rejects.toThrow(
      new RegExp(`entry ${other}: it was changed`),
    )
  })

  test('are read as they were last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const eid = freshId()
    await ledger.append(entryOf(eid, 'one'))
    await dynamodbLedger(client, store.tables.decisions).readAll([eid])
    const [call] = line.calls
    expect(call?.body.RequestItems).toMatchObject({
      [store.tables.decisions]: { ConsistentRead: true },
    })
    client.destroy()
    await line.cut()
  })
})

describe('An entry that somebody changed in the store', () => {
  // Kills: no check of the hash.
  test('is refused when a byte of its leaf is another', async () => {
    const entry = entryOf(freshId(), 'one')
    await ledger.append(entry)
    const text = Buffer.from(entry.leafBytes)
      .toString('utf8')
      .replace('"out":"deny"', '"out":"dený"')
    await overwrite(entry.leaf.eid, { leaf: { B: Buffer.from(text, 'utf8') } })
    await expect(ledger.read(entry.leaf.eid)).rejects.toThrow(
      /was changed, its leaf has another hash/,
    )
    // Also where it stands in the way of an attempt: neither durable nor merely unavailable.
    await expect(ledger.append(entryOf(entry.leaf.eid, 'two'))).rejects.toThrow(/was changed/)
  })

  // Kills: no check of the id.
  test('is refused when it is another entry’s, whole', async () => {
    const [mine, other] = [entryOf(freshId(), 'one'), entryOf(freshId(), 'two')]
    await ledger.append(mine)
    await overwrite(mine.leaf.eid, { leaf: { B: other.leafBytes }, lh: { B: other.leafHash } })
    await expect(ledger.read(mine.leaf.eid)).rejects.toThrow(/its leaf is another’s/)
  })

  // Kills: reading whatever version there is.
  test('is refused when its version is not known here', async () => {
    const entry = entryOf(freshId(), 'one')
    await ledger.append(entry)
    const text = Buffer.from(entry.leafBytes)
      .toString('utf8')
      .replace(/"v":\d+/, '"v":99')
    const leaf = Buffer.from(text, 'utf8')
    await overwrite(entry.leaf.eid, { leaf: { B: leaf }, lh: { B: leafHash(leaf) } })
    await expect(ledger.read(entry.leaf.eid)).rejects.toThrow(
      /a newer build wrote it, in format 99; this one knows 5$/,
    )
  })
})

const faults: readonly Fault[] = [
  'dropped',
  'answer-lost',
  'throttled',
  'failed',
  'failed-applied',
  'hangs',
  'hangs-applied',
]
const wasApplied: readonly Fault[] = ['answer-lost', 'failed-applied', 'hangs-applied']

type Case = {
  readonly fault: Fault
  /** Whether all attempts of the client meet it, or the first one only. */
  readonly extent: 'once' | 'always'
  /** Whether another attempt's entry stands already. */
  readonly rival: boolean
  readonly reads: 'work' | 'fail'
}
const casesOf = (fault: Fault): readonly Case[] =>
  (['once', 'always'] as const).flatMap((extent) =>
    [false, true].flatMap((rival) =>
      (['work', 'fail'] as const).map((reads) => ({ fault, extent, rival, reads })),
    ),
  )

/** What the promises of the port leave as the one right answer. */
function expected({ fault, extent, rival, reads }: Case): Appended['kind'] {
  const appliedUnseen = !rival && wasApplied.includes(fault)
  if (!rival && !appliedUnseen && extent === 'once') return 'durable'
  if (reads === 'fail') return 'unavailable'
  if (rival) return 'already'
  return appliedUnseen ? 'durable' : 'unavailable'
}

async function appendIn(each: Case): Promise<void> {
  const line = await startFaults(store.endpoint, ({ operation, indexOfOperation }) => {
    if (operation === 'GetItem') return each.reads === 'work' ? 'none' : 'failed'
    return each.extent === 'always' || indexOfOperation === 0 ? each.fault : 'none'
  })
  const client = dynamodb(line.endpoint)
  const eid = freshId()
  const rival = entryOf(eid, 'rival')
  if (each.rival) await ledger.append(rival)
  const mine = entryOf(eid, 'mine')
  const startedAt = performance.now()
  const appended = await dynamodbLedger(client, store.tables.decisions).append(mine)
  expect(performance.now() - startedAt).toBeLessThan(20_000)
  expect({ ...each, told: appended.kind }).toEqual({ ...each, told: expected(each) })
  const stored = await ledger.read(eid)
  if (appended.kind === 'durable') expect(stored && bytesOf(stored)).toEqual(bytesOf(mine))
  if (appended.kind === 'already') expect(bytesOf(appended.entry)).toEqual(bytesOf(rival))
  if (appended.kind === 'unavailable') expect(appended.why).toMatch(/^couldn’t append entry: \w+$/)
  client.destroy()
  await line.cut()
}

describe.concurrent('When the store fails while an entry is appended', () => {
  // Kills: durable after a failed write without looking; no look after a failed write; one's own
  // success taken for another's; another's for one's own; a client that waits for ever.
  test.each(faults)('%s: the caller is told what is true, or to ask again', async (fault) => {
    await Promise.all(casesOf(fault).map(appendIn))
  })

  test('gone: connections refused, so nothing is durable', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    await line.cut()
    const client = dynamodb(line.endpoint)
    const entry = entryOf(freshId(), 'mine')
    const appended = await dynamodbLedger(client, store.tables.decisions).append(entry)
    expect(appended).toEqual({ kind: 'unavailable', why: 'couldn’t append entry: ECONNREFUSED' })
    expect(await ledger.read(entry.leaf.eid)).toBeUndefined()
    client.destroy()
  })

  test('everything hangs: unavailable before the caller’s gateway gives up', async () => {
    const line = await startFaults(store.endpoint, () => 'hangs')
    const client = dynamodb(line.endpoint)
    const startedAt = performance.now()
    const entry = entryOf(freshId(), 'mine')
    const appended = await dynamodbLedger(client, store.tables.decisions).append(entry)
    expect(appended).toEqual({ kind: 'unavailable', why: 'couldn’t append entry: ETIMEDOUT' })
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    client.destroy()
    await line.cut()
  })
})

describe('However attempts and failures fall together', () => {
  // Kills: every mutant above, by chance as well as by plan.
  test('no attempt is told something else than the store holds', async () => {
    const quick: readonly Fault[] = faults.filter((fault) => !fault.startsWith('hangs'))
    const plans = fc.array(fc.constantFrom<Fault>('none', 'none', ...quick), {
      minLength: 12,
      maxLength: 12,
    })
    const property = fc.asyncProperty(plans, fc.integer({ min: 1, max: 4 }), async (plan, n) => {
      const line = await startFaults(store.endpoint, ({ index }) => plan[index] ?? 'none')
      const client = dynamodb(line.endpoint)
      const through = dynamodbLedger(client, store.tables.decisions)
      const eid = freshId()
      const attempts = Array.from({ length: n }, (_, i) => entryOf(eid, `attempt-${i}`))
      const all = await Promise.all(attempts.map((entry) => through.append(entry)))
      const stored = await ledger.read(eid)
      for (const [i, appended] of all.entries()) {
        const mine = stored?.attempt === `attempt-${i}`
        if (appended.kind === 'durable') expect(mine).toBe(true)
        if (appended.kind === 'already') expect(mine).toBe(false)
        if (appended.kind !== 'unavailable')
          expect(stored && bytesOf(appended.entry)).toEqual(stored && bytesOf(stored))
      }
      // A retry of the same entries settles it: then every one knows.
      const again = await Promise.all(attempts.map((entry) => ledger.append(entry)))
      expect(again.filter(({ kind }) => kind === 'durable')).toHaveLength(1)
      expect(again.filter(({ kind }) => kind === 'unavailable')).toHaveLength(0)
      client.destroy()
      await line.cut()
    })
    const runs = Array.from({ length: 6 }, () => fc.assert(property, { numRuns: 10 }))
    await Promise.all(runs)
  })

  test('an entry that retention removed reads as none', async () => {
    const entry = entryOf(freshId(), 'one')
    await ledger.append(entry)
    await store.rows.decisions.remove({ pk: { S: `D#${entry.leaf.eid}` } })
    expect(await ledger.read(entry.leaf.eid)).toBeUndefined()
  })
})

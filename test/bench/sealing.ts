/** What sealing costs: hashing, tiles and manifests alone, and all of it on a store. */

import { hash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { type Entry, entryId, makeEntry } from '../../functions/ledger/entry.ts'
import type { Durable } from '../../functions/ports.ts'
import { fileRows } from '../../functions/sealing/lookup-rows.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import { startDynalite } from '../dynalite.ts'
import { memoryLog, smallEntries } from '../sealing/memory-log.ts'
import { cpuMs } from './figures.ts'
import { memoryWorld } from './memory-world.ts'

/** What something takes for one entry on a store, and how often it was done in a second. */
type OnStore = { readonly micros: number; readonly perSecond: number }

/** CPU for each entry, µs. */
export type SealingFigures = {
  /** SHA-256 of its leaf, and nothing else. */
  readonly hash: number
  /** Without a store: hashed, put into manifest, tree, tiles and bundles, signed. */
  readonly tree: number
  /** To be opened and for its rows to be made. */
  readonly rows: number
  /** With dynalite in this process: written, one conditional write after the other; and sealed. */
  readonly put: OnStore
  readonly sealed: OnStore
}

const log = 'comity.bench/de/2026'
const ts = '2026-11-25T09:00:00.000Z'
const treeEntries = 4096 * 5
const storeEntries = 1000

/** Measures sealing. Takes about ten seconds. */
export async function sealingFigures(): Promise<SealingFigures> {
  await treeCost(4096)
  return {
    hash: hashCost(treeEntries),
    tree: await treeCost(treeEntries),
    rows: await rowsCost(1000),
    ...(await storeCost()),
  }
}

/** How many entries `archiveGigabytes` seals. */
export const archivedEntries = 20_000

/**
 * What a million entries take up in the archive, sealed one by one, GB: the last half of fewer of them, a hundred
 * times over. The first half is left out, so that what a young log has no tiles of yet does not count as saved.
 */
export async function archiveGigabytes(): Promise<number> {
  const entries = smallEntries(log, archivedEntries)
  const { world, files } = memoryLog(entries)
  const size = () => [...files.values()].reduce((sum, { length }) => sum + length, 0)
  const eids = [...entries.keys()]
  const half = eids.splice(0, archivedEntries / 2)
  for (const eid of half) await seal(log, [eid], world)
  const before = size()
  for (const eid of eids) await seal(log, [eid], world)
  return ((size() - before) / eids.length) * (1e6 / 1e9)
}

function hashCost(count: number): number {
  const leaves = [...smallEntries(log, count).values()].map(({ leafBytes }) => leafBytes)
  const all = () => leaves.forEach((leaf) => void hash('sha256', leaf, 'buffer'))
  all()
  const start = cpuMs()
  all()
  return ((cpuMs() - start) * 1000) / count
}

/** CPU for each entry, µs. The rows are none, since the entries are of nobody. */
async function treeCost(count: number): Promise<number> {
  const entries = smallEntries(log, count)
  const { world } = memoryLog(entries)
  const eids = [...entries.keys()]
  const rowsStart = cpuMs()
  await fileRows([...entries.values()], world, { ...world, places: new Map() })
  const rows = cpuMs() - rowsStart
  const start = cpuMs()
  await seal(log, eids, world)
  return ((cpuMs() - start - rows) * 1000) / count
}

const entryOf = (kid: string, kek: Uint8Array, asked: string) =>
  makeEntry(
    {
      ...{ t: 'record', log, eid: entryId('DE-POL', randomUUID()), ts, hj: 'DE', aj: 'FR' },
      ...{ eng: 'x'.repeat(64), req: 'y'.repeat(43) },
    },
    {
      call: { agency: 'DE-POL', officer: 'officer-1' },
      subject: { asked },
      act: { what: 'put', recordId: 'z'.repeat(2000) },
    },
    { jws: 'j'.repeat(600), body: 'b'.repeat(600) },
    { kid, kek },
    randomUUID(),
    randomBytes,
  )

async function rowsCost(count: number): Promise<number> {
  const world = await memoryWorld('http://localhost', [])
  const entries: Durable[] = []
  for (let i = 0; i < count; i++) {
    const { kid, kek } = await world.subjectKeys.keyFor('DE', String(i), ts)
    // A cast: nothing leaves by it.
    entries.push(entryOf(kid, kek, String(i)) as Omit<Durable, never>)
  }
  const lookups = {
    put: async () => {},
    file: async () => {},
    unfile: async () => {},
    replace: async () => {},
    clear: async () => true,
    note: async () => {},
    renew: async () => [],
    count: async () => undefined,
    tally: async () => {},
    recount: async () => {},
    list: async () => [],
    tags: async () => [],
  }
  await fileRows(entries, { ...world, lookups }, { ...world, places: new Map() })
  const start = cpuMs()
  await fileRows(entries, { ...world, lookups }, { ...world, places: new Map() })
  return ((cpuMs() - start) * 1000) / count
}

async function storeCost() {
  const store = await startDynalite()
  const client = dynamodb(store.endpoint)
  const folder = mkdtempSync(join(tmpdir(), 'comity-bench-'))
  try {
    const { tables } = store
    const memory = await memoryWorld('http://localhost', [])
    const subjectKeys = dynamodbSubjectKeys(client, tables.keys, () => Buffer.alloc(32, 1))
    const ledger = dynamodbLedger(client, tables.decisions)
    const world = localSealWorld(
      { ...memory, ledger, subjectKeys },
      client,
      localLog(folder),
      [],
      0,
    )
    const entries: Entry[] = []
    for (let i = 0; i < storeEntries; i++) {
      const { kid, kek } = await subjectKeys.keyFor('DE', String(i), ts)
      entries.push(entryOf(kid, kek, String(i)))
    }
    const put = await timed(async () => {
      for (const entry of entries) await ledger.append(entry)
    })
    const eids = entries.map(({ leaf }) => leaf.eid)
    return { put, sealed: await timed(() => seal(log, eids, world)) }
  } finally {
    client.destroy()
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

/** What is done to `storeEntries` entries. */
async function timed(work: () => Promise<unknown>): Promise<OnStore> {
  const [start, cpu] = [performance.now(), cpuMs()]
  await work()
  const seconds = (performance.now() - start) / 1000
  return { micros: ((cpuMs() - cpu) * 1000) / storeEntries, perSecond: storeEntries / seconds }
}

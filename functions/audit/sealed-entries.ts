/**
 * Reads entries by their places in a log, and compares what was sealed with what the ledger has now. Draws a
 * sample that the checkpoint decides, so that anyone draws the same one and nobody can choose it.
 */

import * as z from 'zod'
import { wasChanged } from '../failure.ts'
import { authorize } from '../identity/authorize.ts'
import { openCosigned } from '../ledger/checkpoint.ts'
import { leafHash, readLeaf } from '../ledger/entry.ts'
import { holderOf } from '../ledger/looks-log.ts'
import { type Hash, proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { parseVkey, type VerifierKey } from '../ledger/note.ts'
import { sampleOf } from '../ledger/sample.ts'
import { readBundle, tileReader, tileWidth } from '../ledger/tiles.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import { type Readable, readFor } from './entries-about.ts'
import {
  type Asker,
  type LookRead,
  type NotShown,
  notFound,
  type Plain,
  type Purpose,
  purposeSchema,
} from './look.ts'
import { lineSchema } from './read-lines.ts'

/** A log at a published checkpoint. */
export type PublishedHead = {
  readonly log: string
  readonly size: number
  readonly root: Hash
  /** The note, word for word. */
  readonly note: string
}

/**
 * The newest published checkpoint of a log, or the one at `size`; undefined if there is none. Throws if it is
 * not signed and cosigned as this gateway’s checkpoints are.
 */
export async function publishedHead(
  log: string,
  world: Pick<AuditWorld, 'archive' | 'vkey' | 'witnessVkeys' | 'quorum'>,
  size?: number,
): Promise<PublishedHead | undefined> {
  const path = size === undefined ? `${log}/checkpoint` : `${log}/checkpoints/${size}`
  const bytes = await world.archive.get(path)
  if (bytes === undefined) return undefined
  const read = headIn(log, bytes, world)
  if ('wrong' in read) throw wasChanged(`couldn’t use ${path}: ${read.wrong}`)
  return read
}

/** Reads a checkpoint; `wrong` says why if it is not signed and cosigned as this gateway’s are. */
export function headIn(
  log: string,
  bytes: Uint8Array,
  world: Pick<AuditWorld, 'vkey' | 'witnessVkeys' | 'quorum'>,
): PublishedHead | { readonly wrong: string } {
  const note = Buffer.from(bytes).toString('utf8')
  const witnesses = world.witnessVkeys.map(keyIn)
  const opened = openCosigned(note, keyIn(world.vkey(log)), witnesses, world.quorum)
  if ('wrong' in opened) return opened
  return { log, size: opened.checkpoint.size, root: opened.checkpoint.root, note }
}

function keyIn(vkey: string): VerifierKey {
  const read = parseVkey(vkey)
  if ('wrong' in read) throw wasChanged(`couldn’t use a key: ${read.wrong}`)
  return read.key
}

/** An entry, or what is wrong with it because somebody changed or removed it. */
export type FoundEntry = { readonly eid: string } & (
  | { readonly stored: Stored }
  | { readonly wrong: string }
)
/** An entry at its place in the log. */
export type EntryAt = FoundEntry & { readonly index: number }

/** What it takes to read entries. */
type ReadWorld = Pick<AuditWorld, 'ledger' | 'archive' | 'isStoreAway'>

/** Whether a tree has a leaf of this hash at an index. */
type HasLeaf = (index: number, hash: Hash) => Promise<boolean>

/** Whether the tree of a checkpoint has a leaf, by its tiles, as far as they lead to its root. */
export function leavesOf(
  { log, size, root }: PublishedHead,
  { archive }: Pick<AuditWorld, 'archive'>,
): HasLeaf {
  const read = tileReader(size, (path) => archive.get(`${log}/${path}`))
  return async (index, hash) =>
    verifyInclusion(hash, index, size, await proveInclusion(index, size, read), root)
}

/**
 * The entries at `indices`, all below the size of the checkpoint. Rejects if the archive lacks a bundle. INVARIANT (no leaf
 * but the tree's): a leaf that `hasLeaf` does not know counts as wrong, also where bundle and ledger agree on it.
 */
export async function sealedEntries(
  head: PublishedHead,
  indices: readonly number[],
  world: ReadWorld,
  hasLeaf = leavesOf(head, world),
): Promise<readonly EntryAt[]> {
  const { log, size } = head
  const get = (path: string) => world.archive.get(`${log}/${path}`)
  const bundles = new Map<number, ReturnType<typeof readBundle>>()
  const leafAt = async (index: number): Promise<Uint8Array> => {
    const at = Math.floor(index / tileWidth)
    const width = Math.min(tileWidth, size - at * tileWidth)
    const bundle = bundles.get(at) ?? readBundle(at, width, get)
    bundles.set(at, bundle)
    return (await bundle)[index % tileWidth] ?? new Uint8Array()
  }
  const sealed = await Promise.all(
    indices.map(async (index) => {
      const bytes = await leafAt(index)
      const leaf = readLeaf(bytes)
      const isIt = await hasLeaf(index, leafHash(bytes))
      return { index, bytes, isIt, eid: typeof leaf === 'string' ? '' : leaf.eid }
    }),
  )
  const found = await readEach(
    sealed.map(({ eid }) => eid),
    world,
  )
  return sealed.map(({ index, bytes, isIt, eid }) => {
    if (!isIt) return { index, eid, wrong: 'its proof does not hold: the log was changed' }
    const stored = found.get(eid)
    if (stored === undefined) return { index, eid, wrong: 'it is gone, or it was changed' }
    return Buffer.compare(stored.leafBytes, bytes) === 0
      ? { index, eid, stored }
      : { index, eid, wrong: 'it is not the entry that was sealed' }
  })
}

/**
 * The entries that can be read. If one was changed, the others are still read. So was one that says that a newer build
 * wrote it: what was sealed of each of them is in a format that is known here.
 */
async function readEach(
  eids: readonly string[],
  { ledger, isStoreAway }: ReadWorld,
): Promise<ReadonlyMap<string, Stored>> {
  const orNothing = (error: unknown) => {
    if (isStoreAway(error)) throw error
    return undefined
  }
  const all = await ledger.readAll(eids).catch(orNothing)
  if (all !== undefined) return all
  const each = await Promise.all(
    eids.map(async (eid) => [eid, await ledger.read(eid).catch(orNothing)] as const),
  )
  return new Map(each.flatMap(([eid, stored]) => (stored === undefined ? [] : [[eid, stored]])))
}

/** What a query for a sample may ask. */
export const sampleQuerySchema = z.strictObject({
  purpose: purposeSchema,
  log: z.string().max(200).describe('Such as `comity.example/de/2026`.'),
  size: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'the size of a published checkpoint')
    .transform(Number)
    .optional()
    .describe('Of the checkpoint that decides; without it, the newest one does.'),
  n: z
    .string()
    .regex(/^([1-9]\d?|[1-4]\d\d|500)$/, 'a number from 1 to 500')
    .transform(Number),
})

const index = z.int().describe('Its place in the log.')
const gone = z.literal(true).optional()

/** A sample, in the order in which it was drawn, with the checkpoint to draw it again. */
export const sampleSchema = z.strictObject({
  log: z.string(),
  size: z.int(),
  checkpoint: z.string().describe('The signed note, word for word.'),
  entries: z.array(
    z.union([
      lineSchema.extend({ index, erased: gone, restricted: gone }),
      z.strictObject({ index, id: z.string(), wrong: z.string() }),
    ]),
  ),
})

/** Draws a sample. Another jurisdiction's log is answered like one that does not exist. */
export async function sample(
  { purpose, log, size, n }: z.infer<typeof sampleQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<Plain<z.infer<typeof sampleSchema>>>> {
  const holder = holderOf(log, world.gateway)
  if (holder === undefined || authorize(asker, 'sample', { holder }) === undefined) return notFound
  const head = await publishedHead(log, world, size)
  if (head === undefined) return notFound
  const places = sampleOf(head.root, head.size, n)
  const found = await sealedEntries(head, places, world)
  const lines = await linesIn(purpose, found, world)
  const entries = found.map((each) =>
    'wrong' in each
      ? { index: each.index, id: each.eid, wrong: each.wrong }
      : { index: each.index, ...(lines.get(each.eid) ?? { id: each.eid, wrong: 'it is gone' }) },
  )
  return {
    question: { log, size: head.size, n },
    shown: entries.map(({ id }) => id),
    answer: { log, size: head.size, checkpoint: head.note, entries },
  }
}

/** The lines of those entries that are wanted and are as they were sealed, by id. */
export async function linesIn(
  purpose: Purpose,
  found: readonly FoundEntry[],
  world: Pick<AuditWorld, 'subjectKeys'>,
  isWanted: (stored: Stored) => boolean = () => true,
) {
  const stored = found.flatMap((each) => ('stored' in each ? [each.stored] : [])).filter(isWanted)
  const readable = await readFor(purpose, stored, world)
  return new Map(readable.map((each) => [each.stored.leaf.eid, lineIn(each)]))
}

/** The line of an entry, without a person where its key is gone or kept as evidence only. */
const lineIn = ({ stored, opened, isErased, isRestricted }: Readable) => ({
  ...lineOf(stored, opened, 'holder'),
  ...(isErased ? { erased: true as const } : {}),
  ...(isRestricted ? { restricted: true as const } : {}),
})

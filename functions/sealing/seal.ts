/**
 * Sealing gives each entry of the ledger a place in the tree of its log that never changes.
 *
 * Only one thing decides the order: a manifest, put where there is none yet. Everything after it (tiles, the
 * head, the marks) is computed from the manifests, with the same result whoever does it and however often. So
 * sealers need no lock, and the next call repairs a crash at any step.
 */

import { ComityError } from '../failure.ts'
import { leafHash, readLeaf } from '../ledger/entry.ts'
import { append, proveInclusion, rootOf, verifyInclusion } from '../ledger/merkle.ts'
import {
  grownBundles,
  grownTiles,
  readBundle,
  tilePath,
  tileReader,
  tilesBetween,
  tileWidth,
} from '../ledger/tiles.ts'
import type { Head, Placed, SealWorld } from '../log-ports.ts'
import type { Durable, Stored } from '../ports.ts'
import { fileRows } from './lookup-rows.ts'
import { checkTiles, newestPublished, type Published, publish } from './publish.ts'

/** Most entries of one manifest: 64 bytes each, in an item of 400 KB. */
const manifestMax = 4096
/** Entries read and marked together: what DynamoDB reads in one call. */
const atOnce = 100

/** The result of sealing a log. */
export type Sealed = Published & {
  readonly log: string
  /** How many entries this call put into the tree. */
  readonly sealed: number
  /** How many hints were left because time was up. */
  readonly left: number
}

/**
 * Seals the entries that `hints` name, and whatever a crash left half done. Hints may be lost, repeated, in
 * any order, or name no entry or another log's. Starts no further manifest after `until`. Throws if something
 * stored was changed, or if a store is away; nothing is signed then.
 */
export async function seal(
  log: string,
  hints: readonly string[],
  world: SealWorld,
  until?: Date,
): Promise<Sealed> {
  const waiting = [...new Set(hints)].sort()
  let sealed = 0
  let done: Published | undefined
  for (;;) {
    const head = await finishMarking(log, world)
    const isLate = done !== undefined && until !== undefined && world.now() >= until
    const placed = isLate ? undefined : await nextManifest(log, head.size, waiting, world)
    if (placed !== undefined) sealed += await extend(log, head, placed, world)
    if (placed !== undefined || done === undefined) done = await publish(log, world)
    if (placed === undefined) return { log, sealed, left: waiting.length, ...done }
  }
}

/**
 * Marks every entry of the tree, then returns the head.
 *
 * INVARIANT (marked before more): no further entry is looked for before that, since an entry that is in the
 * tree but not marked would get a second place.
 */
async function finishMarking(log: string, world: SealWorld): Promise<Head> {
  for (;;) {
    const head = await world.sealing.head(log)
    if (head.marked === head.size) return head
    const placed = (await world.sealing.manifest(log, head.marked)) ?? []
    const marked = head.marked + placed.length
    if (placed.length === 0 || marked > head.size)
      throw new ComityError(
        `couldn’t seal ${log}: its manifest at ${head.marked} was changed`,
        'changed',
      )
    for (let at = 0; at < placed.length; at += atOnce) {
      const some = placed.slice(at, at + atOnce)
      const entries = await entriesOf(log, head.marked + at, some, world)
      // Before the marks, so that auditors can find every entry that counts as sealed, unless it is lost.
      await fileRows(entries.filter(isKept), world, world.inbox)
      const eids = entries.map(({ leaf }) => leaf.eid)
      await world.sealing.mark(log, head.marked + at, eids)
    }
    await world.sealing.advance(log, head, { ...head, marked })
  }
}

/**
 * The manifest that follows `start` entries: the existing one, or else a new one of waiting entries. Removes
 * from `waiting` what need not be looked at again.
 */
async function nextManifest(
  log: string,
  start: number,
  waiting: string[],
  world: SealWorld,
): Promise<readonly Placed[] | undefined> {
  const stands = await world.sealing.manifest(log, start)
  if (stands !== undefined) return stands
  const mine = await collect(log, waiting, world)
  if (mine.length === 0) return undefined
  const archived = await archivedAfter(log, start, world)
  // Checked before it is put, since a manifest cannot be changed.
  if (archived !== undefined) await entriesOf(log, start, archived, world)
  const placed = await world.sealing.propose(log, start, archived ?? mine)
  // If another sealer's manifest stands, our entries that it lacks still wait.
  const taken = new Set(placed.map(({ eid }) => eid))
  waiting.unshift(...mine.map(({ eid }) => eid).filter((eid) => !taken.has(eid)))
  return placed
}

/** Entries of the log that wait and are not sealed yet, as many as fit into a manifest. */
async function collect(
  log: string,
  waiting: string[],
  world: SealWorld,
): Promise<readonly Placed[]> {
  const found: Placed[] = []
  while (found.length < manifestMax && waiting.length > 0) {
    const eids = waiting.splice(0, Math.min(atOnce, manifestMax - found.length))
    const places = await Promise.all(eids.map((eid) => world.sealing.placeOf(eid)))
    const unsealed = eids.filter((_, at) => places[at] === undefined)
    // The leaf decides which log an entry belongs to, not the sender of the hint, and not the clock.
    for (const { leaf, leafHash } of (await world.ledger.readAll(unsealed)).values())
      if (leaf.log === log) found.push({ eid: leaf.eid, leafHash })
  }
  return found.sort((a, b) => (a.eid < b.eid ? -1 : 1))
}

/**
 * Puts a manifest's entries into the tree. Returns how many this call added.
 *
 * INVARIANT (tiles before head): the head moves only after everything that it counts can be read from the
 * archive and was hashed again.
 */
async function extend(
  log: string,
  head: Head,
  placed: readonly Placed[],
  world: SealWorld,
): Promise<number> {
  if (placed.length === 0)
    throw new ComityError(
      `couldn’t seal ${log}: its manifest at ${head.size} was changed`,
      'changed',
    )
  const entries = await entriesOf(log, head.size, placed, world)
  const hashes = placed.map((each) => each.leafHash)
  const grown = append({ size: head.size, hashes: head.frontier }, hashes)
  const to = { ...head, size: grown.size, root: rootOf(grown), frontier: grown.hashes }
  const leaves = entries.map(({ leafBytes }) => leafBytes)
  await writeTree(log, head.size, hashes, leaves, to, world)
  return (await world.sealing.advance(log, head, to)) ? placed.length : 0
}

/**
 * Writes tiles and bundles, and reads them back. First it hashes every leaf in them again, including those of
 * earlier bundles: a path that once got wrong bytes could never be repaired.
 */
async function writeTree(
  log: string,
  size: number,
  hashes: readonly Uint8Array[],
  leaves: readonly Uint8Array[],
  to: Head,
  { archive }: SealWorld,
): Promise<void> {
  const get = (path: string) => archive.get(`${log}/${path}`)
  const bundles = await grownBundles(size, leaves, get)
  const files = [...bundles, ...(await grownTiles(size, hashes, get))]
  const grown = new Map(files.map(({ path, bytes }) => [path, bytes]))
  const read = async (path: string) => grown.get(path) ?? get(path)
  await checkTiles(log, to, read)
  for (const { level, index, width } of tilesBetween(size, to.size)) {
    if (level > 0) break
    const bundle = await readBundle(index, width, read)
    const tile = tilePath(0, index, width)
    if (!isSame(await read(tile), Buffer.concat(bundle.map(leafHash))))
      throw new ComityError(`couldn’t seal ${log}: ${tile} and its entries do not fit`, 'changed')
  }
  await Promise.all(
    files.map(async ({ path, bytes }) => {
      await archive.put(`${log}/${path}`, bytes)
      if (!isSame(await get(path), bytes))
        throw new ComityError(`couldn’t seal ${log}: ${path} is not as it was written`, 'changed')
    }),
  )
}

/**
 * Reads the entries of a manifest again, from an index on; for one that the ledger has lost, what was
 * published of it. Throws if one differs from the manifest.
 */
async function entriesOf(
  log: string,
  start: number,
  placed: readonly Placed[],
  world: SealWorld,
): Promise<readonly (Durable | Bare)[]> {
  const entries = await world.ledger.readAll(placed.map(({ eid }) => eid))
  const read = placed.map(async ({ eid, leafHash }, i) => {
    const entry = entries.get(eid) ?? (await publishedEntry(log, start + i, world))
    if (entry === undefined)
      throw new ComityError(
        `couldn’t seal ${log}: entry ${eid} of its manifest is not there`,
        'changed',
      )
    if (entry.leaf.log !== log || entry.leaf.eid !== eid || !isSame(leafHash, entry.leafHash))
      throw new ComityError(
        `couldn’t seal ${log}: entry ${eid} is not what its manifest says`,
        'changed',
      )
    return entry
  })
  return Promise.all(read)
}

/** Whether the ledger has the whole entry. */
const isKept = (entry: Durable | Bare): entry is Durable => 'kid' in entry

const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0

// What the archive still has of a log if the tables have lost it.

/**
 * The entries that the archive has after the first `start`, as one manifest; undefined if it has none.
 *
 * INVARIANT (one tree): nothing is archived before its manifest is put. So if the archive goes further than
 * the manifests, those were lost, and only the archived order may come back: another order would be a second
 * tree beside it, for ever.
 */
async function archivedAfter(
  log: string,
  start: number,
  world: Pick<SealWorld, 'archive'>,
): Promise<readonly Placed[] | undefined> {
  const size = await world.archive.grownFrom(log, start)
  if (size === undefined) return undefined
  const at = Math.floor(start / tileWidth)
  const get = (path: string) => world.archive.get(`${log}/${path}`)
  const leaves = await readBundle(at, size - at * tileWidth, get)
  return leaves.slice(start - at * tileWidth).map((bytes) => {
    const leaf = readLeaf(bytes)
    return { eid: typeof leaf === 'string' ? '' : leaf.eid, leafHash: leafHash(bytes) }
  })
}

/** An entry without what was kept beside its leaf. */
type Bare = Pick<Stored, 'leaf' | 'leafBytes' | 'leafHash'>

/**
 * The entry at an index, from the archive; undefined unless a published checkpoint includes it: an unsigned
 * leaf is no entry merely because it is stored there.
 */
async function publishedEntry(
  log: string,
  index: number,
  world: Pick<SealWorld, 'archive' | 'vkey'>,
): Promise<Bare | undefined> {
  const { size, root } = await newestPublished(log, world)
  if (index >= size) return undefined
  const get = (path: string) => world.archive.get(`${log}/${path}`)
  const at = Math.floor(index / tileWidth)
  const leaves = await readBundle(at, Math.min(tileWidth, size - at * tileWidth), get)
  const leafBytes = leaves[index % tileWidth] ?? new Uint8Array()
  const leaf = readLeaf(leafBytes)
  const hash = leafHash(leafBytes)
  const path = await proveInclusion(index, size, tileReader(size, get))
  return typeof leaf !== 'string' && verifyInclusion(hash, index, size, path, root)
    ? { leaf, leafBytes, leafHash: hash }
    : undefined
}

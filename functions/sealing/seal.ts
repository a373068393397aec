/**
 * Sealing gives each entry of the ledger a place in the tree of its log that never changes.
 *
 * Only one thing decides the order: a manifest, put where there is none yet. Everything after it (tiles, the
 * head, the marks) is computed from the manifests, with the same result whoever does it and however often. So
 * sealers need no lock, and the next call repairs a crash at any step.
 */

import { wasChanged } from '../failure.ts'
import { leafHash, readLeaf } from '../ledger/entry.ts'
import { type Bare, leafAt } from '../ledger/leaf-at.ts'
import { append, rootOf } from '../ledger/merkle.ts'
import {
  grownBundles,
  grownTiles,
  readBundle,
  tilePath,
  tilesBetween,
  tileWidth,
} from '../ledger/tiles.ts'
import type { Head, Placed, SealWorld } from '../log-ports.ts'
import type { Durable } from '../ports.ts'
import { filedAtOnce, fileRows } from './lookup-rows.ts'
import { checkTiles, newestPublished, type Published, publish } from './publish.ts'

/**
 * Most entries of one manifest. It ends where a tile does if more wait, so that a backlog makes no partial
 * tiles. An earlier build put up to 4,096 into one.
 */
const manifestMax = 2 * tileWidth
/**
 * How many entries are filed and marked in one step: few in the first of a call, so that it ends in time on however slow
 * a store, then twice as many after each that took no longer than `quickMs`.
 */
const [stepFirst, stepMax, quickMs] = [50, 2 * filedAtOnce, 1000]
/** How long a sealer has a manifest for itself after each step, ms: many times what a step takes. */
const takenMs = 15_000

/** The result of sealing a log. */
export type Sealed = Published & {
  readonly log: string
  /** How many entries this call put into the tree. */
  readonly sealed: number
  /** How many hints, and entries in the tree without a mark, were left: time was up, or another marks them. */
  readonly left: number
}

/**
 * Seals the entries that `hints` name, and whatever a crash left half done. Hints may be lost, repeated, in
 * any order, or name no entry or another log's; those that come first are sealed first. Begins no further step
 * after `until`, but always one, so that less is left after every call, however much waits. Throws if something stored
 * was changed, or if a store is away; nothing is signed then.
 */
export async function seal(
  log: string,
  hints: readonly string[],
  outside: SealWorld,
  until?: Date,
): Promise<Sealed> {
  const waiting = [...new Set(hints)]
  const ledger = readOnce(outside.ledger)
  const world = { ...outside, ledger }
  const [mayMark, mayExtend] = [stepsUntil(until, world), stepsUntil(until, world)]
  const pace = { step: world.atOnce?.step ?? stepFirst }
  let sealed = 0
  let done: Published | undefined
  for (;;) {
    const head = await finishMarking(log, world, mayMark, pace)
    ledger.forget()
    const unmarked = head.size - head.marked - head.filed
    const isFree = unmarked === 0 && mayExtend()
    const placed = isFree ? await nextManifest(log, head.size, waiting, world) : undefined
    if (placed !== undefined) sealed += await extend(log, head, placed, world)
    if (placed !== undefined || done === undefined) done = await publish(log, world)
    if (placed === undefined) return { log, sealed, left: waiting.length + unmarked, ...done }
  }
}

/** Whether a further step may begin: the first one always may. */
function stepsUntil(until: Date | undefined, { now }: SealWorld): () => boolean {
  let begun = 0
  return () => begun++ === 0 || until === undefined || now() < until
}

/** A ledger that reads no entry twice, until it is told to forget. */
function readOnce(ledger: SealWorld['ledger']) {
  const known = new Map<string, Durable>()
  return {
    ...ledger,
    forget: () => known.clear(),
    async readAll(eids: readonly string[]): Promise<ReadonlyMap<string, Durable>> {
      const missing = eids.filter((eid) => !known.has(eid))
      for (const [eid, entry] of await ledger.readAll(missing)) known.set(eid, entry)
      return new Map(eids.flatMap((eid) => [[eid, known.get(eid)] as const]).filter(isThere))
    },
  }
}

const isThere = (
  each: readonly [string, Durable | undefined],
): each is readonly [string, Durable] => each[1] !== undefined

/**
 * Marks the entries of the tree that are not marked, as long as `mayMark` and unless another sealer does, and
 * returns the head as it is then. Each step is kept in the head, so that the next call goes on from there.
 *
 * INVARIANT (marked before more): no further entry is looked for before all are marked, since an entry that is
 * in the tree but not marked would get a second place.
 */
async function finishMarking(
  log: string,
  world: SealWorld,
  mayMark: () => boolean,
  pace: Pace,
): Promise<Head> {
  for (;;) {
    let head = await world.sealing.head(log)
    if (head.marked === head.size) return head
    const placed = (await world.sealing.manifest(log, head.marked)) ?? []
    if (head.filed >= placed.length || head.marked + placed.length > head.size)
      throw wasChanged(`couldn’t seal ${log}: its manifest at ${head.marked} was changed`)
    for (let isMine = false; ; ) {
      if (!mayMark()) {
        if (isMine) await take(log, head, placed.length, -1, world)
        return head
      }
      isMine = await take(log, head, placed.length, takenMs, world)
      if (!isMine) return head
      const filed = await inStep(pace, world, (most) => fileStep(log, head, placed, most, world))
      const isOver = filed === placed.length
      const to = isOver ? { ...head, marked: head.marked + filed, filed: 0 } : { ...head, filed }
      const isMoved = await world.sealing.advance(log, head, to)
      // If another went further, the head says how far.
      if (isOver || !isMoved) break
      head = to
    }
  }
}

/** How many entries the next step of a call takes. */
type Pace = { step: number }

/** Makes a step of so many entries as the pace is, and quickens the pace if that was quick. */
async function inStep<T>(
  pace: Pace,
  { now, atOnce }: SealWorld,
  act: (most: number) => Promise<T>,
): Promise<T> {
  const begun = now().getTime()
  const done = await act(pace.step)
  if (now().getTime() - begun <= quickMs)
    pace.step = Math.min(2 * pace.step, atOnce?.step ?? stepMax)
  return done
}

/**
 * Takes a manifest of which more is left than a step takes at most for some time, or gives it back for -1. Returns whether to mark it:
 * not while another sealer has taken it.
 */
async function take(
  log: string,
  { marked, filed }: Head,
  length: number,
  ms: number,
  { sealing, sealer, now, atOnce }: SealWorld,
): Promise<boolean> {
  if (sealer === undefined || length - filed <= (atOnce?.step ?? stepMax)) return true
  const at = now()
  return sealing.take(log, marked, sealer, at, new Date(at.getTime() + ms))
}

/** Files and marks the next entries of a manifest. Returns how many of it are marked then. */
async function fileStep(
  log: string,
  { marked, filed }: Head,
  placed: readonly Placed[],
  most: number,
  world: SealWorld,
): Promise<number> {
  const end = Math.min(filed + most, placed.length)
  const places = new Map(placed.map(({ eid }, at) => [eid, marked + at]))
  const parts: Promise<void>[] = []
  for (let at = filed; at < end; at += filedAtOnce) {
    const some = placed.slice(at, Math.min(at + filedAtOnce, end))
    parts.push(
      entriesOf(log, marked + at, some, world).then((entries) =>
        fileRows(entries.filter(isKept), world, { ...world, places }),
      ),
    )
  }
  // Before the marks, so that auditors can find every entry that counts as sealed, unless it is lost.
  await Promise.all(parts)
  const eids = placed.slice(filed, end).map(({ eid }) => eid)
  await world.sealing.mark(log, marked + filed, eids)
  return end
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
  const most = world.atOnce?.manifest ?? manifestMax
  const mine = await collect(log, most - (start % most), waiting, world)
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

/** Entries of the log that wait and are not sealed yet, at most `limit`. */
async function collect(
  log: string,
  limit: number,
  waiting: string[],
  world: SealWorld,
): Promise<readonly Placed[]> {
  const found: Durable[] = []
  while (found.length < limit && waiting.length > 0) {
    const eids = waiting.splice(0, limit - found.length)
    const places = await world.sealing.placesOf(eids)
    const unsealed = eids.filter((eid) => !places.has(eid))
    // The leaf decides which log an entry belongs to, not the sender of the hint, and not the clock.
    for (const entry of (await world.ledger.readAll(unsealed)).values())
      if (entry.leaf.log === log) found.push(entry)
  }
  // By time, so that whoever follows the log learns of a matter in the order in which it went.
  return found
    .sort(({ leaf: a }, { leaf: b }) => (`${a.ts} ${a.eid}` < `${b.ts} ${b.eid}` ? -1 : 1))
    .map(({ leaf: { eid }, leafHash }) => ({ eid, leafHash }))
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
    throw wasChanged(`couldn’t seal ${log}: its manifest at ${head.size} was changed`)
  const entries = await entriesOf(log, head.size, placed, world)
  const hashes = placed.map((each) => each.leafHash)
  const grown = append({ size: head.size, hashes: head.frontier }, hashes)
  const to = { ...head, size: grown.size, root: rootOf(grown), frontier: grown.hashes }
  const leaves = entries.map(({ leafBytes }) => leafBytes)
  await writeTree(log, head.size, hashes, leaves, to, world)
  return (await world.sealing.advance(log, head, to)) ? placed.length : 0
}

/**
 * Writes tiles and bundles, and reads them back. First it hashes every leaf in them again, in a bundle that gets
 * full including those that it had: a path that once got wrong bytes could never be repaired.
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
    const from = index * tileWidth
    const bundle =
      width === tileWidth
        ? await readBundle(index, width, read)
        : leaves.slice(Math.max(0, from - size), from - size + width)
    const tile = tilePath(0, index, width)
    const hashed = (await read(tile))?.subarray((width - bundle.length) * 32)
    if (!isSame(hashed, Buffer.concat(bundle.map(leafHash))))
      throw wasChanged(`couldn’t seal ${log}: ${tile} and its entries do not fit`)
  }
  await Promise.all(
    files.map(async ({ path, bytes }) => {
      await archive.put(`${log}/${path}`, bytes)
      if (!isSame(await get(path), bytes))
        throw wasChanged(`couldn’t seal ${log}: ${path} is not as it was written`)
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
      throw wasChanged(`couldn’t seal ${log}: entry ${eid} of its manifest is not there`)
    if (entry.leaf.log !== log || entry.leaf.eid !== eid || !isSame(leafHash, entry.leafHash))
      throw wasChanged(`couldn’t seal ${log}: entry ${eid} is not what its manifest says`)
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

/**
 * The entry at an index, from the archive; undefined unless a published checkpoint includes it: an unsigned
 * leaf is no entry merely because it is stored there.
 */
async function publishedEntry(
  log: string,
  index: number,
  world: Pick<SealWorld, 'archive' | 'vkey'>,
): Promise<Bare | undefined> {
  const newest = await newestPublished(log, world)
  return leafAt(index, newest, (path) => world.archive.get(`${log}/${path}`))
}

/**
 * Rebuilds the tree of a log and compares every copy of it: manifests, tiles, bundles, entries. The leaf hash
 * that most copies have counts as the log's, so that the odd one out is reported. The roots tell whether the
 * log is what was signed.
 */

import { leafHash } from '../ledger/entry.ts'
import {
  append,
  emptyFrontier,
  type Frontier,
  frontierOf,
  type Hash,
  rootOf,
} from '../ledger/merkle.ts'
import { bundlePath, leavesOf, tilePath, tileWidth } from '../ledger/tiles.ts'
import type { ExportFiles } from '../ledger/verify-files.ts'
import { checkBundle, checkTile, hashAt, tilesOf, type Wanted } from './verify-copies.ts'
import { type KeptEntry, leafIn } from './verify-entries.ts'
import type { Report } from './verify-findings.ts'
import { type ManifestPlace, readManifests } from './verify-manifests.ts'

/** The input of rebuilding. */
type Given = {
  readonly files: ExportFiles
  readonly log: string
  readonly entries: ReadonlyMap<string, KeptEntry>
  /** Sizes of signed checkpoints, for each of which tiles must exist. */
  readonly signed: readonly number[]
  readonly report: Report
  readonly progress: (leaves: number) => void
}

/** A log as rebuilt. */
export type Tree = {
  /** Leaf hashes by index, with holes where no copy is left. */
  readonly hashes: readonly (Hash | undefined)[]
  /** Ids of entries by index, with holes where nothing states them. */
  readonly eids: readonly (string | undefined)[]
}

/** Rebuilds a log, hashing every leaf anew. */
export async function readTree(given: Given): Promise<Tree> {
  const { files, log, signed, report, progress } = given
  const signedSize = Math.max(0, ...signed)
  const manifests = await readManifests(files, log, signedSize, report)
  const size = await extent(files, log, manifests.end, signedSize)
  if (manifests.end < size) {
    const where = { file: `${log}/manifests.ndjson`, index: manifests.end }
    report('manifest-gap', where, 'tiles hold more leaves than manifests place')
  }
  const sizes = [...new Set([...manifests.sizes, ...signed])]
    .filter((each) => each <= size)
    .sort((a, b) => a - b)
  const { blocks, upper } = tilesOf(sizes, signedSize)
  const hashes: (Hash | undefined)[] = []
  const eids: (string | undefined)[] = []
  const named = new Set<number>()
  for (let block = 0; block * tileWidth < size; block += 1) {
    const width = Math.min(tileWidth, size - block * tileWidth)
    const places = manifests.placesOf(block)
    const leaves = await readBlock(block, width, blocks.get(block) ?? [], places, given)
    for (const leaf of leaves) {
      hashes.push(leaf.hash)
      eids.push(leaf.eid)
      namePlace(leaf, hashes.length - 1)
    }
    if (block % 40 === 39) progress(hashes.length)
  }
  await checkUpper(hashes, upper, given)
  return { hashes, eids }

  /** Reports a manifest at the first of its places that contradicts the log. */
  function namePlace({ place, hash, eid }: Leaf, index: number): void {
    if (place === undefined || hash === undefined || named.has(place.line)) return
    const sameHash = same(place.hash, hash)
    if (sameHash && place.eid === eid) return
    named.add(place.line)
    const { line, at } = place
    const bytes = sameHash ? ([at, at + 32] as const) : ([at + 32, at + 64] as const)
    const where = { file: `${log}/manifests.ndjson`, line, index, bytes }
    const what = sameHash ? 'entry' : 'leaf hash'
    report('manifest-differs', where, `\`placed\`, decoded, has another ${what} there`)
  }
}

/** The tree at each of these sizes, except those that include an unknown leaf. */
export function frontiersAt(
  sizes: readonly number[],
  { hashes }: Tree,
): ReadonlyMap<number, Frontier> {
  const frontiers = new Map<number, Frontier>()
  let frontier = emptyFrontier
  for (const size of [...new Set(sizes)].sort((a, b) => a - b)) {
    const next = hashes.slice(frontier.size, size).filter((hash) => hash !== undefined)
    if (next.length < size - frontier.size) break
    frontier = append(frontier, next)
    frontiers.set(size, frontier)
  }
  return frontiers
}

/**
 * The size of the log: as far as manifests place entries, or further, as far as tiles of the signed size go.
 */
async function extent(
  files: ExportFiles,
  log: string,
  placed: number,
  signedSize: number,
): Promise<number> {
  let size = placed
  while (size < signedSize) {
    const block = Math.floor(size / tileWidth)
    const width = Math.min(tileWidth, signedSize - block * tileWidth)
    if ((await files.get(`${log}/${tilePath(0, block, width)}`)) === undefined) break
    size = block * tileWidth + width
  }
  return size
}

type Leaf = {
  readonly place: ManifestPlace | undefined
  readonly hash: Hash | undefined
  readonly eid: string | undefined
}

/** Settles up to 256 leaves among their copies, and reports tiles and bundles that differ. */
async function readBlock(
  block: number,
  width: number,
  wanted: readonly Wanted[],
  places: readonly (ManifestPlace | undefined)[],
  { files, log, entries, report }: Given,
): Promise<readonly Leaf[]> {
  const read = (path: string) => files.get(`${log}/${path}`)
  const tiles = await Promise.all(wanted.map((each) => read(tilePath(0, block, each.width))))
  const bundles = await Promise.all(wanted.map((each) => read(bundlePath(block, each.width))))
  // The widest readable tile and bundle.
  const tile = tiles.findLast((bytes, at) => bytes?.length === (wanted[at]?.width ?? 0) * 32)
  const parsed = bundles.map((bytes, at) => leavesIn(bytes, wanted[at]?.width ?? 0))
  const widest = parsed.findLastIndex((each) => each.length > 0)
  const leaves = parsed[widest] ?? []
  const leafHashes = leaves.map(leafHash)

  const settled = Array.from({ length: width }, (_, at): Leaf => {
    const place = places[at]
    const entry = place && entries.get(place.eid)
    const ofEntry = entry && Buffer.from(entry.hash, 'hex')
    const ofTile = tile && at * 32 < tile.length ? hashAt(tile, at) : undefined
    const hash = most([place?.hash, ofTile, leafHashes[at], ofEntry])
    // The leaf has the id; use the bundle's leaf if no entry confirms it.
    const leaf = hash && same(ofEntry, hash) ? undefined : leaves[at]
    const said = leaf && same(leafHashes[at], hash) ? leafIn(leaf)?.eid : undefined
    return { place, hash, eid: said ?? place?.eid }
  })
  const hashes = settled.map(({ hash }) => hash)
  const sound = leafHashes.every((hash, at) => same(hash, hashes[at])) ? bundles[widest] : undefined
  for (const [at, each] of wanted.entries()) {
    checkTile(log, each, tiles[at], hashes, report)
    checkBundle(log, each, bundles[at], hashes, sound, report)
  }
  return settled
}

function leavesIn(bundle: Uint8Array | undefined, width: number): readonly Uint8Array[] {
  const read = bundle && leavesOf(bundle, width)
  return read && 'leaves' in read ? read.leaves : []
}

/** The value that most copies have; on a tie, the first. */
function most(copies: readonly (Hash | undefined)[]): Hash | undefined {
  const there = copies.filter((copy) => copy !== undefined)
  const votes = there.map((copy) => there.filter((other) => same(other, copy)).length)
  return there[votes.indexOf(Math.max(...votes))]
}

/** Reports tiles above level 0 whose hashes are not the roots of those below. */
async function checkUpper(
  leaves: readonly (Hash | undefined)[],
  wanted: readonly Wanted[],
  { files, log, report }: Given,
): Promise<void> {
  const levels = [leaves]
  for (const tile of wanted) {
    for (let level = levels.length; level <= tile.level; level += 1)
      levels.push(rootsOf(levels[level - 1] ?? []))
    const first = tile.index * tileWidth
    const hashes = levels[tile.level]?.slice(first, first + tile.width) ?? []
    const bytes = await files.get(`${log}/${tilePath(tile.level, tile.index, tile.width)}`)
    checkTile(log, tile, bytes, hashes, report)
  }
}

/** The roots of all full tiles of a level, with holes where one of their hashes is unknown. */
function rootsOf(hashes: readonly (Hash | undefined)[]): readonly (Hash | undefined)[] {
  return Array.from({ length: Math.floor(hashes.length / tileWidth) }, (_, index) => {
    const tile = hashes.slice(index * tileWidth, (index + 1) * tileWidth)
    const known = tile.filter((hash) => hash !== undefined)
    return known.length < tileWidth ? undefined : rootOf(frontierOf(known))
  })
}

const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && Buffer.compare(a, b) === 0

/** Compares hash tiles and entry bundles with the leaf hashes of a log. */

import { leafHash } from '../ledger/entry.ts'
import type { Hash } from '../ledger/merkle.ts'
import {
  bundlePath,
  leavesOf,
  type Tile,
  tilePath,
  tilesBetween,
  tileWidth,
} from '../ledger/tiles.ts'
import type { Report } from './verify-findings.ts'

/** A tile that a log must have had at one of its sizes. */
export type Wanted = Tile & {
  /** Whether it must still exist: it is part of a tree that the log signed. */
  readonly required: boolean
}

/** The tiles of all these sizes in order: those of level 0 by index, and those above. */
export function tilesOf(sizes: readonly number[], signedSize: number) {
  const blocks = new Map<number, Wanted[]>()
  const upper: Wanted[] = []
  let before = 0
  for (const size of sizes) {
    for (const tile of tilesBetween(before, size)) {
      const wanted = { ...tile, required: size <= signedSize }
      if (tile.level > 0) upper.push(wanted)
      else blocks.set(tile.index, [...(blocks.get(tile.index) ?? []), wanted])
    }
    before = size
  }
  return { blocks, upper }
}

/**
 * Reports a hash tile that is missing, or differs from what the leaves give. `hashes` are those of its level.
 */
export function checkTile(
  log: string,
  { level, index, width, required }: Wanted,
  bytes: Uint8Array | undefined,
  hashes: readonly (Hash | undefined)[],
  report: Report,
): void {
  const file = `${log}/${tilePath(level, index, width)}`
  if (bytes === undefined) {
    if (required) report('missing', { file }, 'the tile is not there')
  } else if (bytes.length !== width * 32)
    report('tile-differs', { file }, `it has ${bytes.length} bytes, not ${width * 32}`)
  else {
    const at = firstUnlike(width, (each) => hashAt(bytes, each), hashes)
    if (at === undefined) return
    const leaf = (index * tileWidth + at) * tileWidth ** level
    const where = { file, index: leaf, bytes: [at * 32, at * 32 + 32] as const }
    report('tile-differs', where, 'its hash is not that of the leaves')
  }
}

/**
 * Reports an entry bundle that is missing, or has other leaves than the log. `sound` is a wider bundle whose
 * leaves are the log's: a bundle that it begins with need not be hashed again.
 */
export function checkBundle(
  log: string,
  { index, width, required }: Wanted,
  bytes: Uint8Array | undefined,
  hashes: readonly (Hash | undefined)[],
  sound: Uint8Array | undefined,
  report: Report,
): void {
  const file = `${log}/${bundlePath(index, width)}`
  if (bytes === undefined) {
    if (required) report('missing', { file }, 'the bundle is not there')
    return
  }
  const begins = sound && Buffer.compare(bytes, sound.subarray(0, bytes.length)) === 0
  if (begins && 'leaves' in leavesOf(bytes, width)) return
  const other = firstOther(bytes, width, hashes)
  if (other === undefined) return
  const { at, from, until, says } = other
  const where = { file, index: index * tileWidth + at, bytes: [from, until] as const }
  report('bundle-differs', where, says)
}

/**
 * The first leaf of a bundle that differs from the log's, including its length, or what follows the last
 * leaf.
 */
function firstOther(bundle: Uint8Array, width: number, hashes: readonly (Hash | undefined)[]) {
  let from = 0
  for (let at = 0; at < width; at += 1) {
    const [high = 0, low] = bundle.subarray(from, from + 2)
    const until = from + 2 + high * 256 + (low ?? 0)
    if (low === undefined || until > bundle.length)
      return { at, from, until: bundle.length, says: 'it ends before this leaf does' }
    const hash = hashes[at]
    if (hash && Buffer.compare(leafHash(bundle.subarray(from + 2, until)), hash) !== 0)
      return { at, from, until, says: 'it has another leaf there' }
    from = until
  }
  if (from === bundle.length) return undefined
  return { at: width, from, until: bundle.length, says: `it goes on after its ${width} leaves` }
}

/** The hash at a place in a tile. */
export const hashAt = (tile: Uint8Array, at: number): Hash => tile.subarray(at * 32, at * 32 + 32)

/** The first of `width` hashes that differs from the expected one, where that is known. */
function firstUnlike(
  width: number,
  hashOf: (at: number) => Hash,
  hashes: readonly (Hash | undefined)[],
): number | undefined {
  for (let at = 0; at < width; at += 1) {
    const hash = hashes[at]
    if (hash !== undefined && Buffer.compare(hashOf(at), hash) !== 0) return at
  }
  return undefined
}

/**
 * A log as immutable files: hash tiles and entry bundles of C2SP tlog-tiles (c2sp.org/tlog-tiles). Paths are
 * relative to the log's prefix. A full tile holds 256 hashes. The last tile of a level may be partial: its
 * path includes its width, and it is never hashed upward.
 */

import { wasChanged } from '../failure.ts'
import { frontierOf, type Hash, type ReadHash, rootOf } from './merkle.ts'

/** A tile of the tree, or, at level 0, the entry bundle of the same leaves. */
export type Tile = {
  /** Each of its hashes is the root of 256^level leaves. */
  readonly level: number
  readonly index: number
  /** The number of hashes, or leaves, in it: 1 to 256. */
  readonly width: number
}

/** A file of the log, to be written once and never changed. */
export type LogFile = { readonly path: string; readonly bytes: Uint8Array }

/** Gives what is stored at a path, or undefined. */
export type GetFile = (path: string) => Promise<Uint8Array | undefined>

/** Hashes in a full tile, leaves in a full bundle. */
export const tileWidth = 256

/** The path of a hash tile: `tile/0/x001/x234/067`, and `.p/<width>` if it is partial. */
export const tilePath = (level: number, index: number, width: number): string =>
  `tile/${level}/${place(index, width)}`

/** The path of an entry bundle: `tile/entries/x001/x234/067`, and `.p/<width>` if it is partial. */
export const bundlePath = (index: number, width: number): string =>
  `tile/entries/${place(index, width)}`

/** The path of what a bundle that is not full gained, from a leaf up to another: `tile/entries/x001/234.d/5-9`. */
export const deltaPath = (index: number, from: number, to: number): string =>
  `${bundlePath(index, tileWidth)}.d/${from}-${to}`

/** The tiles that a tree of `newSize` has and one of `oldSize` does not, level by level. */
export function tilesBetween(oldSize: number, newSize: number): readonly Tile[] {
  const tiles: Tile[] = []
  for (let level = 0; ; level += 1) {
    const [before, after] = [hashesAt(level, oldSize), hashesAt(level, newSize)]
    if (after === 0) return tiles
    if (after === before) continue
    for (let index = Math.floor(before / tileWidth); index * tileWidth < after; index += 1)
      tiles.push({ level, index, width: Math.min(tileWidth, after - index * tileWidth) })
  }
}

/**
 * The hash tiles to write when these leaf hashes follow the first `size` leaves. Reads the partial tiles of
 * that size. Rejects if one is missing or its length does not match its width.
 */
export async function grownTiles(
  size: number,
  leafHashes: readonly Hash[],
  get: GetFile,
): Promise<readonly LogFile[]> {
  const files: LogFile[] = []
  let fresh = leafHashes
  for (let level = 0; fresh.length > 0; level += 1) {
    const before = hashesAt(level, size)
    const first = Math.floor(before / tileWidth)
    const width = before % tileWidth
    const kept = width === 0 ? [] : await readTile({ level, index: first, width }, get)
    const tiles = chunks([...kept, ...fresh])
    files.push(
      ...tiles.map((hashes, at) => ({
        path: tilePath(level, first + at, hashes.length),
        bytes: Buffer.concat(hashes),
      })),
    )
    fresh = tiles.filter(isFull).map((hashes) => rootOf(frontierOf(hashes)))
  }
  return files
}

/**
 * The files to write when these leaves follow the first `size`: full bundles, and what a bundle that is not full
 * gains, so that no leaf is written more than twice. Reads the leaves that a bundle had before only once it gets
 * full. Rejects if those are missing or malformed, or if a leaf has more than 65,535 bytes.
 */
export async function grownBundles(
  size: number,
  leaves: readonly Uint8Array[],
  get: GetFile,
): Promise<readonly LogFile[]> {
  const files: LogFile[] = []
  for (let at = 0; at < leaves.length; ) {
    const index = Math.floor((size + at) / tileWidth)
    const from = (size + at) % tileWidth
    const fresh = leaves.slice(at, at + tileWidth - from)
    const to = from + fresh.length
    at += fresh.length
    if (to < tileWidth) files.push({ path: deltaPath(index, from, to), bytes: bundleOf(fresh) })
    else {
      const kept = from === 0 ? [] : await readBundle(index, from, get)
      files.push({ path: bundlePath(index, tileWidth), bytes: bundleOf([...kept, ...fresh]) })
    }
  }
  return files
}

/**
 * The paths, of those that are there, whose bytes one after the other are the first `width` leaves of a bundle;
 * undefined if there are none. An earlier build wrote partial bundles whole.
 */
export function partsOf(
  bundle: string,
  width: number,
  paths: readonly string[],
): readonly string[] | undefined {
  const whole = `${bundle}.p/${width}`
  if (width === 0) return []
  if (paths.includes(whole)) return [whole]
  for (const path of paths) {
    const [, from, to] = /\.d\/(\d{1,3})-(\d{1,3})$/.exec(path) ?? []
    if (Number(to) !== width || Number(from) >= width || !path.startsWith(`${bundle}.d/`)) continue
    const before = partsOf(bundle, Number(from), paths)
    if (before !== undefined) return [...before, path]
  }
  return undefined
}

/** Leaves as an entry bundle: the length of each in two bytes, big-endian, then the leaf. */
export function bundleOf(leaves: readonly Uint8Array[]): Uint8Array {
  const long = leaves.find(({ length }) => length > 65_535)
  if (long !== undefined)
    throw wasChanged(`couldn’t bundle a leaf of ${long.length} bytes: at most 65,535 fit`)
  return Buffer.concat(leaves.flatMap((leaf) => [uint16(leaf.length), leaf]))
}

/** The leaves of an entry bundle with this width, or what is wrong with its bytes. */
export function leavesOf(
  bundle: Uint8Array,
  width: number,
): { readonly leaves: readonly Uint8Array[] } | { readonly wrong: string } {
  const leaves: Uint8Array[] = []
  for (let at = 0; at < bundle.length; ) {
    const [high, low] = bundle.subarray(at, at + 2)
    if (high === undefined || low === undefined) return { wrong: 'a length is cut off' }
    const leaf = bundle.subarray(at + 2, at + 2 + high * 256 + low)
    if (leaf.length < high * 256 + low) return { wrong: `leaf ${leaves.length} is cut off` }
    if (leaves.length === width) return { wrong: `it holds more than ${width} leaves` }
    leaves.push(leaf)
    at += 2 + leaf.length
  }
  return leaves.length === width
    ? { leaves }
    : { wrong: `it holds ${leaves.length} leaves, not ${width}` }
}

/**
 * The leaves of a stored bundle. Rejects, naming the path, if it is missing or malformed. Only the tree can
 * tell whether they are the log's leaves.
 */
export async function readBundle(
  index: number,
  width: number,
  get: GetFile,
): Promise<readonly Uint8Array[]> {
  const path = bundlePath(index, width)
  const read = leavesOf(await stored(path, get), width)
  if ('wrong' in read) throw wasChanged(`couldn’t read ${path}: ${read.wrong}`)
  return read.leaves
}

/**
 * Reads hashes from the tiles of a tree of exactly this size, each tile once. Rejects, naming the path, if a
 * tile is missing or its length does not match its width. Only the root that a proof leads to can tell
 * whether the hashes are the log's.
 */
export function tileReader(size: number, get: GetFile): ReadHash {
  const tiles = new Map<string, Promise<readonly Hash[]>>()
  const hashesOf = (tile: Tile): Promise<readonly Hash[]> => {
    const path = tilePath(tile.level, tile.index, tile.width)
    const known = tiles.get(path) ?? readTile(tile, get)
    tiles.set(path, known)
    return known
  }
  return async (level, index) => {
    if ((index + 1) * 2 ** level > size)
      throw wasChanged(`couldn’t read hash ${index} of level ${level}: the tree has ${size} leaves`)
    // One level of tiles holds eight levels of the tree; those between are hashed from it.
    const inTile = level % 8
    const tileLevel = (level - inTile) / 8
    const from = index * 2 ** inTile
    const at = Math.floor(from / tileWidth)
    const width = Math.min(tileWidth, hashesAt(tileLevel, size) - at * tileWidth)
    const hashes = await hashesOf({ level: tileLevel, index: at, width })
    const first = from % tileWidth
    return rootOf(frontierOf(hashes.slice(first, first + 2 ** inTile)))
  }
}

/** The hashes of all leaves of a tree of this size, in order. Rejects like `tileReader`. */
export async function readLeafHashes(size: number, get: GetFile): Promise<readonly Hash[]> {
  const hashes: Hash[] = []
  const tiles = tilesBetween(0, size).filter(({ level }) => level === 0)
  for (let at = 0; at < tiles.length; at += tilesAtOnce)
    hashes.push(
      ...(
        await Promise.all(tiles.slice(at, at + tilesAtOnce).map((tile) => readTile(tile, get)))
      ).flat(),
    )
  return hashes
}

/** Most tiles to ask of the archive at once. */
const tilesAtOnce = 50

async function readTile({ level, index, width }: Tile, get: GetFile): Promise<readonly Hash[]> {
  const path = tilePath(level, index, width)
  const bytes = await stored(path, get)
  if (bytes.length !== width * 32)
    throw wasChanged(`couldn’t read ${path}: it has ${bytes.length} bytes, not ${width * 32}`)
  return Array.from({ length: width }, (_, at) => bytes.subarray(at * 32, at * 32 + 32))
}

async function stored(path: string, get: GetFile): Promise<Uint8Array> {
  const bytes = await get(path)
  if (bytes === undefined) throw wasChanged(`couldn’t read ${path}: it is not there`)
  return bytes
}

/** The number of hashes that a tree of this size has at a level of tiles. */
const hashesAt = (level: number, size: number): number => Math.floor(size / tileWidth ** level)

/** The index in groups of three digits, all but the last prefixed with an x, and the width if partial. */
function place(index: number, width: number): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  const last = groups.pop()
  return [...groups.map((group) => `x${group}`), last]
    .join('/')
    .concat(width === tileWidth ? '' : `.p/${width}`)
}

const chunks = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / tileWidth) }, (_, at) =>
    all.slice(at * tileWidth, (at + 1) * tileWidth),
  )

const isFull = (tile: readonly unknown[]): boolean => tile.length === tileWidth

const uint16 = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 0xff)

/** Reads one leaf of a log out of its files, with the proof that it is in the tree. */

import { type Entry, leafHash, readLeaf } from './entry.ts'
import { type Hash, proveInclusion, verifyInclusion } from './merkle.ts'
import { type GetFile, readBundle, tileReader, tileWidth } from './tiles.ts'

/** An entry without what is kept beside its leaf. */
export type Bare = Pick<Entry, 'leaf' | 'leafBytes' | 'leafHash'>

/**
 * The leaf at an index of the tree of this size and root; undefined if the tree ends before, if its files do not
 * lead from the leaf to the root, or if this program cannot read the leaf. Whether the root is the log's, the
 * caller must know. Rejects if a file is missing or malformed.
 */
export async function leafAt(
  index: number,
  { size, root }: { readonly size: number; readonly root: Hash },
  get: GetFile,
): Promise<Bare | undefined> {
  if (!Number.isInteger(index) || index < 0 || index >= size) return undefined
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

/** What the archive has of a log, where the tables have lost it. */

import { leafHash, readLeaf } from '../ledger/entry.ts'
import { proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { readBundle, tileReader, tileWidth } from '../ledger/tiles.ts'
import type { Placed, SealWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { newestPublished } from './publish.ts'

/**
 * The entries that the archive has after the first `start`, as one manifest; undefined if it has none.
 *
 * INVARIANT (one tree): nothing is archived before its manifest is put. So where the archive goes further
 * than manifests do, they were lost, and only the order that was archived may come back: another one
 * would be written beside it, for ever.
 */
export async function archivedAfter(
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
export type Bare = Pick<Stored, 'leaf' | 'leafBytes' | 'leafHash'>

/**
 * The entry at an index, as it was archived; undefined unless a published checkpoint has it: what nobody
 * signed is no entry because it lies there.
 */
export async function publishedEntry(
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

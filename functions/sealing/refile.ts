/** Files the entries of a log again, where auditors look: after the look-up table was lost. */

import { readLeaf } from '../ledger/entry.ts'
import { readBundle, tileWidth } from '../ledger/tiles.ts'
import type { SealWorld } from '../log-ports.ts'
import { fileRows } from './file-rows.ts'

/**
 * Files entries from an index on, a bundle at a time, until it is late; at which index to go on, or
 * undefined once all are filed that are in the tree. Nothing of an erased person comes back, since
 * nothing opens it; entries that the ledger has lost are passed over. Sealing goes on meanwhile.
 */
export async function refile(
  log: string,
  from: number,
  world: SealWorld,
  until: Date,
): Promise<number | undefined> {
  const { size } = await world.sealing.head(log)
  const get = (path: string) => world.archive.get(`${log}/${path}`)
  for (let at = Math.floor(from / tileWidth); at * tileWidth < size; at++) {
    if (world.now() >= until) return at * tileWidth
    const width = Math.min(tileWidth, size - at * tileWidth)
    const leaves = (await readBundle(at, width, get)).map(readLeaf)
    const eids = leaves.flatMap((leaf) => (typeof leaf === 'string' ? [] : [leaf.eid]))
    await fileRows([...(await world.ledger.readAll(eids)).values()], world)
  }
  return undefined
}

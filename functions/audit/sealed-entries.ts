/** Entries by their places in a log: what was sealed there, and what the ledger has of it now. */

import { ComityError } from '../failure.ts'
import { openCosigned } from '../ledger/checkpoint.ts'
import { readLeaf } from '../ledger/entry.ts'
import type { Hash } from '../ledger/merkle.ts'
import { parseVkey, type VerifierKey } from '../ledger/note.ts'
import { readBundle, tileWidth } from '../ledger/tiles.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'

/** A log as of a checkpoint that was published. */
export type PublishedHead = {
  readonly log: string
  readonly size: number
  readonly root: Hash
  /** The note, word for word. */
  readonly note: string
}

/**
 * The newest published checkpoint of a log, or that of a size; undefined if there is none. Throws if it
 * is not signed and cosigned as this gateway’s checkpoints are.
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
  if ('wrong' in read) throw new ComityError(`couldn’t use ${path}: ${read.wrong}`, 'changed')
  return read
}

/** A checkpoint, if it is signed and cosigned as this gateway’s are. */
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
  if ('wrong' in read) throw new ComityError(`couldn’t use a key: ${read.wrong}`, 'changed')
  return read.key
}

/** An entry, or what is wrong with it: then somebody changed it. */
export type FoundEntry = { readonly eid: string } & (
  | { readonly stored: Stored }
  | { readonly wrong: string }
)
/** An entry at its place in the log. */
export type EntryAt = FoundEntry & { readonly index: number }

/** What reading works with. */
export type ReadWorld = Pick<AuditWorld, 'ledger' | 'archive' | 'isStoreAway'>

/** The entries at places below a size that was signed. Rejects if the archive lacks a bundle. */
export async function sealedEntries(
  log: string,
  size: number,
  indices: readonly number[],
  world: ReadWorld,
): Promise<readonly EntryAt[]> {
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
      return { index, bytes, eid: typeof leaf === 'string' ? '' : leaf.eid }
    }),
  )
  const found = await readEach(
    sealed.map(({ eid }) => eid),
    world,
  )
  return sealed.map(({ index, bytes, eid }) => {
    const stored = found.get(eid)
    if (stored === undefined) return { index, eid, wrong: 'it is gone, or it was changed' }
    return Buffer.compare(stored.leafBytes, bytes) === 0
      ? { index, eid, stored }
      : { index, eid, wrong: 'it is not the entry that was sealed' }
  })
}

/** Those of the entries that can be read: one that was changed takes none of the others with it. */
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

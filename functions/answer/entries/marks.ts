/**
 * What the mark of an entry is worth. Marks say where sealed entries are; a table keeps them, and whoever may write to
 * that can plant one. So where an act rests on a mark alone, the archive must have the entry at that place.
 */

import { ComityError } from '../../failure.ts'
import { parseCheckpoint } from '../../ledger/checkpoint.ts'
import type { Leaf } from '../../ledger/entry.ts'
import { leafAt } from '../../ledger/leaf-at.ts'
import { holderOf } from '../../ledger/looks-log.ts'
import type { Hash } from '../../ledger/merkle.ts'
import { parseNote } from '../../ledger/note.ts'
import type { World } from '../../ports.ts'

/** The newest checkpoint of a log, as the archive has it. */
export type NewestHead = { readonly note: string; readonly size: number; readonly root: Hash }

/**
 * The newest published checkpoint of a log; undefined if there is none. Throws if it cannot be read. Its signature is
 * not checked: whoever answers has no key of the log, and verifiers check it.
 */
export async function newestHead(
  log: string,
  { get }: Pick<World['sealed'], 'get'>,
): Promise<NewestHead | undefined> {
  const published = await get(`${log}/checkpoint`)
  if (published === undefined) return undefined
  const note = Buffer.from(published).toString()
  const read = parseNote(note)
  const head = 'wrong' in read ? read : parseCheckpoint(read.note.text)
  if ('wrong' in head)
    throw new ComityError(`couldn’t read ${log}/checkpoint: ${head.wrong}`, 'changed')
  return { note, ...head.checkpoint }
}

/** What a mark says: where an entry of a jurisdiction is, by its id. */
type Mark = {
  readonly eid: string
  readonly jurisdiction: string
  readonly place: { readonly log: string; readonly index: number }
}

/**
 * Why a mark of an entry that the ledger did not have shows nothing; undefined if that was sealed, and is lost since the
 * ledger was put back to an earlier moment. It was if the mark leads to a leaf under the newest checkpoint that has its
 * id and is what `isIt` says. Rejects if the archive is away, or lacks what its checkpoint covers.
 */
export async function doubtOf(
  { eid, jurisdiction, place: { log, index } }: Mark,
  isIt: (leaf: Leaf) => boolean,
  { gateway, ledger, sealed }: Pick<World, 'gateway' | 'ledger' | 'sealed'>,
): Promise<string | undefined> {
  const doubt = (what: string) => `couldn’t append entry: ${eid} is marked as in the log, ${what}`
  // Another instance may have entered it since the ledger was asked, and a sealer may have been quick.
  const entered = await ledger.read(eid)
  if (entered !== undefined)
    return isIt(entered.leaf) ? undefined : doubt('and the ledger has another entry')
  if (holderOf(log, gateway) !== jurisdiction) return doubt('in a log that it can’t be in')
  const head = await newestHead(log, sealed)
  if (head === undefined || index >= head.size)
    return doubt(`at ${index} of ${log}, which no published checkpoint covers`)
  const leaf = (await leafAt(index, head, (path) => sealed.get(`${log}/${path}`)))?.leaf
  return leaf?.eid === eid && leaf.log === log && isIt(leaf)
    ? undefined
    : doubt(`at ${index} of ${log}, where the log has something else`)
}

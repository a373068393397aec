/** The proof that an entry is in the log, for anyone who holds the entry: C2SP tlog-proof. */

import { ComityError } from '../failure.ts'
import { parseCheckpoint } from '../ledger/checkpoint.ts'
import { writeProof } from '../ledger/log-proof.ts'
import { proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { parseNote } from '../ledger/note.ts'
import { tileReader } from '../ledger/tiles.ts'
import type { World } from '../ports.ts'

/** A proof, or why there is none yet. */
export type Proved =
  | { readonly kind: 'proved'; readonly text: string }
  /** Durable, but no published checkpoint covers it yet. */
  | { readonly kind: 'not-sealed' }
  | { readonly kind: 'no-such-entry' }

/**
 * Proves an entry in the newest published checkpoint of its log. Throws if what is stored does not
 * lead from the entry to the checkpoint: then somebody changed it, and no proof leaves.
 */
export async function prove(
  eid: string,
  { sealed, ledger }: Pick<World, 'sealed' | 'ledger'>,
): Promise<Proved> {
  const stored = await ledger.read(eid)
  if (stored === undefined) return { kind: 'no-such-entry' }
  const place = await sealed.placeOf(eid)
  if (place === undefined) return { kind: 'not-sealed' }
  const { log, index } = place
  if (log !== stored.leaf.log)
    throw new ComityError(`couldn’t prove ${eid}: it has a place in another log`, 'changed')
  const published = await sealed.get(`${log}/checkpoint`)
  if (published === undefined) return { kind: 'not-sealed' }
  const note = Buffer.from(published).toString()
  const { size, root } = headOf(note, log)
  if (index >= size) return { kind: 'not-sealed' }

  const read = tileReader(size, (path) => sealed.get(`${log}/${path}`))
  const path = await proveInclusion(index, size, read)
  if (!verifyInclusion(stored.leafHash, index, size, path, root))
    throw new ComityError(
      `couldn’t prove ${eid}: the tiles of ${log} do not lead to its checkpoint`,
      'changed',
    )
  return { kind: 'proved', text: writeProof({ index, path, checkpoint: note }) }
}

function headOf(note: string, log: string) {
  const read = parseNote(note)
  const head = 'wrong' in read ? read : parseCheckpoint(read.note.text)
  if ('wrong' in head)
    throw new ComityError(`couldn’t read ${log}/checkpoint: ${head.wrong}`, 'changed')
  return head.checkpoint
}

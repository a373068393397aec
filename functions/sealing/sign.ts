/** The only way to a signed checkpoint: a signer that signs nothing but what grew out of its last. */

import { ComityError } from '../failure.ts'
import { checkpointText } from '../ledger/checkpoint.ts'
import { emptyRoot, verifyConsistency } from '../ledger/merkle.ts'
import { signText, verifierKey, writeNote } from '../ledger/note.ts'
import type { Extension, Memory, Signer } from '../log-ports.ts'
import type { SigningKey } from '../ports.ts'

/** What a signer works with: nothing that a sealer may write to. */
export type SignWorld = { readonly memory: Memory; readonly key: SigningKey }

/** What became of a tree head. */
export type SignedHead = Awaited<ReturnType<Signer['sign']>>

/** How often we look again after another remembered something at the same time. */
const racesMax = 5

/**
 * Signs a tree head if its proof shows that it only grew out of the last one signed. The same tree head
 * gets the same bytes again; a smaller one, another root of the same size and a proof that does not
 * hold are refused.
 *
 * INVARIANT (append-only): a tree head is remembered before it is signed, so that whatever crashes
 * when, nothing is ever signed beside it.
 */
export async function sign(asked: Extension, { memory, key }: SignWorld): Promise<SignedHead> {
  const { log, size, root } = asked
  // Before anything is remembered: throws if this cannot be a checkpoint of that log.
  const text = checkpointText({ origin: log, size, root })
  const logKey = verifierKey(log, 1, key.publicKey)
  for (let race = 0; race < racesMax; race++) {
    const last = (await memory.last(log)) ?? { size: 0, root: emptyRoot }
    const wrong = wrongIn(asked, last)
    if (wrong !== undefined) return wrong
    if (size === last.size || (await memory.advance(log, last.size, { size, root }))) {
      const signature = await signText(text, logKey, (bytes) => key.sign(bytes))
      return { kind: 'signed', note: writeNote({ text, signatures: [signature] }) }
    }
  }
  throw new ComityError(`couldn’t sign ${log}: others kept changing what was signed last`)
}

type Last = NonNullable<Awaited<ReturnType<Memory['last']>>>

/** Why a tree head may not be signed after the last one; undefined if it may. */
function wrongIn({ log, size, root, from, proof }: Extension, last: Last): SignedHead | undefined {
  if (size < last.size)
    return refused(`${log} was signed with ${last.size} entries, and now is to have ${size}`)
  if (size === last.size)
    return Buffer.compare(root, last.root) === 0
      ? undefined
      : refused(`${log} was signed with another root of the same ${size} entries`)
  if (from !== last.size) return { kind: 'stale', size: last.size }
  return verifyConsistency(last.size, last.root, size, root, proof)
    ? undefined
    : refused(
        `the proof does not show that the ${size} entries of ${log} begin with the ${last.size} signed`,
      )
}

const refused = (why: string): SignedHead => ({ kind: 'refused', why })

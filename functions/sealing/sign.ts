/** The only way to a signed checkpoint: a signer that signs only what extends its last one. */

import { ComityError } from '../failure.ts'
import { checkpointText } from '../ledger/checkpoint.ts'
import { emptyRoot, verifyConsistency } from '../ledger/merkle.ts'
import { signText, verifierKey, writeNote } from '../ledger/note.ts'
import type { Extension, Memory, Signer } from '../log-ports.ts'
import type { SigningKey } from '../ports.ts'

/** What a signer needs: nothing that a sealer may write to. */
export type SignWorld = { readonly memory: Memory; readonly key: SigningKey }

/** The result of asking for a signature. */
export type SignedHead = Awaited<ReturnType<Signer['sign']>>

/** How often to try again after another call changed the memory at the same time. */
const racesMax = 5

/**
 * Signs a tree head if its proof shows that it extends the last one signed. The same tree head gets the same
 * bytes again. A smaller one, another root of the same size and a wrong proof are refused.
 *
 * INVARIANT (append-only): a tree head is remembered before it is signed, so that no crash leads to a
 * signature on a second tree.
 */
export async function sign(asked: Extension, { memory, key }: SignWorld): Promise<SignedHead> {
  const { log, size, root } = asked
  // Throws before anything is remembered if this cannot be a checkpoint of that log.
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

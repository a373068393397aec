/** Ids under which nothing is entered again: their entries were sealed, and the ledger has lost them. */

import type { World } from '../ports.ts'

/**
 * Why no entry may be made under an id; undefined if one may. After a restore of the ledger a retry of a
 * call would find no entry of it: a second one would never be sealed, since the first one is.
 */
export async function lost(
  eid: string,
  { sealed, ledger }: Pick<World, 'sealed' | 'ledger'>,
): Promise<{ readonly kind: 'unavailable'; readonly why: string } | undefined> {
  const isSealed = (await sealed.placeOf(eid)) !== undefined
  if (!isSealed || (await ledger.read(eid)) !== undefined) return undefined
  return { kind: 'unavailable', why: `couldn’t append entry: ${eid} was sealed, and is gone` }
}

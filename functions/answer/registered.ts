/** The register on which an entry rests, entered in a log first. */

import type { Agency } from '../identity/register.ts'
import { logOf } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import { enterChains, type StatedWorld } from './stated.ts'

/**
 * Enters what is stated of these agencies, and of the registrars, in the log of each agency's own jurisdiction;
 * undefined once it is there. Where a log has more of it than the register, statements were taken away, or came since
 * the call was verified: then the register is read anew, and nothing is entered on what was believed before.
 */
export async function enterRegistered(
  agencies: readonly Agency[],
  world: StatedWorld & Pick<World, 'register' | 'gateway'>,
): Promise<{ readonly kind: 'unavailable'; readonly why: string } | undefined> {
  const { chains, anew } = world.register
  if (chains === undefined) return undefined
  const year = world.now().toISOString()
  for (const { id, jurisdiction } of agencies) {
    const log = logOf(world.gateway, jurisdiction, year)
    const entered = await enterChains(log, jurisdiction, await chains(id), world)
    if (entered.kind === 'unavailable') return entered
    if (entered.kind === 'entered') continue
    await anew?.(id)
    const why = `the log has other statements of \`${entered.chain}\` than the register had, or more`
    return { kind: 'unavailable', why }
  }
  return undefined
}

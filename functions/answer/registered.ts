/** The register on which an entry rests, entered in a log first. */

import type { Agency } from '../identity/register.ts'
import { logOf } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import type { Unavailable } from './enter.ts'
import { enterChain, type StatedWorld } from './stated.ts'

/**
 * Enters what is stated of these agencies, and of the registrars, in the log of each agency's own jurisdiction; why
 * not, if it could not be made durable.
 */
export async function enterRegistered(
  agencies: readonly Agency[],
  at: string,
  world: StatedWorld & Pick<World, 'register' | 'gateway'>,
): Promise<Unavailable | undefined> {
  const { chains } = world.register
  if (chains === undefined) return undefined
  for (const agency of agencies) {
    const { id, jurisdiction } = agency
    // What was read meanwhile may say that the key which signed is not the agency's any more.
    if ((await world.register.agency(id)) !== agency)
      return { kind: 'unavailable', why: `what is stated of ${id} has changed: send it again` }
    const log = logOf(world.gateway, jurisdiction, at)
    for (const chain of await chains(id)) {
      const unavailable = await enterChain(log, jurisdiction, chain, at, world)
      if (unavailable !== undefined) return unavailable
    }
  }
  return undefined
}

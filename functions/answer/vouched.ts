/** What offices vouched for, checked against the keys in the register as it is now. */

import {
  type CompromisedKeys,
  isStanding,
  signingsOf,
  standing,
  withdrawalsOf,
} from '../decision/compromised.ts'
import type { KeptAttestation, KeptObjection, World } from '../ports.ts'

/** What may count for a matter, and the compromised keys of the agencies that signed it. */
type Vouched = {
  readonly attestations: readonly KeptAttestation[]
  readonly takenBack: readonly KeptAttestation[]
  readonly objections: readonly KeptObjection[]
  readonly keys: CompromisedKeys
}

/**
 * Everything that may count for a matter. A withdrawal that only a compromised key signed does not end a
 * statement against a disclosure. `supposed` is what an officer would state now, not entered.
 */
export async function vouchedIn(
  holder: string,
  matter: Parameters<World['attestations']['about']>[1],
  world: Pick<World, 'attestations' | 'register' | 'isStoreAway'>,
  supposed: readonly KeptAttestation[] = [],
): Promise<Vouched> {
  const found = await world.attestations.about(holder, matter)
  const { attestations, takenBack, objections, ended } = found
  const signings = [
    ...[...attestations, ...takenBack, ...supposed].flatMap(signingsOf),
    ...[...takenBack, ...ended].flatMap(withdrawalsOf),
  ]
  const keys = await compromisedKeys(new Set(signings.map(({ agency }) => agency)), world)
  const again = takenBack.map((each) => standing(each, keys)).filter((each) => each !== undefined)
  return {
    attestations: [...attestations, ...again],
    takenBack,
    objections: [...objections, ...ended.filter((each) => isStanding(each, keys))],
    keys,
  }
}

/** The compromised keys of these agencies, by the register as it is now. */
const compromisedKeys = async (
  agencies: Iterable<string>,
  world: Pick<World, 'register' | 'isStoreAway'>,
): Promise<CompromisedKeys> =>
  new Map(
    await Promise.all([...agencies].map(async (id) => [id, await keysOf(id, world)] as const)),
  )

async function keysOf(
  id: string,
  { register, isStoreAway }: Pick<World, 'register' | 'isStoreAway'>,
): Promise<ReadonlyMap<string, string> | undefined> {
  const agency = await register.agency(id).catch((error: unknown) => {
    if (isStoreAway(error)) throw error
    // Its statements in the register do not hold, so its keys are unknown. That harms no other agency.
    return undefined
  })
  return (
    agency &&
    new Map(
      agency.keys.flatMap(({ kid, compromisedSince }) =>
        compromisedSince === undefined ? [] : [[kid, compromisedSince] as const],
      ),
    )
  )
}

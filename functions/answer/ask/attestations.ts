/** What offices vouched for, checked against the keys in the register as it is now. */

import { whyNever } from '../../decision/attested.ts'
import {
  type AgencySignature,
  type CompromisedKeys,
  isDoubtful,
  isStanding,
  signingsOf,
  standing,
  withdrawalsOf,
} from '../../decision/compromised.ts'
import { callKeysOf } from '../../identity/register.ts'
import type { FactValue } from '../../policy/fact-types.ts'
import type { FoundVouching, KeptAttestation, KeptObjection, World } from '../../ports.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import type { Entries } from './entered-acts.ts'
import { asSigned } from './signed-acts.ts'

/** What may count for a matter, and the compromised keys of the agencies that signed it. */
type Vouched = {
  readonly attestations: readonly KeptAttestation[]
  readonly takenBack: readonly KeptAttestation[]
  readonly objections: readonly KeptObjection[]
  readonly keys: CompromisedKeys
}

/**
 * Everything that may count for a matter at an instant. A withdrawal that only a compromised key signed does not end a
 * statement against a disclosure. `supposed` is what an officer would state now, not entered. Nobody can have
 * spoken of a matter that `isNew`.
 */
export async function vouchedIn(
  holder: string,
  matter: Parameters<World['attestations']['about']>[1],
  at: string,
  world: Entries & Pick<World, 'attestations'>,
  supposed: readonly KeptAttestation[] = [],
  isNew = false,
): Promise<Vouched> {
  const found = await asSigned(await world.attestations.about(holder, matter, at, isNew), world)
  const { attestations, takenBack, objections, ended } = found
  const keys = await keysIn(found, supposed, world)
  const again = takenBack.map((each) => standing(each, keys)).filter((each) => each !== undefined)
  return {
    attestations: [...attestations, ...again],
    takenBack,
    objections: [...objections, ...ended.filter((each) => isStanding(each, keys))],
    keys,
  }
}

/** The act that the officer would make, as if it were entered. */
export function supposed(
  { agency, officer, kid }: Pick<SignedCall, 'agency' | 'officer' | 'kid'>,
  [first = decision, ...also]: readonly { readonly fact: string; readonly value: FactValue }[],
  about: {
    readonly id: string
    readonly holder: string
    readonly matter: string
    readonly at: string
  },
): KeptAttestation {
  const { id, holder, matter, at } = about
  return {
    id,
    holder,
    fact: first.fact,
    value: first.value as KeptAttestation['value'],
    also: also as NonNullable<KeptAttestation['also']>,
    scope: { kind: 'matter', matter },
    from: at,
    until: new Date(Date.parse(at) + 1).toISOString(),
    decidedBy: agency.id,
    attester: agency.id,
    enteredBy: officer,
    enteredAt: at,
    kid,
    as: 'holder-officer',
  }
}

/** An officer’s decision to release. */
export const decision = { fact: 'release.decision', value: 'release' } as const

/**
 * The newest act of an officer that releases a matter; several only if entered at the same instant. It
 * replaces earlier acts for good, with the items they took out and the record they picked: none of them
 * counts again once it has ended or was taken back.
 */
export function newestReleases(
  all: readonly KeptAttestation[],
  matter: string,
): readonly KeptAttestation[] {
  const acts = all.filter(
    (act) =>
      act.release !== undefined &&
      act.scope.kind === 'matter' &&
      act.scope.matter === matter &&
      whyNever(act, 'release.decision') === undefined,
  )
  return acts.filter((act) => acts.every(({ enteredAt }) => enteredAt <= act.enteredAt))
}

/**
 * Of what was said in a case, the acts that stand at a moment and take items out, the newest of each matter. As any
 * refusal, one to let an item leave reaches the whole case, and nothing signed with a compromised key replaces it or takes it back.
 */
export function takingOut(
  { attestations, takenBack, keys }: Pick<Vouched, 'attestations' | 'takenBack' | 'keys'>,
  at: string,
): readonly KeptAttestation[] {
  const now = Date.parse(at)
  const isDoubted = (each: AgencySignature) => isDoubtful(each, keys)
  const again = takenBack.filter((act) => withdrawalsOf(act).every(isDoubted))
  const acts = [...attestations, ...again].filter(
    ({ scope, release, from, until }) =>
      scope.kind === 'matter' &&
      (release?.takenOut ?? []).length > 0 &&
      Date.parse(from) <= now &&
      now < Date.parse(until),
  )
  // Of most requests there is none, and nothing else to look at.
  if (acts.length === 0) return acts
  const sound = attestations.filter((act) => !signingsOf(act).some(isDoubted))
  return acts.filter(
    (act) =>
      act.scope.kind === 'matter' &&
      newestReleases([...sound, act], act.scope.matter).includes(act),
  )
}

/** The compromised keys of every agency that signed something or took it back. */
function keysIn(
  { attestations, takenBack, ended }: FoundVouching,
  supposed: readonly KeptAttestation[],
  world: Pick<World, 'register' | 'isStoreAway'>,
): Promise<CompromisedKeys> {
  const signings = [
    ...[...attestations, ...takenBack, ...supposed].flatMap(signingsOf),
    ...[...takenBack, ...ended].flatMap(withdrawalsOf),
  ]
  return compromisedKeys(new Set(signings.map(({ agency }) => agency)), world)
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
      callKeysOf(agency).flatMap(({ kid, compromisedSince }) =>
        compromisedSince === undefined ? [] : [[kid, compromisedSince] as const],
      ),
    )
  )
}

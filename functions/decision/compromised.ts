/**
 * Statements that no signature of their office is behind, as far as is known: it is not there, or its key was one that
 * others may have had by then. Those against a disclosure still count; those that would let data leave do not.
 */

import { isAgainst } from '../policy/vouching.ts'
import { type KeyUse, statementsOf, type Attestation as Whole } from './attestation.ts'
import { type AttestedFacts, attested, type Doubt, type Matter, officeOf } from './attested.ts'

type Attestation = Omit<Whole, 'ground'>

/**
 * Each agency's compromised keys by id, with the time since which others may have had them; undefined for an
 * agency whose keys are unknown.
 */
export type CompromisedKeys = ReadonlyMap<string, ReadonlyMap<string, string> | undefined>

/** One signature of an agency: with which key, and when it was entered, as far as the row says. */
export type AgencySignature = {
  readonly did: 'enter' | KeyUse['did']
  readonly agency: string
  readonly kid?: string
  readonly at?: string
  readonly of?: string
  readonly isUnsigned?: true
}

/**
 * Whether a signature is not there, or somebody else may have made it. INVARIANT (not knowing is stricter): without
 * `kid`, any compromised key of the agency may have made it; without `at`, it may be later than the compromise.
 */
export function isDoubtful(
  { agency, kid, at, isUnsigned }: AgencySignature,
  keys: CompromisedKeys,
): boolean {
  const own = keys.get(agency)
  if (own === undefined || isUnsigned) return true
  const since = kid === undefined ? [...own.values()].sort(byTime)[0] : own.get(kid)
  if (since === undefined) return false
  return !(at !== undefined && Date.parse(at) < Date.parse(since))
}

const byTime = (a: string, b: string): number => Date.parse(a) - Date.parse(b)

/** Every signature on an attestation, except withdrawals. */
export const signingsOf = (attestation: Attestation): readonly AgencySignature[] => [
  enteringOf(attestation),
  ...(attestation.signatures ?? []).flatMap((each) => usesOf(attestation, signed(each))),
  ...(attestation.added ?? []).flatMap((each) => usesOf(attestation, added(attestation, each))),
]

/** The signatures that took it back. If the row keeps none, the agency that entered it counts as the one. */
export const withdrawalsOf = (of: Attestation | Doubt): readonly AgencySignature[] =>
  usesOf(of, { did: 'withdraw', agency: 'attester' in of ? of.attester : of.agency })

const enteringOf = ({ attester, kid, enteredAt, isUnsigned }: Attestation): AgencySignature => ({
  did: 'enter',
  agency: attester,
  at: enteredAt,
  ...(kid === undefined ? {} : { kid }),
  ...(isUnsigned && { isUnsigned }),
})
const signed = ({
  as,
  agency,
}: NonNullable<Attestation['signatures']>[number]): AgencySignature => ({
  did: 'sign',
  agency,
  of: as,
})
const added = (attestation: Attestation, request: string): AgencySignature => ({
  did: 'add-person',
  agency: officeOf(attestation),
  of: request,
})

/** The key uses of an act; where the row keeps none, the act itself, without a key. */
function usesOf({ uses = [] }: { readonly uses?: readonly KeyUse[] }, act: AgencySignature) {
  const own = uses.filter(
    ({ did, agency, of }) =>
      did === act.did && of === act.of && (did === 'withdraw' || agency === act.agency),
  )
  return own.length === 0 ? [act] : own
}

/**
 * The part of an attestation that was taken back, which still stands because every withdrawal is doubtful: its statements
 * against a disclosure.
 */
export function standing(takenBack: Attestation, keys: CompromisedKeys): Attestation | undefined {
  const isKept = withdrawalsOf(takenBack).every((each) => isDoubtful(each, keys))
  return isKept ? part(takenBack, true) : undefined
}

/** Whether an objection that was taken back still stands, for the same reason. */
export const isStanding = (ended: Doubt, keys: CompromisedKeys): boolean =>
  withdrawalsOf(ended).every((each) => isDoubtful(each, keys))

/**
 * Like `attested`, where some keys are compromised. A doubtful statement can refuse a disclosure or make a
 * fact unknown; it never lets data leave.
 */
export function attestedBy(
  keys: CompromisedKeys,
  all: readonly Attestation[],
  objections: readonly Doubt[],
  matter: Matter,
  at: string,
): AttestedFacts {
  const said = attested(all, objections, matter, at)
  const sound = all.map((each) => soundOf(each, keys))
  if (sound.every(([only], i) => only === all[i])) return said
  const left = attested(sound.flat(), objections, matter, at)
  return new Map(
    [...left].map(([key, each]) => {
      const before = said.get(key)
      const [fact = key] = key.split('@')
      const against = [each, before].find((of) => of && isAgainst(fact, of.value))
      if (against !== undefined) return [key, against]
      const isSame = JSON.stringify(before?.value) === JSON.stringify(each.value)
      return [key, isSame ? each : { ...each, value: undefined, restsOn: [] }]
    }),
  )
}

/** The parts of an attestation that may count: all of it, if no signature is doubtful. */
function soundOf(attestation: Attestation, keys: CompromisedKeys): readonly Attestation[] {
  const isSound = (act: AgencySignature) =>
    usesOf(attestation, act).some((each) => !isDoubtful(each, keys))
  if (signingsOf(attestation).every((each) => !isDoubtful(each, keys))) return [attestation]
  const against = part(attestation, true)
  const { signatures = [], added: requests = [] } = attestation
  // Only its entry says whom a request added, so one doubtful addition makes all of them doubtful.
  const isEntered = [enteringOf(attestation), ...requests.map((each) => added(attestation, each))]
  const letting = isEntered.every(isSound) ? part(attestation, false) : undefined
  const trusted = signatures.filter((each) => isSound(signed(each)))
  return [
    ...(against === undefined ? [] : [against]),
    ...(letting === undefined ? [] : [{ ...letting, signatures: trusted }]),
  ]
}

/**
 * The attestation with only its statements against a disclosure, or only the others; undefined if there are
 * none.
 */
function part(attestation: Attestation, against: boolean): Attestation | undefined {
  const { also: _, release, ...rest } = attestation
  const [first, ...also] = statementsOf(attestation).filter(
    ({ fact, value }) => isAgainst(fact, value) === against,
  ) as readonly Pick<Attestation, 'fact' | 'value'>[]
  if (first === undefined) return undefined
  return {
    ...rest,
    ...first,
    ...(also.length === 0 ? {} : { also: [...also] }),
    ...(against || release === undefined ? {} : { release }),
  }
}

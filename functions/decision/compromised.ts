/**
 * What was signed with a key that others may have had by then: what it says against a disclosure goes on
 * counting, and it lets nothing go.
 */

import { isAgainst } from '../policy/vouching.ts'
import { type KeyUse, statementsOf, type Attestation as Whole } from './attestation.ts'
import { type AttestedFacts, attested, type Doubt, type Matter, officeOf } from './attested.ts'

type Attestation = Omit<Whole, 'ground'>

/**
 * Of each agency its compromised keys by id, and since when others may have had them; undefined of an
 * agency whose keys are not known.
 */
export type CompromisedKeys = ReadonlyMap<string, ReadonlyMap<string, string> | undefined>

/** What an agency signed: with which key, and when that was entered, as far as a row says so. */
export type AgencySignature = {
  readonly did: 'enter' | KeyUse['did']
  readonly agency: string
  readonly kid?: string
  readonly at?: string
  readonly of?: string
}

/**
 * Whether somebody else may have signed it. INVARIANT (not knowing is stricter): without a key or a time,
 * any compromised key of the agency may have been the one, and it may have been since.
 */
export function isDoubtful({ agency, kid, at }: AgencySignature, keys: CompromisedKeys): boolean {
  const own = keys.get(agency)
  if (own === undefined) return true
  const since = kid === undefined ? [...own.values()].sort(byTime)[0] : own.get(kid)
  if (since === undefined) return false
  return !(at !== undefined && Date.parse(at) < Date.parse(since))
}

const byTime = (a: string, b: string): number => Date.parse(a) - Date.parse(b)

/** Everything that was signed of an attestation, but for its being taken back. */
export const signingsOf = (attestation: Attestation): readonly AgencySignature[] => [
  enteringOf(attestation),
  ...(attestation.signatures ?? []).flatMap((each) => usesOf(attestation, signed(each))),
  ...(attestation.added ?? []).flatMap((each) => usesOf(attestation, added(attestation, each))),
]

/** By whom something was taken back; of before that was kept, by whoever entered it. */
export const withdrawalsOf = (of: Attestation | Doubt): readonly AgencySignature[] =>
  usesOf(of, { did: 'withdraw', agency: 'attester' in of ? of.attester : of.agency })

const enteringOf = ({ attester, kid, enteredAt }: Attestation): AgencySignature => ({
  did: 'enter',
  agency: attester,
  at: enteredAt,
  ...(kid === undefined ? {} : { kid }),
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

/** With which keys something was done; with one that nobody knows, where none was kept. */
function usesOf({ uses = [] }: { readonly uses?: readonly KeyUse[] }, act: AgencySignature) {
  const own = uses.filter(
    ({ did, agency, of }) =>
      did === act.did && of === act.of && (did === 'withdraw' || agency === act.agency),
  )
  return own.length === 0 ? [act] : own
}

/**
 * What was taken back that stands nevertheless, since each who did may have been somebody else: what it
 * found against a disclosure.
 */
export function standing(withdrawn: Attestation, keys: CompromisedKeys): Attestation | undefined {
  const isKept = withdrawalsOf(withdrawn).every((each) => isDoubtful(each, keys))
  return isKept ? part(withdrawn, true) : undefined
}

/** The same of a doubt. */
export const isStanding = (ended: Doubt, keys: CompromisedKeys): boolean =>
  withdrawalsOf(ended).every((each) => isDoubtful(each, keys))

/**
 * As `attested`, where some keys are compromised: what others may have said can make a fact unknown, and
 * never known.
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

/** What is left of an attestation: all of it, unless it was signed by who knows whom. */
function soundOf(attestation: Attestation, keys: CompromisedKeys): readonly Attestation[] {
  const isSound = (act: AgencySignature) =>
    usesOf(attestation, act).some((each) => !isDoubtful(each, keys))
  if (signingsOf(attestation).every((each) => !isDoubtful(each, keys))) return [attestation]
  const against = part(attestation, true)
  const { signatures = [], added: requests = [] } = attestation
  // Whom a request named, its entry alone says: with one that is doubtful, all are.
  const isEntered = [enteringOf(attestation), ...requests.map((each) => added(attestation, each))]
  const letting = isEntered.every(isSound) ? part(attestation, false) : undefined
  const trusted = signatures.filter((each) => isSound(signed(each)))
  return [
    ...(against === undefined ? [] : [against]),
    ...(letting === undefined ? [] : [{ ...letting, signatures: trusted }]),
  ]
}

/** Those of its statements that are against a disclosure, or the others; undefined if there are none. */
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

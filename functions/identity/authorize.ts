/** Who may do what to whose: one table, which says no by default. */

import { type Attester, vocabulary } from '../policy/vocabulary.ts'
import type { OfficerRole } from './officers.ts'
import type { Agency } from './register.ts'

/** What an action is about: whose it is. What is absent is nobody's. */
export type Resource = {
  /** The holder's jurisdiction: whose log it is in. */
  readonly holder: string
  /** The jurisdiction of the agency that called; absent where there is no one call. */
  readonly requester?: string
  /** The agency whose request, attestation, objection or record it is. */
  readonly owner?: string
  /** The agency that holds the record. */
  readonly keeper?: string
  /** The facts that somebody would vouch for. */
  readonly vouched?: readonly Vouched[]
}

/** A fact to be vouched for: whose consent it is, and whether it only says that nothing is known yet. */
export type Vouched = {
  readonly fact: string
  readonly originator?: string
  readonly saysUnknown?: boolean
}

/** All of it, or what the side of the requester said and was told. */
export type Sight = 'whole' | 'own-side'

/** What an office is, beside an agency that asks and answers. Nobody has two. */
type Role = NonNullable<Agency['role']> | 'agency'

/** What an agency is to a resource. */
type Relation = keyof typeof relations

type Right = {
  readonly role: Role
  readonly of: readonly Relation[]
  /** What a person decides by it; of facts, what each fact takes. Absent where the agency’s word is enough. */
  readonly duty?: OfficerRole | 'of-facts'
}

/** The principal, as registered, and the officer who acts: none where nobody is known to. */
export type Principal = Pick<
  Agency,
  | 'id'
  | 'status'
  | 'role'
  | 'jurisdiction'
  | 'authorityType'
  | 'holdsRecords'
  | 'attests'
  | 'entersFor'
  | 'succeeds'
  | 'officers'
> & { readonly officer?: string }

const auditorOf = (...of: readonly Relation[]): Right => ({ role: 'auditor', of, duty: 'audit' })
const agencyThat = (...of: readonly Relation[]): Right => ({ role: 'agency', of })
/** Of an agency that has named officers, one of them alone. */
const officerThat = (...of: readonly Relation[]): Right => ({
  role: 'agency',
  of,
  duty: 'of-facts',
})

/** Every act, the role that does it, and to whose; one relation is enough. */
const rights = {
  'read-entry': auditorOf('holderSide', 'requesterSide'),
  'list-entries': auditorOf('holderSide', 'requesterSide'),
  'make-pseudonym': auditorOf('holderSide'),
  'report-subject': auditorOf('holderSide', 'requesterSide'),
  'profile-officer': auditorOf('holderSide', 'requesterSide'),
  'report-year': auditorOf('holderSide'),
  sample: auditorOf('holderSide'),
  replay: auditorOf('holderSide'),
  'create-evidence': auditorOf('holderSide', 'requesterSide'),
  'read-facts': { role: 'legal-editor', of: ['holderSide'], duty: 'edit' },
  'act-on-subject': { ...agencyThat('keepsThere'), duty: 'act-on-subjects' },
  approve: { role: 'approver', of: ['holderSide'], duty: 'approve' },

  ask: agencyThat('owns'),
  /** Is asked, and answers from its records. */
  'answer-requests': agencyThat('keeps'),
  /** A decision of its own, and the proof of it. */
  'read-answer': agencyThat('owns'),
  'ask-again': agencyThat('owns'),
  'ask-for-review': agencyThat('owns'),
  'keep-record': agencyThat('keeps'),
  attest: officerThat('vouches'),
  'enter-decision': officerThat('entersFor'),
  'see-ending': agencyThat('keeps', 'owns'),
  'sign-as-office': officerThat('owns'),
  'sign-for-data-protection': { role: 'approver', of: ['holderSide'], duty: 'approve' },
  /** Whoever took over takes back; it vouches anew for whom it would add. */
  'add-person': officerThat('owns'),
  withdraw: officerThat('ownsOrSucceeds'),
  object: officerThat('keeps', 'vouches'),
  'end-objection': officerThat('ownsOrSucceeds'),
  /** Sees what would leave, and decides on it. */
  'decide-release': officerThat('vouches'),
  'read-inbox': agencyThat('vouches'),
} as const satisfies Readonly<Record<string, Right>>

/** Everything that needs a right. */
export type Action = keyof typeof rights
/** Every action, for whoever walks the table. */
export const actions = Object.keys(rights) as readonly Action[]

const relations = {
  holderSide: ({ jurisdiction }: Principal, { holder }: Resource) => jurisdiction === holder,
  requesterSide: ({ jurisdiction }: Principal, { requester }: Resource) =>
    jurisdiction === requester,
  keepsThere: ({ jurisdiction, holdsRecords }: Principal, { holder }: Resource) =>
    holdsRecords && jurisdiction === holder,
  keeps: ({ id, holdsRecords }: Principal, { keeper }: Resource) => holdsRecords && id === keeper,
  owns: ({ id }: Principal, { owner }: Resource) => id === owner,
  ownsOrSucceeds: ({ id, succeeds = [] }: Principal, { owner }: Resource) =>
    owner !== undefined && (id === owner || succeeds.includes(owner)),
  entersFor: ({ entersFor = [] }: Principal, { owner }: Resource) =>
    owner !== undefined && entersFor.includes(owner),
  vouches: (principal: Principal, resource: Resource) =>
    (resource.vouched ?? []).length > 0 &&
    resource.vouched?.every((each) => vouchesAs(principal, resource, each) !== undefined) === true,
} as const

/** Whoever made a call: the agency by its officer. */
export const actorOf = <Of extends Agency>({
  agency,
  officer,
}: {
  readonly agency: Of
  readonly officer: string
}): Of & { readonly officer: string } => ({ ...agency, officer })

/** An agency as an office, whichever of its officers acts: what it may, not what somebody does. */
export const asOffice = <Of extends Principal>({ officers: _, ...agency }: Of) => agency

/**
 * What `principal` may see of `resource` by doing `action`; undefined if nothing.
 *
 * INVARIANT (a person decides): of an agency that has named officers, nobody else decides anything, and
 * each no more than what it named them for.
 */
export function authorize(
  principal: Principal,
  action: Action,
  resource: Resource,
): Sight | undefined {
  const { role, of, duty }: Right = rights[action]
  if (principal.status !== 'active' || (principal.role ?? 'agency') !== role) return undefined
  if (!dutiesOf(duty, resource).every((each) => isNamedFor(principal, each))) return undefined
  const found = of.filter((relation) => relations[relation](principal, resource))
  if (found.length === 0) return undefined
  return found.every((relation) => relation === 'requesterSide') ? 'own-side' : 'whole'
}

const dutiesOf = (duty: Right['duty'], { vouched = [] }: Resource): readonly OfficerRole[] => {
  if (duty !== 'of-facts') return duty === undefined ? [] : [duty]
  if (vouched.length === 0) return ['attest']
  return vouched.map(({ fact }) => (fact === 'release.decision' ? 'release' : 'attest'))
}

const isNamedFor = ({ officers, officer }: Principal, duty: OfficerRole): boolean =>
  officers === undefined || officers.some(({ id, may }) => id === officer && may.includes(duty))

/**
 * As what kind of office the register lets an agency vouch for a fact of a holder's requests; undefined
 * if it does not. An office's kind decides, whatever the register gives it: a ministry's word comes from
 * a central authority, which is nobody's officer but where it keeps the records itself; an originator's
 * from its own state; that its consent cannot be had in time, the holder says.
 */
export function vouchesAs(
  { id, jurisdiction, authorityType, attests }: Principal,
  { holder, keeper }: Resource,
  { fact, originator, saysUnknown }: Vouched,
): Attester | undefined {
  const isGiven = attests.some(
    (each) => each.holder === keeper && (each.facts.includes(fact) || each.facts.includes('*')),
  )
  const of = vocabulary[fact]?.attester
  if (!isGiven || of === undefined) return undefined
  switch (of) {
    case 'holder-officer':
      return jurisdiction === holder && (authorityType !== 'central-authority' || id === keeper)
        ? of
        : undefined
    case 'holder-ministry':
      return jurisdiction === holder && authorityType === 'central-authority' ? of : undefined
    case 'originator':
      if (originator === jurisdiction) return of
      return saysUnknown && id === keeper ? 'holder-officer' : undefined
  }
}

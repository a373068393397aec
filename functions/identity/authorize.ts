/** Who may do what to whose resources: one table, which denies by default. */

import { type Attester, factTypes } from '../policy/fact-types.ts'
import type { OfficerRole } from './officers.ts'
import type { Agency } from './register.ts'

/** Whose resource an action is about. An absent member belongs to nobody. */
export type Resource = {
  /** The holder's jurisdiction, whose log it is in. */
  readonly holder: string
  /** The jurisdiction of the agency that called; absent if it is not about one call. */
  readonly requester?: string
  /** The agency whose request, attestation, objection or record it is. */
  readonly owner?: string
  /** The agency that holds the record. */
  readonly keeper?: string
  /** The facts to be vouched for. */
  readonly vouched?: readonly Vouched[]
}

/**
 * A fact to be vouched for, the originator of a consent, and whether the value only says that nothing is
 * known yet.
 */
export type Vouched = {
  readonly fact: string
  readonly originator?: string
  readonly saysUnknown?: boolean
}

/** The whole resource, or only what the requester's side said and was told. */
export type Sight = 'whole' | 'own-side'

/** What an office does besides asking and answering. Nobody has two roles. */
type Role = NonNullable<Agency['role']> | 'agency'

/** What an agency is to a resource. */
type Relation = keyof typeof relations

type Right = {
  readonly role: Role | readonly Role[]
  readonly of: readonly Relation[]
  /**
   * The role that the officer needs; for facts, the role for each fact. Absent if the agency’s word is
   * enough.
   */
  readonly duty?: OfficerRole | 'of-facts'
}

/** The principal, as registered, and the acting officer; absent if unknown. */
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
/** If the agency has named officers, only one of them. */
const officerThat = (...of: readonly Relation[]): Right => ({
  role: 'agency',
  of,
  duty: 'of-facts',
})

/** Every action, the role that may do it, and the relations of which one is enough. */
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
  /** Is asked, and answers from its own records. */
  'answer-requests': agencyThat('keeps'),
  /** A decision on its own request, and the proof of it. */
  'read-answer': agencyThat('owns'),
  /** On pages: what its other officers asked, by whoever runs the shift. */
  'read-office': { ...agencyThat('owns'), duty: 'desk' },
  'ask-again': agencyThat('owns'),
  'ask-for-review': agencyThat('owns'),
  /** Enters a request that came to it by another way, and sends the answer by it. */
  'enter-received': { ...agencyThat('keeps'), duty: 'attest' },
  /** Gives of its own records unasked; and the agency that is to have it collects it. */
  provide: { ...agencyThat('keeps'), duty: 'attest' },
  collect: agencyThat('owns'),
  deliver: { ...agencyThat('keeps'), duty: 'attest' },
  'keep-record': agencyThat('keeps'),
  attest: officerThat('vouches'),
  'enter-decision': officerThat('entersFor'),
  'see-ending': agencyThat('keeps', 'ownsOrSucceeds'),
  'sign-as-office': officerThat('owns'),
  'sign-for-data-protection': { role: 'approver', of: ['holderSide'], duty: 'approve' },
  /** A successor may take attestations back, but to add a person it must attest anew. */
  'add-person': officerThat('owns'),
  withdraw: officerThat('ownsOrSucceeds'),
  object: officerThat('keeps', 'vouches'),
  'end-objection': officerThat('ownsOrSucceeds'),
  /** Sees what would leave, and decides on it. */
  'decide-release': officerThat('vouches'),
  'read-inbox': agencyThat('vouches'),
  /** Auditors are told of their alarms alone. */
  'read-events': { role: ['agency', 'auditor'], of: ['owns'] },
  'read-disclosures': agencyThat('keeps'),
  /** Says that it did what it owes for a disclosure. */
  'keep-duty': { ...agencyThat('keeps'), duty: 'attest' },
  /** Recalls what it gave; data protection signs. */
  recall: { ...agencyThat('keeps'), duty: 'attest' },
  /** Says what it did with what it was told of. */
  'answer-notice': agencyThat('owns'),
  /** Refuses an open denial, or asks back. */
  respond: officerThat('vouches'),
} as const satisfies Readonly<Record<string, Right>>

/** Everything that needs a right. */
export type Action = keyof typeof rights
/** Every action, to iterate over the table. */
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

/** The agency that made a call, acting by its officer. */
export const actorOf = <Of extends Agency>({
  agency,
  officer,
}: {
  readonly agency: Of
  readonly officer: string
}): Of & { readonly officer: string } => ({ ...agency, officer })

/** An agency without its officers: what it may do, whoever acts for it. */
export const asOffice = <Of extends Principal>({ officers: _, ...agency }: Of) => agency

/**
 * What `principal` may see of `resource` by `action`; undefined if nothing.
 *
 * INVARIANT (a person decides): once an agency has named officers, only they decide for it, and each only
 * what it named them for.
 */
export function authorize(
  principal: Principal,
  action: Action,
  resource: Resource,
): Sight | undefined {
  const { role, of, duty }: Right = rights[action]
  if (principal.status !== 'active' || ![role].flat().includes(principal.role ?? 'agency'))
    return undefined
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
 * The kind of office as which the register lets an agency vouch for a fact; undefined if it does not. An
 * office's own kind limits it, whatever facts the register gives it. A ministry's facts come from a central
 * authority, which counts as the holder's officer only if it keeps the records itself, and where the vocabulary
 * says so from a court of that country. An originator's facts come from its own state; but the holder may say
 * that consent cannot be had in time.
 */
export function vouchesAs(
  { id, jurisdiction, authorityType, attests }: Principal,
  { holder, keeper }: Resource,
  { fact, originator, saysUnknown }: Vouched,
): Attester | undefined {
  const isGiven = attests.some(
    (each) => each.holder === keeper && (each.facts.includes(fact) || each.facts.includes('*')),
  )
  const { attester: of, alsoBy } = factTypes[fact] ?? {}
  if (!isGiven || of === undefined) return undefined
  switch (of) {
    case 'holder-officer':
      return jurisdiction === holder && (authorityType !== 'central-authority' || id === keeper)
        ? of
        : undefined
    case 'holder-ministry':
      return jurisdiction === holder && ['central-authority', alsoBy].includes(authorityType)
        ? of
        : undefined
    case 'originator':
      if (originator === jurisdiction) return of
      return saysUnknown && id === keeper ? 'holder-officer' : undefined
  }
}

/** Who may do what to whose: one table, which says no by default. */

import { type Attester, vocabulary } from '../policy/vocabulary.ts'
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

type Right = { readonly role: Role; readonly of: readonly Relation[] }

/** The principal, as registered. */
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
>

const auditorOf = (...of: readonly Relation[]): Right => ({ role: 'auditor', of })
const agencyThat = (...of: readonly Relation[]): Right => ({ role: 'agency', of })

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
  'read-facts': { role: 'legal-editor', of: ['holderSide'] },
  'act-on-subject': agencyThat('keepsThere'),
  approve: { role: 'approver', of: ['holderSide'] },

  ask: agencyThat('owns'),
  /** Is asked, and answers from its records. */
  'answer-requests': agencyThat('keeps'),
  /** A decision of its own, and the proof of it. */
  'read-answer': agencyThat('owns'),
  'ask-again': agencyThat('owns'),
  'ask-for-review': agencyThat('owns'),
  'keep-record': agencyThat('keeps'),
  attest: agencyThat('vouches'),
  'enter-decision': agencyThat('entersFor'),
  'see-ending': agencyThat('keeps', 'owns'),
  'sign-as-office': agencyThat('owns'),
  'sign-for-data-protection': { role: 'approver', of: ['holderSide'] },
  /** Whoever took over takes back; it vouches anew for whom it would add. */
  'add-person': agencyThat('owns'),
  withdraw: agencyThat('ownsOrSucceeds'),
  object: agencyThat('keeps', 'vouches'),
  'end-objection': agencyThat('ownsOrSucceeds'),
  /** Sees what would leave, and decides on it. */
  'decide-release': agencyThat('vouches'),
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

/** What `principal` may see of `resource` by doing `action`; undefined if nothing. */
export function authorize(
  principal: Principal,
  action: Action,
  resource: Resource,
): Sight | undefined {
  const { role, of }: Right = rights[action]
  if (principal.status !== 'active' || (principal.role ?? 'agency') !== role) return undefined
  const found = of.filter((relation) => relations[relation](principal, resource))
  if (found.length === 0) return undefined
  return found.every((relation) => relation === 'requesterSide') ? 'own-side' : 'whole'
}

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

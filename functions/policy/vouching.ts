/** For each attestable fact, what it is about and how far an attestation of it reaches. */

import type { FactValue } from './fact-types.ts'

/**
 * How far an attestation reaches: one matter (a request and its being asked again), one case of a requester,
 * or a country in general.
 */
export type ScopeKind = 'matter' | 'case' | 'general'

/** The rules for vouching for one fact. */
export type Vouching = {
  /** What the fact is about. In a case, one about a person counts only for the persons it names. */
  readonly about: 'person' | 'offence' | 'data' | 'country'
  /** See `scopesOf`. */
  readonly scopes: readonly ScopeKind[]
  /** Values that refuse or find a risk. They prevail, whatever others say. */
  readonly against?: readonly FactValue[]
  /**
   * Of a fact with such values, one that only describes the offence or the notice, or whose no is also said by
   * silence: the rules weigh it, and it keeps nothing back by itself. See `answersNo`.
   */
  readonly weighed?: true
  /** Purposes for which a no says nothing, since they presuppose nothing of the kind. */
  readonly idleFor?: readonly string[]
  /**
   * Life and limb: a general attestation only covers a country, needs the office's own signature, and is
   * never limited by a claim.
   */
  readonly lifeAndLimb?: true
  /** May be general only if the law of both sides presumes it: members of the list `presumedList`. */
  readonly generalIfPresumed?: true
}

/** The list, below `lists/`, of those whose law presumes that the data asked for is necessary. */
export const presumedList = 'necessity-presumed'

const judgedInTheCase = ['matter', 'case'] as const
const anyScope = ['matter', 'case', 'general'] as const
const ofCountry = { about: 'country', scopes: anyScope } as const
/** Never of a case: it may be about several offences, and its reference is only the requester's claim. */
const neverOfCase = ['matter', 'general'] as const
const ofRisk = {
  about: 'country',
  scopes: neverOfCase,
  against: ['substantial', 'real'],
  lifeAndLimb: true,
} as const

/**
 * The rules for each attestable fact. What is judged in the single case has no general scope. A statement on
 * a case is about the persons it names. On an offence, or a threat to people in a country, nothing that lets
 * data leave is said of a case.
 */
export const vouching: Readonly<Record<string, Vouching>> = {
  'request.notice': { about: 'person', scopes: judgedInTheCase },
  'request.noticeStatus': {
    about: 'person',
    scopes: judgedInTheCase,
    weighed: true,
    against: [
      ...['expired', 'suspended', 'under-review', 'blocked'],
      ...['withdrawn', 'cancelled', 'non-compliant'],
    ],
  },
  'arrangement.unlisted': { about: 'data', scopes: ['matter'], against: ['refused'] },
  'request.offence.character': {
    about: 'offence',
    scopes: neverOfCase,
    weighed: true,
    against: ['political', 'military', 'religious', 'racial'],
  },
  'request.offence.isOffenceForHolder': {
    about: 'offence',
    scopes: neverOfCase,
    weighed: true,
    against: [false],
  },
  'request.offence.maxCustodyMonthsHolder': { about: 'offence', scopes: neverOfCase },
  'request.offence.deathPenaltyAvailable': {
    about: 'offence',
    scopes: neverOfCase,
    weighed: true,
    against: [true],
    lifeAndLimb: true,
  },
  'threat.publicSecurity': { about: 'data', scopes: judgedInTheCase },
  'threat.life': { about: 'data', scopes: judgedInTheCase },
  'necessity.case': {
    about: 'person',
    scopes: anyScope,
    against: ['not-necessary'],
    generalIfPresumed: true,
  },
  'use.compatible': { about: 'person', scopes: judgedInTheCase, against: ['no'] },
  'necessity.strictClasses': { about: 'data', scopes: ['matter'] },
  'necessity.victimIdentity': {
    ...{ about: 'data', scopes: ['matter'] },
    weighed: true,
    against: [false],
  },
  'assurance.deathPenalty': { about: 'person', scopes: judgedInTheCase, lifeAndLimb: true },
  'assurance.reciprocity': ofCountry,
  'assurance.specialty': { ...ofCountry, against: ['refused'] },
  'consent.person': { about: 'person', scopes: judgedInTheCase, against: ['refused'] },
  'match.confirmation': { about: 'person', scopes: judgedInTheCase, against: ['refuted'] },
  'approval.minister': { about: 'person', scopes: judgedInTheCase, against: ['refused'] },
  'approval.court': { about: 'person', scopes: judgedInTheCase, against: ['refused'] },
  'transfer.assessment': { ...ofCountry, against: ['safeguards-lacking'] },
  'transfer.derogation': { about: 'person', scopes: judgedInTheCase },
  'transfer.rightsOverride': { about: 'person', scopes: judgedInTheCase, against: ['yes'] },
  'transfer.caseCheck': { about: 'person', scopes: judgedInTheCase, against: ['concerns'] },
  'discretion.waived': { about: 'person', scopes: judgedInTheCase },
  'risk.torture': ofRisk,
  'risk.mitigation': {
    about: 'person',
    scopes: ['matter'],
    against: ['impossible'],
    lifeAndLimb: true,
  },
  'risk.persecution': ofRisk,
  'risk.unfairTrial': ofRisk,
  'item.originConsent': { about: 'person', scopes: judgedInTheCase, against: ['refused'] },
  'item.indicatesOffence': {
    ...{ about: 'data', scopes: ['matter'] },
    against: ['no'],
    idleFor: ['public-security-threat', 'identification', 'missing-person', 'immigration'],
  },
  // A refusal has its own place: it stands whatever else is known.
  'release.decision': { about: 'data', scopes: ['matter'], weighed: true, against: ['refuse'] },
}

/** Whether a value of a fact refuses or finds a risk. */
export const isAgainst = (fact: string, value: FactValue | undefined): boolean =>
  value !== undefined && (vouching[fact]?.against ?? []).includes(value)

const answerable = Object.entries(vouching).filter(
  ([, { against, weighed }]) => against !== undefined && !weighed,
)

/**
 * The facts on which some office answered no, or on which it is not known what was answered: a request for this
 * purpose finds nobody's yes there. `answerTo` gives what is known of a fact; silence is an answer of its own.
 */
export const answersNo = (
  answerTo: (fact: string) => FactValue | undefined,
  purpose: FactValue | undefined,
): readonly string[] =>
  answerable.flatMap(([fact, { idleFor = [] }]) => {
    const answer = answerTo(fact)
    const isNo = answer === undefined || isAgainst(fact, answer)
    return isNo && !idleFor.includes(String(purpose)) ? [fact] : []
  })

/** The facts on which somebody may answer no. */
export const answersAsked: readonly string[] = answerable.map(([fact]) => fact)

/** The scopes that a value of a fact may have. One against a disclosure may also be said of a case. */
export const scopesOf = (fact: string, value: FactValue | undefined): readonly ScopeKind[] => {
  const { scopes = [] } = vouching[fact] ?? {}
  return isAgainst(fact, value) ? [...new Set([...scopes, 'case' as const])] : scopes
}

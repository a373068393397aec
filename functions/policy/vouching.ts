/** What the vocabulary says of vouching: of each attestable fact what it is about, and how far a word of it reaches. */

import type { FactValue } from './vocabulary.ts'

/**
 * How far an attestation reaches: one matter (a request and its being asked again), one case of a
 * requester, or a country as a rule.
 */
export type ScopeKind = 'matter' | 'case' | 'general'

/** What the vocabulary says of vouching for a fact. */
export type Vouching = {
  /** What the fact is about: one about a person counts in a case only for the persons it names. */
  readonly about: 'person' | 'offence' | 'data' | 'country'
  /** See `scopesOf`. */
  readonly scopes: readonly ScopeKind[]
  /** Values that refuse or find a risk: they count at once, whoever else says otherwise. */
  readonly against?: readonly FactValue[]
  /** Life and limb: in general only of a country, by the office's own signature, never by a claim. */
  readonly lifeAndLimb?: true
  /** In general only where the law of both presumes it: members of the list `presumedList`. */
  readonly generalIfPresumed?: true
}

/** The list, below `lists/`, of those whose law presumes that what is asked for is necessary. */
export const presumedList = 'necessity-presumed'

const judgedInTheCase = ['matter', 'case'] as const
const anyScope = ['matter', 'case', 'general'] as const
const ofCountry = { about: 'country', scopes: anyScope } as const
/** A case may be about several offences, and its reference is what the requester says. */
const neverOfCase = ['matter', 'general'] as const
const ofRisk = {
  about: 'country',
  scopes: neverOfCase,
  against: ['substantial', 'real'],
  lifeAndLimb: true,
} as const

/**
 * Of each attestable fact: what it is about, and how far an attestation of it may reach. What is judged
 * in the single case has no general scope. What is said of a case is said of the persons it names; of an
 * offence, and of what threatens people in a country, nothing that lets data go is said of a case.
 */
export const vouching: Readonly<Record<string, Vouching>> = {
  'request.notice': { about: 'person', scopes: judgedInTheCase },
  'request.noticeStatus': {
    about: 'person',
    scopes: judgedInTheCase,
    against: [
      ...['expired', 'suspended', 'under-review', 'blocked'],
      ...['withdrawn', 'cancelled', 'non-compliant'],
    ],
  },
  'arrangement.unlisted': { about: 'data', scopes: ['matter'], against: ['refused'] },
  'request.offence.character': {
    about: 'offence',
    scopes: neverOfCase,
    against: ['political', 'military', 'religious', 'racial'],
  },
  'request.offence.isOffenceForHolder': {
    about: 'offence',
    scopes: neverOfCase,
    against: [false],
  },
  'request.offence.maxCustodyMonthsHolder': { about: 'offence', scopes: neverOfCase },
  'request.offence.deathPenaltyAvailable': {
    about: 'offence',
    scopes: neverOfCase,
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
  'necessity.victimIdentity': { about: 'data', scopes: ['matter'], against: [false] },
  'assurance.deathPenalty': { about: 'person', scopes: judgedInTheCase, lifeAndLimb: true },
  'assurance.reciprocity': ofCountry,
  'assurance.specialty': { ...ofCountry, against: ['refused'] },
  'consent.person': { about: 'person', scopes: judgedInTheCase, against: ['refused'] },
  'match.confirmation': { about: 'person', scopes: judgedInTheCase, against: ['refuted'] },
  'approval.minister': { about: 'person', scopes: judgedInTheCase, against: ['refused'] },
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
  'item.indicatesOffence': { about: 'data', scopes: ['matter'], against: ['no'] },
  'release.decision': { about: 'data', scopes: ['matter'], against: ['refuse'] },
}

/** Whether a value of a fact refuses, or finds a risk. */
export const isAgainst = (fact: string, value: FactValue | undefined): boolean =>
  value !== undefined && (vouching[fact]?.against ?? []).includes(value)

/** How far a value of a fact may reach: one that is against a disclosure may be said of a case, too. */
export const scopesOf = (fact: string, value: FactValue | undefined): readonly ScopeKind[] => {
  const { scopes = [] } = vouching[fact] ?? {}
  return isAgainst(fact, value) ? [...new Set([...scopes, 'case' as const])] : scopes
}

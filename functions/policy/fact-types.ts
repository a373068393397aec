/**
 * Every fact that a rule may read: its type, its source, and who may vouch for it. `vocabulary.ts` says what each is
 * called and means; whoever decides needs no words, and does not read them.
 *
 * A name is dotted and never a prefix of another name. A value outside the type counts as unknown, like an
 * absent one; "known to be none" is a value of its own (`none`, `false`, `[]`).
 */

import * as z from 'zod'

/** Where a fact may come from. */
export type Source =
  | 'token'
  | 'register'
  | 'claim'
  | 'record'
  | 'attestation'
  | 'list'
  | 'derived'
  | 'clock'

/** What a fact may hold. Days are ISO 8601 (`2026-11-24`) and compare as strings. */
export type FactValue = string | number | boolean | readonly string[]

/** The kind of office that may vouch for an attested fact. */
export type Attester = 'holder-officer' | 'holder-ministry' | 'originator'

type Common = {
  readonly source: Source
  /** For facts derived from others and the dated lists: what they are derived from. */
  readonly follows?: readonly string[]
  /** For attested facts: who may vouch for it. */
  readonly attester?: Attester
  /** For attested facts: a kind of authority of the holder's country that may vouch for it, too. */
  readonly alsoBy?: 'court'
  /**
   * For attested facts: the value while nobody has attested anything. Only for facts whose silence is an
   * answer (no assurance is on file); a judgement has none, and stays unknown.
   */
  readonly unattested?: FactValue
  /** For attested facts: the values that may be vouched for, if not all. */
  readonly attestable?: readonly string[]
  /** For attested facts: the only values that a remedy may ask for; nobody is asked to find a risk. */
  readonly sought?: readonly string[]
  /** For attested facts: the values that somebody may still change. An answered no is not open. */
  readonly open?: readonly string[]
}

/** The type of one fact, where it comes from, and who may vouch for it. */
export type FactType = Common &
  (
    | {
        readonly type: 'code'
        /** What every value looks like, if not everything may come. */
        readonly pattern?: RegExp
      }
    | { readonly type: 'day' }
    | { readonly type: 'boolean' }
    | { readonly type: 'integer'; readonly unit: string }
    | { readonly type: 'enum'; readonly values: readonly string[] }
    | { readonly type: 'list'; readonly values?: readonly string[] }
  )

/** Bodies that take part, or gave data, as a country does: by these codes. */
export const bodies = ['INTERPOL', 'EUROPOL', 'EUROJUST', 'EPPO'] as const
/** ISO 3166-1 alpha-2, or one of the bodies. */
export const partyPattern = new RegExp(`^([A-Z]{2}|${bodies.join('|')})$`)

/** The sensitivity classes of items, from least to most surprising for the reader. */
export const itemClasses = [
  'identification',
  'biometric',
  'genetic',
  'health',
  'special',
  'criminal-history',
  'location',
  'financial',
  'communications-content',
  'traffic',
  'subscriber',
  'victim-witness',
  'minor',
  'case',
  'object',
] as const

/** How strong an arrangement's safeguards for persons are, weakest first. */
export const safeguards = ['none', 'use-limits', 'binding'] as const

/** One of these values, from this source. */
const oneOf = <const S extends Source, const V extends readonly string[]>(
  source: S,
  values: V,
) => ({ type: 'enum' as const, source, values })

/** What an officer of the holder vouches for. */
const byOfficer = { source: 'attestation', attester: 'holder-officer' } as const

/** A judgement of the holder's officer on a risk, which nobody is asked to find. */
const risk = {
  type: 'enum',
  ...byOfficer,
  values: ['none', 'substantial', 'real'],
  sought: ['none'],
} as const

/** What an office vouches for, whose silence is the first value; only the `open` ones may still change. */
const attestedBy =
  <const A extends Attester>(attester: A) =>
  <const V extends readonly [string, ...string[]]>(
    values: V,
    open: readonly [V[number], ...V[number][]] = [values[0]],
  ) => ({
    ...{ type: 'enum' as const, source: 'attestation' as const, attester, values },
    ...{ unattested: open[0], open },
  })
const officer = attestedBy('holder-officer')
const ministry = attestedBy('holder-ministry')

/** What an offence may be, as the requester says and as the holder finds. */
const offences = [
  'ordinary',
  'political',
  'military',
  'religious',
  'racial',
  'fiscal',
  'terrorism',
  'administrative',
  'private-dispute',
] as const

/** What decides whether a listed arrangement covers an item, with two claims of the closed list. */
const whoHowWhat = [
  'holder.jurisdiction',
  'holder.agency',
  'requester.jurisdiction',
  'requester.agency',
  'requester.authorityType',
  'request.channel',
  'request.purpose',
  'request.offence.maxCustodyMonthsRequester',
  'item.class',
] as const

const types = {
  asOf: { type: 'day', source: 'clock' },

  'holder.jurisdiction': { type: 'code', source: 'register', pattern: partyPattern },
  'requester.jurisdiction': { type: 'code', source: 'register', pattern: partyPattern },
  'holder.agency': { type: 'code', source: 'register' },
  'requester.agency': { type: 'code', source: 'register' },
  'requester.authorityType': oneOf('register', [
    'police',
    'prosecutor',
    'court',
    'central-authority',
    'ncb',
    'spoc',
    'intelligence',
    'military',
    'administrative',
    'private',
  ]),
  'requester.cannotHonour': { type: 'list', source: 'register' },

  'request.purpose': oneOf('claim', [
    'prevention',
    'detection',
    'investigation',
    'prosecution',
    'execution-of-penalty',
    'public-security-threat',
    'identification',
    'missing-person',
    'immigration',
    'intelligence',
    'other',
  ]),
  'request.instrument': { type: 'code', source: 'claim' },
  'request.caseReference': { type: 'code', source: 'claim' },
  'request.urgency': oneOf('claim', ['none', 'urgent', 'imminent-threat-to-life']),
  'request.stage': oneOf('claim', ['unknown', 'suspect', 'arrested', 'charged', 'convicted']),
  'request.offence.category': oneOf('claim', offences),
  'request.offence.maxCustodyMonthsRequester': { type: 'integer', unit: 'months', source: 'claim' },
  'request.channel': oneOf('derived', [
    'bilateral',
    'interpol',
    'siena',
    'sirene',
    'mla-central',
    '24-7-network',
    'liaison',
  ]),
  'request.redescribed': { type: 'boolean', source: 'derived' },
  'request.manyPersons': { type: 'boolean', source: 'derived' },
  'request.unasked': { type: 'boolean', source: 'derived' },
  'request.restsOn': {
    type: 'list',
    source: 'derived',
    values: ['request.purpose', 'request.offence.category', 'request.caseReference'],
  },
  'instrument.inForce': {
    type: 'code',
    source: 'derived',
    follows: ['request.instrument', 'holder.jurisdiction', 'requester.jurisdiction'],
  },
  'arrangement.covers': { type: 'code', source: 'derived', follows: whoHowWhat },
  'arrangement.safeguards': {
    type: 'enum',
    source: 'derived',
    values: ['none', 'use-limits', 'binding'],
    follows: whoHowWhat,
  },
  'arrangement.unlisted': ministry(['not-asked', 'attested', 'refused']),

  'request.notice': officer([
    'none',
    'red',
    'wanted-diffusion',
    'blue',
    'green',
    'yellow',
    'black',
    'purple',
    'orange',
    'silver',
  ]),
  'request.noticeStatus': {
    type: 'enum',
    ...byOfficer,
    values: [
      'active',
      'not-yet-reviewed',
      'suspended',
      'blocked',
      'under-review',
      'expired',
      'withdrawn',
      'cancelled',
      'non-compliant',
    ],
    sought: ['active'],
    open: ['not-yet-reviewed', 'suspended', 'blocked', 'under-review', 'expired'],
  },
  'request.offence.character': { type: 'enum', ...byOfficer, values: offences },
  'request.offence.isOffenceForHolder': { type: 'boolean', ...byOfficer },
  'request.offence.maxCustodyMonthsHolder': { type: 'integer', unit: 'months', ...byOfficer },
  'request.offence.deathPenaltyAvailable': { type: 'boolean', ...byOfficer },

  'threat.publicSecurity': officer(['none', 'serious-immediate']),
  'threat.life': officer(['none', 'imminent']),
  'necessity.case': officer(['not-asked', 'necessary', 'not-necessary']),
  'use.compatible': officer(['not-asked', 'yes', 'no']),
  'necessity.strictClasses': {
    type: 'list',
    ...byOfficer,
    values: itemClasses,
    unattested: [],
    open: [],
  },
  'necessity.victimIdentity': { type: 'boolean', ...byOfficer, unattested: false },
  'assurance.deathPenalty': ministry(['none', 'given', 'given-and-verified'], ['none', 'given']),
  'assurance.reciprocity': ministry(['none', 'given']),
  'assurance.specialty': ministry(['none', 'given', 'refused']),
  'consent.person': officer(['not-asked', 'given', 'refused']),
  'match.confirmation': officer(['none', 'confirmed', 'refuted']),
  'approval.minister': ministry(['not-asked', 'given', 'refused']),
  'approval.court': {
    ...ministry(['not-asked', 'given', 'refused']),
    alsoBy: 'court',
  },
  'transfer.assessment': officer(['none', 'safeguards-found', 'safeguards-lacking']),
  'transfer.derogation': officer([
    'none',
    'vital-interests',
    'public-security-threat',
    'individual-case',
  ]),
  'transfer.rightsOverride': officer(['not-weighed', 'no', 'yes']),
  'transfer.caseCheck': officer(['not-checked', 'clean', 'concerns']),
  'discretion.waived': { type: 'list', ...byOfficer, unattested: [], open: [] },
  'release.decision': {
    ...officer(['none', 'release', 'refuse']),
    sought: ['release'],
  },
  'risk.torture': risk,
  'risk.mitigation': ministry(['not-determined', 'possible', 'impossible']),
  'risk.persecution': risk,
  'risk.unfairTrial': risk,

  'item.class': oneOf('record', itemClasses),
  'item.role': oneOf('record', [
    'suspect',
    'convicted',
    'victim',
    'witness',
    'contact',
    'missing',
    'informant',
    'other',
  ]),
  'item.minor': { type: 'boolean', source: 'record' },
  'item.ageAtEvent': { type: 'integer', unit: 'years', source: 'record' },
  'item.origin': {
    type: 'code',
    source: 'record',
    pattern: new RegExp(`${partyPattern.source}|^holder$`),
  },
  'item.originConsent': {
    type: 'enum',
    source: 'attestation',
    attester: 'originator',
    values: ['own-data', 'not-asked', 'unobtainable-in-time', 'given', 'refused'],
    unattested: 'not-asked',
    attestable: ['not-asked', 'unobtainable-in-time', 'given', 'refused'],
    open: ['not-asked', 'unobtainable-in-time'],
  },
  'item.redescribed': { type: 'boolean', source: 'derived' },
  'item.foundAgainst': { type: 'boolean', source: 'derived' },
  'item.system': oneOf('record', [
    'national',
    'SIS',
    'criminal-intelligence',
    'dna-index',
    'firearms-check',
    'pnr',
    'ecris-tcn',
    'customs',
    'financial-intelligence',
    'joint-team',
    'mutual-assistance',
  ]),
  'item.obtainedUnder': { type: 'code', source: 'record' },
  'item.indicatesOffence': officer(['not-asked', 'yes', 'no']),
  'item.routineUse': {
    type: 'enum',
    source: 'derived',
    values: ['none', 'indicated-offence', 'law-enforcement'],
    follows: ['holder.agency', 'item.system'],
  },
  'item.quality': oneOf('record', ['verified', 'doubtful', 'known-wrong']),
  'item.status': oneOf('record', [
    'active',
    'reviewed',
    'review-overdue',
    'cancelled',
    'expired',
    'blocked',
    'under-review',
  ]),
  'item.youthRecord': oneOf('record', ['none', 'open', 'closed']),
  'item.yearsSinceEvent': { type: 'integer', unit: 'years', source: 'derived' },
  'item.yearsSinceValidation': { type: 'integer', unit: 'years', source: 'derived' },
} as const satisfies Readonly<Record<string, FactType>>

/** Every fact and the exact form of its type, for whoever has something to say of each. */
export type FactTypes = typeof types

/** The types of all facts. Lint refuses a rule that reads anything else. */
export const factTypes: Readonly<Record<string, FactType>> = types

/**
 * The closed list of claims that may loosen an answer, though only the requester states them. Each claim that
 * counted leaves as a duty with its value.
 */
export const claimsThatBind = [
  'request.purpose',
  'request.offence.category',
  'request.caseReference',
  'request.instrument',
  'request.stage',
  'request.offence.maxCustodyMonthsRequester',
] as const

/** What people call them: each is told with the duty that its value makes. */
export const claimLabels: Readonly<Record<(typeof claimsThatBind)[number], string>> = {
  'request.purpose': 'the purpose',
  'request.offence.category': 'the kind of offence that the requester states',
  'request.caseReference': "the requester's case",
  'request.instrument': 'the instrument that the requester relies on',
  'request.stage': 'the stage of the proceedings',
  'request.offence.maxCustodyMonthsRequester': 'the maximum custody in the requesting state',
}

/** Whether a fact is of the record. A rule that reads one is not told, unless it cites why it may be. */
export const isRecordFact = (name: string): boolean => name.startsWith('item.')

/** Whether a fact is derived whenever a request is judged. A stated value for it is ignored. */
export const isWorkedOut = (name: string): boolean => byName.get(name)?.follows !== undefined

/** Whether a fact may differ from item to item: it is of the record, or follows from such facts. */
export const isOfItem = (name: string): boolean =>
  isRecordFact(name) || (byName.get(name)?.follows?.some(isRecordFact) ?? false)

/** The types by name, without what every object has. */
const byName = new Map(Object.entries(factTypes))

/** Whether a value is a calendar day in ISO 8601. */
export const isDay = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}$/.test(value) &&
  new Date(value).getUTCDate() === Number(value.slice(8))

/** The day that lies `days` after another. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** A schema for the values of an enumerated fact. */
export function enumOf(name: string) {
  const fact = factTypes[name]
  if (fact?.type !== 'enum') throw new Error(`\`${name}\` has no enumerated values`)
  return z.enum(fact.values)
}

/** The value, if the vocabulary allows it for this fact; otherwise undefined. */
export const knownValue = (name: string, value: unknown): FactValue | undefined =>
  allowedBy.get(name)?.(value)

type Allowed = (value: unknown) => FactValue | undefined

const allowedBy: ReadonlyMap<string, Allowed> = new Map(
  Object.entries(factTypes).map(([name, fact]) => [name, allowedFor(fact)]),
)

/** Takes a value as one of a fact. */
function allowedFor(fact: FactType): Allowed {
  switch (fact.type) {
    case 'code':
      return (value) => (typeof value === 'string' && value !== '' ? value : undefined)
    case 'day':
      return (value) => (isDay(value) ? value : undefined)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : undefined)
    case 'integer':
      return (value) =>
        typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
    case 'enum': {
      const names = new Set(fact.values)
      return (value) => (typeof value === 'string' && names.has(value) ? value : undefined)
    }
    case 'list': {
      const names = fact.values && new Set(fact.values)
      const isMember = (each: unknown) =>
        typeof each === 'string' && (names === undefined || names.has(each))
      return (value) =>
        Array.isArray(value) && value.every(isMember) ? (value as string[]) : undefined
    }
  }
}

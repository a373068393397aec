/**
 * Every fact that a rule may read: its type, its source, and how people call it.
 *
 * A name is dotted and never a prefix of another name. A value outside the type counts as unknown, like an
 * absent one; "known to be none" is a value of its own (`none`, `false`, `[]`).
 */

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
  /** How people call it, to be put into a sentence: "the requester's country". */
  readonly label: string
  readonly source: Source
  readonly meaning: string
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

/** What the vocabulary says of one fact. */
export type Fact = Common &
  (
    | {
        readonly type: 'code'
        /** What every value looks like, if not everything may come. */
        readonly pattern?: RegExp
      }
    | { readonly type: 'day' }
    | {
        readonly type: 'boolean'
        /** The label's opposite, to be put into a sentence: "the person was no minor". */
        readonly denied: string
      }
    | { readonly type: 'integer'; readonly unit: string }
    | { readonly type: 'enum'; readonly values: Readonly<Record<string, string>> }
    | { readonly type: 'list'; readonly values?: Readonly<Record<string, string>> }
  )

/** Bodies that take part, or gave data, as a country does: by these codes. */
export const bodies = ['INTERPOL', 'EUROPOL', 'EUROJUST', 'EPPO'] as const
/** ISO 3166-1 alpha-2, or one of the bodies. */
export const partyPattern = new RegExp(`^([A-Z]{2}|${bodies.join('|')})$`)

/** The sensitivity classes of items, from least to most surprising for the reader. */
export const classes = {
  identification: 'identification data',
  biometric: 'biometric data',
  genetic: 'genetic data',
  health: 'health data',
  special: 'data on race, belief, opinion, union membership or sexual life',
  'criminal-history': 'criminal history',
  location: 'location data',
  financial: 'financial data',
  'communications-content': 'content of communications',
  traffic: 'traffic data',
  subscriber: 'subscriber data',
  'victim-witness': 'data on a victim, witness or informant',
  minor: 'data on a minor',
  case: 'case data',
  object: 'data on an object',
} as const

const risk = { none: 'none found', substantial: 'substantial', real: 'real' } as const

const attestedRisk = (label: string, meaning: string): Fact => ({
  type: 'enum',
  label,
  source: 'attestation',
  meaning,
  attester: 'holder-officer',
  values: risk,
  sought: ['none'],
})

const attestedEnum = (
  label: string,
  meaning: string,
  attester: Attester,
  values: Readonly<Record<string, string>>,
  open: readonly [string, ...string[]],
): Fact => ({
  type: 'enum',
  label,
  source: 'attestation',
  meaning,
  attester,
  values,
  unattested: open[0],
  open,
})

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

/** The vocabulary. Lint refuses a rule that reads anything else. */
export const vocabulary: Readonly<Record<string, Fact>> = {
  asOf: {
    type: 'day',
    label: 'the day of the decision',
    source: 'clock',
    meaning: "The day as of which everything is decided, in the holder's time zone.",
  },

  'holder.jurisdiction': {
    type: 'code',
    label: "the holder's country",
    source: 'register',
    meaning: 'ISO 3166-1 alpha-2 code of the holder, or INTERPOL, EUROPOL, EUROJUST, EPPO.',
    pattern: partyPattern,
  },
  'requester.jurisdiction': {
    type: 'code',
    label: "the requester's country",
    source: 'register',
    meaning: 'ISO 3166-1 alpha-2 code of the requester, or INTERPOL, EUROPOL, EUROJUST, EPPO.',
    pattern: partyPattern,
  },
  'holder.agency': {
    type: 'code',
    label: 'the agency that holds the data',
    source: 'register',
    meaning: 'Id of the holder in the register, such as DE-POL.',
  },
  'requester.agency': {
    type: 'code',
    label: 'the agency that asks',
    source: 'register',
    meaning: 'Id of the requester in the register, such as FR-SPOC.',
  },
  'requester.authorityType': {
    type: 'enum',
    label: 'the kind of authority that asks',
    source: 'register',
    meaning: 'What the requesting agency is under its own law, as registered.',
    values: {
      police: 'a police authority',
      prosecutor: 'a prosecutor',
      court: 'a court',
      'central-authority': 'a central authority',
      ncb: 'an INTERPOL National Central Bureau',
      spoc: 'a Single Point of Contact',
      intelligence: 'an intelligence service',
      military: 'a military authority',
      administrative: 'an administrative authority',
      private: 'a private body',
    },
  },
  'requester.cannotHonour': {
    type: 'list',
    label: 'the duties that the requester cannot honour',
    source: 'register',
    meaning: "Codes of duties that the requester's own law forbids it to keep.",
  },

  'request.purpose': {
    type: 'enum',
    label: 'the purpose',
    source: 'claim',
    meaning: 'What the data is asked for; use for anything else is barred by use limitation.',
    values: {
      prevention: 'prevention of offences',
      detection: 'detection of offences',
      investigation: 'investigation',
      prosecution: 'prosecution',
      'execution-of-penalty': 'execution of a penalty',
      'public-security-threat': 'a threat to public security',
      identification: 'identification of a person or body',
      'missing-person': 'a missing person',
      immigration: 'immigration control',
      intelligence: 'intelligence',
      other: 'another purpose',
    },
  },
  'request.instrument': {
    type: 'code',
    label: 'the instrument that the requester relies on',
    source: 'claim',
    meaning: 'Id of a treaty or act, or none. Rules read instrument.inForce instead.',
  },
  'request.caseReference': {
    type: 'code',
    label: "the requester's case",
    source: 'claim',
    meaning: 'The case as the requester names it.',
  },
  'request.urgency': {
    type: 'enum',
    label: 'the urgency',
    source: 'claim',
    meaning: 'How urgent the requester says that it is.',
    values: {
      none: 'ordinary',
      urgent: 'urgent',
      'imminent-threat-to-life': 'an imminent threat to life',
    },
  },
  'request.stage': {
    type: 'enum',
    label: 'the stage of the proceedings',
    source: 'claim',
    meaning: "How far the requester's proceedings against the subject have come.",
    values: {
      unknown: 'no proceedings',
      suspect: 'suspicion',
      arrested: 'arrest',
      charged: 'charge',
      convicted: 'conviction',
    },
  },
  'request.offence.category': {
    type: 'enum',
    label: 'the kind of offence that the requester states',
    source: 'claim',
    meaning: "The requester's own label; the holder attests request.offence.character.",
    values: {
      ordinary: 'an ordinary-law offence',
      political: 'a political offence',
      military: 'a military offence',
      religious: 'a religious offence',
      racial: 'an offence of a racial character',
      fiscal: 'a fiscal offence',
      terrorism: 'terrorism',
      administrative: 'an administrative offence',
      'private-dispute': 'a private dispute',
    },
  },
  'request.offence.maxCustodyMonthsRequester': {
    type: 'integer',
    unit: 'months',
    label: 'the maximum custody in the requesting state',
    source: 'claim',
    meaning: 'Longest custodial sentence for the offence under the law of the requester.',
  },

  'request.channel': {
    type: 'enum',
    label: 'the channel',
    source: 'derived',
    meaning: 'The channel of the call, where both agencies are registered on it.',
    values: {
      bilateral: 'direct contact',
      interpol: 'the INTERPOL channel',
      siena: 'SIENA',
      sirene: 'SIRENE',
      'mla-central': 'the central authorities for mutual legal assistance',
      '24-7-network': 'the 24/7 network',
      liaison: 'a liaison officer',
    },
  },
  'request.redescribed': {
    type: 'boolean',
    label: 'the person was asked for before in this case and refused, by another description',
    denied: 'the person was not asked for before in this case by another description',
    source: 'derived',
    meaning:
      'Whether the same person was refused to the same agency in this case, differently described.',
  },
  'request.manyPersons': {
    type: 'boolean',
    label: 'the officer asked for more persons in this case than the holder lets go by rule alone',
    denied:
      'the officer asked for no more persons in this case than the holder lets go by rule alone',
    source: 'derived',
    meaning:
      'Whether one officer has asked the holder for more persons in this case than its register entry allows.',
  },
  'request.unasked': {
    type: 'boolean',
    label: 'the holder gives of its own accord',
    denied: 'the holder was asked',
    source: 'derived',
    meaning:
      'Whether nobody asked, and the holder gives of its own accord. A permit that does not read this ' +
      'speaks of requests alone.',
  },
  'request.restsOn': {
    type: 'list',
    label: 'the claims by which attestations were chosen',
    source: 'derived',
    meaning: 'Names of the claims that an attestation which counts is limited to.',
    values: {
      'request.purpose': 'the purpose',
      'request.offence.category': 'the kind of offence',
      'request.caseReference': 'the case',
    },
  },
  'instrument.inForce': {
    type: 'code',
    label: 'the instrument relied on that binds both',
    source: 'derived',
    meaning: 'The instrument relied on, if the dated lists show that it binds both; else none.',
    follows: ['request.instrument', 'holder.jurisdiction', 'requester.jurisdiction'],
  },
  'arrangement.covers': {
    type: 'code',
    label: 'the listed arrangement that covers the request and the item',
    source: 'derived',
    meaning:
      'Id of an arrangement that fits both sides, the day, channel, authority, purpose, class and threshold; else none.',
    follows: whoHowWhat,
  },
  'arrangement.safeguards': {
    type: 'enum',
    label: 'the safeguards of the arrangement that covers the item',
    source: 'derived',
    meaning:
      'The strongest of what covers, and of what only protects persons between the same two; none where nothing covers.',
    values: {
      none: 'none',
      'use-limits': 'limits on use',
      binding: 'binding safeguards for persons',
    },
    follows: whoHowWhat,
  },
  'arrangement.unlisted': attestedEnum(
    'the arrangement that is on no list',
    "Whether the holder's law accepts an unwritten, unpublished or ad hoc arrangement here, as its legal office found.",
    'holder-ministry',
    { 'not-asked': 'not asked', attested: 'attested', refused: 'refused' },
    ['not-asked'],
  ),

  'request.notice': attestedEnum(
    'the notice or diffusion that the request rests on',
    'Which INTERPOL notice or diffusion is answered, as the holder read it.',
    'holder-officer',
    {
      none: 'none',
      red: 'a red notice',
      'wanted-diffusion': 'a diffusion for a wanted person',
      blue: 'a blue notice',
      green: 'a green notice',
      yellow: 'a yellow notice',
      black: 'a black notice',
      purple: 'a purple notice',
      orange: 'an orange notice',
      silver: 'a silver notice',
    },
    ['none'],
  ),
  'request.noticeStatus': {
    type: 'enum',
    label: 'the status of that notice or diffusion',
    source: 'attestation',
    meaning:
      "How the notice or diffusion stands today, as the holder's bureau for INTERPOL read it.",
    attester: 'holder-officer',
    values: {
      active: 'active',
      'not-yet-reviewed': 'not yet reviewed by INTERPOL',
      suspended: 'suspended by its source',
      blocked: 'blocked until the control commission decides',
      'under-review': 'under review',
      expired: 'expired',
      withdrawn: 'withdrawn by its source',
      cancelled: 'cancelled by INTERPOL',
      'non-compliant': "found to break INTERPOL's rules",
    },
    sought: ['active'],
    open: ['not-yet-reviewed', 'suspended', 'blocked', 'under-review', 'expired'],
  },
  'request.offence.character': {
    type: 'enum',
    label: 'the character of the matter',
    source: 'attestation',
    meaning: 'What the matter is in substance, judged by the holder.',
    attester: 'holder-officer',
    values: {
      ordinary: 'ordinary-law crime',
      political: 'political',
      military: 'military',
      religious: 'religious',
      racial: 'racial',
      fiscal: 'fiscal',
      terrorism: 'terrorism',
      administrative: 'administrative',
      'private-dispute': 'a private dispute',
    },
  },
  'request.offence.isOffenceForHolder': {
    type: 'boolean',
    label: "the conduct is an offence under the holder's law",
    denied: "the conduct is no offence under the holder's law",
    source: 'attestation',
    meaning: 'Dual criminality, judged by conduct.',
    attester: 'holder-officer',
  },
  'request.offence.maxCustodyMonthsHolder': {
    type: 'integer',
    unit: 'months',
    label: "the maximum custody under the holder's law",
    source: 'attestation',
    meaning: 'Longest custodial sentence for the conduct under the law of the holder; 0 if none.',
    attester: 'holder-officer',
  },
  'request.offence.deathPenaltyAvailable': {
    type: 'boolean',
    label: 'the conduct may be punished by death',
    denied: 'the conduct may not be punished by death',
    source: 'attestation',
    meaning: 'Whether the law of the requester allows a death sentence for this conduct.',
    attester: 'holder-officer',
  },
  'threat.publicSecurity': attestedEnum(
    'the threat to public security',
    'Whether an immediate and serious threat to public security is found.',
    'holder-officer',
    { none: 'none found', 'serious-immediate': 'immediate and serious' },
    ['none'],
  ),
  'threat.life': attestedEnum(
    'the threat to life',
    'Whether an imminent threat to the life of a person is found.',
    'holder-officer',
    { none: 'none found', imminent: 'imminent' },
    ['none'],
  ),
  'necessity.case': attestedEnum(
    'the necessity of the disclosure',
    'Whether the disclosure is necessary for the purpose.',
    'holder-officer',
    { 'not-asked': 'not yet judged', necessary: 'established', 'not-necessary': 'ruled out' },
    ['not-asked'],
  ),
  'use.compatible': attestedEnum(
    'the compatibility of the use',
    'Whether the use asked for is the one for which the data was collected, or consistent with it.',
    'holder-officer',
    { 'not-asked': 'not yet judged', yes: 'established', no: 'ruled out' },
    ['not-asked'],
  ),
  'necessity.strictClasses': {
    type: 'list',
    label: 'the classes found strictly necessary',
    source: 'attestation',
    meaning: 'Sensitive classes that the holder found strictly necessary for this case.',
    attester: 'holder-officer',
    values: classes,
    unattested: [],
    open: [],
  },
  'necessity.victimIdentity': {
    type: 'boolean',
    label: 'the case needs the identity of victims and witnesses',
    denied: 'the case does not need the identity of victims and witnesses',
    source: 'attestation',
    meaning: 'Whether the purpose cannot be reached without the identity of victims or witnesses.',
    attester: 'holder-officer',
    unattested: false,
  },
  'assurance.deathPenalty': attestedEnum(
    'the assurance against the death penalty',
    'Whether the requester gave an assurance against the death penalty, and the holder checked it.',
    'holder-ministry',
    { none: 'none', given: 'given', 'given-and-verified': 'given and verified' },
    ['none', 'given'],
  ),
  'assurance.reciprocity': attestedEnum(
    'the assurance of reciprocity',
    'Whether the requester has assured reciprocity.',
    'holder-ministry',
    { none: 'none', given: 'given' },
    ['none'],
  ),
  'assurance.specialty': attestedEnum(
    'the assurance of specialty',
    'Whether the requester assured to keep to the use that the holder allows.',
    'holder-ministry',
    { none: 'none', given: 'given', refused: 'refused' },
    ['none'],
  ),
  'consent.person': attestedEnum(
    'the consent of the person',
    'Whether the person whom the data is about consented to this disclosure.',
    'holder-officer',
    { 'not-asked': 'not asked', given: 'given', refused: 'refused' },
    ['not-asked'],
  ),
  'match.confirmation': attestedEnum(
    'the confirmation of the match',
    'Whether qualified staff confirmed the match of an automated search, and sent facts and offence.',
    'holder-officer',
    { none: 'none yet', confirmed: 'given', refuted: 'refused: it is no match' },
    ['none'],
  ),
  'approval.minister': attestedEnum(
    'the approval of the minister',
    'Whether the responsible minister approved this disclosure.',
    'holder-ministry',
    { 'not-asked': 'not asked', given: 'given', refused: 'refused' },
    ['not-asked'],
  ),
  'approval.court': {
    ...attestedEnum(
      'the approval of a court or independent body',
      'Whether a court, or a body as independent, approved this disclosure; neither the holder nor a minister may.',
      'holder-ministry',
      { 'not-asked': 'not asked', given: 'given', refused: 'refused' },
      ['not-asked'],
    ),
    alsoBy: 'court',
  },
  'transfer.assessment': attestedEnum(
    'the finding on safeguards',
    'What the holder found when it assessed all circumstances of the transfer.',
    'holder-officer',
    {
      none: 'none yet',
      'safeguards-found': 'that appropriate safeguards exist',
      'safeguards-lacking': 'that safeguards are lacking',
    },
    ['none'],
  ),
  'transfer.derogation': attestedEnum(
    'the derogation',
    'The special situation on which the holder rests the transfer.',
    'holder-officer',
    {
      none: 'none',
      'vital-interests': 'vital interests of a person',
      'public-security-threat': 'an immediate and serious threat to public security',
      'individual-case': 'an individual case',
    },
    ['none'],
  ),
  'transfer.rightsOverride': attestedEnum(
    "the balance of the person's rights and the public interest",
    "The balance between the person's fundamental rights and the public interest.",
    'holder-officer',
    {
      'not-weighed': 'not yet struck',
      no: 'in favour of disclosure',
      yes: 'in favour of the person',
    },
    ['not-weighed'],
  ),
  'transfer.caseCheck': attestedEnum(
    'the check of this case',
    'Whether proper handling is assured in this case, and nothing endangers interests or persons.',
    'holder-officer',
    { 'not-checked': 'not yet made', clean: 'clean', concerns: 'a cause for concern' },
    ['not-checked'],
  ),
  'discretion.waived': {
    type: 'list',
    label: 'the discretionary refusals that the holder has waived',
    source: 'attestation',
    meaning: 'Ids of rules whose discretionary refusal the holder decided not to use.',
    attester: 'holder-officer',
    unattested: [],
    open: [],
  },
  'release.decision': {
    ...attestedEnum(
      'the decision of an officer',
      'What a named officer of the holder decided on exactly the items that he was shown.',
      'holder-officer',
      { none: 'none yet', release: 'to release', refuse: 'to refuse' },
      ['none'],
    ),
    sought: ['release'],
  },
  'risk.torture': attestedRisk(
    'the risk of torture or inhuman treatment',
    'What the holder found on torture, inhuman or degrading treatment through use of the data.',
  ),
  'risk.mitigation': attestedEnum(
    'the mitigation of the risk of mistreatment',
    'Whether a substantial risk of mistreatment can be mitigated, by caveats and assurances.',
    'holder-ministry',
    { 'not-determined': 'not determined', possible: 'possible', impossible: 'ruled out' },
    ['not-determined'],
  ),
  'risk.persecution': attestedRisk(
    'the risk of persecution',
    'What the holder found on persecution through use of the data.',
  ),
  'risk.unfairTrial': attestedRisk(
    'the risk of a flagrantly unfair trial',
    'What the holder found on a flagrant denial of justice through use of the data.',
  ),

  'item.class': {
    type: 'enum',
    label: 'the class of the item',
    source: 'record',
    meaning: 'Sensitivity class of the item.',
    values: classes,
  },
  'item.role': {
    type: 'enum',
    label: 'the role of the person whom the item is about',
    source: 'record',
    meaning: 'In what role the person stands in the record (LED art. 6).',
    values: {
      suspect: 'a suspect',
      convicted: 'a convicted person',
      victim: 'a victim',
      witness: 'a witness',
      contact: 'a contact',
      missing: 'a missing person',
      informant: 'an informant',
      other: 'another person',
    },
  },
  'item.minor': {
    type: 'boolean',
    label: 'the person was a minor at the event',
    denied: 'the person was no minor at the event',
    source: 'record',
    meaning: 'Whether the person whom the item is about was under 18 at the event.',
  },
  'item.ageAtEvent': {
    type: 'integer',
    unit: 'years',
    label: 'the age of the person at the event',
    source: 'record',
    meaning: 'Age in completed years at the event.',
  },
  'item.origin': {
    type: 'code',
    label: 'the origin of the item',
    source: 'record',
    meaning: 'Country or body that gave the item to the holder; holder for its own.',
    pattern: new RegExp(`${partyPattern.source}|^holder$`),
  },
  'item.originConsent': {
    type: 'enum',
    label: "the originator's consent",
    source: 'attestation',
    meaning: 'Whether the originator consents to this disclosure.',
    attester: 'originator',
    values: {
      'own-data': 'unneeded for own data',
      'not-asked': 'not asked',
      'unobtainable-in-time': 'unobtainable in time',
      given: 'given',
      refused: 'refused',
    },
    unattested: 'not-asked',
    attestable: ['not-asked', 'unobtainable-in-time', 'given', 'refused'],
    open: ['not-asked', 'unobtainable-in-time'],
  },
  'item.redescribed': {
    type: 'boolean',
    label:
      'the record shows that its person was refused before in this case, by another description',
    denied: 'the record does not show that its person was refused before in this case',
    source: 'derived',
    meaning:
      'Whether the record found is that of an earlier refusal in this case, differently described.',
  },
  'item.foundAgainst': {
    type: 'boolean',
    label:
      'the record shows that its person is one of whom an office found something against a disclosure',
    denied:
      'the record does not show that anything was found against a disclosure about its person',
    source: 'derived',
    meaning:
      'Whether the record found is that of a person of this case, asked for by another identifier, of ' +
      'whom an office refused a disclosure, found a risk, or doubted what lets data go.',
  },
  'item.system': {
    type: 'enum',
    label: 'the system that the item comes from',
    source: 'record',
    meaning: 'The information system in which the item was found.',
    values: {
      national: 'a national system',
      SIS: 'the Schengen Information System',
      'criminal-intelligence': 'a criminal intelligence system',
      'dna-index': 'an index of DNA profiles',
      'firearms-check': 'a system for checks on buyers of firearms',
      pnr: 'a system for passenger name records',
      'ecris-tcn': 'the index of convictions of third-country nationals (ECRIS-TCN)',
      customs: 'a customs system',
      'financial-intelligence': 'what a financial intelligence unit gave',
      'joint-team': 'the file of a joint investigation team',
      'mutual-assistance': 'what mutual assistance between members gave',
    },
  },
  'item.obtainedUnder': {
    type: 'code',
    label: 'the instrument under which the holder got the item',
    source: 'record',
    meaning:
      'Id of a treaty or agreement whose limits on use travel with the item, or none; of an alert its article, such as SIS-36.',
  },
  'item.indicatesOffence': attestedEnum(
    'the finding that the record indicates the offence',
    'Whether the record, by itself or with other information, indicates the violation that the recipient pursues.',
    'holder-officer',
    { 'not-asked': 'not yet made', yes: 'yes', no: 'no' },
    ['not-asked'],
  ),
  'item.routineUse': {
    type: 'enum',
    label: "the routine use of the holder's notice for that system",
    source: 'derived',
    meaning: "What the holder's published notice for the system lets it give to police abroad.",
    values: {
      none: 'none',
      'indicated-offence': 'for records that indicate an offence',
      'law-enforcement': 'for any enforcement of law',
    },
    follows: ['holder.agency', 'item.system'],
  },
  'item.quality': {
    type: 'enum',
    label: 'the quality of the item',
    source: 'record',
    meaning: 'Result of the last check of accuracy, completeness and currency.',
    values: { verified: 'verified', doubtful: 'doubtful', 'known-wrong': 'known to be wrong' },
  },
  'item.status': {
    type: 'enum',
    label: 'the status of the item',
    source: 'record',
    meaning: 'Where the item stands in review and retention; blocked as long as it may not go.',
    values: {
      active: 'active',
      reviewed: 'reviewed',
      'review-overdue': 'overdue for review',
      cancelled: 'cancelled',
      expired: 'past its retention',
      blocked: 'blocked',
      'under-review': 'under review',
    },
  },
  'item.youthRecord': {
    type: 'enum',
    label: 'the youth record',
    source: 'record',
    meaning: 'Whether the item belongs to a youth record, and whether that is closed.',
    values: { none: 'none', open: 'open', closed: 'closed' },
  },
  'item.yearsSinceEvent': {
    type: 'integer',
    unit: 'years',
    label: 'the time since the event',
    source: 'derived',
    meaning: 'Completed years between the event and the day of the decision.',
  },
  'item.yearsSinceValidation': {
    type: 'integer',
    unit: 'years',
    label: 'the time since the item was last validated',
    source: 'derived',
    meaning: 'Completed years between the last validation and the day of the decision.',
  },
}

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

/** Whether a fact is of the record. A rule that reads one is not told, unless it cites why it may be. */
export const isRecordFact = (name: string): boolean => name.startsWith('item.')

/** Whether a fact is derived whenever a request is judged. A stated value for it is ignored. */
export const isWorkedOut = (name: string): boolean => byName.get(name)?.follows !== undefined

/** Whether a fact may differ from item to item: it is of the record, or follows from such facts. */
export const isOfItem = (name: string): boolean =>
  isRecordFact(name) || (byName.get(name)?.follows?.some(isRecordFact) ?? false)

/** The vocabulary by name, without what every object has. */
const byName = new Map(Object.entries(vocabulary))

/** Whether a value is a calendar day in ISO 8601. */
export const isDay = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}$/.test(value) &&
  new Date(value).getUTCDate() === Number(value.slice(8))

/** The value, if the vocabulary allows it for this fact; otherwise undefined. */
export const knownValue = (name: string, value: unknown): FactValue | undefined =>
  allowedBy.get(name)?.(value)

type Allowed = (value: unknown) => FactValue | undefined

const allowedBy: ReadonlyMap<string, Allowed> = new Map(
  Object.entries(vocabulary).map(([name, fact]) => [name, allowedFor(fact)]),
)

/** Takes a value as one of a fact. */
function allowedFor(fact: Fact): Allowed {
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
      const names = new Set(Object.keys(fact.values))
      return (value) => (typeof value === 'string' && names.has(value) ? value : undefined)
    }
    case 'list': {
      const names = fact.values && new Set(Object.keys(fact.values))
      const isMember = (each: unknown) =>
        typeof each === 'string' && (names === undefined || names.has(each))
      return (value) =>
        Array.isArray(value) && value.every(isMember) ? (value as string[]) : undefined
    }
  }
}

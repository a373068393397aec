/** What people call each fact that a rule may read, what it means, and its values in words. */

import {
  claimLabels,
  type FactType,
  type FactTypes,
  factTypes,
  type itemClasses,
} from './fact-types.ts'

/** What is said of one fact. */
type Words<Type> = {
  /** How people call it, to be put into a sentence: "the requester's country". */
  readonly label: string
  readonly meaning: string
} & (Type extends { readonly type: 'boolean' }
  ? {
      /** The label's opposite, to be put into a sentence: "the person was no minor". */
      readonly denied: string
    }
  : unknown) &
  (Type extends { readonly values: readonly (infer Value extends string)[] }
    ? { readonly values: Readonly<Record<Value, string>> }
    : unknown)

/** What the vocabulary says of one fact. */
export type Fact = { readonly label: string; readonly meaning: string } & (
  | Exclude<FactType, { readonly type: 'boolean' | 'enum' | 'list' }>
  | (FactType & { readonly type: 'boolean'; readonly denied: string })
  | (Omit<FactType, 'values'> & {
      readonly type: 'enum'
      readonly values: Readonly<Record<string, string>>
    })
  | (Omit<FactType, 'values'> & {
      readonly type: 'list'
      readonly values?: Readonly<Record<string, string>>
    })
)

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
} as const satisfies Readonly<Record<(typeof itemClasses)[number], string>>

const risk = { none: 'none found', substantial: 'substantial', real: 'real' }

const words: { readonly [Name in keyof FactTypes]: Words<FactTypes[Name]> } = {
  asOf: {
    label: 'the day of the decision',
    meaning: "The day as of which everything is decided, in the holder's time zone.",
  },

  'holder.jurisdiction': {
    label: "the holder's country",
    meaning: 'ISO 3166-1 alpha-2 code of the holder, or INTERPOL, EUROPOL, EUROJUST, EPPO.',
  },
  'requester.jurisdiction': {
    label: "the requester's country",
    meaning: 'ISO 3166-1 alpha-2 code of the requester, or INTERPOL, EUROPOL, EUROJUST, EPPO.',
  },
  'holder.agency': {
    label: 'the agency that holds the data',
    meaning: 'Id of the holder in the register, such as DE-POL.',
  },
  'requester.agency': {
    label: 'the agency that asks',
    meaning: 'Id of the requester in the register, such as FR-SPOC.',
  },
  'requester.authorityType': {
    label: 'the kind of authority that asks',
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
    label: 'the duties that the requester cannot honour',
    meaning: "Codes of duties that the requester's own law forbids it to keep.",
  },

  'request.purpose': {
    label: claimLabels['request.purpose'],
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
    label: claimLabels['request.instrument'],
    meaning: 'Id of a treaty or act, or none. Rules read instrument.inForce instead.',
  },
  'request.caseReference': {
    label: claimLabels['request.caseReference'],
    meaning: 'The case as the requester names it.',
  },
  'request.urgency': {
    label: 'the urgency',
    meaning: 'How urgent the requester says that it is.',
    values: {
      none: 'ordinary',
      urgent: 'urgent',
      'imminent-threat-to-life': 'an imminent threat to life',
    },
  },
  'request.stage': {
    label: claimLabels['request.stage'],
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
    label: claimLabels['request.offence.category'],
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
    label: claimLabels['request.offence.maxCustodyMonthsRequester'],
    meaning: 'Longest custodial sentence for the offence under the law of the requester.',
  },
  'request.channel': {
    label: 'the channel',
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
    label: 'the person was asked for before in this case and refused, by another description',
    denied: 'the person was not asked for before in this case by another description',
    meaning:
      'Whether the same person was refused to the same agency in this case, differently described.',
  },
  'request.manyPersons': {
    label: 'the officer asked for more persons in this case than the holder lets go by rule alone',
    denied:
      'the officer asked for no more persons in this case than the holder lets go by rule alone',
    meaning:
      'Whether one officer has asked the holder for more persons in this case than its register entry allows.',
  },
  'request.unasked': {
    label: 'the holder gives of its own accord',
    denied: 'the holder was asked',
    meaning:
      'Whether nobody asked, and the holder gives of its own accord. A permit that does not read this speaks of requests alone.',
  },
  'request.restsOn': {
    label: 'the claims by which attestations were chosen',
    meaning: 'Names of the claims that an attestation which counts is limited to.',
    values: {
      'request.purpose': 'the purpose',
      'request.offence.category': 'the kind of offence',
      'request.caseReference': 'the case',
    },
  },
  'instrument.inForce': {
    label: 'the instrument relied on that binds both',
    meaning: 'The instrument relied on, if the dated lists show that it binds both; else none.',
  },
  'arrangement.covers': {
    label: 'the listed arrangement that covers the request and the item',
    meaning:
      'Id of an arrangement that fits both sides, the day, channel, authority, purpose, class and threshold; else none.',
  },
  'arrangement.safeguards': {
    label: 'the safeguards of the arrangement that covers the item',
    meaning:
      'The strongest of what covers, and of what only protects persons between the same two; none where nothing covers.',
    values: {
      none: 'none',
      'use-limits': 'limits on use',
      binding: 'binding safeguards for persons',
    },
  },
  'arrangement.unlisted': {
    label: 'the arrangement that is on no list',
    meaning:
      "Whether the holder's law accepts an unwritten, unpublished or ad hoc arrangement here, as its legal office found.",
    values: { 'not-asked': 'not asked', attested: 'attested', refused: 'refused' },
  },

  'request.notice': {
    label: 'the notice or diffusion that the request rests on',
    meaning: 'Which INTERPOL notice or diffusion is answered, as the holder read it.',
    values: {
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
  },
  'request.noticeStatus': {
    label: 'the status of that notice or diffusion',
    meaning:
      "How the notice or diffusion stands today, as the holder's bureau for INTERPOL read it.",
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
  },
  'request.offence.character': {
    label: 'the character of the matter',
    meaning: 'What the matter is in substance, judged by the holder.',
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
    label: "the conduct is an offence under the holder's law",
    denied: "the conduct is no offence under the holder's law",
    meaning: 'Dual criminality, judged by conduct.',
  },
  'request.offence.maxCustodyMonthsHolder': {
    label: "the maximum custody under the holder's law",
    meaning: 'Longest custodial sentence for the conduct under the law of the holder; 0 if none.',
  },
  'request.offence.deathPenaltyAvailable': {
    label: 'the conduct may be punished by death',
    denied: 'the conduct may not be punished by death',
    meaning: 'Whether the law of the requester allows a death sentence for this conduct.',
  },

  'threat.publicSecurity': {
    label: 'the threat to public security',
    meaning: 'Whether an immediate and serious threat to public security is found.',
    values: { none: 'none found', 'serious-immediate': 'immediate and serious' },
  },
  'threat.life': {
    label: 'the threat to life',
    meaning: 'Whether an imminent threat to the life of a person is found.',
    values: { none: 'none found', imminent: 'imminent' },
  },
  'necessity.case': {
    label: 'the necessity of the disclosure',
    meaning: 'Whether the disclosure is necessary for the purpose.',
    values: {
      'not-asked': 'not yet judged',
      necessary: 'established',
      'not-necessary': 'ruled out',
    },
  },
  'use.compatible': {
    label: 'the compatibility of the use',
    meaning:
      'Whether the use asked for is the one for which the data was collected, or consistent with it.',
    values: { 'not-asked': 'not yet judged', yes: 'established', no: 'ruled out' },
  },
  'necessity.strictClasses': {
    label: 'the classes found strictly necessary',
    meaning: 'Sensitive classes that the holder found strictly necessary for this case.',
    values: classes,
  },
  'necessity.victimIdentity': {
    label: 'the case needs the identity of victims and witnesses',
    denied: 'the case does not need the identity of victims and witnesses',
    meaning: 'Whether the purpose cannot be reached without the identity of victims or witnesses.',
  },
  'assurance.deathPenalty': {
    label: 'the assurance against the death penalty',
    meaning:
      'Whether the requester gave an assurance against the death penalty, and the holder checked it.',
    values: { none: 'none', given: 'given', 'given-and-verified': 'given and verified' },
  },
  'assurance.reciprocity': {
    label: 'the assurance of reciprocity',
    meaning: 'Whether the requester has assured reciprocity.',
    values: { none: 'none', given: 'given' },
  },
  'assurance.specialty': {
    label: 'the assurance of specialty',
    meaning: 'Whether the requester assured to keep to the use that the holder allows.',
    values: { none: 'none', given: 'given', refused: 'refused' },
  },
  'consent.person': {
    label: 'the consent of the person',
    meaning: 'Whether the person whom the data is about consented to this disclosure.',
    values: { 'not-asked': 'not asked', given: 'given', refused: 'refused' },
  },
  'match.confirmation': {
    label: 'the confirmation of the match',
    meaning:
      'Whether qualified staff confirmed the match of an automated search, and sent facts and offence.',
    values: { none: 'none yet', confirmed: 'given', refuted: 'refused: it is no match' },
  },
  'approval.minister': {
    label: 'the approval of the minister',
    meaning: 'Whether the responsible minister approved this disclosure.',
    values: { 'not-asked': 'not asked', given: 'given', refused: 'refused' },
  },
  'approval.court': {
    label: 'the approval of a court or independent body',
    meaning:
      'Whether a court, or a body as independent, approved this disclosure; neither the holder nor a minister may.',
    values: { 'not-asked': 'not asked', given: 'given', refused: 'refused' },
  },
  'transfer.assessment': {
    label: 'the finding on safeguards',
    meaning: 'What the holder found when it assessed all circumstances of the transfer.',
    values: {
      none: 'none yet',
      'safeguards-found': 'that appropriate safeguards exist',
      'safeguards-lacking': 'that safeguards are lacking',
    },
  },
  'transfer.derogation': {
    label: 'the derogation',
    meaning: 'The special situation on which the holder rests the transfer.',
    values: {
      none: 'none',
      'vital-interests': 'vital interests of a person',
      'public-security-threat': 'an immediate and serious threat to public security',
      'individual-case': 'an individual case',
    },
  },
  'transfer.rightsOverride': {
    label: "the balance of the person's rights and the public interest",
    meaning: "The balance between the person's fundamental rights and the public interest.",
    values: {
      'not-weighed': 'not yet struck',
      no: 'in favour of disclosure',
      yes: 'in favour of the person',
    },
  },
  'transfer.caseCheck': {
    label: 'the check of this case',
    meaning:
      'Whether proper handling is assured in this case, and nothing endangers interests or persons.',
    values: { 'not-checked': 'not yet made', clean: 'clean', concerns: 'a cause for concern' },
  },
  'discretion.waived': {
    label: 'the discretionary refusals that the holder has waived',
    meaning: 'Ids of rules whose discretionary refusal the holder decided not to use.',
  },
  'release.decision': {
    label: 'the decision of an officer',
    meaning: 'What a named officer of the holder decided on exactly the items that he was shown.',
    values: { none: 'none yet', release: 'to release', refuse: 'to refuse' },
  },
  'risk.torture': {
    label: 'the risk of torture or inhuman treatment',
    meaning:
      'What the holder found on torture, inhuman or degrading treatment through use of the data.',
    values: risk,
  },
  'risk.mitigation': {
    label: 'the mitigation of the risk of mistreatment',
    meaning:
      'Whether a substantial risk of mistreatment can be mitigated, by caveats and assurances.',
    values: { 'not-determined': 'not determined', possible: 'possible', impossible: 'ruled out' },
  },
  'risk.persecution': {
    label: 'the risk of persecution',
    meaning: 'What the holder found on persecution through use of the data.',
    values: risk,
  },
  'risk.unfairTrial': {
    label: 'the risk of a flagrantly unfair trial',
    meaning: 'What the holder found on a flagrant denial of justice through use of the data.',
    values: risk,
  },

  'item.class': {
    label: 'the class of the item',
    meaning: 'Sensitivity class of the item.',
    values: classes,
  },
  'item.role': {
    label: 'the role of the person whom the item is about',
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
    label: 'the person was a minor at the event',
    denied: 'the person was no minor at the event',
    meaning: 'Whether the person whom the item is about was under 18 at the event.',
  },
  'item.ageAtEvent': {
    label: 'the age of the person at the event',
    meaning: 'Age in completed years at the event.',
  },
  'item.origin': {
    label: 'the origin of the item',
    meaning: 'Country or body that gave the item to the holder; holder for its own.',
  },
  'item.originConsent': {
    label: "the originator's consent",
    meaning: 'Whether the originator consents to this disclosure.',
    values: {
      'own-data': 'unneeded for own data',
      'not-asked': 'not asked',
      'unobtainable-in-time': 'unobtainable in time',
      given: 'given',
      refused: 'refused',
    },
  },
  'item.redescribed': {
    label:
      'the record shows that its person was refused before in this case, by another description',
    denied: 'the record does not show that its person was refused before in this case',
    meaning:
      'Whether the record found is that of an earlier refusal in this case, differently described.',
  },
  'item.foundAgainst': {
    label:
      'the record shows that its person is one of whom an office found something against a disclosure',
    denied:
      'the record does not show that anything was found against a disclosure about its person',
    meaning:
      'Whether the record found is that of a person of this case, asked for by another identifier, of whom an office refused a disclosure, found a risk, or doubted what lets data go.',
  },
  'item.system': {
    label: 'the system that the item comes from',
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
    label: 'the instrument under which the holder got the item',
    meaning:
      'Id of a treaty or agreement whose limits on use travel with the item, or none; of an alert its article, such as SIS-36.',
  },
  'item.indicatesOffence': {
    label: 'the finding that the record indicates the offence',
    meaning:
      'Whether the record, by itself or with other information, indicates the violation that the recipient pursues.',
    values: { 'not-asked': 'not yet made', yes: 'yes', no: 'no' },
  },
  'item.routineUse': {
    label: "the routine use of the holder's notice for that system",
    meaning: "What the holder's published notice for the system lets it give to police abroad.",
    values: {
      none: 'none',
      'indicated-offence': 'for records that indicate an offence',
      'law-enforcement': 'for any enforcement of law',
    },
  },
  'item.quality': {
    label: 'the quality of the item',
    meaning: 'Result of the last check of accuracy, completeness and currency.',
    values: { verified: 'verified', doubtful: 'doubtful', 'known-wrong': 'known to be wrong' },
  },
  'item.status': {
    label: 'the status of the item',
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
    label: 'the youth record',
    meaning: 'Whether the item belongs to a youth record, and whether that is closed.',
    values: { none: 'none', open: 'open', closed: 'closed' },
  },
  'item.yearsSinceEvent': {
    label: 'the time since the event',
    meaning: 'Completed years between the event and the day of the decision.',
  },
  'item.yearsSinceValidation': {
    label: 'the time since the item was last validated',
    meaning: 'Completed years between the last validation and the day of the decision.',
  },
}

/** The vocabulary: every fact with its type and its words. */
export const vocabulary: Readonly<Record<string, Fact>> = Object.fromEntries(
  // A cast: whoever says the words of a fact says those of each of its values.
  Object.entries(words).map(([name, said]) => [name, { ...factTypes[name], ...said } as Fact]),
)

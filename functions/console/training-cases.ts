/** Twelve cases to decide: ordinary and hard ones of the scenarios, told in plain words. Everybody in them is invented. */

import { type Facts, type Item, unattested, unattestedOfItem } from '../decision/facts.ts'

/** A case of the exercise. */
export type TrainingCase = {
  /** The scenario that it tells: its file under `policies/scenarios/`, and the name of its case. */
  readonly scenario: readonly [file: string, name: string]
  readonly title: string
  readonly story: string
  /** As of which day it is decided. */
  readonly asOf: string
  readonly facts: Facts
  readonly items: readonly Item[]
}

/** An ordinary matter in which nothing stands against an answer, and nothing special was done for it. */
const ordinary: Facts = {
  ...{
    'requester.cannotHonour': [],
    'request.purpose': 'investigation',
    'request.urgency': 'none',
  },
  'request.offence.character': 'ordinary',
  'request.offence.isOffenceForHolder': true,
  'request.offence.maxCustodyMonthsHolder': 60,
  'request.offence.deathPenaltyAvailable': false,
  ...{ 'threat.publicSecurity': 'none', 'threat.life': 'none' },
  ...{ 'necessity.case': 'necessary', 'necessity.strictClasses': [] },
  ...{ 'necessity.victimIdentity': false, 'assurance.deathPenalty': 'none' },
  ...{ 'approval.minister': 'not-asked', 'transfer.assessment': 'none' },
  ...{ 'transfer.derogation': 'none', 'transfer.rightsOverride': 'not-weighed' },
  ...{ 'transfer.caseCheck': 'clean', 'discretion.waived': [] },
  ...{ 'risk.torture': 'none', 'risk.persecution': 'none', 'risk.unfairTrial': 'none' },
}
/** France's contact point asks Germany under the directive. */
const toGermany: Facts = {
  ...ordinary,
  ...{ 'holder.jurisdiction': 'DE', 'requester.jurisdiction': 'FR' },
  ...{ 'requester.authorityType': 'spoc', 'request.channel': 'siena' },
  'request.instrument': 'EU-2023/977',
}
/** Police of a state that the directive does not bind ask, and an officer has decided to release. */
const fromOutside: Facts = {
  ...ordinary,
  ...{ 'holder.jurisdiction': 'DE', 'requester.jurisdiction': 'GB' },
  ...{ 'requester.authorityType': 'police', 'request.channel': 'bilateral' },
  ...{ 'request.instrument': 'none', 'release.decision': 'release' },
}

/** An item of the holder's own, verified and in use, of an adult suspect. */
const item = (id: string, changes: Facts = {}): Item => ({
  id,
  facts: {
    ...{ 'item.class': 'identification', 'item.role': 'suspect', 'item.minor': false },
    ...{ 'item.ageAtEvent': 35, 'item.origin': 'holder', 'item.originConsent': 'own-data' },
    ...{ 'item.system': 'national', 'item.quality': 'verified', 'item.status': 'active' },
    ...{ 'item.youthRecord': 'none', 'item.yearsSinceEvent': 1 },
    ...unattestedOfItem,
    ...changes,
  },
})

const caseOf = (
  scenario: TrainingCase['scenario'],
  [title, story]: readonly [string, string],
  facts: Facts,
  items: readonly Item[] = [item('1')],
): TrainingCase => ({
  ...{ scenario, title, story, asOf: '2026-11-24', items },
  facts: { asOf: '2026-11-24', ...unattested, ...facts },
})

const [german, third, british] = ['eu-to-germany', 'third-states-to-germany', 'to-britain'] as const

/** The exercise, in its order. */
export const trainingCases: readonly TrainingCase[] = [
  caseOf(
    [german, 'S01: a life is in danger; identity and convictions leave within eight hours'],
    [
      'A threat this morning',
      'A man in Lyon has threatened to kill a witness today. The French contact point asks Germany over SIENA who he is and whether he has convictions. The German duty officer agrees that a life is in imminent danger.',
    ],
    { ...toGermany, 'request.urgency': 'imminent-threat-to-life', 'threat.life': 'imminent' },
    [item('name'), item('convictions', { 'item.class': 'criminal-history' })],
  ),
  caseOf(
    [german, 'S03: the wrong address stays, the identity leaves'],
    [
      'An address that nobody trusts',
      'Spain’s contact point asks Germany for the name and the address of a suspect. Germany knows that the address on its file is wrong.',
    ],
    { ...toGermany, 'requester.jurisdiction': 'ES' },
    [item('name'), item('address', { 'item.class': 'location', 'item.quality': 'known-wrong' })],
  ),
  caseOf(
    [german, 'S02: a minor matter may be refused, with reasons'],
    [
      'A small matter',
      'France’s contact point asks Germany for the identity of a suspect. In Germany, the act carries a year in prison at most. Nobody in Germany has said that it will help all the same.',
    ],
    { ...toGermany, 'request.offence.maxCustodyMonthsHolder': 12 },
  ),
  caseOf(
    [german, "S04: Austrian data needs Austria's consent"],
    [
      'What Austria gave',
      'France’s contact point asks Germany for the identity of a suspect. Germany has it from Austria alone, and nobody has asked Austria yet.',
    ],
    toGermany,
    [item('1', { 'item.origin': 'AT', 'item.originConsent': 'not-asked' })],
  ),
  caseOf(
    [german, 'X7: immigration alone is no ground for police data'],
    [
      'A residence permit',
      'France’s contact point asks the German police for what they hold of a man who has applied for a residence permit. No offence is mentioned.',
    ],
    { ...toGermany, 'request.purpose': 'immigration' },
  ),
  caseOf(
    [german, 'A French data broker gets nothing'],
    [
      'A private firm',
      'A firm in Paris sells background checks “to prevent crime”. It asks the German police for the identity of a man.',
    ],
    { ...toGermany, 'requester.authorityType': 'private', 'request.purpose': 'prevention' },
  ),
  caseOf(
    [third, 'S05: a British fraud request is answered on adequacy'],
    [
      'Fraud in London',
      'British police ask Germany directly for the name and the account of a suspect of fraud. An officer of the German police was shown what would leave, and decided to release it.',
    ],
    fromOutside,
    [item('name'), item('account', { 'item.class': 'financial' })],
  ),
  caseOf(
    [third, 'X3: GDPR adequacy of Korea carries no police data'],
    [
      'Korea is adequate, is it not?',
      'Korean police ask Germany for the identity of a suspect. For data of private firms, the Commission has found Korea’s law adequate. Nobody has assessed the safeguards for police data. A German officer is ready to release it.',
    ],
    { ...fromOutside, 'requester.jurisdiction': 'KR' },
  ),
  caseOf(
    [third, "The Department of Justice's bank case: account leaves, belief and informant stay"],
    [
      'A bank, a belief and an informant',
      'The Department of Justice of the United States asks the German ministry for mutual legal assistance in a bank fraud. The file has an account, a note on the suspect’s religion, and the name of an informant. The ministry approved, and an officer decided to release. Nobody found that the religion is strictly needed.',
    ],
    {
      ...fromOutside,
      ...{ 'requester.jurisdiction': 'US', 'request.instrument': 'EU-US-MLA' },
      ...{ 'requester.authorityType': 'central-authority', 'request.channel': 'mla-central' },
      'approval.minister': 'given',
    },
    [
      item('account', { 'item.class': 'financial' }),
      item('religion', { 'item.class': 'special' }),
      item('informant', { 'item.role': 'informant', 'item.class': 'victim-witness' }),
    ],
  ),
  caseOf(
    [third, 'A dissident hunted over the INTERPOL channel stays unknown'],
    [
      'A notice for a dissident',
      'The INTERPOL bureau of a state asks Germany where somebody is who “insulted the constitution”. A German officer finds that the offence is political. The safeguards for data there were assessed and found good.',
    ],
    {
      ...fromOutside,
      ...{ 'requester.jurisdiction': 'X', 'requester.authorityType': 'ncb' },
      ...{ 'request.channel': 'interpol', 'transfer.assessment': 'safeguards-found' },
      'request.offence.character': 'political',
    },
  ),
  caseOf(
    [third, 'A bomb tonight: Belgian data goes and Belgium is told'],
    [
      'A bomb tonight',
      'A state without any agreement says that a bomb will go off in a stadium tonight, and asks Germany who a man is. Germany has his name from Belgium, which nobody reaches in time. A German officer finds the threat serious and immediate, and that the man’s rights do not outweigh it.',
    ],
    {
      ...fromOutside,
      ...{ 'requester.jurisdiction': 'X', 'transfer.derogation': 'public-security-threat' },
      ...{ 'threat.publicSecurity': 'serious-immediate', 'transfer.rightsOverride': 'no' },
    },
    [item('1', { 'item.origin': 'BE', 'item.originConsent': 'unobtainable-in-time' })],
  ),
  caseOf(
    [british, 'The United States and a capital crime: refused, and an assurance would help'],
    [
      'A murder that may be punished by death',
      'Police in the United States ask the British police for the identity of a suspect of murder. Safeguards for the data were found. The crime may be punished by death there, and nobody has given an assurance. A British officer is ready to release it.',
    ],
    {
      ...fromOutside,
      ...{ 'holder.jurisdiction': 'GB', 'requester.jurisdiction': 'US' },
      ...{
        'transfer.assessment': 'safeguards-found',
        'request.offence.deathPenaltyAvailable': true,
      },
    },
  ),
]

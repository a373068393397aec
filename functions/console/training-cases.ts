/** Twelve cases to decide: ordinary and hard ones of the scenarios, told in plain words. Everybody in them is invented. */

import type { Html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { type Facts, type Item, unattested, unattestedOfItem } from '../decision/facts.ts'

/** A case of the exercise. */
export type TrainingCase = {
  /** The scenario that it tells: its file under `policies/scenarios/`, and the name of its case. */
  readonly scenario: readonly [file: string, name: string]
  readonly title: Html
  readonly story: Html
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

/** Under which name the catalogue has its title and its story. */
type NameOf<Key> = Key extends `training.cases.${infer Name}.title` ? Name : never

const caseOf = (
  scenario: TrainingCase['scenario'],
  name: NameOf<Parameters<typeof say>[0]>,
  facts: Facts,
  items: readonly Item[] = [item('1')],
): TrainingCase => ({
  ...{ scenario, asOf: '2026-11-24', items },
  title: say(`training.cases.${name}.title`),
  story: say(`training.cases.${name}.story`),
  facts: { asOf: '2026-11-24', ...unattested, ...facts },
})

const [german, third, british] = ['eu-to-germany', 'third-states-to-germany', 'to-britain'] as const

/** The exercise, in its order. */
export const trainingCases: readonly TrainingCase[] = [
  caseOf(
    [german, 'S01: a life is in danger; identity and convictions leave within eight hours'],
    'threat',
    { ...toGermany, 'request.urgency': 'imminent-threat-to-life', 'threat.life': 'imminent' },
    [item('name'), item('convictions', { 'item.class': 'criminal-history' })],
  ),
  caseOf(
    [german, 'S03: the wrong address stays, the identity leaves'],
    'address',
    { ...toGermany, 'requester.jurisdiction': 'ES' },
    [item('name'), item('address', { 'item.class': 'location', 'item.quality': 'known-wrong' })],
  ),
  caseOf([german, 'S02: a minor matter may be refused, with reasons'], 'minor', {
    ...toGermany,
    'request.offence.maxCustodyMonthsHolder': 12,
  }),
  caseOf([german, "S04: Austrian data needs Austria's consent"], 'austria', toGermany, [
    item('1', { 'item.origin': 'AT', 'item.originConsent': 'not-asked' }),
  ]),
  caseOf([german, 'X7: immigration alone is no ground for police data'], 'residence', {
    ...toGermany,
    'request.purpose': 'immigration',
  }),
  caseOf([german, 'A French data broker gets nothing'], 'firm', {
    ...toGermany,
    'requester.authorityType': 'private',
    'request.purpose': 'prevention',
  }),
  caseOf([third, 'S05: a British fraud request is answered on adequacy'], 'fraud', fromOutside, [
    item('name'),
    item('account', { 'item.class': 'financial' }),
  ]),
  caseOf([third, 'X3: GDPR adequacy of Korea carries no police data'], 'korea', {
    ...fromOutside,
    'requester.jurisdiction': 'KR',
  }),
  caseOf(
    [third, "The Department of Justice's bank case: account leaves, belief and informant stay"],
    'bank',
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
  caseOf([third, 'A dissident hunted over the INTERPOL channel stays unknown'], 'dissident', {
    ...fromOutside,
    ...{ 'requester.jurisdiction': 'X', 'requester.authorityType': 'ncb' },
    ...{ 'request.channel': 'interpol', 'transfer.assessment': 'safeguards-found' },
    'request.offence.character': 'political',
  }),
  caseOf(
    [third, 'A bomb tonight: Belgian data goes and Belgium is told'],
    'bomb',
    {
      ...fromOutside,
      ...{ 'requester.jurisdiction': 'X', 'transfer.derogation': 'public-security-threat' },
      ...{ 'threat.publicSecurity': 'serious-immediate', 'transfer.rightsOverride': 'no' },
    },
    [item('1', { 'item.origin': 'BE', 'item.originConsent': 'unobtainable-in-time' })],
  ),
  caseOf(
    [british, 'The United States and a capital crime: refused, and an assurance would help'],
    'murder',
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

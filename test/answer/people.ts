/** Invented people, what officers say of ordinary cases, and requests for both. */

import type { AnswerBody } from '../../functions/answer/reply/reply-schema.ts'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { HeldRecord, RecordItem } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { answered, type Gateway } from '../world.ts'

const plain = {
  role: 'suspect',
  minor: false,
  ageAtEvent: 35,
  eventDate: '2025-02-11',
  system: 'national',
  quality: 'verified',
  status: 'active',
  youthRecord: 'none',
  retentionUntil: '2033-12-31',
  handling: [],
} as const

const kinds = {
  name: { element: 'nc:PersonFullName', class: 'identification', value: 'Anton Beispiel' },
  birthDate: { element: 'nc:PersonBirthDate', class: 'identification', value: '1979-03-14' },
  conviction: { element: 'j:Conviction', class: 'criminal-history', value: 'fraud, 2021' },
  account: { element: 'nc:FinancialAccountNumberID', class: 'financial', value: 'XX00 0000 1234' },
  address: {
    element: 'nc:AddressFullText',
    class: 'location',
    value: { city: 'Altstadt', region: 'Nord', country: 'DE' },
  },
  report: { element: 'nc:ActivityDescriptionText', class: 'case', value: 'a report' },
  informant: {
    element: 'j:IncidentInformantAssociation',
    class: 'victim-witness',
    value: 'source 12',
    role: 'informant',
  },
  religion: { element: 'nc:PersonReligionText', class: 'special', value: 'none stated' },
  fingerprints: { element: 'biom:FingerprintImage', class: 'biometric', value: 'set 7F-0031' },
} as const satisfies Readonly<Record<string, Partial<RecordItem>>>

/** An item of a kind, benign unless changed; its id is the kind. */
export const itemOf = (kind: keyof typeof kinds, changes: Partial<RecordItem> = {}): RecordItem => {
  const item: RecordItem = { id: kind, ...plain, ...kinds[kind], handling: [] }
  return { ...item, ...changes }
}

/** A record that can be asked for by `subjectsOf`. */
export const personOf = (id: string, items: readonly RecordItem[]): HeldRecord => ({
  id,
  names: [{ given: 'Anton', family: `Beispiel ${id}` }],
  birthDates: ['1979-03-14'],
  documents: [{ number: `DOC ${id}`, country: 'DE' }],
  items: [...items],
})

/** The three ways to name the person of a record. */
export const subjectsOf = (id: string) =>
  ({
    recordId: { recordId: id },
    document: { document: { number: `DOC ${id}`, country: 'DE' } },
    name: { name: { given: 'Anton', family: `Beispiel ${id}` }, birthDate: '1979-03-14' },
  }) satisfies Readonly<Record<string, AccessRequest['subject']>>

/** A request of an investigator about an ordinary offence of five years. */
export const requestOf = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  holder: 'DE-POL',
  subject: { recordId: 'R-1' },
  classes: ['identification'],
  purpose: 'investigation',
  instrument: 'none',
  channel: 'bilateral',
  offence: { category: 'ordinary', maxCustodyMonths: 60 },
  stage: 'suspect',
  urgency: 'none',
  necessity: { statement: 'To find the suspect.', strictlyNecessaryClasses: [] },
  caseReference: 'CASE-1',
  ...changes,
})

/** What a member of the Union relies on when it asks another. */
export const directive = { instrument: 'EU-2023/977', channel: 'siena' } as const

/** A request between members of the Union, which leaves by rule alone. */
export const requestOfMember = (changes: Partial<AccessRequest> = {}): AccessRequest =>
  requestOf({ ...directive, ...changes })

type Attested = Readonly<Record<string, AttestationBody['value']>>

/** What a holder's officers find of the ordinary offences of a country, as a rule. */
export const benign: Attested = {
  'request.offence.character': 'ordinary',
  'request.offence.isOffenceForHolder': true,
  'request.offence.maxCustodyMonthsHolder': 60,
  'request.offence.deathPenaltyAvailable': false,
  'risk.torture': 'none',
  'risk.persecution': 'none',
  'risk.unfairTrial': 'none',
}

/** The same of a member of the Union, between which the law presumes that what is asked is necessary. */
export const benignOfMember: Attested = { ...benign, 'necessity.case': 'necessary' }

/** What an officer finds in the single case, in the act by which he releases. */
export const inThisCase: NonNullable<AttestationBody['also']> = [
  { fact: 'necessity.case', value: 'necessary' },
  { fact: 'transfer.caseCheck', value: 'clean' },
]

/** The holder's officers attest facts for a case of a requester, or for a country as a rule. */
export async function attestAll(
  gateway: Pick<Gateway, 'attest' | 'attestGenerally'>,
  holder: string,
  scope: AttestationBody['scope'],
  facts: Attested,
): Promise<void> {
  const how = scope.kind === 'general' ? gateway.attestGenerally : gateway.attest
  await Promise.all(
    Object.entries(facts).map(([fact, value]) => how(holder, { holder, fact, value, scope })),
  )
}

/**
 * A denial that an officer of the holder looked at and released, so that it may be asked again: gives
 * the request that does so.
 */
export async function released(
  gateway: Gateway,
  agency: string,
  body: AccessRequest,
  officer = 'officer-1',
): Promise<AccessRequest> {
  const denial = await answered(await gateway.ask(agency, officer, body))
  await gateway.releaseBy(body.holder, denial.id, { facts: inThisCase })
  return { ...body, previous: denial.id }
}

/** The answer to a request that an officer of the holder released. */
export const granted = async (
  gateway: Gateway,
  agency: string,
  body: AccessRequest,
  officer = 'officer-1',
): Promise<AnswerBody> =>
  answered(await gateway.ask(agency, officer, await released(gateway, agency, body, officer)))

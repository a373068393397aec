/** Invented people for the local gateway, with every class of item and the hard cases. */

import type { HeldRecord, RecordItem } from '../decision/record.ts'
import { ComityError } from '../failure.ts'

type Person = {
  readonly given: string
  readonly family: string
  readonly birthDate: string
  readonly document: string
  readonly country: string
  readonly city: string
  readonly region: string
  /** What the record holds besides identity, by names in `extras`. */
  readonly also: readonly (keyof typeof extras)[]
}

/** What an ordinary item of a suspect says. */
export const plain = {
  role: 'suspect',
  minor: false,
  eventDate: '2025-02-11',
  system: 'national',
  quality: 'verified',
  status: 'active',
  youthRecord: 'none',
  retentionUntil: '2033-12-31',
  handling: [],
} as const

type Extra = Partial<RecordItem> & Pick<RecordItem, 'element' | 'class' | 'value'>

const extra = (
  element: string,
  of: Extra['class'],
  value: Extra['value'],
  more: Partial<RecordItem> = {},
): Extra => ({ element, class: of, value, ...more })

const extras = {
  fingerprints: extra('biom:FingerprintImage', 'biometric', 'print set 7F-0031'),
  dna: extra('biom:DNAProfile', 'genetic', 'profile D3 15,17; vWA 14,16'),
  health: extra('nc:PersonMedicalCondition', 'health', 'insulin-dependent'),
  religion: extra('nc:PersonReligionText', 'special', 'none stated'),
  conviction: extra('j:Conviction', 'criminal-history', 'fraud, 2021, 14 months suspended', {
    role: 'convicted',
  }),
  account: extra('nc:FinancialAccountNumberID', 'financial', 'XX00 0000 0000 0000 1234'),
  messages: extra(
    'ext:CommunicationContentText',
    'communications-content',
    'message of an invented case',
  ),
  calls: extra('ext:CommunicationTrafficRecord', 'traffic', '3 calls on one day'),
  phone: extra('nc:ContactTelephoneNumber', 'subscriber', '+00 555 0100'),
  plate: extra('j:ConveyanceRegistrationPlateIdentification', 'object', 'ZZ-XY 123'),
  caseNumber: extra('j:CaseNumberText', 'case', 'INV-2025-0417'),
  victim: extra('j:Victim', 'victim-witness', 'victim of an invented case', { role: 'victim' }),
  informant: extra('j:IncidentInformantAssociation', 'victim-witness', 'source 12', {
    role: 'informant',
  }),
  portrait: extra('nc:PersonDigitalImage', 'identification', { type: 'image/jpeg' }),
  child: extra('j:JuvenileOffenderIndicator', 'minor', 'theft, aged 12', {
    minor: true,
    ageAtEvent: 12,
    eventDate: '2023-05-04',
    status: 'review-overdue',
    youthRecord: 'open',
  }),
  wrongAddress: extra(
    'nc:PersonResidenceAssociation',
    'location',
    { city: 'Altstadt', region: 'Nord', country: 'DE' },
    { quality: 'known-wrong' },
  ),
  belgian: extra('nc:ActivityDescriptionText', 'case', 'report given by Belgium', {
    originator: 'BE',
    handling: ['H2'],
  }),
  alert: extra('nc:ActivityIdentification', 'case', 'alert 5', { system: 'SIS', originator: 'DE' }),
}

/** Name, birth date, document, home, and what else the record holds, separated by two spaces or more. */
const people: Readonly<Record<string, string>> = {
  'DE-POL': `
    Anton Beispiel     1979-03-14  DEC01X00T47  Musterstadt, Mitte  conviction account phone
    Berta Müster       1984-07-02  DEC02X00T47  Altdorf, Süd        fingerprints health religion
    Carl Groß          1990-11-23  DEC03X00T47  Neuhafen, Nord      child
    Dora Phantasie     1968-01-30  DEC04X00T47  Altdorf, Süd        wrongAddress conviction
    Emil Erfunden      1995-09-09  DEC05X00T47  Musterstadt, Mitte  belgian caseNumber
    Frieda Niemand     1973-12-17  DEC06X00T47  Neuhafen, Nord      alert plate
    Gustav Doppel      1981-05-05  DEC07X00T47  Musterstadt, Mitte  conviction
    Gustav Doppel      1981-05-05  DEC08X00T47  Altdorf, Süd        account
    Hanna Leerhaus     2001-04-21  DEC09X00T47  Neuhafen, Nord      victim informant
    Ivo Irgendwer      1959-08-11  DEC10X00T47  Altdorf, Süd        dna messages calls
    Jana Kunstname     1988-02-29  DEC11X00T47  Musterstadt, Mitte  fingerprints conviction portrait
    Kilian Ausgedacht  1976-06-16  DEC12X00T47  Neuhafen, Nord      phone plate caseNumber
  `,
  'GB-POL': `
    Alice Fictional    1982-10-03  GB900000001  Nowhere, North      conviction account phone
    Brian Madeup       1971-05-25  GB900000002  Somewhere, South    fingerprints health
    Clara Pretend      1993-01-12  GB900000003  Elsewhere, West     victim caseNumber
    Dylan Nobody       1987-03-08  GB900000004  Nowhere, North      messages calls
    Edith Sample       1964-12-31  GB900000005  Somewhere, South    religion conviction
    Frank Invented     1998-07-19  GB900000006  Elsewhere, West     plate phone
    Gwen Imaginary     1979-09-27  GB900000007  Nowhere, North      informant conviction
    Harry Standin      1990-02-14  GB900000008  Somewhere, South    dna account
    Isla Noone         2006-11-05  GB900000009  Elsewhere, West     child
    Jack Placeholder   1985-08-22  GB900000010  Nowhere, North      account caseNumber
  `,
}

function extraName(name: string): keyof typeof extras {
  const isExtra = (each: string): each is keyof typeof extras => Object.hasOwn(extras, each)
  if (isExtra(name)) return name
  throw new ComityError(`couldn’t make up a record: there is no \`${name}\` to add`)
}

function personIn(row: string): Person {
  const [name = '', birthDate = '', document = '', place = '', also = ''] = row.split(/ {2,}/)
  const [given = '', family = ''] = name.split(' ')
  const [city = '', region = ''] = place.split(', ')
  const country = document.slice(0, 2)
  const names = also.split(' ').map(extraName)
  return { given, family, birthDate, document, country, city, region, also: names }
}

/** The records of the holder with this id. */
export const recordsOf = (holder: string): readonly HeldRecord[] =>
  (people[holder] ?? '')
    .trim()
    .split('\n')
    .filter((row) => row !== '')
    .map((row, i) => recordOf(`${holder}-${String(i + 1).padStart(4, '0')}`, personIn(row.trim())))

function recordOf(id: string, person: Person): HeldRecord {
  const { given, family, birthDate, document, country, city, region } = person
  const identity = [
    extra('nc:PersonFullName', 'identification', `${given} ${family}`),
    extra('nc:PersonBirthDate', 'identification', birthDate),
    extra('nc:PersonPassportIdentification', 'identification', document),
  ]
  const address = extra('nc:AddressFullText', 'location', { city, region, country })
  const located = person.also.includes('wrongAddress') ? [] : [address]
  const items = [...identity, ...located, ...person.also.map((name): Extra => extras[name])]
  return {
    id,
    names: [{ given, family }],
    birthDates: [birthDate],
    documents: [{ number: document, country }],
    items: items.map((item, i) => ({
      id: String(i + 1),
      ...plain,
      ...item,
      handling: [...(item.handling ?? plain.handling)],
    })),
  }
}

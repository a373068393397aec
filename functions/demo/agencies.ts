/** Invented agencies for the local gateway. Names, officers and keys are nobody's. */

import type { DutyDesk } from '../identity/duty.ts'
import type { Agency } from '../identity/register.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { awayPartner, testPartner } from './test-cases.ts'

type Seed = Omit<Agency, 'keys' | 'status' | 'requestsPerMinute' | 'cannotHonour'>

/** Facts that a holder's officers judge, including whether an originator's consent cannot be had in time. */
const ofOfficers = Object.keys(vocabulary).filter(
  (fact) =>
    vocabulary[fact]?.attester === 'holder-officer' || vocabulary[fact]?.attester === 'originator',
)
/** Facts that a ministry decides. */
const ofMinistry = Object.keys(vocabulary).filter(
  (fact) => vocabulary[fact]?.attester === 'holder-ministry',
)

const agency = (
  id: string,
  name: string,
  authorityType: string,
  timeZone: string,
  channels: readonly string[],
  more: Partial<Seed> = {},
): Seed => ({
  id,
  name,
  jurisdiction: id.split('-')[0] ?? '',
  authorityType,
  timeZone,
  channels: [...channels],
  attests: [],
  holdsRecords: false,
  ...more,
})

function office(
  id: string,
  name: string,
  timeZone: string,
  role: NonNullable<Agency['role']>,
): Seed {
  return agency(id, `Invented ${name}`, 'administrative', timeZone, [], { role })
}

/** Offices besides the agencies: auditors of the log, approvers of acts that need two, and legal editors. */
const offices: readonly Seed[] = [
  office('DE-DPA', 'Data Protection Authority of Germany', 'Europe/Berlin', 'auditor'),
  office('GB-DPA', 'Data Protection Authority of the United Kingdom', 'Europe/London', 'auditor'),
  office('FR-DPA', 'Data Protection Authority of France', 'Europe/Paris', 'auditor'),
  office('US-OIG', 'Inspector General of the United States', 'America/New_York', 'auditor'),
  office('DE-DPO', 'Data Protection Officer of Germany', 'Europe/Berlin', 'approver'),
  office('GB-DPO', 'Data Protection Officer of the United Kingdom', 'Europe/London', 'approver'),
  office('DE-LEGAL', 'Legal Team of Germany', 'Europe/Berlin', 'legal-editor'),
  office('GB-LEGAL', 'Legal Team of the United Kingdom', 'Europe/London', 'legal-editor'),
]

/** A desk where somebody always is. Its number is one of those kept for fiction. */
const always = (telephone: string, languages: string[]): Partial<Seed> => ({
  duty: {
    telephone,
    languages,
    hours: [{ days: [...workdays, 'sat', 'sun', 'holiday'], from: '00:00', until: '24:00' }],
  },
})
/** A desk where somebody is on workdays. */
const byDay = (telephone: string, languages: string[], from: string, until: string) => ({
  duty: { telephone, languages, hours: [{ days: workdays, from, until }] },
})
const workdays: DutyDesk['hours'][number]['days'] = ['mon', 'tue', 'wed', 'thu', 'fri']

/** The test partner, and one whose own system never answers: every branch of an answer, without a partner. */
export const testPartners: readonly Seed[] = [
  agency(
    testPartner,
    'Test Partner (fixed answers)',
    'police',
    'Europe/Berlin',
    ['siena', 'bilateral'],
    { holdsRecords: true, attests: [{ holder: testPartner, facts: ofOfficers }] },
  ),
  agency(
    awayPartner,
    'Test Partner (never answers)',
    'police',
    'Europe/Berlin',
    ['siena', 'bilateral'],
    {
      holdsRecords: true,
      system: {},
      attests: [{ holder: awayPartner, facts: ofOfficers }],
    },
  ),
]

/** A dozen agencies, of which two hold records and the others ask or vouch, and the offices. */
export const agencies: readonly Seed[] = [
  agency(
    'DE-POL',
    'Invented Federal Police of Germany',
    'police',
    'Europe/Berlin',
    ['bilateral', 'siena', 'interpol'],
    {
      holdsRecords: true,
      attests: [{ holder: 'DE-POL', facts: ofOfficers }],
      offices: ['DE-MIN'],
      holidays: ['2026-12-25', '2026-12-26', '2027-01-01'],
      ...always('+493023125001', ['de', 'en']),
    },
  ),
  agency(
    'GB-POL',
    'Invented National Police of the United Kingdom',
    'police',
    'Europe/London',
    ['bilateral', 'interpol'],
    {
      holdsRecords: true,
      attests: [{ holder: 'GB-POL', facts: ofOfficers }],
      offices: ['GB-MIN'],
      holidays: ['2026-12-25', '2026-12-28', '2027-01-01'],
      ...always('+442079460001', ['en']),
    },
  ),
  agency(
    'GB-MIN',
    'Invented Ministry of the United Kingdom',
    'central-authority',
    'Europe/London',
    ['mla-central'],
    {
      attests: [{ holder: 'GB-POL', facts: ofMinistry }],
      ...byDay('+442079460002', ['en'], '09:00', '17:00'),
    },
  ),
  agency(
    'DE-MIN',
    'Invented Ministry of Germany',
    'central-authority',
    'Europe/Berlin',
    ['mla-central'],
    {
      attests: [{ holder: 'DE-POL', facts: ofMinistry }],
      ...byDay('+493023125002', ['de', 'en', 'fr'], '08:00', '16:30'),
    },
  ),
  agency(
    'FR-SPOC',
    'Invented Single Point of Contact of France',
    'spoc',
    'Europe/Paris',
    ['siena', 'bilateral'],
    always('+33199001001', ['fr', 'en']),
  ),
  agency('ES-SPOC', 'Invented Single Point of Contact of Spain', 'spoc', 'Europe/Madrid', [
    'siena',
    'bilateral',
  ]),
  agency('NL-POL', 'Invented Police of the Netherlands', 'police', 'Europe/Amsterdam', [
    'siena',
    'bilateral',
  ]),
  agency(
    'BE-POL',
    'Invented Police of Belgium',
    'police',
    'Europe/Brussels',
    ['siena', 'bilateral'],
    { attests: [{ holder: 'DE-POL', facts: ['item.originConsent'] }] },
  ),
  agency('CH-POL', 'Invented Police of Switzerland', 'police', 'Europe/Zurich', [
    'bilateral',
    'siena',
  ]),
  agency('US-POL', 'Invented Federal Police of the United States', 'police', 'America/New_York', [
    'bilateral',
    'interpol',
  ]),
  agency('JP-NCB', 'Invented National Central Bureau of Japan', 'ncb', 'Asia/Tokyo', ['interpol']),
  agency('BR-PROS', 'Invented Prosecutor of Brazil', 'prosecutor', 'America/Sao_Paulo', [
    'mla-central',
    'bilateral',
  ]),
  ...offices,
]

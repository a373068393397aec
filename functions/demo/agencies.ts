/** Invented agencies for the local gateway. Names, officers and keys are nobody's. */

import { jurisdictionIn } from '../decision/argument.ts'
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

/** Where the agencies are, by country. */
const zones: Readonly<Record<string, string>> = {
  DE: 'Europe/Berlin',
  GB: 'Europe/London',
  FR: 'Europe/Paris',
  US: 'America/New_York',
  ES: 'Europe/Madrid',
  NL: 'Europe/Amsterdam',
  BE: 'Europe/Brussels',
  CH: 'Europe/Zurich',
  JP: 'Asia/Tokyo',
  BR: 'America/Sao_Paulo',
}

const agency = (
  id: string,
  name: string,
  authorityType: string,
  channels: readonly string[],
  more: Partial<Seed> = {},
): Seed => ({
  id,
  name,
  jurisdiction: jurisdictionIn(id),
  authorityType,
  timeZone: zones[jurisdictionIn(id)] ?? 'Europe/Berlin',
  channels: [...channels],
  attests: [],
  holdsRecords: false,
  ...more,
})

const invented: typeof agency = (id, name, ...more) => agency(id, `Invented ${name}`, ...more)

const office = (id: string, name: string, role: NonNullable<Agency['role']>): Seed =>
  invented(id, name, 'administrative', [], { role })

/** Offices besides the agencies: auditors of the log, approvers of acts that need two, and legal editors. */
const offices: readonly Seed[] = [
  office('DE-DPA', 'Data Protection Authority of Germany', 'auditor'),
  office('GB-DPA', 'Data Protection Authority of the United Kingdom', 'auditor'),
  office('FR-DPA', 'Data Protection Authority of France', 'auditor'),
  office('US-OIG', 'Inspector General of the United States', 'auditor'),
  office('DE-DPO', 'Data Protection Officer of Germany', 'approver'),
  office('GB-DPO', 'Data Protection Officer of the United Kingdom', 'approver'),
  office('DE-LEGAL', 'Legal Team of Germany', 'legal-editor'),
  office('GB-LEGAL', 'Legal Team of the United Kingdom', 'legal-editor'),
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

const partner = (id: string, what: string, more: Partial<Seed> = {}): Seed =>
  agency(id, `Test Partner (${what})`, 'police', ['siena', 'bilateral'], {
    holdsRecords: true,
    ...more,
    attests: [{ holder: id, facts: ofOfficers }],
  })

/** The test partner, and one whose own system never answers: every branch of an answer, without a partner. */
export const testPartners: readonly Seed[] = [
  partner(testPartner, 'fixed answers'),
  partner(awayPartner, 'never answers', { system: {} }),
]

/** A dozen agencies, of which two hold records and the others ask or vouch, and the offices. */
export const agencies: readonly Seed[] = [
  invented('DE-POL', 'Federal Police of Germany', 'police', ['bilateral', 'siena', 'interpol'], {
    holdsRecords: true,
    attests: [{ holder: 'DE-POL', facts: ofOfficers }],
    offices: ['DE-MIN'],
    holidays: ['2026-12-25', '2026-12-26', '2027-01-01'],
    ...always('+493023125001', ['de', 'en']),
  }),
  invented('GB-POL', 'National Police of the United Kingdom', 'police', ['bilateral', 'interpol'], {
    holdsRecords: true,
    attests: [{ holder: 'GB-POL', facts: ofOfficers }],
    offices: ['GB-MIN'],
    holidays: ['2026-12-25', '2026-12-28', '2027-01-01'],
    ...always('+442079460001', ['en']),
  }),
  invented('GB-MIN', 'Ministry of the United Kingdom', 'central-authority', ['mla-central'], {
    attests: [{ holder: 'GB-POL', facts: ofMinistry }],
    ...byDay('+442079460002', ['en'], '09:00', '17:00'),
  }),
  invented('DE-MIN', 'Ministry of Germany', 'central-authority', ['mla-central'], {
    attests: [{ holder: 'DE-POL', facts: ofMinistry }],
    ...byDay('+493023125002', ['de', 'en', 'fr'], '08:00', '16:30'),
  }),
  invented(
    'FR-SPOC',
    'Single Point of Contact of France',
    'spoc',
    ['siena', 'bilateral'],
    always('+33199001001', ['fr', 'en']),
  ),
  invented('ES-SPOC', 'Single Point of Contact of Spain', 'spoc', ['siena', 'bilateral']),
  invented('NL-POL', 'Police of the Netherlands', 'police', ['siena', 'bilateral']),
  invented('BE-POL', 'Police of Belgium', 'police', ['siena', 'bilateral'], {
    attests: [{ holder: 'DE-POL', facts: ['item.originConsent'] }],
  }),
  invented('CH-POL', 'Police of Switzerland', 'police', ['bilateral', 'siena']),
  invented('US-POL', 'Federal Police of the United States', 'police', ['bilateral', 'interpol']),
  invented('JP-NCB', 'National Central Bureau of Japan', 'ncb', ['interpol']),
  invented('BR-PROS', 'Prosecutor of Brazil', 'prosecutor', ['mla-central', 'bilateral']),
  ...offices,
]

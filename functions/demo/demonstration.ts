/** Three requests that show what the gateway does, and the agencies that the commands can play. */

import type { Profile } from '../client/profile.ts'
import { agencies, testPartners } from './agencies.ts'

/** Who asks, and what. */
export type Example = {
  readonly title: string
  readonly file: string
  readonly agency: string
  readonly officer: string
  readonly request: Readonly<Record<string, unknown>>
}

const theft = { category: 'ordinary', description: 'organised theft', maxCustodyMonths: 60 }
/** What an authority of the European Union says of a suspect of theft. */
export const inquiry = {
  purpose: 'investigation',
  instrument: 'EU-2023/977',
  channel: 'siena',
  offence: theft,
  stage: 'suspect',
  urgency: 'none',
} as const

/** One released, one redacted, one denied. The guide for officers goes on with the denied one: one releases it. */
export const examples: readonly Example[] = [
  {
    title: 'France asks Germany about a suspect; somebody’s life is in danger',
    file: 'release.json',
    agency: 'FR-SPOC',
    officer: 'officer-7',
    request: {
      holder: 'DE-POL',
      subject: { name: { given: 'Anton', family: 'Beispiel' }, birthDate: '1979-03-14' },
      classes: ['identification', 'criminal-history'],
      ...inquiry,
      urgency: 'imminent-threat-to-life',
      necessity: {
        statement: 'The suspect threatened a witness this morning.',
        strictlyNecessaryClasses: [],
      },
      caseReference: 'FR-2026-0117',
    },
  },
  {
    title: 'Spain asks Germany where somebody lives; the address on file is known to be wrong',
    file: 'redact.json',
    agency: 'ES-SPOC',
    officer: 'officer-3',
    request: {
      holder: 'DE-POL',
      subject: { document: { number: 'DEC04X00T47', country: 'DE' } },
      classes: ['identification', 'location'],
      ...inquiry,
      necessity: { statement: 'To find the suspect.', strictlyNecessaryClasses: [] },
      caseReference: 'ES-2026-0042',
    },
  },
  {
    title:
      'The United States ask the United Kingdom; death may be imposed, and for this request nobody has ruled it out',
    file: 'deny.json',
    agency: 'US-POL',
    officer: 'agent-12',
    request: {
      holder: 'GB-POL',
      subject: { recordId: 'GB-POL-0001' },
      classes: ['identification', 'criminal-history'],
      purpose: 'prosecution',
      instrument: 'none',
      channel: 'bilateral',
      offence: { category: 'ordinary', description: 'homicide', maxCustodyMonths: 1200 },
      stage: 'charged',
      urgency: 'none',
      necessity: { statement: 'Evidence of identity.', strictlyNecessaryClasses: [] },
      caseReference: 'US-2026-0009',
    },
  },
]

/**
 * A request of an authority that has not joined: a German officer enters it. It came by SIENA, in the message of
 * which `digest` is the SHA-256.
 */
export const received = {
  file: 'received.json',
  request: {
    holder: 'DE-POL',
    subject: { name: { given: 'Anton', family: 'Beispiel' }, birthDate: '1979-03-14' },
    classes: ['identification'],
    ...inquiry,
    necessity: { statement: 'To find the suspect.', strictlyNecessaryClasses: [] },
    caseReference: 'NUIPC 77/26',
    receivedBy: {
      way: 'siena',
      number: '2026-4711-1',
      receivedAt: '2026-11-28T08:40:00Z',
      digest: 'kK5iHhVdNXXqC8nUoLr8nXvZbAcvrrY8mP0mSxyOG0M',
      from: {
        name: 'Polícia Judiciária, ponto de contacto',
        jurisdiction: 'PT',
        authorityType: 'police',
        cannotHonour: [],
      },
    },
  },
} as const

/** What a German officer gives France unasked. */
export const unasked = {
  file: 'provide.json',
  request: {
    holder: 'DE-POL',
    to: 'FR-SPOC',
    subject: { name: { given: 'Anton', family: 'Beispiel' }, birthDate: '1979-03-14' },
    classes: ['identification'],
    purpose: 'investigation',
    instrument: 'EU-2023/977',
    channel: 'siena',
    offence: { category: 'ordinary', description: 'organised theft' },
    urgency: 'none',
    ground: 'He was met with two suspects of a series of thefts in Alsace.',
    caseReference: 'DE-2026-0042',
  },
} as const

/** The officers who sign for the agencies of the examples. For all others, `officer-1` signs. */
const officers = new Map(examples.map(({ agency, officer }) => [agency, officer]))

/** The profile for the commands: every invented agency, as `--as` names it. */
export const profileOf = (url: string): Profile => ({
  url,
  keys: 'agencies',
  identities: Object.fromEntries(
    [...agencies, ...testPartners].map(({ id, role }) => [
      id,
      role === 'auditor'
        ? { agency: id, officer: 'auditor-1', purpose: 'lawfulness' }
        : { agency: id, officer: officers.get(id) ?? 'officer-1' },
    ]),
  ),
})

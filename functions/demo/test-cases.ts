/**
 * The test partner's answers: one row for each branch that a system must be able to take. The page
 * (`http/README.md`) is made of this table, and so are the partner's records; the answers come from the real law.
 */

import type { RecordItem } from '../decision/record.ts'
import { plain } from './records.ts'

/** The test partner, and a second one whose own system never answers. `prod` knows neither. */
export const [testPartner, awayPartner] = ['DE-TEST', 'DE-TEST-AWAY'] as const

/** One branch. */
export type TestCase = {
  /** The number of the document by which the person is asked for; the partner's country has issued it. */
  readonly document: string
  readonly holder?: typeof awayPartner
  readonly classes: readonly string[]
  /** What the first answer says. */
  readonly outcome: 'release' | 'redact' | 'deny'
  readonly standing?: 'open' | 'final'
  /** A code among its reasons. */
  readonly reason?: string
  /** What happens then, as the page says it. */
  readonly then: string
  /** What the partner's officer does. */
  readonly officer?: 'release' | 'refuse' | 'ask-back'
  /** The items of each record; without any, there is none. */
  readonly records: readonly (readonly (keyof typeof items)[])[]
}

const item = (
  element: string,
  of: RecordItem['class'],
  value: RecordItem['value'],
  more: Partial<RecordItem> = {},
) => ({ ...plain, handling: [], element, class: of, value, ...more })

const address = { city: 'Musterstadt', region: 'Mitte', country: 'DE' }

/** Items of the partner's records. */
export const items = {
  name: item('nc:PersonFullName', 'identification', 'Tom Test'),
  blocked: item('nc:PersonFullName', 'identification', 'Tom Test', { status: 'blocked' }),
  wrongAddress: item('nc:AddressFullText', 'location', address, { quality: 'known-wrong' }),
  prints: item('biom:FingerprintImage', 'biometric', 'print set 7F-0031'),
}

const identification = ['identification'] as const
const biometric = ['biometric'] as const
const open = { outcome: 'deny', standing: 'open', reason: 'human-decision' } as const

/** Every branch. */
export const testCases: readonly TestCase[] = [
  {
    ...{ document: 'T-RELEASE', classes: identification, outcome: 'release', records: [['name']] },
    then: 'The same call again: 200, with the same data.',
  },
  {
    ...{ document: 'T-REDACT', classes: ['identification', 'location'], outcome: 'redact' },
    then: '`location` is `not released`; the rest is.',
    records: [['name', 'wrongAddress']],
  },
  {
    ...{ document: 'T-NONE', classes: identification, outcome: 'deny', standing: 'final' },
    ...{ reason: 'nothing-transmissible', records: [] },
    then: 'No such person is on record.',
  },
  {
    ...{ document: 'T-NOTHING', classes: identification, outcome: 'deny', standing: 'final' },
    ...{ reason: 'nothing-transmissible', records: [['blocked']] },
    then: 'Somebody is, but nothing may be told.',
  },
  {
    ...{ document: 'T-TWO', classes: identification, outcome: 'deny', standing: 'final' },
    ...{ reason: 'nothing-transmissible', records: [['name'], ['name']] },
    then: 'Two persons fit, which is not told.',
  },
  {
    ...{ document: 'T-OPEN', classes: biometric, ...open, records: [['prints']] },
    then: 'Nobody acts: after half of the time, `reminder`.',
  },
  {
    ...{ document: 'T-LATER', classes: biometric, ...open, records: [['prints']] },
    officer: 'release',
    then: '`answerable`; ask again with `previous`: `release`.',
  },
  {
    ...{ document: 'T-REFUSED', classes: biometric, ...open, records: [['prints']] },
    officer: 'refuse',
    then: '`refused`, with a ground.',
  },
  {
    ...{ document: 'T-ASKED', classes: biometric, ...open, records: [['prints']] },
    officer: 'ask-back',
    then: '`asked-back`; the question is beside the answer.',
  },
  {
    ...{ document: 'T-CHANGED', classes: identification, outcome: 'release', records: [['name']] },
    then: '`corrected`; the same call again: 409, `record-changed`.',
  },
  {
    ...{ document: 'T-AWAY', classes: identification, holder: awayPartner },
    ...{ outcome: 'deny', standing: 'open', reason: 'holder-away', records: [] },
    then: 'Its own system is away: over 4 s.',
  },
]

/** The records of the partner, by id. */
export const testRecords = testCases.flatMap(({ document, records }) =>
  records.map((names, i) => ({
    id: `${document}-${i + 1}`,
    names: [{ given: 'Tom', family: 'Test' }],
    birthDates: ['1970-01-01'],
    documents: [{ number: document, country: 'DE' }],
    items: names.map((name): RecordItem => ({ id: name, ...items[name], handling: [] })),
  })),
)

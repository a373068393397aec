/** Entries, agencies and records that the tests of adapters write. */

import { randomBytes } from 'node:crypto'
import type { HeldRecord, RecordItem } from '../../functions/decision/record.ts'
import { type Agency, agencySchema } from '../../functions/identity/register.ts'
import { type Entry, entryId, makeEntry, named } from '../../functions/ledger/entry.ts'

const fresh = () => randomBytes(12).toString('base64url')

/** An id that no other test uses. */
export const freshId = (): string => entryId('FR-SPOC', fresh())

export const kek = Buffer.alloc(32, 7)

/** An entry of one attempt; each attempt decides something else, as it may. */
export const entryOf = (eid: string, attempt: string, ts = '2026-11-24T22:25:46.123Z'): Entry =>
  makeEntry(
    {
      t: 'decision',
      log: 'comity.test/de/2026',
      eid,
      ts,
      hj: 'DE',
      aj: 'FR',
      out: 'deny',
      ...named({ pol: [{ id: 'de/police', version: '2026-02-14', digest: 'ab' }], lists: [] }),
      eng: 'ef',
      req: 'gh',
    },
    { decision: { decidedBy: attempt }, matter: { caseReference: 'K-1' } },
    { jws: 'a.b.c', body: '{}' },
    { kid: 'K#DE#someone#g1', kek },
    attempt,
    randomBytes,
  )

export const agencyOf = (id: string, rest: Partial<Agency> = {}): Agency =>
  agencySchema.parse({
    id,
    name: `The ${id} of the tests`,
    jurisdiction: id.slice(0, 2),
    authorityType: 'police',
    status: 'active',
    timeZone: 'Europe/Berlin',
    channels: [],
    cannotHonour: [],
    attests: [],
    holdsRecords: true,
    requestsPerMinute: 60,
    keys: [],
    ...rest,
  })

const item: RecordItem = {
  id: 'i1',
  element: 'nc:PersonName',
  class: 'identification',
  value: 'as in the names',
  role: 'suspect',
  system: 'national',
  quality: 'verified',
  status: 'active',
  youthRecord: 'none',
  handling: [],
}

export const recordOf = (id: string, rest: Partial<HeldRecord> = {}): HeldRecord => ({
  id,
  names: [{ given: 'Jan', family: 'Kowalski' }],
  birthDates: ['1990-01-31'],
  documents: [{ number: 'C01X00T47', country: 'DE' }],
  items: [item],
  ...rest,
})

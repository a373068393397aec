/** What auditors count of an officer. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { profileEntriesMax, profileSchema } from '../../functions/audit/officer-profile.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import type { AuditLine } from '../../functions/log-ports.ts'
import {
  attestAll,
  benign,
  granted,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../answer/people.ts'
import { answered, done, freshJti, problemOf } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

const restricted = new Set<string>()
let lines: AuditLine[] | undefined
let audited: Audited

/** A working day in London, in winter, when its hours are those of UTC. */
const start = '2026-11-27T05:00:00.000Z'

beforeAll(async () => {
  audited = await startAudited({
    now: start,
    change: (world) => ({
      ...world,
      subjectKeys: { ...world.subjectKeys, isRestricted: async (kid) => restricted.has(kid) },
    }),
    changeAudit: (world) => ({
      ...world,
      lookups: {
        ...world.lookups,
        list: async (key, range, limit) =>
          lines === undefined ? world.lookups.list(key, range, limit) : lines.splice(0, limit),
      },
    }),
  })
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  for (const id of ['R-1', 'R-2']) await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
  await audited.putRecord('GB-POL', personOf('R-9', [itemOf('name')]))
  const [one, byName, two] = [
    subjectsOf('R-1').recordId,
    subjectsOf('R-1').name,
    { recordId: 'R-2' },
  ]
  await asked('GB-POL', 'o-1', [
    // A Friday at six, 22:30 and 05:59 of the night that follows it, a Sunday at noon; 21:59 is no night yet.
    ['2026-11-27T06:00', { subject: one, caseReference: 'A' }],
    ['2026-11-27T22:30', { subject: byName, caseReference: 'A' }],
    ['2026-11-28T05:59', { subject: two, caseReference: 'B', purpose: 'prosecution' }],
    ['2026-11-29T12:00', { subject: one, caseReference: 'C', dryRun: true }],
    ['2026-11-30T21:59', { subject: { recordId: 'R-9' }, caseReference: 'D' }],
    ['2026-11-30T22:00', { holder: 'GB-POL', subject: { recordId: 'R-9' }, caseReference: 'D' }],
  ])
  // Neither is what the officer asked: an act of the same officer, and what another of that name asked.
  const { id: _, ...body } = personOf('R-9', [itemOf('name')])
  const path = '/v1/records/R-9'
  const kept = await audited.call('GB-POL', { method: 'PUT', path, body, officer: 'o-1' })
  await audited.fileAll([await done(kept)])
  await asked('DE-POL', 'o-1', [
    ['2026-11-30T10:00', { holder: 'GB-POL', subject: { recordId: 'R-9' } }],
  ])
  await asked('GB-POL', 'o-2', [['2026-11-30T10:00', { subject: one, caseReference: 'B' }]])
})
afterAll(() => audited.close())

/** Asks at these moments, and files the entries. */
async function asked(
  agency: string,
  officer: string,
  all: readonly (readonly [string, Partial<AccessRequest>])[],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [moment, changes] of all) {
    audited.clock.now = new Date(`${moment}:00Z`)
    const body = requestOf(changes)
    // What Britain asks of Germany leaves by the decision of an officer alone.
    const isGranted = agency === 'GB-POL' && body.holder === 'DE-POL' && !body.dryRun
    const answer = isGranted
      ? await granted(audited, agency, body, officer)
      : await answered(await audited.ask(agency, officer, body))
    ids.push(answer.id)
  }
  await audited.fileAll(ids)
  return ids
}

const november = { from: '2026-11-01', until: '2026-12-01' }
const send = (office: string, officer: string, more: Record<string, unknown> = {}) => {
  const { purpose = 'lawfulness', agency = 'GB-POL', jti = freshJti(), ...rest } = more
  const body = { purpose, agency, officer, ...november, ...rest }
  return audited.callAudit(office, {
    method: 'POST',
    path: '/v1/officer-profiles',
    body,
    jti: String(jti),
  })
}
const profile = async (...of: Parameters<typeof send>) =>
  profileSchema.parse(await bodyOf(await send(...of)))

describe('An officer’s profile', () => {
  // Kills: bounds of the night, UTC for the agency's hours, a name taken for another person than the record.
  test('counts what the officer asked, as the auditor of the agency’s own country may see it', async () => {
    expect(await profile('GB-DPA', 'o-1')).toEqual({
      agency: 'GB-POL',
      officer: 'o-1',
      from: '2026-11-01T00:00:00.000Z',
      until: '2026-12-01T00:00:00.000Z',
      timeZone: 'Europe/London',
      measures: {
        decisions: 6,
        dryRuns: 1,
        denials: 3,
        atNight: 3,
        onWeekends: 2,
        // Its own side does not know that a name and a record are one person.
        subjects: 5,
        repeatedSubjects: 1,
        cases: 4,
        // A by a record and by a name, and D at two holders.
        mostInCase: 2,
        // B was a colleague's, too.
        aloneInCase: 1,
      },
      purposes: { investigation: 5, prosecution: 1 },
      erased: 0,
      restricted: 0,
      complete: true,
      comparison: { none: 'fewer-than-five-officers' },
    })
  })

  test('counts for a holder’s auditor what was asked there, by whom the holder found', async () => {
    const { measures } = await profile('DE-DPA', 'o-1')
    expect(measures).toMatchObject({ decisions: 5, subjects: 3, repeatedSubjects: 1, cases: 4 })
  })

  test('counts days and hours where the agency is', async () => {
    // 13:30 of a Friday in UTC is 22:30 in Tokyo; 16:00 is Saturday there.
    await asked('JP-NCB', 'o-1', [
      ['2026-11-27T13:30', { channel: 'interpol' }],
      ['2026-11-27T16:00', { channel: 'interpol' }],
    ])
    const { timeZone, measures } = await profile('DE-DPA', 'o-1', { agency: 'JP-NCB' })
    expect(timeZone).toBe('Asia/Tokyo')
    expect(measures).toMatchObject({ decisions: 2, atNight: 2, onWeekends: 1 })
  })

  test('is that of its period alone', async () => {
    const days = { from: '2026-11-28', until: '2026-11-30T21:59:00Z' }
    expect((await profile('GB-DPA', 'o-1', days)).measures).toMatchObject({ decisions: 2 })
  })

  // Kills: any sight of officers that no agency of the office's own country has met.
  test('is that of an officer who asked nothing, for whoever may see nothing', async () => {
    for (const [office, agency, officer] of [
      ['FR-DPA', 'GB-POL', 'o-1'],
      ['GB-DPA', 'GB-POL', 'nobody'],
      ['GB-DPA', 'NL-POL', 'o-1'],
    ] as const) {
      const { measures, purposes } = await profile(office, officer, { agency })
      expect(new Set(Object.values(measures))).toEqual(new Set([0]))
      expect(purposes).toEqual({})
    }
  })

  test('does not open what is restricted or erased to count people', async () => {
    const [id = ''] = await asked('GB-POL', 'o-3', [
      ['2026-11-26T10:00', { subject: { recordId: 'R-3' } }],
    ])
    restricted.add((await audited.entry(id)).stored.kid)
    const closed = await profile('DE-DPA', 'o-3')
    expect(closed).toMatchObject({
      restricted: 1,
      measures: { decisions: 1, subjects: 0, cases: 0 },
    })
    const open = await profile('DE-DPA', 'o-3', { purpose: 'criminal-proceedings' })
    expect(open).toMatchObject({ restricted: 1, measures: { subjects: 1, cases: 1 } })
    restricted.clear()
    await audited.world.subjectKeys.shred((await audited.entry(id)).stored.kid)
    expect(await profile('DE-DPA', 'o-3')).toMatchObject({ erased: 1, measures: { subjects: 0 } })
  })

  test('is put beside the median of the agency’s officers, where there are five', async () => {
    const at = (hour: number, n: number) =>
      Array.from(
        { length: n },
        (_, i) => [`2026-10-0${i + 1}T${hour}:00`, { caseReference: `${hour}-${i}` }] as const,
      )
    for (const [officer, n] of [
      ['a', 1],
      ['b', 2],
      ['c', 4],
      ['d', 5],
    ] as const)
      await asked('GB-POL', officer, at(n + 10, n))
    const october = { from: '2026-10-01', until: '2026-11-01' }
    const four = await profile('DE-DPA', 'd', october)
    expect(four.comparison).toEqual({ none: 'fewer-than-five-officers' })
    await asked('GB-POL', 'e', at(23, 3))
    expect((await profile('DE-DPA', 'd', october)).comparison).toMatchObject({
      officers: 5,
      median: { decisions: 3, aloneInCase: 3, subjects: 1, repeatedSubjects: 1, atNight: 0 },
    })
    await asked('GB-POL', 'f', at(22, 6).slice(0, 6))
    expect((await profile('DE-DPA', 'd', october)).comparison).toMatchObject({
      officers: 6,
      median: { decisions: 3.5, cases: 3.5 },
    })
  })

  // Kills: counting what was read as all there is; a median of the newest alone.
  test('says when only the newest entries were read, and gives no median then', async () => {
    const line: AuditLine = {
      id: '',
      ts: '2026-11-02T12:00:00.000Z',
      kind: 'decision',
      side: 'holder',
      log: 'comity.test/de/2026',
      hj: 'DE',
      aj: 'GB',
      agency: 'GB-POL',
      officer: 'o-1',
      rules: [],
      policies: [],
    }
    lines = Array.from({ length: 2 * profileEntriesMax + 1 }, (_, i) => ({ ...line, id: `x${i}` }))
    const cut = await profile('DE-DPA', 'o-1')
    expect(lines).toHaveLength(1)
    lines = undefined
    expect(cut).toMatchObject({
      complete: false,
      measures: { decisions: profileEntriesMax, subjects: 0 },
      comparison: { none: 'too-many-entries' },
    })
  })

  test('is an entry that says whom it was of, and which entries were counted', async () => {
    const jti = freshJti()
    await send('DE-DPA', 'o-2', { jti })
    const stored = await audited.world.ledger.read(audited.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, audited.world))
    expect(opened?.values).toMatchObject({
      consultation: {
        purpose: 'lawfulness',
        question: { action: 'profile-officer', agency: 'GB-POL', officer: 'o-2' },
        shown: [expect.any(String)],
      },
    })
  })

  test('of no period is refused with the place of the fault', async () => {
    const problem = await problemOf(await send('DE-DPA', 'o-1', { until: '2026-11-01' }))
    expect(problem.errors).toEqual([{ pointer: '/until', detail: 'a moment after `from`' }])
  })
})

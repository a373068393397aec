/** Whom an auditor looks at first, and the alarms that an auditor sets. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alarmsOf, alarmsSchema, wentOffSchema } from '../../functions/audit/alarms.ts'
import { rankingSchema, rankOfficers } from '../../functions/audit/officer-ranking.ts'
import { asOffice } from '../../functions/identity/authorize.ts'
import type { AuditLine } from '../../functions/log-ports.ts'
import { attestAll, benign, granted, itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

let audited: Audited
beforeAll(async () => {
  audited = await startAudited({ now: '2026-11-27T05:00:00.000Z' })
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benign)
  // Five officers ask once by day; one of them asks five times more by night, each time in a case of its own.
  for (const officer of ['o-1', 'o-2', 'o-3', 'o-4', 'o-5'])
    await ask(officer, '2026-11-27T12:00:00Z', 'SHARED')
  for (let i = 0; i < 5; i += 1) await ask('o-1', `2026-11-28T02:0${i}:00Z`, `ALONE-${i}`)
}, 60_000)
afterAll(() => audited.close())

async function ask(officer: string, at: string, caseReference: string): Promise<void> {
  audited.clock.now = new Date(at)
  const request = requestOf({ caseReference, subject: { recordId: 'R-1' } })
  await audited.fileAll([(await answered(await audited.ask('FR-SPOC', officer, request))).id])
}

const look = async (office: string, path: string, body?: object) => {
  const before = audited.looks.length
  const call = {
    path,
    ...(body && { method: 'POST', body: { purpose: 'self-monitoring', ...body } }),
  }
  const response = await audited.callAudit(office, { ...call, jti: freshJti() } as never)
  await audited.fileAll(audited.looks.slice(before))
  return response
}
const rank = async (office: string, more: object = {}) =>
  rankingSchema.parse(
    await bodyOf(
      await look(office, '/v1/officer-rankings', {
        ...{ agency: 'FR-SPOC', from: '2026-11-01', until: '2026-12-01', ...more },
      }),
    ),
  )

describe('The officers of an agency', () => {
  // Kills: counts that are chance shown as suspicion; a ranking by another count than was asked for.
  test('are ranked against their median, and counts below 5 are hidden', async () => {
    const { officers, median, ranked } = await rank('DE-DPA', { by: 'atNight' })
    expect(officers).toBe(5)
    expect(median).toMatchObject({ decisions: 1, atNight: 0, aloneInCase: 0 })
    // The others did nothing five times, so that nothing is said of them.
    expect(ranked).toEqual([
      {
        officer: 'o-1',
        counts: expect.objectContaining({
          ...{ decisions: 6, atNight: 5, aloneInCase: 5 },
          ...{ repeatedSubjects: 'fewer than 5', quickReleases: 'fewer than 5' },
        }),
      },
    ])
  })

  test('are not ranked where they are fewer than five: a median would show each one', async () => {
    const some = await rank('DE-DPA', { from: '2026-11-28', until: '2026-11-29' })
    expect(some).toMatchObject({ officers: 1, ranked: [] })
    expect(some).not.toHaveProperty('median')
  })

  // Kills: a ranking of the newest that says neither how many it counted, nor of how many.
  test.each([
    [1500, { counted: 1000, total: 1500 }],
    [20_001, { counted: 1000, total: 20_000, more: true }],
  ])('are ranked by the newest thousand of %i, and it says so', async (many, part) => {
    const { register } = audited.world
    const agency = await register.agency('DE-DPA')
    if (agency === undefined) throw new Error('no office')
    const lines = Array.from({ length: many }, (_, i): AuditLine => {
      const ts = new Date(Date.UTC(2026, 10, 30) - i * 60_000).toISOString()
      const whose = { hj: 'DE', aj: 'FR', agency: 'FR-SPOC', officer: `o-${i % 6}` }
      const of = { kind: 'decision', side: 'holder', log: 'comity.test/de/2026' } as const
      return { id: `${i}`, ts, ...whose, ...of, rules: [], policies: [] }
    })
    const list = async (_: unknown, { before = '~' }: { before?: string }, limit: number) =>
      lines.filter(({ ts, id }) => `${ts}#${id}` < before).slice(0, limit)
    const lookups = { ...audited.auditWorld.lookups, list }
    const { answer } = await rankOfficers(
      {
        ...{ purpose: 'self-monitoring', agency: 'FR-SPOC', by: 'decisions' },
        ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' },
      },
      { ...asOffice(agency), officer: 'auditor-1', action: 'rank-officers' },
      { ...audited.auditWorld, lookups },
    )
    expect(answer).toMatchObject({ complete: false, officers: 6 })
    expect(answer?.part).toEqual({ ...part, since: lines[999]?.ts })
  })

  test('are seen by an auditor of another state as if nobody had asked', async () => {
    expect(await rank('GB-DPA')).toMatchObject({ officers: 0, ranked: [] })
  })

  // Kills: a confirmation that is counted whenever there was a look, however long before.
  test('who release within 10 s of being shown what would leave are counted', async () => {
    audited.clock.now = new Date('2026-11-28T10:00:00Z')
    const request = requestOf({ caseReference: 'QUICK', subject: { recordId: 'R-1' } })
    await granted(audited, 'GB-POL', request, 'o-9')
    const { officers } = await rank('DE-DPA', { agency: 'DE-POL' })
    expect(officers).toBeLessThan(5)
  })
})

describe('An alarm', () => {
  const nights = { agency: 'FR-SPOC', by: 'atNight', days: 30 }
  const alarms = async () =>
    wentOffSchema.parse(await bodyOf(await look('DE-DPA', '/v1/alarms?purpose=self-monitoring')))
      .alarms

  // Kills: an alarm that goes off at its threshold; one of another office; one that nobody entered.
  test('goes off for whoever has more, as long as it stands, and setting it is an entry', async () => {
    audited.clock.now = new Date('2026-11-29T12:00:00Z')
    expect(await alarms()).toEqual([])
    const before = audited.looks.length
    const set = await bodyOf(await look('DE-DPA', '/v1/alarms', { ...nights, over: 4 }))
    const id = expect.any(String)
    expect(alarmsSchema.parse(set).alarms).toEqual([{ id, ...nights, over: 4 }])
    expect(audited.looks.length).toBe(before + 1)
    expect(await alarms()).toEqual([
      { id, ...nights, over: 4, officers: [{ officer: 'o-1', count: 5 }], complete: true },
    ])
    audited.clock.now = new Date('2026-11-29T12:01:00Z')
    await look('DE-DPA', '/v1/alarms', { ...nights, over: 5 })
    expect(await alarms()).toMatchObject([{ over: 5, officers: [] }])
    const british = { id: 'GB-DPA', jurisdiction: 'GB' }
    expect(await alarmsOf(british, audited.auditWorld)).toEqual([])
    audited.clock.now = new Date('2026-11-29T12:02:00Z')
    await look('DE-DPA', '/v1/alarms', { ...nights, over: null })
    expect(await alarms()).toEqual([])
  })

  test('on less than could be chance is refused, and says so', async () => {
    const refused = await look('DE-DPA', '/v1/alarms', { ...nights, over: 3 })
    expect(refused.status).toBe(422)
    const { errors } = await problemOf(refused)
    expect(errors).toEqual([
      expect.objectContaining({ pointer: '/over', detail: expect.stringContaining('4 or more') }),
    ])
  })

  test('is no eleventh: somebody must look at each', async () => {
    for (let days = 1; days <= 10; days += 1) {
      audited.clock.now = new Date(Date.parse('2026-11-30T12:00:00Z') + days * 60_000)
      await look('DE-DPA', '/v1/alarms', { ...nights, days, over: 50 })
    }
    const eleventh = await look('DE-DPA', '/v1/alarms', { ...nights, days: 11, over: 50 })
    expect(eleventh.status).toBe(422)
  })
})

// Kills: an order by counts that are hidden, which tells who of two had more of what may be chance.
test('Officers whose counts are hidden stand in no order of these', async () => {
  for (let i = 0; i < 6; i += 1) await ask('o-6', `2026-12-03T12:0${i}:00Z`, `DAY-${i}`)
  for (let i = 0; i < 2; i += 1) await ask('o-7', `2026-12-03T12:1${i}:00Z`, `DAY-${i}`)
  for (let i = 0; i < 4; i += 1) await ask('o-7', `2026-12-04T02:0${i}:00Z`, `DAY-${i}`)
  const { ranked } = await rank('DE-DPA', { by: 'atNight', until: '2026-12-05' })
  expect(ranked.map(({ officer, counts }) => [officer, counts.atNight])).toEqual([
    ['o-1', 5],
    ['o-6', 'fewer than 5'],
    ['o-7', 'fewer than 5'],
  ])
})

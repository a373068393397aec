/** The report on a year. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { linesReadMax } from '../../functions/audit/read-lines.ts'
import {
  added,
  nothingCounted,
  type YearCounts,
  yearReportAnswerSchema,
} from '../../functions/audit/year-report.ts'
import type { Reason } from '../../functions/decision/reasons.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import type { AuditLine } from '../../functions/log-ports.ts'
import {
  attestAll,
  benign,
  benignOfMember,
  directive,
  itemOf,
  personOf,
  released,
  requestOf,
} from '../answer/people.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

let lines: AuditLine[] | undefined
let audited: Audited
/** The reasons of the German decisions of the year, dry runs left out. */
const reasons: Reason[][] = []

beforeAll(async () => {
  audited = await startAudited({
    now: '2026-11-30T23:50:00.000Z',
    changeAudit: (world) => ({
      ...world,
      lookups: {
        ...world.lookups,
        list: async (key, range, limit) =>
          lines === undefined ? world.lookups.list(key, range, limit) : lines.splice(0, limit),
      },
    }),
  })
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  await ask('GB-POL', await released(audited, 'GB-POL', requestOf()))
  const denied = await ask('FR-SPOC', directive)
  const again = await ask('FR-SPOC', { ...directive, previous: denied })
  await ask('GB-POL', { dryRun: true })
  // Of another's log: no part of a holder's year.
  await ask('DE-POL', { holder: 'GB-POL' })
  audited.clock.now = new Date('2026-12-01T00:10:00Z')
  const scope = { kind: 'matter', matter: again } as const
  await attestAll(audited, 'DE-POL', scope, benignOfMember)
  await ask('FR-SPOC', { ...directive, previous: again })
  const erased = await ask('US-POL', { subject: { recordId: 'R-2' }, purpose: 'prosecution' })
  await audited.world.subjectKeys.shred((await audited.entry(erased)).stored.kid)
  audited.clock.now = new Date('2027-01-01T00:00:00Z')
  await ask('US-POL')
})
afterAll(() => audited.close())

async function ask(agency: string, changes: Partial<AccessRequest> = {}): Promise<string> {
  audited.clock.pass(1000)
  const { id } = await answered(await audited.ask(agency, 'officer-1', requestOf(changes)))
  await audited.fileAll([id])
  const { stored, opened } = await audited.entry(id)
  if (stored.leaf.log === 'comity.test/de/2026' && !changes.dryRun)
    reasons.push([...opened.decision.reasons])
  return id
}

const get = (office: string, path: string, jti = freshJti()) =>
  audited.get(office, `/v1/reports/${path}`, { jti })
const report = async (office: string, query = '', year = '2026') =>
  yearReportAnswerSchema.parse(
    await bodyOf(await get(office, `${year}?purpose=self-monitoring${query}`)),
  )

describe('A year', () => {
  // Kills: a dry run among decisions, another's log, the next year, an open denial among the final ones.
  test('is counted by month, flow, purpose, outcome and standing, for the holder’s own log', async () => {
    const { counts, note } = await report('DE-DPA')
    expect(counts).toMatchObject({
      decisions: 5,
      dryRuns: 1,
      erased: 1,
      // The British one by an officer, the French one by what was attested.
      curedDenials: 2,
      months: { '2026-11': 3, '2026-12': 2 },
      flows: { 'GB → DE': 1, 'FR → DE': 3, 'US → DE': 1 },
      purposes: { investigation: 4, prosecution: 1 },
      outcomes: { release: 2, deny: 3 },
      standings: { open: 3 },
    })
    expect(counts.policies).toMatchObject({ 'de/police@2026-02-14': 5 })
    expect(note).toContain('a number below 5 may tell of one person')
  })

  test('names the articles relied on, with how they were checked, and opens no entry for it', async () => {
    const { counts } = await report('DE-DPA')
    const expected: Record<string, number> = {}
    for (const all of reasons) {
      const cited = all.flatMap(({ cites, confidence }) =>
        cites.map((cite) => `${cite} [${confidence}]`),
      )
      for (const each of new Set(cited)) expected[each] = (expected[each] ?? 0) + 1
    }
    expect(counts.articles).toEqual(expected)
    expect(counts.articles['EU art. 36 [V]']).toBe(1)
  })

  test('is its months added up', async () => {
    const [november, december] = [
      await report('DE-DPA', '&month=11'),
      await report('DE-DPA', '&month=12'),
    ]
    expect(november.counts).toMatchObject({ decisions: 3, dryRuns: 1, curedDenials: 1 })
    expect(december.counts).toMatchObject({ decisions: 2, curedDenials: 1, erased: 1 })
    expect(added(november.counts, december.counts)).toEqual((await report('DE-DPA')).counts)
    expect((await report('DE-DPA', '&month=1')).counts).toEqual(nothingCounted)
  })

  test('of another country is its own', async () => {
    expect((await report('GB-DPA')).counts).toMatchObject({
      decisions: 1,
      flows: { 'DE → GB': 1 },
    })
    expect((await report('FR-DPA')).counts).toEqual(nothingCounted)
    expect((await report('DE-DPA', '', '2027')).counts).toMatchObject({ decisions: 1 })
  })

  test('may be published month by month, as far as nothing can come any more', async () => {
    expect((await report('DE-DPA')).published).toEqual([])
    const sealing = dynamodbSealing(audited.store.client, audited.store.tables.sealing)
    const log = 'comity.test/de/2026'
    const head = await sealing.head(log)
    await sealing.advance(log, head, { ...head, sweptUntil: '2026-12-01T01:00:00.000Z' })
    const { published = [], settledUntil } = await report('DE-DPA')
    expect(settledUntil).toBe('2026-12-01T01:00:00.000Z')
    expect(published.map(({ month }) => month)).toEqual([
      ...Array.from({ length: 11 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`),
    ])
    // Three decisions, and a month without any, look the same.
    for (const { decisions, tables } of published)
      expect([decisions, tables]).toEqual(['fewer than 5', {}])
  })

  // Kills: a page taken for the whole, a published form of a part.
  test('of many entries comes in parts, which add up to all of it', async () => {
    const stored = await audited.auditWorld.lookups.list(
      { jurisdiction: 'DE', by: 'all', value: '' },
      { from: '2026-11-30', until: '2026-12-01' },
      1,
    )
    const [line] = stored
    if (line === undefined) throw new Error('there is no line')
    const [law, twice] = await citedTwice()
    const all = 2 * linesReadMax + 3
    lines = Array.from({ length: all }, (_, i) => ({
      ...line,
      id: `${i}`.padStart(43, 'x'),
      hj: 'DE',
      side: 'holder',
      ...law,
    }))
    let sum: YearCounts = nothingCounted
    const parts: (readonly [number, boolean])[] = []
    for (let next: string | undefined = ''; next !== undefined; ) {
      const part = await report('DE-DPA', next === '' ? '' : `&cursor=${next}`)
      sum = added(sum, part.counts)
      parts.push([part.counts.decisions, part.published === undefined])
      next = part.next
    }
    lines = undefined
    expect(parts).toEqual([
      [linesReadMax, true],
      [linesReadMax, true],
      [3, true],
    ])
    expect(sum.decisions).toBe(all)
    // Two of its rules rest on this article; it is one decision that does.
    expect(sum.articles[twice]).toBe(all)
  })

  /** A policy and two of its rules that cite the same article, and that article. */
  async function citedTwice(): Promise<readonly [Pick<AuditLine, 'rules' | 'policies'>, string]> {
    for (const { id, version, rules } of (await audited.world.law.now()).book.policies)
      for (const [at, { id: first, rule }] of rules.entries())
        for (const other of rules.slice(at + 1))
          for (const cite of rule.cites)
            if (other.rule.cites.includes(cite) && rule.confidence === other.rule.confidence)
              return [
                { rules: [first, other.id], policies: [`${id}@${version}`] },
                `${cite} [${rule.confidence}]`,
              ]
    throw new Error('no policy cites an article twice')
  }

  test('is an entry that says what was asked', async () => {
    audited.clock.pass(15 * 60_000)
    await get('DE-DPA', '2026?purpose=self-monitoring&month=11')
    const stored = await audited.world.ledger.read(audited.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, audited.world))
    expect(opened?.values).toMatchObject({
      consultation: {
        purpose: 'self-monitoring',
        question: { action: 'report-year', year: '2026', month: '11' },
      },
    })
  })

  test('that is none is not found; a month that is none is a fault', async () => {
    expect(await problemOf(await get('DE-DPA', '26?purpose=lawfulness'))).toMatchObject({
      status: 404,
    })
    const { errors } = await problemOf(await get('DE-DPA', '2026?purpose=lawfulness&month=13'))
    expect(errors).toEqual([{ pointer: '/month', detail: 'a number from 1 to 12' }])
    const cursor = await problemOf(await get('DE-DPA', '2026?purpose=lawfulness&cursor=x.y'))
    expect(cursor.errors).toMatchObject([{ pointer: '/cursor' }])
  })
})

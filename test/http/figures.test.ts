/** What was decided in any period, counted for an auditor. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { figuresSchema } from '../../functions/audit/figures.ts'
import { attestAll, benign, granted, itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

let audited: Audited
beforeAll(async () => {
  audited = await startAudited({ now: '2026-11-27T10:00:00.000Z' })
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  const ids: string[] = []
  for (let i = 0; i < 6; i += 1) {
    const request = requestOf({ caseReference: `C-${i}`, subject: { recordId: 'R-1' } })
    ids.push((await answered(await audited.ask('GB-POL', 'o-1', request))).id)
  }
  ids.push(
    (await granted(audited, 'GB-POL', requestOf({ subject: { recordId: 'R-1' } }), 'o-1')).id,
  )
  await audited.fileAll(ids)
}, 60_000)
afterAll(() => audited.close())

const path =
  '/v1/figures?purpose=self-monitoring&from=2026-11-27T10:00:00Z&until=2026-11-27T11:00:00Z'
const figures = async (office: string, at = path) =>
  figuresSchema.parse(await bodyOf(await audited.get(office, at)))

describe('The figures of a period', () => {
  // Kills: a person who released taken for a rule; small counts published; a period to the day alone.
  test('count by who asked whom, outcome, rule, article and who decided, and say what may be published', async () => {
    const { decisions, dryRuns, tables, law, complete } = await figures('DE-DPA')
    expect([decisions, dryRuns, complete]).toEqual([7, 0, true])
    expect(tables.holders).toEqual({ 'DE-POL': { decisions: 7, published: 5 } })
    expect(tables.requesters).toEqual({ 'GB-POL': { decisions: 7, published: 5 } })
    expect(tables.deciders).toEqual({
      rule: { decisions: 6, published: 5 },
      officer: { decisions: 1, published: 'fewer than 5' },
      unknown: { decisions: 0, published: 'fewer than 5' },
    })
    expect(tables.outcomes.deny).toEqual({ decisions: 6, published: 5 })
    expect(Object.keys(tables.rules).length).toBeGreaterThan(0)
    expect(Object.keys(tables.articles).length).toBeGreaterThan(0)
    // A rule that decided once is not named: its name alone would say so.
    const once = Object.values(tables.rules).filter((row) => row.decisions < 5)
    expect(once.length).toBeGreaterThan(0)
    for (const row of once) expect(row).not.toHaveProperty('published')
    expect(law).toContainEqual(expect.stringMatching(/^de\/bkag@/))
  })

  // Kills: a row that stands there only if there was somebody: "fewer than 5" would say that there was one.
  test('name each row that everybody knows, so that a small count may be none', async () => {
    const { tables } = await figures('DE-DPA')
    const none = { decisions: 0, published: 'fewer than 5' }
    expect(Object.keys(tables.outcomes).sort()).toEqual(['deny', 'redact', 'release'])
    expect(tables.standings.final).toBeDefined()
    expect(tables.purposes['missing-person']).toEqual(none)
    const empty = await figures('GB-DPA')
    expect(Object.keys(empty.tables.purposes)).toEqual(
      expect.arrayContaining(Object.keys(tables.purposes)),
    )
    expect(empty.tables.deciders.officer).toEqual(none)
  })

  test('of another hour, and those of another state, are empty', async () => {
    const later = path
      .replace('T10:00', 'T11:00')
      .replace('until=2026-11-27T11', 'until=2026-11-27T12')
    expect((await figures('DE-DPA', later)).decisions).toBe(0)
    expect((await figures('GB-DPA')).decisions).toBe(0)
  })

  test('are a table for a spreadsheet, too, with the law and what is not named', async () => {
    const csv = await audited.get('DE-DPA', path, { headers: { accept: 'text/csv' } })
    const text = await csv.text()
    expect(csv.headers.get('content-type')).toContain('text/csv')
    expect(text).toContain('holders,DE-POL,7,5')
    expect(text).toContain('in force at the end,de/bkag@')
    expect(text).toContain('not named: fewer than 5')
  })

  test('that end before they begin are refused, at the field', async () => {
    const refused = await audited.get(
      'DE-DPA',
      `${path.split('&from')[0]}&from=2026-11-28&until=2026-11-27`,
    )
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('a moment after `from`')
  })
})

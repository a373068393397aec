/** What was decided in any period, counted for an auditor. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { figuresSchema } from '../../functions/audit/figures.ts'
import { attestAll, benign, granted, itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

let audited: Audited
/** What happens once lines were read, and before they are answered. */
let meanwhile = async (): Promise<void> => undefined
beforeAll(async () => {
  audited = await startAudited({
    now: '2026-11-27T10:00:00.000Z',
    changeAudit: (world) => ({
      ...world,
      lookups: {
        ...world.lookups,
        async list(...asked) {
          const lines = await world.lookups.list(...asked)
          await meanwhile()
          return lines
        },
      },
    }),
  })
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
/** Says how far the log was looked through. */
async function sealedUntil(sweptUntil: string): Promise<void> {
  const log = 'comity.test/de/2026'
  const sealing = dynamodbSealing(audited.store.client, audited.store.tables.sealing)
  const head = await sealing.head(log)
  await sealing.advance(log, head, { ...head, sweptUntil })
}

describe('The figures of a period', () => {
  // Kills: a person who released taken for a rule; a period to the day alone; one by the hour that may be published.
  test('count by who asked whom, outcome, rule, article and who decided, for the authority alone', async () => {
    const { decisions, dryRuns, tables, law, complete, published, note } = await figures('DE-DPA')
    expect([decisions, dryRuns, complete]).toEqual([7, 0, true])
    expect(tables.holders).toEqual({ 'DE-POL': { decisions: 7 } })
    expect(tables.requesters).toEqual({ 'GB-POL': { decisions: 7 } })
    expect(tables.deciders).toEqual({
      rule: { decisions: 6 },
      officer: { decisions: 1 },
      unknown: { decisions: 0 },
    })
    expect(tables.outcomes.deny).toEqual({ decisions: 6 })
    expect(Object.keys(tables.rules).length).toBeGreaterThan(0)
    expect(Object.keys(tables.articles).length).toBeGreaterThan(0)
    expect(published).toEqual([])
    expect(note).toContain('not to be published')
    expect(law).toContainEqual(expect.stringMatching(/^de\/police@/))
  })

  // Kills: a month published before it is over, or before its last entry is sealed; an article published beside it.
  test('of a whole month may be published once it is over and sealed, and no part of it', async () => {
    const month = path.replace(/from.*/, 'from=2026-11-01&until=2026-12-01')
    expect((await figures('DE-DPA', month)).published).toEqual([])
    await sealedUntil('2026-11-30T23:00:00.000Z')
    audited.clock.now = new Date('2026-12-02T10:00:00.000Z')
    expect((await figures('DE-DPA', month)).published).toEqual([])
    await sealedUntil('2026-12-02T08:00:00.000Z')
    const { published } = await figures('DE-DPA', month)
    expect(published).toEqual([
      {
        month: '2026-11',
        decisions: 5,
        tables: {
          // One was released: who knows that none was, or which, learns it from nothing here.
          outcomes: [{ rows: ['deny, final', 'deny, open', 'redact', 'release'], decisions: 5 }],
          callers: [{ rows: ['GB'], decisions: 5 }],
          purposes: expect.arrayContaining([{ rows: ['investigation'], decisions: 5 }]),
        },
      },
    ])
    const longer = month.replace('until=2026-12-01', 'until=2026-12-02T09:00:00Z')
    expect((await figures('DE-DPA', longer)).published).toEqual(published)
    expect((await figures('DE-DPA')).published).toEqual([])
    audited.clock.now = new Date('2026-11-27T10:30:00.000Z')
  })

  // Kills: a month looked through to its end while it was counted: published without what was filed meanwhile, and with
  // it the next time, so that one subtracted from the other shows a single decision.
  test('of a month are published only if nothing of it could come while they were counted', async () => {
    audited.clock.now = new Date('2026-12-10T10:00:00.000Z')
    const ids: string[] = []
    for (let i = 0; i < 8; i += 1) {
      const request = requestOf({ caseReference: `D-${i}`, subject: { recordId: 'R-1' } })
      ids.push((await answered(await audited.ask('GB-POL', 'o-1', request))).id)
    }
    const [late = '', ...filed] = ids
    await audited.fileAll(filed)
    audited.clock.now = new Date('2027-01-02T10:00:00.000Z')
    const december = async (at: string) =>
      (await bodyOf(await audited.get('DE-DPA', at))).published as readonly unknown[]
    const ways = [
      path.replace(/from.*/, 'from=2026-12-01&until=2027-01-01'),
      '/v1/reports/2026?purpose=self-monitoring&month=12',
    ]
    for (const way of ways) {
      await sealedUntil('2026-12-31T22:00:00.000Z')
      meanwhile = () => sealedUntil('2027-01-02T09:00:00.000Z')
      expect(await december(way), way).toEqual([])
      meanwhile = async () => undefined
    }
    await audited.fileAll([late])
    for (const way of ways)
      expect(await december(way)).toMatchObject([{ month: '2026-12', decisions: 10 }])
    audited.clock.now = new Date('2026-11-27T10:30:00.000Z')
  })

  test('name each row that everybody knows', async () => {
    const { tables } = await figures('DE-DPA')
    const none = { decisions: 0 }
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

  test('are a table for a spreadsheet, too, with the law, which says that it is not to be published', async () => {
    const csv = await audited.get('DE-DPA', path, { headers: { accept: 'text/csv' } })
    const text = await csv.text()
    expect(csv.headers.get('content-type')).toContain('text/csv')
    expect(text).toContain('holders,DE-POL,7\r\n')
    expect(text).toContain('decisions (not to be published)')
    expect(text).toContain('in force at the end,de/police@')
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

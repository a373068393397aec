/** Whoever takes every table that may be published finds no single person in them. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isSettled,
  type MonthCounts,
  monthsWithin,
  type PublishedMonth,
  publishedMonth,
  purposes,
} from '../../functions/audit/published.ts'
import {
  added,
  monthOfCounts,
  nothingCounted,
  publishedOf,
  type YearCounts,
} from '../../functions/audit/year-report.ts'
import type { AuditLine } from '../../functions/log-ports.ts'

type World = Readonly<Record<'outcomes' | 'callers', readonly number[]>>
const rowsOf = {
  outcomes: ['release', 'redact', 'deny, open', 'deny, final'],
  callers: ['FR', 'GB', 'US'],
} as const

/** All ways in which a month can have so many decisions, by outcome and by caller. */
function* worldsOf(decisions: number): Generator<World> {
  const outcomes = [...partsOf(decisions, 4)]
  for (const callers of partsOf(decisions, 3))
    for (const each of outcomes) yield { outcomes: each, callers }
}
function* partsOf(sum: number, parts: number): Generator<readonly number[]> {
  if (parts === 1) {
    yield [sum]
    return
  }
  for (let first = 0; first <= sum; first += 1)
    for (const rest of partsOf(sum - first, parts - 1)) yield [first, ...rest]
}

const countsOf = (world: World): MonthCounts => ({
  decisions: world.callers.reduce((sum, n) => sum + n, 0),
  erased: 1,
  purposes: {},
  outcomes: Object.fromEntries(rowsOf.outcomes.map((row, i) => [row, world.outcomes[i] ?? 0])),
  callers: Object.fromEntries(
    rowsOf.callers.flatMap((row, i) => (world.callers[i] ? [[row, world.callers[i]]] : [])),
  ),
})

type Publish = (counts: MonthCounts) => unknown
const ours: Publish = (counts) => publishedMonth('2026-11', counts)

/**
 * What an attacker who knows how tables are made derives from them: every set of rows of a table whose sum is, in each
 * world that would be published so, from 1 to 4. All worlds of up to `most` decisions are tried.
 */
function derived(publish: Publish, most: number): readonly string[] {
  const bounds = new Map<string, Map<string, [least: number, most: number]>>()
  for (let decisions = 0; decisions <= most; decisions += 1)
    for (const world of worldsOf(decisions)) {
      const told = JSON.stringify(publish(countsOf(world)))
      const known = bounds.get(told) ?? new Map<string, [number, number]>()
      bounds.set(told, known)
      for (const table of ['outcomes', 'callers'] as const)
        for (let some = 1; some < 2 ** rowsOf[table].length; some += 1) {
          const sum = world[table].reduce((all, n, i) => all + ((some >> i) & 1) * n, 0)
          const name = `${table} ${some}`
          const [low, high] = known.get(name) ?? [sum, sum]
          known.set(name, [Math.min(low, sum), Math.max(high, sum)])
        }
    }
  return [...bounds].flatMap(([told, known]) =>
    [...known].flatMap(([name, [low, high]]) =>
      low >= 1 && high <= 4 ? [`${name}: ${low} to ${high} from ${told}`] : [],
    ),
  )
}

/** Each row by itself, what is below 5 hidden, all rounded: what this gateway published before. */
const roundedAlone: Publish = ({ decisions, outcomes, callers }) => {
  const shown = (n: number) => (n < 5 ? 'fewer than 5' : Math.round(n / 5) * 5)
  const rows = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([row, n]) => [row, shown(n)])
  return [shown(decisions), rows(outcomes), rows(callers).filter(([, n]) => n !== 'fewer than 5')]
}
/** Small rows together, but without the next larger one. */
const smallTogether: Publish = ({ decisions, outcomes }) => {
  if (decisions < 5) return 'few'
  const small = Object.entries(outcomes).filter(([, n]) => n < 5)
  const sum = small.reduce((all, [, n]) => all + n, 0)
  const large = Object.entries(outcomes).filter(([, n]) => n >= 5)
  return [
    large.map(([row, n]) => [row, Math.round(n / 5) * 5]),
    [small.map(([row]) => row), Math.round(sum / 5) * 5],
  ]
}

describe('What may be published of a month', () => {
  // Kills: rows hidden one by one (an open and a final denial of 4 each, beside 8 denials); a complement left out.
  test('lets nobody derive a count of 1 to 4, of a row or of several, who knows how it is made', () => {
    expect(derived(ours, 11)).toEqual([])
    expect(derived(roundedAlone, 9).length).toBeGreaterThan(0)
    expect(derived(smallTogether, 9).length).toBeGreaterThan(0)
  }, 60_000)

  const few = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 60 }))
  const table = (rows: readonly string[]) =>
    fc
      .tuple(...rows.map(() => few))
      .map((counts) => Object.fromEntries(rows.map((row, at) => [row, counts[at] ?? 0])))
  const months: fc.Arbitrary<MonthCounts> = fc
    .record({
      outcomes: table(rowsOf.outcomes),
      callers: table(rowsOf.callers),
      purposes: table(purposes),
    })
    .map((tables) => ({ decisions: 200, erased: 0, ...tables }))

  // Kills: an order by the exact count; ties broken by name; a name that is there only if there was one.
  test('is the same with the counts of two rows exchanged, of which one is below 5 and one is counted with it', () => {
    fc.assert(
      fc.property(months, fc.constantFrom('outcomes', 'callers', 'purposes'), (of, name) => {
        const rows = of[name]
        const large = Object.values(rows).filter((n) => n >= 5)
        const next = Object.entries(rows).filter(([, n]) => n === Math.min(...large))
        for (const [row, n] of Object.entries(rows).filter(([, each]) => each > 0 && each < 5))
          for (const [other, m] of next) {
            const exchanged = { ...of, [name]: { ...rows, [row]: m, [other]: n } }
            expect(ours(exchanged)).toEqual(ours(of))
          }
      }),
    )
  })

  test('shows large rows each, near enough, and all of a month without a small one', () => {
    const outcomes = { release: 41, redact: 12, 'deny, open': 7, 'deny, final': 3 }
    const of = { decisions: 63, erased: 0, outcomes, callers: { FR: 40, GB: 23 }, purposes: {} }
    expect(publishedMonth('2026-11', of)).toMatchObject({
      month: '2026-11',
      decisions: 65,
      tables: {
        outcomes: [
          { rows: ['release'], decisions: 40 },
          { rows: ['deny, final', 'deny, open'], decisions: 10 },
          { rows: ['redact'], decisions: 10 },
        ],
        callers: [
          { rows: ['FR'], decisions: 40 },
          { rows: ['GB'], decisions: 25 },
        ],
      },
    })
    expect(publishedMonth('2026-11', { ...of, decisions: 4 })).toEqual({
      ...{ month: '2026-11', decisions: 'fewer than 5', tables: {} },
    })
  })

  // Kills: purposes published again once a decision was erased, which would tell whose.
  test('says what for only while no decision of the month is erased, and the rest the same after', () => {
    fc.assert(
      fc.property(months, (of) => {
        const { purposes: _, ...rest } = publishedMonth('2026-11', of).tables
        const after = publishedMonth('2026-11', { ...of, erased: 1, purposes: { unknown: 200 } })
        expect(after.tables).toEqual(rest)
      }),
      { numRuns: 20 },
    )
  })
})

describe('Which months may be published', () => {
  const line = (ts: string, more: Partial<AuditLine> = {}): AuditLine => ({
    ...{ id: ts, ts, kind: 'decision', side: 'holder', log: 'l', hj: 'DE', aj: 'FR' },
    ...{ agency: 'FR-SPOC', purpose: 'prosecution', outcome: 'deny', standing: 'open' },
    ...{ rules: [], policies: [] },
    ...more,
  })
  const lines = Array.from({ length: 40 }, (_, i) =>
    line(`2026-1${i % 2}-${String((i % 28) + 1).padStart(2, '0')}T10:00:00.000Z`),
  )

  // Kills: a period by the hour, of which two that overlap show a single decision.
  test('are the whole ones within a time: a longer time shows the same ones, and further months', () => {
    const moment = fc
      .date({ min: new Date('2026-08-01'), max: new Date('2027-03-01'), noInvalidDate: true })
      .map((date) => date.toISOString())
    const shown = (from: string, until: string): readonly PublishedMonth[] =>
      publishedOf(
        lines.filter(({ ts }) => ts >= from && ts < until),
        monthsWithin(from, until),
      )
    const whole = new Map(
      shown('2026-07-01T00:00:00.000Z', '2027-04-01T00:00:00.000Z').map((each) => [
        each.month,
        each,
      ]),
    )
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [from = a, until = b] = [a, b].toSorted()
        for (const each of shown(from, until)) expect(each).toEqual(whole.get(each.month))
      }),
    )
    expect(monthsWithin('2026-10-01T00:00:00.001Z', '2026-12-31T23:59:59.999Z')).toEqual([
      '2026-11',
    ])
    expect(monthsWithin('2026-12-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z')).toEqual([
      ...['2026-12', '2027-01'],
    ])
  })

  // Kills: a month that is published before its last entry is sealed, and again after.
  test('are those of which nothing can come any more', () => {
    expect(isSettled('2026-11', '2026-11-30T23:59:59.999Z')).toBe(false)
    expect(isSettled('2026-11', '2026-12-01T00:00:00.000Z')).toBe(true)
    expect(isSettled('2026-11', '')).toBe(false)
  })

  test('are the same from counts that were added up as from the lines', () => {
    const ofNovember = lines.filter(({ ts }) => ts.startsWith('2026-11'))
    const counts: YearCounts = {
      ...nothingCounted,
      decisions: 20,
      outcomes: { deny: 20 },
      standings: { open: 20 },
      callers: { FR: 20 },
      purposes: { prosecution: 20 },
    }
    expect([publishedMonth('2026-11', monthOfCounts(counts))]).toEqual(
      publishedOf(ofNovember, ['2026-11']),
    )
  })
})

// Kills: a table or number left out of the sum, a sum that changes what it is made of.
test('Parts of a year add up in any order', () => {
  const few = fc.nat({ max: 14 })
  const rows = fc.dictionary(fc.constantFrom('a', 'b', 'c'), few)
  const counts: fc.Arbitrary<YearCounts> = fc.record({
    ...{ decisions: few, dryRuns: few, erased: few, curedDenials: few },
    ...{ months: rows, flows: rows, callers: rows, purposes: rows, outcomes: rows },
    ...{ standings: rows, policies: rows, articles: rows },
  })
  fc.assert(
    fc.property(counts, counts, counts, (a, b, c) => {
      const before = JSON.stringify([a, b])
      expect(added(added(a, b), c)).toEqual(added(a, added(c, b)))
      expect(JSON.stringify([a, b])).toBe(before)
      const sum = added(a, b)
      expect(sum.decisions).toBe(a.decisions + b.decisions)
      for (const name of Object.keys(a) as (keyof YearCounts)[]) {
        const [one, other, both] = [a[name], b[name], sum[name]]
        if (typeof one === 'number' || typeof other === 'number' || typeof both === 'number')
          continue
        for (const row of Object.keys({ ...one, ...other }))
          expect(both[row]).toBe((one[row] ?? 0) + (other[row] ?? 0))
      }
    }),
  )
})

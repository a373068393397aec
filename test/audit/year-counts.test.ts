/** What may be published of a year tells of nobody. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { added, published, type YearCounts } from '../../functions/audit/year-report.ts'

const months = Array.from({ length: 12 }, (_, at) => `2026-${String(at + 1).padStart(2, '0')}`)
const few = fc.nat({ max: 14 })
const table = (rows: readonly string[]) =>
  fc
    .tuple(...rows.map(() => few))
    .map((counts) =>
      Object.fromEntries(
        rows.flatMap((row, at) => (counts[at] === 0 ? [] : [[row, counts[at] ?? 0]])),
      ),
    )

const counts: fc.Arbitrary<YearCounts> = fc.record({
  decisions: fc.nat({ max: 40 }),
  dryRuns: few,
  erased: few,
  curedDenials: few,
  months: table(months),
  purposes: table(['investigation', 'prosecution', 'unknown']),
  outcomes: table(['release', 'redact', 'deny']),
  standings: table(['open', 'final']),
  flows: table(['GB → DE', 'FR → DE', 'US → DE']),
  policies: table(['de/bkag@2026-02-14', 'eu/led-transfers@2018-05-06']),
  articles: table(['LED art. 36 [V]', 'BKAG § 27(1) [V]']),
})

describe('What is published', () => {
  // Kills: `<=` for `<`, a number as it is, a row of one named, a row that is missing because it is none.
  test('shows no number below 5 and none as it was, and says of no small row that there is one', () => {
    fc.assert(
      fc.property(counts, (of) => {
        const { says: _, ...shown } = published(of, '2026')
        const cells = Object.values(shown).flatMap((each) =>
          typeof each === 'object' ? Object.values(each) : [each],
        )
        for (const cell of cells)
          expect(cell === 'fewer than 5' || (cell >= 5 && cell % 5 === 0)).toBe(true)
        for (const name of ['flows', 'policies', 'articles'] as const) {
          const large = Object.entries(of[name]).filter(([, n]) => n >= 5)
          expect(Object.keys(shown[name])).toEqual(large.map(([row]) => row))
        }
        expect(Object.keys(shown.months)).toEqual(months)
        expect(Object.keys(shown.purposes)).toHaveLength(12)
        for (const [name, n] of Object.entries(of.months))
          if (n >= 5) expect(Math.abs(Number(shown.months[name]) - n)).toBeLessThan(3)
      }),
    )
  })

  // Kills: whatever lets 0 to 4 be told apart.
  test('is the same whichever small number a row has', () => {
    const rows = fc.constantFrom('months', 'purposes', 'outcomes', 'standings', 'flows', 'articles')
    fc.assert(
      fc.property(counts, rows, fc.nat({ max: 4 }), fc.nat({ max: 4 }), (of, name, a, b) => {
        const row = { months: '2026-03', outcomes: 'redact', standings: 'final' }[name as 'months']
        const at = row ?? { purposes: 'unknown', flows: 'JP → DE' }[name as 'flows'] ?? 'BDSG § 76'
        const withRow = (n: number): YearCounts => ({ ...of, [name]: { ...of[name], [at]: n } })
        expect(published(withRow(a), '2026')).toEqual(published(withRow(b), '2026'))
      }),
    )
  })

  test('of a month names no other month', () => {
    fc.assert(
      fc.property(counts, (of) => {
        expect(Object.keys(published(of, '2026', '03').months)).toEqual(['2026-03'])
      }),
      { numRuns: 5 },
    )
  })
})

// Kills: a table or number left out of the sum, a sum that changes what it is made of.
test('Parts add up in any order', () => {
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

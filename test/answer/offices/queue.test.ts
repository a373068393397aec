/** The order of an inbox: nobody’s denials hide another’s, and no page skips what waits. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginning, compare, queueAt, type Turn } from '../../../functions/answer/offices/queue.ts'
import type { InboxRow } from '../../../functions/inbox-ports.ts'
import { runs } from '../../decision/runs.ts'

const rowOf = (i: number, changes: Partial<InboxRow> = {}): InboxRow => ({
  holder: 'GB-POL',
  audience: 'holder-ministry',
  eid: `${i}`.padStart(43, '0'),
  ts: new Date(Date.parse('2026-11-25T09:00:00.000Z') + i * 1000).toISOString(),
  requester: 'US-POL',
  urgent: false,
  ...changes,
})
const many = (count: number, changes: Partial<InboxRow>, from = 0) =>
  Array.from({ length: count }, (_, i) => rowOf(from + i, changes))
const now = '2026-11-26T09:00:00.000Z'
const requestersAt = (rows: readonly InboxRow[], count: number) =>
  queueAt(now, rows)
    .slice(0, count)
    .map(({ requester, waiting: [row] }) => `${requester}${row?.urgent ? '!' : ''}`)

describe('An agency that says of each of its many requests that a life is in danger', () => {
  const flood = many(2000, { requester: 'JP-NCB', urgent: true }, 100)

  // Kills: urgent rows before all others, however many one agency has.
  test('comes first five times; then everybody’s ordinary denials have their turn', () => {
    const others = [rowOf(1), rowOf(2), rowOf(3, { requester: 'BR-PROS' })]
    const own = rowOf(4, { requester: 'JP-NCB' })
    expect(requestersAt([...flood, ...others, own], 12)).toEqual([
      ...Array(5).fill('JP-NCB!'),
      ...['JP-NCB!', 'BR-PROS', 'JP-NCB', 'US-POL'],
      ...['JP-NCB!', 'US-POL', 'JP-NCB!'],
    ])
  })

  test('hides no threat to life of another, though that is older', () => {
    const threat = rowOf(1, { requester: 'BR-PROS', urgent: true })
    expect(requestersAt([...flood, threat], 2)).toEqual(['BR-PROS!', 'JP-NCB!'])
  })
})

describe('A requester', () => {
  test('has its newest denial first, and one turn for a denial before two kinds of office', () => {
    const officers = { audience: 'holder-officer' }
    const rows = [rowOf(1), rowOf(2, officers), rowOf(2), rowOf(3)]
    const queue = queueAt(now, rows)
    expect(queue.map(({ eid, waiting }) => [Number(eid), waiting.length])).toEqual([
      [3, 1],
      [2, 2],
      [1, 1],
    ])
  })

  test('finds nothing that was filed since among the turns of a moment', () => {
    const since = rowOf(1, { ts: '2026-11-26T09:00:00.001Z' })
    expect(queueAt(now, [since, rowOf(2, { ts: now })]).map(({ ts }) => ts)).toEqual([now])
  })

  // Kills: a denial that waits no more for one office and is hidden from the other.
  test('keeps the turn of a denial that has ended while somebody pages, without a row', () => {
    const ended = (row: InboxRow, at: string) => ({ ...row, ended: at })
    const later = '2026-11-26T09:00:01.000Z'
    const shown = (rows: readonly InboxRow[], at = now) =>
      queueAt(at, rows).map(({ eid, waiting }) => [Number(eid), waiting.length])
    expect(shown([rowOf(1), ended(rowOf(2), later)])).toEqual([
      [2, 0],
      [1, 1],
    ])
    expect(shown([rowOf(1), ended(rowOf(2), now)], later)).toEqual([[1, 1]])
  })
})

// Kills: a cursor that counts what is there now (queue.ts, `queueAt`); an order of two that is not one.
test('Whatever ends, is removed or is filed between two pages, each that waits is on one of them', () => {
  const agency = fc.constantFrom('US-POL', 'JP-NCB', 'BR-PROS', 'BE-POL')
  const row = fc.record({ requester: agency, urgent: fc.boolean(), second: fc.nat(3600) })
  const change = fc.record({
    ends: fc.array(fc.nat(40), { maxLength: 8 }),
    files: fc.array(row, { maxLength: 6 }),
  })
  const page = fc.tuple(fc.integer({ min: 1, max: 7 }), change)
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 10, maxLength: 60 }),
      fc.array(fc.nat(60), { maxLength: 10 }),
      fc.infiniteStream(page),
      (first, endedBefore, pages) => {
        let made = 0
        const make =
          (shift: number) => (each: { requester: string; urgent: boolean; second: number }) => {
            const ts = new Date(Date.parse('2026-11-26T08:00:00Z') + (each.second + shift) * 1000)
            return rowOf(made++, { ...each, ts: ts.toISOString() })
          }
        // Some ended an hour before the first page, and are gone for whoever looks.
        let rows = first
          .map(make(0))
          .map((each, i) =>
            endedBefore.includes(i) ? { ...each, ended: '2026-11-26T08:30:00.000Z' } : each,
          )
        const waiting = new Set(
          rows.filter(({ ended }) => ended === undefined).map(({ eid }) => eid),
        )
        const seen = new Set<string>()
        let from: Turn = beginning
        for (let minute = 0; ; minute++) {
          const rest = queueAt(now, rows).filter(({ place }) => compare(place, from) > 0)
          const [length, { ends, files }] = pages.next().value
          const shown = rest.slice(0, length)
          for (const { eid, waiting: left } of shown) if (left.length > 0) seen.add(eid)
          const last = shown.at(-1)
          if (last === undefined) break
          from = last.place
          // What is filed late may be of an earlier moment: what rests on the record is.
          const ended = new Date(Date.parse(now) + minute * 60_000).toISOString()
          rows = rows.map((each, i) => {
            if (!ends.includes(i) || each.ended !== undefined) return each
            waiting.delete(each.eid)
            return { ...each, ended }
          })
          if (minute < 20) rows = [...rows, ...files.map(make(minute % 2 === 0 ? 3601 : 0))]
          rows = rows.filter((each) => each.ended !== '2026-11-26T08:30:00.000Z')
        }
        expect([...waiting].filter((eid) => !seen.has(eid))).toEqual([])
      },
    ),
    { numRuns: runs(500) },
  )
})

/** Reading lines: a bounded number at a time, and all of them from page to page. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLines } from '../../functions/audit/read-lines.ts'
import type { AuditLine, Lookups } from '../../functions/log-ports.ts'

const lineOf = (at: number): AuditLine => ({
  // Two lines to a moment, since moments are shared.
  ts: `2026-11-25T08:00:00.${String(Math.floor(at / 2)).padStart(3, '0')}Z`,
  id: String(at),
  kind: 'decision',
  side: 'holder',
  log: 'comity.test/de/2026',
  hj: 'DE',
  aj: 'DE',
  rules: [],
  policies: [],
})
const placeOf = ({ ts, id }: AuditLine) => `${ts}#${id.padStart(4, '0')}`

/** So many lines, the newest first, and how many were read. */
function store(size: number) {
  const lines = Array.from({ length: size }, (_, at) => lineOf(at)).toReversed()
  let read = 0
  const list: Lookups['list'] = async (_, { before }, limit) => {
    const from =
      before === undefined ? 0 : lines.findIndex((line) => `${line.ts}#${line.id}` === before) + 1
    const found = lines.slice(from, from + limit)
    read += found.length
    return found
  }
  const nothing = async () => {}
  const lookups: Lookups = {
    list,
    put: nothing,
    file: nothing,
    unfile: nothing,
    replace: nothing,
    clear: async () => true,
    note: nothing,
    count: async () => undefined,
    tags: async () => [],
    tally: nothing,
    recount: nothing,
  }
  return { lines, lookups, taken: () => read }
}
const key = { jurisdiction: 'DE', by: 'all', value: '' } as const

// Kills: going on from the last line wanted where none was, a chunk taken for the end, a bound too many.
test('Page after page gives every wanted line once, and no page reads more than it may', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 97 }),
      async (size, limit, readMax, every) => {
        const { lines, lookups, taken } = store(size)
        const wanted = ({ id }: AuditLine) => Number(id) % every === 0
        const seen: AuditLine[] = []
        let before: string | undefined
        do {
          const already = taken()
          const range = before === undefined ? {} : { before }
          const page = await readLines(lookups, { key, range, wanted, limit, readMax })
          expect(page.lines.length).toBeLessThanOrEqual(limit)
          expect(taken() - already).toBeLessThanOrEqual(readMax)
          seen.push(...page.lines)
          before = page.reached
        } while (before !== undefined)
        expect(seen.map(placeOf)).toEqual(lines.filter(wanted).map(placeOf))
      },
    ),
  )
})

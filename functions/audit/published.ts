/**
 * Counts as they may be published: of whole months (UTC) alone, so that no two published tables overlap and nobody can
 * subtract one from another; and in each table, nothing from which a count of 1 to 4 follows.
 *
 * Each table divides the month's decisions once. A row below 5 is counted together with every other such row, none
 * among them, and with the smallest row of 5 or more (complementary suppression). So whoever knows all that is published
 * cannot tell two of these rows apart: with their counts exchanged, the same would be published. The tables have no other
 * sum in common than the month's, and only what the leaves say, or what nobody can erase one by one, so that a month
 * published again later is the same. What the law requires to be related (articles, rules, versions, an agency and its
 * state) is in one table or in none.
 */

import * as z from 'zod'
import { vocabulary } from '../policy/vocabulary.ts'

/** What stands in place of a small count. */
export const fewer = 'fewer than 5'
/** The smallest count that is shown. */
export const least = 5
/** A count, unless it is so small that it may tell of one person. */
export const cell = z.union([z.int(), z.literal(fewer)])

const tables = {
  outcomes: 'As it was told; `deny, open` and `deny, final` apart.',
  callers: 'The state whose agency called. An empty list of rows: all others.',
  purposes:
    'What for. Absent once the personal part of a decision of the month is gone: two such tables of one month would tell whose.',
} as const
/** The name of a table. */
export type PublishedTable = keyof typeof tables

const rowsSchema = z.array(
  z.strictObject({
    rows: z.array(z.string()).describe('What is counted; several together where one is below 5.'),
    decisions: z.int().describe('Rounded to the nearest 5, or 0.'),
  }),
)

/** A month as it may be published. */
export const publishedMonthSchema = z.strictObject({
  month: z.string().describe('As `2026-11`, of UTC.'),
  decisions: cell.describe('Rounded to the nearest 5. No dry runs.'),
  tables: z
    .strictObject({
      outcomes: rowsSchema.optional().describe(tables.outcomes),
      callers: rowsSchema.optional().describe(tables.callers),
      purposes: rowsSchema.optional().describe(tables.purposes),
    })
    .describe('None where there are fewer than 5 decisions.'),
})
/** A month as it may be published. */
export type PublishedMonth = z.infer<typeof publishedMonthSchema>

/** What a month's tables are made of. */
export type MonthCounts = {
  readonly decisions: number
  /** Of the decisions, those whose personal part is gone. */
  readonly erased: number
} & Readonly<Record<PublishedTable, Readonly<Record<string, number>>>>

/** Outcomes, as entries have them. */
export const outcomes = ['release', 'redact', 'deny'] as const
/** How a denial stands. */
export const standings = ['open', 'final'] as const
const { 'request.purpose': purpose } = vocabulary
/** Purposes that everybody knows that there are. */
export const purposes = purpose?.type === 'enum' ? [...Object.keys(purpose.values), 'unknown'] : []

/** Rows that everybody knows that there are; of callers, nobody knows. */
const known: Readonly<Record<PublishedTable, readonly string[] | undefined>> = {
  outcomes: ['release', 'redact', 'deny, open', 'deny, final'],
  callers: undefined,
  purposes,
}

/** The row of a decision in the table of outcomes. */
export const outcomeRow = (outcome: string | undefined, standing: string | undefined): string =>
  outcome === 'deny' ? `deny, ${standing ?? 'final'}` : (outcome ?? 'deny, final')

/** A month’s counts as they may be published. */
export function publishedMonth(month: string, counts: MonthCounts): PublishedMonth {
  if (counts.decisions < least) return { month, decisions: fewer, tables: {} }
  const { outcomes: told, callers, purposes: why } = counts
  return {
    ...{ month, decisions: rounded(counts.decisions) },
    tables: {
      outcomes: grouped(told, known.outcomes),
      callers: grouped(callers, known.callers),
      ...(counts.erased === 0 && { purposes: grouped(why, known.purposes) }),
    },
  }
}

/** The rows of a table, those that may not stand alone together; the largest first. */
function grouped(
  counts: Readonly<Record<string, number>>,
  rows: readonly string[] | undefined,
): z.infer<typeof rowsSchema> {
  const all = new Map([...(rows ?? []).map((row) => [row, 0] as const), ...Object.entries(counts)])
  const sumOf = (some: readonly (readonly [string, number])[]) =>
    some.reduce((sum, [, n]) => sum + n, 0)
  const small = [...all].filter(([, n]) => n < least)
  const large = [...all].filter(([, n]) => n >= least)
  // A table without a count of 1 to 4 has nothing to hide; who knows its rows may know that one is 0.
  const isHidden = sumOf(small) > 0
  const next = Math.min(...large.map(([, n]) => n))
  // All that are as small as the next, or the order of their names would tell which of them it was.
  const hidden = isHidden ? [...small, ...large.filter(([, n]) => n === next)] : []
  const alone = isHidden ? large.filter(([, n]) => n > next) : [...all]
  const together = {
    rows: rows === undefined ? [] : hidden.map(([row]) => row).toSorted(),
    decisions: rounded(sumOf(hidden)),
  }
  return [
    ...alone.map(([row, n]) => ({ rows: [row], decisions: rounded(n) })),
    ...(isHidden ? [together] : []),
  ].toSorted((a, b) => b.decisions - a.decisions || (`${a.rows}` < `${b.rows}` ? -1 : 1))
}

const rounded = (n: number): number => Math.round(n / 5) * 5

/** The whole months (UTC) within a time, the first first. */
export function monthsWithin(from: string, until: string): readonly string[] {
  const months: string[] = []
  for (let at = monthOf(from); endOf(at) <= Date.parse(until); at = monthOf(endOf(at)))
    if (Date.parse(`${at}-01T00:00:00Z`) >= Date.parse(from)) months.push(at)
  return months
}

/**
 * Whether nothing of a month can come any more, by how far its log was looked through: a month that grew between two
 * prints could be subtracted from itself.
 */
export const isSettled = (month: string, sweptUntil: string): boolean =>
  sweptUntil !== '' && endOf(month) <= Date.parse(sweptUntil)

const endOf = (month: string): number => {
  const after = new Date(`${month}-01T00:00:00Z`)
  return after.setUTCMonth(after.getUTCMonth() + 1)
}
const monthOf = (moment: string | number): string => new Date(moment).toISOString().slice(0, 7)

/** What stands beside what may be published. */
export const publishedNotes = [
  'Whole months of UTC that the log was looked through to the end of. Numbers are rounded to the nearest 5.',
  'Rows that are named together are counted together: of one of them at least there were fewer than 5, perhaps none.',
  'Add these up, and nothing else: counts of another time, or of articles, rules or officers, would tell of single people beside them.',
] as const

/** The rows of one number in words. */
export const rowsInWords = (rows: readonly string[], wordsOf = (row: string) => row): string =>
  rows.length === 0 ? 'all others together' : rows.map(wordsOf).join(' + ')

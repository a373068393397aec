/** Counts of a year: added up, and as they may be published, so that no number tells of one person. */

import * as z from 'zod'
import { vocabulary } from '../policy/vocabulary.ts'

const table = z.record(z.string(), z.int())

/** What is counted. */
export const yearCountsSchema = z.strictObject({
  decisions: z.int().describe('No dry runs. Each is in the first four tables once.'),
  dryRuns: z.int().describe('In no table.'),
  erased: z.int().describe('Of the decisions, those whose personal part is gone.'),
  curedDenials: z
    .int()
    .describe(
      'Of the decisions, those that released something when an open denial was asked again.',
    ),
  months: table,
  flows: table.describe('`GB → DE`: who asked whom, by jurisdiction.'),
  purposes: table,
  outcomes: table.describe('As it was told.'),
  standings: table.describe('Of denials.'),
  policies: table.describe('A decision relies on several.'),
  articles: table.describe('`BKAG § 27(1) [V]`: with how it was checked. Also several.'),
})
/** Numbers by what they count. */
export type YearCounts = z.infer<typeof yearCountsSchema>

const numbers = ['decisions', 'dryRuns', 'erased', 'curedDenials'] as const
const closed = ['months', 'purposes', 'outcomes', 'standings'] as const
const open = ['flows', 'policies', 'articles'] as const

/** Nothing was counted. */
export const nothingCounted: YearCounts = {
  ...{ decisions: 0, dryRuns: 0, erased: 0, curedDenials: 0 },
  ...{ months: {}, purposes: {}, outcomes: {}, standings: {} },
  ...{ flows: {}, policies: {}, articles: {} },
}

/** Counts of two answers in one. */
export function added(a: YearCounts, b: YearCounts): YearCounts {
  const sum = { ...a }
  for (const name of numbers) sum[name] += b[name]
  for (const name of [...closed, ...open]) {
    const all = new Set([...Object.keys(a[name]), ...Object.keys(b[name])])
    sum[name] = Object.fromEntries(
      [...all].map((row) => [row, (a[name][row] ?? 0) + (b[name][row] ?? 0)]),
    )
  }
  return sum
}

const fewer = 'fewer than 5'
const cell = z.union([z.int(), z.literal(fewer)])
const cells = z.record(z.string(), cell)

/** Counts as they may be published. */
export const publishedSchema = z.strictObject({
  decisions: cell,
  dryRuns: cell,
  erased: cell,
  curedDenials: cell,
  months: cells,
  purposes: cells,
  outcomes: cells,
  standings: cells,
  flows: cells,
  policies: cells,
  articles: cells,
  says: z.array(z.string()),
})
/** Counts as they may be published. */
export type Published = z.infer<typeof publishedSchema>

/**
 * Counts of a year, or of a month of it, as they may be published. Below 5 is `fewer than 5`, none at
 * all among it; what is shown is rounded to the nearest 5, so that the sums do not give away what is
 * not shown. Tables whose rows everybody knows have all of them; in the others a row below 5 is not
 * named, since its name alone would say that there was one.
 */
export function published(counts: YearCounts, year: string, month?: string): Published {
  const rows: Readonly<Record<(typeof closed)[number], readonly string[]>> = {
    months: (month === undefined ? months : [month]).map((each) => `${year}-${each}`),
    purposes,
    outcomes: ['release', 'redact', 'deny'],
    standings: ['open', 'final'],
  }
  const whole = (name: (typeof closed)[number]) =>
    Object.fromEntries(rows[name].map((row) => [row, shownAs(counts[name][row] ?? 0)]))
  const partly = (name: (typeof open)[number]) =>
    Object.fromEntries(
      Object.entries(counts[name]).flatMap(([row, n]) => (n < least ? [] : [[row, shownAs(n)]])),
    )
  return {
    decisions: shownAs(counts.decisions),
    dryRuns: shownAs(counts.dryRuns),
    erased: shownAs(counts.erased),
    curedDenials: shownAs(counts.curedDenials),
    months: whole('months'),
    purposes: whole('purposes'),
    outcomes: whole('outcomes'),
    standings: whole('standings'),
    flows: partly('flows'),
    policies: partly('policies'),
    articles: partly('articles'),
    says: [
      'Numbers are rounded to the nearest 5; “fewer than 5” may be none.',
      'Flows, policies and articles with fewer than 5 decisions are not named.',
      'Months are those of UTC. Dry runs are in no table.',
    ],
  }
}

/** Below this a number is not shown. */
const least = 5

const shownAs = (n: number): z.infer<typeof cell> => (n < least ? fewer : Math.round(n / 5) * 5)

const months = Array.from({ length: 12 }, (_, at) => String(at + 1).padStart(2, '0'))
const { 'request.purpose': purpose } = vocabulary
const purposes = purpose?.type === 'enum' ? [...Object.keys(purpose.values), 'unknown'] : []

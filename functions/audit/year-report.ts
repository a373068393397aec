/** Counts the decisions of a year from the lines of the log, without opening anything about a person. */

import * as z from 'zod'
import type { Reason } from '../decision/reasons.ts'
import { authorize } from '../identity/authorize.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import type { Book, Policy } from '../policy/book.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { erasedOf } from './entries-about.ts'
import { type Asker, type LookRead, type NotShown, purposeSchema } from './look.ts'
import { askerOf, type LineReading, linesReadMax, readPage, tally } from './read-lines.ts'

/** The year, in the path. */
export const yearInPath = z.object({ year: z.string().regex(/^2\d{3}$/, 'a year such as 2026') })

/** What a query for a report may ask. */
export const yearReportSchema = z.strictObject({
  purpose: purposeSchema,
  month: z
    .string()
    .regex(/^([1-9]|1[0-2])$/, 'a number from 1 to 12')
    .transform((month) => month.padStart(2, '0'))
    .optional()
    .describe('One month (UTC) of the year.'),
  cursor: z.string().max(200).optional(),
})

const table = z.record(z.string(), z.int())

const yearCountsSchema = z.strictObject({
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
/** The counts, by what they count. */
export type YearCounts = z.infer<typeof yearCountsSchema>

/** What stands in place of a small count. */
export const fewer = 'fewer than 5'
/** A count, unless it is so small that it may tell of one person. */
export const cell = z.union([z.int(), z.literal(fewer)])
const cells = z.record(z.string(), cell)

const publishedSchema = z.strictObject({
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
export type PublishedCounts = z.infer<typeof publishedSchema>

/** One answer. */
export const yearReportAnswerSchema = z.strictObject({
  year: z.string(),
  month: z.string().optional(),
  counts: yearCountsSchema,
  published: publishedSchema
    .optional()
    .describe('The counts as they may be published, if this answer has all of them.'),
  note: z.string(),
  next: z.string().optional().describe('There is more; `counts` are those of this answer alone.'),
})

/** The note beside counts that must not be published. */
const internal = 'For the authority alone: a number below 5 may tell of one person.'

/** Counts decisions of the asker's jurisdiction as holder. One answer reads at most `linesReadMax` lines. */
export async function reportYear(
  { purpose, year, month, cursor }: z.infer<typeof yearReportSchema> & z.infer<typeof yearInPath>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<z.infer<typeof yearReportAnswerSchema>>> {
  const of = { year, ...(month && { month }) }
  const question = { purpose, ...of }
  const reading = {
    key: { jurisdiction: asker.jurisdiction, by: 'all', value: '' },
    wanted: ({ kind, hj, aj }) =>
      kind === 'decision' &&
      authorize(asker, 'report-year', { holder: hj, requester: aj }) === 'whole',
    limit: linesReadMax,
    readMax: linesReadMax,
  } satisfies Omit<LineReading, 'range'>
  const page = await readPage(asker, question, { ...spanOf(year, month), cursor }, reading, world)
  if ('kind' in page) return page
  const { lines, next } = page
  const counts = await countsOf(lines, world)
  const isWhole = cursor === undefined && next === undefined
  const answer = {
    ...{ ...of, counts, note: internal },
    ...(next === undefined ? {} : { next }),
    ...(isWhole && { published: published(counts, year, month) }),
  }
  return { question, shown: [], answer }
}

const spanOf = (year: string, month: string | undefined) => {
  const first = new Date(`${year}-${month ?? '01'}-01T00:00:00Z`)
  const after = new Date(first)
  after.setUTCMonth(first.getUTCMonth() + (month === undefined ? 12 : 1))
  return { from: first.toISOString(), until: after.toISOString() }
}

async function countsOf(lines: readonly AuditLine[], world: AuditWorld): Promise<YearCounts> {
  const stored = await world.ledger.readAll(lines.map(({ id }) => id))
  const decisions = lines.filter(({ dryRun }) => dryRun === undefined)
  const entries = decisions.flatMap(({ id }) => stored.get(id) ?? [])
  const articles = articlesIn((await world.law.now()).book)
  return {
    decisions: decisions.length,
    dryRuns: lines.length - decisions.length,
    erased: (await erasedOf(entries, world)).length,
    curedDenials: entries.filter(({ leaf }) => leaf.previous !== undefined && leaf.out !== 'deny')
      .length,
    months: tally(decisions.map(({ ts }) => ts.slice(0, 7))),
    flows: tally(decisions.map((line) => `${askerOf(line)[0]} → ${line.hj}`)),
    purposes: tally(decisions.map(({ purpose }) => purpose ?? 'unknown')),
    outcomes: tally(decisions.flatMap(({ outcome }) => outcome ?? [])),
    standings: tally(decisions.flatMap(({ standing }) => standing ?? [])),
    policies: tally(decisions.flatMap(({ policies }) => policies)),
    articles: tally(decisions.flatMap((line) => [...new Set(articles(line))])),
  }
}

/**
 * The articles that a decision rested on, found by the rules that its line names, so that nothing about a
 * person is opened.
 */
export function articlesIn({ policies }: Book): (line: AuditLine) => readonly string[] {
  const versions = new Map(policies.map((each) => [`${each.id}@${each.version}`, each]))
  return ({ rules, policies: applied }) => {
    const laws = applied.flatMap((name) => versions.get(name) ?? [])
    return rules.flatMap((id) =>
      laws
        .flatMap((law) => saidBy(law, id))
        .flatMap(({ cites, confidence }) => {
          const own = laws.flatMap(({ transposes }) => transposes.get(id) ?? [])
          return [...cites, ...own].map((cite) => `${cite} [${confidence}]`)
        }),
    )
  }
}

type Said = Pick<Reason, 'cites' | 'confidence'>

/**
 * What a policy says under the name that a reason gives: a rule, a rule's `unless`, `otherwise`, or
 * `automation`.
 */
function saidBy({ id: policy, file, rules }: Policy, id: string): readonly Said[] {
  if (id === `${policy}/otherwise`) return file.otherwise === undefined ? [] : [file.otherwise]
  if (id === `${policy}/automation`) return file.automation === undefined ? [] : [file.automation]
  return rules.flatMap(({ id: own, rule }) => {
    if (own === id) return [rule]
    return `${own}/unless` === id ? (rule.unless ?? []) : []
  })
}

const numbers = ['decisions', 'dryRuns', 'erased', 'curedDenials'] as const
const closed = ['months', 'purposes', 'outcomes', 'standings'] as const
const open = ['flows', 'policies', 'articles'] as const

/** The counts before anything is counted. */
export const nothingCounted: YearCounts = {
  ...{ decisions: 0, dryRuns: 0, erased: 0, curedDenials: 0 },
  ...{ months: {}, purposes: {}, outcomes: {}, standings: {} },
  ...{ flows: {}, policies: {}, articles: {} },
}

/** Adds the counts of two answers. */
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

/**
 * The counts of a year, or of one month, as they may be published. A count below 5, even 0, becomes `fewer
 * than 5`; others are rounded to the nearest 5, so that sums do not reveal a hidden count. Tables whose rows
 * everybody knows show every row. In the others a row below 5 is left out, since its name alone would show
 * that there was one.
 */
export function published(counts: YearCounts, year: string, month?: string): PublishedCounts {
  const rows: Readonly<Record<(typeof closed)[number], readonly string[]>> = {
    months: (month === undefined ? months : [month]).map((each) => `${year}-${each}`),
    purposes,
    outcomes,
    standings,
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

/** Outcomes, as entries have them. */
export const outcomes = ['release', 'redact', 'deny'] as const
/** How a denial stands. */
export const standings = ['open', 'final'] as const

/** The smallest count that is shown. */
export const least = 5

/** A count as it may be published. */
export const shownAs = (n: number): z.infer<typeof cell> =>
  n < least ? fewer : Math.round(n / 5) * 5

const months = Array.from({ length: 12 }, (_, at) => String(at + 1).padStart(2, '0'))
const { 'request.purpose': purpose } = vocabulary
/** The rows of tables that everybody knows that there are. */
export const purposes = purpose?.type === 'enum' ? [...Object.keys(purpose.values), 'unknown'] : []

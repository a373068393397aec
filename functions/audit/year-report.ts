/** Counts the decisions of a year from the lines of the log, without opening anything about a person. */

import * as z from 'zod'
import type { Reason } from '../decision/reasons.ts'
import { authorize } from '../identity/authorize.ts'
import { logOf } from '../ledger/entry.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import type { Book, Policy } from '../policy/book.ts'
import { erasedOf } from './entries-about.ts'
import { type Asker, type LookRead, type NotShown, purposeSchema } from './look.ts'
import {
  isSettled,
  type MonthCounts,
  monthsWithin,
  outcomeRow,
  type PublishedMonth,
  publishedMonth,
  publishedMonthSchema,
} from './published.ts'
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
  callers: table.describe('By the state whose agency called, which is in the leaf and stays.'),
  purposes: table,
  outcomes: table.describe('As it was told.'),
  standings: table.describe('Of denials, and of what stays of a `redact`.'),
  policies: table.describe('By which it was decided: of a decision several.'),
  articles: table.describe('`BKAG § 27(1) [V]`: with how it was checked. Also several.'),
})
/** The counts, by what they count. */
export type YearCounts = z.infer<typeof yearCountsSchema>

/** One answer. */
export const yearReportAnswerSchema = z.strictObject({
  year: z.string(),
  month: z.string().optional(),
  counts: yearCountsSchema,
  settledUntil: z
    .string()
    .describe(
      'Nothing of before can come any more; empty if nobody looked yet. A month that ended later is not to be published.',
    ),
  published: z
    .array(publishedMonthSchema)
    .optional()
    .describe('Its months as they may be published, if this answer has all of them.'),
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
  const settledUntil = await settledOf(asker.jurisdiction, year, world)
  const page = await readPage(asker, question, { ...spanOf(year, month), cursor }, reading, world)
  if ('kind' in page) return page
  const { lines, next } = page
  const counts = await countsOf(lines, world)
  const isWhole = cursor === undefined && next === undefined
  const { from, until } = spanOf(year, month)
  const settled = monthsWithin(from, until).filter((each) => isSettled(each, settledUntil))
  const answer = {
    ...{ ...of, counts, settledUntil, note: internal },
    ...(next === undefined ? {} : { next }),
    ...(isWhole && { published: publishedOf(lines, settled) }),
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
    callers: tally(decisions.map(({ aj }) => aj)),
    purposes: tally(decisions.map(({ purpose }) => purpose ?? 'unknown')),
    outcomes: tally(decisions.flatMap(({ outcome }) => outcome ?? [])),
    standings: tally(decisions.flatMap(({ standing }) => standing ?? [])),
    policies: tally(decisions.flatMap(reliedOn)),
    articles: tally(decisions.flatMap((line) => [...new Set(articles(line))])),
  }
}

/** The law by which it was decided: of what applied, that of which a rule is among the reasons. */
export const reliedOn = ({ policies, rules }: AuditLine): readonly string[] =>
  policies.filter((name) => rules.some((rule) => rule.startsWith(`${name.split('@')[0]}/`)))

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

type Source = Pick<Reason, 'cites' | 'confidence'>

/**
 * What a policy says under the name that a reason gives: a rule, a rule's `unless`, `otherwise`, or
 * `automation`.
 */
function saidBy({ id: policy, file, rules }: Policy, id: string): readonly Source[] {
  if (id === `${policy}/otherwise`) return file.otherwise === undefined ? [] : [file.otherwise]
  if (id === `${policy}/automation`) return file.automation === undefined ? [] : [file.automation]
  return rules.flatMap(({ id: own, rule }) => {
    if (own === id) return [rule]
    return `${own}/unless` === id ? (rule.unless ?? []) : []
  })
}

const numbers = ['decisions', 'dryRuns', 'erased', 'curedDenials'] as const
const tables = [
  'months',
  'purposes',
  'outcomes',
  'standings',
  'flows',
  'callers',
  'policies',
  'articles',
] as const

/**
 * How far the log of a year was looked through: nothing of before can come any more. INVARIANT (settled before counted):
 * it is read before the lines of what is published, or what was filed in between would be missing, and there the next time.
 */
export const settledOf = async (
  jurisdiction: string,
  year: string,
  { sealing, gateway }: Pick<AuditWorld, 'sealing' | 'gateway'>,
): Promise<string> => (await sealing.head(logOf(gateway, jurisdiction, year))).sweptUntil

/** Months as they may be published, from their lines; `settled` are those that were, before the lines were read. */
export function publishedOf(
  lines: readonly AuditLine[],
  settled: readonly string[],
): PublishedMonth[] {
  const decisions = lines.filter(({ dryRun }) => dryRun === undefined)
  const byMonth = Map.groupBy(decisions, ({ ts }) => ts.slice(0, 7))
  return settled.map((month) => publishedMonth(month, monthCounts(byMonth.get(month) ?? [])))
}

const monthCounts = (lines: readonly AuditLine[]): MonthCounts => ({
  decisions: lines.length,
  // What is filed again after an erasure names nobody.
  erased: lines.filter(({ agency }) => agency === undefined).length,
  outcomes: tally(lines.map(({ outcome, standing }) => outcomeRow(outcome, standing))),
  callers: tally(lines.map(({ aj }) => aj)),
  purposes: tally(lines.map((line) => line.purpose ?? 'unknown')),
})

/** A month of which the counts are known, and its lines are not. */
export const monthOfCounts = ({
  decisions,
  erased,
  outcomes: { release = 0, redact = 0, deny = 0 },
  standings: { open = 0 },
  callers,
  purposes,
}: YearCounts): MonthCounts => ({
  ...{ decisions, erased, callers, purposes },
  outcomes: { release, redact, 'deny, open': open, 'deny, final': deny - open },
})

/** The counts before anything is counted. */
export const nothingCounted: YearCounts = {
  ...{ decisions: 0, dryRuns: 0, erased: 0, curedDenials: 0 },
  ...{ months: {}, purposes: {}, outcomes: {}, standings: {} },
  ...{ flows: {}, callers: {}, policies: {}, articles: {} },
}

/** Adds the counts of two answers. */
export function added(a: YearCounts, b: YearCounts): YearCounts {
  const sum = { ...a }
  for (const name of numbers) sum[name] += b[name]
  for (const name of tables) {
    const all = new Set([...Object.keys(a[name]), ...Object.keys(b[name])])
    sum[name] = Object.fromEntries(
      [...all].map((row) => [row, (a[name][row] ?? 0) + (b[name][row] ?? 0)]),
    )
  }
  return sum
}

/** The decisions of a year, counted from the lines of the log: nothing of a person is opened for it. */

import * as z from 'zod'
import { cursorAt, placeOfCursor } from '../answer/cursor.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import type { Reason } from '../decision/reasons.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import type { Book, Policy } from '../policy/book.ts'
import type { Stored } from '../ports.ts'
import { type Consulted, consult, purposeSchema } from './consult.ts'
import { linesReadMax, type NotShown } from './list-decisions.ts'
import { rangeOf, readLines } from './read-lines.ts'
import { published, publishedSchema, type YearCounts, yearCountsSchema } from './year-counts.ts'

/** The year of the path. */
export const yearSchema = z.string().regex(/^2\d{3}$/, 'a year such as 2026')

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

/** What became of asking for a report. */
export type YearReported =
  | ({ readonly kind: 'counted'; readonly consulted: Consulted } & z.infer<
      typeof yearReportAnswerSchema
    >)
  | NotShown

/** What is said beside every table that is not to be published. */
const internal = 'For the authority alone: a number below 5 may tell of one person.'

/** Counts decisions of the office's own jurisdiction as holder; one answer reads a bounded number. */
export async function reportYear(
  call: SignedCall,
  year: string,
  { purpose, month, cursor }: z.infer<typeof yearReportSchema>,
  world: AuditWorld,
): Promise<YearReported> {
  const agency = actorOf(call)
  const { jurisdiction } = agency
  if (authorize(agency, 'report-year', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const question = { action: 'report-year', purpose, year, ...(month && { month }) }
  const bound = { agency: agency.id, question }
  const before = cursor === undefined ? undefined : placeOfCursor(cursor, bound, world.secrets)
  if (cursor !== undefined && before === undefined) return { kind: 'wrong-cursor' }
  const { lines, reached } = await readLines(world.lookups, {
    key: { jurisdiction, by: 'all', value: '' },
    range: rangeOf(spanOf(year, month), before),
    wanted: ({ kind, hj, aj }) =>
      kind === 'decision' &&
      authorize(agency, 'report-year', { holder: hj, requester: aj }) === 'whole',
    limit: linesReadMax,
    readMax: linesReadMax,
  })
  const counts = await countsOf(lines, world)
  const consulted = await consult(call, jurisdiction, { purpose, question, shown: [] }, world)
  if (consulted.kind !== 'recorded') return consulted
  const of = { year, ...(month && { month }), counts, note: internal }
  if (reached !== undefined)
    return { kind: 'counted', consulted, ...of, next: cursorAt(reached, bound, world.secrets) }
  const isWhole = cursor === undefined
  return {
    kind: 'counted',
    consulted,
    ...of,
    ...(isWhole && { published: published(counts, year, month) }),
  }
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
    erased: await erasedOf(entries, world),
    curedDenials: entries.filter(({ leaf }) => leaf.previous !== undefined && leaf.out !== 'deny')
      .length,
    months: tally(decisions.map(({ ts }) => ts.slice(0, 7))),
    flows: tally(decisions.map(({ aj, hj }) => `${aj} → ${hj}`)),
    purposes: tally(decisions.map(({ purpose }) => purpose ?? 'unknown')),
    outcomes: tally(decisions.flatMap(({ outcome }) => outcome ?? [])),
    standings: tally(decisions.flatMap(({ standing }) => standing ?? [])),
    policies: tally(decisions.flatMap(({ policies }) => policies)),
    articles: tally(decisions.flatMap((line) => [...new Set(articles(line))])),
  }
}

/** Keys worked on at once. */
const atOnce = 100

async function erasedOf(entries: readonly Stored[], { subjectKeys }: AuditWorld): Promise<number> {
  const kids = [...new Set(entries.map(({ kid }) => kid))]
  const gone = new Set<string>()
  for (let at = 0; at < kids.length; at += atOnce)
    await Promise.all(
      kids.slice(at, at + atOnce).map(async (kid) => {
        if ((await subjectKeys.open(kid)) === undefined) gone.add(kid)
      }),
    )
  return entries.filter(({ kid }) => gone.has(kid)).length
}

/**
 * The articles that a decision rested on, by the rules that its line names: nothing of a person is
 * opened to count them.
 */
function articlesIn({ policies }: Book): (line: AuditLine) => readonly string[] {
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
 * What a policy says by the name that a reason gives: a rule, its exceptions, what holds otherwise, or
 * what a person decides.
 */
function saidBy({ id: policy, file, rules }: Policy, id: string): readonly Said[] {
  if (id === `${policy}/otherwise`) return file.otherwise === undefined ? [] : [file.otherwise]
  if (id === `${policy}/automation`) return file.automation === undefined ? [] : [file.automation]
  return rules.flatMap(({ id: own, rule }) => {
    if (own === id) return [rule]
    return `${own}/unless` === id ? (rule.unless ?? []) : []
  })
}

const tally = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(values, (each) => each)].map(([of, { length }]) => [of, length]),
  )

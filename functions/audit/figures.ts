/** Counts the decisions of any period, by holder, requester, outcome, rule, article and who decided. */

import * as z from 'zod'
import { decisionIn } from '../answer/entries/reader.ts'
import { authorize } from '../identity/authorize.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import { inForce } from '../policy/history.ts'
import { readFor } from './entries-about.ts'
import { inOrder, linesCountedMax, periodShape } from './list-decisions.ts'
import { type Asker, type LookRead, type Plain, type Purpose, purposeSchema } from './look.ts'
import {
  isSettled,
  monthsWithin,
  outcomes,
  type PublishedMonth,
  publishedMonthSchema,
  purposes,
  rowsInWords,
  standings,
} from './published.ts'
import { askerOf, csvOf, readLines, tally } from './read-lines.ts'
import { articlesIn, publishedOf, reliedOn, settledOf } from './year-report.ts'

/** The query of `GET /v1/figures`. */
export const figuresQuerySchema = z
  .strictObject({
    purpose: purposeSchema,
    ...periodShape,
  })
  .refine(inOrder.check, inOrder.else)

/** The tables, and what each counts. */
const tables = {
  holders: 'Who was asked.',
  requesters: 'Who asked.',
  purposes: 'What for.',
  outcomes: 'As it was told.',
  standings: 'Of denials, and of what stays of a `redact`.',
  deciders: '`rule`, or `officer`: a named person of the holder; `unknown` once erased.',
  policies: 'The law by which it was decided, by version; of a decision several.',
  articles: '`BKAG § 27(1) [V]`: with how it was checked. Also several.',
  rules: 'By policy and id. Also several.',
} as const
type TableName = keyof typeof tables

/** What each table is called. */
export const tableWords: Readonly<Record<TableName, string>> = {
  holders: 'Who was asked',
  requesters: 'Who asked',
  purposes: 'What for',
  outcomes: 'Outcome, as told',
  standings: 'Denials, and parts that wait',
  deciders: 'Decided by a rule alone or by an officer',
  policies: 'The law by which it was decided, by version; of a decision several',
  articles: 'Article; several, too',
  rules: 'Rule; several, too',
}
// A cast: an object's own names.
const tableNames = Object.keys(tables) as readonly TableName[]

const rowSchema = z.strictObject({ decisions: z.int() })

/** The counts. */
export const figuresSchema = z.strictObject({
  from: z.string(),
  until: z.string(),
  decisions: z.int().describe('No dry runs. Each is in every table but the last three once.'),
  dryRuns: z.int().describe('In no table.'),
  published: z
    .array(publishedMonthSchema)
    .describe(
      'What alone may be published: the whole months of this time of which nothing can come any more.',
    ),
  tables: z
    .strictObject(
      // A cast: every name is there once.
      Object.fromEntries(
        tableNames.map((name) => [name, z.record(z.string(), rowSchema).describe(tables[name])]),
      ) as Record<TableName, z.ZodRecord<z.ZodString, typeof rowSchema>>,
    )
    .describe('Each by its rows.'),
  law: z.array(z.string()).describe('Versions of your own law in force when the period ended.'),
  complete: z.boolean().describe('False if only the newest were read: ask for less.'),
  note: z.string(),
})

/** The counts. */
export type Figures = Plain<z.infer<typeof figuresSchema>>

const note =
  'For the authority alone, and not to be published: a number below 5 may tell of one person, and so may two of any size whose times overlap, one subtracted from the other. What may be published is in `published`.'

/** Rows that everybody knows that there are. */
const known: Partial<Record<TableName, readonly string[]>> = {
  purposes,
  outcomes,
  standings,
  deciders: ['rule', 'officer', 'unknown'],
}

/** Counts decisions of the asker's jurisdiction as holder. At most `linesCountedMax` lines are read. */
export async function countPeriod(
  { purpose, from, until }: z.infer<typeof figuresQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<LookRead<z.infer<typeof figuresSchema>>> {
  const question = { from, until }
  const settled = await settledMonths(question, asker, world)
  const { lines, reached } = await readLines(world.lookups, {
    key: { jurisdiction: asker.jurisdiction, by: 'all', value: '' },
    range: { from, until },
    wanted: ({ kind, hj, aj }) =>
      kind === 'decision' &&
      authorize(asker, 'report-year', { holder: hj, requester: aj }) === 'whole',
    limit: linesCountedMax,
    readMax: linesCountedMax,
  })
  const decisions = lines.filter(({ dryRun }) => dryRun === undefined)
  const { book } = await world.law.now()
  const articles = articlesIn(book)
  const decider = await decidersOf(purpose, decisions, world)
  const counted: Record<TableName, Record<string, number>> = {
    holders: tally(decisions.map(({ holder, hj }) => holder ?? hj)),
    requesters: tally(decisions.map((line) => askerOf(line)[1] ?? askerOf(line)[0])),
    purposes: tally(decisions.map((line) => line.purpose ?? 'unknown')),
    outcomes: tally(decisions.map(({ outcome }) => outcome)),
    standings: tally(decisions.map(({ standing }) => standing)),
    deciders: tally(decisions.map(decider)),
    policies: tally(decisions.flatMap(reliedOn)),
    articles: tally(decisions.flatMap((line) => [...new Set(articles(line))])),
    rules: tally(decisions.flatMap(({ rules }) => [...new Set(rules)])),
  }
  const last = new Date(Date.parse(until) - 1).toISOString()
  const own = `${asker.jurisdiction.toLowerCase()}/`
  const complete = reached === undefined
  const answer = {
    ...question,
    decisions: decisions.length,
    dryRuns: lines.length - decisions.length,
    published: complete ? publishedOf(decisions, settled) : [],
    tables: mapTables((name) => rowsOf(counted[name], known[name])),
    law: inForce(book, last, last)
      .policies.filter(({ id }) => id.startsWith(own))
      .map(({ id, version }) => `${id}@${version}`),
    complete,
    note,
  }
  return { question: { purpose, ...question }, shown: [], answer }
}

/** How many years back what may be published is looked up: each has its own log. */
const yearsBack = 10

/** The months of a time that may be published, of this year and the last ten: how far each year's log is settled by now. */
async function settledMonths(
  { from, until }: { readonly from: string; readonly until: string },
  { jurisdiction }: Asker,
  world: AuditWorld,
): Promise<readonly string[]> {
  const now = world.now()
  const first = `${now.getUTCFullYear() - yearsBack}-01-01T00:00:00.000Z`
  const [begin = from] = [from, first].toSorted().slice(-1)
  const [end = until] = [until, now.toISOString()].toSorted()
  const months = monthsWithin(begin, end)
  const years = [...new Set(months.map((month) => month.slice(0, 4)))]
  const settled = await Promise.all(
    years.map(async (year) => [year, await settledOf(jurisdiction, year, world)] as const),
  )
  const untilOf = new Map(settled)
  return months.filter((month) => isSettled(month, untilOf.get(month.slice(0, 4)) ?? ''))
}

/** Who decided a line's decision; unknown where an entry may not be opened. */
async function decidersOf(
  purpose: Purpose,
  lines: readonly AuditLine[],
  world: AuditWorld,
): Promise<(line: AuditLine) => string> {
  // No person is released by a denial, so only what was released is opened.
  const released = lines.filter(({ outcome }) => outcome !== 'deny')
  const stored = await world.ledger.readAll(released.map(({ id }) => id))
  const readable = await readFor(purpose, [...stored.values()], world)
  const kinds = new Map(
    readable.map(({ stored: { leaf }, opened }) => [
      leaf.eid,
      decisionIn(opened)?.told.reply.decidedBy?.kind,
    ]),
  )
  return ({ id, outcome }) => (outcome === 'deny' ? 'rule' : (kinds.get(id) ?? 'unknown'))
}

const mapTables = <T>(of: (name: TableName) => T) =>
  // A cast, since `Object.fromEntries` forgets the names.
  Object.fromEntries(tableNames.map((name) => [name, of(name)])) as Record<TableName, T>

const rowsOf = (counts: Readonly<Record<string, number>>, rows?: readonly string[]) =>
  Object.fromEntries(
    Object.entries({ ...Object.fromEntries((rows ?? []).map((row) => [row, 0])), ...counts })
      .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([row, decisions]) => [row, { decisions }]),
  )

/** The counts as a table for a spreadsheet, for the authority alone. */
export const figuresAsCsv = ({ from, until, tables: counted, ...all }: Figures): string =>
  csvOf(
    ['from', 'until', 'table', 'row', 'decisions (not to be published)'],
    [
      [from, until, 'all', 'decisions', all.decisions],
      [from, until, 'all', 'dry runs', all.dryRuns],
      ...all.law.map((version) => [from, until, 'in force at the end', version, ''] as const),
      ...tableNames.flatMap((name) =>
        Object.entries(counted[name]).map(
          ([row, { decisions }]) => [from, until, name, row, decisions] as const,
        ),
      ),
    ],
  )

/** What may be published, as a table for a spreadsheet. */
export const publishedAsCsv = (months: Plain<readonly PublishedMonth[]>): string =>
  csvOf(
    ['month', 'table', 'rows', 'decisions'],
    months.flatMap(({ month, decisions, tables: told }) => [
      [month, 'all', 'decisions', decisions],
      ...Object.entries(told).flatMap(([table, groups = []]) =>
        groups.map((each) => [month, table, rowsInWords(each.rows), each.decisions] as const),
      ),
    ]),
  )

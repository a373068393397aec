/** `comity log query`: an auditor finds entries of the log. */

import { type Command, Option } from 'commander'
import { outcomeWords, toldWords } from '../../audit/entry-terms.ts'
import { looks } from '../../audit/looks.ts'
import { asNdjson, linesAsCsv } from '../../audit/read-lines.ts'
import { isOwn } from '../../ledger/entry.ts'
import type { AuditLine } from '../../log-ports.ts'
import { dayOrHour, number } from '../../terminal/arguments.ts'
import { beside, screen } from '../../terminal/columns.ts'
import { misuse } from '../../terminal/exit.ts'
import { personIn } from '../../terminal/files.ts'
import { paint, second } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
import {
  type Asking,
  type Auditor,
  asAuditor,
  elsewhere,
  look,
  looksOf,
  tellAs,
} from './audit-call.ts'
import { caseIn, pseudonym } from './evidence.ts'

type Options = Asking & {
  readonly limit: number
  readonly askedBy?: string
  readonly dryRuns?: 'only' | 'none'
  readonly case?: readonly string[]
  readonly subject?: string
  readonly csv?: true
  readonly ndjson?: true
  readonly json?: true
} & Partial<Record<(typeof filters)[number], string>>

/** Options that are parameters of the same name. */
const filters = [
  'holder',
  'requester',
  'agency',
  'outcome',
  'standing',
  'rule',
  'policy',
  'kind',
  'from',
  'until',
] as const

/** Adds `query` to the commands of the log. */
export function addLogQuery(log: Command, gateway: Gateway): void {
  asAuditor(log.command('query'), gateway)
    .description('Find entries that your office may see. The look is an entry of the log, too.')
    .option('--holder <id>', 'the jurisdiction or the agency that answered')
    .option('--requester <id>', 'the jurisdiction or the agency that asked')
    .option('--agency <id>', 'the agency that asked or answered')
    .option('--asked-by <officer>', 'the officer who asked')
    .option('--outcome <outcome>', 'release, redact or deny, as it was told')
    .option('--standing <standing>', 'open or final')
    .option('--rule <rule>', 'a rule that led to it, such as de/bkag/member-state')
    .option('--policy <policy>', 'a policy that applied, such as de/bkag or de/bkag@2026-02-14')
    .option('--case <agency-and-reference...>', 'a case, such as GB-POL "CASE 1"')
    .option('--subject <file>', 'a person: JSON as in a request; `-` reads standard input')
    .option(
      '--kind <kind>',
      'entries of another kind than decisions, such as consultation; `any` for all',
    )
    .addOption(new Option('--dry-runs <which>', 'dry runs only, or none').choices(['only', 'none']))
    .option('--from <moment>', 'from this day or hour on (UTC)', dayOrHour)
    .option('--until <moment>', 'before this day or hour (UTC)', dayOrHour)
    .option(
      '--limit <number>',
      'at most so many, the newest',
      number('a number of entries is written like 50.'),
      50,
    )
    .addOption(new Option('--csv', 'print as CSV').conflicts(['ndjson', 'json']))
    .addOption(new Option('--ndjson', 'print a line of JSON for each').conflicts('json'))
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const offices = looksOf(options, gateway)
      const { entries, isCut, asked } = await findAs(offices, options, gateway)
      const text = printed(entries, options)
      if (text !== '') console.log(text)
      if (isCut) console.error(`There may be more; the newest ${entries.length} are shown.`)
      const others = offices.filter((each) => !asked.includes(each))
      tellAs(options, asked, elsewhere(others))
    })
}

function printed(entries: readonly AuditLine[], { csv, ndjson, json }: Options): string {
  // Without the last line feed, which the console adds.
  if (csv) return linesAsCsv(entries).slice(0, -1)
  if (ndjson) return asNdjson(entries).slice(0, -1)
  if (json) return JSON.stringify({ entries }, null, 2)
  return entries.length === 0 ? 'Nothing was found.' : tableLines(entries, screen()).join('\n')
}

type Found = { readonly entries: readonly AuditLine[]; readonly isCut: boolean }

/**
 * The newest entries that any of these offices sees; of an entry that two see, the holder's side. A person
 * is asked for only until one office finds any, since each look at a person is itself kept.
 */
async function findAs(
  offices: readonly Auditor[],
  options: Options,
  gateway: Gateway,
): Promise<Found & { readonly asked: readonly Auditor[] }> {
  const of = personOrCase(options)
  const found: Found[] = []
  for (const each of offices) {
    const some = await find(each, of, options, gateway)
    found.push(some)
    if (options.subject !== undefined && some.entries.length > 0) break
  }
  const isHolders = ({ side }: AuditLine) => Number(side === 'holder')
  const entries = found
    .flatMap((each) => each.entries)
    .sort((a, b) => isHolders(b) - isHolders(a))
    .filter(({ id }, at, all) => all.findIndex((other) => other.id === id) === at)
    .sort((a, b) => (a.ts === b.ts ? 0 : a.ts < b.ts ? 1 : -1))
  return {
    entries: entries.slice(0, options.limit),
    asked: offices.slice(0, found.length),
    isCut: found.some(({ isCut }) => isCut) || entries.length > options.limit,
  }
}

/** The newest entries that an office sees, page after page. */
async function find(
  each: Auditor,
  of: object | undefined,
  options: Options,
  gateway: Gateway,
): Promise<Found> {
  const { limit } = options
  const question = await questionOf(each, of, options, gateway)
  const entries: AuditLine[] = []
  for (let cursor: string | undefined; ; ) {
    const pageMax = Math.min(limit - entries.length, 200)
    const asked = { ...question, limit: pageMax, cursor }
    const page = await look(each, gateway, looks.list, asked)
    // A cast: the gateway may say more in a line; it is shown, and nothing is decided by it.
    entries.push(...(page.entries as readonly unknown[] as readonly AuditLine[]))
    if (page.next === undefined) return { entries, isCut: false }
    if (entries.length >= limit) return { entries, isCut: true }
    cursor = page.next
  }
}

/** The parameters of the query; a person and a case are asked for by pseudonym. */
async function questionOf(
  each: Auditor,
  of: object | undefined,
  options: Options,
  gateway: Gateway,
): Promise<Record<string, string>> {
  const { askedBy, dryRuns } = options
  const question: Record<string, string> = {}
  for (const name of filters) {
    const value = options[name]
    if (value !== undefined) question[name] = value
  }
  if (askedBy !== undefined) question.officer = askedBy
  if (dryRuns !== undefined) question.dryRun = String(dryRuns === 'only')
  if (of === undefined) return question
  return { ...question, ...(await pseudonym(of, each, gateway)) }
}

function personOrCase({ subject, case: named }: Options): object | undefined {
  if (subject !== undefined) return { subject: personIn(subject) }
  if (named === undefined) return undefined
  const [agency, caseReference] = caseIn(named)
  if (agency === undefined)
    throw misuse('a case is named by its agency and its reference: --case GB-POL "CASE 1"')
  return { case: { agency, caseReference } }
}

function tableLines(entries: readonly AuditLine[], columns: number): readonly string[] {
  const when = 19
  const rest = columns - when - 9
  const widths = [when, Math.floor(rest * 0.38), Math.floor(rest * 0.24), Math.floor(rest * 0.38)]
  const header = beside([['When (UTC)'], ['Who'], ['What came of it'], ['Why']], widths)
  return [
    ...header.map((line) => paint('bold', line)),
    ...entries.flatMap((entry) => [
      ...beside([[second(entry.ts)], [whoOf(entry)], whatOf(entry), entry.rules], widths),
      paint('dim', `id ${entry.id}`),
    ]),
  ]
}

function whoOf(line: AuditLine): string {
  const { agency, officer, requester, aj, holder, hj, purpose, kind, erasedEntries } = line
  const by = erasedEntries === undefined ? aj : hj
  if (isOwn({ t: kind })) return 'the gateway'
  const caller = agency === undefined ? `somebody of ${by}` : `${agency} ${officer ?? ''}`.trim()
  if (kind !== 'decision') return caller
  const what = purpose === undefined ? '' : ` (${purpose})`
  return requester === undefined
    ? `${caller} asked ${holder ?? hj}${what}`
    : `${requester} asked ${holder ?? hj}${what}, as ${caller} entered`
}

function whatOf(line: AuditLine): readonly string[] {
  const { kind, outcome, standing, decided, dryRun, erasedEntries: erased, aj, notice, to } = line
  if (erased !== undefined)
    return [`${kind} of ${erased} ${erased === 1 ? 'entry' : 'entries'} of calls from ${aj}`]
  if (notice !== undefined) return [`${notice} to ${to}`]
  if (outcome === undefined) return [kind]
  return [
    toldWords(outcome, standing),
    ...(decided === undefined ? [] : [`(in full: ${outcomeWords[decided] ?? decided})`]),
    ...(dryRun ? ['(dry run)'] : []),
  ]
}

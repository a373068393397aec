/** `comity log query`: an auditor finds entries of the log. */

import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod'
import { subjectSchema } from '../decision/record.ts'
import { purposeSchema } from '../journeys/consult.ts'
import { asNdjson, linesAsCsv } from '../journeys/line-table.ts'
import type { AuditLine } from '../log-ports.ts'
import { day, url } from './arguments.ts'
import { beside, screen } from './columns.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'
import type { Gateway } from './logged-facts.ts'
import { paint, problemLines } from './say.ts'
import { freshJti, type Sender, send } from './send.ts'

type Options = {
  readonly as: string
  readonly officer: string
  readonly url: string
  readonly purpose: string
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

const count = (value: string): number => {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('a number of entries is written like 50.')
}

/** Adds `query` to the commands of the log. */
export function addLogQuery(log: Command, gateway: Gateway): void {
  log
    .command('query')
    .description('Find entries that your office may see. The look is an entry of the log, too.')
    .requiredOption('--as <id>', 'the auditor’s office that signs, such as DE-DPA')
    .requiredOption('--officer <id>', 'who looks')
    .addOption(
      new Option('--purpose <purpose>', 'what the look is for (LED art. 25(2))')
        .choices(purposeSchema.options)
        .makeOptionMandatory(),
    )
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
    .option('--kind <kind>', 'entries of another kind than decisions, such as consultation')
    .addOption(new Option('--dry-runs <which>', 'dry runs only, or none').choices(['only', 'none']))
    .option('--from <day>', 'from this day on (UTC)', day)
    .option('--until <day>', 'before this day (UTC)', day)
    .option('--limit <number>', 'at most so many, the newest', count, 50)
    .option('--url <url>', 'the gateway', url, gateway.url)
    .addOption(new Option('--csv', 'print as CSV').conflicts(['ndjson', 'json']))
    .addOption(new Option('--ndjson', 'print a line of JSON for each').conflicts('json'))
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const { entries, isCut } = await find(options, gateway)
      const text = printed(entries, options)
      if (text !== '') console.log(text)
      if (isCut) console.error(`There may be more; the newest ${entries.length} are shown.`)
    })
}

function printed(entries: readonly AuditLine[], { csv, ndjson, json }: Options): string {
  // Without the last line feed, which the console adds.
  if (csv) return linesAsCsv(entries).slice(0, -1)
  if (ndjson) return asNdjson(entries).slice(0, -1)
  if (json) return JSON.stringify({ entries }, null, 2)
  return entries.length === 0 ? 'Nothing was found.' : tableLines(entries, screen()).join('\n')
}

const lineSchema = z.looseObject({
  id: z.string(),
  ts: z.string(),
  kind: z.string(),
  rules: z.array(z.string()),
  policies: z.array(z.string()),
})
const pageSchema = z.object({ entries: z.array(lineSchema), next: z.string().optional() })

/** The newest entries, page after page. */
async function find(
  options: Options,
  gateway: Gateway,
): Promise<{ readonly entries: readonly AuditLine[]; readonly isCut: boolean }> {
  const { as: agency, officer, limit } = options
  const sender = { agency, officer, url: options.url, keys: join(gateway.data, 'agencies') }
  const query = new URLSearchParams(await questionOf(options, sender))
  const entries: AuditLine[] = []
  for (;;) {
    query.set('limit', String(Math.min(limit - entries.length, 200)))
    const body = await ask(sender, 'GET', `/v1/decisions?${query}`)
    const page = pageSchema.safeParse(body)
    if (!page.success) throw new Failure('couldn’t read what the gateway answered: it is no page')
    // A cast: what else is in a line is the gateway's to say; it is shown, never decided on.
    entries.push(...(page.data.entries as readonly unknown[] as readonly AuditLine[]))
    const { next } = page.data
    if (next === undefined) return { entries, isCut: false }
    if (entries.length >= limit) return { entries, isCut: true }
    query.set('cursor', next)
  }
}

/** The parameters of the query; a person and a case are asked for by pseudonym. */
async function questionOf(
  options: Options,
  sender: Omit<Sender, 'jti'>,
): Promise<Record<string, string>> {
  const { purpose, askedBy, dryRuns } = options
  const question: Record<string, string> = { purpose }
  for (const name of filters) {
    const value = options[name]
    if (value !== undefined) question[name] = value
  }
  if (askedBy !== undefined) question.officer = askedBy
  if (dryRuns !== undefined) question.dryRun = String(dryRuns === 'only')
  const of = personOrCase(options)
  if (of === undefined) return question
  const body = JSON.stringify({ purpose, ...of })
  const named = z
    .record(z.string(), z.string())
    .safeParse(await ask(sender, 'POST', '/v1/pseudonyms', body))
  if (!named.success)
    throw new Failure('couldn’t read what the gateway answered: it is no pseudonym')
  return { ...question, ...named.data }
}

function personOrCase({ subject, case: named }: Options): object | undefined {
  if (subject !== undefined) return { subject: readJson(subject, subjectSchema) }
  if (named === undefined) return undefined
  const [agency, caseReference, ...more] = named
  if (agency === undefined || caseReference === undefined || more.length > 0)
    throw new Failure(
      'a case is named by its agency and its reference: --case GB-POL "CASE 1"',
      exitCodes.usage,
    )
  return { case: { agency, caseReference } }
}

async function ask(
  sender: Omit<Sender, 'jti'>,
  method: string,
  path: string,
  body?: string,
): Promise<unknown> {
  const answer = await send({ ...sender, jti: freshJti() }, method, path, body)
  if (answer.status !== 200) throw new Failure(problemLines(answer.body).join('\n'))
  return answer.body
}

function tableLines(entries: readonly AuditLine[], columns: number): readonly string[] {
  const when = 19
  const rest = columns - when - 9
  const widths = [when, Math.floor(rest * 0.38), Math.floor(rest * 0.24), Math.floor(rest * 0.38)]
  const header = beside([['When (UTC)'], ['Who'], ['What came of it'], ['Why']], widths)
  return [
    ...header.map((line) => paint('bold', line)),
    ...entries.flatMap((entry) => [
      ...beside([[whenOf(entry)], [whoOf(entry)], whatOf(entry), entry.rules], widths),
      paint('dim', `id ${entry.id}`),
    ]),
  ]
}

const whenOf = ({ ts }: AuditLine): string => ts.slice(0, 19).replace('T', ' ')

function whoOf({ agency, officer, aj, holder, hj, purpose, kind }: AuditLine): string {
  const caller = agency === undefined ? `somebody of ${aj}` : `${agency} ${officer ?? ''}`.trim()
  if (kind !== 'decision') return caller
  return `${caller} asked ${holder ?? hj}${purpose === undefined ? '' : ` (${purpose})`}`
}

const words: Readonly<Record<string, string>> = {
  release: 'released',
  redact: 'released in part',
  deny: 'denied',
}

function whatOf({ kind, outcome, standing, decided, dryRun }: AuditLine): readonly string[] {
  if (outcome === undefined) return [kind]
  const told = [words[outcome] ?? outcome, ...(standing === undefined ? [] : [standing])].join(', ')
  return [
    told,
    ...(decided === undefined ? [] : [`(in full: ${words[decided] ?? decided})`]),
    ...(dryRun ? ['(dry run)'] : []),
  ]
}

/** The logged decisions that a legal editor replays: from a file, or fetched from the gateway and kept. */

import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { looks } from '../../audit/looks.ts'
import { type Gateway, signerOf } from '../../client/profile.ts'
import { callFor, freshJti, type Sender, send } from '../../client/send.ts'
import {
  type LoggedDecision,
  lineBytesMax,
  loggedDecisionSchema,
} from '../../decision/logged-facts.ts'
import { faultOf } from '../../failure.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { day, url } from '../../terminal/arguments.ts'
import { counter } from '../../terminal/counted.ts'
import { Failure, misuse } from '../../terminal/exit.ts'
import { problemLines } from '../../terminal/say.ts'

/** Which decisions are replayed. */
export type LogOptions = {
  readonly facts?: string
  readonly as?: string
  readonly officer?: string
  readonly url: string
  readonly last?: number
  readonly from?: string
  readonly until?: string
}

const days = (value: string): number => {
  if (/^[1-9]\d{0,4}d$/.test(value)) return Number.parseInt(value, 10)
  throw new InvalidArgumentError('a number of days is written like 180d.')
}

/** Adds to a command the options by which people say which decisions they mean. */
export const withLog = (command: Command, gateway: Gateway): Command =>
  command
    .option('--facts <file>', 'the decisions, one a line; `-` reads standard input')
    .option(
      '--as <name>',
      'who signs, as the profile names it: a legal editor’s office, such as DE-LEGAL',
    )
    .option('--officer <id>', 'the acting officer; without it, as the profile says')
    .option('--url <url>', 'the gateway', url, gateway.url)
    .option('--last <days>', 'only those of so many days, such as 180d', days)
    .option('--from <day>', 'only those from this day (UTC) on', day)
    .option('--until <day>', 'only those before this day (UTC)', day)

/** The decisions that the options name; fetches the new ones if no file is named. */
export async function loggedBy(
  options: LogOptions,
  gateway: Gateway,
  now: string,
): Promise<Iterable<LoggedDecision>> {
  const { facts, as, officer, url } = options
  let file = facts
  if (file === undefined) {
    if (as === undefined)
      throw misuse('couldn’t tell who fetches the decisions: add `--as NAME`, or `--facts FILE`')
    const signer = signerOf({ as, officer, url }, gateway)
    file = join(gateway.data, `facts-${signer.agency}.ndjson`)
    await fetchInto(file, signer)
  }
  return within(decisionsIn(file), spanOf(options, now))
}

type Span = { readonly from: string; readonly before: string }

function spanOf({ last, from, until }: LogOptions, now: string): Span {
  const ago = last === undefined ? '' : `${dayAfter(now.slice(0, 10), -last)}${now.slice(10)}`
  const first = from === undefined ? '' : `${from}T00:00:00Z`
  return {
    from: [ago, first].sort().at(-1) ?? '',
    before: until === undefined ? '9999' : `${until}T00:00:00Z`,
  }
}

function* within(all: Iterable<LoggedDecision>, { from, before }: Span): Generator<LoggedDecision> {
  const show = counter('decisions replayed')
  let count = 0
  for (const each of all) {
    show(++count)
    if (each.ts >= from && each.ts < before) yield each
  }
  show()
}

/** Reads a file of decisions line by line. Throws a Failure that names a line that is not a decision. */
export function* decisionsIn(file: string): Generator<LoggedDecision> {
  let number = 0
  for (const line of linesOf(file)) {
    number += 1
    const parsed = loggedDecisionSchema.safeParse(jsonOf(line))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const place = `/${issue?.path.map(String).join('/') ?? ''}`
      throw misuse(
        `couldn’t read ${file}:${number}: ${place}: ${issue?.message}; a line is as GET /v1/facts gives it`,
      )
    }
    yield parsed.data
  }
}

const jsonOf = (line: string): unknown => {
  try {
    return line.length <= lineBytesMax ? JSON.parse(line) : undefined
  } catch {
    return undefined
  }
}

/** The lines of a file, which is closed at its end, or once its reader has enough. Standard input stays open. */
function* linesOf(file: string): Generator<string> {
  const source = opened(file)
  try {
    yield* linesFrom(source)
  } finally {
    if (source !== 0) closeSync(source)
  }
}

function* linesFrom(source: number): Generator<string> {
  const decoder = new StringDecoder('utf8')
  const bytes = Buffer.alloc(1 << 20)
  let rest = ''
  for (let read = readSync(source, bytes); read > 0; read = readSync(source, bytes)) {
    const lines = (rest + decoder.write(bytes.subarray(0, read))).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    // A line this long is no decision: stop, instead of collecting the rest of the file to find its end.
    if (rest.length > lineBytesMax) break
  }
  if (rest !== '') yield rest
}

function opened(file: string): number {
  if (file === '-') return 0
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw misuse(`couldn’t read \`${file}\`: ${faultOf(error)}`)
  }
}

/** Decisions on a page: as many as the gateway gives at once. */
const perPage = 200

const pageSchema = z.object({
  facts: z.array(loggedDecisionSchema).max(perPage),
  next: z.string().min(1).max(200).optional(),
})

/**
 * Fetches every decision that a file lacks, page by page. Pages begin with the newest, so the file changes
 * only once all of them are there. Asks again from the day before the file's last decision, since entries
 * may reach the pages late.
 */
export async function fetchInto(file: string, sender: Omit<Sender, 'jti'>): Promise<void> {
  const ids = new Set<string>()
  let last = ''
  if (existsSync(file))
    for (const { id, ts } of decisionsIn(file)) {
      ids.add(id)
      if (ts > last) last = ts
    }
  const from = last === '' ? undefined : dayAfter(last.slice(0, 10), -1)
  const partial = `${file}.part`
  writeFileSync(partial, '', { mode: 0o600 })
  if (existsSync(file)) copyFileSync(file, partial)
  const show = counter('decisions fetched')
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await pageAt({ from, cursor }, sender)
    const fresh = page.facts.filter(({ id }) => !ids.has(id))
    for (const { id } of fresh) ids.add(id)
    appendFileSync(partial, fresh.map((each) => `${JSON.stringify(each)}\n`).join(''))
    show(ids.size)
    if (page.next !== undefined && page.next === cursor)
      throw new Failure('couldn’t fetch the decisions: the gateway gave the same page again')
    cursor = page.next
  }
  show()
  renameSync(partial, file)
}

async function pageAt(
  asked: Readonly<Record<'from' | 'cursor', string | undefined>>,
  sender: Omit<Sender, 'jti'>,
): Promise<z.infer<typeof pageSchema>> {
  // Why it looks at the log (LED art. 25(2)): to see whether one's own law does what it should.
  const question = { purpose: 'self-monitoring', limit: perPage, ...asked }
  const { method, path } = callFor(looks.facts, question)
  const { status, body } = await send({ ...sender, jti: freshJti() }, method, path, undefined)
  if (status !== 200) throw new Failure(problemLines(body).join('\n'))
  const page = pageSchema.safeParse(body)
  if (page.success) return page.data
  throw new Failure('couldn’t read what the gateway answered: it is no page of decisions')
}

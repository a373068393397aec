/** `comity request send --many`: many requests from one file, some at once, each asked once. */

import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { type AnswerBody, replySchema } from '../answer/reply/reply-schema.ts'
import { bodyBytesMax } from '../decision/request.ts'
import { parseJson } from '../policy/json-fault.ts'
import { number } from '../terminal/arguments.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import { readJson, readText } from '../terminal/files.ts'
import { problemLines, verdict } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { type Calling, callerOf, keyIn, mayPass, print, type Sender } from './send.ts'
import { type SentAnswer, sendUntilAnswered } from './until-answered.ts'

/** Most requests in one file. */
const requestsMax = 5_000
/** How long one request is tried while the gateway is busy or does not answer, ms. */
const forMs = 120_000
/** After how many requests to say how far it has come. */
const tellEach = 25

/** The options of the command, as typed. */
export type Many = Calling & {
  readonly many?: true
  readonly out?: string
  readonly atOnce: number
}

/** Adds the options for many requests to `comity request send`. */
export const sendingMany = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--many',
        'the file has many requests: a JSON array, or one on each line',
      ).conflicts(['jti', 'previous', 'received']),
    )
    .option('--out <folder>', 'where the answers to many go; without it, FILE.answers')
    .option(
      '--at-once <number>',
      'how many are under way at a time, 16 at most',
      number('write a number from 1 to 16.', 1, 16),
      4,
    )

/** A request of the file. */
type ToAsk = {
  /** Its place in the file, from 1. */
  readonly number: number
  readonly body: string
  readonly jti: string
  /** The file of its answer. */
  readonly file: string
}

/** What came of a request, without data. */
type Fate = { readonly number: number } & (
  | {
      readonly id: string
      readonly outcome: AnswerBody['outcome']
      readonly standing?: AnswerBody['standing']
      /** When the first of what is still to be done is due. */
      readonly due?: string | undefined
      readonly file: string
    }
  /** The code of a problem, and what it says. */
  | { readonly problem: string; readonly says: readonly string[] }
  | { readonly isAsked: false }
)

/** What is read of an answer. What else it says, today or later, is kept as it came. */
const answerSchema = z.looseObject({
  ...replySchema.pick({ id: true, outcome: true, standing: true, answerBy: true }).shape,
  todo: z.array(z.looseObject({ due: z.string().optional() })),
})

/**
 * Asks for everything in the file. The answers go into files of a folder, with a summary. Run again with the
 * same folder, it asks only what has no answer there, each with the same `jti` as before: whatever a run that
 * was killed has asked gets the answer that it got then.
 */
export async function sendMany(file: string, options: Many, gateway: Gateway): Promise<void> {
  const folder = options.out ?? (file === '-' ? undefined : `${file}.answers`)
  if (folder === undefined) throw misuse('say where the answers go: --out FOLDER')
  const caller = callerOf(options, gateway)
  const bodies = requestsIn(file)
  const secret = secretOf(folder, caller)
  const all = bodies.map((body, i): ToAsk => {
    // The same request has the same id in each run, and nobody else can tell it.
    const jti = createHmac('sha256', secret).update(body).digest('base64url')
    return { number: i + 1, body, jti, file: join(folder, `${jti}.json`) }
  })
  const { fates, stopped } = await someAtOnce(all, options.atOnce, askingAs(caller))
  const summary = { counts: countsOf(fates), requests: fates }
  rmSync(join(folder, 'summary.json'), { force: true })
  keep(join(folder, 'summary.json'), summary)
  print(options.json ? [JSON.stringify(summary, null, 2)] : summaryLines(summary, folder))
  if (summary.counts.answered < all.length) process.exitCode = exitCodes.unexpected
  if (stopped !== undefined) throw stopped
}

/** The bodies in a file; fails at the first that is none, with its place. */
function requestsIn(file: string): readonly string[] {
  const text = readText(file)
  const values = text.trimStart().startsWith('[') ? arrayIn(file, text) : linesIn(file, text)
  if (values.length === 0 || values.length > requestsMax)
    throw misuse(`${file}: it has ${values.length} requests; write 1 to ${requestsMax}`)
  const first = new Map<string, number>()
  return values.map((value, i) => {
    const body = JSON.stringify(value)
    const place = `${file}: request ${i + 1}`
    const before = first.get(body)
    if (before !== undefined) throw misuse(`${place} is the same as request ${before}`)
    if (Buffer.byteLength(body) > bodyBytesMax)
      throw misuse(`${place} is larger than ${bodyBytesMax / 1024} KB`)
    first.set(body, i + 1)
    return body
  })
}

const requestSchema = z.looseObject({})

const arrayIn = (file: string, text: string): readonly unknown[] =>
  valueIn(file, text, z.array(requestSchema))

const linesIn = (file: string, text: string): readonly unknown[] =>
  text
    .split('\n')
    .flatMap((line, i) =>
      line.trim() === '' ? [] : valueIn(`${file}:${i + 1}`, line, requestSchema),
    )

function valueIn<T>(place: string, text: string, schema: z.ZodType<T>): T {
  const parsed = parseJson(text)
  const { success, data } = schema.safeParse('value' in parsed ? parsed.value : undefined)
  if (success) return data
  const why = 'fault' in parsed ? `, ${parsed.fault.message}` : ''
  throw misuse(
    `couldn’t read ${place}${why}: write a JSON array of requests, or one request on each line`,
  )
}

const runSchema = z.strictObject({
  agency: z.string(),
  officer: z.string(),
  url: z.string(),
  secret: z.string(),
})

/** What the ids of a folder's calls are made from: on disk before anything is asked. */
function secretOf(folder: string, { agency, officer, url }: Omit<Sender, 'jti'>): Buffer {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'run.json')
  const secret = randomBytes(32).toString('base64url')
  if (!existsSync(file)) keep(file, { agency, officer, url, secret })
  const run = readJson(file, runSchema)
  if (run.agency === agency && run.officer === officer && run.url === url)
    return Buffer.from(run.secret, 'base64url')
  throw misuse(
    `${folder} has what ${run.officer} of ${run.agency} asked ${run.url}; name another folder with --out`,
  )
}

/** Writes a file that only its owner reads, whole or not at all; a file that is there stays as it is. */
function keep(file: string, value: unknown): void {
  const part = `${file}.${process.pid}`
  writeFileSync(part, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(part, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(part)
  }
}

/** Asks once, waits where the gateway says so, and keeps the answer. Throws a Failure if there is none. */
type Asking = (request: ToAsk) => Promise<Fate>

function askingAs({ key, ...caller }: Omit<Sender, 'jti'>): Asking {
  // When the gateway is busy it is so for all.
  let waiting = Promise.resolve()
  const pause = async (ms: number) => {
    const before = waiting
    waiting = Promise.all([before, setTimeout(ms)]).then(() => undefined)
    await waiting
  }
  const signing = keyIn(key)
  return async (request) => {
    if (existsSync(request.file)) return answered(request)
    await waiting
    const ids = { idOf: () => request.jti }
    const sending = { ...caller, key: signing, ids, log: () => undefined, forMs, pause }
    const { officer } = caller
    const body = Buffer.from(request.body)
    const call = { officer, method: 'POST', path: '/v1/access-requests', body } as const
    return fateOf(request, await sendUntilAnswered(call, sending))
  }
}

/** What came of a request by its answer, which is kept. Throws a Failure if it has none, or may not be asked. */
function fateOf(request: ToAsk, { status, body }: SentAnswer): Fate {
  const { number, file } = request
  const parsed = parseJson(body)
  const value = 'value' in parsed ? parsed.value : undefined
  if ((status === 200 || status === 201) && answerSchema.safeParse(value).success) {
    keep(file, value)
    return answered(request)
  }
  // Whoever may not ask this may not ask the rest.
  if (status < 400 || mayPass(status) || status === 401 || status === 403)
    throw new Failure(problemLines(value).join('\n'))
  const { code = String(status) } = z
    .looseObject({ code: z.string().optional() })
    .parse(value ?? {})
  return { number, problem: code, says: problemLines(value) }
}

/** The fate of a request whose answer is in its file. */
function answered({ number, file }: ToAsk): Fate {
  const { id, outcome, standing, todo, answerBy } = readJson(file, answerSchema)
  const dues = [answerBy, ...todo.map(({ due }) => due)].filter((each) => each !== undefined)
  const [due] = standing === 'open' ? dues.sort() : []
  return { number, id, outcome, standing, due, file }
}

/** Asks some at a time, in their order; after the first Failure it asks no more. */
async function someAtOnce(all: readonly ToAsk[], number: number, ask: Asking) {
  const fates = all.map(({ number }): Fate => ({ number, isAsked: false }))
  let next = 0
  let stopped: Failure | undefined
  const askNext = async (): Promise<void> => {
    for (let at = next++; at < all.length && stopped === undefined; at = next++) {
      const request = all[at] as ToAsk
      try {
        fates[at] = await ask(request)
        if (next % tellEach === 0) console.error(`${next} of ${all.length}`)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        stopped ??= error
      }
    }
  }
  await Promise.all(Array.from({ length: number }, askNext))
  return { fates, stopped }
}

/** How many of the requests came to what. */
function countsOf(fates: readonly Fate[]) {
  const count = (isOne: (fate: Fate) => boolean) => fates.filter(isOne).length
  const ended = (outcome: string, standing?: string) =>
    count((each) => 'id' in each && each.outcome === outcome && each.standing === standing)
  return {
    answered: count((each) => 'id' in each),
    released: ended('release'),
    releasedInPart: ended('redact') + ended('redact', 'open'),
    deniedOpen: ended('deny', 'open'),
    deniedFinal: ended('deny', 'final'),
    failed: count((each) => 'problem' in each),
    notAsked: count((each) => 'isAsked' in each),
  }
}

type Summary = {
  readonly counts: ReturnType<typeof countsOf>
  readonly requests: readonly Fate[]
}

function summaryLines({ counts, requests }: Summary, folder: string): readonly string[] {
  const rest = requests.length - counts.answered
  return [
    ...requests.flatMap(fateLines),
    `${counts.answered} of ${requests.length} answered: ${counts.released} released, ${counts.releasedInPart} released in part, ${counts.deniedOpen} not decided yet, ${counts.deniedFinal} denied.`,
    `The answers are in ${folder}; what they release is in them.`,
    ...(rest === 0
      ? []
      : [`${rest} without an answer. The same command again asks only those, and nothing twice.`]),
  ]
}

function fateLines(fate: Fate): readonly string[] {
  const number = String(fate.number).padStart(4)
  if ('isAsked' in fate) return [`${number}  not asked`]
  if ('problem' in fate) return [`${number}  failed`, ...fate.says.map((line) => `      ${line}`)]
  const { id, outcome, standing, due } = fate
  const isRest = standing === 'open' && outcome === 'redact'
  const said = [isRest && 'the rest not decided yet', due && `due ${due}`]
    .filter(Boolean)
    .join(', ')
  return [`${number}  ${verdict(outcome, standing)}${said && ` (${said})`}  ${id}`]
}

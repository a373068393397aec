/** How an auditor's command calls the gateway, and as whom. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type * as z from 'zod'
import { type Look, type Plain, purposeSchema } from '../../audit/look.ts'
import { type Checkpoint, parseCheckpoint } from '../../ledger/checkpoint.ts'
import { isLooksLog } from '../../ledger/looks-log.ts'
import { parseNote } from '../../ledger/note.ts'
import { keysFile } from '../../ledger/verify-files.ts'
import { url } from '../../terminal/arguments.ts'
import { printed } from '../../terminal/columns.ts'
import { exitCodes, Failure, misuse } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { problemLines } from '../../terminal/say.ts'
import { auditorsIn, type Gateway, identityIn } from '../profile.ts'
import { callFor, freshJti, send } from '../send.ts'

/** Who looks, what for, and where. */
export type Auditor = {
  /** An identity of the profile. */
  readonly as: string
  readonly agency: string
  readonly officer: string
  readonly purpose: string
  readonly url: string
}
/** The options that name an auditor, as typed. */
export type Asking = Partial<Omit<Auditor, 'agency'>> & Pick<Auditor, 'url'>

/** Adds to a command the options that say who looks and what for. */
export const asAuditor = (command: Command, gateway: Gateway): Command =>
  command
    .option(
      '--as <name>',
      'the auditor’s office that signs; without it, the auditors of the profile one after another',
    )
    .option('--officer <id>', 'who looks; without it, as the profile says')
    .addOption(
      new Option(
        '--purpose <purpose>',
        'what the look is for (LED art. 25(2)); without it, as the profile says',
      ).choices(purposeSchema.options),
    )
    .option('--url <url>', 'the gateway', url, gateway.url)

/** The offices to ask as: the one that was named, or each auditor of the profile. */
export function looksOf(options: Asking, gateway: Gateway): readonly [Auditor, ...Auditor[]] {
  const names = options.as === undefined ? auditorsIn(gateway) : [options.as]
  const [first, ...more] = names.map((as): Auditor => {
    const identity = identityIn(gateway, as)
    const { officer = identity.officer, purpose = identity.purpose, url } = options
    if (officer !== undefined && purpose !== undefined)
      return { as, agency: identity.agency, officer, purpose, url }
    throw misuse(
      `say who looks for ${as}, and what for: --officer ID --purpose ${purposeSchema.options.join('|')}`,
    )
  })
  if (first !== undefined) return [first, ...more]
  throw misuse('the profile names no auditor; say as whom with --as')
}

/** The country of an agency or of a log: `DE` of `DE-DPA` and of `comity.local/de/2026`. */
export const countryOf = (name: string): string =>
  (name.includes('/') ? name.split('/')[1] : name.split('-')[0])?.toUpperCase() ?? ''

/** The offices of a country first, since they see most of its entries. */
export const ownFirst = (
  looks: readonly [Auditor, ...Auditor[]],
  country: string,
): typeof looks => {
  // A cast: sorting takes none away.
  return looks.toSorted(
    (a, b) => Number(countryOf(b.agency) === country) - Number(countryOf(a.agency) === country),
  ) as [Auditor, ...Auditor[]]
}

/**
 * The answer of the first office that finds anything, else of the very first. No more offices look than
 * must: each look is an entry of the log, and a look at a person is kept with that person's entries.
 */
export async function firstFound<T>(
  looks: readonly [Auditor, ...Auditor[]],
  ask: (as: Auditor) => Promise<T>,
  isFound: (answer: T) => boolean,
): Promise<{ readonly as: Auditor; readonly answer: T }> {
  const [first, ...more] = looks
  const own = { as: first, answer: await ask(first) }
  if (isFound(own.answer)) return own
  for (const as of more) {
    const answer = await ask(as)
    if (isFound(answer)) return { as, answer }
  }
  return own
}

/** Says as which offices the command asked, unless `--as` named one. */
export function tellAs(options: Asking, looks: readonly Auditor[], more = ''): void {
  const [look] = looks
  if (options.as !== undefined || look === undefined) return
  const offices = looks.map(({ as }) => as).join(', ')
  console.error(`Asked as ${offices} (officer ${look.officer}, for ${look.purpose}).${more}`)
}

/**
 * Asks as the first office that finds anything, those of `country` first; prints the answer, what of it was not read,
 * and as whom it asked, with a note.
 */
export async function answerFirst<T>(
  options: Asking & { readonly json?: true },
  gateway: Gateway,
  ask: (as: Auditor) => Promise<T>,
  how: {
    readonly isFound: (answer: T) => boolean
    readonly lines: (answer: T) => readonly string[]
    readonly country?: string
    readonly unread?: (answer: T) => string | undefined
    readonly note?: (as: Auditor, others: readonly Auditor[]) => string
  },
): Promise<T> {
  const all = looksOf(options, gateway)
  const offices = how.country === undefined ? all : ownFirst(all, how.country)
  const { as, answer } = await firstFound(offices, ask, how.isFound)
  printed(options.json, answer, () => how.lines(answer))
  const unread = how.unread?.(answer)
  if (unread !== undefined) console.error(`Not everything was read: ${unread}.`)
  const others = offices.filter((each) => each !== as)
  tellAs(options, [as], how.note?.(as, others))
  return answer
}

/** `For another country, add --as: GB-DPA, …`, for the offices that were not asked. */
export const elsewhere = (others: readonly Auditor[]): string =>
  others.length === 0
    ? ''
    : ` For another country, add --as: ${others.map(({ as }) => as).join(', ')}.`

/** The logs of decisions whose keys the local gateway pinned when it first started. */
export const pinnedLogs = ({ data }: Gateway): readonly string[] => {
  const pinned = join(data, 'trust.json')
  const logs = existsSync(pinned) ? readJson(pinned, keysFile).logs.map(({ name }) => name) : []
  return logs.filter((log) => !isLooksLog(log))
}

/** The checkpoint of a note; `where` says what could not be read if it is none. */
export function checkpointIn(
  note: string,
  where: string,
  code: number = exitCodes.usage,
): Checkpoint {
  const read = parseNote(note)
  const head = 'wrong' in read ? read : parseCheckpoint(read.note.text)
  if ('wrong' in head) throw new Failure(`couldn’t read ${where}: ${head.wrong}`, code)
  return head.checkpoint
}

/** Makes the call of a row of `looks` and gives its answer. Throws a Failure with the problem otherwise. */
export async function look<Answer extends z.ZodType>(
  as: Auditor,
  gateway: Gateway,
  row: Look<Look['question'], z.ZodType, Answer>,
  asked: Readonly<Record<string, unknown>>,
): Promise<Plain<z.infer<Answer>>> {
  const found = await lookIfThere(as, gateway, row, asked)
  if ('body' in found) throw new Failure(problemLines(found.body).join('\n'))
  return found.answer
}

/** The same; the problem, if there is no such thing or the office may not see it. */
export async function lookIfThere<Answer extends z.ZodType>(
  { as, agency, officer, purpose, url }: Auditor,
  gateway: Gateway,
  row: Look<Look['question'], z.ZodType, Answer>,
  asked: Readonly<Record<string, unknown>>,
): Promise<{ readonly answer: Plain<z.infer<Answer>> } | { readonly body: unknown }> {
  const sender = { agency, officer, url, key: identityIn(gateway, as).key, jti: freshJti() }
  const { method, path, body } = callFor(row, { purpose, ...asked })
  const answer = await send(sender, method, path, body)
  if (answer.status === 404) return { body: answer.body }
  if (answer.status !== 200) throw new Failure(problemLines(answer.body).join('\n'))
  const [, schema] = row.answer
  const { error } = schema.safeParse(answer.body)
  if (error === undefined || error.issues.every(isNewer))
    // A cast: the schema has just accepted it, and transforms nothing.
    return { answer: answer.body as Plain<z.infer<Answer>> }
  throw new Failure(`couldn’t read what the gateway answered to ${method} ${row.path}`)
}

/** Whether an issue is only what a newer gateway adds, which is no fault. */
const isNewer = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'unrecognized_keys' ||
  (issue.code === 'invalid_union' && issue.errors.some((form) => form.every(isNewer)))

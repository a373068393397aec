/** `comity log verify`: whether the logs are whole, checked against all that was kept and signed. */

import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { faultOf } from '../../failure.ts'
import { isLooksLog } from '../../ledger/looks-log.ts'
import { number } from '../../terminal/arguments.ts'
import { counted, counter } from '../../terminal/counted.ts'
import { exitCodes, misuse } from '../../terminal/exit.ts'
import { readJson, readText, writeWhole } from '../../terminal/files.ts'
import type { LogFinding } from '../verify-findings.ts'
import { type Verdict, verifyLogs } from '../verify-log.ts'
import { remember, type SeenLogs, seenFile } from '../verify-memory.ts'
import { isFromOutside, trustFile, type Word } from '../verify-trust.ts'
import { folderFiles } from './export-files.ts'

type Options = {
  readonly trust?: string
  readonly receipt?: readonly string[]
  readonly proof?: readonly string[]
  readonly checkpoint?: readonly string[]
  readonly calls?: readonly string[]
  readonly since?: string
  readonly wait?: number
  readonly json?: true
}

/** The longest that `--wait` may be, seconds. */
const waitMax = 3600

/** The gateway of this machine: its data folder, and what exports its logs into a folder. */
export type Here = {
  readonly data: string
  readonly exportInto: (folder: string) => Promise<unknown>
}

/** Adds `verify` to `comity log`. */
export function addLogVerify(log: Command, here?: Here): void {
  log
    .command('verify')
    .description('Check every entry, tile, checkpoint and proof of the logs, offline.')
    .argument(...folderArgument('what `comity log export` wrote', here))
    .option(...trustOption(here))
    .option('--receipt <file...>', 'receipts that were given, to be held against the logs')
    .option('--proof <file...>', 'proofs that were given, to be held against the logs')
    .option('--checkpoint <file...>', 'checkpoints that were kept, to be held against the logs')
    .option(
      '--calls <file...>',
      'signed calls, which show when late entries were made: `comity evidence calls`',
    )
    .option('--since <file>', 'what was seen last: compared with, and kept anew if all is whole')
    .option(
      '--wait <seconds>',
      'wait until nothing is left out of the tree',
      number(`a number of seconds, at most ${waitMax}.`, 0, waitMax),
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Exit code 5: the logs are not whole. 7: they are, by keys that only whoever keeps them vouches for.
8: they are, but entries came into the log, or stamps on checkpoints, late. An entry may take 60 seconds until it is in a signed tree; until
then it is counted as pending. Keys that come from whoever is to be checked prove little: pin them. A log
that was put back to last week agrees with itself: only what you saw of it shows that, so keep --since.`,
    )
    .action(async (folder: string | undefined, options: Options) => {
      if (folder !== undefined && !isFolder(folder))
        throw misuse(`couldn’t verify \`${folder}\`: it is not a folder`)
      if (folder !== undefined && options.wait !== undefined)
        throw misuse('couldn’t wait: nothing seals what was exported')
      const held = heldIn(options, here)
      const verdict = await verified(folder, here, held, options.wait)
      process.exitCode = exitOf(verdict)
      if (options.json) console.log(JSON.stringify(verdict, null, 2))
      else {
        for (const warning of verdict.warnings) console.error(`Warning: ${warning}.`)
        const { trust, since } = held
        const lines = [...verdictLines(verdict, trust), ...sinceLines(verdict, since)]
        console.log(lines.join('\n'))
      }
      if (options.since !== undefined) await keepState(options.since, verdict)
    })
}

/** What a run checks the logs against. */
export type Held = Pick<
  Parameters<typeof verifyLogs>[0],
  'trust' | 'receipts' | 'proofs' | 'checkpoints' | 'calls' | 'since'
>

/** Reads what a run checks the logs against. */
export function heldIn(
  { trust: file, receipt = [], proof = [], checkpoint = [], calls, since }: Options,
  here?: Here,
): Held {
  const own = here === undefined ? [] : [join(here.data, 'trust.json')]
  const pinned = file ?? own.find(existsSync)
  const trust = pinned === undefined ? undefined : readJson(pinned, trustFile)
  const read = (name: string) => ({ name, text: readText(name) })
  const before = since === undefined ? undefined : readState(since)
  return {
    ...(trust === undefined ? {} : { trust }),
    ...(before === undefined ? {} : { since: before }),
    checkpoints: checkpoint.map(read),
    ...(calls === undefined ? {} : { calls: calls.map(read) }),
    receipts: receipt.map(read),
    proofs: proof.map(read),
  }
}

/** The folder that a command verifies; without it, the logs of the gateway of this machine, if there is one. */
export const folderArgument = (
  what: string,
  here: Here | undefined,
): readonly [name: string, says: string] =>
  here === undefined
    ? ['<folder>', what]
    : ['[folder]', `${what}; without it, the local gateway’s logs`]

/** The option that names the keys that somebody trusts. */
export const trustOption = (here: Here | undefined) =>
  [
    '--trust <file>',
    here === undefined
      ? 'the keys that you trust'
      : 'the keys that you trust; without it, `trust.json` of the local gateway',
  ] as const

/** Verifies an export, or without a folder the logs of the gateway of this machine. */
export function verified(
  folder: string | undefined,
  here: Here | undefined,
  held: Held,
  waitSeconds = 0,
): Promise<Verdict> {
  if (folder !== undefined) return verifyFolder(folder, held)
  if (here === undefined) throw misuse('say which folder')
  return verifyLive(here, held, waitSeconds)
}

/** Verifies an export. */
async function verifyFolder(folder: string, held: Held): Promise<Verdict> {
  const show = counter('read')
  const verdict = await verifyLogs({
    ...held,
    files: folderFiles(folder),
    now: Date.now(),
    progress: (_, __, count) => show(count),
  })
  show()
  return verdict
}

/** Exports and verifies; repeats while entries wait and time is left. */
async function verifyLive({ exportInto }: Here, held: Held, waitSeconds: number): Promise<Verdict> {
  const end = Date.now() + waitSeconds * 1000
  for (;;) {
    const folder = mkdtempSync(join(tmpdir(), 'comity-log-'))
    try {
      await exportInto(folder)
      const verdict = await verifyFolder(folder, held)
      const isWaiting = verdict.logs.some(({ pending }) => pending > 0)
      if (!isWaiting || Date.now() >= end) return verdict
    } finally {
      rmSync(folder, { recursive: true })
    }
    await pause(1000)
  }
}

/** The exit code of a verdict. */
export function exitOf({ whole, late, stampsLate, word }: Verdict): number {
  if (!whole) return exitCodes.integrityFailed
  if (late + stampsLate > 0) return exitCodes.late
  return isFromOutside(word) ? exitCodes.ok : exitCodes.ownWord
}

const words: Readonly<Record<Word, readonly string[]>> = {
  publication: [],
  paper: [],
  gateway: ['By the gateway’s own word: nobody else vouches for the keys that it was held to.'],
  demonstration: [
    'By demonstration keys: whoever runs this made them all, so it proves nothing against him.',
  ],
  file: ['By its own word: the keys that it was held to come with it.'],
}

/** What was found, in words. */
export function verdictLines(verdict: Verdict, trust?: Held['trust']): readonly string[] {
  const { whole, at, logs, findings, unlisted, quorum, witnesses } = verdict
  const begun = logs.filter(({ entries, size, signed }) => entries + size + signed > 0)
  const sum = (of: (log: (typeof logs)[number]) => number) =>
    begun.reduce((total, log) => total + of(log), 0)
  const pending = sum((log) => log.pending)
  const what = `${counted(begun.length, 'log')}, ${counted(
    sum((log) => log.entries),
    'entry',
    'entries',
  )}`
  const waiting =
    pending === 0
      ? []
      : [
          `${counted(pending, 'entry waits', 'entries wait')} to be in a signed tree, for less than 60 seconds so far.`,
        ]
  if (!whole) {
    const more = unlisted === 0 ? [] : [`and ${unlisted} more`]
    const all = counted(findings.length + unlisted, 'finding')
    return [`${what}: NOT whole, ${all}.`, ...findings.map(findingLine), ...more, ...waiting]
  }
  const cosigned = Math.min(
    witnesses,
    ...begun.flatMap(({ log, cosigned }) => (isLooksLog(log) ? [] : cosigned)),
  )
  const isSigned = sum(({ signed }) => signed) > 0
  const by = quorum === 0 ? '' : `, cosigned by ${cosigned} of ${witnesses}`
  const proved = isSigned ? `In the tree, proved, signed${by}.` : 'Nothing is in the tree yet.'
  return [
    `${what}: whole${at === null ? '' : ` as of ${at}`}. ${proved}`,
    ...lateLines(verdict),
    ...words[verdict.word],
    ...stampLines(verdict, trust),
    ...waiting,
  ]
}

/**
 * What stamps prove of each log: that its first entries existed before a time, not when they were made. If
 * the trust file names authorities, a log that none of them stamped is listed.
 */
function stampLines({ logs }: Verdict, trust: Held['trust']): readonly string[] {
  const stamped = logs.flatMap(({ log, signed, stamps }) => {
    const [last] = stamps.counted.toSorted((a, b) => b.size - a.size || (a.at < b.at ? -1 : 1))
    if (last === undefined)
      return signed > 0 && trust?.authorities?.length
        ? [`${log} has no stamp of an authority that you name.`]
        : []
    const first = counted(last.size, 'entry', 'entries')
    return [
      `The first ${first} of ${log} existed before ${last.at}, says ${last.authority}, ${ofAuthority[last.key.word]}.`,
    ]
  })
  const unnamed = logs.reduce((sum, { stamps }) => sum + stamps.unnamed, 0)
  const others = counted(
    unnamed,
    'stamp is by an authority that you do not name: it counts',
    'stamps are by authorities that you do not name: they count',
  )
  return [...stamped, ...(unnamed === 0 ? [] : [`${others} for nothing.`])]
}

/** Who vouches that the certificate is the authority's. */
const ofAuthority: Readonly<Record<Word, string>> = {
  publication: 'whose certificate its owner publishes',
  paper: 'whose certificate was had on paper',
  gateway: 'whose certificate is the gateway’s word alone',
  demonstration: 'whose certificate is a demonstration',
  file: 'whose certificate stands in the file alone',
}

/** How many late entries, and how many late stamps, are listed at most. */
const lateListedMax = 10

function lateLines(verdict: Verdict): readonly string[] {
  const { findings, stampsLate } = verdict
  const stamps = findings.filter(({ code }) => code === 'stamp-late').slice(0, lateListedMax)
  return [
    ...lateEntryLines(verdict),
    ...(stampsLate === 0
      ? []
      : [`${counted(stampsLate, 'checkpoint was', 'checkpoints were')} stamped late:`]),
    ...stamps.map(findingLine),
    ...(stampsLate > stamps.length ? [`and ${stampsLate - stamps.length} more`] : []),
  ]
}

function lateEntryLines({ late, findings }: Verdict): readonly string[] {
  if (late === 0) return []
  const listed = findings.filter(({ code }) => code === 'late').slice(0, lateListedMax)
  const more = late - listed.length
  return [
    `${counted(late, 'entry', 'entries')} came into the log late:`,
    ...listed.map(findingLine),
    ...(more > 0 ? [`and ${more.toLocaleString('en')} more`] : []),
  ]
}

function findingLine({
  code,
  where: { file, line, entry, index, bytes },
  says,
}: LogFinding): string {
  const place = [
    line === undefined ? file : `${file}:${line}`,
    ...(entry === undefined ? [] : [`entry ${entry}`]),
    ...(index === undefined ? [] : [`index ${index}`]),
    ...(bytes === undefined ? [] : [spanOf(bytes)]),
  ]
  return `- ${place.join(', ')}: ${says} [${code}]`
}

const spanOf = ([from, to]: readonly [number, number]): string =>
  to > from ? `bytes ${from} to ${to - 1}` : `byte ${from}`

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** What an earlier run saw, and the file that says so. */
export type Since = { readonly name: string; readonly seen: SeenLogs }

/** Reads a state; undefined if there is no file yet. Throws a Failure if the file is anything else. */
export const readState = (file: string): Since | undefined =>
  existsSync(file) ? { name: file, seen: readJson(file, seenFile) } : undefined

/**
 * Keeps what a run saw, if it found nothing: else the next run must find the same again. Replaces the file
 * in one step, after all output is written, so that no finding is lost. Gives what the next run compares
 * with, if it was kept.
 */
export async function keepState(
  file: string,
  { whole, at, logs }: Verdict,
): Promise<Since | undefined> {
  if (!whole || at === null) return undefined
  const state = remember(at, logs)
  await new Promise((resolve) => process.stdout.write('', resolve))
  try {
    writeWhole(file, `${JSON.stringify(state, null, 2)}\n`)
    return { name: file, seen: seenFile.parse(state) }
  } catch (error) {
    const why = faultOf(error)
    throw misuse(`couldn’t keep what was seen in \`${file}\`: ${why}`)
  }
}

const comparedWithNothing =
  'Compared with nothing that was seen before: a log that was emptied or put back looks the same.'

/** What the run was compared with, and how far each log has grown since. */
export function sinceLines(verdict: Verdict, since: Since | undefined): readonly string[] {
  if (since === undefined) return verdict.whole ? [comparedWithNothing] : []
  const before = new Map(since.seen.logs.map(({ log, size }) => [log, size]))
  const grown = verdict.logs
    .filter(({ log, signed }) => signed > (before.get(log) ?? 0))
    .map(({ log, signed }) => `${log} has grown from ${before.get(log) ?? 0} to ${signed}.`)
  const same = `Every log begins as it was seen at ${since.seen.at}.`
  return verdict.whole ? [same, ...grown] : grown
}

/** The state that a verifier keeps between two runs: what it saw of each log. */

import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import type { Verdict } from '../proof/verify-log.ts'
import { remember, type SeenLogs, seenFile } from '../proof/verify-memory.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'

/** What was seen before, and the file that says so; undefined on the first run. */
export type Since = { readonly name: string; readonly seen: SeenLogs }

/** Reads a state; undefined if there is none yet. Throws a Failure if the file is anything else. */
export const readState = (file: string): Since | undefined =>
  existsSync(file) ? { name: file, seen: readJson(file, seenFile) } : undefined

/**
 * Keeps what a run saw, if it found nothing: else the next run must find the same again. All at once,
 * and only after what was printed has gone out, so that no finding is passed over. Gives what the next run is held against, if it was kept.
 */
export async function keepState(
  file: string,
  { whole, at, logs }: Verdict,
): Promise<Since | undefined> {
  if (!whole || at === null) return undefined
  const state = remember(at, logs)
  await new Promise((resolve) => process.stdout.write('', resolve))
  const next = `${file}.next`
  try {
    const made = openSync(next, 'w', 0o600)
    writeFileSync(made, `${JSON.stringify(state, null, 2)}\n`)
    fsyncSync(made)
    closeSync(made)
    renameSync(next, file)
    return { name: file, seen: seenFile.parse(state) }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable'
    throw new Failure(`couldn’t keep what was seen in \`${file}\`: ${why}`, exitCodes.usage)
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

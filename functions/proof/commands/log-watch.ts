/** `comity log watch`: verifies the logs again and again, and says what changed. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { number } from '../../terminal/arguments.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import {
  exitOf,
  folderArgument,
  type Here,
  heldIn,
  keepState,
  readState,
  type Since,
  sinceLines,
  trustOption,
  verdictLines,
  verified,
} from './log-verify.ts'

type Options = {
  readonly since: string
  readonly trust?: string
  readonly every: number
  readonly rounds?: number
  readonly json?: true
}

/** The longest time between two rounds, seconds. */
const everyMax = 86_400

/** Adds `watch` to `comity log`. */
export function addLogWatch(log: Command, here?: Here): void {
  log
    .command('watch')
    .description('Verify the logs by the hour, against what was seen before, and say what changed.')
    .argument(...folderArgument('an export that is made anew before each round', here))
    .requiredOption('--since <file>', 'what was seen last; made in the first round')
    .option(...trustOption(here))
    .option(
      '--every <seconds>',
      'between two rounds',
      number(`a number of seconds, from 1 to ${everyMax}.`, 1, everyMax),
      3600,
    )
    .option(
      '--rounds <number>',
      'end after so many; without it, go on',
      number('a number of rounds, from 1 on.'),
    )
    .option('--json', 'print a line of JSON for each round')
    .addHelpText(
      'after',
      `
A round that finds something is told again in the next, until the logs are whole once more. The exit
code is that of the worst round, as of \`comity log verify\`; a round that could not be made is worse than a late entry.`,
    )
    .action(async (folder: string | undefined, options: Options) => {
      // Only the first round reads the file; later rounds use what this run saw.
      let before = readState(options.since)
      for (let round = 1; ; round++) {
        try {
          before = await oneRound(folder, options, before, here)
        } catch (error) {
          // Reports a round that could not be made, and tries the next.
          if (!(error instanceof Failure)) throw error
          console.error(error.message)
          endWith(error.exitCode)
        }
        if (round === options.rounds) return
        await pause(options.every * 1000)
      }
    })
}

/** Verifies once; gives what the next round compares with. */
async function oneRound(
  folder: string | undefined,
  { trust, since, json }: Options,
  before: Since | undefined,
  here: Here | undefined,
): Promise<Since | undefined> {
  const held = { ...heldIn({ ...(trust && { trust }) }, here), ...(before && { since: before }) }
  const verdict = await verified(folder, here, held)
  const lines = [...verdictLines(verdict, held.trust), ...sinceLines(verdict, before)]
  console.log(json ? JSON.stringify(verdict) : lines.join('\n'))
  endWith(exitOf(verdict))
  return (await keepState(since, verdict)) ?? before
}

/**
 * The exit codes of a round that was made and found the logs whole, the worst last. Any other but
 * `integrityFailed` is of a round that was not made.
 */
const gravity: readonly number[] = [exitCodes.ok, exitCodes.ownWord, exitCodes.late]

/** The command ends as its worst round did. */
function endWith(code: number): void {
  const rank = (of: number) =>
    of === exitCodes.integrityFailed ? 4 : gravity.includes(of) ? gravity.indexOf(of) : 3
  if (rank(code) >= rank(Number(process.exitCode ?? exitCodes.ok))) process.exitCode = code
}

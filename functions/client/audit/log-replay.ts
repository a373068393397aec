/** `comity log replay`: whether logged decisions, decided again, come out as they did. */

import type { Command } from 'commander'
import type * as z from 'zod'
import { looks } from '../../audit/looks.ts'
import { replayedMax, type replayedSchema } from '../../audit/replay.ts'
import type { Checkpoint } from '../../ledger/checkpoint.ts'
import { sampleOf } from '../../ledger/sample.ts'
import { number } from '../../terminal/arguments.ts'
import { printed } from '../../terminal/columns.ts'
import { counted, counter } from '../../terminal/counted.ts'
import { exitCodes, Failure, misuse } from '../../terminal/exit.ts'
import { readText } from '../../terminal/files.ts'
import type { Gateway } from '../profile.ts'
import {
  type Asking,
  type Auditor,
  asAuditor,
  checkpointIn,
  countryOf,
  look,
  looksOf,
  ownFirst,
  pinnedLogs,
  tellAs,
} from './audit-call.ts'

type Options = Asking & {
  readonly log?: readonly string[]
  readonly sample?: number
  readonly seed?: string
  readonly json?: true
}

/** Adds `replay` to `comity log`. */
export function addLogReplay(log: Command, gateway: Gateway): void {
  asAuditor(log.command('replay'), gateway)
    .description('Decide logged decisions again, each by the law as it was known at its moment.')
    .option('--log <log...>', 'these logs; without it, those of the office’s own jurisdiction')
    .option(
      '--sample <number>',
      'only a random sample of so many of each log',
      number('a number of entries is written like 100.'),
    )
    .option(
      '--seed <checkpoint>',
      'decides the sample: the size of a checkpoint, or a file with one',
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Exit code 5: an entry does not come out as it did, or is not what was sealed. Exit code 1: of an entry that cannot be
said, since the gateway does not have the law that decided; ask one that runs newer law. A sample is decided by
the root of a checkpoint, so that anyone draws it again and nobody chooses it.`,
    )
    .action(async (options: Options) => {
      if (options.seed !== undefined && options.sample === undefined)
        throw misuse('`--seed` decides a sample: add --sample')
      const offices = looksOf(options, gateway)
      const replays: Replay[] = []
      const asked = new Set<Auditor>()
      for (const head of await headsOf(options, offices, gateway)) {
        const [own] = ownFirst(offices, countryOf(head.origin))
        asked.add(own)
        replays.push(await replayLog(head, { ...options, ...own }, gateway))
      }
      if (replays.some(({ differs }) => differs.length > 0))
        process.exitCode = exitCodes.integrityFailed
      else if (replays.some(({ unknown }) => unknown.length > 0))
        process.exitCode = exitCodes.unexpected
      printed(options.json, { logs: replays }, () =>
        replays.length === 0 ? ['Nothing is in the log yet.'] : replays.flatMap(replayLines),
      )
      tellAs(options, [...asked])
    })
}

type Replay = z.infer<typeof replayedSchema> & {
  readonly unknown: z.infer<typeof replayedSchema>['differs']
  readonly log: string
  /** The size of the checkpoint. */
  readonly size: number
  readonly sampled: boolean
}

async function replayLog(
  { origin, size, root }: Checkpoint,
  options: Options & Auditor,
  gateway: Gateway,
): Promise<Replay> {
  const { sample } = options
  const total = { same: 0, erased: 0, notDecisions: 0 }
  const [differs, unknown]: [Replay['differs'], Replay['differs']] = [[], []]
  const indices = sample === undefined ? undefined : sampleOf(root, size, sample)
  const count = indices?.length ?? size
  const show = counter(`of ${count} replayed of ${origin}`)
  for (let from = 0; from < count; from += replayedMax) {
    const until = Math.min(from + replayedMax, count)
    const which = indices === undefined ? { from, until } : { indices: indices.slice(from, until) }
    const some = await look(options, gateway, looks.replays, { log: origin, ...which })
    for (const each of ['same', 'erased', 'notDecisions'] as const) total[each] += some[each]
    differs.push(...some.differs)
    // A gateway of before has it among those that differ.
    unknown.push(...(some.unknown ?? []))
    show(until)
  }
  show()
  return { log: origin, size, sampled: sample !== undefined, ...total, differs, unknown }
}

/** The checkpoints up to which logs are replayed, one for each log that has any. */
async function headsOf(
  options: Options,
  offices: readonly Auditor[],
  gateway: Gateway,
): Promise<readonly Checkpoint[]> {
  const { seed } = options
  if (seed !== undefined && !/^\d+$/.test(seed))
    return [checkpointIn(readText(seed), `\`${seed}\``)]
  const path = seed === undefined ? 'checkpoint' : `checkpoints/${Number(seed)}`
  const heads = await Promise.all(
    logsOf(options, offices, gateway).map(async (log) => {
      const address = `${new URL(options.url).origin}/log/${log}/${path}`
      const response = await fetch(address).catch(() => undefined)
      if (response === undefined)
        throw new Failure(`no answer from ${new URL(options.url).origin}; is the gateway running?`)
      if (response.status !== 404) return checkpointIn(await response.text(), `\`${address}\``)
      if (seed === undefined) return undefined
      const one = options.log === undefined ? '; a seed is of one log: name it with --log' : ''
      throw misuse(`${log} has no checkpoint of ${seed} entries${one}`)
    }),
  )
  return heads.filter((head) => head !== undefined)
}

/** The named logs, or those of the offices' jurisdictions that the local gateway pinned. */
function logsOf(
  { log }: Options,
  offices: readonly Auditor[],
  gateway: Gateway,
): readonly string[] {
  if (log !== undefined) return log
  const countries = offices.map(({ agency }) => countryOf(agency))
  const own = pinnedLogs(gateway).filter((name) => countries.includes(countryOf(name)))
  if (own.length > 0) return own
  throw misuse('couldn’t tell which logs: name them with --log')
}

function replayLines(replay: Replay): readonly string[] {
  const { log, size, sampled, same, erased, notDecisions, differs, unknown } = replay
  const all = counted(size, 'entry', 'entries')
  const of = sampled
    ? `a sample of ${same + erased + notDecisions + differs.length + unknown.length} of ${all}`
    : all
  return [
    `${log}, ${of}:`,
    `- ${counted(same, 'decision')} decided again, the same`,
    ...(erased === 0 ? [] : [`- ${erased} erased, proof holds`]),
    ...(notDecisions === 0 ? [] : [`- ${notDecisions} not decisions`]),
    ...differs.map(({ id, index, why }) => `- NOT the same: index ${index}, entry ${id}: ${why}`),
    ...unknown.map(
      ({ id, index, why }) =>
        `- unknown, the law that decided is not held there: index ${index}, entry ${id}: ${why}`,
    ),
  ]
}

/** `comity log sample`: a random sample of a log, drawn again here from the checkpoint that determines it. */

import { type Command, InvalidArgumentError } from 'commander'
import type * as z from 'zod'
import type { Plain } from '../../audit/look.ts'
import { looks } from '../../audit/looks.ts'
import type { sampleSchema } from '../../audit/sealed-entries.ts'
import { sampleOf } from '../../ledger/sample.ts'
import { printed } from '../../terminal/columns.ts'
import { exitCodes, Failure, misuse } from '../../terminal/exit.ts'
import { paint, second } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
import {
  type Asking,
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
  readonly log?: string
  readonly n: string
  readonly size?: string
  readonly json?: true
}

type Sample = Plain<z.infer<typeof sampleSchema>>

const positive = (value: string): string => {
  if (/^[1-9]\d{0,15}$/.test(value)) return value
  throw new InvalidArgumentError('a number is written like 20.')
}

/** Adds `sample` to `comity log`. */
export function addLogSample(log: Command, gateway: Gateway): void {
  asAuditor(log.command('sample'), gateway)
    .description(
      'Draw a random sample of a log. Its checkpoint decides it, so that anyone draws the same.',
    )
    .option('--log <log>', 'the log, such as comity.local/de/2026')
    .option('--n <number>', 'how many entries, at most 500', positive, '20')
    .option('--size <size>', 'the checkpoint of this size; without it, the newest', positive)
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const { n, size } = options
      const log = options.log ?? unnamed(gateway)
      const [own] = ownFirst(looksOf(options, gateway), countryOf(log))
      const answer = await look(own, gateway, looks.sample, { log, n, size })
      const drawn = drawnBy(answer.checkpoint, { log, n, size })
      if (answer.entries.map(({ index }) => index).join() !== drawn.join())
        throw new Failure(
          `couldn’t trust the sample: the checkpoint decides ${drawn.join(', ')}`,
          exitCodes.integrityFailed,
        )
      if (answer.entries.some((each) => 'wrong' in each))
        process.exitCode = exitCodes.integrityFailed
      printed(options.json, answer, () => sampleLines(answer))
      tellAs(options, [own])
    })
}

function unnamed(gateway: Gateway): never {
  const logs = pinnedLogs(gateway).map((each) => `\n  --log ${each}`)
  const which = logs.length === 0 ? '--log comity.local/de/2026' : `one of:${logs.join('')}`
  throw misuse(`say of which log, ${which}`)
}

/** The indices that a checkpoint determines. */
function drawnBy(
  note: string,
  { log, n, size }: Readonly<Record<'log' | 'n', string>> & { readonly size: string | undefined },
): readonly number[] {
  const checkpoint = checkpointIn(note, 'the checkpoint', exitCodes.integrityFailed)
  if (checkpoint.origin !== log || (size !== undefined && checkpoint.size !== Number(size)))
    throw new Failure(
      'couldn’t trust the sample: its checkpoint is another',
      exitCodes.integrityFailed,
    )
  return sampleOf(checkpoint.root, checkpoint.size, Number(n))
}

const sampleLines = ({ log, size, checkpoint, entries }: Sample): readonly string[] => [
  paint('bold', `${entries.length} of the first ${size.toLocaleString('en')} entries of ${log}`),
  ...entries.map((each) =>
    [String(each.index).padStart(8), each.id, ...whatOf(each)]
      .filter((said) => said !== undefined)
      .join('  '),
  ),
  '',
  'Decided by this checkpoint, which `comity log verify` checks:',
  checkpoint.trimEnd(),
]

function whatOf(entry: Sample['entries'][number]): readonly (string | undefined)[] {
  if ('wrong' in entry) return [paint('red', entry.wrong)]
  const { ts, kind, agency, officer, outcome } = entry
  return [second(ts), kind, agency, officer, outcome]
}

/** `comity policy anchor`: begins the chain `law` anew, where its statements are lost or broken. */

import type { Command } from 'commander'
import type { LocalGateway } from '../../adapters/log-export.ts'
import { lawToRun } from '../../adapters/policies-files.ts'
import { lawPath } from '../../policy/book.ts'
import { headsOf } from '../../policy/floor.ts'
import type { LawState } from '../../policy/law-chain.ts'
import { run } from '../../policy/read-book.ts'
import { whySchema } from '../../policy/sealers.ts'
import { digestOfSet } from '../../policy/set.ts'
import { covers, spanOf } from '../../policy/suspension.ts'
import { number } from '../../terminal/arguments.ts'
import { confirm } from '../../terminal/ask.ts'
import { misuse } from '../../terminal/exit.ts'
import { choose, readLaw } from './choose.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { next, withLawChain } from './law-chain.ts'
import { releaseKeyIn, startable } from './policy-set.ts'
import { refused } from './signing.ts'

type Options = SigningOptions & {
  readonly seen?: number
  readonly suspended?: readonly string[]
}

/** Adds `anchor` to the policy commands. */
export function addPolicyAnchor(policy: Command, folder: string, place: LocalGateway): void {
  policy
    .command('anchor')
    .description('Begin the chain of the law anew, where it is lost or broken.')
    .requiredOption('--key <file...>', 'both private release keys')
    .requiredOption('--why <sentence>', 'what happened to it, in a full sentence')
    .option(
      '--seen <number>',
      'the last statement that anybody saw; the lines of the gateway and its log name it',
      number('a statement has a number such as 7.'),
    )
    .option(
      '--suspended <version...>',
      'what is suspended beside what the chain still says, without end until it is lifted',
    )
    .option(
      '--deployed <file>',
      'a deployed gateway: the table of its register, or its database, as JSON',
    )
    .option('--dry-run', 'only say what would be stated')
    .option('--yes', 'sign without being asked to type the name of the set')
    .option(...asJson)
    .addHelpText(
      'after',
      `
While the chain does not hold, nothing is permitted. The better way out is to put its rows back as they were: each
log has every statement as an entry (\`comity log query --kind statement\`). An anchor states the floor and all that is
suspended once more: what it leaves out is suspended no longer.`,
    )
    .action(async (options: Options) => {
      const { key, seen, deployed, dryRun, yes, json } = options
      const why = whySchema.safeParse(options.why)
      if (!why.success) throw misuse('couldn’t begin anew: say why in a full sentence')
      const law = startable(() => run(lawToRun(folder)))
      const keys = key.map((file) => releaseKeyIn(file, law.releaseKeys))
      const now = new Date().toISOString()
      await withLawChain(
        place,
        deployed,
        law,
        key,
        async ({ followed: { state, broken, last }, add }) => {
          if (broken === undefined && seen === undefined)
            throw refused(
              'couldn’t begin anew: the chain holds; if its end is lost, say the last statement that was seen: --seen',
            )
          const number = Math.max(seen ?? 0, broken?.at ?? 0, last)
          const suspended = [...stillSuspended(state, now), ...named(options, folder, now)]
          const set = digestOfSet(law.set)
          const heads = headsOf(law.set)
          const body = { act: 'anchor' as const, set, heads, suspended, why: why.data }
          const { statement } = next(
            { ...state, tip: { ...state.tip, number } },
            body,
            keys,
            law,
            now,
          )
          const { show, end } = telling(json)
          show([
            `The chain begins anew with statement ${statement.number}.`,
            `The floor is the set ${set.slice(0, 12)}.`,
            suspended.length === 0
              ? 'Nothing is suspended from then on.'
              : `Suspended: ${suspended.map(({ path }) => path).join(', ')}.`,
            `Why: ${why.data}`,
          ])
          const of = [{ set, counts: !dryRun }]
          if (dryRun) return end({ act: 'anchor', done: false, of })
          await confirm([set.slice(0, 12)], yes ?? false)
          await add(statement)
          end({ act: 'anchor', done: true, of, statement: statement.number }, [
            `began anew, as statement ${statement.number}`,
          ])
        },
      )
    })
}

/** The versions that the chain still says are suspended. */
const stillSuspended = ({ suspensions }: LawState, now: string) =>
  [...suspensions].flatMap(([key, own]) => {
    const [path = '', sha256 = ''] = key.split(' ')
    return own
      .map(spanOf)
      .filter((span) => covers(span, now))
      .map(({ from, until }) => ({ path, sha256, from, ...(until && { until }) }))
  })

const named = ({ suspended = [] }: Options, folder: string, now: string) =>
  suspended.map((name) => {
    const { version } = choose(readLaw(folder), name, now)
    return { path: lawPath(version), sha256: version.digest, from: now }
  })

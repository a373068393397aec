/** `comity policy stop` and `resume`: one person stops all that a gateway permits, and two let it go on. */

import type { Command } from 'commander'
import type { LocalGateway } from '../../adapters/log-export.ts'
import { lawToRun } from '../../adapters/policies-files.ts'
import { run } from '../../policy/read-book.ts'
import { whySchema } from '../../policy/sealers.ts'
import { confirm } from '../../terminal/ask.ts'
import { misuse } from '../../terminal/exit.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { holding, next, withLawChain } from './law-chain.ts'
import { releaseKeyIn, startable } from './policy-set.ts'
import { refused } from './signing.ts'

const acts = {
  stop: {
    description:
      'Stop all that is permitted, everywhere, until two resume it. One release key is enough.',
    keys: 'your private release key',
    says: 'Every gateway answers with an open denial within a minute, and gives nothing again. Nothing is lost.',
    done: 'stopped',
  },
  resume: {
    description: 'Let what is permitted be given again. Two release keys sign.',
    keys: 'both private release keys',
    says: 'What the law permits is given again, within a minute.',
    done: 'resumed',
  },
} as const

/** Adds `stop` and `resume` to the policy commands. */
export function addPolicyStop(policy: Command, folder: string, place: LocalGateway): void {
  for (const act of ['stop', 'resume'] as const) {
    const { description, keys: ofKeys, says, done } = acts[act]
    policy
      .command(act)
      .description(description)
      .requiredOption('--key <file...>', ofKeys)
      .requiredOption('--why <sentence>', 'why, in a full sentence')
      .option(
        '--deployed <file>',
        'a deployed gateway: the table of its register, or its database, as JSON',
      )
      .option('--dry-run', 'only say what would be stated')
      .option('--yes', `sign without being asked to type \`${act}\``)
      .option(...asJson)
      .action(async ({ key, deployed, dryRun, yes, json, ...options }: SigningOptions) => {
        const why = whySchema.safeParse(options.why)
        if (!why.success) throw misuse(`couldn’t ${act}: say why in a full sentence`)
        const law = startable(() => run(lawToRun(folder)))
        const keys = key.map((file) => releaseKeyIn(file, law.releaseKeys))
        await withLawChain(place, deployed, law, key, async ({ followed, add }) => {
          const state = holding(followed)
          if ((state.stop === undefined) !== (act === 'stop'))
            throw refused(`couldn’t ${act}: it is ${act === 'stop' ? '' : 'not '}stopped`)
          const now = new Date().toISOString()
          const { statement } = next(state, { act, why: why.data }, keys, law, now)
          const { show, end } = telling(json)
          show([says, `Why: ${why.data}`])
          if (dryRun) return end({ act, done: false, of: [] })
          await confirm([act], yes ?? false)
          await add(statement)
          end({ act, done: true, of: [], statement: statement.number }, [
            `${done}, as statement ${statement.number}`,
          ])
        })
      })
  }
}

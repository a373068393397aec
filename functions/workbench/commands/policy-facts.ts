/** `comity policy facts`: every fact that a rule may read. */

import type { Command } from 'commander'
import { suggest } from '../../policy/suggest.ts'
import { screen, wrap } from '../../terminal/columns.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import { paint } from '../../terminal/say.ts'
import { type FactWords, factsAsData, factWordsOf } from '../law/fact-words.ts'

/** Adds `facts` to `comity policy`. */
export function addPolicyFacts(policy: Command): void {
  policy
    .command('facts')
    .description(
      'Show every fact that a rule may read: its values, its source, who vouches for it.',
    )
    .argument('[name]', 'a fact or the beginning of some: arrangement, item.class')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nA fact that is not here cannot be read by a rule.')
    .action((name: string | undefined, options: { readonly json?: true }) => {
      const isAsked = (each: { readonly name: string }) =>
        name === undefined || each.name === name || each.name.startsWith(`${name}.`)
      const found = factWordsOf().filter(isAsked)
      if (found.length === 0)
        throw new Failure(
          `there is no fact \`${name}\`${suggest(
            name ?? '',
            factWordsOf().map((each) => each.name),
          )}`,
          exitCodes.usage,
        )
      if (options.json)
        console.log(JSON.stringify({ facts: factsAsData().filter(isAsked) }, null, 2))
      else console.log(found.flatMap((each) => factLines(each, screen())).join('\n'))
    })
}

function factLines({ name, label, values, from, by, help }: FactWords, width: number) {
  const plain = (text: string) => text.replaceAll('`', '')
  return [
    paint('bold', name),
    ...[
      `  ${label}: ${help}`,
      `  - Values: ${plain(values)}`,
      `  - From: ${plain(from)}`,
      ...(by === undefined ? [] : [`  - Vouched for by ${by}`]),
    ].flatMap((line) => wrap(line, width)),
    '',
  ]
}

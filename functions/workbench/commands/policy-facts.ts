/** `comity policy facts`: every fact that a rule may read. */

import type { Command } from 'commander'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { paint } from '../../terminal/say.ts'
import { type FactWords, factsAsData, factWordsOf } from '../law/fact-words.ts'
import { noSuch } from './choose.ts'

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
      const all = factWordsOf()
      const found = all.filter(isAsked)
      if (name !== undefined && found.length === 0)
        throw noSuch(
          'fact',
          name,
          all.map((each) => each.name),
        )
      printed(options.json, { facts: factsAsData().filter(isAsked) }, () =>
        found.flatMap((each) => factLines(each, screen())),
      )
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

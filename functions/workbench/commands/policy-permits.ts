/** `comity policy permits`: every permit, with all that it tests. */

import type { Command } from 'commander'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { paint } from '../../terminal/say.ts'
import { type PermitWords, permitsIn } from '../law/permits.ts'
import { noSuch, readLaw, titlesOf, wholeBook } from './choose.ts'

/** Adds `permits` to `comity policy`. */
export function addPolicyPermits(policy: Command, folder: string): void {
  policy
    .command('permits')
    .description('Show every permit with all that it tests, of the newest versions.')
    .argument('[from]', 'a policy, or the folder of some: de/bkag, de')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
A permit lets data go. Whatever condition its sentence or its articles name it tests, or another rule does, which
is named then. Whatever a permit lets go, refusals, limits and an officer may still keep.`,
    )
    .action((from = '', options: { readonly json?: true }) => {
      const book = wholeBook(readLaw(folder))
      const permits = permitsIn(book, titlesOf(book), from.replace(/\/?$/, from && '/'))
      if (permits.length === 0)
        throw noSuch(
          'permit in',
          from,
          book.policies.map(({ id }) => id),
        )
      printed(options.json, { permits }, () =>
        permits.flatMap((each) => permitLines(each, screen())),
      )
    })
}

function permitLines(
  { id, of, says, tests, cites, nature, confidence, elsewhere }: PermitWords,
  width: number,
): readonly string[] {
  return [
    `${paint('bold', id)} ${paint('dim', of)}`,
    ...[
      `  ${says}`,
      `  - Tests: ${tests}`,
      `  - By: ${cites.join('; ')} (${nature}, ${confidence})`,
      ...elsewhere.map(({ words, by }) => `  - “${words}” is tested by ${by}`),
    ].flatMap((line) => wrap(line, width)),
    '',
  ]
}

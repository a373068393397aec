/** What people type reaches a command as they mean it. */

import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { idsLast } from '../../functions/terminal/arguments.ts'

/** What a command is told by arguments, of which each `X` is an id that begins with a hyphen. */
function told(...args: readonly string[]) {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  let said: unknown
  program
    .command('make')
    .argument('[id]')
    .option('--json')
    .option('--as <office>')
    .option('--entry <id...>')
    .action((id, options) => {
      said = { ...(id && { id }), ...options }
    })
  program.command('other').option('--as <office...>').option('--json <file>')
  program.parse(idsLast(['make', ...args], program), { from: 'user' })
  return said
}
const [id, next] = [`-${'x'.repeat(42)}`, `-${'y'.repeat(42)}`]
const plain = 'z'.repeat(43)

// One id in 64 does.
describe('An id that begins with a hyphen', () => {
  test('is what is asked for, wherever it stands', () => {
    expect(told(id)).toEqual({ id })
    expect(told(id, '--as', 'DE-POL')).toEqual({ id, as: 'DE-POL' })
    expect(told('--as', 'DE-POL', id)).toEqual({ id, as: 'DE-POL' })
    expect(told('--json', id)).toEqual({ id, json: true })
    expect(told('--', id)).toEqual({ id })
  })

  test('is the value of an option that takes one', () => {
    expect(told('--as', id)).toEqual({ as: id })
  })

  // Kills: an id that an option takes only if it comes first, so that one of two bundles in 64 is refused.
  test('is a value of an option that takes several, whichever it is', () => {
    for (const entry of [[id], [plain, id], [id, plain], [id, next, plain], [plain, id, next]])
      expect(told('--entry', ...entry, '--json')).toEqual({ entry, json: true })
  })
})

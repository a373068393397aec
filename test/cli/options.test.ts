/** One option has one name, and one name has one meaning, in every command. */

import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { programOf } from '../../functions/cli/program.ts'

const nobody = async () => {
  throw new Error('no command is run here')
}
const at = { policies: 'policies', version: '0.0.0', data: '.comity', url: 'http://localhost:8787' }
const program = programOf({ ...at, openStore: nobody, openDesk: nobody, makeKey: nobody })

type Row = {
  readonly command: string
  readonly name: string
  readonly takes: string
  readonly says: string
}

/** Every option of every command: `request send`, `key`, `<file>`, what it says. */
const table = (command: Command, path: readonly string[] = []): readonly Row[] => [
  ...command.options.map(({ long, flags, description }) => ({
    command: path.join(' '),
    name: long ?? flags,
    takes: /<[^>]+>/.exec(flags)?.[0].replace('...', '') ?? '',
    says: description,
  })),
  ...command.commands.flatMap((each) => table(each, [...path, each.name()])),
]
const rows = table(program)
const byName = Map.groupBy(rows, ({ name }) => name)
const saidOf = (name: string) => new Set(byName.get(name)?.map(({ says }) => says))

/** What one name takes in different places, where that is one idea: a day or a moment, a file or a folder. */
const alike: Readonly<Record<string, readonly string[]>> = {
  '--from': ['<day>', '<moment>'],
  '--until': ['<day>', '<moment>'],
  '--out': ['<file>', '<folder>'],
  '--rule': ['<id>', '<rule>'],
}

// Kills: `--limit` of rows and of percent, `--key` of a file and of a fingerprint, `--since` of days and of a file.
test('An option takes the same wherever its name stands', () => {
  const wrong = [...byName].flatMap(([name, all]) => {
    const takes = [...new Set(all.map((each) => each.takes))].sort()
    const isOne = takes.length === 1 || takes.join() === alike[name]?.join()
    return isOne
      ? []
      : [`${name} ${takes.join(' or ')}: ${all.map(({ command }) => command).join(', ')}`]
  })
  expect(wrong).toEqual([])
})

test('Who signs is `--as`, with which key `--key`, and `--agency` only finds what is about an agency', () => {
  for (const says of saidOf('--as')) expect(says).toMatch(/signs|acts|approves/)
  for (const says of saidOf('--key')) expect(says).toMatch(/private (release )?key/)
  expect(byName.get('--agency')?.map(({ command }) => command)).toEqual([
    'log query',
    'log profile',
    'log officers',
  ])
  // Whoever calls a gateway as an agency may name a key of their own.
  const calling = rows.filter(
    ({ name, command }) => name === '--as' && /^(request|attestation|release|inbox)/.test(command),
  )
  for (const { command } of calling)
    expect(rows).toContainEqual(expect.objectContaining({ command, name: '--key' }))
})

// Kills: a span that ends with its last day in one command and before it in another.
test('A span begins with `--from` and ends before `--until`, as in the API', () => {
  for (const says of saidOf('--from')) expect(says).toMatch(/from (this day|when)/)
  for (const says of saidOf('--until')) expect(says).toMatch(/before this day|until when/)
})

test('Whatever prints an answer prints it as JSON, too', () => {
  const calls = rows.filter(({ name, command }) => name === '--url' && command !== 'log pin')
  for (const { command } of calls)
    if (!['evidence create', 'subject approve', 'log events'].includes(command))
      expect(rows).toContainEqual(expect.objectContaining({ command, name: '--json', takes: '' }))
})

// Kills: a machine that signs law, and reads what came of it from sentences.
test('Whatever signs law prints what it did as JSON, too', () => {
  for (const name of ['seal', 'withdraw', 'retire', 'set', 'floor', 'suspend', 'anchor'])
    expect(rows).toContainEqual(
      expect.objectContaining({ command: `policy ${name}`, name: '--json', takes: '' }),
    )
})

/** That the glossary has each kind of the code once, and no other. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../functions')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Every text in quotes of a declaration, which begins with `start` and ends with `end`. */
const quoted = (file: string, start: string, end: string | RegExp = /\n\n|\] as const/) => {
  const [, after = ''] = read(file).split(start)
  const [declaration = ''] = after.split(end)
  return [...declaration.matchAll(/'([^']+)'/g)].map(([, kind = '']) => kind)
}

/** What keys of rows begin with, wherever they are written: `O#due#…` is of `O#due`. */
const rows = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [...read(file).matchAll(/[`'"]([A-Z]{1,8}(?:#[a-z]+)?)#/g)])
  .map(([, key = '']) => key)

const kinds: Readonly<Record<string, readonly string[]>> = {
  Entries: quoted('ledger/entry.ts', 'export type EntryKind ='),
  Events: quoted('inbox-ports.ts', 'export const eventKinds ='),
  'Reasons to ask a person': quoted('answer/offices/inbox.ts', '  because: z', '])'),
  Rows: rows,
  Agencies: ['agency', ...quoted('identity/register.ts', '  role: z.enum(', ')')],
  Offices: quoted('policy/fact-types.ts', 'export type Attester ='),
  Officers: quoted('identity/officers.ts', 'export const officerRoles ='),
  Outcomes: quoted('decision/treatment.ts', 'export type Outcome ='),
  Standings: quoted('decision/decide.ts', '  readonly standing?:', '\n'),
  Treatments: quoted('decision/treatment.ts', 'export type Treatment ='),
  Effects: [...read('policy/policy.ts').matchAll(/effect: z\.literal\('(\w+)'\)/g)].map(
    ([, effect = '']) => effect,
  ),
}

const [, ...sections] = read('GLOSSARY.md').split(/^## /m)
const lines = new Map(
  sections.map((section) => {
    const [title = ''] = section.split('\n')
    return [title, [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, kind = '']) => kind)]
  }),
)

// Kills: a kind without a line, a line without a kind, a line that stands twice, and a list that is found nowhere.
test.each(Object.entries(kinds))('the glossary has each of %s once', (title, found) => {
  expect(found.length).toBeGreaterThan(1)
  expect([...(lines.get(title) ?? [])].sort()).toEqual([...new Set(found)].sort())
})

test('and no section besides', () => {
  expect([...lines.keys()]).toEqual(Object.keys(kinds))
})

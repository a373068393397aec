/** The page that maps our fields to UMF and NIEM has every field, and no other. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { accessRequestSchema } from '../../functions/decision/request.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('functions/http/MESSAGES.md')

/** The rows of the table under a heading, as cells. */
const rowsUnder = (heading: string) => {
  const [table = ''] = (page.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')
  const [, , ...rows] = table.split('\n').filter((line) => line.startsWith('|'))
  return rows.map((row) => row.slice(1, -1).split('|'))
}
/** What stands in backticks in the first column. A row may be of several fields. */
const namesUnder = (heading: string) =>
  rowsUnder(heading).flatMap(([cell = '']) => cell.match(/(?<=`)[^`, ]+(?=`)/g) ?? [])

type Schema = Pick<z.core.JSONSchema.BaseSchema, 'properties' | 'items' | 'anyOf' | 'oneOf'>
/** Every field within, at any depth, as a path: `subject.name.given`, `reasons[].says`. */
const fieldsOf = (schema: Schema, path = ''): readonly string[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, each]) => [
    `${path}${name}`,
    ...fieldsOf(each as Schema, `${path}${name}.`),
  ]),
  ...(schema.items ? fieldsOf(schema.items as Schema, `${path.slice(0, -1)}[].`) : []),
  ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((each) => fieldsOf(each, path)),
]
const elements = globSync('policies/lists/elements/*[0-9].json', { cwd: root })
  .flatMap((file): { readonly value: string }[] => JSON.parse(read(file)).elements)
  .map(({ value }) => value)

describe.each([
  { heading: 'A request', all: fieldsOf(z.toJSONSchema(accessRequestSchema)) },
  { heading: 'An answer', all: fieldsOf(z.toJSONSchema(answerSchema)) },
  { heading: 'An element', all: elements },
])('$heading', ({ heading, all }) => {
  test('every field stands in the table once, and nothing else does', () => {
    expect(all.length).toBeGreaterThan(40)
    expect(namesUnder(heading).toSorted()).toEqual([...new Set(all)].toSorted())
  })

  test('every row has a NIEM name, or the word that there is none, and a note', () => {
    const columns = heading === 'An element' ? 2 : 3
    const isBare = (row: readonly string[]) =>
      row.length !== columns || row.some((cell) => !cell.trim())
    expect(rowsUnder(heading).filter(isBare)).toEqual([])
  })
})

// Kills: an element that is said to have its own name in NIEM, and has none there.
test('An element of our own has no NIEM name, and goes as free text or an annex', () => {
  const own = rowsUnder('An element').filter(([names = '']) => names.includes('`ext:'))
  expect(own.flatMap(([names = '']) => names.match(/`(?!ext:)[^`, ]+`/g) ?? [])).toEqual([])
  for (const [, where] of own) expect(where).toMatch(/^ (Free text|An annex)/)
})

test('The page says of UMF that no name was found, and why', () => {
  expect(page).toContain('**UMF**: no name was found for any field or element')
  expect(page).toContain('their articles and annexes could not be read.')
})

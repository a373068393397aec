/** The JSON Schemas that editors use are those that the gateway checks with. */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { listSchema, policySchema, statementSchema } from '../functions/policy/policy.ts'
import { vocabulary } from '../functions/policy/vocabulary.ts'
import { caseFileSchema } from '../functions/workbench/law/cases.ts'
import { editorSchema } from './editor-schema.ts'

const folder = join(import.meta.dirname, '../policies')
const schemas = {
  'policy.schema.json': editorSchema(policySchema),
  'list.schema.json': editorSchema(listSchema),
  'policy-test.schema.json': editorSchema(caseFileSchema),
  'statement.schema.json': editorSchema(statementSchema),
}

/** `UPDATE=1 npx vitest run test/schemas.test.ts` writes them anew. */
test.each(Object.entries(schemas))('an editor checks with the %s of today', (name, schema) => {
  const text = `${JSON.stringify(schema, null, 2)}\n`
  if (process.env.UPDATE === '1') writeFileSync(join(folder, name), text)
  expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
})

const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'))
const check = (name: string) => z.fromJSONSchema(read(name))
const filesLike = (pattern: string) =>
  globSync(pattern, {
    cwd: folder,
    exclude: ['*.json', '*/seals.json', '*/unchecked.json', 'demonstration-keys'],
  })

test('what an editor completes is what is shipped: no file has an underlined word', () => {
  const policy = check('policy.schema.json')
  const list = check('list.schema.json')
  const cases = check('policy-test.schema.json')
  const others = { lists: list, statements: check('statement.schema.json') }
  for (const path of filesLike('**/*.json')) {
    const other = Object.entries(others).find(([folder]) => path.startsWith(`${folder}/`))?.[1]
    const of = path.endsWith('.test.json') ? cases : (other ?? policy)
    expect(of.safeParse(read(path)).error?.issues, path).toBeUndefined()
  }
})

const condition = z.fromJSONSchema({
  $ref: '#/$defs/condition',
  $defs: read('policy.schema.json').$defs,
})

// Kills: a condition that may be anything.
test.each([
  { slip: 'an operator', when: { '=': [{ var: 'request.purpose' }, 'detection'] } },
  { slip: 'a fact', when: { '===': [{ var: 'request.purpos' }, 'detection'] } },
  { slip: 'a value', when: { '===': [{ var: 'request.purpose' }, 'detecton'] } },
  { slip: 'a value on a list', when: { in: [{ var: 'item.role' }, ['victm']] } },
  { slip: 'a type', when: { '<': [{ var: 'item.ageAtEvent' }, '18'] } },
  { slip: 'an order where there is none', when: { '<': [{ var: 'item.role' }, 'victim'] } },
  { slip: 'what is no yes-or-no fact', when: { and: [{ var: 'item.role' }] } },
  { slip: 'two operators', when: { and: [true], or: [true] } },
])('an editor underlines a slip in $slip', ({ when }) => {
  expect(condition.safeParse({ and: [true] }).success).toBe(true)
  expect(condition.safeParse(when).success).toBe(false)
})

test('an editor offers every fact with what it means, and every value in words', () => {
  const { $defs } = read('policy.schema.json')
  for (const [name, fact] of Object.entries(vocabulary)) {
    const { title, description } = $defs[`fact ${name}`].properties.var
    expect(title, name).toBe(fact.label)
    expect(description, name).toContain(fact.meaning)
    if (fact.type === 'enum')
      expect($defs[`value ${name}`].anyOf, name).toEqual(
        Object.entries(fact.values).map(([value, label]) => ({ const: value, title: label })),
      )
  }
})

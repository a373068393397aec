/**
 * The JSON Schemas with which an editor completes and checks the files of the legal team: every fact,
 * operator and value with its meaning. `comity policy check` looks closely at what they let through.
 */

import * as z from 'zod'
import { isRecordFact, isWorkedOut } from '../functions/policy/fact-types.ts'
import { type Fact, vocabulary } from '../functions/policy/vocabulary.ts'

/** A JSON Schema (draft 2020-12). */
type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * The schema of a kind of file for editors. If the file's own schema has parts named `condition`, `facts`,
 * `itemFacts` or `item`, this spells them out from the vocabulary.
 */
export function editorSchema(file: z.ZodType): JsonSchema {
  const { $defs = {}, ...schema } = z.toJSONSchema(file, { io: 'input' })
  const parts = Object.keys($defs).map((name) => [name, spelledOut[name] ?? $defs[name]])
  return {
    ...schema,
    $defs: { ...Object.fromEntries(parts), ...('condition' in $defs ? operands : {}) },
  }
}

const all = Object.entries(vocabulary)
const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` })

const varOf = (name: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { var: name },
  required: ['var'],
  additionalProperties: false,
})

const nameOf = ([name, { label, meaning, source }]: readonly [string, Fact]): JsonSchema => ({
  const: name,
  title: label,
  description: `${meaning} (${source})`,
})

/** Two operands: on the left a fact that `isMeant` picks, on the right what `right` gives for it. */
const two = (
  isMeant: (fact: Fact) => boolean,
  right: (name: string, fact: Fact) => readonly JsonSchema[],
): JsonSchema => ({
  anyOf: all
    .filter(([, fact]) => isMeant(fact))
    .map(([name, fact]) => ({
      type: 'array',
      prefixItems: [ref(`fact ${name}`), { anyOf: right(name, fact) }],
      minItems: 2,
      maxItems: 2,
    })),
})

const isOne = ({ type }: Fact): boolean => type !== 'list'
const hasOrder = ({ type }: Fact): boolean => type === 'integer' || type === 'day'
const oneValue = (name: string): readonly JsonSchema[] => [ref(`value ${name}`), ref('another')]

/** What the condition's operators take. */
const operands: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(all.map((each) => [`fact ${each[0]}`, varOf(nameOf(each))])),
  ...Object.fromEntries(all.map(([name, fact]) => [`value ${name}`, valuesOf(fact)])),
  another: { ...varOf({ type: 'string' }), description: 'Another fact of the same type.' },
  compared: two(isOne, oneValue),
  ordered: two(hasOrder, oneValue),
  listed: two(isOne, (name) => [
    { type: 'array', items: ref(`value ${name}`) },
    varOf({ anyOf: all.filter(([, { type }]) => type === 'list').map(nameOf) }),
    varOf({ type: 'string', pattern: '^lists\\.', description: 'A shared list.' }),
  ]),
  yes: { anyOf: all.filter(([, { type }]) => type === 'boolean').map(nameOf) },
}

/** What a condition may be; `dialect.ts` has the last word. */
const condition: JsonSchema = {
  anyOf: [
    { type: 'boolean', description: 'Always, or never.' },
    {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
      properties: {
        and: { ...conditions(), description: 'All of them hold.' },
        or: { ...conditions(), description: 'One of them holds.' },
        '!': { ...conditions(), maxItems: 1, description: 'It does not hold.' },
        var: { ...ref('yes'), description: 'A yes-or-no fact is yes.' },
        '===': { ...ref('compared'), description: 'The fact is this value.' },
        '!==': { ...ref('compared'), description: 'The fact is another value.' },
        '<': { ...ref('ordered'), description: 'The fact is below.' },
        '<=': { ...ref('ordered'), description: 'The fact is below or equal.' },
        '>': { ...ref('ordered'), description: 'The fact is above.' },
        '>=': { ...ref('ordered'), description: 'The fact is above or equal.' },
        in: { ...ref('listed'), description: 'The fact is on the list.' },
      },
    },
  ],
}

function conditions(): JsonSchema {
  return { type: 'array', minItems: 1, items: ref('condition') }
}

function valuesOf(fact: Fact): JsonSchema {
  const values = 'values' in fact ? fact.values : undefined
  const known =
    values === undefined
      ? { type: 'string' }
      : { anyOf: Object.entries(values).map(([value, title]) => ({ const: value, title })) }
  switch (fact.type) {
    case 'boolean':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', description: `In ${fact.unit}.` }
    case 'day':
      return { type: 'string', format: 'date', description: 'A day, such as 2026-11-24.' }
    case 'list':
      return { type: 'array', items: known }
    default:
      return known
  }
}

/** The facts of a request, or of an item by their names without `item.`. */
function facts(ofItem: boolean): JsonSchema {
  const properties = all
    .filter(([name]) => isRecordFact(name) === ofItem && !isWorkedOut(name))
    .map(([name, fact]) => [
      ofItem ? name.slice('item.'.length) : name,
      {
        title: fact.label,
        description: fact.meaning,
        anyOf: [valuesOf(fact), { type: 'null', description: 'Unknown.' }],
      },
    ])
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}

const itemFacts = facts(true)

const spelledOut: Readonly<Record<string, JsonSchema>> = {
  condition,
  facts: facts(false),
  itemFacts,
  item: {
    ...itemFacts,
    properties: {
      id: { type: 'string', description: 'What the case calls the item.' },
      element: { type: 'string', description: 'The field of the dictionary that the item is.' },
      ...(itemFacts.properties as JsonSchema),
    },
    required: ['id'],
  },
}

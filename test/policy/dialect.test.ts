/** JSON Logic fails open; the dialect does not let it. */

import jsonLogic from 'json-logic-js'
import { describe, expect, test } from 'vitest'
import { known, withItem } from '../../functions/decision/facts.ts'
import { condition, limits } from '../../functions/policy/dialect.ts'
import { type Condition, holds } from '../../functions/policy/logic.ts'
import type { Logic } from '../../functions/policy/policy.ts'

const lists = { adequacy: ['JP', 'CH'] }
const listIds = new Set(Object.keys(lists))

/** `code at pointer` of each fault. */
function faultsOf(logic: unknown): readonly string[] {
  const result = condition(logic as Logic, listIds)
  return 'faults' in result ? result.faults.map(({ code, pointer }) => `${code} at ${pointer}`) : []
}

function messageOf(logic: unknown): string {
  const result = condition(logic as Logic, listIds)
  return 'faults' in result
    ? result.faults.map(({ message, fix }) => [message, fix].join(' ').trim()).join('\n')
    : ''
}

function checked(logic: unknown): Condition {
  const result = condition(logic as Logic, listIds)
  if ('faults' in result) throw new Error(JSON.stringify(result.faults))
  return result.condition
}

const ask = (logic: unknown, facts: Readonly<Record<string, unknown>> = {}) =>
  holds(checked(logic), withItem(known(facts, lists), { id: '1', facts }))

const theClass = { var: 'item.class' }

describe('with a fact missing, plain JSON Logic says yes and the gateway does not answer', () => {
  const traps: Readonly<Record<string, unknown>> = {
    'not equal': { '!==': [theClass, 'health'] },
    not: { '!': [{ var: 'item.minor' }] },
    'less than': { '<': [{ var: 'item.ageAtEvent' }, 18] },
    'at most': { '<=': [{ var: 'item.ageAtEvent' }, 18] },
    'not in': { '!': [{ in: [theClass, ['health', 'genetic']] }] },
    'not in a shared list': {
      '!': [{ in: [{ var: 'requester.jurisdiction' }, { var: 'lists.adequacy' }] }],
    },
  }
  for (const [name, logic] of Object.entries(traps))
    test(name, () => {
      expect(jsonLogic.apply(logic as never, {})).toBe(true)
      expect(ask(logic)).toBe('unanswerable')
      for (const value of [null, undefined, '', {}, [], 'no-such-value', Number.NaN])
        expect(
          ask(logic, { 'item.class': value, 'item.minor': value, 'item.ageAtEvent': value }),
        ).toBe('unanswerable')
    })
})

describe('a trap of JSON Logic is refused when the file is read', () => {
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['loose equality', { '==': [theClass, 'health'] }, 'operator at /=='],
    ['loose inequality', { '!=': [theClass, 'health'] }, 'operator at /!='],
    ['truthiness', { '!!': [{ var: 'item.minor' }] }, 'operator at /!!'],
    ['a branch', { if: [{ var: 'item.minor' }, true, false] }, 'operator at /if'],
    ['none', { none: [{ var: 'necessity.strictClasses' }, true] }, 'operator at /none'],
    ['some', { some: [{ var: 'necessity.strictClasses' }, true] }, 'operator at /some'],
    ['all', { all: [{ var: 'necessity.strictClasses' }, true] }, 'operator at /all'],
    ['map', { map: [{ var: 'necessity.strictClasses' }, true] }, 'operator at /map'],
    ['reduce', { reduce: [{ var: 'necessity.strictClasses' }, true, 0] }, 'operator at /reduce'],
    ['log', { log: 'x' }, 'operator at /log'],
    ['missing', { missing: ['item.class'] }, 'operator at /missing'],
    ['cat', { cat: ['a', 'b'] }, 'operator at /cat'],
    ['an operator named constructor', { constructor: [true] }, 'operator at /constructor'],
    ['an operator named toString', { toString: [true] }, 'operator at /toString'],
    ['a dotted operator', { 'and.or': [true] }, 'operator at /and.or'],
    [
      'two operators in one object',
      { '===': [theClass, 'case'], '!==': [theClass, 'case'] },
      'shape at ',
    ],
    ['no operator', {}, 'shape at '],
    ['a word', 'item.minor', 'shape at '],
    ['a number', 1, 'shape at '],
    ['a list of conditions', [true], 'shape at '],
    ['the prototype', { var: 'constructor.name' }, 'fact at /var'],
    ['the prototype by its name', { var: '__proto__' }, 'fact at /var'],
    ['all facts at once', { var: '' }, 'fact at /var'],
    ['a default value', { var: ['item.minor', true] }, 'shape at '],
    ['a computed name', { var: { var: 'item.class' } }, 'shape at '],
    ['an undeclared fact', { '===': [{ var: 'item.colour' }, 'red'] }, 'fact at /===/0/var'],
    ['an undeclared list', { in: [theClass, { var: 'lists.no-such' }] }, 'fact at /in/1/var'],
    ['a text looked into', { in: [theClass, 'health,genetic'] }, 'type at /in/1'],
    ['a fact looked into that is text', { in: [theClass, { var: 'item.role' }] }, 'type at /in/1'],
    [
      'a list looked for in a list',
      { in: [{ var: 'necessity.strictClasses' }, ['health']] },
      'type at /in/0',
    ],
    [
      'a number looked for among texts',
      { in: [{ var: 'item.ageAtEvent' }, { var: 'lists.adequacy' }] },
      'type at /in/0',
    ],
    [
      'a fact with a second name',
      { '!==': [{ var: 'item.class', log: 'x' }, 'health'] },
      'shape at /!==/0',
    ],
    ['a literal on the left', { '===': ['health', theClass] }, 'shape at /===/0'],
    ['three to compare', { '<': [1, { var: 'item.ageAtEvent' }, 18] }, 'shape at /<'],
    ['one to compare', { '===': [theClass] }, 'shape at /==='],
    ['an operand without its list', { '!': { var: 'item.minor' } }, 'shape at /!'],
    ['an empty `and`', { and: [] }, 'shape at /and'],
    ['an empty `or`', { or: [] }, 'shape at /or'],
    ['a class with an order', { '<': [theClass, 'health'] }, 'type at /<'],
    ['a number as text', { '<': [{ var: 'item.ageAtEvent' }, '18'] }, 'type at /</1'],
    ['a text as number', { '===': [{ var: 'holder.jurisdiction' }, 276] }, 'type at /===/1'],
    ['a value that a fact never has', { '===': [theClass, 'helth'] }, 'type at /===/1'],
    [
      'two facts of different types',
      { '===': [theClass, { var: 'item.minor' }] },
      'type at /===/1',
    ],
    ['a class as a yes or no', { and: [theClass] }, 'type at /and/0'],
  ]
  for (const [name, logic, fault] of refused)
    test(name, () => expect(faultsOf(logic)).toContain(fault))
})

test('a shared list that is not in force is not an empty list', () => {
  const barred = checked({ in: [{ var: 'requester.jurisdiction' }, { var: 'lists.adequacy' }] })
  const facts = { 'requester.jurisdiction': 'JP' }
  expect(holds(barred, known(facts, lists))).toBe('holds')
  expect(holds(barred, known(facts, { adequacy: [] }))).toBe('fails')
  expect(holds(barred, known(facts, {}))).toBe('unanswerable')
})

test('a fault names what was probably meant', () => {
  expect(messageOf({ '===': [{ var: 'item.clas' }, 'health'] })).toContain(
    'did you mean `item.class`?',
  )
  expect(messageOf({ '===': [theClass, 'helth'] })).toContain('did you mean `health`?')
  expect(messageOf({ '=': [theClass, 'health'] })).toContain('did you mean')
  expect(messageOf({ in: [theClass, { var: 'lists.adequcy' }] })).toContain(
    'did you mean `lists.adequacy`?',
  )
  expect(messageOf({ '===': [{ var: 'wholly.unlike.anything' }, 1] })).not.toContain('did you mean')
})

describe('a condition has limits', () => {
  const nested = (depth: number): unknown => (depth === 1 ? true : { '!': [nested(depth - 1)] })

  test('at most 32 deep', () => {
    expect(limits.depth).toBe(32)
    expect(faultsOf(nested(32))).toEqual([])
    expect(faultsOf(nested(33)).join()).toContain('limit at /!')
    expect(messageOf(nested(33))).toBe('deeper than 32')
  })

  test('at most 512 nodes', () => {
    expect(limits.nodes).toBe(512)
    expect(faultsOf({ and: Array.from({ length: 511 }, () => true) })).toEqual([])
    expect(messageOf({ and: Array.from({ length: 512 }, () => true) })).toBe('more than 512 nodes')
    const compared = Array.from({ length: 171 }, () => ({ '===': [theClass, 'case'] }))
    expect(messageOf({ or: compared })).toBe('more than 512 nodes')
    expect(faultsOf({ or: [...compared, { log: 'x' }] })).not.toEqual([])
  })

  test('at most 32 KB', () => {
    expect(limits.bytes).toBe(32_768)
    const long = (length: number) => ({
      '===': [{ var: 'holder.jurisdiction' }, 'x'.repeat(length)],
    })
    expect(faultsOf(long(32_000))).toEqual([])
    expect(faultsOf(long(33_000))).toEqual(['limit at '])
  })

  test('its bytes are counted as they are written in UTF-8', () => {
    const umlauts = { '===': [{ var: 'holder.jurisdiction' }, 'ü'.repeat(20_000)] }
    expect(faultsOf(umlauts)).toEqual(['limit at '])
  })
})

test('an unknown part does not matter where the rest decides', () => {
  const unknown = { var: 'item.minor' }
  expect(ask({ and: [unknown, false] })).toBe('fails')
  expect(ask({ or: [unknown, true] })).toBe('holds')
  expect(ask({ and: [unknown, true] })).toBe('unanswerable')
  expect(ask({ or: [unknown, false] })).toBe('unanswerable')
  expect(ask({ '!': [{ and: [unknown, false] }] })).toBe('holds')
})

test('a condition knows which facts and lists it reads, and whether it reads the record', () => {
  const {
    facts,
    lists: read,
    readsRecord,
  } = checked({
    or: [
      { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.adequacy' }] },
      { in: [theClass, { var: 'necessity.strictClasses' }] },
    ],
  })
  expect(facts).toEqual(['requester.jurisdiction', 'item.class', 'necessity.strictClasses'])
  expect(read).toEqual(['adequacy'])
  expect(readsRecord).toBe(true)
  expect(checked({ var: 'necessity.victimIdentity' }).readsRecord).toBe(false)
})

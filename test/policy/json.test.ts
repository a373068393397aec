/** What two readers could understand differently is refused, with its place. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson, placeOf } from '../../functions/policy/json-fault.ts'

const faultOf = (text: string, depthMax?: number) => {
  const result = parseJson(text, depthMax)
  return 'fault' in result ? result.fault : undefined
}

test('what JSON.parse reads and no rule forbids is read alike', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      fc.pre(!/__proto__|constructor|prototype/.test(text))
      expect(parseJson(text)).toEqual({ value: JSON.parse(text) })
    }),
    { numRuns: 300 },
  )
})

// Kills: names counted without those of an object in an object, or a colon in a text counted for one.
test('a member that stands twice is refused, whatever its values are', () => {
  const json = fc.json({ maxDepth: 4 }).filter((text) => !/__proto__|constructor|proto/.test(text))
  const name = fc.oneof(fc.string(), fc.constantFrom('a:b', '"', '\\":'))
  fc.assert(
    fc.property(name, json, json, json, (text, first, between, second) => {
      const twice = JSON.stringify(text)
      const whole = `[{${twice}:${first},"between: it":${between},${twice}:${second}}]`
      fc.pre(text !== 'between: it' && !/__proto__|constructor|prototype/.test(text))
      expect(faultOf(whole)?.message).toBe(`the name \`${text}\` stands twice in one object`)
    }),
    { numRuns: 300 },
  )
})

describe('refused', () => {
  const refused: readonly (readonly [string, string, number, string])[] = [
    ['a name that stands twice', '{"a":1,"b":2,"a":3}', 13, 'the name `a` stands twice'],
    ['a name that stands twice under an escape', '{"a":1,"\\u0061":2}', 7, 'stands twice'],
    ['a name that stands twice further down', '[{"x":{"a":1,"a":1}}]', 13, 'stands twice'],
    ['a byte order mark', '\ufeff{}', 0, 'not JSON'],
    ['`__proto__`', '{"a":{"__proto__":1}}', 6, 'the name `__proto__` is not allowed'],
    ['`constructor`', '{"constructor":1}', 1, 'the name `constructor` is not allowed'],
    ['`prototype` under an escape', '{"\\u0070rototype":1}', 1, 'is not allowed'],
    ['a line comment', '{} // so', 3, 'not JSON'],
    ['a block comment', '/* so */ {}', 0, 'not JSON'],
    ['a trailing comma in a list', '[1,]', 3, 'not JSON'],
    ['a trailing comma in an object', '{"a":1,}', 7, 'not JSON'],
    ['single quotes', "{'a':1}", 1, 'not JSON'],
    ['a second value', '{} {}', 3, 'not JSON'],
    ['a leading zero', '01', 1, 'not JSON'],
    ['a raw tab in a text', '"\t"', 0, 'not JSON'],
    ['half a character in a text', '["\\ud800"]', 1, 'half a character'],
    ['half a character in a name', '{"\\udc00":1}', 1, 'is not allowed'],
    ['nothing', '', 0, 'not JSON'],
    ['not a number', 'NaN', 0, 'not JSON'],
    ['half a text', '{"a":"', 5, 'not JSON'],
  ]
  for (const [name, text, offset, message] of refused)
    test(name, () => {
      expect(faultOf(text)?.message).toContain(message)
      expect(faultOf(text)?.offset).toBe(offset)
    })
})

test('the same name in two objects is no fault', () => {
  expect(parseJson('[{"a":1},{"a":{"a":2}}]')).toEqual({ value: [{ a: 1 }, { a: { a: 2 } }] })
})

describe('a text is nested at most 32 deep, or as deep as is said', () => {
  const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

  test('at the limit and one beyond it', () => {
    for (const nest of [lists, objects]) {
      expect(faultOf(nest(32))).toBeUndefined()
      expect(faultOf(nest(33))?.message).toBe('nested deeper than 32')
      expect(faultOf(nest(33), 48)).toBeUndefined()
      expect(faultOf(nest(49), 48)?.message).toBe('nested deeper than 48')
    }
    expect(faultOf(lists(33))?.offset).toBe(32)
  })

  test('ten thousand deep is a fault too, and no crash', () => {
    for (const nest of [lists, objects])
      expect(faultOf(nest(10_000))?.message).toBe('nested deeper than 32')
    expect(faultOf('['.repeat(100_000))?.message).toBe('nested deeper than 32')
  })
})

test('a place is a line and a column, both from 1', () => {
  expect(placeOf('ab\ncd', 0)).toEqual({ line: 1, column: 1 })
  expect(placeOf('ab\ncd', 4)).toEqual({ line: 2, column: 2 })
})

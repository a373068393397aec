/** What a caller reads when something that it sent is wrong. */

import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { pseudonymOfSchema } from '../../functions/audit/entries-about.ts'
import { filteredPageSchema } from '../../functions/audit/list-decisions.ts'
import { replaysSchema } from '../../functions/audit/replay.ts'
import { subjectActSchema } from '../../functions/audit/subject-act.ts'
import { subjectSchema } from '../../functions/decision/record.ts'
import { readAs } from '../../functions/http/faults.ts'
import { problem } from '../../functions/http/problem.ts'

/** `pointer: detail` of each fault. */
function told(schema: z.ZodType, value: unknown): readonly string[] {
  const read = readAs(schema, value)
  return 'value' in read ? [] : read.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`)
}

// Kills: any of the library's own sentences, which name types of a programming language.
test('A fault says what is wanted, in words of whoever sends it', () => {
  const schema = z.strictObject({
    text: z.string().min(8).max(9),
    some: z.array(z.string()).min(1).max(2),
    whole: z.int().min(5),
    is: z.boolean(),
    on: z.iso.date(),
    at: z.iso.datetime(),
    way: z.enum(['in', 'out']),
    one: z.literal('x'),
    code: z.string().regex(/^[a-z]$/),
    said: z.string().regex(/^[a-z]$/, 'a small letter'),
  })
  const names = Object.keys(schema.shape)
  expect(told(schema, {})).toEqual(
    names.map((name) => {
      if (name === 'way') return '/way: one of `in`, `out`'
      return name === 'one' ? '/one: `x`' : `/${name}: it is missing`
    }),
  )
  const wrong = { text: 'short', some: [], whole: 1, is: 1, on: '1', at: '1', code: 'A', said: 'A' }
  expect(told(schema, { ...wrong, way: 'on', one: 'x', 'a/b~c': 1 })).toEqual([
    '/text: at least 8 characters',
    '/some: it must not be empty',
    '/whole: at least 5',
    '/is: true or false',
    '/on: a day such as 2026-11-24',
    '/at: a moment in UTC such as 2026-11-24T08:00:00Z',
    '/way: one of `in`, `out`',
    '/code: it must match /^[a-z]$/',
    '/said: a small letter',
    '/a~1b~0c: nothing has this name here; leave it out',
  ])
  const long = { ...wrong, text: 'much too long', some: ['1', '2', '3'], whole: 1.5 }
  expect(told(schema, long).slice(0, 3)).toEqual([
    '/text: at most 9 characters',
    '/some: at most 2 of them',
    '/whole: a whole number',
  ])
})

describe('Where there are several forms', () => {
  const purpose = 'lawfulness'
  // Kills: “Invalid input” of the whole; the faults of a form that nobody meant.
  test.each([
    [
      'a person, by nothing',
      subjectSchema,
      {},
      [': it needs `recordId`, or `document`, or `name` and `birthDate`'],
    ],
    ['a person, half', subjectSchema, { birthDate: '1979-03-14' }, ['/name: it is missing']],
    [
      'a person, by a name that no form has',
      subjectSchema,
      { id: 'R-1' },
      [
        '/id: nothing has this name here; leave it out',
        ': it needs `recordId`, or `document`, or `name` and `birthDate`',
      ],
    ],
    ['a record', subjectSchema, { recordId: 'a b' }, ['/recordId: letters, digits, dot, hyphen']],
    ['a pseudonym of nothing', pseudonymOfSchema, { purpose }, [': it needs `subject`, or `case`']],
    [
      'a pseudonym of a half case',
      pseudonymOfSchema,
      { purpose, case: { agency: 'GB-POL' } },
      ['/case/caseReference: it is missing'],
    ],
    [
      'a replay of a log alone',
      replaysSchema,
      { purpose, log: 'x' },
      [
        '/log: the name of a log, such as comity.example/de/2026',
        ': it needs `from` and `until`, or `indices`',
      ],
    ],
    [
      'an act of another name',
      subjectActSchema,
      { act: 'forget' },
      ['/act: one of `erase`, `restrict`, `hold`, `lift`, `expire`'],
    ],
    [
      'a value that is neither',
      z.strictObject({ value: z.union([z.string(), z.number()]) }),
      { value: true },
      ['/value: it needs a string, or a number'],
    ],
    [
      'a moment, where the schema says itself what it wants',
      filteredPageSchema,
      { purpose, from: 'yesterday' },
      ['/from: a day such as 2026-11-24, or a moment such as 2026-11-24T08:00:00Z'],
    ],
  ])('%s is told what is missing', (_, schema, value, faults) => {
    expect(told(schema, value)).toEqual(faults)
  })
})

// Kills: a name that turns the words after it around, in a log or a terminal that shows the answer as it came.
test('A name that would turn the direction of writing is escaped on its way, and is the same once read', async () => {
  const errors = [{ pointer: '/\u202etxt.exe', detail: 'nothing has this name here; leave it out' }]
  const text = await problem('t', 'invalid-request', { errors }).text()
  expect(text).toContain('"/\\u202etxt.exe"')
  expect(text).not.toContain('\u202e')
  expect(JSON.parse(text).errors).toEqual(errors)
})

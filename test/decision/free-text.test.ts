/** Text that comes in: what it may hold, and what is said of what it may not. */

import { describe, expect, test } from 'vitest'
import { freeText, storedText } from '../../functions/decision/free-text.ts'
import { storedRecordSchema } from '../../functions/decision/record.ts'
import { accessRequestSchema, storedRequestSchema } from '../../functions/decision/request.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'

const said =
  'no control characters, none that turn the direction of writing (such as U+202E), and no half surrogate pair: leave them out'
const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** C0, DEL and C1; then the bidirectional ones. */
const refused = [
  ...from(0x00, 0x1f),
  ...from(0x7f, 0x9f),
  0x061c,
  0x200e,
  0x200f,
  ...from(0x202a, 0x202e),
  ...from(0x2066, 0x2069),
  0xd800,
  0xdbff,
  0xdc00,
  0xdfff,
]

describe('Text that somebody writes', () => {
  // Kills: any of these characters left out of the pattern; a pattern that looks at the ends alone.
  test('holds no character that rules a terminal, turns the writing, or is half a pair', () => {
    for (const code of refused) {
      const { error } = freeText(9).safeParse(`ab${String.fromCharCode(code)}c`)
      expect(
        error?.issues.map(({ message }) => message),
        code.toString(16),
      ).toEqual([said])
    }
  })

  // Kills: a pattern that takes more than these, such as all of \p{Cf} or whatever is written to the left.
  test.each([
    'Ægir Þórsson',
    'עברית',
    'العربية ١٢٣',
    'می\u200cخواهم',
    'क्\u200dष',
    '漢字 😀 𠮷',
    'soft\u00adhyphen',
    '\u00a0',
    '\u061b\u061d\u200d\u2010\u2029\u202f\u2065\u206a',
  ])('may be `%s`', (text) => {
    expect(freeText(40).safeParse(text)).toMatchObject({ success: true })
  })

  test('is neither empty nor longer than it may be', () => {
    expect([0, 1, 9, 10].map((n) => freeText(9).safeParse('x'.repeat(n)).success)).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  // Kills: a rule of today that makes an entry or a record of yesterday unreadable.
  test('that was taken before is read as it is', () => {
    const old = 'a\u202eb'
    expect(storedText(9).parse(old)).toBe(old)
    const request = requestOf({ caseReference: old })
    expect(accessRequestSchema.safeParse(request).success).toBe(false)
    expect(storedRequestSchema().parse(request)).toEqual(request)
    const record = personOf('R-1', [itemOf('name', { value: old })])
    expect(storedRecordSchema().parse(record)).toEqual(record)
  })
})

/** Tables that a spreadsheet shows and never runs. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvOf } from '../../functions/audit/read-lines.ts'

/** Reads CSV as RFC 4180 §2 defines it. */
function parse(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') {
      rows.push(row)
      row = []
    }
  }
  return rows
}

describe('A table', () => {
  test('has a header and a line for each row, each ended by CR LF', () => {
    expect(csvOf(['a', 'b'], [['1', undefined]])).toBe('a,b\r\n1,\r\n')
  })

  test.each([
    ['=HYPERLINK("http://x";"y")', `"'=HYPERLINK(""http://x"";""y"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['a,b', '"a,b"'],
    ['two\nlines', '"two\nlines"'],
    ['say "x"', '"say ""x"""'],
    ['DE-POL', 'DE-POL'],
  ])('writes %j so that it is read as a text', (cell, written) => {
    expect(csvOf(['x'], [[cell]])).toBe(`x\r\n${written}\r\n`)
  })

  // Kills: a quote not doubled, a cell not quoted, an apostrophe left out or set twice.
  test('is read back as it was, and no cell of it begins a formula', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', 'a', "'"),
      }),
    )
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }))
    fc.assert(
      fc.property(rows, (table) => {
        const read = parse(csvOf(['a', 'b'], table))
        expect(
          read
            .slice(1)
            .flat()
            .filter((each) => /^[=+\-@\t\r]/.test(each)),
        ).toEqual([])
        const unmarked = read
          .slice(1)
          .map((cells) => cells.map((each) => each.replace(/^'(?=[=+\-@\t\r])/, '')))
        const marked = (each: string) => each.replace(/^'(?=[=+\-@\t\r])/, '')
        expect(unmarked).toEqual(table.map((cells) => cells.map(marked)))
      }),
    )
  })
})

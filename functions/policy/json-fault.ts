/** What is wrong with a text that is not strict JSON, and where: for whoever wrote it. */

import { type ParseError, printParseErrorCode, visit } from 'jsonc-parser'
import { depthMaxUsual, isSoundName, measured, valueIn } from './json.ts'

/** What is wrong with a text, and at which character, counted from 0. */
type JsonFault = { readonly offset: number; readonly message: string }

/** The value of a text, as `valueIn` has it, or what is wrong with the text. */
export function parseJson(
  text: string,
  depthMax = depthMaxUsual,
): { readonly value: unknown } | { readonly fault: JsonFault } {
  const value = valueIn(text, depthMax)
  return value === undefined ? { fault: faultIn(text, depthMax) } : { value }
}

/** What is wrong with a text of which `valueIn` gives nothing. */
export function faultIn(text: string, depthMax = depthMaxUsual): JsonFault {
  const { tooDeep } = measured(depthMax, text)
  if (tooDeep !== undefined) return { offset: tooDeep, message: `nested deeper than ${depthMax}` }
  const faults: JsonFault[] = []
  const fault = (offset: number, message: string) => faults.push({ offset, message })
  const names: Set<string>[] = []
  visit(
    text,
    {
      onObjectBegin: () => void names.push(new Set()),
      onObjectEnd: () => void names.pop(),
      onObjectProperty: (name, offset) => {
        const seen = names.at(-1)
        if (seen?.has(name)) fault(offset, `the name \`${name}\` stands twice in one object`)
        seen?.add(name)
        if (!isSoundName(name)) fault(offset, `the name \`${name.toWellFormed()}\` is not allowed`)
      },
      onLiteralValue: (value: unknown, offset) => {
        if (typeof value === 'string' && !value.isWellFormed())
          fault(offset, 'a text holds half a character (a lone surrogate)')
      },
      onError: (error: ParseError['error'], offset) =>
        fault(offset, `not JSON: ${printParseErrorCode(error)}`),
    },
    { disallowComments: true, allowTrailingComma: false },
  )
  return faults[0] ?? { offset: 0, message: 'not JSON' }
}

/** Line and column, both from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

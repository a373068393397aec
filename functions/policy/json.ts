/** Strict JSON: refuses whatever two readers could understand differently. */

import { type ParseError, printParseErrorCode, visit } from 'jsonc-parser'

/** What is wrong with a text, and at which character, counted from 0. */
type JsonFault = { readonly offset: number; readonly message: string }

/** Names that reach a prototype when an object is built from them. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * The value of a JSON text (RFC 8259).
 * A duplicate name, a byte order mark, a comment, a trailing comma, nesting beyond `depthMax` and a
 * name that reaches a prototype are faults, each with its place.
 */
export function parseJson(
  text: string,
  depthMax = 32,
): { readonly value: unknown } | { readonly fault: JsonFault } {
  const tooDeep = deeperThan(depthMax, text)
  if (tooDeep !== undefined)
    return { fault: { offset: tooDeep, message: `nested deeper than ${depthMax}` } }
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
        if (forbidden.has(name) || !name.isWellFormed())
          fault(offset, `the name \`${name.toWellFormed()}\` is not allowed`)
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
  const [first] = faults
  if (first !== undefined) return { fault: first }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { fault: { offset: 0, message: 'not JSON' } }
  }
}

/** The offset at which a text nests too deep. Checked before a recursive parser could run out of stack. */
function deeperThan(depthMax: number, text: string): number | undefined {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (quoted) {
      if (character === '\\') i += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > depthMax) return i
    } else if (character === '}' || character === ']') depth -= 1
  }
  return undefined
}

/** Line and column, both from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

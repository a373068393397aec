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
  const { tooDeep, names } = measured(depthMax, text)
  if (tooDeep !== undefined)
    return { fault: { offset: tooDeep, message: `nested deeper than ${depthMax}` } }
  try {
    const value: unknown = JSON.parse(text)
    // Fewer than the text has: one stands twice in an object.
    if (soundNames(value) === names) return { value }
  } catch {
    // What is wrong, and where, is found below.
  }
  return { fault: faultIn(text) ?? { offset: 0, message: 'not JSON' } }
}

/** The same value; undefined if the text has a fault. */
export function valueIn(text: string, depthMax?: number): unknown {
  const parsed = parseJson(text, depthMax)
  return 'value' in parsed ? parsed.value : undefined
}

/** What is wrong with a text, if it is not strict JSON. */
function faultIn(text: string): JsonFault | undefined {
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
  return faults[0]
}

const isSoundName = (name: string): boolean => !forbidden.has(name) && name.isWellFormed()

/** How many names of members a value has; NaN if a name is not allowed, or a text holds half a character. */
function soundNames(value: unknown): number {
  if (typeof value === 'string') return value.isWellFormed() ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) for (const each of value) count += soundNames(each)
  else
    for (const [name, each] of Object.entries(value))
      count += isSoundName(name) ? 1 + soundNames(each) : Number.NaN
  return count
}

/**
 * The offset at which a text nests too deep, checked before a recursive parser could run out of stack; and how
 * many names of members it has, if it is JSON: each is followed by a colon.
 */
function measured(
  depthMax: number,
  text: string,
): { readonly tooDeep?: number; readonly names: number } {
  let depth = 0
  let names = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (quoted) {
      if (character === '\\') i += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === ':') names += 1
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > depthMax) return { tooDeep: i, names }
    } else if (character === '}' || character === ']') depth -= 1
  }
  return { names }
}

/** Line and column, both from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

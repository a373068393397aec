/** JSON read strictly: what two readers could understand differently is refused. */

import { type ParseError, printParseErrorCode, visit } from 'jsonc-parser'

/** What is wrong with a text, and at which character, from 0. */
export type JsonFault = { readonly offset: number; readonly message: string }

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
  const faults: JsonFault[] = []
  const fault = (offset: number, message: string) => faults.push({ offset, message })
  const names: Set<string>[] = []
  let depth = 0
  const enter = (offset: number) => {
    depth += 1
    if (depth === depthMax + 1) fault(offset, `nested deeper than ${depthMax}`)
  }
  visit(
    text,
    {
      onObjectBegin: (offset) => {
        names.push(new Set())
        enter(offset)
        return depth <= depthMax
      },
      onObjectEnd: () => {
        names.pop()
        depth -= 1
      },
      onArrayBegin: (offset) => {
        enter(offset)
        return depth <= depthMax
      },
      onArrayEnd: () => {
        depth -= 1
      },
      onObjectProperty: (name, offset) => {
        const seen = names.at(-1)
        if (seen?.has(name)) fault(offset, `the name \`${name}\` stands twice in one object`)
        seen?.add(name)
        if (forbidden.has(name)) fault(offset, `the name \`${name}\` is not allowed`)
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

/** Line and column, both from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** Strict JSON: refuses whatever two readers could understand differently. */

/** Names that reach a prototype when an object is built from them. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * How zod reads what is read once: by a schema of objects it otherwise compiles a parser the first time, which takes
 * longer than the reading.
 */
export const readOnce = { jitless: true } as const

/** How deep a text may nest, unless a caller says otherwise. */
export const depthMaxUsual = 32

/**
 * The value of a JSON text (RFC 8259); undefined if the text has a fault, which `json-fault.ts` finds.
 * A duplicate name, a byte order mark, a comment, a trailing comma, nesting beyond `depthMax` and a
 * name that reaches a prototype are faults.
 */
export function valueIn(text: string, depthMax = depthMaxUsual): unknown {
  const { tooDeep, names } = measured(depthMax, text)
  if (tooDeep !== undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    // Fewer than the text has: one stands twice in an object.
    return soundNames(value) === names ? value : undefined
  } catch {
    return undefined
  }
}

/** Whether an object that is read may have a member of this name. */
export const isSoundName = (name: string): boolean => !forbidden.has(name) && name.isWellFormed()

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
export function measured(
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

/** Canonical JSON (RFC 8785): the one text of a value that is hashed. */

import canonicalize from 'canonicalize'
import { ComityError } from '../failure.ts'

/**
 * The canonical JSON of a value. ECMAScript already writes numbers and texts as RFC 8785 wants them, so what is
 * left is the order of names. Whatever is not plain JSON goes to the library, which also says what has none.
 * Throws for a value that has no canonical JSON.
 */
export function canonical(value: unknown): string {
  const ordered = inOrder(value)
  const text = ordered === notPlain ? undefined : JSON.stringify(ordered)
  // JSON.stringify writes a lone surrogate as an escape; RFC 8785 has no text for it.
  if (text !== undefined && !text.includes('\\ud')) return text
  const other = canonicalize(value)
  if (other === undefined)
    throw new ComityError('couldn’t write canonical JSON: the value has none')
  return other
}

const notPlain = Symbol()

/** The value with the names of each object in order. */
function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : notPlain
    case 'object':
      if (value === null) return value
      // A cast: any object may be read by any name.
      return Array.isArray(value) ? listInOrder(value) : objectInOrder(value as Named)
    default:
      return notPlain
  }
}

function listInOrder(list: readonly unknown[]): unknown {
  const copy = list.map(inOrder)
  return copy.includes(notPlain) ? notPlain : copy
}

type Named = Readonly<Record<string, unknown>>

function objectInOrder(object: Named): unknown {
  if ('toJSON' in object) return notPlain
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(object).sort()) {
    const value = object[name]
    // RFC 8785 has no word for it: nothing is said of this name.
    if (value === undefined) continue
    const ordered = inOrder(value)
    // An object puts numbers first, whatever the order in which it is made, and keeps no `__proto__`.
    if (ordered === notPlain || /^\d|^__proto__$/.test(name)) return notPlain
    copy[name] = ordered
  }
  return copy
}

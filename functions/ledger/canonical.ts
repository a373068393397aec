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

/** The value with the names of each object in order: itself where they are already. */
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
  let copy: unknown[] | undefined
  for (let i = 0; i < list.length; i++) {
    const ordered = inOrder(list[i])
    if (ordered === notPlain) return notPlain
    if (ordered !== list[i]) copy ??= list.slice()
    if (copy !== undefined) copy[i] = ordered
  }
  return copy ?? list
}

type Named = Readonly<Record<string, unknown>>

function objectInOrder(object: Named): unknown {
  if ('toJSON' in object) return notPlain
  const names = Object.keys(object)
  let copy: Record<string, unknown> | undefined = sortNames(names) ? {} : undefined
  for (const name of names) {
    const value = object[name]
    // RFC 8785 has no word for it: nothing is said of this name.
    if (value === undefined) continue
    const ordered = inOrder(value)
    if (ordered === notPlain) return notPlain
    if (ordered !== value) copy ??= { ...object }
    if (copy === undefined) continue
    // An object puts numbers first, whatever the order in which it is made, and keeps no `__proto__`.
    if (/^\d|^__proto__$/.test(name)) return notPlain
    copy[name] = ordered
  }
  return copy ?? object
}

/** Most names that are sorted in place; a caller may send more. */
const fewNames = 32

/** Sorts names by their UTF-16 code units (RFC 8785 §3.2.3); false if they were sorted already. */
function sortNames(names: string[]): boolean {
  if (names.every((name, i) => i === 0 || (names[i - 1] ?? '') < name)) return false
  if (names.length > fewNames) names.sort()
  // By insertion: `sort` copies the list first, which takes longer than sorting a few.
  else
    for (let i = 1; i < names.length; i++) {
      const name = names[i] ?? ''
      let at = i
      for (; at > 0 && name < (names[at - 1] ?? ''); at--) names[at] = names[at - 1] ?? ''
      names[at] = name
    }
  return true
}

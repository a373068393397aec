/** What `comity policy check` finds: the flaw, how to mend it, and its place as a JSON Pointer (RFC 6901). */

import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import type { Fault } from '../../policy/book.ts'
import { placeOf } from '../../policy/json-fault.ts'

/** A version: what its name says, when it was sealed, if it was, and from when on it counts no longer. */
export type DatedFile = {
  readonly path: string
  readonly id: string
  readonly day: string
  readonly revision: number
  readonly sealedAt?: string
  readonly retiredAt?: string
}

/** A file as far as it can be read. */
export type ReadFile = DatedFile & {
  readonly folder: string
  readonly digest: string
  /** What it says, each sentence in English alone. */
  readonly value: unknown
}

/** Only an error makes a folder invalid. */
export type Severity = 'error' | 'warning' | 'note'

/** Something to mend in one file, placed by a JSON Pointer. */
export type Flaw = {
  readonly path: string
  readonly pointer: string
  /** Set to `name` if the flaw is in the name before the value, not in the value. */
  readonly part?: 'name'
  /** For text that is no JSON: the character, from 0. */
  readonly offset?: number
  readonly severity: Severity
  /** Stable and kebab-case. */
  readonly code: string
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

/** Notes a flaw of one file: an error, unless `more` says otherwise. */
export type TakeNote = (
  pointer: string,
  code: string,
  message: string,
  fix: string,
  more?: Severity | Pick<Flaw, 'part' | 'offset'>,
) => void

/** The note-taker for each file. */
export type NoteOn = (path: string) => TakeNote

/** A note-taker for one file, and the flaws that it noted. */
export function notesOn(path: string): { readonly note: TakeNote; readonly found: Flaw[] } {
  const found: Flaw[] = []
  const note: TakeNote = (pointer, code, message, fix, more = 'error') => {
    const severity = typeof more === 'string' ? more : 'error'
    const part = typeof more === 'string' ? {} : more
    found.push({ path, pointer, severity, code, message, fix, ...part })
  }
  return { note, found }
}

/** What to do about a fault of the engine that has no `fix` of its own. */
const fixes: Readonly<Record<string, string>> = {
  operator: 'use and, or, !, ===, !==, <, <=, >, >=, in or var',
  fact: 'take a fact of the vocabulary; your editor completes it',
  type: 'compare it with a value of its kind',
  shape: 'see the examples in FORMAT.md, Tests',
  limit: 'say it in two rules',
  record: 'read the record in the rules',
  id: 'give each rule an id of its own',
  list: 'name a folder below lists/',
  suspension: 'restore the file from the last commit, and use `comity policy suspend`',
}

/** Notes a fault of the engine, with its fix. */
export function noteFault(
  { place, code, message, fix }: Omit<Fault, 'path'>,
  note: TakeNote,
): void {
  const how = fix ?? fixes[code] ?? 'see FORMAT.md for how it is written'
  note(place, code, message, how, code === 'operator' ? { part: 'name' } : 'error')
}

/** A pointer made of steps. */
export const at = (...steps: readonly PropertyKey[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Line and column from 1, and how many characters are marked. */
export type TextPlace = { readonly line: number; readonly column: number; readonly length: number }

/**
 * Finds the place of a value by pointer, or of the name before it; of a missing value, the part around it.
 */
export function placesOf(text: string): (pointer: string, part?: 'value' | 'name') => TextPlace {
  const root = parseTree(text)
  return (pointer, part = 'value') => {
    const steps = pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    for (let depth = steps.length; depth >= 0; depth--) {
      const node = nodeAt(root, steps.slice(0, depth))
      if (node === undefined) continue
      // A missing value is missing from all of the part around it, so only its first character is marked.
      return placed(text, part === 'name' ? nameOf(node) : node, depth === steps.length)
    }
    return { line: 1, column: 1, length: 1 }
  }
}

const nodeAt = (root: Node | undefined, steps: readonly string[]): Node | undefined =>
  steps.reduce(
    (node: Node | undefined, step) =>
      node && findNodeAtLocation(node, [node.type === 'array' ? Number(step) : step]),
    root,
  )

const nameOf = (node: Node): Node =>
  node.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node

function placed(text: string, node: Node, whole: boolean): TextPlace {
  const { line, column } = placeOf(text, node.offset)
  const rest = text.slice(node.offset).split('\n')[0]?.length ?? 1
  return { line, column, length: whole ? Math.max(1, Math.min(node.length, rest)) : 1 }
}

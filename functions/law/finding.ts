/** What `comity policy check` finds: where, what, and how to mend it. */

import { pointerOf } from './places.ts'

/** A version by its name, and when it was sealed, if it was. */
export type Dated = {
  readonly path: string
  readonly id: string
  readonly day: string
  readonly revision: number
  readonly sealedAt?: string
}

/** A file as far as it can be read. */
export type Read = Dated & {
  readonly folder: string
  readonly digest: string
  readonly value: unknown
  /** All that is wrong around its conditions made right. */
  readonly repaired: string
}

/** Only an error makes a folder invalid. */
export type Severity = 'error' | 'warning' | 'note'

/** Something to mend in one file, placed by a JSON Pointer. */
export type Finding = {
  readonly path: string
  readonly pointer: string
  /** Whether the value is meant, or the name before it. */
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

/** Notes a finding in one file. */
export type Note = (
  pointer: string,
  code: string,
  message: string,
  fix: string,
  more?: Pick<Finding, 'part' | 'offset'> & { readonly severity?: Severity },
) => void

/** A note-taker for one file, and what it took. */
export function notesOn(path: string): { readonly note: Note; readonly found: Finding[] } {
  const found: Finding[] = []
  const note: Note = (pointer, code, message, fix, more = {}) => {
    found.push({ path, pointer, severity: 'error', code, message, fix, ...more })
  }
  return { note, found }
}

/** A pointer made of steps. */
export const at = (...steps: readonly PropertyKey[]): string => pointerOf(steps)

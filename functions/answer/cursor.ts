/** Where the next page of a list begins, as the asker carries it there and back. */

import type { Secrets } from '../ports.ts'

/** Whose cursor it is, and of which list. */
type Bound = {
  readonly agency: string
  /** The list and its filter: a cursor is of one question only. */
  readonly question: Readonly<Record<string, unknown>>
}

/** No jurisdiction is called so: the key is of cursors alone. */
const cursors = 'cursors'

/** A cursor for the place of the last line that was read. */
export function cursorAt(place: string, bound: Bound, secrets: Secrets): string {
  const at = Buffer.from(place, 'utf8').toString('base64url')
  return `${at}.${macOf(at, bound, secrets)}`
}

/** The place of a cursor; undefined unless it was given to this asker for this question. */
export function placeOfCursor(cursor: string, bound: Bound, secrets: Secrets): string | undefined {
  const [at = '', mac = ''] = cursor.split('.')
  if (cursor !== `${at}.${mac}`) return undefined
  // Compared by their digests: how far a guess is right does not show in the time it takes.
  const blind = (each: string) => secrets.pseudonym(cursors, each)
  if (blind(mac) !== blind(macOf(at, bound, secrets))) return undefined
  return Buffer.from(at, 'base64url').toString('utf8')
}

const macOf = (at: string, { agency, question }: Bound, secrets: Secrets): string =>
  secrets.pseudonym(cursors, JSON.stringify([at, agency, question]))

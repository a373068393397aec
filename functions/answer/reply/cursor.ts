/** The place where the next page of a list begins, signed, so that the caller can carry it. */

import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Secrets } from '../../ports.ts'

/** The agency and the list to which a cursor belongs. */
type Bound = {
  readonly agency: string
  /** The list and its filter: a cursor is good for one question only. */
  readonly question: Readonly<Record<string, unknown>>
}

/** Not the name of any jurisdiction, so the key is for cursors alone. */
const cursors = 'cursors'

/** A cursor for the place of the last line read; deflated, since a place may name hundreds of logs. */
export function cursorAt(place: string, bound: Bound, secrets: Secrets): string {
  const at = deflateRawSync(Buffer.from(place, 'utf8')).toString('base64url')
  return `${at}.${macOf(at, bound, secrets)}`
}

/** The place of a cursor; undefined unless it was given to this asker for this question. */
export function placeOfCursor(cursor: string, bound: Bound, secrets: Secrets): string | undefined {
  const [at = '', mac = ''] = cursor.split('.')
  if (cursor !== `${at}.${mac}`) return undefined
  // Digests are compared, so that the time taken does not show how much of a guess is right.
  const blind = (each: string) => secrets.pseudonym(cursors, each)
  if (blind(mac) !== blind(macOf(at, bound, secrets))) return undefined
  try {
    return inflateRawSync(Buffer.from(at, 'base64url')).toString('utf8')
  } catch {
    // Of an earlier build, which did not deflate.
    return undefined
  }
}

const macOf = (at: string, { agency, question }: Bound, secrets: Secrets): string =>
  secrets.pseudonym(cursors, JSON.stringify([at, agency, question]))

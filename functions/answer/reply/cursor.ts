/** The place where the next page of a list begins, sealed, so that the caller can carry it and not read it. */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Secrets } from '../../ports.ts'

/** The agency and the list to which a cursor belongs. */
type Bound = {
  readonly agency: string
  /** The list and its filter: a cursor is good for one question only. */
  readonly question: Readonly<Record<string, unknown>>
}

/** Not the names of any jurisdiction, so that these keys are for cursors alone. */
const [cursors, cursorKeys] = ['cursors', 'cursor-keys']
/** What makes a pseudonym under a key. */
type Pseudonyms = Pick<Secrets, 'pseudonym'>

const cipher = 'aes-128-ctr'

/**
 * A cursor for the place of the last line read; deflated, since a place may name hundreds of logs. A place in a log
 * of looks tells how often others looked, so it cannot be read: its MAC is the counter that it is encrypted from
 * (as in SIV, RFC 5297), and its length is one of few: the next power of two from 64 bytes on, then whole 512 bytes.
 */
export function cursorAt(place: string, bound: Bound, secrets: Pseudonyms): string {
  const deflated = deflateRawSync(Buffer.from(place, 'utf8'))
  const step = Math.min(512, Math.max(64, 2 ** Math.ceil(Math.log2(deflated.length))))
  const padded = Buffer.alloc(Math.ceil(deflated.length / step) * step)
  deflated.copy(padded)
  const mac = macOf(padded, bound, secrets)
  const at = createCipheriv(cipher, keyOf(bound, secrets), bytesOf(mac)).update(padded)
  return `${at.toString('base64url')}.${mac}`
}

/** The place of a cursor; undefined unless it was given to this asker for this question. */
export function placeOfCursor(
  cursor: string,
  bound: Bound,
  secrets: Pseudonyms,
): string | undefined {
  const [at = '', mac = ''] = cursor.split('.')
  // Read as it was written: base64url has spellings of the same bytes.
  const written = bytesOf(at).toString('base64url')
  if (cursor !== `${written}.${mac}` || bytesOf(mac).length !== 16) return undefined
  const padded = createDecipheriv(cipher, keyOf(bound, secrets), bytesOf(mac)).update(bytesOf(at))
  // Digests are compared, so that the time taken does not show how much of a guess is right.
  const blind = (each: string) => secrets.pseudonym(cursors, each)
  if (blind(mac) !== blind(macOf(padded, bound, secrets))) return undefined
  return inflateRawSync(padded).toString('utf8')
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url')

const keyOf = ({ agency }: Bound, secrets: Pseudonyms): Buffer =>
  bytesOf(secrets.pseudonym(cursorKeys, agency))

const macOf = (padded: Buffer, { agency, question }: Bound, secrets: Pseudonyms): string =>
  secrets.pseudonym(cursors, JSON.stringify([padded.toString('base64url'), agency, question]))

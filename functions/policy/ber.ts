/**
 * BER (X.690 §8) rewritten as DER: programs write what they sign in pieces, without saying before how long it is. A
 * signature is kept as DER alone, so that nobody who reads it later need read more.
 */

import { tags, writeDer } from './der.ts'

/** Longest input, bytes; and deepest nesting. */
const bytesMax = 65_535
const depthMax = 32

/** What a file of a signature holds, in DER: of DER, BER, PEM (RFC 7468) or base64; undefined for anything else. */
export function derIn(file: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(file.subarray(0, bytesMax * 2)).toString('latin1')
  const [, armoured] = /-----BEGIN (?:CMS|PKCS7)-----([\sA-Za-z0-9+/=]+)-----END/.exec(text) ?? []
  const encoded = armoured ?? (/^[\sA-Za-z0-9+/=]+$/.test(text) ? text : undefined)
  return derOf(encoded === undefined ? file : Buffer.from(encoded, 'base64'))
}

/** Rewrites one element of BER as DER: with definite and shortest lengths, and octets in one piece. */
export function derOf(ber: Uint8Array): Uint8Array | undefined {
  if (ber.length > bytesMax) return undefined
  const element = elementAt(ber, 0, 0)
  return element?.end === ber.length ? element.der : undefined
}

type Element = { readonly der: Uint8Array; readonly end: number }

/** The element at this place, and where it ends. */
function elementAt(ber: Uint8Array, at: number, depth: number): Element | undefined {
  const [tag = 0, short = 0] = ber.subarray(at, at + 2)
  const isConstructed = (tag & 0x20) !== 0
  // A tag number of 31 goes on in further octets; nothing read here has one.
  if (at + 2 > ber.length || depth > depthMax || (tag & 0x1f) === 0x1f) return undefined
  if (short === 0x80)
    return isConstructed ? constructed(ber, at, at + 2, undefined, depth) : undefined
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f
  const start = at + 2 + lengthBytes
  const long = Buffer.from(ber.subarray(at + 2, start)).toString('hex')
  const end = start + (lengthBytes === 0 ? short : Number(`0x${long}`))
  if (lengthBytes > 4 || start > ber.length || !(end <= ber.length)) return undefined
  return isConstructed
    ? constructed(ber, at, start, end, depth)
    : { der: writeDer(tag, ber.subarray(start, end)), end }
}

/** A constructed element with content from `start`, until `end` or, without it, until two zeros. */
function constructed(
  ber: Uint8Array,
  at: number,
  start: number,
  end: number | undefined,
  depth: number,
): Element | undefined {
  const parts: Uint8Array[] = []
  let next = start
  while (next !== end) {
    if (end === undefined && ber[next] === 0 && ber[next + 1] === 0) break
    const part = elementAt(ber, next, depth + 1)
    // A part that ends behind what it is in is never followed by that end.
    if (part === undefined) return undefined
    parts.push(part.der)
    next = part.end
  }
  const after = end ?? next + 2
  const tag = ber[at] ?? 0
  if (tag !== inPieces) return { der: writeDer(tag, ...parts), end: after }
  const contents = parts.map(contentOfOctets)
  return contents.some((each) => each === undefined)
    ? undefined
    : { der: writeDer(tags.octets, ...contents.filter((each) => each !== undefined)), end: after }
}

/** Octets that come in pieces (X.690 §8.7.3). */
const inPieces = tags.octets | 0x20

/** The content of a piece, which was rewritten before. */
function contentOfOctets(der: Uint8Array): Uint8Array | undefined {
  const [tag, length = 0] = der
  return tag === tags.octets ? der.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f)) : undefined
}

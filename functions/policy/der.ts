/**
 * DER (X.690 §10), as far as time stamps, certificates and attached signatures need it: tags, lengths and content.
 * Values that nobody asks for are not checked, so that a second reader, which does not check them either, reads the
 * same.
 */

/** A DER element. */
export type Der = {
  /** Its identifier octet: class, whether it is constructed, and number. */
  readonly tag: number
  /** The whole element, and its contents. */
  readonly bytes: Uint8Array
  readonly content: Uint8Array
  /** The elements inside a constructed one. */
  readonly parts: readonly Der[]
}

/** The tags used here; `context` is the tag of a constructed `[n]`. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  context: (n: number) => 0xa0 + n,
} as const

/** Deepest nesting that is read. A token has about 15 levels. */
const depthMax = 32

/** Reads bytes as exactly one element, with definite and shortest lengths; undefined if they are not. */
export function readDer(bytes: Uint8Array): Der | undefined {
  const parts = elementsIn(bytes, 0)
  return parts?.length === 1 ? parts[0] : undefined
}

/** Reads bytes as a sequence of elements. */
function elementsIn(bytes: Uint8Array, depth: number): readonly Der[] | undefined {
  const elements: Der[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, short = 0x80] = bytes.subarray(at)
    const long = short > 0x80 ? bytes.subarray(at + 2, at + 2 + (short & 0x7f)) : Uint8Array.of()
    const length = short > 0x80 ? Number(`0x0${Buffer.from(long).toString('hex')}`) : short
    const isShortest = short < 0x80 || (long[0] !== 0 && length > 0x7f)
    const end = at + 2 + long.length + length
    // 0x80 starts an indefinite length; a tag number of 31 continues in further octets.
    if (short === 0x80 || !isShortest || end > bytes.length || (tag & 0x1f) === 0x1f)
      return undefined
    if (depth > depthMax) return undefined
    const content = bytes.subarray(end - length, end)
    const parts = (tag & 0x20) === 0 ? [] : elementsIn(content, depth + 1)
    if (parts === undefined) return undefined
    elements.push({ tag, bytes: bytes.subarray(at, end), content, parts })
    at = end
  }
  return elements
}

/** Writes an element of up to 65,535 bytes. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const { length } = content
  const low = length & 0xff
  const written = length < 0x80 ? [length] : length < 0x100 ? [0x81, low] : [0x82, length >> 8, low]
  return Buffer.concat([Uint8Array.of(tag, ...written), content])
}

/** The parts of an element, if it has this tag and its first parts have the `wanted` tags; else undefined. */
export function partsOf(
  der: Der | undefined,
  tag: number,
  ...wanted: readonly number[]
): readonly Der[] | undefined {
  if (der?.tag !== tag || wanted.some((each, i) => der.parts[i]?.tag !== each)) return undefined
  return der.parts
}

/** r and s, 32 bytes each, of an ECDSA-Sig-Value over P-256 (RFC 3279 §2.2.3); undefined for any but its one form. */
export function plainSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const numbers = partsOf(readDer(der), tags.sequence, tags.integer, tags.integer) ?? []
  const plain = new Uint8Array(64)
  for (const [i, { content }] of numbers.entries()) {
    const [first = 0, next = 0] = content
    const isShortest = first < 0x80 && (first !== 0 || next >= 0x80)
    const digits = first === 0 ? content.subarray(1) : content
    if (i > 1 || !isShortest || digits.length > 32) return undefined
    plain.set(digits, 32 * (i + 1) - digits.length)
  }
  return numbers.length === 0 ? undefined : plain
}

/** Longest object identifier that is read, bytes. One made of a UUID has 20; work grows with the square. */
const oidBytesMax = 128

/**
 * An object identifier in dots, such as `1.2.840.113549.1.7.2`; empty for any other element, and for an identifier
 * that is not written in the one way there is (X.690 §8.19.2).
 */
export function oidOf(der: Der | undefined): string {
  if (der?.tag !== tags.oid || der.content.length > oidBytesMax) return ''
  const arcs: bigint[] = []
  // Those made of a UUID are longer than a number is exact.
  let arc = 0n
  let isWhole = false
  let isBegun = false
  for (const byte of der.content) {
    if (!isBegun && byte === 0x80) return ''
    arc = arc * 128n + BigInt(byte & 0x7f)
    isWhole = byte < 0x80
    isBegun = !isWhole
    if (!isWhole) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...rest] = arcs
  const top = first < 80n ? first / 40n : 2n
  return isWhole ? [top, first - top * 40n, ...rest].join('.') : ''
}

/** Writes an object identifier from its dots. */
export function writeOid(dots: string): Uint8Array {
  const [top = 0, second = 0, ...rest] = dots.split('.').map(Number)
  const bytes = [top * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return writeDer(tags.oid, Uint8Array.from(bytes))
}

/** A time as milliseconds since the epoch, fractions rounded up; undefined if it is not a time. */
export function timeOf(der: Der | undefined): number | undefined {
  const text = Buffer.from(der?.content ?? []).toString('latin1')
  const isShort = der?.tag === tags.utcTime
  if (!isShort && der?.tag !== tags.time) return undefined
  // RFC 5280 §4.1.2.5.1: years from 50 on are in the 1900s.
  const whole = isShort ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const match = /^(?!0000)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z$/.exec(whole)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, part = ''] = match
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const ms = Date.parse(`${iso}.000Z`)
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(iso)) return undefined
  return ms + Number(part.slice(0, 3).padEnd(3, '0')) + (part.length > 3 ? 1 : 0)
}

/** Certificates (RFC 5280), as far as those of time-stamping authorities need them. */

import { createPublicKey, verify } from 'node:crypto'

// DER (X.690 §10), as far as time stamps need it: tags, lengths and content. Values that nobody asks for are
// not checked, so that a second reader, which does not check them either, reads the same.

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

/** An object identifier in dots, such as `1.2.840.113549.1.7.2`; empty for any other element. */
export function oidOf(der: Der | undefined): string {
  if (der?.tag !== tags.oid) return ''
  const arcs: number[] = []
  let arc = 0
  for (const byte of der.content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [first = 0, ...rest] = arcs
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
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

/** A certificate, read but not checked. */
export type Certificate = {
  /** The whole certificate. */
  readonly bytes: Uint8Array
  /** What its issuer signed, how, and the signature. */
  readonly signed: Signed
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** When it was valid, ms. */
  readonly from: number
  readonly until: number
  /** SubjectPublicKeyInfo. */
  readonly key: Der
  readonly extensions: ReadonlyMap<string, { readonly isCritical: boolean; readonly value: Der }>
}

/** Bytes, the algorithm that signed them, and the signature. */
type Signed = {
  readonly bytes: Uint8Array
  readonly algorithm: string
  readonly signature: Uint8Array
}

/** Digest algorithms, by object identifier. */
export const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** Signature algorithms (RFC 4055, RFC 5758): the kind of key, and the digest. */
const signatures: Readonly<Record<string, readonly [kind: 'rsa' | 'ec', digest: string]>> = {
  '1.2.840.113549.1.1.11': ['rsa', 'sha256'],
  '1.2.840.113549.1.1.12': ['rsa', 'sha384'],
  '1.2.840.113549.1.1.13': ['rsa', 'sha512'],
  '1.2.840.10045.4.3.2': ['ec', 'sha256'],
  '1.2.840.10045.4.3.3': ['ec', 'sha384'],
  '1.2.840.10045.4.3.4': ['ec', 'sha512'],
}
/** Kinds of keys: RSA, and the curves P-256, P-384 and P-521. */
const rsa = '1.2.840.113549.1.1.1'
const ec = '1.2.840.10045.2.1'
const curves = ['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35']
/** Shortest RSA modulus, bits. Source: NIST SP 800-131A Rev. 2, table 2. */
const rsaBitsMin = 2048

/** Whether a key signed bytes, with an algorithm known here. */
export function isSigned({ bytes, algorithm, signature }: Signed, key: Der): boolean {
  const [kind, digest] = signatures[algorithm] ?? []
  const [of, curve] = key.parts[0]?.parts ?? []
  const isRsa = kind === 'rsa' && oidOf(of) === rsa
  // Only the uncompressed form of a point on a curve.
  const isEc =
    kind === 'ec' &&
    oidOf(of) === ec &&
    curves.includes(oidOf(curve)) &&
    key.parts[1]?.content[1] === 0x04
  if (digest === undefined || (!isRsa && !isEc)) return false
  try {
    const made = createPublicKey({ key: Buffer.from(key.bytes), format: 'der', type: 'spki' })
    const { modulusLength = rsaBitsMin } = made.asymmetricKeyDetails ?? {}
    return modulusLength >= rsaBitsMin && verify(digest, bytes, made, signature)
  } catch {
    return false
  }
}

/** Reads a certificate; undefined if it is not one. */
export function readCertificate(bytes: Uint8Array): Certificate | undefined {
  const der = readDer(bytes)
  const whole = partsOf(der, tags.sequence, tags.sequence, tags.sequence, tags.bits)
  const [tbs, algorithm, signature] = whole ?? []
  const version = tags.context(0)
  const wanted = [version, tags.integer, ...Array<number>(5).fill(tags.sequence)]
  const parts = partsOf(tbs, tags.sequence, ...wanted)
  if (tbs === undefined || parts === undefined || signature?.content[0] !== 0) return undefined
  const [, , , issuer, validity, subject, key, ...rest] = parts
  const [from, until] = (validity?.parts ?? []).map(timeOf)
  const extensions = extensionsOf(rest.find(({ tag }) => tag === tags.context(3)))
  if (!issuer || !subject || from === undefined || until === undefined) return undefined
  if (key === undefined || extensions === undefined) return undefined
  const of = oidOf(algorithm?.parts[0])
  return {
    bytes,
    signed: { bytes: tbs.bytes, algorithm: of, signature: signature.content.subarray(1) },
    ...{ issuer: issuer.bytes, subject: subject.bytes, from, until, key, extensions },
  }
}

/** The extensions, each once (RFC 5280 §4.2); undefined if one cannot be read. */
function extensionsOf(der: Der | undefined): Certificate['extensions'] | undefined {
  const extensions = new Map<string, { readonly isCritical: boolean; readonly value: Der }>()
  if (der !== undefined && der.parts.length === 0) return undefined
  for (const each of der?.parts[0]?.parts ?? []) {
    const oid = oidOf(each.parts[0])
    const isCritical = each.parts[1]?.tag === tags.boolean
    const octets = each.parts[isCritical ? 2 : 1]
    const value = octets?.tag === tags.octets ? readDer(octets.content) : undefined
    if (value === undefined || extensions.has(oid)) return undefined
    // DER omits default values.
    if (isCritical && each.parts[1]?.content[0] !== 0xff) return undefined
    extensions.set(oid, { isCritical, value })
  }
  return extensions
}

const basicConstraints = '2.5.29.19'
const keyUsage = '2.5.29.15'
const extendedKeyUsage = '2.5.29.37'
/** Extensions that are checked, or that are safe to ignore (certificate policies). */
const known = [basicConstraints, keyUsage, extendedKeyUsage, '2.5.29.32']
const timeStamping = '1.3.6.1.5.5.7.3.8'
const anyUsage = '2.5.29.37.0'

/** Whether a certificate is for time stamps and nothing else (RFC 3161 §2.3). */
export function isForStamps({ extensions }: Certificate): boolean {
  const { isCritical, value } = extensions.get(extendedKeyUsage) ?? {}
  const uses = value?.parts.map(oidOf) ?? []
  const signs = usageBits(extensions, 0xc0)
  return isCritical === true && uses.length === 1 && uses[0] === timeStamping && signs
}

/** Whether a key may be used for one of these bits (RFC 5280 §4.2.1.3). Without the extension, it may. */
function usageBits(extensions: Certificate['extensions'], bits: number): boolean {
  const usage = extensions.get(keyUsage)
  return usage === undefined || ((usage.value.content[1] ?? 0) & bits) !== 0
}

/** Most certificates above the one in question. */
const chainMax = 4

/**
 * Whether a certificate is the trusted one, or leads to it through others, each valid at that time and each
 * of a CA that may issue it (RFC 5280 §6.1). Revocation is not checked, since that takes a network.
 */
export function leadsTo(
  trusted: Certificate,
  certificate: Certificate,
  others: readonly Certificate[],
  ms: number,
  below: readonly Certificate[] = [],
): boolean {
  const { extensions, issuer, from, until } = certificate
  const isKnown = [...extensions].every(([oid, each]) => !each.isCritical || known.includes(oid))
  if (ms < from || ms > until || !isKnown) return false
  if (isSame(certificate.bytes, trusted.bytes)) return true
  if (below.length >= chainMax) return false
  return [trusted, ...others].some(
    (each) =>
      isSame(each.subject, issuer) &&
      ![certificate, ...below].some(({ bytes }) => isSame(bytes, each.bytes)) &&
      mayIssue(each, below.length) &&
      isSigned(certificate.signed, each.key) &&
      leadsTo(trusted, each, others, ms, [...below, certificate]),
  )
}

/** Whether it belongs to a CA, with no more CAs below it than it allows. */
function mayIssue({ extensions }: Certificate, below: number): boolean {
  const [ca, length] = extensions.get(basicConstraints)?.value.parts ?? []
  const isCa = ca?.tag === tags.boolean && ca.content[0] === 0xff
  const most = length === undefined ? below : Number(length.content[0])
  const uses = extensions.get(extendedKeyUsage)?.value.parts.map(oidOf) ?? [timeStamping]
  const stamps = uses.includes(timeStamping) || uses.includes(anyUsage)
  return isCa && below <= most && stamps && usageBits(extensions, 0x04)
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

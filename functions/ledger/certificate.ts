/** Certificates (RFC 5280), as far as those of time-stamping authorities need them. */

import { createPublicKey, verify } from 'node:crypto'
import { type Der, oidOf, partsOf, readDer, tags, timeOf } from './der.ts'

/** A certificate that can be read. Nothing of it is checked. */
export type Certificate = {
  /** All of it. */
  readonly bytes: Uint8Array
  /** What its issuer signed, how, and the signature. */
  readonly signed: Signed
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** When it was good, ms. */
  readonly from: number
  readonly until: number
  /** SubjectPublicKeyInfo. */
  readonly key: Der
  readonly extensions: ReadonlyMap<string, { readonly isCritical: boolean; readonly value: Der }>
}

/** Bytes, the algorithm that signed them, and the signature. */
export type Signed = {
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
/** Shortest modulus of RSA, bits. Source: NIST SP 800-131A Rev. 2, table 2. */
const rsaBitsMin = 2048

/** Whether a key signed bytes, by an algorithm that is known here. */
export function isSigned({ bytes, algorithm, signature }: Signed, key: Der): boolean {
  const [kind, digest] = signatures[algorithm] ?? []
  const [of, curve] = key.parts[0]?.parts ?? []
  const isRsa = kind === 'rsa' && oidOf(of) === rsa
  // Of a point on a curve, the form that is not compressed.
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

/** Reads a certificate; undefined if it is none. */
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

/** Each extension once (RFC 5280 §4.2); undefined if one cannot be read. */
function extensionsOf(der: Der | undefined): Certificate['extensions'] | undefined {
  const extensions = new Map<string, { readonly isCritical: boolean; readonly value: Der }>()
  if (der !== undefined && der.parts.length === 0) return undefined
  for (const each of der?.parts[0]?.parts ?? []) {
    const oid = oidOf(each.parts[0])
    const isCritical = each.parts[1]?.tag === tags.boolean
    const octets = each.parts[isCritical ? 2 : 1]
    const value = octets?.tag === tags.octets ? readDer(octets.content) : undefined
    if (value === undefined || extensions.has(oid)) return undefined
    // DER writes no value that is the default.
    if (isCritical && each.parts[1]?.content[0] !== 0xff) return undefined
    extensions.set(oid, { isCritical, value })
  }
  return extensions
}

const basicConstraints = '2.5.29.19'
const keyUsage = '2.5.29.15'
const extendedKeyUsage = '2.5.29.37'
/** Extensions that are heeded, or whose not being heeded loosens nothing (certificate policies). */
const known = [basicConstraints, keyUsage, extendedKeyUsage, '2.5.29.32']
const timeStamping = '1.3.6.1.5.5.7.3.8'
const anyUsage = '2.5.29.37.0'

/** Whether it is for time stamps and nothing else (RFC 3161 §2.3). */
export function isForStamps({ extensions }: Certificate): boolean {
  const { isCritical, value } = extensions.get(extendedKeyUsage) ?? {}
  const uses = value?.parts.map(oidOf) ?? []
  const signs = usageBits(extensions, 0xc0)
  return isCritical === true && uses.length === 1 && uses[0] === timeStamping && signs
}

/** Whether a key may be used for one of these bits (RFC 5280 §4.2.1.3): it may where nothing is said. */
function usageBits(extensions: Certificate['extensions'], bits: number): boolean {
  const usage = extensions.get(keyUsage)
  return usage === undefined || ((usage.value.content[1] ?? 0) & bits) !== 0
}

/** Most certificates above the one in question. */
const chainMax = 4

/**
 * Whether a certificate is the one that is trusted, or leads to it by others, each good at that time and
 * each of a CA that may issue it (RFC 5280 §6.1). What was revoked is not asked: that takes a network.
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

/** Whether it is a CA's, with no more CAs below it than it allows. */
function mayIssue({ extensions }: Certificate, below: number): boolean {
  const [ca, length] = extensions.get(basicConstraints)?.value.parts ?? []
  const isCa = ca?.tag === tags.boolean && ca.content[0] === 0xff
  const most = length === undefined ? below : Number(length.content[0])
  const uses = extensions.get(extendedKeyUsage)?.value.parts.map(oidOf) ?? [timeStamping]
  const stamps = uses.includes(timeStamping) || uses.includes(anyUsage)
  return isCa && below <= most && stamps && usageBits(extensions, 0x04)
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

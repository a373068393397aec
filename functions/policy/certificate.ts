/** Certificates (RFC 5280), as far as those of time-stamping authorities and of sealers need them. */

import { createPublicKey, verify } from 'node:crypto'
import { type Der, oidOf, partsOf, readDer, tags, timeOf } from './der.ts'

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

/** How a key signs: with which digest and, where it is RSASSA-PSS (RFC 8017 §8.1), with how long a salt. */
export type Scheme = {
  readonly kind: 'rsa' | 'ec'
  readonly digest: string
  readonly saltBytes?: number
}

/** Signature algorithms (RFC 4055, RFC 5758), by object identifier. */
export const schemes: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.11': { kind: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { kind: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', digest: 'sha512' },
}
/** RSASSA-PSS: of a signature, and of a key that signs so alone (RFC 4055 §1.2). */
export const pss = '1.2.840.113549.1.1.10'
/** Kinds of keys: RSA, and the curves P-256, P-384 and P-521. */
const rsa = '1.2.840.113549.1.1.1'
const ec = '1.2.840.10045.2.1'
const curves = ['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35']
/** Shortest RSA modulus, bits. Source: NIST SP 800-131A Rev. 2, table 2. */
const rsaBitsMin = 2048
/** OpenSSL's number of this padding. Node's constants are not where a browser checks. */
const pssPadding = 6

/** Whether a key signed bytes, with an algorithm known here. */
export function isSigned({ bytes, algorithm, signature }: Signed, key: Der): boolean {
  const scheme = schemes[algorithm]
  return scheme !== undefined && isSignedBy(scheme, bytes, signature, key)
}

/** Whether a key signed bytes in this way. */
export function isSignedBy(
  { kind, digest, saltBytes }: Scheme,
  bytes: Uint8Array,
  signature: Uint8Array,
  key: Der,
): boolean {
  const imported = importedKey(key)
  if (imported === undefined || imported.kind !== kind) return false
  if (imported.isForPss && saltBytes === undefined) return false
  const { made } = imported
  try {
    return saltBytes === undefined
      ? verify(digest, bytes, made, signature)
      : verify(digest, bytes, { key: made, padding: pssPadding, saltLength: saltBytes }, signature)
  } catch {
    return false
  }
}

/** Reads a public key of a kind, curve and length known here; undefined for any other. */
export function importedKey(key: Der) {
  const [of, curve] = key.parts[0]?.parts ?? []
  const isForPss = oidOf(of) === pss
  const isRsa = isForPss || oidOf(of) === rsa
  // Only the uncompressed form of a point on a curve.
  const isEc =
    oidOf(of) === ec && curves.includes(oidOf(curve)) && key.parts[1]?.content[1] === 0x04
  if (!isRsa && !isEc) return undefined
  try {
    const made = createPublicKey({ key: Buffer.from(key.bytes), format: 'der', type: 'spki' })
    const { modulusLength = rsaBitsMin } = made.asymmetricKeyDetails ?? {}
    const kind = isRsa ? ('rsa' as const) : ('ec' as const)
    return modulusLength < rsaBitsMin ? undefined : { kind, isForPss, made }
  } catch {
    return undefined
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

/** Whether what its key signs may be a person's statement: a signature, or a commitment to content. */
export const isForStatements = ({ extensions }: Certificate): boolean => usageBits(extensions, 0xc0)

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

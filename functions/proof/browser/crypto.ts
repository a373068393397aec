/**
 * What checking evidence needs of `node:crypto`, in a browser: digests, and signatures of Ed25519, ECDSA and RSA.
 * Checking is synchronous, and WebCrypto is not. What checking never does fails here.
 */

import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { Buffer } from './buffer.ts'

const digests = { sha1, sha256, sha384, sha512 }

/** A digest by its name in `node:crypto`. */
export function createHash(algorithm: string) {
  const hashing = digestNamed(algorithm).create()
  const hash = {
    update(data: string | Uint8Array) {
      hashing.update(bytesOf(data))
      return hash
    },
    digest(encoding?: BufferEncoding) {
      const bytes = Buffer.from(hashing.digest())
      return encoding === undefined ? bytes : bytes.toString(encoding)
    },
  }
  return hash
}

/** A digest of data at once. */
export function hash(algorithm: string, data: string | Uint8Array, encoding = 'hex') {
  const bytes = Buffer.from(digestNamed(algorithm)(bytesOf(data)))
  return encoding === 'buffer' ? bytes : bytes.toString(encoding as BufferEncoding)
}

function digestNamed(name: string) {
  const digest = Object.hasOwn(digests, name) ? digests[name as keyof typeof digests] : undefined
  if (digest === undefined) throw new Error(`there is no digest ${name} here`)
  return digest
}

const bytesOf = (data: string | Uint8Array): Uint8Array =>
  Uint8Array.from(typeof data === 'string' ? Buffer.from(data, 'utf8') : data)

/** A public key as `verify` takes it. */
type BrowserKey = { readonly asymmetricKeyDetails?: { readonly modulusLength: number } } & (
  | { readonly kind: 'ed25519' | 'p256' | 'p384' | 'p521'; readonly point: Uint8Array }
  | { readonly kind: 'rsa'; readonly modulus: bigint; readonly exponent: bigint }
)

type KeyInput =
  | { readonly format: 'jwk'; readonly key: { readonly crv?: string; readonly x?: string } }
  | { readonly format: 'der'; readonly key: Uint8Array }

/** A key from a JWK of Ed25519, or from the SPKI of a certificate (RFC 5280 §4.1.2.7). Throws for any other. */
export function createPublicKey({ key, format }: KeyInput): BrowserKey {
  if (format === 'der') return spkiKey(Buffer.from(key as Uint8Array))
  const { crv, x = '' } = key as { readonly crv?: string; readonly x?: string }
  if (crv !== 'Ed25519') throw new Error('only keys of Ed25519 are read here')
  const point = Uint8Array.from(Buffer.from(x, 'base64url'))
  // Throws for what is no point.
  ed25519.Point.fromBytes(point)
  return { kind: 'ed25519', point }
}

/** Points of each curve, uncompressed, are of one length. */
const curves = { 65: 'p256', 97: 'p384', 133: 'p521' } as const

function spkiKey(bytes: Buffer): BrowserKey {
  const [algorithm, bits] = parts(inner(bytes))
  if (algorithm === undefined || bits === undefined) throw new Error('it is no public key')
  // The first byte counts unused bits, of which there are none.
  const key = bits.subarray(1)
  // 1.2.840.113549.1.1.1, rsaEncryption.
  if (algorithm.toString('hex').includes('2a864886f70d010101')) {
    const [modulus, exponent] = parts(inner(key)).map((each) => BigInt(`0x${each.toString('hex')}`))
    if (modulus === undefined || exponent === undefined) throw new Error('it is no key of RSA')
    const modulusLength = modulus.toString(2).length
    return { kind: 'rsa', modulus, exponent, asymmetricKeyDetails: { modulusLength } }
  }
  const kind = curves[key.length as keyof typeof curves]
  if (kind === undefined) throw new Error('it is a key of no kind that is known here')
  return { kind, point: Uint8Array.from(key) }
}

/** The content of a DER value, and the contents of those within it (X.690 §8.1). */
const inner = (bytes: Buffer): Buffer => valueAt(bytes, 0).content

function parts(bytes: Buffer): readonly Buffer[] {
  const all: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const { content, end } = valueAt(bytes, at)
    all.push(content)
    at = end
  }
  return all
}

function valueAt(bytes: Buffer, at: number): { readonly content: Buffer; readonly end: number } {
  const first = bytes[at + 1] ?? 0
  const more = first < 0x80 ? 0 : first & 0x7f
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const start = at + 2 + more
  if (start + length > bytes.length) throw new Error('it is cut off')
  return { content: bytes.subarray(start, start + length), end: start + length }
}

/** Whether a key signed data. Without a digest, Ed25519 (RFC 8032); else ECDSA in DER, or RSA (RFC 8017 §8.2). */
export function verify(
  digest: string | null | undefined,
  data: Uint8Array,
  key: BrowserKey,
  signature: Uint8Array,
): boolean {
  const [message, signed] = [bytesOf(data), Uint8Array.from(signature)]
  try {
    if (key.kind === 'ed25519') return ed25519.verify(signed, message, key.point, { zip215: false })
    const name = digest ?? ''
    const hashed = digestNamed(name)(message)
    if (key.kind === 'rsa') return isSignedByRsa(key, name, hashed, signed)
    const curve = { p256, p384, p521 }[key.kind]
    return curve.verify(signed, hashed, key.point, { prehash: false, lowS: false, format: 'der' })
  } catch {
    return false
  }
}

/** The DER before a digest (RFC 8017 §9.2, note 1). */
const prefixes: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

function isSignedByRsa(
  { modulus, exponent }: Extract<BrowserKey, { readonly kind: 'rsa' }>,
  digest: string,
  hashed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const prefix = prefixes[digest]
  const length = Math.ceil(modulus.toString(16).length / 2)
  const signed = BigInt(`0x${Buffer.from(signature).toString('hex')}`)
  if (prefix === undefined || signature.length !== length || signed >= modulus) return false
  const tail = prefix + Buffer.from(hashed).toString('hex')
  const padding = 'ff'.repeat(length - 3 - tail.length / 2)
  return power(signed, exponent, modulus) === BigInt(`0x0001${padding}00${tail}`)
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** What no check of evidence does: open, encrypt or sign. */
const elsewhere = (): never => {
  throw new Error('a page neither opens nor signs')
}

export {
  elsewhere as createCipheriv,
  elsewhere as createDecipheriv,
  elsewhere as createHmac,
  elsewhere as createPrivateKey,
  elsewhere as createSecretKey,
  elsewhere as hkdfSync,
  elsewhere as randomBytes,
  elsewhere as sign,
}

/**
 * Cryptography at once, and the same of it once.
 *
 * WebCrypto works on threads of its own, whose answers come in no certain order; approvals are checked
 * with it, so here it answers at once. And a run asks for the same few signatures and keys again and
 * again, which was half of its time: what is the same each time is worked out once.
 * Whoever imports this changes it for the whole process. What was not signed here is verified.
 */

import crypto, { type JsonWebKeyInput, KeyObject, type webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** Most answers of a kind that are remembered. */
const answersMax = 20_000

/** Answers by question, forgotten all at once when there are too many. */
function memory<T>() {
  const answers = new Map<string, T>()
  const remember = (question: string, answer: T): T => {
    if (answers.size >= answersMax) answers.clear()
    answers.set(question, answer)
    return answer
  }
  return {
    remember,
    of: (question: string, work: () => T): T => answers.get(question) ?? remember(question, work()),
  }
}

type Bytes = NodeJS.ArrayBufferView
type KeyInput = Parameters<typeof crypto.createPublicKey>[0]
type Verify = (algorithm: string | null, data: Bytes, key: unknown, signature: Bytes) => boolean

const { createPublicKey, hkdfSync } = crypto
// A cast: without a callback it answers at once.
const verify = crypto.verify as Verify

const keys = memory<KeyObject>()
const verdicts = memory<boolean>()
const signatures = memory<Uint8Array>()
const derived = memory<ArrayBuffer>()

/** The JWK member `x` of the Ed25519 keys that were made here. */
const xs = new WeakMap<object, string>()

const latin1 = (bytes: Bytes): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** Signs with an Ed25519 key, which `x` names: what was signed here need not be verified any more. */
export const signAtOnce = (data: Uint8Array, key: KeyObject, x: string): Uint8Array =>
  signatures.of(`${x} ${latin1(data)}`, () => {
    const signature = crypto.sign(null, data, key)
    verdicts.remember(`${x} ${latin1(data)} ${latin1(signature)}`, true)
    return signature
  })

const verifyOnce: Verify = (algorithm, data, key, signature) => {
  const x = typeof key === 'object' && key !== null ? xs.get(key) : undefined
  const ask = () => verify(algorithm, data, key, signature)
  return algorithm !== null || x === undefined
    ? ask()
    : verdicts.of(`${x} ${latin1(data)} ${latin1(signature)}`, ask)
}

const keyOnce = (from: KeyInput): KeyObject => {
  const x = xOf(from)
  return x === undefined
    ? createPublicKey(from)
    : keys.of(x, () => {
        const key = createPublicKey(from)
        xs.set(key, x)
        return key
      })
}

/** Of an Ed25519 JWK; undefined of anything else. */
function xOf(from: KeyInput): string | undefined {
  if (typeof from !== 'object' || !('format' in from) || from.format !== 'jwk') return undefined
  // A cast: `format` says that this is one.
  const { key } = from as JsonWebKeyInput
  return key.crv === 'Ed25519' && typeof key.x === 'string' ? key.x : undefined
}

const hkdfOnce: typeof hkdfSync = (digest, key, salt, info, length) =>
  key instanceof Uint8Array && typeof salt === 'string' && typeof info === 'string'
    ? derived.of(`${digest} ${latin1(key)} ${salt} ${info} ${length}`, () =>
        hkdfSync(digest, key, salt, info, length),
      )
    : hkdfSync(digest, key, salt, info, length)

/**
 * With a key as bytes, which Node takes for three times as long as an object of one, the object of it: by
 * the memory that the bytes are in, which nobody writes to here.
 */
const secrets = new WeakMap<ArrayBufferLike, KeyObject>()
function secretOnce(key: unknown): unknown {
  if (!(key instanceof Uint8Array) || key.byteLength !== key.buffer.byteLength) return key
  const secret = secrets.get(key.buffer) ?? crypto.createSecretKey(key)
  secrets.set(key.buffer, secret)
  return secret
}
type MakeCipher = (algorithm: string, key: unknown, ...rest: readonly unknown[]) => unknown
const withSecretOnce =
  (make: MakeCipher): MakeCipher =>
  (algorithm, key, ...rest) =>
    make(algorithm, secretOnce(key), ...rest)

Object.assign(crypto, {
  verify: verifyOnce,
  createPublicKey: keyOnce,
  hkdfSync: hkdfOnce,
  // Casts: all of their forms take a key second.
  createCipheriv: withSecretOnce(crypto.createCipheriv as MakeCipher),
  createDecipheriv: withSecretOnce(crypto.createDecipheriv as MakeCipher),
})
syncBuiltinESMExports()

const { subtle } = globalThis.crypto
const importKey = subtle.importKey.bind(subtle)
type ImportKey = (
  format: string,
  jwk: JsonWebKeyInput['key'],
  algorithm: webcrypto.AlgorithmIdentifier,
  extractable: boolean,
  usages: webcrypto.KeyUsage[],
) => Promise<webcrypto.CryptoKey>

Object.assign(subtle, {
  // A cast: other forms go where they went.
  importKey: (async (format, jwk, ...rest) =>
    format === 'jwk' && jwk.d === undefined && xOf({ key: jwk, format }) !== undefined
      ? keyOnce({ key: jwk, format }).toCryptoKey(...rest)
      : importKey(format as 'jwk', jwk, ...rest)) satisfies ImportKey,
  verify: async (
    { name }: { readonly name: string },
    key: webcrypto.CryptoKey,
    signature: Bytes,
    data: Bytes,
  ): Promise<boolean> => {
    if (name !== 'Ed25519') throw new Error(`couldn’t verify: ${name} is not known here`)
    const jwk = KeyObject.from(key).export({ format: 'jwk' })
    return verifyOnce(null, data, keyOnce({ key: jwk, format: 'jwk' }), signature)
  },
})

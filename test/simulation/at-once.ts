/**
 * Signatures checked at once, and the same one once.
 *
 * WebCrypto works on threads of its own, whose answers come in no certain order; approvals are checked
 * with it, so here it answers at once. And a run checks the same few signatures again and again, which
 * is most of its time: Ed25519 gives the same answer to the same question, so it is asked once.
 * Whoever imports this changes it for the whole process; nothing is believed that did not verify.
 */

import crypto, { type JsonWebKeyInput, KeyObject, type webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** Most answers that are remembered. */
const answersMax = 20_000

type Verify = (
  algorithm: string | null,
  data: NodeJS.ArrayBufferView,
  key: Parameters<typeof crypto.verify>[2],
  signature: NodeJS.ArrayBufferView,
) => boolean

const { createPublicKey } = crypto
// A cast: without a callback it answers at once.
const verify = crypto.verify as Verify
const keys = new Map<string, KeyObject>()
const answers = new Map<string, boolean>()

const verifyOnce: Verify = (...of) => {
  const [algorithm, data, key, signature] = of
  const x = key instanceof KeyObject ? publicOf.get(key) : undefined
  if (algorithm !== null || x === undefined) return verify(...of)
  const question = `${x} ${latin1(data)} ${latin1(signature)}`
  const answer = answers.get(question) ?? verify(...of)
  if (answers.size >= answersMax) answers.clear()
  answers.set(question, answer)
  return answer
}

/** The public half of a key that was made from a JWK. */
const publicOf = new WeakMap<KeyObject, string>()

const keyOnce = (from: Parameters<typeof createPublicKey>[0]): KeyObject => {
  const x = xOf(from)
  if (x === undefined) return createPublicKey(from)
  const key = keys.get(x) ?? createPublicKey(from)
  keys.set(x, key)
  publicOf.set(key, x)
  return key
}

/** The key of an Ed25519 JWK; undefined of anything else. */
function xOf(from: Parameters<typeof createPublicKey>[0]): string | undefined {
  if (typeof from !== 'object' || !('format' in from) || from.format !== 'jwk') return undefined
  // A cast: `format` says that this is one.
  const { key } = from as JsonWebKeyInput
  return key.crv === 'Ed25519' && typeof key.x === 'string' ? key.x : undefined
}

const latin1 = (bytes: NodeJS.ArrayBufferView): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

// A cast: these stand where functions with more signatures stood.
Object.assign(crypto, { verify: verifyOnce, createPublicKey: keyOnce })
syncBuiltinESMExports()

Object.assign(globalThis.crypto.subtle, {
  verify: async (
    { name }: { readonly name: string },
    key: webcrypto.CryptoKey,
    signature: NodeJS.ArrayBufferView,
    data: NodeJS.ArrayBufferView,
  ): Promise<boolean> =>
    name === 'Ed25519' && verifyOnce(null, data, onceFrom(KeyObject.from(key)), signature),
})

/** The same key object for the same key. */
const onceFrom = (key: KeyObject): KeyObject =>
  keyOnce({ key: key.export({ format: 'jwk' }), format: 'jwk' })

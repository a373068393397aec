/** Keys in files that only their owner may read, for one machine without KMS. */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, importPKCS8, type JWK } from 'jose'
import { ComityError, faultOf } from '../failure.ts'
import type { SigningKey } from '../ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import type { Wrapper } from './secrets.ts'

const context = 'comity secrets'

/** Wraps secrets under the key in a file. The first `wrap` makes the key; `unwrap` never does. */
export const fileWrapper = (path: string): Wrapper => ({
  async wrap(bytes) {
    makeOnce(path, () => randomBytes(32))
    return seal(wrappingKey(path), bytes, context)
  },
  async unwrap(bytes) {
    return unseal(wrappingKey(path), bytes, context)
  },
})

/** The Ed25519 key (RFC 8032) for checkpoints, in a file in PKCS #8 PEM. Makes it if there is no file. */
export function fileCheckpointKey(path: string): SigningKey {
  makeOnce(path, () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
  )
  const key = privateKey(path, { type: 'ed25519', called: 'an Ed25519 key' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: async (bytes) => sign(null, bytes, key),
  }
}

/** The key by which the console proves to a login provider who asks, and what the provider is told of it (RFC 7517). */
export type LoginKey = { readonly key: CryptoKey; readonly jwk: JWK }

/** The key of the console, ES256, in a file in PKCS #8 PEM. Throws if there is none and it may not be made. */
export async function fileLoginKey(path: string, mayMake: boolean): Promise<LoginKey> {
  if (mayMake)
    makeOnce(path, () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        ...{ format: 'pem', type: 'pkcs8' },
      }),
    )
  if (!existsSync(path))
    throw new ComityError(
      `couldn’t start: there is no key of the console, \`${path}\`; run \`comity init\`, or copy it from a machine that has it`,
    )
  const key = privateKey(path, { type: 'ec', called: 'a P-256 key' })
  const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString()
  const jwk = await exportJWK(createPublicKey(key))
  const named = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }
  return { key: await importPKCS8(pem, 'ES256'), jwk: named }
}

/** Removes what `makeOnce` left where it was killed. Once the key is there, nobody needs it. */
export function removeHalfMade(path: string): void {
  const begin = `${basename(path)}.`
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(begin) && /^[0-9a-f]{16}$/.test(name.slice(begin.length)))
      rmSync(join(dirname(path), name), { force: true })
}

/** Makes a file once. The link appears whole or not at all, so two that start at once read one key. */
function makeOnce(path: string, fresh: () => string | Uint8Array): void {
  if (existsSync(path)) return
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    throw new ComityError(
      `couldn’t make \`${path}\`: it needs a folder that can be written to (${faultOf(error)}); name one in COMITY_KEYS`,
    )
  }
  const mine = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(mine, fresh(), { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(mine, path)
  } catch (error) {
    // Another was faster; and may have removed what is half made, this too.
    if (!existsSync(path)) throw error
  } finally {
    rmSync(mine, { force: true })
  }
  // What is kept under a key must not outlive it. Windows does not open folders.
  if (process.platform === 'win32') return
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The bytes of a file. Throws if others may read it. */
function ownBytes(path: string): Buffer {
  // Windows has no such mode.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new ComityError(`couldn’t use \`${path}\`: others may read it; run \`chmod 600\` on it`)
  return readFileSync(path)
}

function wrappingKey(path: string): Uint8Array {
  const key = ownBytes(path)
  if (key.length !== 32)
    throw new ComityError(`couldn’t use \`${path}\`: it is not a key of 32 bytes`)
  return key
}

function privateKey(
  path: string,
  { type, called }: { readonly type: 'ec' | 'ed25519'; readonly called: string },
) {
  const pem = ownBytes(path)
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === type) return key
  } catch {
    // Reported below, without the bytes of the file.
  }
  throw new ComityError(`couldn’t use \`${path}\`: it is not ${called}`)
}

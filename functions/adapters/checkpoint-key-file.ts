/** A key for checkpoints in a file that only its owner may read: for one machine, without KMS. */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ComityError } from '../failure.ts'
import type { SigningKey } from '../ports.ts'

/** The Ed25519 key (RFC 8032) in a file, as PKCS #8 in PEM; made there if there is none. */
export function fileCheckpointKey(path: string): SigningKey {
  makeOnce(path)
  // Windows keeps no such mode.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new ComityError(`couldn’t use \`${path}\`: others may read it; run \`chmod 600\` on it`)
  const key = privateKeyIn(path)
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: async (bytes) => sign(null, bytes, key),
  }
}

/** The link appears whole or not at all, so that of two that start at once both read one key. */
function makeOnce(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const mine = `${path}.${randomBytes(8).toString('hex')}`
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })
  writeFileSync(mine, pem, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(mine, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(mine)
  }
}

function privateKeyIn(path: string) {
  try {
    const key = createPrivateKey(readFileSync(path))
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below, without the bytes of the file.
  }
  throw new ComityError(`couldn’t use \`${path}\`: it is not an Ed25519 key`)
}

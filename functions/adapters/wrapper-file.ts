/** A wrapper whose key is in a file that only its owner may read: for one machine, without KMS. */

import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ComityError } from '../failure.ts'
import { seal, unseal } from './aes-gcm.ts'
import type { Wrapper } from './secrets.ts'

const context = 'comity secrets'

/** Wraps under the key in a file, which the first `wrap` makes; `unwrap` never makes one. */
export const fileWrapper = (path: string): Wrapper => ({
  async wrap(bytes) {
    makeOnce(path)
    return seal(readKey(path), bytes, context)
  },
  async unwrap(bytes) {
    return unseal(readKey(path), bytes, context)
  },
})

/** The link appears whole or not at all, so that of two that start at once both read one key. */
function makeOnce(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const mine = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(mine, randomBytes(32), { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(mine, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(mine)
  }
}

function readKey(path: string): Uint8Array {
  // Windows keeps no such mode.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new ComityError(`couldn’t use \`${path}\`: others may read it; run \`chmod 600\` on it`)
  const key = readFileSync(path)
  if (key.length !== 32)
    throw new ComityError(`couldn’t use \`${path}\`: it is not a key of 32 bytes`)
  return key
}

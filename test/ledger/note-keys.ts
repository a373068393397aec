/** Keys that sign notes in tests: Ed25519, made of a seed, the same on every run. */

import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { type SignBytes, type VerifierKey, verifierKey } from '../../functions/ledger/note.ts'

/** A key and what signs with it. */
export type Signer = { readonly key: VerifierKey; readonly sign: SignBytes }

/** RFC 8410: what stands before the 32 bytes of a seed in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key of a seed of 32 bytes. */
export function signerOf(name: string, type: 1 | 4, seed: Uint8Array): Signer {
  const secret = createPrivateKey({
    key: Buffer.concat([pkcs8, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32)
  return {
    key: verifierKey(name, type, publicKey),
    sign: async (message) => sign(null, message, secret),
  }
}

/** A log's key: its name is the log's. */
export const logSigner = (name: string): Signer => signerOf(name, 1, seedOf(name))

/** A witness's key. */
export const witnessSigner = (name: string): Signer => signerOf(name, 4, seedOf(name))

const seedOf = (name: string): Buffer => createHash('sha256').update(`seed of ${name}`).digest()

/** Logs that tests make: keys, trees of invented leaves, checkpoints, proofs and files. */

import { generateKeyPairSync, hash, sign } from 'node:crypto'
import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import {
  frontierOf,
  type Hash,
  proveConsistency,
  type ReadHash,
  rootOf,
} from '../../functions/ledger/merkle.ts'
import { signText, type VerifierKey, verifierKey, writeNote } from '../../functions/ledger/note.ts'
import { grownTiles } from '../../functions/ledger/tiles.ts'
import type { Archive } from '../../functions/log-ports.ts'
import type { SigningKey } from '../../functions/ports.ts'

export type Key = { readonly key: VerifierKey; readonly signing: SigningKey }

/** A fresh key of a name: of type 1 a log's, of type 4 a witness's. */
export function keyOf(name: string, type: 1 | 4): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const raw = Buffer.from(x, 'base64url')
  return {
    key: verifierKey(name, type, raw),
    signing: { publicKey: raw, sign: async (bytes) => sign(null, bytes, privateKey) },
  }
}

/** Hashes of invented leaves; another `tale` gives other leaves from `fork` on. */
export const leavesOf = (count: number, tale = 'a', fork = 0): readonly Hash[] =>
  Array.from({ length: count }, (_, i) =>
    hash('sha256', `\0leaf ${i} of ${i < fork ? 'a' : tale}`, 'buffer'),
  )

export const rootAt = (leaves: readonly Hash[]): Hash => rootOf(frontierOf(leaves))

/** A checkpoint of these leaves, signed by the log. */
export async function noteOf({ key, signing }: Key, leaves: readonly Hash[], origin = key.name) {
  const text = checkpointText({ origin, size: leaves.length, root: rootAt(leaves) })
  return writeNote({ text, signatures: [await signText(text, key, signing.sign)] })
}

/** The consistency proof from the first `from` leaves to all. */
export const proofFrom = (from: number, leaves: readonly Hash[]): Promise<readonly Hash[]> =>
  proveConsistency(from, leaves.length, reader(leaves))

const reader =
  (leaves: readonly Hash[]): ReadHash =>
  async (level, index) =>
    rootAt(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))

/** Writes the tiles for leaves that follow the first `from`, as a sealer does. */
export async function writeTiles(
  archive: Pick<Archive, 'put' | 'get'>,
  log: string,
  from: number,
  leaves: readonly Hash[],
): Promise<void> {
  const get = (path: string) => archive.get(`${log}/${path}`)
  for (const { path, bytes } of await grownTiles(from, leaves.slice(from), get))
    await archive.put(`${log}/${path}`, bytes)
}

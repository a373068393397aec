/** The law in a file: of a bundle, and in an archive. */

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { Archive } from '../log-ports.ts'
import {
  carry,
  carryChecked,
  opened,
  openedChecked,
  type RunLaw,
  type Runnable,
} from '../policy/carried.ts'

/** Longest law, bytes: many times the law that is shipped. */
const lawBytesMax = 64 * 1024 * 1024

/** The name of the file, beside the code. */
export const lawFile = 'law.json.br'

/** The path in the archive of the law of a set, by the set's digest. Instances told to take the set read it. */
export const lawPath = (set: string): string => `law/${set}.json.br`

/** Packs the law of a set with its seals, for an archive (RFC 7932: a tenth of its size). */
export const packLaw = (law: RunLaw): Uint8Array => brotliCompressSync(carry(law))

/**
 * Unpacks the law of a set, and checks every seal: whoever writes to an archive is not whoever made the bundle.
 * Throws if it is not exactly a set that the pinned keys signed.
 */
export const unpackLaw = (packed: Uint8Array, pinnedKeys: string, isTrial: boolean): Runnable =>
  opened(unpacked(packed).toString('utf8'), pinnedKeys, isTrial)

/** Checks every seal, and writes the file of a bundle without them. */
export const writeLaw = (file: string, law: RunLaw): void =>
  writeFileSync(file, brotliCompressSync(carryChecked(law)))

/** Reads the file of a bundle. Throws if it is not there, or not exactly a set that the pinned keys signed. */
export const readLaw = (file: string, pinnedKeys: string, isTrial: boolean): Runnable =>
  openedChecked(unpacked(readFileSync(file)), pinnedKeys, isTrial)

const unpacked = (packed: Uint8Array): Buffer =>
  brotliDecompressSync(packed, { maxOutputLength: lawBytesMax })

/** The law of a set from an archive, if it is there. */
export const lawFrom =
  (archive: Pick<Archive, 'get'>, pinnedKeys: string, isTrial: boolean) =>
  async (set: string): Promise<Runnable | undefined> => {
    const packed = await archive.get(lawPath(set))
    return packed && unpackLaw(packed, pinnedKeys, isTrial)
  }

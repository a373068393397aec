/** The file in which a bundle carries the law. */

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { Archive } from '../log-ports.ts'
import { carry, opened, type RunLaw, type Runnable } from '../policy/carried.ts'

/** Longest law, bytes: many times what is shipped. */
const lawBytesMax = 64 * 1024 * 1024

/** Its name, beside the code. */
export const lawFile = 'law.json.br'

/** Where the law of a set is kept in the archive, by the digest of the set: for those who are to take it. */
export const lawPath = (set: string): string => `law/${set}.json.br`

/** What a set carries, packed (RFC 7932): a tenth of its size. */
export const packLaw = (law: RunLaw): Uint8Array => brotliCompressSync(carry(law))

/** Writes it. */
export const writeLaw = (file: string, law: RunLaw): void => writeFileSync(file, packLaw(law))

/** Reads it. Throws if it is not there, or not exactly a set that the pinned keys signed. */
export const readLaw = (file: string, pinnedKeys: string, isTrial: boolean): Runnable =>
  unpackLaw(readFileSync(file), pinnedKeys, isTrial)

/** The law of a set as it was packed. Throws as `readLaw` does. */
export const unpackLaw = (packed: Uint8Array, pinnedKeys: string, isTrial: boolean): Runnable =>
  opened(
    brotliDecompressSync(packed, { maxOutputLength: lawBytesMax }).toString('utf8'),
    pinnedKeys,
    isTrial,
  )

/** The law of a set from an archive, if it is there. */
export const lawFrom =
  (archive: Pick<Archive, 'get'>, pinnedKeys: string, isTrial: boolean) =>
  async (set: string): Promise<Runnable | undefined> => {
    const packed = await archive.get(lawPath(set))
    return packed && unpackLaw(packed, pinnedKeys, isTrial)
  }

/** The file in which a bundle carries the law. */

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { Archive } from '../log-ports.ts'
import { carry, opened, type RunLaw, type Runnable } from '../policy/carried.ts'

/** Longest law, bytes: many times the law that is shipped. */
const lawBytesMax = 64 * 1024 * 1024

/** The name of the file, beside the code. */
export const lawFile = 'law.json.br'

/** The path in the archive of the law of a set, by the set's digest. Instances told to take the set read it. */
export const lawPath = (set: string): string => `law/${set}.json.br`

/** Packs the law of a set (RFC 7932) to a tenth of its size. */
export const packLaw = (law: RunLaw): Uint8Array => brotliCompressSync(carry(law))

/** Writes the file. */
export const writeLaw = (file: string, law: RunLaw): void => writeFileSync(file, packLaw(law))

/** Reads the file. Throws if it is not there, or is not exactly a set that the pinned keys signed. */
export const readLaw = (file: string, pinnedKeys: string, isTrial: boolean): Runnable =>
  unpackLaw(readFileSync(file), pinnedKeys, isTrial)

/** Unpacks the law of a set. Throws as `readLaw` does. */
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

/** The law in a file: of a bundle, and in an archive. */

import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { errorWords } from '../failure.ts'
import type { Archive } from '../log-ports.ts'
import { openedChecked, type Runnable } from '../policy/carried.ts'

/** Longest law, bytes: many times the law that is shipped. */
const lawBytesMax = 64 * 1024 * 1024
/** Room for a law, bytes: what is longer is put together of several parts. */
const usualBytes = 4 * 1024 * 1024

/** The name of the file, beside the code. */
export const lawFile = 'law.json.br'

/** The path in the archive of the law of a set, by the set's digest. Instances told to take the set read it. */
export const lawPath = (set: string): string => `law/${set}.json.br`

/** Reads the file of a bundle. Throws if it is not there, or not exactly a set that the pinned keys signed. */
export const readLaw = (file: string, pinnedKeys: string, isTrial: boolean): Runnable =>
  openedChecked(unpacked(readFileSync(file)), pinnedKeys, isTrial)

/** The bytes of a law that is packed. Throws if there are more than a law may have. */
export const unpacked = (packed: Uint8Array): Buffer =>
  brotliDecompressSync(packed, { maxOutputLength: lawBytesMax, chunkSize: usualBytes })

/**
 * The law of a set from an archive, if it is there; or why this build refuses it, as it does one of which it does not
 * know all. Rejects if the archive cannot be read. What checks its seals and its files is read once a set is asked for,
 * which hardly any instance is told to take.
 */
export const lawFrom =
  (archive: Pick<Archive, 'get'>, pinnedKeys: string, isTrial: boolean) =>
  async (set: string): Promise<Runnable | RefusedLaw | undefined> => {
    const packed = await archive.get(lawPath(set))
    if (packed === undefined) return undefined
    const { openedWhole } = await import('../policy/read-book.ts')
    try {
      return openedWhole(unpacked(packed).toString('utf8'), pinnedKeys, isTrial)
    } catch (error) {
      return { refused: errorWords(error) }
    }
  }

/** Why a build does not take a law. */
export type RefusedLaw = { readonly refused: string }

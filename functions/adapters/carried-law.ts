/** The file in which a bundle carries the law. */

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { carry, opened, type RunLaw, type Runnable } from '../policy/carried.ts'

/** Its name, beside the code. */
export const lawFile = 'law.json.br'

/** Writes it, packed (RFC 7932): a tenth of its size. */
export const writeLaw = (file: string, law: RunLaw): void =>
  writeFileSync(file, brotliCompressSync(carry(law)))

/** Reads it. Throws if it is not there, or not exactly a set that the pinned keys signed. */
export const readLaw = (file: string, pinnedKeys: string, isTrial: boolean): Runnable =>
  opened(brotliDecompressSync(readFileSync(file)).toString('utf8'), pinnedKeys, isTrial)

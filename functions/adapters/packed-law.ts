/** Packs the law of a set: for an archive with its seals, and for a bundle without them. */

import { writeFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import type { RunLaw, Runnable } from '../policy/carried.ts'
import { carry, carryChecked, opened } from '../policy/carry.ts'
import { unpacked } from './carried-law.ts'

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

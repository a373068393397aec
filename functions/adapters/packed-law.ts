/** Packs the law of a set: for an archive with its seals, and for a bundle without them. */

import { writeFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import type { RunLaw } from '../policy/carried.ts'
import { carry, carryChecked } from '../policy/carry.ts'

/** Packs the law of a set with its seals, for an archive (RFC 7932: a tenth of its size). */
export const packLaw = (law: RunLaw): Uint8Array => brotliCompressSync(carry(law))

/** Checks every seal, and writes the file of a bundle without them. */
export const writeLaw = (file: string, law: RunLaw): void =>
  writeFileSync(file, brotliCompressSync(carryChecked(law)))

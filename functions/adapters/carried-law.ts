/** The file in which a bundle carries the law. */

import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { Book } from '../policy/book.ts'
import { carry, opened } from '../policy/carried.ts'

/** Its name, beside the code. */
export const lawFile = 'law.json.br'

/** Writes it, packed (RFC 7932): a tenth of its size. */
export const writeLaw = (file: string, book: Book): void =>
  writeFileSync(file, brotliCompressSync(carry(book)))

/** Reads it. Throws if it is not there or broken. */
export const readLaw = (file: string): Book =>
  opened(brotliDecompressSync(readFileSync(file)).toString('utf8'))

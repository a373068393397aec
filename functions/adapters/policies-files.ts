/** The policies folder: its files, their seals, and who may seal. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Book, type Fault, isVersionPath, readBook, type SourceFile } from '../policy/book.ts'
import { checkSeals } from '../policy/seal.ts'

/** Every policy and list file below a folder, sorted by path. */
export const versionFiles = (folder: string): readonly SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(isVersionPath)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))

/**
 * Reads the folder. Drafts are in the book without `sealedAt`, so they are never in force.
 * `sealers` is the file that says whose seals count; a deployment brings its own.
 */
export function readPolicies(
  folder: string,
  sealers: string = join(folder, 'sealers.json'),
): { readonly book: Book; readonly faults: readonly Fault[] } {
  const { sealedAt, faults } = checkSeals(
    JSON.parse(readFileSync(join(folder, 'seals.json'), 'utf8')),
    JSON.parse(readFileSync(sealers, 'utf8')),
  )
  const { book, faults: inFiles } = readBook(versionFiles(folder), sealedAt)
  return { book, faults: [...faults, ...inFiles] }
}

/** The sealed policies, for a gateway: it does not start on a folder with a fault. */
export function sealedPolicies(folder: string, sealers?: string): Book {
  const { book, faults } = readPolicies(folder, sealers)
  const [first] = faults
  if (first === undefined) return book
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new Error(`couldn’t load policies: ${first.path}${first.place}: ${first.message}${more}`)
}

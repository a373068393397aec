/** The policies folder: its files, their seals, and who may seal. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Book, type Fault, isVersionPath, readBook, type SourceFile } from '../policy/book.ts'
import { checkSeals } from '../policy/seal.ts'
import { checkSuspensions } from '../policy/suspension.ts'

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
  const trusted = read(sealers)
  const seals = read(join(folder, 'seals.json'))
  const { sealedAt, faults } = checkSeals(seals, trusted)
  const suspensions = checkSuspensions(suspensionsIn(folder, seals), trusted)
  const { suspensionsOf } = suspensions
  const { book, faults: inFiles } = readBook(versionFiles(folder), sealedAt, suspensionsOf)
  return { book, faults: [...faults, ...suspensions.faults, ...inFiles] }
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

/** A file that is not there suspends nothing, so it may only be missing where nothing is sealed. */
function suspensionsIn(folder: string, seals: unknown): unknown {
  const file = join(folder, 'suspensions.json')
  if (existsSync(file)) return read(file)
  return Array.isArray(seals) && seals.length === 0 ? [] : undefined
}

/** The sealed policies, for a gateway: it does not start on a folder with a fault. */
export function sealedPolicies(folder: string, sealers?: string): Book {
  const { book, faults } = readPolicies(folder, sealers)
  const [first] = faults
  if (first === undefined) return book
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new Error(`couldn’t load policies: ${first.path}${first.place}: ${first.message}${more}`)
}

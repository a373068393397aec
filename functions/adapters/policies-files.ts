/** The policies folder: its files, their seals, who may seal, and the set that a gateway runs, packed for it. */

import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import { type Book, type Fault, isVersionPath, type SourceFile } from '../policy/book.ts'
import { type RunLaw, refusalOf } from '../policy/carried.ts'
import { judge } from '../policy/check-seals.ts'
import { isDemonstrationKey } from '../policy/demonstration.ts'
import { carry, carryChecked, readBook } from '../policy/read-book.ts'
import { type ReleaseKey, releaseKeySchema } from '../policy/sealers.ts'
import { type FoundLaw, setOf, signSet } from '../policy/set.ts'
import { later, type SealingKey } from '../policy/signed.ts'

/** Every policy and list file below a folder, sorted by path. */
export const versionFiles = (folder: string): readonly SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(isVersionPath)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))

/** What each folder's `seals.json` says, by folder; undefined if it is not JSON. */
export const sealsIn = (folder: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    globSync('*/seals.json', { cwd: folder })
      .sort()
      .map((path) => [dirname(path), readable(join(folder, path))]),
  )

/** The law of a folder as it is, with everything sealed, whether or not a set has it. */
export const foundLaw = (folder: string): FoundLaw => ({
  files: versionFiles(folder),
  seals: sealsIn(folder),
  sealers: read(join(folder, 'sealers.json')),
})

/**
 * The law of a folder with the signed set in its `set.json`. If there is none, and demonstration keys sign
 * sets, they sign everything that is sealed, so that a trial needs no release.
 */
export function lawToRun(folder: string): RunLaw {
  const law = foundLaw(folder)
  const releaseKeys = read(join(folder, 'release-keys.json'))
  const set = ifThere(join(folder, 'set.json'))
  const { data: trusted = [] } = z.array(releaseKeySchema).safeParse(releaseKeys)
  return { ...law, releaseKeys, set: set ?? demonstrationSet(law, folder, trusted) }
}

/** Packs the law of a set with its seals, for an archive (RFC 7932: a tenth of its size). */
export const packLaw = (law: RunLaw): Uint8Array => brotliCompressSync(carry(law))

/** Checks every seal, and writes the file of a bundle without them. */
export const writeLaw = (file: string, law: RunLaw): void =>
  writeFileSync(file, brotliCompressSync(carryChecked(law)))

/** The demonstration's private release keys, if demonstration keys sign the sets; otherwise undefined. */
export const demonstrationReleaseKeys = (
  folder: string,
  trusted: readonly ReleaseKey[],
): readonly SealingKey[] | undefined =>
  trusted.every(({ jwk }) => isDemonstrationKey(jwk.x))
    ? // A cast: these files are shipped as they are.
      [1, 2].map((n) => read(join(folder, `demonstration-keys/release-${n}.json`)) as SealingKey)
    : undefined

/** Signs a set of everything sealed, as of its last seal, so that the same seals give the same bytes. */
function demonstrationSet(law: FoundLaw, folder: string, trusted: readonly ReleaseKey[]): unknown {
  const keys = demonstrationReleaseKeys(folder, trusted)
  if (keys === undefined) return undefined
  const { folders, counting } = judge(law)
  const moments = [...counting.values()].map(({ sealedAt }) => sealedAt)
  return signSet(setOf(folders, moments.reduce(later, '1970-01-01T00:00:00Z')), keys)
}

/**
 * Reads the folder. Drafts are in the book without `sealedAt`, so they are never in force. Sealed versions
 * count, whether or not a set has them yet.
 */
export function readPolicies(folder: string): {
  readonly book: Book
  readonly faults: readonly Fault[]
} {
  const law = foundLaw(folder)
  const { sealedAt, retiredAt, faults } = judge(law)
  const { book, faults: inFiles } = readBook(law.files, sealedAt, undefined, retiredAt)
  return { book, faults: [...faults, ...inFiles] }
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
function readable(file: string): unknown {
  try {
    return read(file)
  } catch {
    return undefined
  }
}
const ifThere = (file: string): unknown => (existsSync(file) ? read(file) : undefined)

/** The sealed policies, for a command that decides by them. Throws if the folder has a fault. */
export function sealedPolicies(folder: string): Book {
  const { book, faults } = readPolicies(folder)
  const refusal = refusalOf(faults)
  if (refusal !== undefined) throw new ComityError(refusal)
  return book
}

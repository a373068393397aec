/**
 * Checks a bundle of evidence offline. What it was checked with counts as far as somebody outside the file
 * vouches for it: a key that only the file names may be anybody's.
 */

import { compactVerify, importJWK } from 'jose'
import {
  type DecidesAgain,
  digestOf,
  fingerprintOf,
  type Manifest,
  manifestSchema,
  paths,
  readCanonical,
  signatureHeader,
} from '../ledger/evidence.ts'
import { type Files, readZip } from '../ledger/zip.ts'
import { readBook } from '../policy/book.ts'
import type { EvidenceFinding } from './evidence-entry.ts'
import { type CheckedEntry, checkEntry } from './evidence-entry.ts'
import { type TrustFile, type UsedKey, type Word, weakest, wordOf } from './verify-trust.ts'

/** What checking came to: sound if nothing was found. */
export type CheckedBundle = {
  readonly findings: readonly EvidenceFinding[]
  /** Fingerprint of the key that signed it, whoever has that. */
  readonly fingerprint?: string
  /** Absent if it could not be believed. */
  readonly manifest?: Manifest
  readonly entries: readonly CheckedEntry[]
  /** Every key that it was checked with, each once. */
  readonly keys: readonly UsedKey[]
  /** Whose word it is that they are right: the weakest. */
  readonly word: Word
}

/** What somebody trusts who checks a bundle: keys, or the fingerprint of the one that signed it. */
export type Trusted = {
  readonly fingerprint?: string | undefined
  readonly trust?: TrustFile | undefined
}

/** Longest bundle that is read, bytes: four times the longest that a gateway makes. */
export const bundleBytesMax = 16 * 1024 * 1024

/**
 * Checks a bundle against what somebody trusts; without anything, only whether it agrees with itself,
 * which anyone can make anything do.
 */
export async function checkBundle(
  bytes: Uint8Array,
  { fingerprint, trust }: Trusted,
  decidesAgain: DecidesAgain,
): Promise<CheckedBundle> {
  const unchecked = { entries: [], keys: [], word: 'file' } as const
  const failed = (file: string | null, says: string) => ({
    ...unchecked,
    findings: [{ file, says }],
  })
  if (bytes.length > bundleBytesMax) return failed(null, 'it is larger than evidence can be')
  const zip = readZip(bytes)
  if ('wrong' in zip) return failed(null, zip.wrong)
  const { files } = zip
  const signed = await signedManifest(files)
  if ('wrong' in signed) return failed(signed.file, signed.wrong)
  const known = fingerprint === undefined ? (trust?.evidence ?? []) : [fingerprint]
  if (known.length > 0 && !known.includes(signed.fingerprint))
    return {
      ...failed(paths.signature, `it is signed with another key, ${signed.fingerprint}`),
      fingerprint: signed.fingerprint,
    }
  const { manifest } = signed
  const changed = digestFindings(manifest, files)
  const odd = `byte ${zip.oddAt}, around its files, is not as it was written`
  const whole = zip.oddAt === undefined ? [] : [{ file: null, says: odd }]
  // What was changed is not looked into: one fault is named once.
  if (changed.length > 0) return { ...signed, ...unchecked, findings: changed }
  const { book, findings } = lawOf(manifest, files)
  const entries: CheckedEntry[] = []
  for (const listed of manifest.entries) {
    const checked = await checkEntry(listed, { manifest, trust, files, book, decidesAgain })
    findings.push(...checked.findings)
    if (checked.entry !== undefined) entries.push(checked.entry)
  }
  const keys = usedOnce([
    signerOf(signed.fingerprint, { fingerprint, trust }),
    ...entries.flatMap((each) => each.keys),
  ])
  const all = [...whole, ...findings, ...surplus(manifest, files, entries)]
  return { ...signed, findings: all, entries, keys, word: weakest(keys) }
}

/** The key that signed: whoever names its fingerprint had it in another way than the file. */
const signerOf = (key: string, { fingerprint, trust }: Trusted): UsedKey => {
  const word = trust?.evidence?.includes(key) ? wordOf(key, trust) : undefined
  return { use: 'evidence', key, word: word ?? (fingerprint === undefined ? 'file' : 'paper') }
}

const usedOnce = (keys: readonly UsedKey[]): readonly UsedKey[] => [
  ...new Map(keys.map((each) => [`${each.use} ${each.key}`, each])).values(),
]

type Signed = { readonly manifest: Manifest; readonly fingerprint: string }

/** The manifest, if the key in the header of its signature signed it. */
async function signedManifest(
  files: Files,
): Promise<Signed | { readonly file: string; readonly wrong: string }> {
  const wrong = (file: string, says: string) => ({ file, wrong: says })
  const bytes = files.get(paths.manifest)
  const jws = files.get(paths.signature)
  if (bytes === undefined) return wrong(paths.manifest, 'it is not there')
  if (jws === undefined) return wrong(paths.signature, 'it is not there')
  const [header = '', detached, signature = '', ...more] = textOf(jws).split('.')
  const read = readCanonical(signatureHeader, Buffer.from(header, 'base64url'))
  // The last character of a part may have bits to spare, which no signature speaks of.
  const isExact = [header, signature].every((part) => part === exactly(part))
  if (detached !== '' || more.length > 0 || read === undefined || !isExact)
    return wrong(paths.signature, 'it is not the signature of a manifest')
  const key = await importJWK(read.jwk, 'EdDSA')
  const attached = `${header}.${Buffer.from(bytes).toString('base64url')}.${signature}`
  const isSigned = await compactVerify(attached, key, { algorithms: ['EdDSA'] }).then(
    () => true,
    () => false,
  )
  if (!isSigned) return wrong(paths.manifest, 'it is not what was signed')
  const manifest = readCanonical(manifestSchema, bytes)
  if (manifest === undefined)
    return wrong(paths.manifest, 'it is of no form that is known here; take a newer program')
  const fingerprint = fingerprintOf(Buffer.from(read.jwk.x, 'base64url'))
  return { manifest, fingerprint }
}

/** Files that are missing, changed, or not in the manifest. */
function digestFindings({ files: digests }: Manifest, files: Files): EvidenceFinding[] {
  const listed = Object.entries(digests).flatMap(([file, digest]) => {
    const bytes = files.get(file)
    if (bytes === undefined) return [{ file, says: 'it is not there' }]
    return digestOf(bytes) === digest ? [] : [{ file, says: 'it was changed' }]
  })
  const unlisted = [...files.keys()]
    .filter((file) => !Object.hasOwn(digests, file))
    .filter((file) => file !== paths.manifest && file !== paths.signature)
  return [...listed, ...unlisted.map((file) => ({ file, says: 'the manifest does not have it' }))]
}

/** The versions of the law in the bundle, in force from when the gateway says that they were sealed. */
function lawOf({ law }: Manifest, files: Files) {
  const folder = 'policies/'
  const sources = [...files]
    .filter(([path]) => path.startsWith(folder))
    .map(([path, bytes]) => ({ path: path.slice(folder.length), text: textOf(bytes) }))
  const { book, faults } = readBook(
    sources,
    (path) => law[folder + path]?.sealedAt,
    (path) => law[folder + path]?.suspensions ?? [],
    (path) => law[folder + path]?.retiredAt,
  )
  const findings: EvidenceFinding[] = faults.map(({ path, place, message }) => ({
    file: folder + path,
    says: `${place}: ${message}`,
  }))
  return { book, findings }
}

/** Signed files that belong to nothing: whatever is shown must have been checked. */
function surplus(
  { entries, law }: Manifest,
  files: Files,
  checked: readonly CheckedEntry[],
): readonly EvidenceFinding[] {
  const known = new Set<string>([
    ...[paths.manifest, paths.signature, 'README.txt', 'page.html'],
    ...entries.flatMap(({ eid }) => [paths.entry(eid), paths.proof(eid), paths.stamped(eid)]),
    ...checked.flatMap(({ stampFile }) => stampFile ?? []),
    ...Object.keys(law),
  ])
  return [...files.keys()]
    .filter((file) => !known.has(file))
    .map((file) => ({ file, says: 'it belongs to no entry' }))
}

/** The one way to write what a text in base64url says. */
const exactly = (text: string): string => Buffer.from(text, 'base64url').toString('base64url')

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/**
 * Checks a bundle of evidence offline. A check is only as good as the keys used, so somebody outside the file
 * must vouch for them: a key that only the file names may be anybody's.
 */

import { compactVerify, importJWK } from 'jose'
import { parseCheckpoint } from '../ledger/checkpoint.ts'
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
import { parseNote } from '../ledger/note.ts'
import { type Files, readZip } from '../ledger/zip.ts'
import { readBook } from '../policy/read-book.ts'
import type { EvidenceFinding } from './evidence-entry.ts'
import { type CheckedEntry, checkEntry, checkHead } from './evidence-entry.ts'
import { type TrustFile, type UsedKey, type Word, weakest, wordOf } from './verify-trust.ts'

/** The result of checking: sound if there are no findings. */
export type CheckedBundle = {
  readonly findings: readonly EvidenceFinding[]
  /** Fingerprint of the key that signed it, whoever holds that key. */
  readonly fingerprint?: string
  /** Absent if it cannot be trusted. */
  readonly manifest?: Manifest
  readonly entries: readonly CheckedEntry[]
  /** Every key that it was checked with, once each. */
  readonly keys: readonly UsedKey[]
  /** Who vouches for those keys: the weakest of them. */
  readonly word: Word
}

/** What the verifier trusts: keys, or the fingerprint of the key that signed the bundle. */
export type Trusted = {
  readonly fingerprint?: string | undefined
  readonly trust?: TrustFile | undefined
}

/** Longest bundle that is read, bytes: four times the longest that a gateway makes. */
export const bundleBytesMax = 16 * 1024 * 1024

/**
 * Checks a bundle against what the verifier trusts. Without that, it only checks whether the bundle agrees
 * with itself, which any forger can achieve.
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
  // Changed files are not checked further, so that each fault is named once.
  if (changed.length > 0) return { ...signed, ...unchecked, findings: changed }
  const { book, findings } = lawOf(manifest, files)
  const entries: CheckedEntry[] = []
  for (const listed of manifest.entries) {
    const checked = await checkEntry(listed, { manifest, trust, files, book, decidesAgain })
    findings.push(...checked.findings)
    if (checked.entry !== undefined) entries.push(checked.entry)
  }
  const heads: UsedKey[] = []
  for (const log of Object.keys(manifest.checkpoints)) {
    if (manifest.entries.some((each) => each.log === log)) continue
    const head = checkHead(log, { manifest, trust })
    if ('wrong' in head) findings.push({ file: paths.manifest, says: head.wrong })
    else heads.push(...head.keys)
  }
  const keys = usedOnce([
    signerOf(signed.fingerprint, { fingerprint, trust }),
    ...entries.flatMap((each) => each.keys),
    ...heads,
  ])
  const all = [...whole, ...findings, ...miscounted(manifest), ...surplus(manifest, files, entries)]
  return { ...signed, findings: all, entries, keys, word: weakest(keys) }
}

/** The key that signed. A verifier who gives its fingerprint got it in some other way than from the file. */
const signerOf = (key: string, { fingerprint, trust }: Trusted): UsedKey => {
  const word = trust?.evidence?.includes(key) ? wordOf(key, trust) : undefined
  return { use: 'evidence', key, word: word ?? (fingerprint === undefined ? 'file' : 'paper') }
}

const usedOnce = (keys: readonly UsedKey[]): readonly UsedKey[] => [
  ...new Map(keys.map((each) => [`${each.use} ${each.key}`, each])).values(),
]

type Signed = { readonly manifest: Manifest; readonly fingerprint: string }

/** The manifest, if the key in its signature's header signed it. */
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
  // The last character of a part may have spare bits, which no signature covers.
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

/** The versions of the law in the bundle, in force from when the gateway says they were sealed. */
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

/**
 * Whether what is claimed of other entries can be true: all entries of the asker's own logs are counted, up to their
 * checkpoints, and none that nobody could look at. Whether they are about others is the gateway's word.
 */
function miscounted({ completeness, checkpoints, question }: Manifest): readonly EvidenceFinding[] {
  if (completeness === undefined) return []
  const { claimed, examined, tagged = 0, erased, damaged, notExamined } = completeness
  const own = `/${question.jurisdiction.toLowerCase()}/`
  const size = Object.entries(checkpoints)
    .filter(([log]) => log.includes(own))
    .reduce((sum, [, note]) => sum + sizeIn(note), 0)
  const unknown = erased + damaged + notExamined
  const counted = examined + tagged + unknown
  const wrong = (says: string) => [{ file: paths.manifest, says }]
  if (counted !== size)
    return wrong(`it counts ${counted} entries, and the logs of its checkpoints have ${size}`)
  return claimed && (unknown > 0 || size === 0)
    ? wrong(`it claims that there is no other entry, and ${unknown} of ${size} were not looked at`)
    : []
}

/** The size in a note; 0 if it is none, which is a finding of its own. */
function sizeIn(note: string): number {
  const read = parseNote(note)
  const parsed = 'wrong' in read ? read : parseCheckpoint(read.note.text)
  return 'wrong' in parsed ? 0 : parsed.checkpoint.size
}

/** Signed files that belong to no entry: whatever is shown must have been checked. */
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

/** The only way to write the bytes of a base64url text. */
const exactly = (text: string): string => Buffer.from(text, 'base64url').toString('base64url')

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

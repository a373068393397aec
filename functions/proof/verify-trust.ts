/**
 * The keys that a verifier trusts, and where each came from. A proof is worth no more than the way in which
 * its key was obtained: a verdict is as strong as the weakest key it used.
 */

import * as z from 'zod'
import { agencyKey, digestOf } from '../ledger/evidence.ts'
import { fromBase64, type VerifierKey } from '../ledger/note.ts'
import type { ExpectedStamp } from '../ledger/time-stamp.ts'
import { keysFile, type Trust } from '../ledger/verify-files.ts'
import { readCertificate } from '../policy/certificate.ts'

/** Ways to obtain a key, the strongest first: published by its owner, on paper, from the gateway itself. */
const ways = ['publication', 'paper', 'gateway', 'demonstration'] as const

/** Where keys came from. Without `keys`, it covers all keys that no other source names. */
const source = z.strictObject({
  from: z.enum(ways),
  /** In words: from whom, through whom. */
  what: z.string().min(1).max(300),
  on: z.iso.date(),
  keys: z.array(z.string()).optional(),
})

/** A certificate in base64 (DER), as between the lines of a PEM file. */
const certificate = z.string().transform((text, context) => {
  const read = readCertificate(fromBase64(text) ?? new Uint8Array())
  if (read !== undefined) return read
  context.addIssue('it is no certificate in base64')
  return z.NEVER
})

/**
 * A time-stamping authority: its own certificate or that of a CA above it; with `policy`, only stamps under
 * that policy.
 */
const authority = z.strictObject({
  name: z.string().min(1).max(100),
  certificate,
  policy: z
    .string()
    .regex(/^[0-2](\.\d+)+$/)
    .optional(),
})

/**
 * A trust file: the keys that a verifier pins (`keys.json`), with those of agencies and of evidence, and
 * where they came from. It is never read from inside what is verified.
 */
export const trustFile = keysFile.extend({
  agencies: z.array(z.looseObject({ id: z.string(), keys: z.array(agencyKey) })).optional(),
  /** Fingerprints of keys that sign evidence. */
  evidence: z.array(z.string().regex(/^[A-Za-z0-9_-]{43}$/)).optional(),
  /** Time-stamping authorities (RFC 3161). */
  authorities: z.array(authority).optional(),
  sources: z.array(source).optional(),
})
/** Keys that a verifier trusts. */
export type TrustFile = z.infer<typeof trustFile>

/** Who vouches for a key; `file` means only the file that is verified. */
export type Word = (typeof ways)[number] | 'file'

/** A key that was used: for what, and who vouches for it. */
export type UsedKey = {
  readonly use: 'log' | 'witness' | 'receipt' | 'agency' | 'evidence' | 'authority'
  /**
   * `name+key id` of a log or a witness, `kid` of a receipt, `agency/kid`, or a fingerprint (for an
   * authority, of its certificate).
   */
  readonly key: string
  readonly word: Word
}

/** The name of a log's or witness's key. */
const nameOf = ({ name, keyId }: Pick<VerifierKey, 'name' | 'keyId'>): string => `${name}+${keyId}`

/** The name of an authority's key: the SHA-256 of its certificate, base64url. */
export const authorityKey = ({ certificate: { bytes } }: ExpectedStamp): string => digestOf(bytes)

/** Who vouches for a pinned key; the gateway, if no source covers it. */
export function wordOf(key: string, { sources = [] }: Pick<TrustFile, 'sources'>): Word {
  const named = sources.find(({ keys }) => keys?.includes(key))
  return (named ?? sources.find(({ keys }) => keys === undefined))?.from ?? 'gateway'
}

const strength = ['file', 'demonstration', 'gateway', 'paper', 'publication'] as const

/** The weakest source of all keys that were used; `file` if none was. */
export const weakest = (used: readonly UsedKey[]): Word =>
  strength.find((each) => used.some(({ word }) => word === each)) ?? 'file'

/**
 * The keys that make a checkpoint count: the log's, as pinned, and `quorum` cosigning witnesses', those with
 * the strongest source first.
 */
export function keysOf(
  log: VerifierKey,
  cosigners: readonly { readonly name: string }[],
  { logs, witnesses, quorum }: Trust,
  word: (key: string) => Word,
): readonly UsedKey[] {
  const isSame = ({ publicKey }: VerifierKey) => Buffer.compare(publicKey, log.publicKey) === 0
  const used = (use: UsedKey['use'], key: VerifierKey): UsedKey => ({
    use,
    key: nameOf(key),
    word: word(nameOf(key)),
  })
  const cosigned = witnesses
    .filter(({ name }) => cosigners.some((each) => each.name === name))
    .map((each) => used('witness', each))
    .sort((a, b) => strength.indexOf(b.word) - strength.indexOf(a.word))
  // A gateway may sign all its logs with one key; the one under this log's name comes first.
  const own = logs.find((each) => each.name === log.name && isSame(each)) ?? logs.find(isSame)
  return [used('log', own ?? log), ...cosigned.slice(0, quorum)]
}

/** Whether somebody other than the gateway vouches for it. */
export const isFromOutside = (word: Word): boolean => word === 'paper' || word === 'publication'

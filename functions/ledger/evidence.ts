/**
 * A bundle of evidence: entries with their proofs and the law they name, under one signed manifest, in one
 * zip. To check it takes only the fingerprint of the key that signed it. See FORMAT.md.
 */

import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import type { Book } from '../policy/book.ts'
import { valueIn } from '../policy/json.ts'
import { passkeySchema } from '../policy/passkey.ts'
import { thumbprintOf } from '../policy/signed.ts'
import type { Evidence, Leaf, Openings, Refs } from './entry.ts'
import { isLogName, keysFile } from './verify-files.ts'
import { type Files, writeZip } from './zip.ts'

const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const count = z.int().nonnegative()

/** A public key of Ed25519 (RFC 8037). */
const evidenceJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: digest,
})

/** An agency's key as in the register. */
export const agencyKey = z.strictObject({
  kid: z.string(),
  alg: z.enum(['ES256', 'EdDSA']),
  status: z.enum(['active', 'revoked']),
  from: z.string(),
  until: z.string().optional(),
  jwk: z.union([
    evidenceJwk,
    z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  ]),
  /** Of a passkey: whose it is, and for which site it signs. */
  passkey: passkeySchema.optional(),
})

/** What the bundle says of other entries about the same person or case. */
const completenessSchema = z.strictObject({
  /** Whether no other entry in these logs, up to these checkpoints, is about it. */
  claimed: z.boolean(),
  /** Entries that were opened and examined. */
  examined: count,
  /**
   * Entries that were not opened, since their tags, made and bound to the leaf when it was sealed, are of others. An
   * earlier build opened all, and has none of these.
   */
  tagged: count.optional(),
  /** Entries that were erased, so that nobody can read them. */
  erased: count,
  /** Entries that are missing, or differ from what was sealed. */
  damaged: count,
  /** Entries without tags, or with a tag of the matter, beyond the number opened for one bundle. */
  notExamined: count,
  /** Looks at the log, and changes of the record, that were about it and are left out. */
  looks: count,
  records: count,
})
export type Completeness = z.infer<typeof completenessSchema>

/** `manifest.json`: the contents of the bundle, and every key needed to check it. */
export const manifestSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal('comity-evidence'),
  gateway: z.string(),
  /** Who asked, for what purpose, and for what: pseudonyms, or ids of entries. */
  question: z.strictObject({
    office: z.string(),
    jurisdiction: z.string(),
    purpose: z.string(),
    case: z.string().optional(),
    subject: z.string().optional(),
    entries: z.array(digest).optional(),
  }),
  /** The checkpoints as of which all of this is true: notes, by log. */
  checkpoints: z.record(z.string().refine(isLogName), z.string()),
  entries: z.array(z.strictObject({ eid: digest, log: z.string(), index: count })),
  /** Requested entries that are not in these checkpoints yet. */
  tooEarly: z.array(digest),
  completeness: completenessSchema.optional(),
  /** Everything above in words, as the page shows it. */
  says: z.array(z.string()),
  keys: keysFile.extend({
    agencies: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        jurisdiction: z.string(),
        keys: z.array(agencyKey),
      }),
    ),
  }),
  /** When each version of the law was sealed, retired and suspended. */
  law: z.record(
    z.string(),
    z.strictObject({
      sealedAt: z.string().optional(),
      retiredAt: z.string().optional(),
      suspensions: z
        .array(
          z.strictObject({
            from: z.string(),
            until: z.string().exactOptional(),
            /** Its end as known from each statement of the chain `law` on. */
            ends: z
              .array(z.strictObject({ number: z.int(), until: z.string().exactOptional() }))
              .exactOptional(),
          }),
        )
        .optional(),
    }),
  ),
  /** base64url SHA-256 of every file except the manifest and its signature, by path. */
  files: z.record(z.string(), digest),
})
/** A manifest as read. */
export type Manifest = z.infer<typeof manifestSchema>
/** A manifest as written, without what `makeBundle` adds. */
export type ManifestParts = Omit<z.input<typeof manifestSchema>, 'v' | 'kind' | 'files'>

/** `entries/<eid>.json`: an entry, as far as the office that asked may see it. */
export type EntryFile = {
  readonly v: 1
  /** Whose side this shows: `holder` is everything, `requester` what its agency said and was told. */
  readonly side: 'holder' | 'requester'
  /** base64url of the leaf. */
  readonly leaf: string
  /** Why its personal part is missing. */
  readonly closed?: 'erased' | 'restricted'
  /** The versions of the law of which the leaf has the digest: since version 3, of a decision. */
  readonly refs?: Refs
  readonly openings?: Openings
  readonly evidence?: Evidence
  /** What the requester was told, on the gateway's word, since its commitment stays closed. */
  readonly reply?: unknown
}

const refs = z.array(z.strictObject({ id: z.string(), version: z.string(), digest: z.string() }))

/** The schema of such a file. */
export const entryFileSchema = z.strictObject({
  v: z.literal(1),
  side: z.enum(['holder', 'requester']),
  leaf: z.string(),
  closed: z.enum(['erased', 'restricted']).optional(),
  refs: z.strictObject({ pol: refs, lists: refs }).optional(),
  openings: z
    .record(z.string(), z.strictObject({ salt: z.string(), value: z.unknown() }))
    .optional(),
  evidence: z.strictObject({ jws: z.string(), body: z.string() }).optional(),
  reply: z.unknown().optional(),
})

/** The header of the manifest's signature, with the key of evidence. */
export const signatureHeader = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.literal('comity-evidence+jws'),
  jwk: evidenceJwk,
})

/** The paths of a bundle. */
export const paths = {
  manifest: 'manifest.json',
  signature: 'manifest.jws',
  entry: (eid: string) => `entries/${eid}.json`,
  proof: (eid: string) => `proofs/${eid}.tlog-proof`,
  /** The entry's proof in a stamped checkpoint; and the stamp, a token of RFC 3161. */
  stamped: (eid: string) => `stamps/${eid}.tlog-proof`,
  stamp: (log: string, size: number) => `stamps/${log}/${size}.tst`,
  /** The path of a policy version, or of a list version, whose id has no folder. */
  law: ({ id, version }: { readonly id: string; readonly version: string }) =>
    `policies/${id.includes('/') ? id : `lists/${id}`}/${version}.json`,
} as const

/** Canonical JSON (RFC 8785) as bytes. Throws for a value that has none. */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value)
  if (text === undefined)
    throw new ComityError('couldn’t make evidence: a value has no canonical JSON')
  return Buffer.from(text, 'utf8')
}

/** Reads canonical JSON that fits a schema; undefined if it does not, or is not canonical. */
export function readCanonical<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  const value = valueIn(text, 64)
  return canonicalize(value) === text ? schema.safeParse(value).data : undefined
}

/** base64url SHA-256. */
export const digestOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url')

/** What people compare to check a key of evidence: its thumbprint (RFC 7638), 43 characters. */
export const fingerprintOf = (publicKey: Uint8Array): string => thumbprintOf(jwkOf(publicKey))

const jwkOf = (publicKey: Uint8Array): z.infer<typeof evidenceJwk> => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: Buffer.from(publicKey).toString('base64url'),
})

/** The zip of these files and a signed manifest. The same question gives the same bytes. */
export async function makeBundle(
  parts: ManifestParts,
  files: Files,
  key: { readonly publicKey: Uint8Array; sign(bytes: Uint8Array): Promise<Uint8Array> },
): Promise<Uint8Array> {
  const digests = Object.fromEntries([...files].map(([path, bytes]) => [path, digestOf(bytes)]))
  const manifest = canonicalBytes({ v: 1, kind: 'comity-evidence', ...parts, files: digests })
  const header = { alg: 'EdDSA', typ: 'comity-evidence+jws', jwk: jwkOf(key.publicKey) }
  const protectedHeader = Buffer.from(canonicalBytes(header)).toString('base64url')
  const signature = await key.sign(signingInput(protectedHeader, manifest))
  const jws = `${protectedHeader}..${Buffer.from(signature).toString('base64url')}`
  return writeZip(
    new Map([...files, [paths.manifest, manifest], [paths.signature, Buffer.from(jws)]]),
  )
}

/** The bytes that a detached JWS over a manifest signs (RFC 7515 §5.1 and appendix F). */
const signingInput = (protectedHeader: string, manifest: Uint8Array): Uint8Array =>
  Buffer.from(`${protectedHeader}.${Buffer.from(manifest).toString('base64url')}`)

/** Decides an entry again by the law of a book. Returns in words what differs; undefined if nothing does. */
export type DecidesAgain = (
  leaf: Leaf,
  refs: Refs,
  values: Readonly<Record<string, unknown>>,
  book: Book,
) => string | undefined

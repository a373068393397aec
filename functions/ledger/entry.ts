/**
 * What the gateway keeps of an act: the leaf, which is hashed into the ledger, and the personal part beside
 * it, encrypted so that it can be erased while the leaf still verifies.
 * FORMAT.md defines the bytes.
 */

import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { PolicyRef } from '../decision/decide.ts'
import type { Outcome } from '../decision/treatment.ts'
import { ComityError } from '../failure.ts'
import type { Tip } from '../policy/chain.ts'
import type { LawRef } from '../policy/law.ts'

/**
 * What an entry is about. A `consultation` is a look at the log itself. Later entries rest on a `set` of the
 * law and on the `statement`s of a chain; these are the gateway's own: no agency called for them.
 */
export type EntryKind =
  | 'decision'
  | 'attestation'
  | 'withdrawal'
  | 'countersignature'
  | 'objection'
  | 'review'
  | 'record'
  | 'consultation'
  | 'erasure'
  | 'restriction'
  | 'hold'
  | 'lift'
  | 'set'
  | 'statement'

/** The version of entries that this program writes; it reads every earlier one. */
const entryVersion = 2

/** The part of an entry that is hashed: no personal data, only salted commitments to it. */
export type Leaf = {
  /** 1 or 2; an entry of version 1 has no `kept`. */
  readonly v: number
  readonly t: EntryKind
  /** The log that the entry belongs to: `<gateway>/<holder jurisdiction>/<year>`. */
  readonly log: string
  /**
   * base64url SHA-256 of `iss`, 0x1F, `jti`: who asked, and in which call; for a look, see `entryIdUnder`.
   */
  readonly eid: string
  /** UTC, milliseconds: `2026-11-24T22:25:46.123Z`. */
  readonly ts: string
  /** Jurisdictions of the holder and of the agency that called. */
  readonly hj: string
  readonly aj: string
  readonly out?: Outcome
  readonly standing?: 'open' | 'final'
  readonly dryRun?: true
  /** The entry that this one asks again, or withdraws. */
  readonly previous?: string
  /** The policies that applied and the lists that were read, sorted by id. */
  readonly pol: readonly PolicyRef[]
  readonly lists: readonly PolicyRef[]
  /**
   * For a decision: the set of the law, and how far the chain `law` had been read. Older entries name none.
   */
  readonly law?: LawRef
  /** For a statement: its chain, number and digest. */
  readonly stated?: { readonly chain: string } & Tip
  /** Digest of the gateway's own build. */
  readonly eng: string
  /** base64url SHA-256 of the signing input of the agency's JWS. */
  readonly req: string
  /** Commitment to what left; the value itself is nowhere in the ledger. */
  readonly pay?: string
  /** Commitments to the openings, by name. */
  readonly d: Readonly<Record<string, string>>
  /** Digest of what the item holds beside the leaf, so that a change there is detected without a key. */
  readonly kept?: string
}

/** The fields that `makeEntry` adds to a header to make a leaf. */
type Made = 'v' | 'd' | 'kept'

/** The value behind a commitment, and the salt that hides it. */
type Opening = { readonly salt: string; readonly value: unknown }
/** Openings by name. */
export type Openings = Readonly<Record<string, Opening>>

/** The agency's own words, kept as evidence. */
export type Evidence = { readonly jws: string; readonly body: string }

/** An entry ready to be written. */
export type Entry = {
  readonly leaf: Leaf
  readonly leafBytes: Uint8Array
  /** RFC 6962 leaf hash: SHA-256 of 0x00 and the leaf bytes. */
  readonly leafHash: Uint8Array
  /** The attempt that wrote it, so that the writer recognises its own success after a lost answer. */
  readonly attempt: string
  /** Openings and evidence, encrypted under the subject's key. */
  readonly ciphertext: Uint8Array
  /** The key that opens it. */
  readonly kid: string
}

/** Longest leaf, bytes: far above what a decision needs, below the 65,535 of a C2SP entry bundle. */
export const leafBytesMax = 16_384

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Canonical JSON (RFC 8785). */
function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new ComityError('couldn’t write canonical JSON: the value has none')
  return text
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** The id of the entry that a call makes: the same for every retry. */
export const entryId = (agency: string, jti: string): string =>
  sha256(agency, '\u001f', jti).toString('base64url')

/**
 * The id of an entry that every repeat of the same thing finds again. It is derived from the key that keeps
 * the entry: nobody else can guess from it what the entry says, and once the key is erased, nobody can.
 */
export const entryIdUnder = (kek: Uint8Array, same: unknown): string => {
  const info = `comity same ${sha256(canonical(same)).toString('base64url')}`
  return base64url(Buffer.from(hkdfSync('sha256', kek, '', info, 32)))
}

/** The log of a holder's jurisdiction in the year of `ts`. */
export const logOf = (gateway: string, holderJurisdiction: string, ts: string): string =>
  `${gateway}/${holderJurisdiction.toLowerCase()}/${ts.slice(0, 4)}`

/** Whether an entry is the gateway's own: no agency called for it, so no call shows when it was made. */
export const isOwn = ({ t }: Pick<Leaf, 't'>): boolean => t === 'set' || t === 'statement'

/** A salted commitment: base64url SHA-256 of 0x02, the salt and the value's canonical JSON (RFC 8785). */
export const commitment = ({ salt, value }: Opening): string =>
  committed(Buffer.from(salt, 'base64url'), canonical(value))

const committed = (salt: Uint8Array, value: string): string =>
  sha256(Uint8Array.of(2), salt, value).toString('base64url')

/** RFC 6962 §2.1: the hash of a leaf. */
export const leafHash = (leafBytes: Uint8Array): Buffer => sha256(Uint8Array.of(0), leafBytes)

/** base64url SHA-256 of a signing input. */
export const requestDigest = (signingInput: string): string =>
  sha256(signingInput).toString('base64url')

/**
 * Makes an entry. `random` gives fresh bytes for the salts and the nonce; `key.kek` is the subject's key.
 * Throws if the leaf would be longer than `leafBytesMax`.
 */
export function makeEntry(
  header: Omit<Leaf, Made>,
  values: Readonly<Record<string, unknown>>,
  evidence: Evidence,
  key: { readonly kid: string; readonly kek: Uint8Array },
  attempt: string,
  random: (bytes: number) => Uint8Array,
): Entry {
  const d: Record<string, string> = {}
  const opened: string[] = []
  for (const name of Object.keys(values).sort()) {
    if (values[name] === undefined) continue
    const salt = random(32)
    // Serialised once: hashed here, and encrypted below.
    const value = canonical(values[name])
    d[name] = committed(salt, value)
    opened.push(`${JSON.stringify(name)}:{"salt":"${base64url(salt)}","value":${value}}`)
  }
  // Canonical JSON, assembled from canonical parts: names in order, no spaces.
  const plain = `{"evidence":${canonical(evidence)},"openings":{${opened.join(',')}}}`
  const ciphertext = encrypt(plain, key.kek, header, random(12))
  const { kid } = key
  const leaf: Leaf = {
    v: entryVersion,
    ...header,
    d,
    kept: keptDigest({ attempt, kid, ciphertext }),
  }
  const leafBytes = Buffer.from(canonical(leaf), 'utf8')
  if (leafBytes.length > leafBytesMax)
    throw new ComityError(`couldn’t make the entry: its leaf has ${leafBytes.length} bytes`)
  return { leaf, leafBytes, leafHash: leafHash(leafBytes), attempt, ciphertext, kid }
}

/** Digest of what an item holds beside its leaf: the attempt that wrote it, the key’s id, the ciphertext. */
export const keptDigest = ({
  attempt,
  kid,
  ciphertext,
}: Pick<Entry, 'attempt' | 'kid' | 'ciphertext'>): string =>
  sha256(Uint8Array.of(3), attempt, '\u001f', kid, '\u001f', ciphertext).toString('base64url')

/** The leaf in these bytes, or in words why this program cannot read it: an unknown version or form. */
export function readLeaf(leafBytes: Uint8Array): Leaf | string {
  try {
    // A cast: we made every leaf whose hash is in the caller's log, so it has this form.
    const leaf = JSON.parse(Buffer.from(leafBytes).toString('utf8')) as Leaf
    return Number.isInteger(leaf.v) && leaf.v >= 1 && leaf.v <= entryVersion
      ? leaf
      : 'its version is not known here'
  } catch {
    return 'its leaf is not JSON'
  }
}

/** Openings and evidence of a stored entry. Throws if the key or the bytes are wrong. */
export function openEntry(
  leaf: Leaf,
  ciphertext: Uint8Array,
  kek: Uint8Array,
): { readonly openings: Openings; readonly evidence: Evidence } {
  const nonce = ciphertext.subarray(0, 12)
  const tag = ciphertext.subarray(ciphertext.length - 16)
  const decipher = createDecipheriv('aes-256-gcm', dataKey(kek, leaf), nonce, {
    authTagLength: 16,
  })
  decipher.setAAD(boundTo(leaf))
  decipher.setAuthTag(tag)
  const plain = Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()])
  return JSON.parse(plain.toString('utf8')) as { openings: Openings; evidence: Evidence }
}

/** The names of openings that do not match their commitments; none in an honest entry. */
export const wrongOpenings = (leaf: Leaf, openings: Openings): readonly string[] =>
  [...new Set([...Object.keys(leaf.d), ...Object.keys(openings)])].filter((name) => {
    const opening = openings[name]
    return opening === undefined || leaf.d[name] !== commitment(opening)
  })

/** AES-256-GCM under a key for this entry alone; 12 bytes of nonce, the ciphertext, 16 bytes of tag. */
function encrypt(plain: string, kek: Uint8Array, leaf: Bound, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', dataKey(kek, leaf), nonce)
  cipher.setAAD(boundTo(leaf))
  return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** What the encryption is bound to. */
type Bound = Pick<Leaf, 'eid' | 'log'>

const dataKey = (kek: Uint8Array, { eid }: Bound): Buffer =>
  Buffer.from(hkdfSync('sha256', kek, '', `comity entry ${eid}`, 32))

const boundTo = ({ eid, log }: Bound): Buffer => Buffer.from(`${eid}\u001f${log}`, 'utf8')

// Quarters of a year: subjects' keys change each quarter, so that retention can end by quarter.

/** The quarter of `ts` in UTC, such as `2026-Q4`; later quarters sort after earlier ones. */
export const quarterOf = (ts: string): string =>
  `${ts.slice(0, 4)}-Q${Math.ceil(Number(ts.slice(5, 7)) / 3)}`

/** The moment at which a quarter begins. */
export const startOf = (quarter: string): string =>
  `${quarter.slice(0, 4)}-${String(3 * Number(quarter.slice(6)) - 2).padStart(2, '0')}-01T00:00:00.000Z`

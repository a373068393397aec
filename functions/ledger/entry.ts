/**
 * What the gateway keeps of an act: the leaf, which is hashed into the ledger, and the personal part beside
 * it, encrypted so that it can be erased while the leaf still verifies.
 * FORMAT.md defines the bytes.
 */

import { createDecipheriv, createHash, type Hash, hash, hkdfSync } from 'node:crypto'
import type { PolicyRef } from '../decision/decide.ts'
import type { Outcome } from '../decision/treatment.ts'
import { ComityError } from '../failure.ts'
import type { Tip } from '../policy/chain.ts'
import type { LawRef } from '../policy/law.ts'
import { canonical } from './canonical.ts'
import { closeParts, openParts, partKeys } from './parts.ts'

/**
 * What an entry is about. A `consultation` is a look at the log itself, a `delivery` says that an answer left by
 * another way than this gateway, a `duty` that the holder did what it owed, a `response` that an office refused
 * a denial or asked back, a `file` that one of an answer was given to whoever may have it, a `recall` that whoever got something must not use it. A `notice` tells somebody what has become of an open denial. Later entries rest on a
 * `set` of the law and on the `statement`s of a chain. These three are the gateway's own: no agency called for
 * them.
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
  | 'delivery'
  | 'duty'
  | 'response'
  | 'file'
  | 'recall'
  | 'notice'
  | 'set'
  | 'statement'

/** The version of entries that this program writes; it reads every earlier one. */
const entryVersion = 5

/** The part of an entry that is hashed: no personal data, only salted commitments to it. */
export type Leaf = {
  /** From 1 to 5; an entry of version 1 has no `kept`. Since 5 an answered no makes a person decide. */
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
  /** The entry that this one asks again, or takes back, or gives notice of. */
  readonly previous?: string
  /** For a decision: the policies that applied, as `<id>@<version>`, sorted by id; older entries: whole. */
  readonly pol?: readonly (string | PolicyRef)[]
  /** The lists that were read, sorted by id: only in entries older than version 3. */
  readonly lists?: readonly PolicyRef[]
  /** For a decision since version 3: the digest of its policies and lists (`named`). */
  readonly refs?: string
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

/** The versions of the law that decided: the policies that applied, and the lists that were read. */
export type Refs = { readonly pol: readonly PolicyRef[]; readonly lists: readonly PolicyRef[] }

/** What a leaf says of the law that decided: the names of the policies, and the digest of all. */
export function named({ pol, lists }: Refs) {
  const policies = byId(pol)
  const text = textOf(policies)
  const digests = refsDigests.get(lists) ?? new Map<string, string>()
  refsDigests.set(lists, digests)
  const refs = digests.get(text) ?? digestOf(`{"lists":${textOf(byId(lists))},"pol":${text}}`)
  if (digests.size < digestsMax) digests.set(text, refs)
  return { pol: policies.map(nameOf), refs }
}

/** The digests of versions that decided, by the lists that were read: many decisions read the same. */
const refsDigests = new WeakMap<Refs['lists'], Map<string, string>>()
/** Most digests remembered for the same lists: each takes some 2 KB. */
const digestsMax = 256

/** A version by its id, its name and the digest of its bytes, and nothing else. */
export const refOf = ({ id, version, digest }: PolicyRef): PolicyRef => ({ id, version, digest })

/** In the order in which a leaf names them. */
export const byId = (refs: readonly PolicyRef[]): readonly PolicyRef[] =>
  refs.toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** The text of versions, put together from those of each, since many decisions name the same. */
const textOf = (refs: readonly PolicyRef[]): string => `[${refs.map(refText).join()}]`

const refTexts = new WeakMap<PolicyRef, string>()

function refText(ref: PolicyRef): string {
  const known = refTexts.get(ref)
  if (known !== undefined) return known
  const text = canonical(refOf(ref))
  refTexts.set(ref, text)
  return text
}

const nameOf = ({ id, version }: Pick<PolicyRef, 'id' | 'version'>): string => `${id}@${version}`

/**
 * The versions of the law that an entry names: its own, before version 3; since then `found`, if the leaf has its
 * digest. Undefined if it has another, so that other versions decided.
 */
export function refsOf(
  { pol = [], lists = [], refs }: Leaf,
  found: Refs | undefined,
): Refs | undefined {
  if (refs !== undefined) {
    const says = found && named(found)
    return says?.refs === refs && canonical(says.pol) === canonical(pol) ? found : undefined
  }
  return { pol: pol.filter((each) => typeof each !== 'string'), lists }
}

/** The policies that an entry of any version names, as `<id>@<version>`. */
export const policyNames = ({ pol = [] }: Pick<Leaf, 'pol'>): readonly string[] =>
  pol.map((each) => (typeof each === 'string' ? each : nameOf(each)))

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

const sha256 = (...parts: readonly (Uint8Array | string)[]): Hash => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash
}

/** base64url SHA-256 of a text. */
const digestOf = (text: string): string => hash('sha256', text, 'base64url')

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** The id of the entry that a call makes: the same for every retry. */
export const entryId = (agency: string, jti: string): string => digestOf(`${agency}\u001f${jti}`)

/**
 * The id of an entry that every repeat of the same thing finds again. It is derived from the key that keeps
 * the entry: nobody else can guess from it what the entry says, and once the key is erased, nobody can.
 */
export const entryIdUnder = (kek: Uint8Array, same: unknown): string => {
  const info = `comity same ${digestOf(canonical(same))}`
  return base64url(Buffer.from(hkdfSync('sha256', kek, '', info, 32)))
}

/** The log of a holder's jurisdiction in the year of `ts`. */
export const logOf = (gateway: string, holderJurisdiction: string, ts: string): string =>
  `${gateway}/${holderJurisdiction.toLowerCase()}/${ts.slice(0, 4)}`

/** Whether an entry is the gateway's own: no agency called for it, so no call shows when it was made. */
export const isOwn = ({ t }: Pick<Leaf, 't'>): boolean =>
  t === 'set' || t === 'statement' || t === 'notice'

/**
 * Whether no agency signed a call for an entry: it is the gateway's own, or a look on a page, by a session. Its time
 * is the gateway's word alone.
 */
export const isUncalled = ({ t, req }: Pick<Leaf, 't' | 'req'>): boolean =>
  isOwn({ t }) || (t === 'consultation' && req === requestDigest(''))

/** A salted commitment: base64url SHA-256 of 0x02, the salt and the value's canonical JSON (RFC 8785). */
export const commitment = ({ salt, value }: Opening): string =>
  committed(Buffer.from(salt, 'base64url'), canonical(value))

const committed = (salt: Uint8Array, value: string): string =>
  sha256(Uint8Array.of(2), salt, value).digest('base64url')

/** RFC 6962 §2.1: the hash of a leaf. */
export const leafHash = (leafBytes: Uint8Array): Buffer =>
  sha256(Uint8Array.of(0), leafBytes).digest()

/** base64url SHA-256 of a signing input. */
export const requestDigest = (signingInput: string): string => digestOf(signingInput)

/**
 * The fewest kilobytes of what was found. Of a decision two, and one more for every three classes asked for: that is room
 * for some four items of each, so that its length does not say whether somebody was found.
 */
function leastBlocks(
  { t }: Pick<Leaf, 't'>,
  { matter }: Readonly<Record<string, unknown>>,
): number {
  // A cast: the matter of a decision.
  const { classes = [] } = (matter ?? {}) as { readonly classes?: readonly string[] }
  return t === 'decision' ? 2 + Math.floor(classes.length / 3) : 1
}

/** The name of the value that says, of an entry, what the gateway read in its call. */
const ofCaller = 'call'

/**
 * Makes an entry. `random` gives fresh bytes for the nonces; `key.kek` is the subject's key. Throws if the leaf
 * would be longer than `leafBytesMax`, or what is kept beside it than `partBytesMax`.
 */
export function makeEntry(
  header: Omit<Leaf, Made>,
  values: Readonly<Record<string, unknown>>,
  evidence: Evidence,
  key: { readonly kid: string; readonly kek: Uint8Array },
  attempt: string,
  random: (bytes: number) => Uint8Array,
): Entry {
  const { kid, kek } = key
  const names = Object.keys(values)
    .filter((name) => values[name] !== undefined)
    .sort()
  const keys = partKeys(kek, header.eid, names.length)
  const d: Record<string, string> = {}
  const findings: string[] = []
  let call = ''
  for (const [i, name] of names.entries()) {
    // Written once: hashed here, and encrypted below.
    const value = canonical(values[name])
    d[name] = committed(keys.salts[i] ?? none, value)
    if (name === ofCaller) call = `"${ofCaller}":${value},`
    else findings.push(`${JSON.stringify(name)}:${value}`)
  }
  // Canonical JSON, assembled from canonical parts: names in order, no spaces.
  const { body, jws } = evidence
  const caller = `{"body":${canonical(body)},${call}"jws":${canonical(jws)}}`
  const parts = { caller, findings: `{${findings.join(',')}}` }
  const ciphertext = closeParts(parts, keys, boundTo(header), leastBlocks(header, values), random)
  const kept = keptDigest({ attempt, kid, ciphertext })
  const leaf: Leaf = { v: entryVersion, ...header, d, kept }
  const leafBytes = Buffer.from(canonical(leaf), 'utf8')
  if (leafBytes.length > leafBytesMax)
    throw new ComityError(`couldn’t make the entry: its leaf has ${leafBytes.length} bytes`)
  return { leaf, leafBytes, leafHash: leafHash(leafBytes), attempt, ciphertext, kid }
}

const none = new Uint8Array()

/** Digest of what an item holds beside its leaf: the attempt that wrote it, the key’s id, the ciphertext. */
export const keptDigest = ({
  attempt,
  kid,
  ciphertext,
}: Pick<Entry, 'attempt' | 'kid' | 'ciphertext'>): string =>
  sha256(Uint8Array.of(3), `${attempt}\u001f${kid}\u001f`, ciphertext).digest('base64url')

/** A leaf as JSON; undefined if it is none. */
function leafJson(leafBytes: Uint8Array): { readonly v?: unknown } | undefined {
  try {
    return Object(JSON.parse(Buffer.from(leafBytes).toString('utf8')))
  } catch {
    return undefined
  }
}

const newerFormat = (v: unknown): string | undefined =>
  Number.isInteger(v) && Number(v) > entryVersion
    ? `a newer build wrote it, in format ${v}; this one knows ${entryVersion}`
    : undefined

/** That a newer build wrote an entry, in a format that this one does not know; undefined of any other. */
export const newerIn = (leafBytes: Uint8Array): string | undefined =>
  newerFormat(leafJson(leafBytes)?.v)

/**
 * The leaf in these bytes, or in words what is wrong with it. Throws with `newer` if a newer build wrote it: it is neither
 * absent nor changed.
 */
export function readLeaf(leafBytes: Uint8Array, what = 'an entry'): Leaf | string {
  const leaf = leafJson(leafBytes)
  if (leaf === undefined) return 'its leaf is not JSON'
  const newer = newerFormat(leaf.v)
  if (newer !== undefined) throw new ComityError(`couldn’t read ${what}: ${newer}`, 'newer')
  // A cast: we made every leaf whose hash is in the caller's log, so it has this form.
  return Number.isInteger(leaf.v) && Number(leaf.v) >= 1
    ? (leaf as Leaf)
    : 'its version is not known here'
}

/**
 * What is kept beside a leaf: the value and salt behind each commitment, and the call. `isLeft` if what was found was
 * destroyed: then values say that nothing was, and only those with a salt are behind their commitments.
 */
export type Beside = {
  readonly openings: Openings
  readonly evidence: Evidence
  readonly isLeft?: true
}

/** A subject's key, with what was left of entries of which it no longer opens what was found, by id. */
export type Kek = Uint8Array & { readonly left?: ReadonlyMap<string, Beside> }

/** Openings and evidence of a stored entry. Throws if the key or the bytes are wrong. */
export function openEntry(leaf: Leaf, ciphertext: Uint8Array, kek: Kek): Beside {
  const left = kek.left?.get(leaf.eid)
  if (left !== undefined) return left
  if (leaf.v < 3) return openOlder(leaf, ciphertext, kek)
  const names = Object.keys(leaf.d).sort()
  const keys = partKeys(kek, leaf.eid, names.length)
  const parts = openParts(leaf.v, ciphertext, keys, boundTo(leaf))
  // Casts: the key has just shown that we wrote this.
  const { body, jws, ...rest } = JSON.parse(parts.caller) as Evidence & { readonly call?: unknown }
  const values = { ...(JSON.parse(parts.findings) as Readonly<Record<string, unknown>>), ...rest }
  const salts = new Map(names.map((name, i) => [name, base64url(keys.salts[i] ?? none)]))
  const openings = Object.entries(values).map(([name, value]) => [
    name,
    { salt: salts.get(name) ?? '', value },
  ])
  return { openings: Object.fromEntries(openings), evidence: { jws, body } }
}

function openOlder(leaf: Leaf, ciphertext: Uint8Array, kek: Uint8Array): Beside {
  const nonce = ciphertext.subarray(0, 12)
  const tag = ciphertext.subarray(ciphertext.length - 16)
  const key = Buffer.from(hkdfSync('sha256', kek, '', `comity entry ${leaf.eid}`, 32))
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  decipher.setAAD(Buffer.from(boundTo(leaf), 'utf8'))
  decipher.setAuthTag(tag)
  const plain = Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()])
  return JSON.parse(plain.toString('utf8')) as Beside
}

/** The names of openings that do not match their commitments; none in an honest entry. */
export const wrongOpenings = (leaf: Leaf, openings: Openings): readonly string[] =>
  [...new Set([...Object.keys(leaf.d), ...Object.keys(openings)])].filter((name) => {
    const opening = openings[name]
    return opening === undefined || leaf.d[name] !== commitment(opening)
  })

/** What the encryption is bound to. */
const boundTo = ({ eid, log }: Pick<Leaf, 'eid' | 'log'>): string => `${eid}\u001f${log}`

// Quarters of a year: subjects' keys change each quarter, so that retention can end by quarter.

/** The quarter of `ts` in UTC, such as `2026-Q4`; later quarters sort after earlier ones. */
export const quarterOf = (ts: string): string =>
  `${ts.slice(0, 4)}-Q${Math.ceil(Number(ts.slice(5, 7)) / 3)}`

/** The moment at which a quarter begins. */
export const startOf = (quarter: string): string =>
  `${quarter.slice(0, 4)}-${String(3 * Number(quarter.slice(6)) - 2).padStart(2, '0')}-01T00:00:00.000Z`

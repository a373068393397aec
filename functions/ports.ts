/** What the wings need from outside, with the promises of each port. */

import type { Attestation, Countersignature, KeyUse, Objection } from './decision/attestation.ts'
import type { Matter } from './decision/attested.ts'
import type { FindingCache } from './decision/finding-cache.ts'
import type { HeldRecord, Subject } from './decision/record.ts'
import type { FileContents, FilesGiven } from './file-ports.ts'
import type { Agency } from './identity/register.ts'
import type {
  Duties,
  EntryLists,
  Events,
  Handovers,
  Inbox,
  Messages,
  PersonsAsked,
  Refusals,
  Responses,
  Reviews,
} from './inbox-ports.ts'
import type { Beside, Entry, Kek } from './ledger/entry.ts'
import type { ReceiptPayload } from './ledger/receipt.ts'
import type { Book, SourceFile } from './policy/book.ts'
import type { Link, Tip } from './policy/chain.ts'
import type { LawNow, LawRef, NotHeld } from './policy/law.ts'
import type { LawSet } from './policy/set.ts'
import type { Exchange, Questions, Systems } from './question-ports.ts'

/** A signing key: in a file here, in KMS in the cloud. */
export type SigningKey = {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/**
 * The ledger.
 *
 * `append` is one conditional write. If it answers `durable`, the entry survives the loss of this process,
 * and only then. `already` returns the durable entry of another attempt under the same id, which never
 * changes again. `unavailable` promises nothing either way, so nothing may leave.
 */
export type Ledger = {
  append(entry: Entry): Promise<Appended>
  /** The entry as last written, never an older view; undefined if there is none. */
  read(eid: string): Promise<Durable | undefined>
  /** The entries that exist, by id. */
  readAll(eids: readonly string[]): Promise<ReadonlyMap<string, Durable>>
}

/** The result of appending an entry. */
export type Appended =
  | { readonly kind: 'durable'; readonly entry: Durable }
  | { readonly kind: 'already'; readonly entry: Durable }
  | { readonly kind: 'unavailable'; readonly why: string }

/** An entry as it is stored. */
export type Stored = Entry

declare const durable: unique symbol

/**
 * Proof that an entry is durable. INVARIANT (no entry, no release): only the ledger's adapter makes one,
 * after its write succeeded, and nothing leaves without one.
 */
export type Durable = Stored & { readonly [durable]: true }

/**
 * The keys that encrypt the personal part of entries: one for each subject in a holder's jurisdiction, by
 * pseudonym, and each quarter of a year. Never cached.
 *
 * INVARIANT (hold): if `hold` and `shred` come at once, only one takes effect, since one write decides.
 * INVARIANT (kept): entries by which something left have a key of their own, so that a `shred` that must keep
 * disclosures destroys none of them, however late they come.
 */
export type SubjectKeys = {
  /**
   * The subject's key at a moment (`2026-11-24T22:25:46.123Z`), made durably if there is none. A new
   * generation is made after an erasure, after a restriction, in a later quarter, and for the first entry
   * that `discloses`.
   */
  keyFor(
    jurisdiction: string,
    pseudonym: string,
    at: string,
    discloses?: boolean,
  ): Promise<SubjectKey>
  /**
   * Looks for the subject's key now, and makes none. What it resolves to gives the key as `keyFor` does, from
   * what was seen: an erasure or a restriction since then does not count.
   */
  look(
    jurisdiction: string,
    pseudonym: string,
  ): Promise<(at: string, discloses?: boolean) => Promise<SubjectKey>>
  /**
   * A further key of the subject's, made durably for the content of one file. It is of no quarter, so no period of
   * the law on logs ends it.
   */
  forFile(jurisdiction: string, pseudonym: string): Promise<SubjectKey>
  /** The key by its id; undefined once it was erased. */
  open(kid: string): Promise<Kek | undefined>
  /** Those of these keys, by their ids, that were not erased. */
  openEach(kids: readonly string[]): Promise<ReadonlyMap<string, Kek>>
  /**
   * The key for acting on what it opens, or for giving that again: also undefined while that is kept as
   * evidence only (LED art. 16(3)).
   */
  openToAct(kid: string): Promise<Kek | undefined>
  /** The subject's keys that still open, the oldest first. */
  generations(jurisdiction: string, pseudonym: string): Promise<readonly Generation[]>
  /**
   * Destroys a key for ever, unless it is held, or was made for disclosures in the quarter `keptFrom`
   * (`2025-Q1`) or later. Repeating it changes nothing.
   */
  shred(kid: string, keptFrom?: string): Promise<'shredded' | 'held' | 'kept'>
  /**
   * Destroys a key for ever, unless it is held, and makes another under its id in one step: of these entries it opens
   * `left` alone, and what is entered from then on. Returns whether it did. Repeating it does the same once more.
   */
  replace(kid: string, left: ReadonlyMap<string, Beside>): Promise<boolean>
  /**
   * Removes the ids of the subject's destroyed keys, by which its entries name them: once it returns, nothing
   * leads from an entry to its subject. After a crash, calling it again removes what is left.
   */
  forget(jurisdiction: string, pseudonym: string): Promise<void>
  /**
   * Holds a key against erasure, for an act by its id. Returns whether it is held now: it is not if it was
   * erased, or if the act was lifted already. Repeating it changes nothing.
   */
  hold(kid: string, act: string): Promise<boolean>
  /**
   * Restricts what a key opens to evidence (LED art. 16(3)), for an act; with `findings`, for the holder’s side alone.
   * Otherwise like `hold`.
   */
  restrict(kid: string, act: string, findings?: 'findings'): Promise<boolean>
  /** Ends for ever what an act holds or restricts. Other acts still hold. */
  lift(kid: string, act: string): Promise<void>
  /** Whether what the key opens is kept as evidence only (LED art. 16(3)): for everybody or, with `findings`, for the holder’s side. */
  isRestricted(kid: string, findings?: 'findings'): Promise<boolean>
}
/** The state of a subject's key, without the key. */
export type Generation = {
  readonly kid: string
  /** Its subject, by pseudonym. */
  readonly subject: string
  readonly isHeld: boolean
}
/**
 * Keys of a jurisdiction that are not held and are from a quarter before this one (`2027-Q1`): those that
 * still open, and those destroyed but not forgotten. Keys from before quarters are never among them.
 */
export type EarlierKeys = (jurisdiction: string, quarter: string) => AsyncIterable<Generation>
/** A subject's key and the id by which an entry names it. */
export type SubjectKey = { readonly kid: string; readonly kek: Uint8Array }

/** A holder's records. */
export type Holder = {
  /**
   * All records that fit the identifier; `away` if the holder cannot answer in time. Calls `atLastRead` just before
   * it sends the last read that this takes, hit or no hit.
   */
  find(holder: Agency, subject: Subject, atLastRead?: () => void): Promise<FoundRecord>
}
type Exchanged = Partial<Exchange> & { readonly refused?: string }
/** The result of `find`. */
export type FoundRecord = (
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly record: HeldRecord }
  | { readonly kind: 'several'; readonly ids: readonly string[] }
  | { readonly kind: 'away' }
) & {
  /** What the gateway and the holder's own system signed; `picked` of the record that an officer picked. */
  readonly exchange?: Exchanged & { readonly picked?: Exchanged }
}

/** When a record was last changed, put and erased, the entries that corrected it since, and whether there is one. */
export type LastChanged = { readonly ts: string; readonly isHeld: boolean } & {
  readonly [what in 'putTs' | 'erasedTs']?: string | undefined
} & { readonly corrected: readonly string[] }

/** Records kept in the gateway, for holders with no system of their own. */
export type Records = Holder & {
  /** The record, or undefined. */
  get(holder: Agency, id: string): Promise<HeldRecord | undefined>
  /** What the record under an id shows of its changes, even if it cannot be read; undefined if there never was one. */
  last(holder: Agency, id: string): Promise<LastChanged | undefined>
  /**
   * Durable once it returns. Replaces what is under the id, unless that has a later `ts` (the time of the
   * entry that orders the change), so that a late retry undoes nothing newer.
   * With `mayFollow` it follows only what that allows, and no correction of a later `ts`: otherwise `false`.
   */
  put(
    holder: Agency,
    record: HeldRecord,
    ts: string,
    mayFollow?: (held: HeldRecord | 'unreadable' | undefined) => boolean,
  ): Promise<boolean>
  /**
   * Changes items of a record, durable once it returns; `false` if there is no record, or if `change` gives none
   * for it. Two at once both take effect. One entry takes effect once, and not on a record put after its `ts`.
   */
  correct(
    holder: Agency,
    id: string,
    entry: { readonly eid: string; readonly ts: string },
    change: (record: HeldRecord) => HeldRecord | undefined,
  ): Promise<boolean>
  /**
   * Erases the record under the id, with every way to find it. Returns whether it is gone: it is not if it
   * was put at a later `ts` and not erased since. Only times stay, so that a late retry undoes nothing newer.
   */
  erase(holder: Agency, id: string, ts: string): Promise<boolean>
}

/**
 * The register of agencies, as registrars signed it. An agency, or its absence, may be up to a minute old: if
 * the register is away for longer, it rejects. It also rejects if the statements on an agency do not hold.
 */
export type Register = {
  agency(id: string): Promise<Agency | undefined>
  /**
   * Every agency, as last written. A statement that does not count affects only its own agency: `malformed`
   * is called with that agency's id; with every id, if the registrars’ own statements do not hold.
   */
  all(malformed?: (id: string) => void): Promise<readonly Agency[]>
  /** The chains of the registrars and of an agency, as far as they hold; absent if there are none. */
  readonly chains?: (id: string) => Promise<readonly Chain[]>
}

/** A chain of statements as known now (`policy/chain.ts`). */
export type Chain = {
  /** Such as `law`, or `register/DE-BKA`. */
  readonly name: string
  readonly tip: Tip
  readonly statements: readonly Link<unknown>[]
}

/** An attestation as kept for matching. Its ground is only in its entry. */
export type KeptAttestation = Omit<Attestation, 'ground'>
/** An objection as kept for matching. */
export type KeptObjection = Omit<Objection, 'ground'>
/** One or the other, as its row says it. */
export type KeptVouching = KeptAttestation | KeptObjection

/** The agency and key that signed a call, and its entry. */
export type SignedBy = Pick<KeyUse, 'agency' | 'kid' | 'at'> & { readonly entry: string }

/** Attestations, kept for the holder whose requests they are about, with the keys that signed each act. */
export type Attestations = {
  /**
   * Everything that may count for a matter at the instant `at`, as last written; what had ended by then is left out
   * where nothing else hangs on it. Those taken back are separate: decisions to release still replace earlier ones,
   * and a withdrawal by somebody else's signature ends nothing. Of a matter that `isNew` nothing can have been said
   * by its id. Fails if there is more than can be read: what is not read may hold data back.
   */
  about(holder: string, matter: Matter, at: string, isNew?: boolean): Promise<FoundVouching>
  /** Durable once it returns. Repeating it changes nothing. */
  put(attestation: KeptAttestation): Promise<void>
  get(id: string): Promise<KeptAttestation | undefined>
  /** Once it returns, the attestation no longer counts. */
  takeBack(attestation: KeptAttestation, by: SignedBy): Promise<void>
  /** Durable once it returns; the same twice is one. */
  sign(attestation: KeptAttestation, signature: Countersignature, by: SignedBy): Promise<void>
  /**
   * Adds a person to those of a case, by pseudonym and by the request that asked for them. Repeating it
   * changes nothing.
   */
  addPerson(
    attestation: KeptAttestation,
    person: string,
    request: string,
    by: SignedBy,
  ): Promise<void>
  /**
   * Removes a person from everything that names them, and removes what is only about their matters, except
   * what holds data back: objections, and statements against a disclosure that still last at `at`. Nothing
   * else leads to the person once it returns. After a crash, calling it again removes what is left.
   */
  forget(person: string, at: string): Promise<void>
  /** From then on, the facts that it reaches are unknown. Repeating it changes nothing. */
  object(objection: KeptObjection): Promise<void>
  objection(id: string): Promise<KeptObjection | undefined>
  endObjection(objection: KeptObjection, by: SignedBy): Promise<void>
  /** General attestations for a holder that end between two moments, the first to end first. */
  ending(holder: string, from: string, until: string): Promise<readonly KeptAttestation[]>
  /**
   * Decisions on releases for a holder that end after a moment and were not taken back, of those wanted; at most 200, the
   * first to end first. `complete` is false if there may be more.
   */
  decisions(
    holder: string,
    after: string,
    isWanted: (decision: KeptAttestation) => boolean,
  ): Promise<{ readonly decisions: readonly KeptAttestation[]; readonly complete: boolean }>
}

/** What offices said about a matter. */
export type FoundVouching = {
  readonly attestations: readonly KeptAttestation[]
  readonly takenBack: readonly KeptAttestation[]
  readonly objections: readonly KeptObjection[]
  readonly ended: readonly KeptObjection[]
  readonly missing?: readonly WithoutRow[]
}

/** What was said, as its mark shows, and no row says any more: its entry does, and those of the uses of keys on it. */
export type WithoutRow = {
  readonly id: string
  /** It stands against a disclosure. */
  readonly isAgainst: boolean
  readonly uses: readonly KeyUse[]
}

/** The secrets of this gateway, opened once. */
export type Secrets = {
  /** A pseudonym of an identifier under the key of a jurisdiction: 128 bits, base64url. */
  pseudonym(jurisdiction: string, identifier: string): string
  /** Signs a receipt. */
  receipt(payload: ReceiptPayload): Promise<string>
  /** Signs evidence. The key never changes, so that the same evidence has the same signature. */
  readonly evidence: SigningKey
  /** The public keys of receipts and of evidence, as a JWK Set (RFC 7517). */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** The sealed policies and lists of one set, and which of them are suspended. */
export type Law = {
  /** The law as known now, never older than a minute. Rejects if it cannot be read for longer. */
  now(): Promise<LawNow>
  /** The same, read anew, for when a log knows more of it. */
  anew(): Promise<LawNow>
  /**
   * The law by which an entry was decided, as the entry names it; or why it is unknown here. `set` and
   * `statements` supply what the named set and the chain had, if it is not known here.
   */
  asOf(
    ref: LawRef,
    set: () => Promise<Pick<LawSet, 'folders'> | undefined>,
    statements: () => Promise<readonly unknown[]>,
  ): Promise<Book | NotHeld>
  /** Its files, verbatim. */
  files(): readonly SourceFile[]
}

/** Everything outside, as one request sees it. */
export type World = {
  /** The gateway's name in log names, and the origin that callers sign for (`aud`). */
  readonly gateway: string
  readonly origin: string
  /** Digest of this build. */
  readonly build: string
  readonly now: () => Date
  /** Fresh random bytes. */
  readonly random: (bytes: number) => Uint8Array
  /** Whether an error means that a store did not answer, so that the same call may succeed later. */
  readonly isStoreAway: (error: unknown) => boolean
  readonly law: Law
  readonly register: Register
  readonly holder: Records
  readonly attestations: Attestations
  readonly inbox: Inbox
  readonly events: Events
  readonly reviews: Reviews
  readonly handovers: Handovers
  /** Without it, a holder with a system of its own is away. */
  readonly questions?: Questions
  /** Without it, a system that the register gives an address is away. */
  readonly systems?: Systems
  readonly duties: Duties
  readonly responses: Responses
  readonly files: FileContents
  readonly filesGiven: FilesGiven
  readonly messages: Messages
  readonly lookups: EntryLists
  readonly refusals: Refusals
  readonly personsAsked: PersonsAsked
  readonly findings?: FindingCache
  /** How long a matter can be asked again with its attestations, days; 90 if not set. */
  readonly matterDays?: number
  /** The jurisdictions whose records it serves; all if not set. */
  readonly holds?: readonly string[]
  readonly subjectKeys: SubjectKeys
  readonly ledger: Ledger
  /** A log as sealed: the place of an entry, how many are marked, and its tiles and checkpoints. */
  readonly sealed: {
    placeOf(eid: string): Promise<{ readonly log: string; readonly index: number } | undefined>
    marked(log: string): Promise<number>
    get(path: string): Promise<Uint8Array | undefined>
  }
  readonly secrets: Secrets
  /** Is told, once of each, of an entry whose row of attestations says another thing, or that is in none. */
  readonly rowChanged?: (eid: string) => void
}

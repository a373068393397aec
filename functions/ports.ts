/** What the journeys need from outside, with the promises of each. */

import type { Attestation, Matter } from './decision/attestation.ts'
import type { HeldRecord, Subject } from './decision/record.ts'
import type { Agency } from './identity/register.ts'
import type { Entry } from './ledger/entry.ts'
import type { ReceiptPayload } from './ledger/receipt.ts'
import type { SealedLog, SigningKey } from './log-ports.ts'
import type { Book } from './policy/book.ts'

/**
 * The ledger.
 *
 * `append` is one conditional write. When it answers `durable`, the entry survives the loss of this
 * process, and only then; `already` gives the durable entry of another attempt under the same id,
 * which never changes again; `unavailable` promises nothing either way, so nothing may leave.
 */
export type Ledger = {
  append(entry: Entry): Promise<Appended>
  /** The entry as last written, never an older view; undefined if there is none. */
  read(eid: string): Promise<Durable | undefined>
  /** Those of these entries that there are, by id. */
  readAll(eids: readonly string[]): Promise<ReadonlyMap<string, Durable>>
}

/** What became of an entry. */
export type Appended =
  | { readonly kind: 'durable'; readonly entry: Durable }
  | { readonly kind: 'already'; readonly entry: Durable }
  | { readonly kind: 'unavailable'; readonly why: string }

/** An entry as it is stored. */
export type Stored = Entry

declare const durable: unique symbol

/**
 * Proof that an entry is durable. INVARIANT (no entry, no release): only the ledger's adapter makes
 * one, after its write succeeded, and what leaves needs one.
 */
export type Durable = Stored & { readonly [durable]: true }

/**
 * The keys under which the personal part of entries is encrypted: one for each subject of a holder's
 * jurisdiction, by pseudonym, and for each quarter of a year. Never cached.
 *
 * INVARIANT (hold): of `hold` and `shred` at once, one takes effect, since one write decides.
 */
export type SubjectKeys = {
  /**
   * The subject's key at a moment (`2026-11-24T22:25:46.123Z`), made durably if there is none; after
   * erasure, and in a later quarter, a new generation.
   */
  keyFor(jurisdiction: string, pseudonym: string, at: string): Promise<SubjectKey>
  /** The key by its id; undefined once it was erased. */
  open(kid: string): Promise<Uint8Array | undefined>
  /** The subject's keys that still open, the oldest first. */
  generations(jurisdiction: string, pseudonym: string): Promise<readonly Generation[]>
  /** Destroys a key for ever, unless it is held. The same twice is one. */
  shred(kid: string): Promise<'shredded' | 'held'>
  /**
   * Removes the ids of the subject's destroyed keys, by which its entries name them: nothing leads from
   * an entry to its subject once it returns. Again after a crash, it removes what is left.
   */
  forget(jurisdiction: string, pseudonym: string): Promise<void>
  /**
   * Holds a key against erasure, for an act by its id. Whether it is held now: not if it was erased,
   * nor if the act was lifted already. The same twice is one.
   */
  hold(kid: string, act: string): Promise<boolean>
  /** Restricts what a key opens to evidence (LED art. 16(3)), for an act; as `hold` otherwise. */
  restrict(kid: string, act: string): Promise<boolean>
  /** Ends for ever what an act holds or restricts; other acts hold on. */
  lift(kid: string, act: string): Promise<void>
  /** Whether what the key opens is kept as evidence only (LED art. 16(3)). */
  isRestricted(kid: string): Promise<boolean>
}
/** A key of a subject as it stands, without the key. */
export type Generation = {
  readonly kid: string
  /** Whose it is, by pseudonym. */
  readonly subject: string
  readonly isHeld: boolean
}
/**
 * Keys of a jurisdiction that are not held and are of a quarter before this one (`2027-Q1`): those that
 * still open, and those that were destroyed and are not forgotten. One that was made before keys had
 * quarters never is.
 */
export type EarlierKeys = (jurisdiction: string, quarter: string) => AsyncIterable<Generation>
/** A subject's key and the id by which an entry names it. */
export type SubjectKey = { readonly kid: string; readonly kek: Uint8Array }

/** Where a holder keeps its records. */
export type Holder = {
  /** All records that the identifier fits; `away` if the holder cannot say in time. */
  find(holder: Agency, subject: Subject): Promise<Found>
}
/** What a holder found. */
export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly record: HeldRecord }
  | { readonly kind: 'several'; readonly ids: readonly string[] }
  | { readonly kind: 'away' }

/** Records kept in the gateway, for holders with no system of their own. */
export type Records = Holder & {
  /** The record, or undefined. */
  get(holder: Agency, id: string): Promise<HeldRecord | undefined>
  /** Whether there is a record of this id, be it one that nobody can read. */
  has(holder: Agency, id: string): Promise<boolean>
  /**
   * Durable once it returns; replaces what stood under the id, unless that is of a later `ts` (the
   * time of the entry that orders the change), so that a late retry undoes nothing newer.
   */
  put(holder: Agency, record: HeldRecord, ts: string): Promise<void>
  /**
   * Changes items of a record, durable once it returns, or `false` if there is no record. Two at once
   * both take effect. The same entry takes effect once, and not on a record put after its `ts`.
   */
  correct(
    holder: Agency,
    id: string,
    entry: { readonly eid: string; readonly ts: string },
    change: (record: HeldRecord) => HeldRecord,
  ): Promise<boolean>
  /** Gone once it returns, with every way to find it; only `ts` stays, for the same reason. */
  erase(holder: Agency, id: string, ts: string): Promise<void>
}

/**
 * The register of agencies. An agency, or that there is none, may be a minute old; ten while the
 * register is away.
 */
export type Register = {
  agency(id: string): Promise<Agency | undefined>
  /** Every agency, as last written. */
  all(): Promise<readonly Agency[]>
}

/** Attestations, kept for the holder whose requests they are about. */
export type Attestations = {
  /** All that may count for a matter, withdrawn ones left out; never an older view. */
  about(holder: string, matter: Matter): Promise<readonly Attestation[]>
  /** Durable once it returns; the same attestation twice is one. */
  put(attestation: Attestation): Promise<void>
  get(id: string): Promise<Attestation | undefined>
  /** No longer counts once it returns. */
  withdraw(attestation: Attestation): Promise<void>
}

/** Open denials by holder: the inbox of those who could cure them. */
export type Inbox = {
  /** Durable once it returns. Written before the entry, so a row may be of an entry never made. */
  put(holder: string, eid: string, ts: string): Promise<void>
  /** The newest first, at most `limit`. */
  list(
    holder: string,
    limit: number,
  ): Promise<readonly { readonly eid: string; readonly ts: string }[]>
}

/** Secrets of this gateway, opened once. */
export type Secrets = {
  /** A pseudonym of an identifier under the key of a jurisdiction: 128 bits, base64url. */
  pseudonym(jurisdiction: string, identifier: string): string
  /** Signs a receipt. */
  receipt(payload: ReceiptPayload): Promise<string>
  /** Signs evidence. It is the same key for ever, so that the same evidence has the same signature. */
  readonly evidence: SigningKey
  /** The public keys of receipts and of evidence, as a JWK Set (RFC 7517). */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** Everything outside, as one request sees it. */
export type World = {
  /** Name of the gateway in log names, and the origin that callers sign for (`aud`). */
  readonly gateway: string
  readonly origin: string
  /** Digest of this build. */
  readonly build: string
  readonly now: () => Date
  /** Fresh random bytes. */
  readonly random: (bytes: number) => Uint8Array
  /** Whether an error says that a store did not answer, so that the same call may go through later. */
  readonly isStoreAway: (error: unknown) => boolean
  /** The sealed policies and lists. */
  readonly book: Book
  readonly register: Register
  readonly holder: Records
  readonly attestations: Attestations
  readonly inbox: Inbox
  readonly subjectKeys: SubjectKeys
  readonly ledger: Ledger
  /** What was sealed of it, for proofs. */
  readonly sealed: SealedLog
  readonly secrets: Secrets
}

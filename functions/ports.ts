/** What the wings need from outside, with the promises of each. */

import type {
  Attestation,
  CaseName,
  Countersignature,
  KeyUse,
  Objection,
} from './decision/attestation.ts'
import type { Matter } from './decision/attested.ts'
import type { HeldRecord, Subject } from './decision/record.ts'
import type { Agency } from './identity/register.ts'
import type { Entry } from './ledger/entry.ts'
import type { ReceiptPayload } from './ledger/receipt.ts'
import type { Book, SourceFile } from './policy/book.ts'
import type { Link, Tip } from './policy/chain.ts'
import type { LawNow, LawRef } from './policy/law.ts'
import type { LawSet } from './policy/set.ts'

/** A key that signs: held by a file here, by KMS in the cloud. */
export type SigningKey = {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

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
 * INVARIANT (kept): what something left under is a key made for that, so that a `shred` which must keep
 * disclosures takes none of them, however late they come.
 */
export type SubjectKeys = {
  /**
   * The subject's key at a moment (`2026-11-24T22:25:46.123Z`), made durably if there is none; after
   * erasure, after a restriction, in a later quarter, and for the first entry that `discloses`, a new
   * generation.
   */
  keyFor(
    jurisdiction: string,
    pseudonym: string,
    at: string,
    discloses?: boolean,
  ): Promise<SubjectKey>
  /** The key by its id; undefined once it was erased. */
  open(kid: string): Promise<Uint8Array | undefined>
  /**
   * The key for whoever acts on what it opens, or is given that again: undefined, too, as long as it is
   * kept as evidence only (LED art. 16(3)).
   */
  openToAct(kid: string): Promise<Uint8Array | undefined>
  /** The subject's keys that still open, the oldest first. */
  generations(jurisdiction: string, pseudonym: string): Promise<readonly Generation[]>
  /**
   * Destroys a key for ever, unless it is held, or was made for disclosures in the quarter `keptFrom`
   * (`2025-Q1`) or later. The same twice is one.
   */
  shred(kid: string, keptFrom?: string): Promise<'shredded' | 'held' | 'kept'>
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
  find(holder: Agency, subject: Subject): Promise<FoundRecord>
}
/** What a holder found. */
export type FoundRecord =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly record: HeldRecord }
  | { readonly kind: 'several'; readonly ids: readonly string[] }
  | { readonly kind: 'away' }

/** Records kept in the gateway, for holders with no system of their own. */
export type Records = Holder & {
  /** The record, or undefined. */
  get(holder: Agency, id: string): Promise<HeldRecord | undefined>
  /**
   * When what stands under an id was last changed, and whether that is a record, be it one that nobody
   * can read; undefined if nothing ever stood there.
   */
  last(
    holder: Agency,
    id: string,
  ): Promise<{ readonly ts: string; readonly isHeld: boolean } | undefined>
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
  /**
   * Whether what stood under the id is gone, with every way to find it: not if it was put at a later
   * `ts` and no erasure came after. Only times stay, for the same reason.
   */
  erase(holder: Agency, id: string, ts: string): Promise<boolean>
}

/**
 * The register of agencies, as registrars signed it. An agency, or that there is none, may be a minute
 * old, and never older: with the register away, it rejects. It rejects, too, where what is stated of an
 * agency does not hold.
 */
export type Register = {
  agency(id: string): Promise<Agency | undefined>
  /**
   * Every agency, as last written. A statement that does not count harms its own agency alone: `malformed`
   * is told its id; of all agencies, if the registrars’ own statements do not hold.
   */
  all(malformed?: (id: string) => void): Promise<readonly Agency[]>
  /** The chains of the registrars and of an agency, as far as they hold; absent of a register without chains. */
  readonly chains?: (id: string) => Promise<readonly Chain[]>
}

/** A chain of statements as it is known now (`policy/chain.ts`). */
export type Chain = {
  /** Such as `law`, or `register/DE-BKA`. */
  readonly name: string
  readonly tip: Tip
  readonly statements: readonly Link<unknown>[]
}

/** An attestation as it is kept to be matched: why the office may say so is in its entry alone. */
export type KeptAttestation = Omit<Attestation, 'ground'>
/** An objection as it is kept to be matched. */
export type KeptObjection = Omit<Objection, 'ground'>

/** Which agency signed the call that did something, with which of its keys, and when that was entered. */
export type SignedBy = Pick<KeyUse, 'agency' | 'kid' | 'at'>

/** Attestations, kept for the holder whose requests they are about. Each keeps which keys did what. */
export type Attestations = {
  /**
   * All that may count for a matter, never an older view; and apart, what was withdrawn: decisions to release
   * still replace those before them, and of a withdrawal that somebody else signed, nothing is gone.
   */
  about(
    holder: string,
    matter: Matter,
  ): Promise<{
    readonly attestations: readonly KeptAttestation[]
    readonly takenBack: readonly KeptAttestation[]
    readonly objections: readonly KeptObjection[]
    readonly ended: readonly KeptObjection[]
  }>
  /** Durable once it returns; the same attestation twice is one. */
  put(attestation: KeptAttestation): Promise<void>
  get(id: string): Promise<KeptAttestation | undefined>
  /** No longer counts once it returns. */
  withdraw(attestation: KeptAttestation, by: SignedBy): Promise<void>
  /** Durable once it returns; the same twice is one. */
  sign(attestation: KeptAttestation, signature: Countersignature, by: SignedBy): Promise<void>
  /** Adds a person, by pseudonym and by the request that asked for them, to those of a case. The same twice is one. */
  addPerson(
    attestation: KeptAttestation,
    person: string,
    request: string,
    by: SignedBy,
  ): Promise<void>
  /**
   * Takes a person out of whatever names them, and removes what is about their matters alone, but for what
   * keeps data: a doubt, and at a moment what was found against a disclosure and lasts. Otherwise nothing
   * leads from there to them once it returns. Again after a crash, it removes what is left.
   */
  forget(person: string, at: string): Promise<void>
  /** From then on what it reaches is unknown. The same twice is one. */
  object(objection: KeptObjection): Promise<void>
  objection(id: string): Promise<KeptObjection | undefined>
  endObjection(objection: KeptObjection, by: SignedBy): Promise<void>
  /** General attestations for a holder that end between two moments, the first to end first. */
  ending(holder: string, from: string, until: string): Promise<readonly KeptAttestation[]>
}

/** A denial that waits for a kind of office. */
export type InboxRow = {
  readonly holder: string
  /** `holder-officer`, `holder-ministry`, or `originator:BE`. */
  readonly audience: string
  readonly eid: string
  /** When it was made, or put before a person. */
  readonly ts: string
  readonly requester: string
  /** Whether the requester says that a life is in danger. */
  readonly urgent: boolean
  /** When it was seen that nobody will wait for it again. */
  readonly ended?: string
}

/** Denials by holder and kind of office: the inbox of those who could change them. */
export type Inbox = {
  /** Durable once it returns. The same row twice is one, and one that has ended stays so. */
  put(row: InboxRow): Promise<void>
  /**
   * Of each requester at most `limit` threats to life and `limit` others, the newest of it, in no order: how
   * many one has keeps nothing of another's from being read.
   */
  list(holder: string, audience: string, limit: number): Promise<readonly InboxRow[]>
  /** The row has ended, at a moment. */
  end(row: InboxRow, at: string): Promise<void>
  remove(row: InboxRow): Promise<void>
  /** Takes note that a matter was decided once more, by an entry of `ts`; the latest stands. */
  decidedAgain(matter: string, ts: string): Promise<void>
  /** When a matter was decided last, if it was once more. */
  lastDecided(matter: string): Promise<string | undefined>
}

/** What is remembered of a refusal, with no name, case or description that anybody could read. */
export type Refusal = {
  /** Of the request, and when it was decided. */
  readonly id: string
  readonly ts: string
  /** The identifier asked for, by a pseudonym of this case alone. */
  readonly asked: string
  /** By what else they may be asked for, as `asked`, and as many whatever was found: never told. */
  readonly found: readonly string[]
  /** Purpose and offence, as a keyed digest. */
  readonly described: string
  readonly stage: string
  /** The classes of which nothing left, as told; absent where nothing left at all. */
  readonly classes?: readonly string[]
}

/** Refusals, by the case in which an agency asked: one look finds them, whoever was asked for. */
export type Refusals = {
  /** Those of a case, never an older view; undefined if there are more than one look is for. */
  of(holder: string, of: CaseName): Promise<readonly Refusal[] | undefined>
  /** Durable once it returns; the same again is one. Written before the entry, as rows of the inbox are. */
  put(holder: string, of: CaseName, refusal: Refusal): Promise<void>
}

/** A denial that was put before a person: by which entry, and by which it was answered. */
export type Review = {
  readonly id: string
  readonly at: string
  readonly answer?: { readonly id: string; readonly office: string; readonly at: string }
}

/** Denials that were put before a person, once each. */
export type Reviews = {
  get(eid: string): Promise<Review | undefined>
  /** Puts the first one, durably, and gives the one that stands. */
  ask(eid: string, review: Review): Promise<Review>
  answer(eid: string, answer: NonNullable<Review['answer']>): Promise<void>
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

/** The sealed policies and lists, of one set, and what of them is suspended. */
export type Law = {
  /** As it is known now: never older than a minute. Rejects if it cannot be read for longer. */
  now(): Promise<LawNow>
  /** The same, read anew: where a log knows more of it. */
  anew(): Promise<LawNow>
  /**
   * That by which an entry was decided, as the entry names it; or why that is not known here. `set` gives what
   * the named set had and `statements` those of the chain, for what is not known here.
   */
  asOf(
    ref: LawRef,
    set: () => Promise<Pick<LawSet, 'folders'> | undefined>,
    statements: () => Promise<readonly unknown[]>,
  ): Promise<Book | string>
  /** Its files, word for word. */
  files(): readonly SourceFile[]
}

/** A law that never changes, and that no set names. */
export const fixedLaw = (book: Book, files: readonly SourceFile[] = []): Law => {
  const now = async () => ({ book })
  return { now, anew: now, asOf: async () => book, files: () => files }
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
  readonly law: Law
  readonly register: Register
  readonly holder: Records
  readonly attestations: Attestations
  readonly inbox: Inbox
  readonly reviews: Reviews
  readonly refusals: Refusals
  /** How long attestations of an asking count for the next, days; 90 where nothing is set. */
  readonly matterDays?: number
  /** The jurisdictions whose records it serves; of all, where nothing is set. */
  readonly holds?: readonly string[]
  readonly subjectKeys: SubjectKeys
  readonly ledger: Ledger
  /** A log as it was sealed: where an entry is, and its tiles and checkpoints. */
  readonly sealed: {
    placeOf(eid: string): Promise<{ readonly log: string; readonly index: number } | undefined>
    get(path: string): Promise<Uint8Array | undefined>
  }
  readonly secrets: Secrets
}

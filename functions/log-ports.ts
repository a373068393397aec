/** What sealing, proving and auditing the ledger need from outside, with the promises of each. */

import type { EntryKind } from './ledger/entry.ts'
import type { Hash } from './ledger/merkle.ts'
import type { Register, World } from './ports.ts'

/** How far a log has come: `size` entries are in tiles under `root`, `marked` of them are marked sealed. */
export type Head = {
  readonly size: number
  readonly root: Hash
  /** Roots of the complete subtrees, from the largest. */
  readonly frontier: readonly Hash[]
  readonly marked: number
  /** Every entry of an earlier `ts` was seen sealed; empty before the first sweep. */
  readonly sweptUntil: string
}

/** One entry in a manifest. */
export type Placed = { readonly eid: string; readonly leafHash: Hash }

/** The state of sealing. Every read is consistent. */
export type Sealing = {
  /** An empty log's head if there is none. */
  head(log: string): Promise<Head>
  /** Replaces the head if its size and mark are still those of `from`; whether it did. */
  advance(log: string, from: Head, to: Head): Promise<boolean>
  /** The manifest that starts at an index; undefined if there is none. */
  manifest(log: string, start: number): Promise<readonly Placed[] | undefined>
  /**
   * Puts a manifest if there is none at its start, and gives the one that stands. INVARIANT (contiguity):
   * this alone orders entries; a manifest never changes once it is there.
   */
  propose(log: string, start: number, placed: readonly Placed[]): Promise<readonly Placed[]>
  /** Where an entry is; undefined until it was marked. */
  placeOf(eid: string): Promise<{ readonly log: string; readonly index: number } | undefined>
  /** Marks entries as sealed from an index on, in order. The same twice is one. */
  mark(log: string, start: number, eids: readonly string[]): Promise<void>
}

/** Entries in the order of their time, from an index that may lag: hints, never the truth. */
export type Sweep = {
  /** Entries of a log with `ts` not before `from`, the oldest first, at most `limit`. */
  since(
    log: string,
    from: string,
    limit: number,
  ): Promise<readonly { readonly eid: string; readonly ts: string }[]>
}

/** Write-once objects by path: `<log>/tile/0/000`, `<log>/tile/entries/000.p/5` (C2SP tlog-tiles). */
export type Archive = {
  /** Durable once it returns. Fails with `conflict` if other bytes are there. */
  put(path: string, bytes: Uint8Array): Promise<void>
  get(path: string): Promise<Uint8Array | undefined>
  /**
   * The size of the smallest tree above `size` of which there is a bundle of the next entry; undefined if
   * there is none. Never an older view.
   */
  grownFrom(log: string, size: number): Promise<number | undefined>
  /** Replaces `<log>/checkpoint`, and keeps each for ever under `<log>/checkpoints/<size>`. */
  publish(log: string, size: number, note: string): Promise<void>
}

/** A tree head that somebody is asked to sign. */
export type Extension = {
  readonly log: string
  readonly size: number
  readonly root: Hash
  /** The size from which `proof` shows that the tree only grew (RFC 6962 §2.1.4). */
  readonly from: number
  readonly proof: readonly Hash[]
}

/** What a signer or a witness last signed of a log, kept before the signature is given. */
export type Memory = {
  last(log: string): Promise<{ readonly size: number; readonly root: Hash } | undefined>
  /** Replaces what was remembered if it is still that of size `from` (0: nothing); whether it did. */
  advance(
    log: string,
    from: number,
    to: { readonly size: number; readonly root: Hash },
  ): Promise<boolean>
}

/** The only way to a signed checkpoint. */
export type Signer = {
  sign(extension: Extension): Promise<
    | { readonly kind: 'signed'; readonly note: string }
    /** It last signed another size: the proof must start there. */
    | { readonly kind: 'stale'; readonly size: number }
    | { readonly kind: 'refused'; readonly why: string }
  >
}

/** A witness (C2SP tlog-witness) that cosigns what only grows. */
export type Witness = {
  /** Its verifier key, `<name>+<id>+<key>` (C2SP signed-note). */
  readonly vkey: string
  add(
    from: number,
    proof: readonly Hash[],
    note: string,
  ): Promise<
    /** One signature line of a note. */
    | { readonly kind: 'cosigned'; readonly line: string }
    | { readonly kind: 'stale'; readonly size: number }
    | { readonly kind: 'refused' | 'away'; readonly why: string }
  >
}

/** A time-stamping authority (RFC 3161), which says of bytes when they were there. */
export type Authority = {
  /** A token over a note that the expected authority made for this call, and the time that it says, ms. */
  stamp(
    note: Uint8Array,
  ): Promise<
    | { readonly kind: 'stamped'; readonly token: Uint8Array; readonly ms: number }
    | { readonly kind: 'refused' | 'away'; readonly why: string }
  >
}

/** By what auditors find entries. */
export type Dimension = 'all' | 'agency' | 'officer' | 'case' | 'subject' | 'outcome' | 'policy'

/** What rows are filed under: `jurisdiction` is that of the auditors who may see them. */
export type LookupKey = {
  readonly jurisdiction: string
  readonly by: Dimension
  /** `all`: empty; `agency`: its id; `officer`: `<agency>/<officer>`; `policy`: its id without version. */
  readonly value: string
}

/** An entry as a list shows it to one side. Nothing of the subject and nothing of the case. */
export type AuditLine = {
  readonly id: string
  readonly ts: string
  readonly kind: EntryKind
  /** Which side's auditors see this line: `holder` whole, `requester` what its agency was told. */
  readonly side: 'holder' | 'requester'
  readonly log: string
  readonly hj: string
  readonly aj: string
  readonly holder?: string
  /** Who called. A row that was filed before an erasure goes with its note; one filed after has none. */
  readonly agency?: string
  readonly officer?: string
  readonly purpose?: string
  /** As told; on the holder's side `decided` is the outcome in full if it is another. */
  readonly outcome?: string
  readonly standing?: string
  readonly decided?: string
  readonly dryRun?: true
  /** Of an erasure, to a requester’s side: how many entries of calls from its jurisdiction it was about. */
  readonly erasedEntries?: number
  readonly rules: readonly string[]
  /** `<id>@<version>` */
  readonly policies: readonly string[]
}

/** One row of the look-up table. */
export type LookupRow = { readonly key: LookupKey; readonly line: AuditLine }

/** The look-up table of auditors: written by the sealer, personal rows removed by erasure. */
export type Lookups = {
  /** Durable once it returns; the same rows twice are one. */
  put(rows: readonly LookupRow[]): Promise<void>
  /**
   * As `put`, for rows under a person or a case: for each entry a note of where they are comes first, so
   * that `unfile` finds them when the entry does not open any more.
   */
  file(rows: readonly LookupRow[]): Promise<void>
  /**
   * Removes what was filed of these entries, whose keys were destroyed by `at`. Whoever looked before may be
   * filing one still: so the notes stay, and `clear` comes again. Again after a crash, it removes what is left.
   */
  unfile(eids: readonly string[], at: string): Promise<void>
  /**
   * Removes all there is of entries that were unfiled before a moment, and the notes with it: a batch at a
   * time; whether that was the last.
   */
  clear(before: string): Promise<boolean>
  /** Gone once it returns. */
  remove(rows: readonly LookupRow[]): Promise<void>
  /**
   * Lines under a key, the newest first, at most `limit`. `from` and `until` bound `ts` (inclusive,
   * exclusive); `before` is the place of the last line of the page before, `<ts>#<eid>`.
   */
  list(
    key: LookupKey,
    range: { readonly from?: string; readonly until?: string; readonly before?: string },
    limit: number,
  ): Promise<readonly AuditLine[]>
}

/** What a store keeps of what an erasure took out of it. */
export type Remains = {
  /** What was removed or replaced before is in none of the store’s own files once it returns. */
  purge(): Promise<void>
  /** How many days the backups that are made of it bring back what is not a key; 0 without any. */
  readonly backupDays: number
}

/** What the sealer works with. */
export type SealWorld = Pick<
  World,
  'gateway' | 'now' | 'ledger' | 'subjectKeys' | 'secrets' | 'isStoreAway'
> & {
  readonly inbox: Pick<World['inbox'], 'put' | 'decidedAgain'>
  readonly register: Register
  readonly sweep: Sweep
  readonly sealing: Sealing
  readonly archive: Archive
  readonly lookups: Lookups
  readonly signer: Signer
  /** The gateway's own verifier key of a log. */
  readonly vkey: (log: string) => string
  readonly witnesses: readonly Witness[]
  /** How many witnesses must cosign before a checkpoint is published. */
  readonly quorum: number
}

/** What the auditors' wing works with. */
export type AuditWorld = World & {
  readonly lookups: Lookups
  readonly archive: Pick<Archive, 'get'>
  readonly sealing: Pick<Sealing, 'head' | 'manifest' | 'placeOf'>
  readonly vkey: (log: string) => string
  readonly witnessVkeys: readonly string[]
  readonly quorum: number
}

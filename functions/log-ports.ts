/** What sealing, proving and auditing the ledger need from outside, with the promises of each port. */

import type { EntryKind } from './ledger/entry.ts'
import type { Hash } from './ledger/merkle.ts'
import type { KeptTags, Tagged } from './ledger/tags.ts'
import type { Register, World } from './ports.ts'

/** The state of a log: `size` entries are in tiles under `root`, and `marked` of them are marked sealed. */
export type Head = {
  readonly size: number
  readonly root: Hash
  /** Roots of the complete subtrees, from the largest. */
  readonly frontier: readonly Hash[]
  readonly marked: number
  /** How many entries of the manifest that starts at `marked` are filed and marked already. */
  readonly filed: number
  /** Every entry with an earlier `ts` was seen sealed; empty before the first sweep. */
  readonly sweptUntil: string
}

/** One entry in a manifest. */
export type Placed = { readonly eid: string; readonly leafHash: Hash }

/** Where an entry is in its log. */
export type LogPlace = { readonly log: string; readonly index: number }

/** The state of sealing. Every read is consistent. */
export type Sealing = {
  /** The head; an empty log's if there is none. */
  head(log: string): Promise<Head>
  /**
   * Replaces the head if its size, its mark and how far it was swept are still those of `from`. Returns whether
   * it did.
   */
  advance(log: string, from: Head, to: Head): Promise<boolean>
  /** The manifest that starts at an index; undefined if there is none. */
  manifest(log: string, start: number): Promise<readonly Placed[] | undefined>
  /**
   * Puts a manifest if there is none at its start, and returns the one that stands. INVARIANT (contiguity):
   * this alone orders entries; a manifest, once there, never changes.
   */
  propose(log: string, start: number, placed: readonly Placed[]): Promise<readonly Placed[]>
  /** The place of an entry; undefined until it was marked. */
  placeOf(eid: string): Promise<LogPlace | undefined>
  /** The places of those entries that were marked. */
  placesOf(eids: readonly string[]): Promise<ReadonlyMap<string, LogPlace>>
  /** Marks entries as sealed from an index on, in order. Repeating it changes nothing. */
  mark(log: string, start: number, eids: readonly string[]): Promise<void>
  /**
   * Takes the marking of a manifest for one sealer until a moment, unless another has it. Returns whether it
   * did. It only saves work: whoever does not ask does the same, once more.
   */
  take(log: string, start: number, by: string, now: Date, until: Date): Promise<boolean>
  /** When the last sweep began that left nothing of what the index showed; empty if there was none. */
  looked(log: string): Promise<string>
  look(log: string, at: string): Promise<void>
}

/** Entries in order of time, from an index that may lag: hints, never the truth. */
export type Sweep = {
  /** Entries of a log with `ts` at or after `from`, the oldest first, at most `limit`. */
  since(
    log: string,
    from: string,
    limit: number,
  ): Promise<readonly { readonly eid: string; readonly ts: string }[]>
}

/**
 * Write-once objects by path: `<log>/tile/0/000`, `<log>/tile/entries/000.d/5-9` (C2SP tlog-tiles). A partial
 * bundle, `<log>/tile/entries/000.p/9`, is read from what it gained, and never written.
 */
export type Archive = {
  /** Durable once it returns. Fails with `conflict` if other bytes are there. */
  put(path: string, bytes: Uint8Array): Promise<void>
  get(path: string): Promise<Uint8Array | undefined>
  /**
   * The size of the smallest tree above `size` that has a bundle with the next entry; undefined if there is
   * none. Never an older view.
   */
  grownFrom(log: string, size: number): Promise<number | undefined>
  /** Replaces `<log>/checkpoint`, and keeps each checkpoint for ever at `<log>/checkpoints/<size>`. */
  publish(log: string, size: number, note: string): Promise<void>
}

/** A tree head to be signed. */
export type Extension = {
  readonly log: string
  readonly size: number
  readonly root: Hash
  /** The size from which `proof` shows that the tree only grew (RFC 6962 §2.1.4). */
  readonly from: number
  readonly proof: readonly Hash[]
}

/** What a signer or witness last signed of a log, stored before the signature is given. */
export type Memory = {
  last(log: string): Promise<{ readonly size: number; readonly root: Hash } | undefined>
  /** Replaces what is remembered if its size is still `from` (0: nothing). Returns whether it did. */
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
    /** It last signed another size, where the proof must start. */
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

/** A time-stamping authority (RFC 3161), which states when some bytes existed. */
export type Authority = {
  /** A token over a note, made by the expected authority for this call, and its stated time, ms. */
  stamp(
    note: Uint8Array,
  ): Promise<
    | { readonly kind: 'stamped'; readonly token: Uint8Array; readonly ms: number }
    | { readonly kind: 'refused' | 'away'; readonly why: string }
  >
}

/** What auditors find entries by. */
export type Dimension = 'all' | 'agency' | 'officer' | 'case' | 'subject' | 'outcome' | 'policy'

/** The key that rows are filed under; `jurisdiction` is that of the auditors who may see them. */
export type LookupKey = {
  readonly jurisdiction: string
  readonly by: Dimension
  /** `all`: empty; `agency`: its id; `officer`: `<agency>/<officer>`; `policy`: its id without version. */
  readonly value: string
}

/** An entry as a list shows it to one side, without anything about the subject or the case. */
export type AuditLine = {
  readonly id: string
  readonly ts: string
  readonly kind: EntryKind
  /** The side whose auditors see this line: `holder` everything, `requester` what its agency was told. */
  readonly side: 'holder' | 'requester'
  readonly log: string
  readonly hj: string
  readonly aj: string
  readonly holder?: string
  /** Who called. An erasure removes rows filed before it; a row filed after it lacks this. */
  readonly agency?: string
  /** Who asked, by an officer's word, where the request came by another way. */
  readonly requester?: string
  readonly officer?: string
  readonly purpose?: string
  /** As told; on the holder's side, `decided` is the full outcome if it differs. */
  readonly outcome?: string
  readonly standing?: string
  readonly decided?: string
  readonly dryRun?: true
  /** For an erasure, on a requester’s side: how many entries of its jurisdiction's calls it covered. */
  readonly erasedEntries?: number
  /** Of a look at the log: which it was, and how many entries it showed; its `purpose` is what it was for. */
  readonly look?: string
  readonly shown?: number
  /** Of a notice: what was told, and to whom. */
  readonly notice?: string
  readonly to?: string
  readonly rules: readonly string[]
  /** `<id>@<version>` */
  readonly policies: readonly string[]
}

/** That an entry is found under a key, and the line that it shows there: one for each jurisdiction. */
export type LookupRow = { readonly key: LookupKey; readonly line: AuditLine }

/** How many entries there are of a kind, and outcome. */
export type EntryCount = Pick<AuditLine, 'kind'> & {
  readonly [K in 'outcome' | 'standing' | 'dryRun']?: AuditLine[K] | undefined
} & { readonly count: number }

/** The auditors' look-up table: written by the sealer, personal rows removed by erasure. */
export type Lookups = {
  /**
   * Writes the lines of entries and their rows under persons and cases, durable once it returns. It is given
   * all rows of each entry. A note of the person's rows is written first, so that `unfile` finds them when the
   * entry no longer opens. Repeating it changes nothing; with fewer rows, since the key is gone, it replaces
   * the lines, and an earlier note of the others stays. Of entries of one log, `tagged` are kept,
   * too, and `unfile` removes what they are about; of an entry that is not in it, what was kept before stays.
   */
  file(rows: readonly LookupRow[], tagged?: readonly Tagged[]): Promise<void>
  /**
   * Puts entries, filed before, into the lists of what they share. Durable once it returns. Repeating it with
   * the same entries changes nothing.
   */
  put(rows: readonly LookupRow[]): Promise<void>
  /** Makes `unfile` remove more of entries than the rows under persons and cases: also these. */
  note(going: readonly LookupRow[]): Promise<void>
  /**
   * Removes the rows of these entries, whose keys were destroyed by `at`. Another sealer may still be filing
   * one, so the notes stay and `clear` follows. After a crash, calling it again removes what is left.
   */
  unfile(eids: readonly string[], at: string): Promise<void>
  /**
   * Leaves of entries that were filed these rows and tags alone. What they had before and still have is never absent,
   * so that whoever sees only that sees nothing of it. After a crash, calling it again removes what is left.
   */
  replace(rows: readonly LookupRow[], tagged: readonly Tagged[]): Promise<void>
  /**
   * Removes everything left of entries that were unfiled before a moment, and what their notes say of it, one
   * batch at a time. Returns whether that was the last batch.
   */
  clear(before: string): Promise<boolean>
  /**
   * Lines under a key, the newest first, at most `limit`. `from` (inclusive) and `until` (exclusive) bound
   * `ts`; `before` is the place of the last line of the page before, `<ts>#<eid>`.
   */
  list(
    key: LookupKey,
    range: { readonly from?: string; readonly until?: string; readonly before?: string },
    limit: number,
  ): Promise<readonly AuditLine[]>
  /**
   * Counts all that a jurisdiction is shown in a time of whole days or tens of minutes; undefined for any other
   * time, and if there is too much to read.
   */
  count(
    jurisdiction: string,
    range: { readonly from?: string; readonly until?: string },
  ): Promise<readonly EntryCount[] | undefined>
  /**
   * The tags of entries of a log with an index below `size`, in no order. A place may have none or, where its
   * entry was filed twice, several.
   */
  tags(log: string, size: number): Promise<readonly KeptTags[]>
  /**
   * Counts the days of a jurisdiction that have ended by `at` and were not counted yet, so that `count` reads one row
   * for each. What it gives stays the same.
   */
  tally(jurisdiction: string, at: string): Promise<void>
  /** Counts anew the days of entries that were filed, by `put`, when `tally` may have counted them. */
  recount(rows: readonly LookupRow[], at: string): Promise<void>
}

/** What a store still keeps of what an erasure removed. */
export type Remains = {
  /** Once it returns, none of the store’s own files contains what was removed or replaced before. */
  purge(): Promise<void>
  /** For how many days backups can bring back what was removed, except keys; 0 without backups. */
  readonly backupDays: number
}

/** What the sealer needs. */
export type SealWorld = Pick<
  World,
  'gateway' | 'now' | 'ledger' | 'subjectKeys' | 'secrets' | 'isStoreAway'
> & {
  readonly inbox: Pick<World['inbox'], 'put' | 'watch' | 'decidedAgain'>
  readonly events: Pick<World['events'], 'file'>
  readonly messages: Pick<World['messages'], 'put' | 'sign' | 'collect'>
  readonly refusals: Pick<World['refusals'], 'put'>
  readonly register: Register
  readonly sweep: Sweep
  readonly sealing: Sealing
  /** Under which name this sealer takes a manifest; without one it marks also what another has taken. */
  readonly sealer?: string
  /** How many entries go into a manifest, are filed in a step, and are in a page of the index; less in trials. */
  readonly atOnce?: { readonly manifest: number; readonly step: number; readonly page: number }
  readonly archive: Archive
  readonly lookups: Lookups
  readonly signer: Signer
  /** The gateway's own verifier key of a log. */
  readonly vkey: (log: string) => string
  readonly witnesses: readonly Witness[]
  /** How many witnesses must cosign before a checkpoint is published. */
  readonly quorum: number
}

/** What the auditors' wing needs. */
export type AuditWorld = Omit<World, 'lookups'> & {
  readonly lookups: Lookups
  readonly archive: Pick<Archive, 'get'>
  readonly sealing: Pick<Sealing, 'head' | 'manifest' | 'placeOf'>
  readonly vkey: (log: string) => string
  readonly witnessVkeys: readonly string[]
  readonly quorum: number
  /** Waits while others' answers go on, where one process gives both; each entry is opened in a turn of its own. */
  readonly turn?: () => Promise<void>
}

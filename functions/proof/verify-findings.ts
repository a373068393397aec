/** What verifying a log may find: where it is, which kind of fault, and the same in words. */

/** How long it may take until an entry is in a signed tree, ms: what a receipt promises. */
export const sealWithinMs = 60_000

/** Every kind of fault. Programs may rely on these names. */
type FindingCode =
  /** A file or a line is not of its form. */
  | 'form'
  /** A file that must be there is not. */
  | 'missing'
  /** No pinned key is of this log. */
  | 'unknown-key'
  /** A pinned key is no longer published. */
  | 'keys-differ'
  /** No log has anything in it: nothing shows that they are whole. */
  | 'empty'
  /** A log that has a pinned key, a receipt, a proof or a past is not exported. */
  | 'log-missing'
  /** A leaf is not of a form or version that is known. */
  | 'leaf-form'
  /** An entry belongs to another log. */
  | 'entry-elsewhere'
  /** An entry is not what was sealed, or its parts do not fit each other. */
  | 'entry-changed'
  /** A sealed entry is gone. */
  | 'entry-missing'
  /** An entry is there twice. */
  | 'entry-twice'
  /** An entry was not sealed in time. */
  | 'unsealed'
  /** Entries were placed, but in no signed tree in time. */
  | 'unsigned'
  /** Manifests leave out a place or give it twice. */
  | 'manifest-gap'
  | 'manifest-differs'
  | 'tile-differs'
  | 'bundle-differs'
  | 'head-differs'
  | 'seal-differs'
  | 'seal-missing'
  /** The log did not sign a checkpoint, or a key that nobody publishes did. */
  | 'checkpoint-signature'
  /** Fewer witnesses than agreed cosigned a checkpoint, or one of them wrongly. */
  | 'checkpoint-cosignatures'
  /** A checkpoint is not the one that belongs in its place. */
  | 'checkpoint-differs'
  /** A witness saw a later checkpoint earlier. */
  | 'checkpoint-time'
  /** The leaves do not give the root that was signed. */
  | 'root-differs'
  /** The log has, or signed, two trees of one size. */
  | 'two-views'
  /** A tree was signed, or seen, that has more leaves than there are. */
  | 'truncated'
  /** An entry was sealed long after the time that it says; whether it was made then, its agency's call shows. */
  | 'late'
  /** The same, and no signature of its agency shows that it was made then, or it waited for hours. */
  | 'unexplained'
  /** An entry says a time after the checkpoint that has it. */
  | 'post-dated'
  /** A time stamp is not of its checkpoint, or its authority did not make it as it must. */
  | 'stamp-invalid'
  /** A checkpoint was first stamped days after witnesses saw it: nothing outside dates it before. */
  | 'stamp-late'
  /** An authority stamped a tree before the time that one of its entries says. */
  | 'stamp-early'
  | 'receipt-invalid'
  /** A receipt is of another entry than the one under its id. */
  | 'receipt-differs'
  /** The time by which a receipt promised a sealed entry has passed without one. */
  | 'receipt-broken'
  | 'proof-invalid'

/** Where: a file of the export, and how far into it. */
export type Where = {
  readonly file: string
  /** From 1. */
  readonly line?: number
  /** Id of the entry. */
  readonly entry?: string
  /** Index in the log, from 0: of the first leaf that it is about. */
  readonly index?: number
  /** From, and up to but without. */
  readonly bytes?: readonly [number, number]
}

/** One fault. `log` is null if it is of no one log. */
export type LogFinding = {
  readonly code: FindingCode
  readonly log: string | null
  readonly where: Where
  readonly says: string
}

/** Takes down a fault. */
export type Report = (code: FindingCode, where: Where, says: string) => void

/** Most findings that are listed; further ones are counted. */
const findingsMax = 1000

/** A list of findings, and who takes them down for a log. That an entry or a stamp is late is no fault. */
export function findingList() {
  const findings: LogFinding[] = []
  let [unlisted, late, stampsLate, faults] = [0, 0, 0, 0]
  return {
    findings,
    unlisted: () => unlisted,
    late: () => late,
    stampsLate: () => stampsLate,
    faults: () => faults,
    reportOf:
      (log: string | null): Report =>
      (code, where, says) => {
        if (code === 'late') late += 1
        else if (code === 'stamp-late') stampsLate += 1
        else faults += 1
        if (findings.length < findingsMax) findings.push({ code, log, where, says })
        else unlisted += 1
      },
  }
}

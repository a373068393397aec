/** What verifying a log may find: the kind of fault, where it is, and the same in words. */

/** Longest time until an entry is in a signed tree, ms: what a receipt promises. */
export const sealWithinMs = 60_000
/** How far an entry's clock may be ahead of a witness's, and how far a witness's own clock may be set back, ms. */
export const clocksMs = 5000

/** Every kind of fault. Programs may rely on these names. */
type FindingCode =
  /** A file or a line is malformed. */
  | 'form'
  /** A required file is missing. */
  | 'missing'
  /** No pinned key belongs to this log. */
  | 'unknown-key'
  /** A pinned key is no longer published. */
  | 'keys-differ'
  /** All logs are empty: nothing shows that they are whole. */
  | 'empty'
  /** A log with a pinned key, a receipt, a proof or a past is not in the export. */
  | 'log-missing'
  /** A leaf has an unknown form or version. */
  | 'leaf-form'
  /** An entry belongs to another log. */
  | 'entry-elsewhere'
  /** An entry differs from what was sealed, or its parts contradict each other. */
  | 'entry-changed'
  /** A sealed entry is missing. */
  | 'entry-missing'
  /** An entry occurs twice. */
  | 'entry-twice'
  /** An entry was not sealed in time. */
  | 'unsealed'
  /** Entries have places, but were in no signed tree in time. */
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
  /** A checkpoint is not the one that belongs there. */
  | 'checkpoint-differs'
  /** A witness saw a later checkpoint earlier. */
  | 'checkpoint-time'
  /** The leaves do not give the signed root. */
  | 'root-differs'
  /** The log has, or signed, two trees of the same size. */
  | 'two-views'
  /** A tree that was signed or seen has more leaves than there are now. */
  | 'truncated'
  /** An entry was sealed long after its stated time; its agency's call can show whether it was made then. */
  | 'late'
  /** The same, but no signature of its agency shows that it was made then, or it waited for hours. */
  | 'unexplained'
  /** An entry states a time after the checkpoint that includes it. */
  | 'post-dated'
  /** A time stamp is not of its checkpoint, or its authority made it wrongly. */
  | 'stamp-invalid'
  /** A checkpoint was first stamped days after witnesses saw it: until then, nothing outside dates it. */
  | 'stamp-late'
  /** An authority stamped a tree before the stated time of one of its entries. */
  | 'stamp-early'
  | 'receipt-invalid'
  /** A receipt is of another entry than the one with its id. */
  | 'receipt-differs'
  /** An entry was not sealed by the time that its receipt promised. */
  | 'receipt-broken'
  | 'proof-invalid'

/** The place of a fault: a file of the export, and where in it. */
export type Where = {
  readonly file: string
  /** From 1. */
  readonly line?: number
  /** Id of the entry. */
  readonly entry?: string
  /** Index in the log, from 0, of the first leaf concerned. */
  readonly index?: number
  /** Start (inclusive) and end (exclusive). */
  readonly bytes?: readonly [number, number]
}

/** One fault. `log` is null if it concerns no single log. */
export type LogFinding = {
  readonly code: FindingCode
  readonly log: string | null
  readonly where: Where
  readonly says: string
}

/** Records a fault. */
export type Report = (code: FindingCode, where: Where, says: string) => void

/** Most findings that are listed; further ones are only counted. */
const findingsMax = 1000

/** A list of findings, with a `Report` for each log. A late entry or stamp is no fault. */
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

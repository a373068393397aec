/**
 * What functions say to those who run them: a line of JSON each, on stdout. Metrics, alarms and queries
 * read lines by these names (`infra/metrics.ts`). INVARIANT (no line about people): nothing of a person,
 * and of a call nothing that its caller wrote but the id of its trace.
 */

/** A call that was not let through, or that failed. */
export type SecurityEvent = {
  readonly event: 'call-refused' | 'jti-reused' | 'rate-limited' | 'failed'
  readonly why: string
  readonly traceId: string
}

/** A call that was answered, whatever came of it: one line for each. */
export type AnsweredLine = {
  readonly event: 'answered'
  readonly traceId: string
  /** As the API has it, `/v1/access-requests/:id`, and never the address itself; `*` where it has none. */
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
  /** Of a decision: what the agency was told. */
  readonly outcome?: 'release' | 'redact' | 'deny'
  /** Of a problem: which. */
  readonly code?: string
}

/** Nothing is permitted: the chain of the law does not hold, or the law that everybody is to take is not there. */
type LawLine = { readonly event: 'law-unheld'; readonly why: string }

/** A line of a door that answers calls. */
export type CallLine = SecurityEvent | AnsweredLine

/** A line of the sealer. */
type SealerLine =
  | {
      readonly event: 'store-away' | 'halted' | 'failed' | 'unpublished'
      readonly log: string
      readonly why: string
    }
  /** No authority said today that the newest checkpoint is there; sealing does not wait for it. */
  | { readonly event: 'unstamped'; readonly log: string; readonly why: string }
  /** An entry was put in place of another of the same id, or removed. */
  | { readonly event: 'overwritten'; readonly eid: string }
  /** What is stated of an agency does not hold; its id, if it is one. */
  | { readonly event: 'agency-not-believed'; readonly agency?: string }
  /** Every log was looked at, and so many entries were sealed. */
  | {
      readonly event: 'swept'
      readonly sealed: number
      /** Age of the oldest entry that is still unsealed, 0 if none is; not there if a log could not be looked at. */
      readonly unsealedSeconds?: number
    }

/** A line of the signer. */
type SignerLine = {
  readonly event: 'signature-refused'
  readonly log: string
  readonly why: string
}

/** Which function says what. */
export type Lines = {
  readonly access: CallLine | LawLine
  readonly audit: CallLine | LawLine
  readonly seal: SealerLine
  readonly sign: SignerLine
}

/** Says a line. */
export const say = (line: Lines[keyof Lines]): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

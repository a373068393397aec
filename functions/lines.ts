/**
 * The lines of JSON that functions print to stdout for operators. Metrics, alarms and queries read them by
 * these names (`infra/metrics.ts`). INVARIANT (no line about people): a line contains nothing about a person,
 * and of a call nothing that its caller wrote, except its trace id.
 */

/** A call that was refused or that failed. */
export type SecurityEvent = {
  readonly event: 'call-refused' | 'jti-reused' | 'rate-limited' | 'failed'
  readonly why: string
  readonly traceId: string
}

/** A call that was answered, with whatever result: one line for each. */
export type AnsweredLine = {
  readonly event: 'answered'
  readonly traceId: string
  /** The route in the API, `/v1/access-requests/:id`, never the address itself; `*` if there is none. */
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
  /** For a decision: what the agency was told. */
  readonly outcome?: 'release' | 'redact' | 'deny'
  /** For a problem: its code. */
  readonly code?: string
}

/** Nothing is permitted: the chain of the law does not hold, or the law that all must take is missing. */
type LawLine = { readonly event: 'law-unheld'; readonly why: string }

/** Open denials whose time has come were looked at; one could not be. */
type ClockLine =
  | {
      readonly event: 'ticked'
      readonly looked: number
      readonly entered: number
      readonly failed: number
      /** Whether there was more than there was time for. */
      readonly left: boolean
    }
  | { readonly event: 'not-looked-at'; readonly why: string }
  /** Alarms of auditors were looked at. */
  | {
      readonly event: 'watched'
      readonly looked: number
      readonly entered: number
      readonly failed: number
      readonly left: boolean
    }

/** What offices said is not in its row as its entry says it, or in none. An instance says so once of each. */
type RowLine = { readonly event: 'row-changed'; readonly eid: string }

/** A line of a door that answers calls. */
export type CallLine = SecurityEvent | AnsweredLine

/** A line of the sealer. */
type SealerLine =
  | {
      readonly event: 'store-away' | 'halted' | 'failed' | 'unpublished'
      readonly log: string
      readonly why: string
    }
  /** No authority stamped the newest checkpoint today; sealing does not wait for it. */
  | { readonly event: 'unstamped'; readonly log: string; readonly why: string }
  /** An entry was replaced under its id, or removed. */
  | { readonly event: 'overwritten'; readonly eid: string }
  /** The statements on an agency do not hold; with its id, if that is well formed. */
  | { readonly event: 'agency-not-believed'; readonly agency?: string }
  /** Every log was swept, and this many entries were sealed. */
  | {
      readonly event: 'swept'
      readonly sealed: number
      /** Age of the oldest unsealed entry, 0 if there is none; absent if a log could not be swept. */
      readonly unsealedSeconds?: number
    }

/** A line of the signer. */
type SignerLine = {
  readonly event: 'signature-refused'
  readonly log: string
  readonly why: string
}

/** A line of a gateway on machines of one’s own, besides those of all the others: it takes calls from now on. */
type ReadyLine = { readonly event: 'ready'; readonly at: string }

/** The lines that each function prints. */
export type Lines = {
  readonly access: CallLine | LawLine | ClockLine | RowLine
  readonly audit: CallLine | LawLine
  readonly console: CallLine | LawLine
  readonly seal: SealerLine
  readonly sign: SignerLine
  readonly serve: ReadyLine
}

/** Prints a line. */
export const say = (line: Lines[keyof Lines]): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

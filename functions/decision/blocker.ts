/** What stands against an item, and what duties lie on it. */

import type { Policy } from '../policy/book.ts'
import type { PolicyObligation } from '../policy/policy.ts'
import type { Finding } from './evaluate.ts'
import type { Treatment } from './treatment.ts'

/** A duty, and what imposes it. */
export type Owed = {
  readonly duty: PolicyObligation
  /** Absent where a marking, a claim or an arrangement imposes it, not a rule. */
  readonly finding?: Finding
  /**
   * For a claim on which the answer rests only through these policies: it binds while one of them applies.
   */
  readonly readers?: readonly Policy[]
  /** The rule, or its exception, that says so, and its articles. */
  readonly by: string
  readonly cites: readonly string[]
}

/** One thing that stands against an item. */
export type Blocker = {
  readonly treatment: Treatment
  /** Whether the requester may be told: it shows nothing of the record, or an article allows it. */
  readonly told: boolean
} & (
  | { readonly because: 'rule'; readonly finding: Finding }
  /** `permits` are those findings that do not fail. */
  | { readonly because: 'silence'; readonly policy: Policy; readonly permits: readonly Finding[] }
  | { readonly because: 'suspended'; readonly policy: Policy }
  /** The holder gives unasked, and no permit of this ground speaks of that. */
  | { readonly because: 'unasked'; readonly policy: Policy }
  | { readonly because: 'no-policy' }
  | { readonly because: 'duty'; readonly owed: readonly Owed[]; readonly unknown: boolean }
  | { readonly because: 'unknown-class' }
  /** A person must decide: because this ground says so, or, without `policy`, because the gateway does. */
  | {
      readonly because: 'reserved'
      readonly policy?: Policy
      readonly missing: readonly string[]
      /** The holder's own bound on persons in a case is passed. */
      readonly many?: true
      /** The facts on which some office answered no, or it is not known what it answered. */
      readonly answeredNo?: readonly string[]
    }
)

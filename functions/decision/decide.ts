/** Judgement → decision: the outcome with its reasons, in full for the ledger and as it may be told. */

import type { InForce } from '../policy/history.ts'
import {
  type Blocker,
  type Judged,
  type Judgement,
  judge,
  judgeUnseen,
  mayBeTold,
} from './combine.ts'
import { type Counts, type Cure, type Cures, curesOf, isStillOpen } from './cures.ts'
import { deadline, type Obligation, obligations } from './duties.ts'
import type { Facts, Item } from './facts.ts'
import { builtIn, missing, type Reason, reasonsFor, ruleOf, transposed } from './reasons.ts'
import { join, type Outcome, outcomeOf, release, type Treatment } from './treatment.ts'

/** One step of a cure. Steps with one `alternative` are needed together. */
export type Todo = {
  readonly alternative: number
  readonly fact: string
  readonly to: string | number | boolean | readonly string[]
  readonly by: 'holder-officer' | 'holder-ministry' | 'originator'
  readonly due?: string
}

/** A version of a policy or list, with the SHA-256 of its bytes in hex. */
export type PolicyRef = { readonly id: string; readonly version: string; readonly digest: string }

/** What happens to one item. */
export type DecidedItem = {
  readonly id: string
  readonly treatment: Treatment
  /** The rules that led to the treatment. */
  readonly rules: readonly string[]
}

/** Outcome, reasons, treatments and duties of one request. */
export type Decision = {
  readonly outcome: Outcome
  /**
   * Of a denial: whether somebody can still supply what is missing. One of which that is not known is
   * open, since "final" would tell the requester that nobody can help: see `todoComplete`.
   */
  readonly standing?: 'open' | 'final'
  readonly reasons: readonly Reason[]
  /** Facts for want of which a rule could not be answered. */
  readonly missing: readonly string[]
  readonly todo: readonly Todo[]
  /** False where the search for what would help was cut off: there may be more than `todo` says. */
  readonly todoComplete?: false
  readonly items: readonly DecidedItem[]
  readonly obligations: readonly Obligation[]
  readonly policies: readonly PolicyRef[]
  /** When the law wants the request answered, if it says so. */
  readonly answerBy?: string
}

const everything: Counts = () => true
const whatMayBeTold: Counts = ({ told }) => told

/**
 * Decides on facts alone, with every reason: what the ledger keeps.
 * `at` is the instant of the decision, from which deadlines run.
 * With no items it decides as for a record that was not found.
 */
export function decide(now: InForce, facts: Facts, items: readonly Item[], at?: string): Decision {
  if (items.length === 0) return decideUnseen(now, facts, at) ?? nothing(judge(now, facts, []), at)
  const judgement = judge(now, facts, items)
  return assemble(judgement, judgement.items, everything, at)
}

/**
 * The refusal that stands whatever the record holds, or undefined if the record may be fetched.
 * It shows nothing of the record, so it may be told whole.
 */
export function decideUnseen(now: InForce, facts: Facts, at?: string): Decision | undefined {
  const judgement = judgeUnseen(now, facts)
  const [unseen] = judgement.items
  if (unseen === undefined || unseen.treatment.kind !== 'withhold') return undefined
  return { ...assemble(judgement, [unseen], everything, at), items: [] }
}

/**
 * Decides with every reason and as the requester may be told (INVARIANT: a refusal tells nothing).
 * An item kept back by rules that may not be told vanishes, and the rest is read anew; where nothing
 * is left the answer is that of a record that was not found.
 */
export function decideAndTell(
  now: InForce,
  facts: Facts,
  items: readonly Item[],
  at?: string,
): { readonly decision: Decision; readonly told: Decision } {
  const judgement = judge(now, facts, items)
  const decision =
    items.length === 0
      ? nothing(judgement, at)
      : assemble(judgement, judgement.items, everything, at)
  if (judgement.items.every(({ blockers }) => blockers.every(whatMayBeTold)))
    return { decision, told: decision }
  const told = judgement.items.flatMap((item): readonly Judged[] => {
    const blockers = item.blockers.filter(whatMayBeTold)
    if (item.treatment.kind !== 'withhold') return [{ ...item, blockers }]
    const duties = item.duties.filter(
      ({ finding }) => finding !== undefined && mayBeTold(finding.rule),
    )
    return joined(blockers).kind === 'withhold' ? [{ ...item, blockers, duties }] : []
  })
  return {
    decision,
    told: told.length === 0 ? nothing(judgement, at) : assemble(judgement, told, whatMayBeTold, at),
  }
}

const joined = (blockers: readonly Blocker[]): Treatment =>
  blockers.reduce((all, { treatment }) => join(all, treatment), release)

/** No hit, and a record of which nothing may be told. */
function nothing(judgement: Judgement, at: string | undefined): Decision {
  return {
    ...assemble(judgement, [], everything, at),
    standing: 'final',
    reasons: [builtIn('nothing-transmissible')],
  }
}

function assemble(
  judgement: Judgement,
  items: readonly Judged[],
  counts: Counts,
  at: string | undefined,
): Decision {
  const outcome = outcomeOf(items.map(({ treatment }) => treatment))
  const found: Cures =
    outcome === 'deny' ? curesOf(judgement, items, counts) : { cures: [], complete: true }
  const answerBy = deadline(judgement, at)
  return {
    outcome,
    ...(outcome === 'deny' ? { standing: isStillOpen(found) ? 'open' : 'final' } : {}),
    reasons: reasonsFor(judgement, items, outcome),
    missing: missing(items),
    todo: found.cures.flatMap((cure, i) => steps(cure, i + 1, answerBy)),
    ...(found.complete ? {} : { todoComplete: false }),
    items: items.map(({ id, treatment, blockers, permits }) => ({
      id,
      treatment,
      rules: distinct(
        treatment.kind === 'release'
          ? permits.map(({ rule }) => rule.id)
          : blockers.map((blocker) => ruleOf(blocker)),
      ),
    })),
    obligations: obligations(
      items.flatMap((item) => item.duties),
      transposed(judgement),
      at,
    ),
    policies: judgement.applicable.map(({ policy: { id, version, digest } }) => ({
      id,
      version,
      digest,
    })),
    ...(answerBy === undefined ? {} : { answerBy }),
  }
}

const steps = (cure: Cure, alternative: number, due: string | undefined): readonly Todo[] =>
  cure.map((step) => ({ alternative, ...step, ...(due === undefined ? {} : { due }) }))

const distinct = <T>(all: readonly T[]): readonly T[] => [...new Set(all)]

/** Judgement → decision: the outcome with its reasons, in full for the ledger and as it may be told. */

import type { Policy } from '../policy/book.ts'
import { after, type InForce } from '../policy/history.ts'
import { type Judged, type Judgement, joined, judge, mayBeTold, unseenItems } from './combine.ts'
import { deadline, type Obligation, obligations } from './duties.ts'
import type { Facts, Item } from './facts.ts'
import { builtIn, missing, type Reason, reasonsFor, ruleOf, transposed } from './reasons.ts'
import {
  type Counts,
  isOpenWithoutSuspensions,
  isStillOpen,
  type Remedies,
  type Remedy,
  remediesOf,
  searchMax,
} from './remedies.ts'
import { blockersByNo } from './reserved.ts'
import { type Outcome, outcomeOf, type Treatment } from './treatment.ts'

/** One step of a remedy. Steps with one `alternative` are needed together. */
export type Todo = {
  readonly alternative: number
  readonly fact: string
  readonly to: string | number | boolean | readonly string[]
  readonly by: 'holder-officer' | 'holder-ministry' | 'originator'
  /** What it frees, where several classes were asked for. */
  readonly classes?: readonly string[]
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
   * For a denial: whether somebody can still supply what is missing. If that is unknown (`todoComplete`), it
   * is open, since "final" would tell the requester that nobody can help. Of what leaves in part: `open`, if that
   * is so of the rest.
   */
  readonly standing?: 'open' | 'final'
  readonly reasons: readonly Reason[]
  /** Unknown facts that left a rule unanswerable. */
  readonly missing: readonly string[]
  readonly todo: readonly Todo[]
  /** False if there are more remedies than `todo` lists, or may be, because the search for them was cut off. */
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
  if (items.length > 0) {
    const judgement = judge(now, facts, items)
    return dated(assemble(judgement, judgement.items, everything, false), at)
  }
  const { refusal, judgement } = beforeFetch(now, facts, undefined, at)
  return refusal ?? dated(nothing(judgement, [], everything, false), at)
}

/** What can be said before the record is fetched. */
export type BeforeFetch = {
  readonly judgement: Judgement
  /** Classes of which nothing may leave, whatever the record holds. */
  readonly refused: readonly Judged[]
  /** The classes that may be looked for. */
  readonly open: readonly string[]
  /** The refusal, where nothing may be looked for. It shows nothing of the record, so it is told whole. */
  readonly refusal?: Decision
  /** Set to replay a decision made before grounds said what a person decides. */
  readonly asBefore?: true
}

/**
 * Judges each class asked for, with everything else of the record unknown. A class refused here is refused
 * hit or no hit. Without `classes`, judges the request as a whole.
 */
export function beforeFetch(
  now: InForce,
  facts: Facts,
  classes: readonly string[] | undefined,
  at?: string,
  asBefore?: true,
): BeforeFetch {
  const asked = unseenItems(classes).map((each) => (asBefore ? { ...each, asBefore } : each))
  const judgement = judge(now, facts, asked)
  const isRefused = ({ treatment }: Judged) => treatment.kind === 'withhold'
  const refused = judgement.items.filter(isRefused)
  const open = judgement.items.flatMap((each) =>
    isRefused(each) ? [] : [String(each.known.get('item.class'))],
  )
  const before = { judgement, refused, open, ...(asBefore ? { asBefore } : {}) }
  if (refused.length < asked.length) return before
  return {
    ...before,
    refusal: dated(assemble(judgement, refused, everything, asked.length > 1), at),
  }
}

/**
 * Decides twice: with every reason, and as the requester may be told (INVARIANT: a refusal tells nothing).
 * The told decision leaves out items withheld by rules that may not be told, and is computed anew from the
 * rest; if nothing is left, it is the answer for a record that was not found. Classes refused before the
 * fetch are told, hit or no hit, and none of their items is examined.
 */
export function decideAndTell(
  now: InForce,
  facts: Facts,
  items: readonly Item[],
  at?: string,
  before?: BeforeFetch,
): { readonly decision: Decision; readonly told: Decision } {
  const refused = before?.refused ?? []
  const ids = new Set(refused.map(({ id }) => id))
  const found = judge(
    now,
    facts,
    before?.asBefore ? items.map((item) => ({ ...item, asBefore: true })) : items,
    before?.judgement,
  )
  const seen = {
    ...found,
    asked: [...(before?.judgement.asked ?? []).filter(({ id }) => ids.has(id)), ...found.asked],
    items: [...refused, ...found.items],
  }
  const { items: all } = seen
  const isMany = (before?.judgement.asked.length ?? 0) > 1
  const decision = dated(
    (items.length === 0 ? nothing : assemble)(seen, all, everything, isMany),
    at,
  )
  // What is not told may only come to keep an item once all else lets it go: no remedy may show it.
  const isHeard = found.items.some(({ known }, i) => {
    const item = found.asked[i]
    return item !== undefined && blockersByNo(item, known).length > 0
  })
  if (!isHeard && all.every(({ blockers }) => blockers.every(whatMayBeTold)))
    return { decision, told: decision }
  const told = all.flatMap((judged, i): readonly Judged[] => {
    const item = seen.asked[i]
    const blockers = judged.blockers.filter(whatMayBeTold)
    if (judged.treatment.kind !== 'withhold') return [{ ...judged, blockers }]
    if (item === undefined || joined(blockers).kind !== 'withhold') return []
    const duties = judged.duties.filter(
      ({ finding }) => finding !== undefined && mayBeTold(finding.rule, item),
    )
    return [{ ...judged, blockers, duties }]
  })
  // Only what is told is examined, so that the time taken shows nothing of the rest.
  const rest = only(seen, told)
  const isNothing = told.length === refused.length
  return {
    decision,
    told: dated((isNothing ? nothing : assemble)(rest, told, whatMayBeTold, isMany), at),
  }
}

/** The judgement, limited to some of its items. */
function only(judgement: Judgement, items: readonly Judged[]): Judgement {
  const ids = new Set(items.map(({ id }) => id))
  return { ...judgement, items, asked: judgement.asked.filter(({ id }) => ids.has(id)) }
}

/** The answer for no hit, and for a record of which nothing may be told: what the question alone refused. */
function nothing(
  judgement: Judgement,
  refused: readonly Judged[],
  counts: Counts,
  isMany: boolean,
): Decision {
  const denial = assemble(judgement, refused, counts, isMany)
  return {
    ...denial,
    standing: refused.length === 0 ? 'final' : (denial.standing ?? 'final'),
    reasons: [...(refused.length === 0 ? [] : denial.reasons), builtIn('nothing-transmissible')],
  }
}

/** The decision on these items, with durations for deadlines. `isMany`: several classes were asked for. */
function assemble(
  judgement: Judgement,
  items: readonly Judged[],
  counts: Counts,
  isMany: boolean,
): Decision {
  const outcome = outcomeOf(items.map(({ treatment }) => treatment))
  const kinds = oneOfEach(items)
  const kept = outcome === 'deny' ? kinds : kinds.filter(isKeptAsTold)
  const found: Freeing = (isMany ? remediesByClass : remediesOf)(judgement, kept, counts)
  const answerBy = deadline(judgement)
  const isOpen = () => isStillOpen(found) || isOpenWithoutSuspensions(judgement, kept, counts)
  const standing =
    outcome === 'deny'
      ? judgement.now.unheld || isOpen()
        ? 'open'
        : 'final'
      : kept.length > 0 && isOpen()
        ? 'open'
        : undefined
  return {
    outcome,
    ...(standing === undefined ? {} : { standing }),
    reasons: reasonsFor(judgement, kinds, outcome),
    missing: missing(kinds),
    todo: found.remedies.flatMap((remedy, i) =>
      remedy.map((step) => ({
        ...{ alternative: i + 1, ...step },
        ...(answerBy === undefined ? {} : { due: answerBy }),
      })),
    ),
    ...(found.complete ? {} : { todoComplete: false }),
    items: items.filter(isSeen).map(({ id, treatment, blockers, permits }) => ({
      id,
      treatment,
      rules: distinct(
        treatment.kind === 'release'
          ? permits.map(({ rule }) => rule.id)
          : blockers.map((blocker) => ruleOf(blocker)),
      ),
    })),
    obligations: obligations(
      kinds.flatMap((item) => item.duties),
      transposed(judgement),
    ),
    policies: judgement.applicable.map(({ policy }) => refOf(policy)),
    ...(answerBy === undefined ? {} : { answerBy }),
  }
}

/** A policy as decisions name it: one object for all, so that what an entry would keep twice is found at once. */
function refOf(policy: Policy): PolicyRef {
  const before = refs.get(policy)
  if (before !== undefined) return before
  const { id, version, digest } = policy
  const ref = { id, version, digest }
  refs.set(policy, ref)
  return ref
}

const refs = new WeakMap<Policy, PolicyRef>()

/** The decision with an instant for each deadline, if the moment of the decision is known. */
export function dated(decision: Decision, at: string | undefined): Decision {
  if (at === undefined) return decision
  const { todo, obligations, answerBy } = decision
  const withDue = <T extends { readonly due?: string }>(each: T): T =>
    each.due === undefined ? each : { ...each, due: after(at, each.due) }
  return {
    ...decision,
    todo: todo.map(withDue),
    obligations: obligations.map(withDue),
    ...(answerBy === undefined ? {} : { answerBy: after(at, answerBy) }),
  }
}

/** One item of each kind. Items of one kind share one `known`. */
const oneOfEach = (items: readonly Judged[]): readonly Judged[] => {
  const kinds = new Map<Judged['known'], Judged>()
  for (const each of items) if (!kinds.has(each.known)) kinds.set(each.known, each)
  return [...kinds.values()]
}

/** Remedies whose steps may say which classes they free. */
type Freeing = Pick<Remedies, 'complete'> & {
  readonly remedies: readonly (readonly (Remedy[number] & Pick<Todo, 'classes'>)[])[]
}

/**
 * The remedies of what is kept back, each class searched by itself: somebody may supply what one of them lacks and not
 * what the other does. One that frees several is offered once. The bounds are shared out among the classes.
 */
function remediesByClass(judgement: Judgement, kept: readonly Judged[], counts: Counts): Freeing {
  const byClass = [...Map.groupBy(kept, ({ known }) => String(known.get('item.class')))]
  const share = (max: number, least: number) => Math.max(Math.ceil(max / byClass.length), least)
  const bounds = {
    effort: share(searchMax.effort, 300),
    judged: share(searchMax.judged, 4),
    offered: share(searchMax.offered, 2),
  }
  const freed = new Map<string, { readonly remedy: Remedy; readonly classes: string[] }>()
  let complete = true
  for (const [name, items] of byClass) {
    const found = remediesOf(judgement, items, counts, bounds)
    complete &&= found.complete
    for (const remedy of found.remedies) {
      const key = JSON.stringify(remedy)
      const before = freed.get(key)
      if (before === undefined) freed.set(key, { remedy, classes: [name] })
      else before.classes.push(name)
    }
  }
  const remedies = [...freed.values()]
    .map(({ remedy, classes }) => remedy.map((step) => ({ ...step, classes })))
    .sort((a, b) => a.length - b.length)
  return { remedies, complete }
}

/**
 * Whether what may be told keeps it back, so that steps for it show nothing more. What is refused by other reasons
 * stays unsaid where something leaves.
 */
const isKeptAsTold = ({ treatment, blockers }: Judged): boolean =>
  treatment.kind === 'withhold' && joined(blockers.filter(whatMayBeTold)).kind === 'withhold'

/** Whether it is an item of a record. The ids of `unseenItems` are empty or have a colon. */
const isSeen = ({ id }: Judged): boolean => id !== '' && !id.includes(':')

const distinct = <T>(all: readonly T[]): readonly T[] => [...new Set(all)]

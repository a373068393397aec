/** What each rule says of one request: policies × facts → findings. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { holds, isList, type Known, not, type Truth } from '../policy/logic.ts'
import type { Exception } from '../policy/policy.ts'

/** What one rule says. */
export type Finding = {
  readonly policy: Policy
  readonly rule: CompiledRule
  /** The rule as a whole: its condition holds, and none of its exceptions does. */
  readonly truth: Truth
  readonly when: Truth
  readonly exceptions: readonly { readonly exception: Exception; readonly truth: Truth }[]
  /** What was known when the rule was evaluated; for remedies and for the missing facts. */
  readonly known: Known
}

/** A policy that applies or may apply. */
export type Applicable = {
  readonly policy: Policy
  readonly definitely: boolean
  /** Whether it is suspended, which makes its permits unanswerable. */
  readonly suspended: boolean
  /** Findings that read nothing of the record: the same for every item. */
  readonly findings: readonly Finding[]
  /** The rules to evaluate for each item. */
  readonly itemRules: readonly CompiledRule[]
}

/** The policies that applied before some facts changed, and a test for what reads one of those. */
type Before = {
  readonly of: readonly Applicable[]
  readonly reads: (asked: { readonly reads: readonly string[] }) => boolean
}

/** The policies that apply to a request. One whose `applies` is unanswerable applies. */
export function applicable(now: InForce, request: Known, before?: Before): readonly Applicable[] {
  const said = new Map(before?.of.map((each) => [each.policy, each]))
  const found: Applicable[] = []
  for (const policy of candidates(now, request)) {
    const last = said.get(policy)
    if (before !== undefined && !before.reads(policy.applies)) {
      if (last === undefined) continue
      const findings = last.findings.map((each) =>
        before.reads(each.rule) ? find(policy, each.rule, request, last.suspended) : each,
      )
      found.push({ ...last, findings })
      continue
    }
    const applies = holds(policy.applies, request)
    if (applies === 'fails') continue
    const suspended = now.suspended.has(policy)
    const findings: Finding[] = []
    const itemRules: CompiledRule[] = []
    for (const rule of policy.rules) {
      if (rule.readsRecord) itemRules.push(rule)
      else findings.push(find(policy, rule, request, suspended))
    }
    found.push({ policy, definitely: applies === 'holds', suspended, findings, itemRules })
  }
  return found
}

/**
 * The policies that may apply between the two jurisdictions, whatever else is known: about fifteen of those
 * in force. A policy left out has an `applies` that fails on these two facts and the lists alone.
 */
function candidates({ policies, lists }: InForce, request: Known): readonly Policy[] {
  const byLists = candidatesOf.get(policies) ?? new WeakMap<InForce['lists'], Pairs>()
  candidatesOf.set(policies, byLists)
  const pairs = byLists.get(lists) ?? new Map<string, readonly Policy[]>()
  byLists.set(lists, pairs)
  const key = jurisdictions.map((name) => request.get(name)).join(' ')
  const between = {
    get: (name: string) =>
      isList(name) || jurisdictions.includes(name) ? request.get(name) : undefined,
  }
  const found =
    pairs.get(key) ?? policies.filter(({ applies }) => holds(applies, between) !== 'fails')
  if (pairs.size >= pairsMax) pairs.clear()
  pairs.set(key, found)
  return found
}

type Pairs = Map<string, readonly Policy[]>
/** Remembered by the policies and lists in force. Of a request it holds only the two jurisdictions. */
const candidatesOf = new WeakMap<InForce['policies'], WeakMap<InForce['lists'], Pairs>>()
/** Most pairs to remember: more than ask one gateway in a quarter of an hour. */
const pairsMax = 1024
const jurisdictions = ['holder.jurisdiction', 'requester.jurisdiction']

/** Evaluates one rule. A permit of a suspended policy is unanswerable. */
export function find(policy: Policy, rule: CompiledRule, known: Known, suspended = false): Finding {
  const when = holds(rule.when, known)
  if (when === 'fails' && rule.unless.length === 0)
    return { policy, rule, truth: 'fails', when, exceptions: [], known }
  const exceptions = rule.unless.map((each) => ({
    exception: each.exception,
    truth: holds(each.when, known),
  }))
  let truth = when
  for (const each of exceptions) truth = both(truth, not(each.truth))
  if (rule.waivable && truth !== 'fails') truth = both(truth, not(waived(rule, known)))
  if (suspended && rule.rule.then.effect === 'permit') truth = both(truth, 'unanswerable')
  return { policy, rule, truth, when, exceptions, known }
}

/** Whether the holder decided, by an attestation that names the rule, not to use it. */
function waived(rule: CompiledRule, known: Known): Truth {
  const rules = known.get('discretion.waived')
  if (!Array.isArray(rules)) return 'unanswerable'
  return rules.includes(rule.id) ? 'holds' : 'fails'
}

function both(a: Truth, b: Truth): Truth {
  if (a === 'fails' || b === 'fails') return 'fails'
  return a === 'holds' && b === 'holds' ? 'holds' : 'unanswerable'
}

/** The unknown facts that make a finding unanswerable. */
export function missingFacts(finding: Finding): readonly string[] {
  if (finding.truth !== 'unanswerable') return []
  const { rule, known } = finding
  const read = finding.when === 'unanswerable' ? [...rule.when.reads] : []
  for (const [i, { truth }] of finding.exceptions.entries())
    if (truth === 'unanswerable') read.push(...(rule.unless[i]?.when.reads ?? []))
  if (rule.waivable) read.push('discretion.waived')
  return [...new Set(read)].filter((fact) => known.get(fact) === undefined)
}

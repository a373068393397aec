/** What each rule says of one request: policies × facts → findings. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { holds, type Known, not, type Test, type Truth, testFor } from '../policy/logic.ts'
import type { Exception } from '../policy/policy.ts'
import { known } from './facts.ts'

/** What one rule says. */
export type Finding = {
  readonly policy: Policy
  readonly rule: CompiledRule
  /** The rule as a whole: its condition holds, and none of its exceptions does. */
  readonly truth: Truth
  readonly when: Truth
  readonly exceptions: readonly { readonly exception: Exception; readonly truth: Truth }[]
}

/** A policy that applies or may apply. */
export type Applicable = {
  readonly policy: Policy
  readonly definitely: boolean
  /** Whether it is suspended, which makes its permits unanswerable. */
  readonly suspended: boolean
  /** Findings that read nothing of the record: the same for every item. Those of rules that fail are left out. */
  readonly findings: readonly Finding[]
  /** The rules to evaluate for each item. */
  readonly itemRules: Rules
}

/** Rules of one policy, each with its condition ready to be asked, and all that they read. */
type Rules = {
  readonly all: readonly { readonly rule: CompiledRule; readonly when: Test }[]
  readonly reads: ReadonlySet<string>
}

/** What was found before some facts, given by name, changed. */
type Before<T> = { readonly found: readonly T[]; readonly changed: readonly string[] }

/** The policies that apply to a request. One whose `applies` is unanswerable applies. */
export function applicable(
  now: InForce,
  request: Known,
  before?: Before<Applicable>,
): readonly Applicable[] {
  const found: Applicable[] = []
  for (const { policy, asks, requestRules, itemRules } of candidates(now, request)) {
    if (before !== undefined && !readsAny(policy.applies.reads, before.changed)) {
      const last = before.found.find((each) => each.policy === policy)
      if (last === undefined) continue
      const stands = { found: last.findings, changed: before.changed }
      const findings = findAll(last, requestRules, request, stands)
      found.push(findings === last.findings ? last : { ...last, findings })
      continue
    }
    const applies = asks(request)
    if (applies === 'fails') continue
    const asked = { policy, suspended: now.suspended.has(policy) }
    const findings = findAll(asked, requestRules, request)
    found.push({ ...asked, definitely: applies === 'holds', findings, itemRules })
  }
  return found
}

/**
 * What those rules of a policy say whose conditions do not fail. What reads none of the changed facts stands as it
 * was `found` before.
 */
export function findAll(
  { policy, suspended }: Pick<Applicable, 'policy' | 'suspended'>,
  rules: Rules,
  known: Known,
  before?: Before<Finding>,
): readonly Finding[] {
  if (before?.changed.some((name) => rules.reads.has(name)) === false) return before.found
  const found: Finding[] = []
  for (const { rule, when: asks } of rules.all) {
    if (before !== undefined && !readsAny(rule.reads, before.changed)) {
      const last = before.found.find((each) => each.rule === rule)
      if (last !== undefined) found.push(last)
      continue
    }
    const when = asks(known)
    if (when !== 'fails') found.push(find(policy, rule, known, suspended, when))
  }
  return found
}

const readsAny = (reads: readonly string[], names: readonly string[]): boolean =>
  names.some((name) => reads.includes(name))

/** A policy that may apply, with its rules parted by whether they read anything of the record. */
type Candidate = {
  readonly policy: Policy
  /** Whether it applies. */
  readonly asks: Test
  readonly requestRules: Rules
  readonly itemRules: Rules
}

function parted(policy: Policy): Candidate {
  const before = partedOf.get(policy)
  if (before !== undefined) return before
  const rulesThat = (reads: boolean): Rules => {
    const rules = policy.rules.filter(({ readsRecord }) => readsRecord === reads)
    return {
      all: rules.map((rule) => ({ rule, when: testFor(rule.when) })),
      reads: new Set(rules.flatMap((rule) => rule.reads)),
    }
  }
  const made = {
    policy,
    asks: testFor(policy.applies),
    requestRules: rulesThat(false),
    itemRules: rulesThat(true),
  }
  partedOf.set(policy, made)
  return made
}

const partedOf = new WeakMap<Policy, Candidate>()

/**
 * The policies that may apply between the two jurisdictions, whatever else is known: about fifteen of those
 * in force. A policy left out has an `applies` that fails on these two facts and the lists alone.
 */
function candidates({ policies, lists }: InForce, request: Known): readonly Candidate[] {
  const pairs = pairsOf(policies, lists)
  const key = `${request.get(holder)} ${request.get(requester)}`
  const before = pairs.get(key)
  if (before !== undefined) return before
  const facts = { [holder]: request.get(holder), [requester]: request.get(requester) }
  const between = known(facts, lists)
  const found = policies.filter(({ applies }) => holds(applies, between) !== 'fails').map(parted)
  if (pairs.size >= pairsMax) pairs.clear()
  pairs.set(key, found)
  return found
}

/** Whether a suspended policy may apply between the two jurisdictions, whatever else is known. */
export const mayBeSuspended = (now: InForce, request: Known): boolean =>
  now.suspended.size > 0 && candidates(now, request).some(({ policy }) => now.suspended.has(policy))

/** Whether a policy that may apply between the two jurisdictions reads a claim, whatever else is known. */
export const mayRead = (now: InForce, request: Known, claim: string): boolean =>
  candidates(now, request).some(({ policy }) => policy.claims.includes(claim))

type Pairs = Map<string, readonly Candidate[]>

function pairsOf(policies: InForce['policies'], lists: InForce['lists']): Pairs {
  const byLists = candidatesOf.get(policies) ?? new WeakMap<InForce['lists'], Pairs>()
  const before = byLists.get(lists)
  if (before !== undefined) return before
  const pairs: Pairs = new Map()
  candidatesOf.set(policies, byLists.set(lists, pairs))
  return pairs
}

/** Remembered by the policies and lists in force. Of a request it holds only the two jurisdictions. */
const candidatesOf = new WeakMap<InForce['policies'], WeakMap<InForce['lists'], Pairs>>()
/** Most pairs to remember: more than ask one gateway in a quarter of an hour. */
const pairsMax = 1024
const [holder, requester] = ['holder.jurisdiction', 'requester.jurisdiction'] as const

/** Evaluates one rule. A permit of a suspended policy is unanswerable. */
export function find(
  policy: Policy,
  rule: CompiledRule,
  known: Known,
  suspended = false,
  when: Truth = holds(rule.when, known),
): Finding {
  if (when === 'fails' && rule.unless.length === 0)
    return { policy, rule, truth: when, when, exceptions: [] }
  const exceptions = rule.unless.map((each) => ({
    exception: each.exception,
    truth: holds(each.when, known),
  }))
  let truth = when
  for (const each of exceptions) truth = both(truth, not(each.truth))
  if (rule.waivable && truth !== 'fails') truth = both(truth, not(waived(rule, known)))
  if (suspended && rule.rule.then.effect === 'permit') truth = both(truth, 'unanswerable')
  return { policy, rule, truth, when, exceptions }
}

/**
 * INVARIANT (not knowing is stricter): a permit was written for requests unless it says otherwise. What the holder
 * gives unasked is permitted by those alone that read whether it is.
 */
export const speaksTo = ({ reads }: CompiledRule, own: Known): boolean =>
  own.get('request.unasked') !== true || reads.includes('request.unasked')

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

/** The facts that make a finding unanswerable, unknown to what it was found on. */
export function missingFacts(finding: Finding, known: Known): readonly string[] {
  if (finding.truth !== 'unanswerable') return []
  const { rule } = finding
  const read = finding.when === 'unanswerable' ? [...rule.when.reads] : []
  for (const [i, { truth }] of finding.exceptions.entries())
    if (truth === 'unanswerable') read.push(...(rule.unless[i]?.when.reads ?? []))
  if (rule.waivable) read.push('discretion.waived')
  return [...new Set(read)].filter((fact) => known.get(fact) === undefined)
}

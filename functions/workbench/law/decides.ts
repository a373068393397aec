/** What in a policy decides: the one reading by which versions are compared and tested. */

import { find, missingFacts } from '../../decision/evaluate.ts'
import { differsByRule } from '../../decision/reserved.ts'
import type { CompiledRule, Policy } from '../../policy/book.ts'
import { type Condition, holds, type Known } from '../../policy/logic.ts'

/** The conditions of a rule: its own, and those of its exceptions. */
export const conditionsOfRule = ({
  when,
  unless,
}: Pick<CompiledRule, 'when' | 'unless'>): readonly Condition[] => [
  when,
  ...unless.map((each) => each.when),
]

/** Every condition of a policy. */
export const conditionsOf = ({ applies, byRule, rules }: Policy): readonly Condition[] => [
  applies,
  ...byRule,
  ...rules.flatMap(conditionsOfRule),
]

/** The lists that the rules of a version read. */
export function listsReadBy(policy: Policy): ReadonlySet<string> {
  const read = listsRead.get(policy) ?? new Set(conditionsOf(policy).flatMap(({ lists }) => lists))
  listsRead.set(policy, read)
  return read
}

const listsRead = new WeakMap<Policy, ReadonlySet<string>>()

/** What follows from a rule where it speaks. */
const consequencesOf = ({ rule, unless, waivable }: CompiledRule): string =>
  JSON.stringify([rule.then, unless.map(({ exception }) => exception.obligations), waivable])

/** Everything in a rule that an answer can depend on; its wording does not matter. */
export const decisive = (rule: CompiledRule): string =>
  JSON.stringify([rule.id, conditionsOfRule(rule).map(({ logic }) => logic), consequencesOf(rule)])

/** Everything in a policy besides its rules that an answer can depend on. */
const decisiveBesideRules = ({
  file,
  applies,
  byRule,
  claims,
  readsArrangements,
}: Policy): string =>
  JSON.stringify([
    file.kind,
    file.otherwise && [file.otherwise.code, file.otherwise.tell],
    file.automation === undefined,
    [applies, ...byRule].map(({ logic }) => logic),
    claims,
    readsArrangements,
  ])

/** A policy that decides differently under two laws, or is in force under only one of them. */
export type ChangedPolicy = {
  readonly before?: Policy
  readonly after?: Policy
  /** The rules that only one version has. Absent if more than rules differ: then any rule may. */
  readonly rules?: {
    readonly before: readonly CompiledRule[]
    readonly after: readonly CompiledRule[]
  }
}

/** What differs between two policies, as far as an answer can depend on it. */
export function changeBetween(
  before: Policy | undefined,
  after: Policy | undefined,
): ChangedPolicy | undefined {
  if (before === after) return undefined
  if (before === undefined || after === undefined)
    return { ...(before && { before }), ...(after && { after }) }
  if (decisiveBesideRules(before) !== decisiveBesideRules(after)) return { before, after }
  const only = (own: Policy, other: Policy) => {
    const same = new Set(other.rules.map(decisive))
    return own.rules.filter((rule) => !same.has(decisive(rule)))
  }
  const order = (own: Policy, other: Policy) => {
    const same = new Set(other.rules.map(decisive))
    return own.rules.map(decisive).filter((rule) => same.has(rule))
  }
  // An answer names the rules in order, so another order is another answer.
  if (order(before, after).join() !== order(after, before).join()) return { before, after }
  const rules = { before: only(before, after), after: only(after, before) }
  return rules.before.length + rules.after.length === 0 ? undefined : { before, after, rules }
}

/** A part of a policy that can be changed by itself. */
export type PolicyPart =
  | { readonly of: 'head' | 'applies' | 'otherwise' | 'automation' }
  | { readonly of: 'rule'; readonly id: string }

const ruleIn = ({ rules }: Policy, { id }: { readonly id: string }): CompiledRule | undefined =>
  rules.find(({ rule }) => rule.id === id)

/** The rule that a part names, in each version; undefined where a version does not have it. */
export const rulesOf = (part: PolicyPart, ...versions: readonly Policy[]) =>
  versions.map((each) => (part.of === 'rule' ? ruleIn(each, part) : undefined))

/**
 * Whether two versions say something different in a part when certain facts are known, whether or not they
 * apply. Missing facts are part of what is said, because an answer names them.
 */
export function saysOther(
  part: PolicyPart,
  before: Policy,
  after: Policy,
): (known: Known) => boolean {
  if (part.of === 'automation') return (known) => differsByRule(before, after, known)
  if (part.of === 'applies')
    return (known) => holds(before.applies, known) !== holds(after.applies, known)
  if (part.of !== 'rule') return (known) => holds(before.applies, known) !== 'fails'
  const [was, is] = rulesOf(part, before, after)
  const sameThen = was && is && consequencesOf(was) === consequencesOf(is)
  return (known) => {
    const [a, b] = [sayingOf(before, was, known), sayingOf(after, is, known)]
    // The rule may say the same while something else follows from it.
    return a !== b || (!sameThen && a !== 'fails')
  }
}

function sayingOf(policy: Policy, rule: CompiledRule | undefined, known: Known): string {
  if (rule === undefined) return 'fails'
  const finding = find(policy, rule, known)
  const { truth, when, exceptions } = finding
  if (truth === 'fails' && exceptions.length === 0) return 'fails'
  return JSON.stringify([
    truth,
    when,
    exceptions.map((each) => each.truth),
    missingFacts(finding, known),
  ])
}

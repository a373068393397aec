/**
 * What the engine answers of one item, as formulas over all facts (`judge`): whether it leaves, and under which duties.
 * The item is one that was found, without markings and in a form that allows each treatment: a marking adds duties, and
 * what a value does not allow is withheld.
 */

import { onWhom } from '../../decision/item-duties.ts'
import type { CompiledRule, Policy } from '../../policy/book.ts'
import { claimsThatBind } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import type { PolicyObligation } from '../../policy/policy.ts'
import { answersAsked, isAgainst, vouching } from '../../policy/vouching.ts'
import type { Conditions } from './conditions.ts'
import type { Answers } from './facts.ts'
import { type Literal, no, not, yes } from './formula.ts'

/** What is answered of an item. */
export type JudgedFormula = {
  /** It leaves, as it is or changed. */
  readonly leaves: Literal
  /** It leaves, and no officer decided. */
  readonly leavesByRuleAlone: Literal
  /** By code: where a duty lies on it, if it leaves. */
  readonly duties: ReadonlyMap<string, Literal>
  /** The same by all that is said of the duty (`dutyText`). */
  readonly owed: ReadonlyMap<string, Literal>
  /** Where it leaves changed, if it leaves: by treatment; where a mask keeps so many characters, by these. */
  readonly changes: ReadonlyMap<Change, Literal>
}

type Change = 'generalise' | 'mask' | 'pseudonymise' | number

type Duty = Pick<PolicyObligation, 'code' | 'value' | 'within'>

/** A duty with its value and its period. A claim that is stated has its fact for a value. */
export const dutyText = ({ code, value, within }: Duty): string =>
  JSON.stringify([code, code === 'O-STATED' ? value?.split(' ')[0] : value, within])

/** A policy, and where it applies or may apply. */
type Applying = { readonly policy: Policy; readonly at: Literal; readonly isSuspended: boolean }

/** The formulas of one item under the law of a day. */
export function judgedFormula(facts: Conditions, now: InForce): JudgedFormula {
  const { and, or } = facts.graph
  const released = facts.is('release.decision', 'release')
  const applying = now.policies.flatMap((policy): Applying[] => {
    const at = not(facts.ask(policy.applies.logic).fails)
    return at === no ? [] : [{ policy, at, isSuspended: now.suspended.has(policy) }]
  })
  const [duties, owed] = [new Map<string, Literal>(), new Map<string, Literal>()]
  const changes = new Map<Change, Literal>()
  const owe: Owe = (duty, at) => {
    duties.set(duty.code, or(duties.get(duty.code) ?? no, at))
    owed.set(dutyText(duty), or(owed.get(dutyText(duty)) ?? no, at))
  }
  const change = (kind: Change, at: Literal) => changes.set(kind, or(changes.get(kind) ?? no, at))
  const said = applying.map((each) => policyFormula(facts, each, owe, change))
  oweStated(facts, applying, owe)

  const changed = (['generalise', 'mask', 'pseudonymise'] as const).map(
    (kind) => changes.get(kind) ?? no,
  )
  // Neither of two kinds contains the other (`join`).
  const mixed = changed.flatMap((a, i) => changed.slice(i + 1).map((b) => and(a, b)))
  const own = applying.filter(({ policy }) => policy.folder === facts.holder.toLowerCase())
  const grounds = own.filter(({ policy }) => policy.file.kind === 'ground')
  const noPolicy = grounds.map(({ policy }) => not(facts.ask(policy.applies.logic).holds))
  const reserved = or(
    ...['request.redescribed', 'request.manyPersons'].map((name) => facts.is(name, true)),
    ...['item.redescribed', 'item.foundAgainst'].map((name) => facts.is(name, true)),
    ...said.map(({ needsOfficer }) => needsOfficer),
  )
  const leaves = not(
    or(
      ...[...said.flatMap(({ withheld }) => withheld), ...mixed, and(...noPolicy)],
      ...[facts.choice('item.class').unknown, unhonoured(facts, duties)],
      and(not(released), or(reserved, answeredNo(facts))),
    ),
  )
  return { leaves, leavesByRuleAlone: and(leaves, not(released)), duties, owed, changes }
}

type Owe = (duty: Duty, at: Literal) => void

/** What one policy says. */
function policyFormula(
  facts: Conditions,
  applying: Applying,
  owe: Owe,
  change: (kind: Change, at: Literal) => void,
) {
  const { policy, at, isSuspended } = applying
  const { and, or } = facts.graph
  const [permits, withheld]: [Literal[], Literal[]] = [[], []]
  for (const rule of policy.rules) {
    const { then } = rule.rule
    const { when, exceptions, holds, fails } = found(facts, rule)
    const may = and(at, not(fails))
    // A permit that does not speak of what is given unasked counts for requests alone (`speaksTo`).
    const speaks = rule.reads.includes('request.unasked')
      ? yes
      : not(facts.is('request.unasked', true))
    if (then.effect === 'permit') permits.push(and(holds, speaks))
    else if (then.effect === 'redact' && then.treatment !== 'withhold') {
      change(then.treatment, may)
      if (then.treatment === 'mask') change(then.keepLast ?? 0, may)
    } else if (then.effect !== 'oblige') withheld.push(may)
    for (const duty of then.obligations ?? []) owe(duty, may)
    for (const { exception, truth } of exceptions)
      for (const duty of exception.obligations ?? [])
        owe(duty, and(at, not(when.fails), not(truth.fails)))
  }
  if (policy.file.kind !== 'ground') return { withheld, needsOfficer: no }
  withheld.push(and(at, isSuspended ? yes : not(or(...permits))))
  const lets = or(...policy.byRule.map(({ logic }) => facts.ask(logic).holds))
  const byRule = and(facts.is('release.decision', 'none'), lets)
  return { withheld, needsOfficer: and(at, not(byRule)) }
}

/** A rule as a whole (`find`). That a suspended permit is unanswerable is said where it counts. */
function found(facts: Conditions, rule: CompiledRule) {
  const { and, or } = facts.graph
  const when = facts.ask(rule.when.logic)
  const exceptions = rule.unless.map((each) => ({ ...each, truth: facts.ask(each.when.logic) }))
  const { has, unknown } = facts.listing('discretion.waived')
  const waived: Answers = {
    holds: rule.waivable ? has(rule.id) : no,
    fails: rule.waivable ? and(not(unknown), not(has(rule.id))) : yes,
  }
  const except = [...exceptions.map(({ truth }) => truth), waived]
  return {
    ...{ when, exceptions },
    holds: and(when.holds, ...except.map(({ fails }) => fails)),
    fails: or(when.fails, ...except.map(({ holds }) => holds)),
  }
}

/** The duties on claims, and those of arrangements (`stated`). */
function oweStated(facts: Conditions, applying: readonly Applying[], owe: Owe): void {
  const { and, or } = facts.graph
  const where = (reads: (policy: Policy) => boolean) =>
    or(...applying.flatMap(({ policy, at }) => (reads(policy) ? [at] : [])))
  const arranged = where(({ readsArrangements }) => readsArrangements)
  const covering = (arranged === no ? [] : facts.arrangements()).map(
    ({ arrangement, mayCover }) => ({ ...arrangement.entry, at: and(arranged, mayCover) }),
  )
  const restsOn = facts.listing('request.restsOn')
  for (const claim of claimsThatBind) {
    const { values, unknown } = facts.choice(claim)
    const says = and(not(unknown), not(values.get('none') ?? no))
    const rests = and(not(restsOn.unknown), restsOn.has(claim))
    const byArrangement = covering.flatMap(({ threshold, at }) =>
      claim === 'request.purpose' || (claim === penalty && threshold !== undefined) ? [at] : [],
    )
    const read = where(({ claims }) => claims.includes(claim))
    owe({ code: 'O-STATED', value: claim }, and(says, or(rests, read, ...byArrangement)))
  }
  for (const { duties, at } of covering) for (const code of duties) owe({ code }, at)
}

const penalty = 'request.offence.maxCustodyMonthsRequester'

/** Where the requester's own law forbids, or may forbid, it to keep one of the duties. */
function unhonoured({ graph, listing }: Conditions, duties: JudgedFormula['duties']): Literal {
  const { has, unknown } = listing('requester.cannotHonour')
  const all = [...duties].filter(([code]) => onWhom({ code }) === 'requester')
  return graph.or(...all.map(([code, at]) => graph.and(at, graph.or(unknown, has(code)))))
}

/** Where some office answered no, or it is not known what it answered (`answersNo`). */
function answeredNo({ graph: { and, or }, choice, is }: Conditions): Literal {
  return or(
    ...answersAsked.map((fact) => {
      const { values, unknown } = choice(fact)
      const noes = [...values].flatMap(([value, at]) => (isAgainst(fact, value) ? [at] : []))
      return and(
        or(unknown, ...noes),
        not(is('request.purpose', ...(vouching[fact]?.idleFor ?? []))),
      )
    }),
  )
}

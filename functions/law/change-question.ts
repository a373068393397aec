/** What to find out about one change between two versions: which facts to try, under which laws. */

import { find } from '../decision/evaluate.ts'
import { broughtAboutBy } from '../decision/facts.ts'
import { differsByRule } from '../decision/reserved.ts'
import type { Book, CompiledRule, List, Policy } from '../policy/book.ts'
import { type InForce, inForce } from '../policy/history.ts'
import { application, type Condition, holds, variable } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { type FactValue, vocabulary } from '../policy/vocabulary.ts'
import type { Member } from './clauses.ts'
import type { Change } from './diff.ts'
import type { LawOn, Question, Start, Tries } from './difference.ts'
import { dayAfter, spaceOf } from './values.ts'

/** The law of every day with this version of a policy in the place of its others. */
export const lawWithPolicy = (book: Book, policy: Policy, asKnown: string): LawOn =>
  perDay((day) => {
    const now = inForce(book, day, asKnown)
    const others = now.policies.filter(({ id }) => id !== policy.id)
    const own = policy.file.repealed ? [] : [policy]
    return { ...now, policies: [...others, ...own].sort((a, b) => (a.id < b.id ? -1 : 1)) }
  })

/** The law of every day with this version of a list in the place of its others. */
export function lawWithList(book: Book, list: List, asKnown: string): LawOn {
  const others = book.lists.filter(({ id }) => id !== list.id)
  const own = { ...list, day: '0001-01-01', sealedAt: '0001-01-01T00:00:00Z' }
  return perDay((day) => inForce({ ...book, lists: [...others, own] }, day, asKnown))
}

function perDay(make: LawOn): LawOn {
  const made = new Map<string, InForce>()
  return (day) => {
    const now = made.get(day) ?? make(day)
    made.set(day, now)
    return now
  }
}

/** The question about a change of a policy; nothing where no answer can depend on the change. */
export function policyQuestion(
  { subject, answers }: Change,
  before: Policy,
  after: Policy,
  start: Start,
  law: (policy: Policy) => LawOn,
): Question | undefined {
  if (!answers) return undefined
  const now = law(before)(start.asOf)
  const space = (conditions: readonly Condition[]) => triesFor(conditions, now)
  const id = subject.of === 'rule' ? subject.id : undefined
  const pair = [before, after].map((each) => each.rules.find(({ rule }) => rule.id === id))
  const rules = pair.filter((each) => each !== undefined)
  const isRule = rules.length > 0
  const waivable = rules.find((each) => each.waivable)
  const conditions = isRule ? rules.flatMap(conditionsOf) : partsOf(subject, before, after)
  const own = new Map([
    ...space(conditions),
    ...(waivable === undefined ? [] : waivers(waivable.id, now)),
    // What a ground lets go by rule shows where nobody has decided.
    ...(subject.of === 'automation' ? [['release.decision', ['none']] as const] : []),
  ])
  // A rule is covered by the scope and the permits of its policy; a scope by what the policy does.
  const near = [before, after].flatMap(({ rules: all }) =>
    all.filter(({ rule }) => !isRule || rule.then.effect === 'permit'),
  )
  // What a person must decide hides what the rules say, until he has: so it is tried first.
  const others = new Map([
    ['release.decision', ['none', 'release']] as const,
    ...space([before.applies, after.applies, ...near.flatMap(conditionsOf)]),
  ])
  for (const [name, values] of waivers(undefined, now)) others.set(name, values)
  return {
    before: law(before),
    alone: law(withOnly(subject, before, after)),
    after: law(after),
    own,
    others: new Map([...others].filter(([name]) => !own.has(name))),
    ...(isOutOfReach(conditions) ? { isOutOfReach: true } : {}),
    matters: isRule ? ruleMatters([before, after], pair) : scopeMatters(subject, before, after),
  }
}

/** The holder waives nothing, this rule, or all other discretionary refusals. */
function waivers(own: string | undefined, { policies }: InForce): Tries {
  const all = policies.flatMap(({ rules }) => rules.filter(({ waivable }) => waivable))
  const others = all.map(({ id }) => id).filter((id) => id !== own)
  const values = own === undefined ? [others] : [[], [own], others]
  return new Map(all.length === 0 ? [] : [['discretion.waived', values]])
}

/** The conditions of what is changed, where it is no rule. */
const partsOf = ({ of }: Change['subject'], ...versions: readonly Policy[]): readonly Condition[] =>
  versions.flatMap(({ applies, byRule }) => (of === 'automation' ? byRule : [applies]))

const conditionsOf = ({ when, unless }: CompiledRule): readonly Condition[] => [
  when,
  ...unless.map((each) => each.when),
]

/** What of a file a change takes with it: a limit has neither silence nor automation. */
const partsOfFile = {
  head: ['kind', 'repealed', 'otherwise', 'automation'],
  otherwise: ['otherwise'],
  automation: ['automation'],
} as const

/** The version before with one change of the version after. */
function withOnly(subject: Change['subject'], before: Policy, after: Policy): Policy {
  switch (subject.of) {
    case 'applies':
      return {
        ...before,
        applies: after.applies,
        file: { ...before.file, applies: after.file.applies },
      }
    case 'automation':
    case 'otherwise':
    case 'head': {
      const taken = partsOfFile[subject.of].map((name) => [name, after.file[name]])
      const { byRule } = subject.of === 'otherwise' ? before : after
      return { ...before, byRule, file: { ...before.file, ...Object.fromEntries(taken) } }
    }
    case 'rule': {
      const { id } = subject
      const isIt = ({ rule }: CompiledRule) => rule.id === id
      const changed = after.rules.filter(isIt)
      const at = before.rules.findIndex(isIt)
      const rules = before.rules.filter((each) => !isIt(each))
      return { ...before, rules: rules.toSpliced(at < 0 ? rules.length : at, 0, ...changed) }
    }
    case 'member':
    case 'element':
    case 'arrangement':
    case 'routine-use':
      return before
  }
}

/**
 * The values that conditions tell apart; of the instrument claimed for the one in force, and of whatever
 * else a fact that is worked out rests on, every value that is named.
 */
function triesFor(conditions: readonly Condition[], { lists }: InForce): Tries {
  const logics = conditions.map(({ logic }) => logic)
  const tries = new Map<string, readonly FactValue[]>()
  for (const [name, values] of spaceOf(logics, lists).facts) {
    const by = broughtAboutBy(name)
    if (by !== undefined) tries.set(by, values)
    else
      for (const each of vocabulary[name]?.follows ?? []) {
        const fact = vocabulary[each]
        if (fact?.type === 'enum' && !tries.has(each)) tries.set(each, Object.keys(fact.values))
      }
  }
  return tries
}

/** Whether conditions read what no single other fact brings about: then not all of it can be tried. */
const isOutOfReach = (conditions: readonly Condition[]): boolean =>
  conditions.some(({ facts }) => facts.some((name) => broughtAboutBy(name) === undefined))

/** A changed rule shows where it says something else, or where it speaks and its consequence is new. */
function ruleMatters(
  [before, after]: readonly Policy[],
  [was, is]: readonly (CompiledRule | undefined)[],
): Question['matters'] {
  const consequences = [was, is].map((each) =>
    JSON.stringify([each?.rule.then, each?.unless.map(({ exception }) => exception)]),
  )
  const sameThen = consequences[0] === consequences[1] && was?.waivable === is?.waivable
  return (known) => {
    const [a, b] = [[before, was] as const, [after, is] as const].map(([policy, rule]) => {
      if (policy === undefined || rule === undefined) return 'fails'
      const { truth, when, exceptions } = find(policy, rule, known)
      return when === 'fails' ? 'fails' : [truth, ...exceptions.map((each) => each.truth)].join()
    })
    return a !== b || (!sameThen && a !== 'fails')
  }
}

function scopeMatters(
  subject: Change['subject'],
  before: Policy,
  after: Policy,
): Question['matters'] {
  if (subject.of === 'automation') return (known) => differsByRule(before, after, known)
  if (subject.of !== 'applies') return (known) => holds(before.applies, known) !== 'fails'
  return (known) => holds(before.applies, known) !== holds(after.applies, known)
}

/** The question about a changed entry of a list. */
export function memberQuestion(
  { subject }: Change,
  before: List,
  after: List,
  start: Start,
  law: (list: List) => LawOn,
): Question | undefined {
  if (subject.of !== 'member') return undefined
  const was = law(before)
  const alone = law(withEntry(before, subject.before, subject.after))
  const dated = [subject.before, subject.after].flatMap((each) => [each?.from, each?.until])
  const around = dated.flatMap((day) =>
    day === undefined ? [] : [0, -1, 1].map((by) => dayAfter(day, by)),
  )
  const days = [...new Set([start.asOf, ...around])]
  const seen = days.filter((day) => moved(before.id, was(day), alone(day)).length > 0)
  const values = [...new Set(seen.flatMap((day) => moved(before.id, was(day), alone(day))))]
  return {
    before: was,
    alone,
    after: law(after),
    ...entryTries(before, was(start.asOf), seen, values),
    matters: () => seen.length > 0,
  }
}

/** A list with one entry of it replaced, left out or added. */
function withEntry(list: List, before: Member | undefined, after: Member | undefined): List {
  const kept = (list.file.members ?? []).filter((each) => each !== before)
  return { ...list, file: { ...list.file, members: after === undefined ? kept : [...kept, after] } }
}

/** The days and values that came or went, in the facts that are looked up in the list. */
function entryTries(
  list: List,
  now: InForce,
  days: readonly string[],
  values: readonly string[],
): Pick<Question, 'own' | 'others'> {
  const readers = now.policies.flatMap((policy) =>
    [{ when: policy.applies, unless: [] }, ...policy.rules]
      .map((each) => [each.when, ...each.unless.map(({ when }) => when)])
      .filter((conditions) => conditions.some((each) => reads(each, list, now)))
      .map((conditions) => [policy.applies, ...conditions]),
  )
  const { instrument } = list.file
  const parties = instrument === undefined ? [] : ['requester.jurisdiction', 'holder.jurisdiction']
  const names = new Set([...parties, ...readers.flat().flatMap(({ logic }) => lookedUp(logic))])
  const own = new Map<string, readonly FactValue[]>([
    ['asOf', days],
    ...[...names].map((name) => [name, values] as const),
    ...(instrument === undefined ? [] : [['request.instrument', ['none', instrument]] as const]),
  ])
  const others = triesFor(readers.flat(), now)
  return { own, others: new Map([...others].filter(([name]) => !own.has(name))) }
}

/** Who is on a list under one law and not under the other. */
function moved(id: string, before: InForce, after: InForce): readonly string[] {
  const [a = [], b = []] = [before.lists[id], after.lists[id]]
  return [...a.filter((each) => !b.includes(each)), ...b.filter((each) => !a.includes(each))]
}

/** Whether a condition reads a list, one that takes its members, or the instrument that it is of. */
const reads = ({ lists, facts }: Condition, list: List, now: InForce): boolean =>
  (list.file.instrument !== undefined && facts.includes('instrument.inForce')) ||
  lists.some(
    (id) =>
      id === list.id ||
      now.listVersions.some(
        (each) =>
          each.id === id &&
          (each.file.members ?? []).some((one) => 'membersOf' in one && one.membersOf === list.id),
      ),
  )

/** The facts that a condition looks up in shared lists. */
function lookedUp(logic: Logic): readonly string[] {
  const [operator, operands] = application(logic)
  if (operator === 'and' || operator === 'or' || operator === '!') return operands.flatMap(lookedUp)
  const [left, right] = operands.map(variable)
  return operator === 'in' && left !== undefined && right?.startsWith('lists.') ? [left] : []
}

/**
 * Whether a change of the law can matter at all: shown by trying every value of the facts that the
 * changed rule reads, unknown among them. A change that cannot matter needs no case.
 */

import { find, missingFacts } from '../decision/evaluate.ts'
import { assume } from '../decision/facts.ts'
import { differsByRule } from '../decision/reserved.ts'
import type { Book, CompiledRule, Policy } from '../policy/book.ts'
import { datedIn, type InForce, inForce } from '../policy/history.ts'
import { type Condition, holds, type Known } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import type { FactValue } from '../policy/vocabulary.ts'
import { changed, sameAnswers, sameLaw } from './changed-law.ts'
import type { Change } from './changes.ts'
import { changedIn, holdersIn, type ListChange, namesIn, partyListsIn } from './list-changes.ts'
import { dayAfter, everyKnown, type Space, spaceOf } from './values.ts'

/** Combinations that are tried at most; beyond them nothing is claimed. */
const combinationsMax = 20_000

/** Facts with their values; null where a fact is unknown. */
export type Place = Readonly<Record<string, FactValue | null>>

/** The facts of a place that the rule reads, and not the scope of its policy. */
export function ofRule({ of, pointer, ...rest }: PolicyChange, place: Place): Place {
  const { before } = pairOf({ of, pointer, ...rest })
  if (before === undefined) return place
  const facts = [before.when, ...before.unless.map((each) => each.when)].flatMap(
    (each) => each.facts,
  )
  return Object.fromEntries(Object.entries(place).filter(([name]) => facts.includes(name)))
}

/** Where a change shows, or that it can show nowhere. */
export type Showing = { readonly cannotMatter: boolean; readonly where: readonly Place[] }

type PolicyChange = Extract<Change, { readonly kind: 'policy' }>

/** Where the changed rule answers otherwise than before: some of these places, at most `max`. */
export function showing(change: PolicyChange, nows: readonly InForce[], max: number): Showing {
  const where: Place[] = []
  const pair = pairOf(change)
  const logics = logicsOf(change, pair)
  let whole = nows.length > 0
  for (const now of nows) {
    const space = spaceOf(logics, now.lists)
    if (space.size > combinationsMax) {
      whole = false
      continue
    }
    for (const known of everyKnown(space, now.lists, true))
      if (differs(change, pair, unwaived(known)))
        where.push({
          // What a ground lets go by rule shows where nobody has decided.
          ...(isOfAutomation(change) ? { 'release.decision': 'none' } : {}),
          ...Object.fromEntries(
            [...space.facts.keys()].map((name) => [name, known.get(name) ?? null]),
          ),
        })
  }
  return { cannotMatter: whole && where.length === 0, where: spread(where, max) }
}

/** At most `max` of many, evenly; those where the most is known come first. */
function spread(places: readonly Place[], max: number): readonly Place[] {
  const unknown = (place: Place) => Object.values(place).filter((each) => each === null).length
  const some = places.filter((_, i) => i % Math.ceil(places.length / max) === 0)
  return some.toSorted((a, b) => unknown(a) - unknown(b))
}

type Pair = { readonly before?: CompiledRule; readonly after?: CompiledRule }

/** The changed rule before and after; none of both where the scope of the policy is changed. */
function pairOf({ of, to, pointer }: PolicyChange): Pair {
  const before = of.rules[Number(/^\/rules\/(\d+)/.exec(pointer)?.[1] ?? Number.NaN)]
  const after = to.rules.find(({ id }) => id === before?.id)
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function logicsOf(change: PolicyChange, { before, after }: Pair): readonly Logic[] {
  const { of, to } = change
  const rules = [before, after].flatMap((rule) => (rule === undefined ? [] : logicsOfRule(rule)))
  const byRule = isOfAutomation(change) ? [...of.byRule, ...to.byRule] : []
  return [of.applies.logic, to.applies.logic, ...byRule.map(({ logic }) => logic), ...rules]
}

const isOfAutomation = ({ pointer }: PolicyChange): boolean => pointer.startsWith('/automation')

const logicsOfRule = ({ when, unless }: CompiledRule): readonly Logic[] => [
  when.logic,
  ...unless.map((each) => each.when.logic),
]

/** Nobody has waived anything, so that every rule can show. */
const unwaived = (known: Known): Known => assume(known, 'discretion.waived', [])

/** Whether a change shows where certain facts are known; where it may, for what is not a rule's. */
export function differsOn(change: Change): (known: Known) => boolean {
  if (change.kind === 'list' || change.moved) return () => true
  const pair = pairOf(change)
  return (known) => differs(change, pair, known)
}

function differs(change: PolicyChange, { before, after }: Pair, known: Known): boolean {
  const { of, to } = change
  const applied = holds(of.applies, known)
  if (of.applies !== to.applies) return applied !== holds(to.applies, known)
  if (applied === 'fails') return false
  // A claim that is read nowhere any more is no duty any more, whatever else is said.
  if (of.claims.join() !== to.claims.join()) return true
  if (of.readsArrangements !== to.readsArrangements) return true
  if (isOfAutomation(change)) return differsByRule(of, to, known)
  if (before === undefined) return true
  const said = (policy: Policy, rule: CompiledRule | undefined) => {
    if (rule === undefined) return 'fails'
    const finding = find(policy, rule, known)
    const { truth, when, exceptions } = finding
    if (truth === 'fails' && exceptions.length === 0) return 'fails'
    return JSON.stringify([
      truth,
      when,
      exceptions.map((each) => each.truth),
      missingFacts(finding),
    ])
  }
  const [was, is] = [said(of, before), said(to, after)]
  if (was !== is) return true
  // What the rule says is the same; what follows from it may not be.
  const sameThen =
    JSON.stringify(before.rule.then) === JSON.stringify(after?.rule.then) &&
    JSON.stringify(before.unless.map((each) => each.exception)) ===
      JSON.stringify(after?.unless.map((each) => each.exception)) &&
    before.waivable === after?.waivable
  return !sameThen && was !== 'fails'
}

/**
 * Whether what a treatment is changed to never shows: in every country that has a law of its own
 * here, another rule keeps back all that this one touches; in every other, nothing leaves.
 */
export function keptBackAnyway(change: PolicyChange, nows: readonly InForce[]): boolean {
  const { before, after } = pairOf(change)
  if (before?.rule.then.effect !== 'redact' || after?.rule.then.effect !== 'redact') return false
  if (before.rule.then.treatment === after.rule.then.treatment) return false
  const tried = new Map<string, boolean>()
  return nows.every((now) => {
    const holders = now.policies
      .filter(({ file }) => file.kind === 'ground')
      .filter((policy) => grounds(policy, now))
      .map(({ folder }) => folder.toUpperCase())
    const others = now.policies.flatMap((policy) =>
      policy.rules
        .filter((rule) => rule !== before && !rule.waivable && keepsBack(rule))
        // One that reads none of the same facts keeps back other things.
        .filter(({ when }) => when.facts.some((fact) => before.when.facts.includes(fact)))
        .map((rule) => ({ policy, rule })),
    )
    const one = { policy: change.of, rule: before }
    const isCovered = (other: Placed, holder: string): boolean => {
      // The answer depends on the lists that the two read, not on the day.
      const lists = [one, other].flatMap(({ policy, rule }) => [
        ...policy.applies.lists,
        ...rule.when.lists,
        ...rule.unless.flatMap(({ when }) => when.lists),
      ])
      const { id, version } = other.policy
      const key = JSON.stringify([
        holder,
        id,
        version,
        other.rule.id,
        lists.map((each) => now.lists[each]),
      ])
      const known = tried.get(key) ?? covers(other, one, holder, now)
      tried.set(key, known)
      return known
    }
    return [...new Set(holders)].every((holder) => others.some((other) => isCovered(other, holder)))
  })
}

const keepsBack = ({ rule: { then } }: CompiledRule): boolean =>
  then.effect === 'deny' || (then.effect === 'redact' && then.treatment === 'withhold')

type Placed = { readonly policy: Policy; readonly rule: CompiledRule }

/** Folders of bodies whose law binds states, and which hold no records themselves. */
const holdNothing = ['agreements', 'coe', 'eu', 'un']

/** Whether a ground can apply to a holder in its own folder: else nothing of such a holder leaves. */
const grounds = (policy: Policy, now: InForce): boolean =>
  !holdNothing.includes(policy.folder) && mayApply(policy, policy.folder.toUpperCase(), now)

/** Whether a policy can apply to a country's holders: it depends on the lists that it reads, not on the day. */
function mayApply(
  { applies }: Policy,
  holder: string,
  now: InForce,
  requesters?: readonly string[],
): boolean {
  const memory = appliesTo.get(applies) ?? new Map<string, boolean>()
  appliesTo.set(applies, memory)
  const key = JSON.stringify([holder, requesters, applies.lists.map((each) => now.lists[each])])
  const before = memory.get(key)
  if (before !== undefined) return before
  const { facts } = spaceOf([applies.logic], now.lists)
  const space = new Map([...facts, ['holder.jurisdiction', [holder]]])
  if (requesters !== undefined && facts.has('requester.jurisdiction'))
    space.set('requester.jurisdiction', requesters)
  let found = false
  for (const known of everyKnown({ facts: space, size: 0 }, now.lists))
    found ||= holds(applies, known) === 'holds'
  memory.set(key, found)
  return found
}

const appliesTo = new WeakMap<Condition, Map<string, boolean>>()

/** A space in which the holder is known. */
const fixed = ({ facts, size }: Space, holder: string): Space => {
  const others = facts.get('holder.jurisdiction')?.length ?? 1
  return { facts: new Map([...facts, ['holder.jurisdiction', [holder]]]), size: size / others }
}

/** Whether `other` does not fail wherever `one` does not, for a holder. */
function covers(other: Placed, one: Placed, holder: string, now: InForce): boolean {
  const logics = [one, other].flatMap(({ policy, rule }) => [
    policy.applies.logic,
    ...logicsOfRule(rule),
  ])
  const space = fixed(spaceOf(logics, now.lists), holder)
  if (space.size > combinationsMax) return false
  const speaks = ({ policy, rule }: Placed, known: Known) =>
    holds(policy.applies, known) !== 'fails' && find(policy, rule, known).truth !== 'fails'
  for (const known of everyKnown(space, now.lists, true)) {
    if (known.get('holder.jurisdiction') === undefined) continue
    if (speaks(one, known) && !speaks(other, known)) return false
  }
  return true
}

/** The days on which a change of a list, or of a version's first day, is seen at all. */
export function daysSeen(book: Book, change: Change, known: string): readonly string[] {
  const after = changed(book, change, known)
  const matters = change.kind === 'list' ? askedIn(book, change) : () => true
  const seen = boundaries(book)
    .map((day) => inForce(book, day, known))
    .filter((now) => matters(now) && !sameLaw(now, after(now)))
  const few = change.kind === 'list' && seen.length <= daysMax
  return (few ? seen.filter((now) => !sameAnswers(now, after(now))) : seen).map(({ asOf }) => asOf)
}

/**
 * Whether a change of a list of arrangements or routine uses is about somebody of whose holders a policy asks
 * what is arranged. Nothing leaves from others by it, whatever it says.
 */
function askedIn(book: Book, change: ListChange): (now: InForce) => boolean {
  const { arrangements, routineUses } = change.of.file
  if (arrangements === undefined && routineUses === undefined) return () => true
  const asked = arrangements === undefined ? 'routineUses' : 'arrangements'
  const holders = holdersIn(book, change)
  const lists = partyListsIn(change)
  const parties = asked === 'arrangements' ? [...namesIn(book, change)] : undefined
  const isRead = parties !== undefined && bindsToNothing(change) ? speaksOfIt : () => true
  return (now) =>
    lists.some((list) => now.lists[list] === undefined) ||
    holders.some(
      (holder) =>
        isAsked(holder, parties, now, asked) &&
        now.policies.some(
          (each) => each.readsArrangements && isRead(each, holder, parties ?? [], now),
        ),
    )
}

/** Whether no entry that a change is about names a duty: then it counts where a condition asks for it alone. */
const bindsToNothing = (change: ListChange): boolean =>
  changedIn(change).every((entry) => 'duties' in entry && entry.duties.length === 0)

/** Whether anything of a policy that asks what is arranged may count between a holder and one of these requesters. */
function speaksOfIt(
  policy: Policy,
  holder: string,
  requesters: readonly string[],
  now: InForce,
): boolean {
  const asks = (reads: readonly string[]) => reads.some((each) => each.startsWith('arrangement.'))
  if ([policy.applies, ...policy.byRule].some(({ reads }) => asks(reads))) return true
  const facts = new Map([
    ['holder.jurisdiction', [holder]],
    ['requester.jurisdiction', requesters],
  ])
  const pairs = [...everyKnown({ facts, size: 0 }, now.lists)].filter(
    (known) => holds(policy.applies, known) !== 'fails',
  )
  return policy.rules.some(
    (rule) => asks(rule.reads) && pairs.some((each) => find(policy, rule, each).truth !== 'fails'),
  )
}

const asking = {
  arrangements: (policy: Policy): boolean => policy.readsArrangements,
  routineUses: ({ applies, byRule, rules }: Policy): boolean =>
    [applies, ...byRule, ...rules].some(({ reads }) => reads.includes('item.routineUse')),
} as const

/**
 * Whether a policy asks of a country's holders what a list of that kind says, for one of these requesters. The
 * countries of a request are those of the register, so that both are known.
 */
function isAsked(
  holder: string,
  requesters: readonly string[] | undefined,
  now: InForce,
  asked: keyof typeof asking,
): boolean {
  const memory = askedOf.get(now) ?? new Map<string, boolean>()
  askedOf.set(now, memory)
  const key = [asked, holder, ...(requesters ?? [])].join(' ')
  const before = memory.get(key)
  if (before !== undefined) return before
  const found =
    now.policies.some((each) => each.folder === holder.toLowerCase() && grounds(each, now)) &&
    now.policies.some((each) => asking[asked](each) && mayApply(each, holder, now, requesters))
  memory.set(key, found)
  return found
}

const askedOf = new WeakMap<InForce, Map<string, boolean>>()

/** Days on which every answer is compared, at most. */
const daysMax = 4

/** Every day on which something in the book starts or ends, with the days around it. */
function boundaries(book: Book): readonly string[] {
  const before = boundariesOf.get(book)
  if (before !== undefined) return before
  const dated = book.lists.flatMap(({ file }) => datedIn(file))
  const days = [
    ...[...book.policies, ...book.lists].map(({ day }) => day),
    ...dated.flatMap(({ from, until }) => [from, until]).filter((each) => each !== undefined),
  ]
  const around = days.flatMap((day) => [-2, -1, 0, 1, 2].map((by) => dayAfter(day, by)))
  const all = [...new Set(around)].sort()
  boundariesOf.set(book, all)
  return all
}

const boundariesOf = new WeakMap<Book, readonly string[]>()

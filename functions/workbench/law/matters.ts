/**
 * Whether a change of the law can matter at all. This tries every value of the facts that the changed rule
 * reads, unknown included. A change that cannot matter needs no case.
 */

import { find } from '../../decision/evaluate.ts'
import { assume } from '../../decision/facts.ts'
import type { Book, CompiledRule, Policy } from '../../policy/book.ts'
import type { FactValue } from '../../policy/fact-types.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { datedIn, type InForce, inForce } from '../../policy/history.ts'
import { type Condition, holds, type Known } from '../../policy/logic.ts'
import type { Logic } from '../../policy/policy.ts'
import { holdsNothing } from '../../policy/words.ts'
import { changed, sameLaw } from './changed-law.ts'
import type { PolicyChange, SmallChange } from './changes.ts'
import { conditionsOfRule, rulesOf, saysOther } from './decides.ts'
import { changedIn, holdersIn, type ListChange, namesIn, partyListsIn } from './list-changes.ts'
import { combinationsMax, everyKnown, spaceOf } from './values.ts'

/** Facts with their values; null where a fact is unknown. */
export type KnownFacts = Readonly<Record<string, FactValue | null>>

/** The facts of a place that the changed rule reads, without those that only its policy's scope reads. */
export function ofRule({ of, part }: PolicyChange, place: KnownFacts): KnownFacts {
  const [before] = rulesOf(part, of)
  if (before === undefined) return place
  const facts = conditionsOfRule(before).flatMap((each) => each.facts)
  return Object.fromEntries(Object.entries(place).filter(([name]) => facts.includes(name)))
}

/** Some of the places where a change shows, at most `max`; `cannotMatter` if it can show nowhere. */
export function showing(
  change: PolicyChange,
  nows: readonly InForce[],
  max: number,
): { readonly cannotMatter: boolean; readonly where: readonly KnownFacts[] } {
  const { of, to, part } = change
  const where: KnownFacts[] = []
  const byRule = part.of === 'automation' ? [...of.byRule, ...to.byRule] : []
  const rules = rulesOf(part, of, to).flatMap((each) => (each ? conditionsOfRule(each) : []))
  const logics = logicsOf([of.applies, to.applies, ...byRule, ...rules])
  const shows = differsOn(change)
  let whole = nows.length > 0
  for (const { lists } of nows) {
    const space = spaceOf(logics, lists)
    if (space.size > combinationsMax) {
      whole = false
      continue
    }
    const names = [...space.facts.keys()]
    // Nobody has waived anything, so every rule can show.
    for (const known of everyKnown(space, lists, anyFact))
      if (shows(assume(known, 'discretion.waived', [])))
        where.push({
          // What leaves by rule alone shows only while nobody has decided.
          ...(part.of === 'automation' ? { 'release.decision': 'none' } : {}),
          ...Object.fromEntries(names.map((name) => [name, known.get(name) ?? null])),
        })
  }
  return { cannotMatter: whole && where.length === 0, where: spread(where, max) }
}

const logicsOf = (conditions: readonly Condition[]): readonly Logic[] =>
  conditions.map(({ logic }) => logic)

/** At most `max` of the places, spread evenly, those with the most known facts first. */
function spread(places: readonly KnownFacts[], max: number): readonly KnownFacts[] {
  const unknown = (place: KnownFacts) => Object.values(place).filter((each) => each === null).length
  const some = places.filter((_, i) => i % Math.ceil(places.length / max) === 0)
  return some.toSorted((a, b) => unknown(a) - unknown(b))
}

/**
 * Whether a change shows when certain facts are known. For a change outside the rules: whether it may show.
 */
export function differsOn(change: SmallChange): (known: Known) => boolean {
  if (change.kind === 'list' || change.moved) return () => true
  const { of, to, part } = change
  const says = saysOther(part, of, to)
  if (part.of === 'applies') return says
  // A claim that nothing reads any more is no longer a duty, whatever the rules say.
  const always =
    of.claims.join() !== to.claims.join() || of.readsArrangements !== to.readsArrangements
  return (known) => holds(of.applies, known) !== 'fails' && (always || says(known))
}

/**
 * Whether a changed treatment can never show. In each country with a law of its own here, another rule keeps
 * back all that this rule touches; from any other country, nothing leaves.
 */
export function keptBackAnyway({ of, to, part }: PolicyChange, nows: readonly InForce[]): boolean {
  const [before, after] = rulesOf(part, of, to)
  if (before?.rule.then.effect !== 'redact' || after?.rule.then.effect !== 'redact') return false
  if (before.rule.then.treatment === after.rule.then.treatment) return false
  const one = { policy: of, rule: before }
  const tried = new Map<string, boolean>()
  return nows.every((now) => {
    const holders = now.policies
      .filter((policy) => policy.file.kind === 'ground' && grounds(policy, now))
      .map(({ folder }) => folder.toUpperCase())
    const others = now.policies.flatMap((policy) =>
      policy.rules
        .filter((rule) => rule !== before && !rule.waivable && keepsBack(rule))
        // A rule that reads none of the same facts keeps back other things.
        .filter(({ when }) => when.facts.some((fact) => before.when.facts.includes(fact)))
        .map((rule) => ({ policy, rule })),
    )
    const isCovered = (other: RuleOf, holder: string): boolean => {
      // The result depends on the lists that the two rules read, not on the day.
      const lists = [one, other].flatMap(conditionsWithScope).flatMap((each) => each.lists)
      const { id, version } = other.policy
      const read = lists.map((each) => now.lists[each])
      const key = JSON.stringify([holder, id, version, other.rule.id, read])
      const known = tried.get(key) ?? covers(other, one, holder, now)
      tried.set(key, known)
      return known
    }
    return [...new Set(holders)].every((holder) => others.some((other) => isCovered(other, holder)))
  })
}

const keepsBack = ({ rule: { then } }: CompiledRule): boolean =>
  then.effect === 'deny' || (then.effect === 'redact' && then.treatment === 'withhold')

type RuleOf = { readonly policy: Policy; readonly rule: CompiledRule }

const conditionsWithScope = ({ policy, rule }: RuleOf): readonly Condition[] => [
  policy.applies,
  ...conditionsOfRule(rule),
]

/** Whether a ground can apply to the holders of its own folder. If not, nothing of theirs leaves. */
const grounds = (policy: Policy, now: InForce): boolean =>
  !holdsNothing(policy.folder) && mayApply(policy, policy.folder.toUpperCase(), now)

/**
 * Whether a policy can apply to a country's holders. This depends on the lists that it reads, not on the day.
 */
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
  const facts = new Map(spaceOf([applies.logic], now.lists).facts).set('holder.jurisdiction', [
    holder,
  ])
  if (requesters !== undefined && facts.has('requester.jurisdiction'))
    facts.set('requester.jurisdiction', requesters)
  let found = false
  for (const known of everyKnown({ facts, size: 0 }, now.lists))
    found ||= holds(applies, known) === 'holds'
  memory.set(key, found)
  return found
}

const appliesTo = new WeakMap<Condition, Map<string, boolean>>()

const anyFact = () => true

/** Whether, for a holder, `other` never fails where `one` does not fail. */
function covers(other: RuleOf, one: RuleOf, holder: string, now: InForce): boolean {
  const { facts, size } = spaceOf(logicsOf([one, other].flatMap(conditionsWithScope)), now.lists)
  if (size / (facts.get('holder.jurisdiction')?.length ?? 1) > combinationsMax) return false
  const space = { facts: new Map([...facts, ['holder.jurisdiction', [holder]]]), size }
  const speaks = ({ policy, rule }: RuleOf, known: Known) =>
    holds(policy.applies, known) !== 'fails' && find(policy, rule, known).truth !== 'fails'
  for (const known of everyKnown(space, now.lists, (fact) => fact !== 'holder.jurisdiction'))
    if (speaks(one, known) && !speaks(other, known)) return false
  return true
}

/** The days on which a change of a list, or of a version's first day, shows at all. */
export function daysSeen(book: Book, change: SmallChange, known: string): readonly string[] {
  const after = changed(book, change, known)
  const matters = change.kind === 'list' ? askedIn(book, change) : () => true
  const seen = lawsAround(book, known).filter((now) => matters(now) && !sameLaw(now, after(now)))
  const few = change.kind === 'list' && seen.length <= daysMax
  return (few ? seen.filter((now) => !sameAnswers(now, after(now))) : seen).map(({ asOf }) => asOf)
}

/** Most days on which every answer is compared. */
const daysMax = 4

/**
 * The law of every day on which something in the book starts or ends, and of the days around it. Worked out
 * once for all changes: there are more such days than `inForce` remembers.
 */
function lawsAround(book: Book, known: string): readonly InForce[] {
  const before = lawsAroundOf.get(book)?.get(known)
  if (before !== undefined) return before
  const dated = book.lists.flatMap(({ file }) => datedIn(file))
  const days = [
    ...[...book.policies, ...book.lists].map(({ day }) => day),
    ...dated.flatMap(({ from, until }) => [from, until]).filter((each) => each !== undefined),
  ]
  const around = days.flatMap((day) => [-2, -1, 0, 1, 2].map((by) => dayAfter(day, by)))
  const all = [...new Set(around)].sort().map((day) => inForce(book, day, known))
  lawsAroundOf.set(book, new Map([[known, all]]))
  return all
}

const lawsAroundOf = new WeakMap<Book, ReadonlyMap<string, readonly InForce[]>>()

/** Whether two laws whose lists differ give the same answer in every rule, whatever the facts. */
function sameAnswers(a: InForce, b: InForce): boolean {
  const others = ({ asOf: _, lists: __, listVersions: ___, policies, ...rest }: InForce) =>
    JSON.stringify([rest, policies.map(({ id, version }) => `${id}@${version}`)])
  if (others(a) !== others(b)) return false
  return a.policies.every((policy) => {
    const { applies, byRule, rules, file } = policy
    const within = (known: Known, said: () => string) =>
      holds(applies, known) === 'fails' ? 'fails' : said()
    const isGround = file.kind === 'ground'
    return (
      sameEverywhere(a, b, [applies], (known) => {
        const truth = holds(applies, known)
        return isGround ? truth : String(truth === 'fails')
      }) &&
      sameEverywhere(a, b, [applies, ...byRule], (known) =>
        within(known, () => byRule.map((each) => holds(each, known)).join()),
      ) &&
      rules.every((rule) =>
        sameEverywhere(a, b, [applies, ...conditionsOfRule(rule)], (known) =>
          within(known, () => {
            const { truth, when, exceptions } = find(policy, rule, known)
            return [truth, when, ...exceptions.map((each) => each.truth)].join()
          }),
        ),
      )
    )
  })
}

/** Whether conditions say the same under the lists of both laws, whatever the facts. */
function sameEverywhere(
  a: InForce,
  b: InForce,
  conditions: readonly Condition[],
  said: (known: Known) => string,
): boolean {
  const both = Object.keys({ ...a.lists, ...b.lists }).map((id): [string, string[]] => [
    id,
    [...(a.lists[id] ?? []), ...(b.lists[id] ?? [])],
  ])
  const space = spaceOf(logicsOf(conditions), Object.fromEntries(both))
  if (space.size > combinationsMax) return false
  const under = everyKnown(space, b.lists, anyFact)
  for (const known of everyKnown(space, a.lists, anyFact))
    if (said(known) !== said(under.next().value ?? known)) return false
  return true
}

/**
 * Whether a change of arrangements or routine uses concerns a holder for whom some policy reads them. From
 * any other holder nothing leaves under them, whatever they say.
 */
function askedIn(book: Book, change: ListChange): (now: InForce) => boolean {
  const { arrangements, routineUses } = change.of.file
  if (arrangements === undefined && routineUses === undefined) return () => true
  const asked = arrangements === undefined ? 'routineUses' : 'arrangements'
  const holders = holdersIn(book, change)
  const lists = partyListsIn(change)
  const parties = asked === 'arrangements' ? [...namesIn(book, change)] : undefined
  // An entry without duties counts only where a condition reads it.
  const bindsToNothing = changedIn(change).every(
    (entry) => 'duties' in entry && entry.duties.length === 0,
  )
  const isRead = parties !== undefined && bindsToNothing ? speaksOfIt : () => true
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

/** Whether a condition that reads `arrangement.*` may count between a holder and one of these requesters. */
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
 * Whether a policy reads arrangements or routine uses (`asked`) for a country's holders and one of these
 * requesters. Both countries of a request come from the register, so both are known.
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
  const found =
    memory.get(key) ??
    (now.policies.some((each) => each.folder === holder.toLowerCase() && grounds(each, now)) &&
      now.policies.some((each) => asking[asked](each) && mayApply(each, holder, now, requesters)))
  memory.set(key, found)
  return found
}

const askedOf = new WeakMap<InForce, Map<string, boolean>>()

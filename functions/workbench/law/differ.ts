/**
 * Whether two laws answer a request differently: the one definition that every comparison goes by. A change
 * touches few of many logged decisions, and the rules cannot tell many of those apart. So only the rest is
 * decided.
 */

import { beforeFetch, type Decision, decideAndTell } from '../../decision/decide.ts'
import { type Facts, type Item, requestOf, withItem } from '../../decision/facts.ts'
import type { LoggedDecision } from '../../decision/logged-facts.ts'
import type { Outcome } from '../../decision/treatment.ts'
import type { CompiledRule, Policy } from '../../policy/book.ts'
import { claimsThatBind, isRecordFact, knownValue } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { application, holds, type Known, variable } from '../../policy/logic.ts'
import type { Logic } from '../../policy/policy.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { answersAsked } from '../../policy/vouching.ts'
import { disputed } from './changed-law.ts'
import { type ChangedPolicy, changeBetween, conditionsOf, conditionsOfRule } from './decides.ts'
import type { TwoLaws } from './law.ts'

/** A decision in full, and as the requester may be told it. */
export type FullAnswer = { readonly decision: Decision; readonly told: Decision }

/** The aspects in which two answers may differ, the weightiest first. */
export const aspects = ['outcome', 'duties', 'standing', 'told', 'reasons'] as const
/** One aspect of an answer. */
export type Aspect = (typeof aspects)[number]

/**
 * The weightiest aspect in which two answers differ; undefined if they are the same. A rule's wording and its
 * articles are not part of an answer.
 */
export function differ(a: FullAnswer, b: FullAnswer): Aspect | undefined {
  return aspects.find((each) => JSON.stringify(of[each](a)) !== JSON.stringify(of[each](b)))
}

const of: Readonly<Record<Aspect, (answer: FullAnswer) => unknown>> = {
  outcome: ({ decision: { outcome, items } }) => [outcome, items.map((each) => each.treatment)],
  duties: ({ decision }) => dutiesOf(decision),
  standing: ({ decision }) => stepsOf(decision),
  told: ({ told }) => [told.outcome, dutiesOf(told), stepsOf(told), reasonsOf(told)],
  reasons: ({ decision }) => reasonsOf(decision),
}

const dutiesOf = ({ obligations }: Decision) =>
  obligations.map(({ code, value, due }) => [code, value, due])

const stepsOf = ({ standing, missing, todo, answerBy }: Decision) => [
  standing,
  missing,
  todo,
  answerBy,
]

/** The rules that led to the answer, and to each item. */
const reasonsOf = ({ reasons, items }: Decision) => [
  reasons.map(({ rule, code }) => [rule, code]),
  items.map(({ id, rules }) => [id, rules]),
]

/** The part of a logged decision that is replayed: its facts. */
export type Asked = Pick<LoggedDecision, 'facts' | 'items'>

/**
 * What a request comes to. `undecided`: the law would no longer refuse it before its record is looked at, and
 * the log does not say what the record holds.
 */
export type LoggedOutcome = {
  readonly outcome: Outcome | 'undecided'
  readonly standing?: 'open' | 'final'
}

/** How a request is answered differently under the second of two laws. */
export type Turned = {
  readonly before: LoggedOutcome
  readonly after: LoggedOutcome
  readonly aspect: Aspect
  /** The unknown facts that the rules which differ read: their values may decide. */
  readonly unknown: readonly string[]
}

/** Compares two laws on one decision after another: how it turns, or undefined if nothing changes. */
export function comparing(laws: TwoLaws): (asked: Asked) => Turned | undefined {
  const touches = touchedBy(laws)
  const keyOf = keyUnder([...laws.before.policies, ...laws.after.policies])
  const read = new Set(factsReadByChange(laws))
  const memory = new Map<string, Turned | undefined>()
  return (asked) => {
    if (!touches(asked)) return undefined
    const key = keyOf(asked)
    if (memory.has(key)) return memory.get(key)
    const turned = turnedUnder(laws, asked, read)
    if (memory.size >= rememberedMax) memory.clear()
    memory.set(key, turned)
    return turned
  }
}

/** Most decisions to remember, so that a long log does not fill the memory. */
const rememberedMax = 50_000

function turnedUnder(
  { before, after }: TwoLaws,
  asked: Asked,
  read: ReadonlySet<string>,
): Turned | undefined {
  const [was, is] = [answerTo(before, asked), answerTo(after, asked)]
  const aspect = was && is ? differ(was, is) : was === is ? undefined : 'outcome'
  if (aspect === undefined) return undefined
  // Nothing was found, or the log does not say what was.
  const looked = { outcome: 'deny', standing: 'final' } as const
  return {
    before: was === undefined ? looked : outcomeIn(was),
    after: is === undefined ? { outcome: 'undecided' } : outcomeIn(is),
    aspect,
    unknown: missingIn(was, is).filter((name) => read.has(name)),
  }
}

const outcomeIn = ({ decision: { outcome, standing } }: FullAnswer): LoggedOutcome =>
  standing === undefined ? { outcome } : { outcome, standing }

const missingIn = (...answers: readonly (FullAnswer | undefined)[]): readonly string[] => [
  ...new Set(answers.flatMap((each) => each?.decision.missing ?? [])),
]

/** The answer; undefined if the law would look at a record that was not logged. */
function answerTo(law: InForce, { facts, items }: Asked): FullAnswer | undefined {
  // A decision without `release.decision` is older than the rule that a person decides what a ground
  // reserves. It is compared as it was made.
  const asBefore = Object.hasOwn(facts, 'release.decision') ? undefined : true
  // Nor did an answered no count by itself while not each question had an answer.
  const isUnheard = (item: Facts) =>
    answersAsked.some((name) => [undefined, null].includes((item[name] ?? facts[name]) as never))
  if (items.length === 0) {
    const { refusal } = beforeFetch(law, facts, undefined, anInstant, asBefore)
    // A refusal before the record is fetched shows nothing of the record, so the requester is told all of it.
    return refusal && { decision: refusal, told: refusal }
  }
  const numbered = items.map(
    (item, i): Item => ({
      ...{ id: String(i), ...itemOf(item), ...(asBefore && { asBefore }) },
      ...(isUnheard(item.facts) && { unheard: true }),
    }),
  )
  return decideAndTell(law, facts, numbered, anInstant)
}

/** The instant from which all periods run, so that two answers can be compared. */
const anInstant = '2000-01-01T12:00:00.000Z'

/** Absent fields are left out. */
const itemOf = ({ facts, cannot, markings }: Asked['items'][number]): Omit<Item, 'id'> => ({
  facts,
  ...(cannot === undefined ? {} : { cannot }),
  ...(markings === undefined ? {} : { markings }),
})

/** The policies that decide differently under the other law. */
function changedBetween({ before, after }: TwoLaws): readonly ChangedPolicy[] {
  const ids = new Set([...before.policies, ...after.policies].map(({ id }) => id))
  const find = ({ policies }: InForce, id: string) => policies.find((each) => each.id === id)
  return [...ids].flatMap((id) => changeBetween(find(before, id), find(after, id)) ?? [])
}

/** The facts that are read by rules which differ between the two laws. */
export const factsReadByChange = (laws: TwoLaws): readonly string[] =>
  changedBetween(laws).flatMap(({ before, after, rules }) =>
    (rules === undefined
      ? [before, after].flatMap((policy) => (policy === undefined ? [] : conditionsOf(policy)))
      : [...rules.before, ...rules.after].flatMap(conditionsOfRule)
    ).flatMap(({ facts }) => facts),
  )

/**
 * Whether a change can touch a request. It cannot if no value in the request came onto a list or left one,
 * and if every policy that differs cannot apply or has no differing rule that can hold. Facts that may still
 * be attested count as open, because a refusal stays open for them.
 */
function touchedBy(laws: TwoLaws): (asked: Asked) => boolean {
  const { before, after } = laws
  const policies = changedBetween(laws)
  const entries = disputed(before, after)
  const sameLists = Object.keys(before.lists).join() === Object.keys(after.lists).join()
  if (!sameLists || [...entries].some(mayBeAttested)) return () => true
  const isEntry = (value: unknown) => typeof value === 'string' && entries.has(value)
  return ({ facts, items }) => {
    const all = [facts, ...items.map((item) => item.facts)]
    if (entries.size > 0 && all.some((each) => Object.values(each).some(isEntry))) return true
    if (policies.length === 0) return false
    const request = requestOf(facts, before)
    const each = items.map((item) => withItem(request, { id: '', ...itemOf(item) }, before))
    return policies.some((policy) => maySpeak(policy, request, each.length > 0 ? each : [request]))
  }
}

/** Whether a value that stands on a list may be attested. */
const mayBeAttested = (value: string): boolean =>
  Object.values(vocabulary).some(
    (fact) =>
      fact.attester !== undefined && fact.type === 'enum' && Object.hasOwn(fact.values, value),
  )

/** Whether a policy that differs may say something about a request. Known facts are the same under both. */
function maySpeak(
  { before, after, rules }: ChangedPolicy,
  request: Known,
  items: readonly Known[],
) {
  const isOpen = ({ reads }: { readonly reads: readonly string[] }, all: Known) =>
    reads.some((name) => mayStillBeAttested(name, all))
  const scopes = [before, after].flatMap((policy) => policy?.applies ?? [])
  const isIn = scopes.some((each) => isOpen(each, request) || holds(each, request) !== 'fails')
  if (!isIn || rules === undefined) return isIn
  // Of a ground's silence the requester is told, and which, by what its permits read, whether or not one holds
  // (`silence`): the record, or whether something is given unasked.
  const hushes = ({ rule, readsRecord, reads }: CompiledRule) =>
    rule.then.effect === 'permit' && (readsRecord || reads.includes('request.unasked'))
  const speaks = (rule: CompiledRule) =>
    hushes(rule) || items.some((all) => isOpen(rule, all) || holds(rule.when, all) !== 'fails')
  return rules.before.some(speaks) || rules.after.some(speaks)
}

/**
 * Whether a remedy may give a known fact another value: nobody has answered it yet, or it can be added to. An
 * unknown fact does not count: a condition that fails without it fails whatever its value.
 */
function mayStillBeAttested(name: string, all: Known): boolean {
  const fact = vocabulary[name]
  if (fact?.attester === undefined) return false
  const value = all.get(name)
  if (Array.isArray(value)) return fact.open !== undefined
  return typeof value === 'string' && (fact.open ?? []).includes(value)
}

/**
 * A text of all that policies can tell about a request. It leaves out facts that no rule reads, and replaces
 * a number by its place among the numbers that it is compared with. An answer that a request gives for its items
 * is heard for each that has none of its own (`answerTo`).
 */
function keyUnder(policies: readonly Policy[]): (asked: Asked) => string {
  const conditions = policies.flatMap(conditionsOf)
  const read = conditions.flatMap(({ facts }) => facts)
  const followed = read.flatMap((name) => vocabulary[name]?.follows ?? [])
  const names = [...new Set([...alwaysRead, ...read, ...followed])]
  const bounds = new Map(boundsIn(conditions.map(({ logic }) => logic)))
  // A listed arrangement may ask for any penalty.
  for (const name of followed) bounds.delete(name)
  const told = (all: Facts, of: readonly string[]) =>
    of.map((name) => placeAmong(all[name], bounds.get(name)))
  const ofItem = names.filter(isRecordFact)
  const isStated = (all: Facts) =>
    claimsThatBind.map(
      (name) => ![undefined, 'none'].includes(knownValue(name, all[name]) as never),
    )
  return ({ facts, items }) =>
    JSON.stringify([
      told(facts, names),
      isStated(facts),
      ...items.map((item) => [told(item.facts, ofItem), item.cannot, item.markings]),
    ])
}

/**
 * Facts that are read besides the conditions: who asks whom, under which instrument, what can be done, and
 * what a person decided. A claim that is stated is a duty, whatever its value.
 */
const alwaysRead = [
  'holder.jurisdiction',
  'requester.jurisdiction',
  'requester.cannotHonour',
  'request.instrument',
  'request.manyPersons',
  'request.redescribed',
  'request.unasked',
  'request.restsOn',
  'discretion.waived',
  'release.decision',
  'item.class',
  'item.redescribed',
  'item.foundAgainst',
  'request.purpose',
  ...answersAsked,
]

/** The place of a number among those that it is compared with; any other value as it is. */
function placeAmong(value: unknown, bounds: readonly number[] | undefined): unknown {
  if (bounds === undefined || !Number.isSafeInteger(value)) return value
  const below = bounds.filter((each) => each < Number(value)).length
  return 2 * below + (bounds.includes(Number(value)) ? 1 : 0)
}

/** The numbers that each numeric fact is compared with, unless it is also compared with another fact. */
function boundsIn(logics: readonly Logic[]): ReadonlyMap<string, readonly number[]> {
  const numeric = Object.keys(vocabulary).filter((name) => vocabulary[name]?.type === 'integer')
  const found = new Map(numeric.map((name): [string, number[]] => [name, []]))
  const look = (logic: Logic): void => {
    const [operator, operands] = application(logic)
    if (operator === 'and' || operator === 'or' || operator === '!') {
      for (const each of operands) look(each)
      return
    }
    const [left, right] = operands
    const names = [left, right].map(variable)
    // A fact that is compared with another fact has no fixed bounds.
    if (names[1] !== undefined) for (const name of names) found.delete(name ?? '')
    const literals = [right].flat().filter((each) => typeof each === 'number')
    found.get(names[0] ?? '')?.push(...literals)
  }
  for (const each of logics) look(each)
  return found
}

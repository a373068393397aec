/**
 * Whether two laws answer a request otherwise: the one definition that every comparison goes by. Of many
 * logged decisions few are touched by a change, and many are alike in all that the rules can tell apart:
 * only what is left is decided.
 */

import { beforeFetch, type Decision, decideAndTell } from '../decision/decide.ts'
import { derive, type Facts, type Item, withItem } from '../decision/facts.ts'
import type { LoggedDecision } from '../decision/logged-facts.ts'
import type { Outcome } from '../decision/treatment.ts'
import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { application, holds, isList, type Known, variable } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import {
  claimsThatBind,
  isOfItem,
  isRecordFact,
  knownValue,
  vocabulary,
} from '../policy/vocabulary.ts'
import { disputed } from './changed-law.ts'
import { type ChangedPolicy, changeBetween, conditionsOf, conditionsOfRule } from './decides.ts'
import type { TwoLaws } from './law.ts'

/** A decision in full, and as the requester may be told it. */
export type FullAnswer = { readonly decision: Decision; readonly told: Decision }

/** What of an answer may differ, from the weightiest. */
export const aspects = ['outcome', 'duties', 'standing', 'told', 'reasons'] as const
/** One aspect of an answer. */
export type Aspect = (typeof aspects)[number]

/**
 * The weightiest aspect in which two answers differ; undefined where they are one. In which words a rule
 * says something, and by which articles, is no part of an answer.
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

/** The rules that led there: to the answer, and to each item. */
const reasonsOf = ({ reasons, items }: Decision) => [
  reasons.map(({ rule, code }) => [rule, code]),
  items.map(({ id, rules }) => [id, rules]),
]

/** What is asked of a decision: its facts alone. */
export type Asked = Pick<LoggedDecision, 'facts' | 'items'>

/**
 * What a request comes to. `undecided`: it would no longer be refused before its record is looked at,
 * and what the record holds was not logged.
 */
export type LoggedOutcome = {
  readonly outcome: Outcome | 'undecided'
  readonly standing?: 'open' | 'final'
}

/** How a request is answered otherwise under the second of two laws. */
export type Turned = {
  readonly before: LoggedOutcome
  readonly after: LoggedOutcome
  readonly aspect: Aspect
  /** The facts that rules which differ ask for, and that are not known: what they are may decide. */
  readonly unknown: readonly string[]
}

/** Says of one decision after another how it turns; undefined where nothing changes. */
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

/** Decisions kept in memory at most, so that a long log does not fill it. */
const rememberedMax = 50_000

function turnedUnder(
  { before, after }: TwoLaws,
  asked: Asked,
  read: ReadonlySet<string>,
): Turned | undefined {
  const [was, is] = [answerTo(before, asked), answerTo(after, asked)]
  const aspect = was && is ? differ(was, is) : was === is ? undefined : 'outcome'
  if (aspect === undefined) return undefined
  // Nothing was found, or what was found is not known.
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

/** The answer, or undefined where the record would be looked at that was not logged. */
function answerTo(law: InForce, { facts, items }: Asked): FullAnswer | undefined {
  // A decision of before a person decided what a ground reserves is compared as it was made.
  const asBefore = Object.hasOwn(facts, 'release.decision') ? undefined : true
  if (items.length === 0) {
    const { refusal } = beforeFetch(law, facts, undefined, anInstant, asBefore)
    // What is refused hit or no hit shows nothing of the record, so it is told whole.
    return refusal && { decision: refusal, told: refusal }
  }
  const numbered = items.map(
    (item, i): Item => ({ id: String(i), ...itemOf(item), ...(asBefore && { asBefore }) }),
  )
  return decideAndTell(law, facts, numbered, anInstant)
}

/** From when periods run, so that two can be compared. */
const anInstant = '2000-01-01T12:00:00.000Z'

/** What there is none of is left out. */
const itemOf = ({ facts, cannot, markings }: Asked['items'][number]): Omit<Item, 'id'> => ({
  facts,
  ...(cannot === undefined ? {} : { cannot }),
  ...(markings === undefined ? {} : { markings }),
})

/** The policies that decide otherwise under the other law. */
function changedBetween({ before, after }: TwoLaws): readonly ChangedPolicy[] {
  const ids = new Set([...before.policies, ...after.policies].map(({ id }) => id))
  const find = ({ policies }: InForce, id: string) => policies.find((each) => each.id === id)
  return [...ids].flatMap((id) => changeBetween(find(before, id), find(after, id)) ?? [])
}

/** The facts that rules read which are not the same under both laws. */
export const factsReadByChange = (laws: TwoLaws): readonly string[] =>
  changedBetween(laws).flatMap(({ before, after, rules }) =>
    (rules === undefined
      ? [before, after].flatMap((policy) => (policy === undefined ? [] : conditionsOf(policy)))
      : [...rules.before, ...rules.after].flatMap(conditionsOfRule)
    ).flatMap(({ facts }) => facts),
  )

/**
 * Whether a change can touch a request. It cannot where nothing that came onto a list or went from it
 * is among the facts, and no policy that differs applies, or none of the rules that differ in it; with
 * no attestation still to come that could alter that, since a refusal is open for what may be attested.
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
    const request = knownWhenAsked(facts, before)
    const each = items.map((item) => withItem(request, { id: '', ...itemOf(item) }, before))
    return policies.some((policy) => maySpeak(policy, request, each.length > 0 ? each : [request]))
  }
}

/** What is known of a request, looked up when it is asked for: most requests are asked little. */
const knownWhenAsked = (facts: Facts, now: InForce): Known => ({
  get: (name) => {
    if (isList(name)) return now.lists[name.slice('lists.'.length)]
    if (isOfItem(name)) return undefined
    const value = name === 'instrument.inForce' ? derive(facts, now)[name] : facts[name]
    return knownValue(name, value)
  },
})

/** Whether a value that stands on a list may be attested. */
const mayBeAttested = (value: string): boolean =>
  Object.values(vocabulary).some(
    (fact) =>
      fact.attester !== undefined && fact.type === 'enum' && Object.hasOwn(fact.values, value),
  )

/** Whether something that differs may say anything of a request. What is known is so in both laws. */
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
  // A ground's silence is told only where none of its permits reads the record, whether or not one holds.
  const hushes = ({ rule, readsRecord }: CompiledRule) =>
    rule.then.effect === 'permit' && readsRecord
  const speaks = (rule: CompiledRule) =>
    hushes(rule) || items.some((all) => isOpen(rule, all) || holds(rule.when, all) !== 'fails')
  return rules.before.some(speaks) || rules.after.some(speaks)
}

/**
 * Whether a remedy may give a known fact another value: nobody has answered it yet, or it can be added
 * to. What is unknown leaves a condition that fails failing, whatever it turns out to be.
 */
function mayStillBeAttested(name: string, all: Known): boolean {
  const fact = vocabulary[name]
  if (fact?.attester === undefined) return false
  const value = all.get(name)
  if (Array.isArray(value)) return fact.open !== undefined
  return typeof value === 'string' && (fact.open ?? []).includes(value)
}

/**
 * All that policies can tell of a request, as a text: facts that no rule reads are left out, and
 * numbers count as the place that they take among those that they are compared with.
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
  const ofRequest = names.filter((name) => !isRecordFact(name))
  const isStated = (all: Facts) =>
    claimsThatBind.map(
      (name) => ![undefined, 'none'].includes(knownValue(name, all[name]) as never),
    )
  return ({ facts, items }) =>
    JSON.stringify([
      told(facts, ofRequest),
      isStated(facts),
      ...items.map((item) => [told(item.facts, ofItem), item.cannot, item.markings]),
    ])
}

/**
 * What is read beside the conditions: who asks whom, by what instrument, what can be done, and what a
 * person decided. A claim is a duty wherever it is stated, whatever it says.
 */
const alwaysRead = [
  'holder.jurisdiction',
  'requester.jurisdiction',
  'requester.cannotHonour',
  'request.instrument',
  'request.redescribed',
  'request.restsOn',
  'discretion.waived',
  'release.decision',
  'item.class',
  'item.redescribed',
  'item.foundAgainst',
]

/** Where a number stands among those that it is compared with; any other value as it is. */
function placeAmong(value: unknown, bounds: readonly number[] | undefined): unknown {
  if (bounds === undefined || !Number.isSafeInteger(value)) return value
  const below = bounds.filter((each) => each < Number(value)).length
  return 2 * below + (bounds.includes(Number(value)) ? 1 : 0)
}

/** The numbers that each numeric fact is compared with, where it is compared with nothing else. */
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
    // Two facts side by side: what the one may be depends on what the other is.
    if (names[1] !== undefined) for (const name of names) found.delete(name ?? '')
    const literals = [right].flat().filter((each) => typeof each === 'number')
    found.get(names[0] ?? '')?.push(...literals)
  }
  for (const each of logics) look(each)
  return found
}

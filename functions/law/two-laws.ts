/**
 * Whether a logged decision comes out otherwise under another law. Few decisions are touched by a
 * change, and many are alike in all that the rules can tell apart: only what is left is decided.
 */

import { type Judgement, judge } from '../decision/combine.ts'
import { curesOf, isStillOpen } from '../decision/cures.ts'
import { beforeFetch } from '../decision/decide.ts'
import { derive, type Facts, type Item, withItem } from '../decision/facts.ts'
import { type Outcome, outcomeOf } from '../decision/treatment.ts'
import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { holds, isList, type Known } from '../policy/logic.ts'
import { isOfItem, knownValue, vocabulary } from '../policy/vocabulary.ts'
import { type Asked, keyUnder } from './alike.ts'
import { disputed } from './changed-law.ts'

/** The law as it is, and as it would be. */
export type TwoLaws = { readonly before: InForce; readonly after: InForce }

/**
 * What a request comes to. `undecided`: it would no longer be refused before its record is looked at,
 * and what the record holds was not logged.
 */
export type Replayed = {
  readonly outcome: Outcome | 'undecided'
  readonly standing?: 'open' | 'final'
}

/** What a request comes to under each of two laws. With the same outcome, other items leave. */
export type Turned = { readonly before: Replayed; readonly after: Replayed }

/** Says of one decision after another how it turns; undefined where nothing changes. */
export function comparing(laws: TwoLaws): (asked: Asked) => Turned | undefined {
  const touches = touchedBy(laws)
  const keyOf = keyUnder([...laws.before.policies, ...laws.after.policies])
  const memory = new Map<string, Turned | undefined>()
  return (asked) => {
    if (!touches(asked)) return undefined
    const key = keyOf(asked)
    if (memory.has(key)) return memory.get(key)
    const turned = turnedUnder(laws, asked)
    if (memory.size >= rememberedMax) memory.clear()
    memory.set(key, turned)
    return turned
  }
}

/** Decisions kept in memory at most, so that a long log does not fill it. */
const rememberedMax = 50_000

function turnedUnder({ before, after }: TwoLaws, { facts, items }: Asked): Turned | undefined {
  // A decision of before a person decided what a ground reserves is compared as it was made.
  const asBefore = Object.hasOwn(facts, 'release.decision') ? undefined : true
  if (items.length === 0) {
    const [was, is] = [before, after].map(
      (law) => beforeFetch(law, facts, undefined, undefined, asBefore).refusal,
    )
    // Nothing was found, or what was found is not known.
    const looked: Replayed = { outcome: 'deny', standing: 'final' }
    const next: Replayed = was === undefined ? looked : { outcome: 'undecided' }
    return unlike(short(was ?? looked), short(is ?? next))
  }
  const numbered = items.map(
    (item, i): Item => ({ id: String(i), ...itemOf(item), ...(asBefore && { asBefore }) }),
  )
  const [was, is] = [judge(before, facts, numbered), judge(after, facts, numbered)]
  return unlike(replayed(was), replayed(is), treatmentsOf(was) !== treatmentsOf(is))
}

/** The outcome and standing that `decide` gives; its reasons and duties are not asked for here. */
function replayed(judgement: Judgement): Replayed {
  const { items } = judgement
  const outcome = outcomeOf(items.map(({ treatment }) => treatment))
  if (outcome !== 'deny') return { outcome }
  const isOpen = isStillOpen(curesOf(judgement, items, () => true))
  return { outcome, standing: isOpen ? 'open' : 'final' }
}

const treatmentsOf = ({ items }: Judgement): string =>
  JSON.stringify(items.map(({ treatment }) => treatment))

/** What there is none of is left out. */
const itemOf = ({ facts, cannot, markings }: Asked['items'][number]): Omit<Item, 'id'> => ({
  facts,
  ...(cannot === undefined ? {} : { cannot }),
  ...(markings === undefined ? {} : { markings }),
})

const short = ({ outcome, standing }: Replayed): Replayed =>
  standing === undefined ? { outcome } : { outcome, standing }

const unlike = (before: Replayed, after: Replayed, otherItems = false): Turned | undefined =>
  before.outcome === after.outcome && before.standing === after.standing && !otherItems
    ? undefined
    : { before, after }

/** A policy that says something else under the other law, or is in force under one only. */
export type Differing = {
  readonly before?: Policy
  readonly after?: Policy
  /**
   * The rules that only one of both has. None where more than rules differ, and so all of it may.
   */
  readonly rules?: {
    readonly before: readonly CompiledRule[]
    readonly after: readonly CompiledRule[]
  }
}

/** The policies that decide otherwise under the other law; how they are worded does not matter. */
export function differing({ before, after }: TwoLaws): readonly Differing[] {
  const ids = new Set([...before.policies, ...after.policies].map(({ id }) => id))
  return [...ids].flatMap((id): readonly Differing[] => {
    const [was, is] = [before, after].map(({ policies }) => policies.find((each) => each.id === id))
    if (was === is) return []
    if (was === undefined || is === undefined)
      return [{ ...(was && { before: was }), ...(is && { after: is }) }]
    const only = (own: Policy, other: Policy) => {
      const same = new Set(other.rules.map(decisive))
      return own.rules.filter((rule) => !same.has(decisive(rule)))
    }
    const rules = { before: only(was, is), after: only(is, was) }
    const [whole, other] = [was, is].map(
      ({ file: { kind }, applies, byRule, claims, readsArrangements }) =>
        JSON.stringify([
          kind,
          applies.logic,
          byRule.map(({ logic }) => logic),
          claims,
          readsArrangements,
        ]),
    )
    const sameScope = whole === other
    if (sameScope && rules.before.length + rules.after.length === 0) return []
    return [{ before: was, after: is, ...(sameScope ? { rules } : {}) }]
  })
}

/** All of a rule that a decision can depend on. */
const decisive = ({ id, when, unless, rule: { then }, waivable }: CompiledRule): string =>
  JSON.stringify([
    id,
    when.logic,
    unless.map((each) => [each.when.logic, each.exception.obligations]),
    then,
    waivable,
  ])

/**
 * Whether a change can touch a request. It cannot where nothing that came onto a list or went from it
 * is among the facts, and no policy that differs applies, or none of the rules that differ in it; with
 * no attestation still to come that could alter that, since a refusal is open for what may be attested.
 */
function touchedBy(laws: TwoLaws): (asked: Asked) => boolean {
  const { before, after } = laws
  const policies = differing(laws)
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
function maySpeak({ before, after, rules }: Differing, request: Known, items: readonly Known[]) {
  const isOpen = ({ reads }: { readonly reads: readonly string[] }, all: Known) =>
    reads.some((name) => mayStillBeAttested(name, all))
  const scopes = [before, after].flatMap((policy) => policy?.applies ?? [])
  const isIn = scopes.some((each) => isOpen(each, request) || holds(each, request) !== 'fails')
  if (!isIn || rules === undefined) return isIn
  return [...rules.before, ...rules.after].some((rule) =>
    items.some((all) => isOpen(rule, all) || holds(rule.when, all) !== 'fails'),
  )
}

/**
 * Whether a cure may give a known fact another value: nobody has answered it yet, or it can be added
 * to. What is unknown leaves a condition that fails failing, whatever it turns out to be.
 */
function mayStillBeAttested(name: string, all: Known): boolean {
  const fact = vocabulary[name]
  if (fact?.attester === undefined) return false
  const value = all.get(name)
  if (Array.isArray(value)) return fact.open !== undefined
  return typeof value === 'string' && (fact.open ?? []).includes(value)
}

/** Searches, within bounds, for a request that the law answers differently before and after a change. */

import { decideAndTell } from '../../decision/decide.ts'
import { broughtAboutBy, derive, type Facts, known, withItem } from '../../decision/facts.ts'
import type { List, Policy } from '../../policy/book.ts'
import { dayAfter, type FactValue, isRecordFact } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { application, type Condition, type Known, variable } from '../../policy/logic.ts'
import type { Logic } from '../../policy/policy.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import type { Member } from './clauses.ts'
import { conditionsOfRule, type PolicyPart, rulesOf, saysOther, withPart } from './decides.ts'
import type { ClauseChange } from './diff.ts'
import { type Aspect, aspects, differ, type FullAnswer } from './differ.ts'
import type { LawOn } from './law.ts'
import { spaceOf } from './values.ts'

/** Where a search starts, and what it tries: a request for one item, on a day. */
export type Start = { readonly asOf: string; readonly facts: Facts; readonly item: Facts }

/** Values to try by fact. */
type Tries = ReadonlyMap<string, readonly FactValue[]>

/** What a search asks about one change. */
export type ChangeQuestion = {
  readonly before: LawOn
  /** The law before, with this change alone. */
  readonly alone: LawOn
  readonly after: LawOn
  /** The facts that the change reads. */
  readonly own: Tries
  /** Other facts that may keep the change from showing: varied one or two at a time. */
  readonly others: Tries
  /** Set if the change reads facts worked out from parties and lists: not all their values can be tried. */
  readonly isOutOfReach?: true
  /** Whether the change can show when these facts are known. A cheap check before anything is decided. */
  readonly matters: (known: Known) => boolean
}

/** A request that is answered differently. */
export type DifferingCase = Start & {
  /** The facts that the change reads, and the others that had to be changed. */
  readonly matter: readonly string[]
  readonly aspect: Aspect
  readonly before: FullAnswer
  /** The answer with this change alone. */
  readonly after: FullAnswer
  /** The answer with all changes of the version, if it differs from `after`. */
  readonly together?: FullAnswer
}

/** What a search found, and how far it went. */
export type SearchResult = {
  readonly differing?: DifferingCase
  /** Whether every combination of the facts that the change reads was tried on the start. */
  readonly exhaustive: boolean
  readonly tried: number
}

/** Most decisions and combinations to try; about a second for one change. */
const searchMax = { decided: 4_000, improved: 1_000, combined: 60_000, places: 150 } as const

/** Looks for a case, one with each step; `stop` ends the search early, such as when time is up. */
export function* searchInSteps(
  start: Start,
  question: ChangeQuestion,
  stop: () => boolean,
): Generator<undefined, SearchResult> {
  let tried = 0
  let best: DifferingCase | undefined
  const most = () => (best === undefined ? searchMax.decided : searchMax.improved)
  const isBest = () => best?.aspect === 'outcome' && best.together === undefined
  const over = () => tried >= most() || isBest() || stop()
  const look = (at: Start, matter: readonly string[]) => {
    tried += 1
    const found = differingAt(question, at, matter)
    if (found !== undefined && (best === undefined || rankOf(found) < rankOf(best))) best = found
  }
  const own = [...question.own.keys()]
  const places = [yield* placesOf(start, question, false), yield* placesOf(start, question, true)]
  let whole = places.every((each) => each.whole) && !question.isOutOfReach
  for (const { found } of places) {
    for (const { at } of found) {
      if (over()) break
      look(at, own)
      yield
    }
    whole &&= !over() || isBest()
    for (const variation of found.length === 0 ? [] : variations(question.others))
      for (const { assigned } of found.slice(0, searchMax.places)) {
        if (over()) break
        const at = withFacts(start, [...assigned, ...variation])
        if (at !== undefined) look(at, [...own, ...variation.keys()])
        yield
      }
  }
  return { ...(best === undefined ? {} : { differing: best }), exhaustive: whole, tried }
}

const rankOf = ({ aspect, together }: DifferingCase): number =>
  2 * aspects.indexOf(aspect) + (together === undefined ? 0 : 1)

type Assigned = ReadonlyMap<string, FactValue | undefined>
type Place = { readonly at: Start; readonly assigned: Assigned }
type Places = { readonly found: readonly Place[]; readonly whole: boolean }

/**
 * The combinations of the change's own facts under which the change can show, nearest to the start first.
 * Either all facts are known or, with `unknown`, at least one is not.
 */
function* placesOf(
  start: Start,
  { own, before, matters }: ChangeQuestion,
  unknown: boolean,
): Generator<undefined, Places> {
  const found: Place[] = []
  let combined = 0
  for (let distance = 0; distance <= own.size; distance++)
    for (const assigned of combinations(start, [...own], distance, unknown)) {
      yield
      combined += 1
      if (combined > searchMax.combined) return { found, whole: false }
      if ([...assigned.values()].includes(undefined) !== unknown) continue
      const at = withFacts(start, [...assigned])
      if (at !== undefined && matters(knownAt(at, before(at.asOf)))) found.push({ at, assigned })
    }
  return { found, whole: true }
}

function* combinations(
  start: Start,
  facts: readonly (readonly [string, readonly FactValue[]])[],
  distance: number,
  unknown: boolean,
): Generator<Assigned> {
  const [first, ...rest] = facts
  if (first === undefined) {
    if (distance === 0) yield new Map()
    return
  }
  const [name, values] = first
  const own = startValue(start, name)
  if (own !== undefined || unknown)
    for (const below of combinations(start, rest, distance, unknown))
      yield new Map([[name, own], ...below])
  if (distance === 0) return
  for (const value of unknown ? [...values, undefined] : values) {
    if (JSON.stringify(value) === JSON.stringify(own)) continue
    for (const below of combinations(start, rest, distance - 1, unknown))
      yield new Map([[name, value], ...below])
  }
}

/** One other fact changed, then two. */
function* variations(others: Tries): Generator<Assigned> {
  const single = [...others].flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  )
  for (const one of single) yield new Map([one])
  for (const [i, one] of single.entries())
    for (const two of single.slice(i + 1)) if (one[0] !== two[0]) yield new Map([one, two])
}

function startValue({ asOf, facts, item }: Start, name: string): FactValue | undefined {
  const value = name === 'asOf' ? asOf : (isRecordFact(name) ? item : facts)[name]
  return (value ?? undefined) as FactValue | undefined
}

/** The start with some facts set; undefined if the facts contradict each other. */
function withFacts(
  start: Start,
  assigned: readonly (readonly [string, FactValue | undefined])[],
): Start | undefined {
  const facts: Record<string, unknown> = { ...start.facts }
  const item: Record<string, unknown> = { ...start.item }
  let { asOf } = start
  for (const [name, value] of assigned)
    if (name === 'asOf') asOf = typeof value === 'string' ? value : asOf
    else (isRecordFact(name) ? item : facts)[name] = value
  const { 'item.minor': minor, 'item.ageAtEvent': age } = item
  if (typeof minor === 'boolean' && typeof age === 'number' && minor !== age < 18) {
    const isSet = (name: string) => assigned.some(([each]) => each === name)
    if (isSet('item.minor') && isSet('item.ageAtEvent')) return undefined
    if (isSet('item.minor')) item['item.ageAtEvent'] = minor ? 16 : 35
    else item['item.minor'] = age < 18
  }
  return { asOf, facts: { ...facts, asOf }, item }
}

const knownAt = ({ facts, item }: Start, now: InForce): Known =>
  withItem(known(derive(facts, now), now.lists), { id: '1', facts: item }, now)

function differingAt(
  { before, alone, after }: ChangeQuestion,
  at: Start,
  matter: readonly string[],
): DifferingCase | undefined {
  const answer = (law: LawOn) =>
    decideAndTell(law(at.asOf), at.facts, [{ id: '1', facts: at.item }], `${at.asOf}T12:00:00.000Z`)
  const was = answer(before)
  const is = answer(alone)
  const aspect = differ(was, is)
  if (aspect === undefined) return undefined
  const together = alone === after ? is : answer(after)
  return {
    ...at,
    matter: [...new Set(matter)],
    aspect,
    before: was,
    after: is,
    ...(differ(is, together) === undefined ? {} : { together }),
  }
}

/** The question about a change of a policy; undefined if no answer can depend on the change. */
export function policyQuestion(
  { subject, answers }: ClauseChange,
  before: Policy,
  after: Policy,
  start: Start,
  law: (policy: Policy) => LawOn,
): ChangeQuestion | undefined {
  const part = partOf(subject)
  if (!answers || part === undefined) return undefined
  const now = law(before)(start.asOf)
  const space = (conditions: readonly Condition[]) => triesFor(conditions, now)
  const rules = rulesOf(part, before, after).filter((each) => each !== undefined)
  const isRule = rules.length > 0
  const waivable = rules.find((each) => each.waivable)
  const conditions = isRule
    ? rules.flatMap(conditionsOfRule)
    : [before, after].flatMap(({ applies, byRule }) =>
        part.of === 'automation' ? byRule : [applies],
      )
  const own = new Map([
    ...space(conditions),
    ...(waivable === undefined ? [] : waivers(waivable.id, now)),
    // What leaves by rule alone shows only while nobody has decided.
    ...(part.of === 'automation' ? [['release.decision', ['none']] as const] : []),
  ])
  // The scope and the permits of its policy can hide a change of a rule; any rule can hide other changes.
  const near = [before, after].flatMap(({ rules: all }) =>
    all.filter(({ rule }) => !isRule || rule.then.effect === 'permit'),
  )
  // Until a person has decided, what he must decide hides what the rules say. So that is tried first.
  const others = new Map([
    ['release.decision', ['none', 'release']] as const,
    ...space([before.applies, after.applies, ...near.flatMap(conditionsOfRule)]),
    ...waivers(undefined, now),
  ])
  return {
    before: law(before),
    alone: law(withPart(part, before, after)),
    after: law(after),
    own,
    others: new Map([...others].filter(([name]) => !own.has(name))),
    ...(isOutOfReach(conditions) ? { isOutOfReach: true } : {}),
    matters: saysOther(part, before, after),
  }
}

const partOf = (subject: ClauseChange['subject']): PolicyPart | undefined => {
  const { of } = subject
  if (of === 'rule') return subject
  const isPart = of === 'head' || of === 'applies' || of === 'otherwise' || of === 'automation'
  return isPart ? { of } : undefined
}

/** The holder waives nothing, this rule, or all other discretionary refusals. */
function waivers(own: string | undefined, { policies }: InForce): Tries {
  const all = policies.flatMap(({ rules }) => rules.filter(({ waivable }) => waivable))
  const others = all.map(({ id }) => id).filter((id) => id !== own)
  const values = own === undefined ? [others] : [[], [own], others]
  return new Map(all.length === 0 ? [] : [['discretion.waived', values]])
}

/**
 * The values that conditions tell apart, with `request.instrument` in place of `instrument.inForce`. For any
 * other fact that is worked out: every value of the enum facts that it follows from.
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

/** Whether conditions read a fact that no single fact brings about. Then not all its values can be tried. */
const isOutOfReach = (conditions: readonly Condition[]): boolean =>
  conditions.some(({ facts }) => facts.some((name) => broughtAboutBy(name) === undefined))

/** The question about a changed entry of a list. */
export function memberQuestion(
  { subject }: ClauseChange,
  before: List,
  after: List,
  start: Start,
  law: (list: List) => LawOn,
): ChangeQuestion | undefined {
  if (subject.of !== 'member') return undefined
  const was = law(before)
  const alone = law(withEntry(before, subject.before, subject.after))
  const dated = [subject.before, subject.after].flatMap((each) => [each?.from, each?.until])
  const around = dated.flatMap((day) =>
    day === undefined ? [] : [0, -1, 1].map((by) => dayAfter(day, by)),
  )
  const moved = (day: string) => {
    const [a = [], b = []] = [was, alone].map((each) => each(day).lists[before.id])
    return [...a.filter((each) => !b.includes(each)), ...b.filter((each) => !a.includes(each))]
  }
  const seen = [...new Set([start.asOf, ...around])].filter((day) => moved(day).length > 0)
  return {
    before: was,
    alone,
    after: law(after),
    ...entryTries(before, was(start.asOf), seen, [...new Set(seen.flatMap(moved))]),
    matters: () => seen.length > 0,
  }
}

/** A list with one entry replaced, left out or added. */
function withEntry(list: List, before: Member | undefined, after: Member | undefined): List {
  const kept = (list.file.members ?? []).filter((each) => each !== before)
  return { ...list, file: { ...list.file, members: after === undefined ? kept : [...kept, after] } }
}

/** The days and values that came or went, to be tried for the facts that are looked up in the list. */
function entryTries(
  list: List,
  now: InForce,
  days: readonly string[],
  values: readonly string[],
): Pick<ChangeQuestion, 'own' | 'others'> {
  const readers = now.policies.flatMap((policy) =>
    [[policy.applies], ...policy.rules.map(conditionsOfRule)]
      .filter((conditions) => conditions.some((each) => reads(each, list, now)))
      .flatMap((conditions) => [policy.applies, ...conditions]),
  )
  const { instrument } = list.file
  const parties = instrument === undefined ? [] : ['requester.jurisdiction', 'holder.jurisdiction']
  const names = new Set([...parties, ...readers.flatMap(({ logic }) => lookedUp(logic))])
  const own = new Map<string, readonly FactValue[]>([
    ['asOf', days],
    ...[...names].map((name) => [name, values] as const),
    ...(instrument === undefined ? [] : [['request.instrument', ['none', instrument]] as const]),
  ])
  const others = triesFor(readers, now)
  return { own, others: new Map([...others].filter(([name]) => !own.has(name))) }
}

/**
 * Whether a condition reads a list, one that takes in its members, or the instrument whose parties it lists.
 */
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

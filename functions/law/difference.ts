/** A case that the law answers differently before and after a change: found by trying, within bounds. */

import { type Decision, decideAndTell } from '../decision/decide.ts'
import { derive, type Facts, known, withItem } from '../decision/facts.ts'
import type { InForce } from '../policy/history.ts'
import type { Known } from '../policy/logic.ts'
import { type FactValue, isRecordFact } from '../policy/vocabulary.ts'

/** What is in force on a day. */
export type LawOn = (day: string) => InForce

/** Where a search starts: a request for one item, on a day. */
export type Start = { readonly asOf: string; readonly facts: Facts; readonly item: Facts }

/** Values to try by fact. */
export type Tries = ReadonlyMap<string, readonly FactValue[]>

/** What is to be found out about one change. */
export type Question = {
  readonly before: LawOn
  /** The law before, with this change alone. */
  readonly alone: LawOn
  readonly after: LawOn
  /** The facts that the change reads. */
  readonly own: Tries
  /** Other facts that may keep the change from showing: varied one or two at a time. */
  readonly others: Tries
  /** Set where it reads what is worked out from parties and lists: not all of that can be tried. */
  readonly isOutOfReach?: true
  /** Whether the change can show where this is known; a cheap look before anything is decided. */
  readonly matters: (known: Known) => boolean
}

/** What of an answer differs, from the weightiest. */
export const aspects = ['outcome', 'duties', 'standing', 'told', 'reasons'] as const
/** One aspect of an answer. */
export type Aspect = (typeof aspects)[number]

/** A decision in full, and as the requester may be told it. */
export type Answer = ReturnType<typeof decideAndTell>

/** A case that is answered differently. */
export type Differing = {
  readonly asOf: string
  readonly facts: Facts
  readonly item: Facts
  /** The facts that the change reads, and the others that had to be changed. */
  readonly matter: readonly string[]
  readonly aspect: Aspect
  readonly before: Answer
  /** With this change alone, everything else equal. */
  readonly after: Answer
  /** With all changes of the version, where others of them answer the case differently again. */
  readonly together?: Answer
}

/** What a search found, and how far it went. */
export type Found = {
  readonly differing?: Differing
  /** Whether every combination of the facts that the change reads was tried on the start. */
  readonly exhaustive: boolean
  readonly tried: number
}

/** Decisions and combinations at most; about a second for one change. */
const searchMax = { decided: 4_000, improved: 1_000, combined: 60_000, places: 150 } as const

/** Looks for a case; `stop` ends the search early, such as when time is up. */
export function findDifference(start: Start, question: Question, stop: () => boolean): Found {
  let tried = 0
  let best: Differing | undefined
  const most = () => (best === undefined ? searchMax.decided : searchMax.improved)
  const over = () => tried >= most() || isBest(best) || stop()
  const look = (place: Place, matter: readonly string[]) => {
    tried += 1
    best = better(best, differing(question, place, matter))
  }
  const own = [...question.own.keys()]
  const known = places(start, question, false)
  const unknown = places(start, question, true)
  let whole = known.whole && unknown.whole && !question.isOutOfReach
  for (const { found } of [known, unknown]) {
    for (const { place } of found) {
      if (over()) break
      look(place, own)
    }
    whole &&= !over() || isBest(best)
    for (const variation of variations(question.others, found.length))
      for (const { assigned } of found.slice(0, searchMax.places)) {
        if (over()) break
        const place = placed(start, new Map([...assigned, ...variation]))
        if (place !== undefined) look(place, [...own, ...variation.keys()])
      }
  }
  return { ...(best === undefined ? {} : { differing: best }), exhaustive: whole, tried }
}

const isBest = (found: Differing | undefined) =>
  found?.aspect === 'outcome' && found.together === undefined

function better(a: Differing | undefined, b: Differing | undefined): Differing | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const rank = ({ aspect, together }: Differing) =>
    2 * aspects.indexOf(aspect) + (together === undefined ? 0 : 1)
  return rank(b) < rank(a) ? b : a
}

type Assigned = ReadonlyMap<string, FactValue | undefined>
type Place = { readonly asOf: string; readonly facts: Facts; readonly item: Facts }

/**
 * The combinations of the change's own facts under which it can show, those nearest to the start
 * first; all known, or with at least one unknown.
 */
function places(start: Start, { own, before, matters }: Question, unknown: boolean) {
  const found: { readonly place: Place; readonly assigned: Assigned }[] = []
  let combined = 0
  for (let distance = 0; distance <= own.size; distance++)
    for (const assigned of combinations(start, [...own], distance, unknown)) {
      combined += 1
      if (combined > searchMax.combined) return { found, whole: false }
      if ([...assigned.values()].includes(undefined) !== unknown) continue
      const place = placed(start, assigned)
      if (place === undefined || !matters(knownAt(place, before))) continue
      found.push({ place, assigned })
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
  const options = unknown ? [...values, undefined] : values
  const near = own !== undefined || unknown ? [own] : []
  for (const value of near)
    for (const below of combinations(start, rest, distance, unknown))
      yield new Map([[name, value], ...below])
  if (distance === 0) return
  for (const value of options) {
    if (JSON.stringify(value) === JSON.stringify(own)) continue
    for (const below of combinations(start, rest, distance - 1, unknown))
      yield new Map([[name, value], ...below])
  }
}

/** One other fact changed, then two. */
function* variations(others: Tries, places: number): Generator<Assigned> {
  if (places === 0) return
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

/** The start with some facts set; nothing where the facts contradict each other. */
function placed(start: Start, assigned: Assigned): Place | undefined {
  const facts: Record<string, unknown> = { ...start.facts }
  const item: Record<string, unknown> = { ...start.item }
  let { asOf } = start
  for (const [name, value] of assigned)
    if (name === 'asOf') asOf = typeof value === 'string' ? value : asOf
    else (isRecordFact(name) ? item : facts)[name] = value
  const { 'item.minor': minor, 'item.ageAtEvent': age } = item
  if (typeof minor === 'boolean' && typeof age === 'number' && minor !== age < 18) {
    if (assigned.has('item.minor') && assigned.has('item.ageAtEvent')) return undefined
    if (assigned.has('item.minor')) item['item.ageAtEvent'] = minor ? 16 : 35
    else item['item.minor'] = age < 18
  }
  return { asOf, facts: { ...facts, asOf }, item }
}

function knownAt({ asOf, facts, item }: Place, law: LawOn): Known {
  const now = law(asOf)
  return withItem(known(derive(facts, now), now.lists), { id: '1', facts: item }, now)
}

function differing(
  { before, alone, after }: Question,
  place: Place,
  matter: readonly string[],
): Differing | undefined {
  const answer = (law: LawOn) =>
    decideAndTell(law(place.asOf), place.facts, [{ id: '1', facts: place.item }], noon(place.asOf))
  const was = answer(before)
  const is = answer(alone)
  const aspect = aspectOf(was, is)
  if (aspect === undefined) return undefined
  const together = alone === after ? is : answer(after)
  return {
    ...place,
    matter: [...new Set(matter)],
    aspect,
    before: was,
    after: is,
    ...(aspectOf(is, together) === undefined ? {} : { together }),
  }
}

const noon = (day: string) => `${day}T12:00:00.000Z`

/** The weightiest aspect in which two answers differ. */
export function aspectOf(a: Answer, b: Answer): Aspect | undefined {
  const of = {
    outcome: ({ decision: { outcome, items } }: Answer) => [
      outcome,
      items.map((each) => each.treatment),
    ],
    duties: ({ decision: { obligations } }: Answer) =>
      obligations.map(({ code, value, due }) => [code, value, due]),
    standing: ({ decision: { standing, missing, todo, answerBy } }: Answer) => [
      standing,
      missing,
      todo,
      answerBy,
    ],
    told: ({ told: { outcome, standing, reasons } }: Answer) => [
      outcome,
      standing,
      reasons.map(named),
    ],
    reasons: ({ decision: { reasons } }: Answer) => reasons.map(named),
  }
  return aspects.find((aspect) => JSON.stringify(of[aspect](a)) !== JSON.stringify(of[aspect](b)))
}

const named = ({ rule, code }: Decision['reasons'][number]) => [rule, code]

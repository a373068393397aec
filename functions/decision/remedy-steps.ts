/** Attestations that may still be made, and sets of them: the search space for remedies. */

import { type Attester, type FactValue, factTypes, isOfItem } from '../policy/fact-types.ts'
import type { InForce } from '../policy/history.ts'
import { application, changing, type Known, variable } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'

/** One attestation: a value of a fact, or one more member of a list. */
export type Step = {
  readonly fact: string
  readonly value: string | number | boolean
  /** Identifies and sorts steps: by who is asked, by fact, then in the order of its values. */
  readonly order: string
  /** Whether a set may hold other steps on the same fact. */
  readonly isMember: boolean
}

/** A set of steps: one value for each fact, or several members of a list. */
export type Steps = {
  readonly sorted: readonly Step[]
  /** One bit for each step. */
  readonly all: bigint
  /** The same, with one bit for all values of a number. */
  readonly shape: bigint
  /** Bits for the facts. Two facts may share a bit: only sets without a common bit surely share no fact. */
  readonly facts: number
}

/** Nothing attested. */
export const noSteps: Steps = { sorted: [], all: 0n, shape: 0n, facts: 0 }

/** The union of two sets, or undefined where they give one fact two values. */
export function both(a: Steps, b: Steps): Steps | undefined {
  const sorted: Step[] = []
  let [i, j] = [0, 0]
  for (;;) {
    const [one, other] = [a.sorted[i], b.sorted[j]]
    const next = other === undefined || (one && one.order <= other.order) ? one : other
    if (next === undefined) break
    if (one && other && one !== other && one.fact === other.fact && !one.isMember) return undefined
    if (next === one) i += 1
    if (next === other) j += 1
    sorted.push(next)
  }
  return { sorted, all: a.all | b.all, shape: a.shape | b.shape, facts: a.facts | b.facts }
}

/** Fewest steps first; then by the first step in which they differ. */
export function inOrder({ sorted: a }: Steps, { sorted: b }: Steps): number {
  if (a.length !== b.length) return a.length - b.length
  const i = a.findIndex((step, at) => step !== b[at])
  const [one = '', other = ''] = [a[i]?.order, b[i]?.order]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Whether a fact is attestable, and is unknown or has a value that says nobody has answered yet. */
export function isOpen(name: string, known: Known): boolean {
  const fact = factTypes[name]
  if (fact?.attester === undefined) return false
  const value = known.get(name)
  // Where the record does not say who gave it, nobody can be asked.
  if (name === 'item.originConsent' && value === undefined)
    return known.get('item.origin') !== undefined
  if (value === undefined) return true
  if (Array.isArray(value)) return fact.open !== undefined
  return typeof value === 'string' && (fact.open ?? []).includes(value)
}

/** A condition, or several that belong together. */
export type ReadsFacts = { readonly reads: readonly string[] }

/** The facts that it reads and somebody may attest; and whether it reads anything of an item. */
export function attestableIn(asking: ReadsFacts): Attestable {
  const before = attestable.get(asking)
  if (before !== undefined) return before
  const facts = asking.reads.filter((name) => factTypes[name]?.attester !== undefined)
  const made = { facts, readsItem: asking.reads.some(isOfItem) }
  attestable.set(asking, made)
  return made
}

type Attestable = { readonly facts: readonly string[]; readonly readsItem: boolean }
const attestable = new WeakMap<ReadsFacts, Attestable>()

/** What is known once the steps are attested. */
export const attesting = (known: Known, steps: readonly Step[]): Known =>
  steps.length === 0 ? known : changing(known, changes(known, steps))

/** The new value of each fact; a list keeps the members that it has. */
export function changes(known: Known, steps: readonly Step[]): ReadonlyMap<string, FactValue> {
  const changed = new Map<string, FactValue>()
  for (const { fact, value } of steps) {
    const before = changed.get(fact) ?? known.get(fact)
    const members = Array.isArray(before) ? before : []
    changed.set(fact, factTypes[fact]?.type === 'list' ? [...members, String(value)] : value)
  }
  return changed
}

/** Whom to ask first: an officer has the file, a ministry takes its time, and another state takes more. */
const askedFirst: readonly Attester[] = ['holder-officer', 'holder-ministry', 'originator']

/** The steps of one search, numbered as they are needed. */
export type Numbering = {
  /** Every value that a fact may be given, in order; for a list, each member looked for. */
  valuesOf(fact: string): readonly Steps[]
  /** The bits of all those values. */
  bitsOf(fact: string): Pick<Steps, 'all' | 'facts'>
  /** One more member of a list. */
  member(fact: string, value: string): Steps
}

/** Numbers the steps of a search. `seen` is what is known of each item, with values for lists and numbers. */
export function numbering(now: InForce, seen: readonly Known[]): Numbering {
  let bits = 0n
  const values = new Map<string, readonly Steps[]>()
  const bitsOfAll = new Map<string, Pick<Steps, 'all' | 'facts'>>()
  const members = new Map<string, Steps>()
  const masks = new Map<string, number>()
  const single = (step: Step): Steps => {
    const mask = masks.get(step.fact) ?? 1 << (masks.size % 31)
    masks.set(step.fact, mask)
    const all = 1n << bits
    bits += 1n
    return { sorted: [step], all, shape: all, facts: mask }
  }
  const member = (fact: string, value: string): Steps => {
    const key = `${fact} ${value}`
    const made = members.get(key) ?? single(stepTo(fact, value, value, true))
    members.set(key, made)
    return made
  }
  const make = (fact: string): readonly Steps[] => {
    const type = factTypes[fact]?.type
    if (type === 'list')
      return valuesToTry(fact, now, seen).map((each) => member(fact, String(each)))
    const made = stepsOn(fact, now, seen).map(single)
    if (type !== 'integer') return made
    const shape = made.reduce((each, one) => each | one.all, 0n)
    return made.map((each) => ({ ...each, shape }))
  }
  const valuesOf = (fact: string): readonly Steps[] => {
    const before = values.get(fact)
    if (before !== undefined) return before
    const made = make(fact)
    values.set(fact, made)
    return made
  }
  const bitsOf = (fact: string): Pick<Steps, 'all' | 'facts'> => {
    const before = bitsOfAll.get(fact)
    if (before !== undefined) return before
    const made = bitsIn(valuesOf(fact))
    bitsOfAll.set(fact, made)
    return made
  }
  return { valuesOf, bitsOf, member }
}

/** A step, with where it stands among those on its fact. */
function stepTo(fact: string, value: Step['value'], rank: string, isMember: boolean): Step {
  const by = factTypes[fact]?.attester ?? 'holder-officer'
  return { fact, value, order: `${askedFirst.indexOf(by)} ${fact} ${rank}`, isMember }
}

/** The steps on a fact that has one value. Where the vocabulary names its values, they are those of every search. */
function stepsOn(fact: string, now: InForce, seen: readonly Known[]): readonly Step[] {
  const before = namedSteps.get(fact)
  if (before !== undefined) return before
  const made = valuesToTry(fact, now, seen).map((value, i) =>
    stepTo(fact, value, String(i).padStart(3, '0'), false),
  )
  if (factTypes[fact]?.type !== 'integer') namedSteps.set(fact, made)
  return made
}

const namedSteps = new Map<string, readonly Step[]>()

/** The bits of several steps together. */
export function bitsIn(all: readonly Pick<Steps, 'all' | 'facts'>[]): Pick<Steps, 'all' | 'facts'> {
  const bits = { all: 0n, facts: 0 }
  for (const each of all) {
    bits.all |= each.all
    bits.facts |= each.facts
  }
  return bits
}

/** The values that somebody may be asked to vouch for. */
function valuesToTry(name: string, now: InForce, seen: readonly Known[]): readonly Step['value'][] {
  const fact = factTypes[name]
  switch (fact?.type) {
    case 'boolean':
      return [true, false]
    case 'enum':
      return (fact.sought ?? fact.attestable ?? fact.values).filter(
        (value) => !(fact.open ?? []).includes(value),
      )
    case 'integer': {
      const { starts = [], facts = [] } = comparedIn(now).get(name) ?? {}
      const beside = seen
        .flatMap((known) => [...facts].map((each) => known.get(each)))
        .flatMap((each) => (typeof each === 'number' ? [each, each + 1] : []))
      const all = new Set([0, ...starts, ...beside])
      return [...all].filter((each) => each >= 0).sort((a, b) => a - b)
    }
    case 'list': {
      const { facts = [] } = comparedIn(now).get(name) ?? {}
      const sought = seen.flatMap((known) => [...facts].map((each) => known.get(each)))
      const isNew = (each: FactValue | undefined) =>
        typeof each === 'string' && !seen.some((known) => [known.get(name)].flat().includes(each))
      return [...new Set(sought.filter(isNew).map(String))].sort()
    }
    case 'code':
    case 'day':
    case undefined:
      return []
  }
}

/** What a fact is compared with. */
type Compared = {
  /** The first number of each range that the conditions tell apart. */
  readonly starts: Set<number>
  /** The facts it is compared with; for a list, those looked for in it. */
  readonly facts: Set<string>
}

/** By fact, over all policies in force, since one that does not apply may come to apply. */
function comparedIn(now: InForce): ReadonlyMap<string, Compared> {
  const before = compared.get(now)
  if (before !== undefined) return before
  const found = new Map<string, Compared>()
  const of = (name: string): Compared => {
    const each = found.get(name) ?? { starts: new Set(), facts: new Set() }
    found.set(name, each)
    return each
  }
  const look = (logic: Logic): void => {
    const [operator, operands] = application(logic)
    if (operator === 'and' || operator === 'or' || operator === '!') operands.forEach(look)
    const [left, right] = operands
    const [one, other] = [variable(left), variable(right)]
    if (one === undefined) return
    for (const each of [right].flat()) {
      if (typeof each !== 'number') continue
      if (operator !== '>' && operator !== '<=') of(one).starts.add(each)
      if (operator !== '<' && operator !== '>=') of(one).starts.add(each + 1)
    }
    if (other === undefined) return
    of(one).facts.add(other)
    of(other).facts.add(one)
  }
  for (const { conditions } of now.policies) conditions.forEach(look)
  compared.set(now, found)
  return found
}

const compared = new WeakMap<InForce, ReadonlyMap<string, Compared>>()

/** Attestations that may still be made, and sets of them: what a search for cures goes through. */

import type { InForce } from '../policy/history.ts'
import { application, type Known, variable } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { type FactValue, vocabulary } from '../policy/vocabulary.ts'

/** One attestation: a value of a fact, or one more member of a list. */
export type Step = { readonly fact: string; readonly value: string | number | boolean }

/** A set of steps, one bit each. */
export type Steps = {
  readonly all: bigint
  /** The steps that cannot be added: other values of the same facts. */
  readonly rivals: bigint
  /** The same set, with one bit for all values of a number. */
  readonly shape: bigint
  readonly size: number
}

export const noSteps: Steps = { all: 0n, rivals: 0n, shape: 0n, size: 0 }

/** The two together, or undefined where they give one fact two values. */
export function both(a: Steps, b: Steps): Steps | undefined {
  if ((a.rivals & b.all) !== 0n) return undefined
  const all = a.all | b.all
  const size = (a.all & b.all) === 0n ? a.size + b.size : count(all)
  return { all, rivals: a.rivals | b.rivals, shape: a.shape | b.shape, size }
}

function count(all: bigint): number {
  let size = 0
  for (let rest = all; rest !== 0n; rest &= rest - 1n) size += 1
  return size
}

/** An attestable fact that is unknown, or whose value says that nobody has answered yet. */
export function isOpen(name: string, known: Known): boolean {
  const fact = vocabulary[name]
  if (fact?.attester === undefined) return false
  const value = known.get(name)
  if (value === undefined) return true
  if (Array.isArray(value)) return fact.open !== undefined
  return typeof value === 'string' && (fact.open ?? []).includes(value)
}

/** What is known once the steps are attested. */
export const attesting = (known: Known, steps: readonly Step[]): Known => {
  if (steps.length === 0) return known
  const changed = changes(known, steps)
  return { get: (name) => changed.get(name) ?? known.get(name) }
}

/** The new value of each fact; a list keeps the members that it has. */
export function changes(known: Known, steps: readonly Step[]): ReadonlyMap<string, FactValue> {
  const changed = new Map<string, FactValue>()
  for (const { fact, value } of steps) {
    const before = changed.get(fact) ?? known.get(fact)
    const members = Array.isArray(before) ? before : []
    changed.set(fact, vocabulary[fact]?.type === 'list' ? [...members, String(value)] : value)
  }
  return changed
}

/** The steps of one search, numbered as they are needed. */
export type Numbering = {
  /** Every value that a fact may be given, in order; of a list, each member that is looked for. */
  valuesOf(fact: string): readonly Steps[]
  /** One more member of a list. */
  member(fact: string, value: string): Steps
  /** Every step on a fact that has been needed. */
  on(fact: string): bigint
  /** The steps of a set, by fact and in the order of its values. */
  listed(all: bigint): readonly Step[]
  /** Sorts sets of one size by the first fact, then value, in which they differ. */
  orderOf(all: bigint): string
}

/** `seen` is what is known of each item: what may be looked for in lists. */
export function numbering(now: InForce, seen: readonly Known[]): Numbering {
  const steps: { readonly step: Step; readonly bit: bigint; readonly order: string }[] = []
  const values = new Map<string, readonly Steps[]>()
  const members = new Map<string, Steps>()
  const masks = new Map<string, bigint>()
  const lists = new Map<bigint, readonly Step[]>()
  const added = (fact: string, value: Step['value'], order: string): bigint => {
    const bit = 1n << BigInt(steps.length)
    steps.push({ step: { fact, value }, bit, order: `${fact} ${order}` })
    masks.set(fact, (masks.get(fact) ?? 0n) | bit)
    return bit
  }
  const member = (fact: string, value: string): Steps => {
    const key = `${fact} ${value}`
    const bit = members.get(key)?.all ?? added(fact, value, value)
    const made = members.get(key) ?? { all: bit, rivals: 0n, shape: bit, size: 1 }
    members.set(key, made)
    return made
  }
  const make = (fact: string): readonly Steps[] => {
    const all = valuesToTry(fact, now, seen)
    const type = vocabulary[fact]?.type
    if (type === 'list') return all.map((each) => member(fact, String(each)))
    const bits = all.map((value, i) => added(fact, value, String(i).padStart(3, '0')))
    const any = bits.reduce((a, b) => a | b, 0n)
    return bits.map((bit) => {
      const shape = type === 'integer' ? any : bit
      return { all: bit, rivals: any & ~bit, shape, size: 1 }
    })
  }
  const sorted = (all: bigint) =>
    steps.filter(({ bit }) => (all & bit) !== 0n).sort((a, b) => (a.order < b.order ? -1 : 1))
  return {
    valuesOf: (fact) => {
      const made = values.get(fact) ?? make(fact)
      values.set(fact, made)
      return made
    },
    member,
    on: (fact) => masks.get(fact) ?? 0n,
    listed: (all) => {
      const made = lists.get(all) ?? sorted(all).map(({ step }) => step)
      lists.set(all, made)
      return made
    },
    orderOf: (all) =>
      sorted(all)
        .map(({ order }) => order)
        .join(' '),
  }
}

/** The values that somebody may be asked to vouch for. */
function valuesToTry(name: string, now: InForce, seen: readonly Known[]): readonly Step['value'][] {
  const fact = vocabulary[name]
  switch (fact?.type) {
    case 'boolean':
      return [true, false]
    case 'enum':
      return (fact.sought ?? fact.attestable ?? Object.keys(fact.values)).filter(
        (value) => !(fact.open ?? []).includes(value),
      )
    // The least of each stretch that conditions can tell apart.
    case 'integer': {
      const { numbers = [], facts = [] } = comparedIn(now).get(name) ?? {}
      const beside = seen.flatMap((known) => [...facts].map((each) => known.get(each)))
      const all = [...numbers, ...beside.filter((each) => typeof each === 'number')]
      const starts = [0, ...all.flatMap((each) => [each, each + 1])]
      return [...new Set(starts)].filter((each) => each >= 0).sort((a, b) => a - b)
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

/** What a fact is compared with: numbers, and other facts; of a list, what is looked for in it. */
type Compared = { readonly numbers: Set<number>; readonly facts: Set<string> }

/** By fact, over all the law in force: a policy that does not apply may come to apply. */
function comparedIn(now: InForce): ReadonlyMap<string, Compared> {
  const before = compared.get(now)
  if (before !== undefined) return before
  const found = new Map<string, Compared>()
  const of = (name: string): Compared => {
    const each = found.get(name) ?? { numbers: new Set(), facts: new Set() }
    found.set(name, each)
    return each
  }
  const look = (logic: Logic): void => {
    const [operator, operands] = application(logic)
    if (operator === 'and' || operator === 'or' || operator === '!') operands.forEach(look)
    const [left, right] = operands
    const [one, other] = [variable(left), variable(right)]
    if (one === undefined) return
    for (const each of [right].flat()) if (typeof each === 'number') of(one).numbers.add(each)
    if (other === undefined) return
    of(one).facts.add(other)
    of(other).facts.add(one)
  }
  for (const { applies, rules } of now.policies)
    for (const { logic } of [
      applies,
      ...rules.flatMap(({ when, unless }) => [when, ...unless.map((each) => each.when)]),
    ])
      look(logic)
  compared.set(now, found)
  return found
}

const compared = new WeakMap<InForce, ReadonlyMap<string, Compared>>()

/**
 * The values of facts that some conditions can tell apart. Where every comparison treats two values alike,
 * one stands for both, so a finite search over them is exhaustive.
 */

import { dayAfter, type FactValue } from '../../policy/fact-types.ts'
import { application, type Known, knowing, listed, placeOf, variable } from '../../policy/logic.ts'
import type { Logic } from '../../policy/policy.ts'
import { type Fact, vocabulary } from '../../policy/vocabulary.ts'

/** Facts with the values to try, and how many combinations there are. */
export type Space = {
  readonly facts: ReadonlyMap<string, readonly FactValue[]>
  readonly size: number
}

/** Most combinations to try; beyond them nothing is claimed. */
export const combinationsMax = 20_000

type Lists = Readonly<Record<string, readonly string[]>>

/** The literals and lists that comparisons hold against one fact. */
type Mentioned = { readonly literals: Set<string | number>; readonly lists: Set<string> }

/** Countries that may stand for a country on no list. */
const strangers = ['BR', 'JP', 'ZZ'] as const

/** Every value, or one for each kind of value, of every fact that the conditions read. */
export function spaceOf(conditions: readonly Logic[], lists: Lists): Space {
  const mentioned = new Map<string, Mentioned>()
  for (const each of [...conditions, ...conditions]) mention(each, mentioned)
  const facts = new Map<string, readonly FactValue[]>()
  let size = 1
  for (const [name, { literals, lists: read }] of mentioned) {
    const fact = vocabulary[name]
    if (fact === undefined) continue
    const values = valuesOf(fact, [...literals], [...read], lists)
    facts.set(name, values)
    size *= values.length
  }
  return { facts, size }
}

/** Facts that a condition compares with one another share their literals and lists. */
function mention(logic: Logic, into: Map<string, Mentioned>): void {
  const [operator, operands] = application(logic)
  if (operator === 'and' || operator === 'or' || operator === '!') {
    for (const each of operands) mention(each, into)
    return
  }
  const names = operator === 'var' ? [logic] : operands
  const facts = names.flatMap((each) => variable(each) ?? [])
  const shared: Mentioned = { literals: new Set(), lists: new Set() }
  for (const name of facts.filter((each) => !each.startsWith('lists.'))) {
    const before = into.get(name)
    for (const each of before?.literals ?? []) shared.literals.add(each)
    for (const each of before?.lists ?? []) shared.lists.add(each)
  }
  for (const name of facts)
    if (name.startsWith('lists.')) shared.lists.add(name.slice('lists.'.length))
  for (const each of operator === 'var' ? [] : operands.slice(1).flat())
    if (typeof each === 'string' || typeof each === 'number') shared.literals.add(each)
  for (const name of facts) if (!name.startsWith('lists.')) into.set(name, shared)
}

function valuesOf(
  fact: Fact,
  literals: readonly (string | number)[],
  read: readonly string[],
  lists: Lists,
): readonly FactValue[] {
  switch (fact.type) {
    case 'boolean':
      return [true, false]
    case 'enum':
      return Object.keys(fact.values)
    case 'integer': {
      const near = literals.flatMap((n) => (typeof n === 'number' ? [n - 1, n, n + 1] : []))
      return near.length === 0 ? [0, 1] : distinct(near).sort((a, b) => a - b)
    }
    case 'day': {
      const near = literals.flatMap((day) =>
        typeof day === 'string' ? [dayAfter(day, -1), day, dayAfter(day, 1)] : [],
      )
      return near.length === 0 ? ['2020-01-01'] : distinct(near).sort()
    }
    case 'code':
      return codes(literals, read, lists)
    case 'list': {
      const known = fact.values === undefined ? literals.map(String) : Object.keys(fact.values)
      return [[], ...known.map((each) => [each]), known]
    }
  }
}

/** Each literal, and one member for each way to be on the lists that are read. */
function codes(literals: readonly (string | number)[], read: readonly string[], lists: Lists) {
  const written = literals.map(String)
  const bySignature = new Map<string, string>()
  const members = new Set(read.flatMap((id) => lists[id] ?? []))
  const taken = new Set([...written, ...members])
  const stranger = strangers.find((each) => !taken.has(each)) ?? 'nobody'
  for (const each of [stranger, ...members]) {
    const signature = read.map((id) => (lists[id]?.includes(each) ? '1' : '0')).join('')
    if (!written.includes(each) && !bySignature.has(signature)) bySignature.set(signature, each)
  }
  return distinct([...written, ...bySignature.values()])
}

const distinct = <T>(all: readonly T[]): T[] => [...new Set(all)]

/** Every combination, as `Known`; a fact that `mayBeUnknown` is unknown in some. */
export function* everyKnown(
  space: Space,
  lists: Lists,
  mayBeUnknown: (fact: string) => boolean = () => false,
): Generator<Known> {
  const names = [...space.facts.keys()]
  const values = names.map((name): readonly (FactValue | undefined)[] => [
    ...(space.facts.get(name) ?? []),
    ...(mayBeUnknown(name) ? [undefined] : []),
  ])
  const at = names.map(() => 0)
  const places = names.map(placeOf)
  const next = listed(lists).slice()
  const take = (i: number, n: number) => {
    at[i] = n
    next[places[i] ?? 0] = values[i]?.[n]
  }
  for (let i = 0; i < names.length; i += 1) take(i, 0)
  while (true) {
    // A copy, since whoever takes it may keep it.
    yield knowing(next.slice())
    let i = names.length - 1
    while (i >= 0 && (at[i] ?? 0) + 1 >= (values[i]?.length ?? 0)) take(i--, 0)
    if (i < 0) return
    take(i, (at[i] ?? 0) + 1)
  }
}

/** The sets of attestations that make a condition hold or fail. */

import type { CompiledRule } from '../policy/book.ts'
import { factTypes, isRecordFact } from '../policy/fact-types.ts'
import { application, type Known, namesOf, type Truth, walk } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import type { Item } from './facts.ts'
import {
  attesting,
  both,
  inOrder,
  isOpen,
  type Numbering,
  noSteps,
  type Step,
  type Steps,
} from './remedy-steps.ts'

/** What a search may still spend: about a microsecond each. */
export type Effort = { left: number }

/** The fact that holds the waived rules. */
export const waived = 'discretion.waived'

/** The smallest sets of steps, any of which is enough; only the empty set if nothing is needed. */
export type Ways = readonly Steps[]

/** What a condition must come to. */
export type Want = 'holds' | 'fails' | 'may-hold' | 'may-fail'

/** Finds the ways to make a condition come to what is wanted, or to waive a rule. */
export type Make = {
  to(want: Want, logic: Logic): Ways
  waiving(rule: CompiledRule): Ways
  all(ways: readonly Ways[]): Ways
}

/** The ways to any one of them; only the empty set if one is done already. */
export function any(all: readonly (() => Ways)[]): Ways {
  const found: Steps[] = []
  for (const each of all) {
    const ways = each()
    if (isDone(ways)) return done
    found.push(...ways)
  }
  return smallest(found)
}

/** The ways to what any one of these needs. */
export const anyOf = <T>(all: readonly T[], ways: (each: T) => Ways): Ways =>
  any(all.map((each) => ways.bind(undefined, each)))

const done: Ways = [noSteps]
/** Whether nothing more is needed. */
export const isDone = (ways: Ways): boolean => ways[0]?.all === 0n

/** The sets that contain no other, in order. */
function smallest(ways: Ways): Ways {
  if (ways.length < 2) return ways
  const kept: Steps[] = []
  for (const each of ways.toSorted(inOrder))
    if (!kept.some((less) => (each.all & less.all) === less.all)) kept.push(each)
  return kept
}

/** A `Make` for one item, after the steps already taken. */
export function making(
  known: Known,
  taken: readonly Step[],
  { unseen }: Item,
  numbers: Numbering,
  effort: Effort,
): Make {
  const after = attesting(known, taken)
  const isFree = (name: string) =>
    isOpen(name, known) &&
    (unseen === undefined || !isRecordFact(name)) &&
    (factTypes[name]?.type === 'list' || !taken.some(({ fact }) => fact === name))
  const trying = (test: Test, { sorted }: Steps): Truth => {
    effort.left -= 1
    const value = test.only === undefined ? undefined : (sorted[0]?.value ?? after.get(test.only))
    if (value === undefined) return walk(test.logic, attesting(after, sorted))
    const truth = test.answers.get(value) ?? walk(test.logic, attesting(after, sorted))
    test.answers.set(value, truth)
    return truth
  }
  const all = (ways: readonly Ways[]): Ways => {
    let product: Ways = done
    for (const each of ways) {
      effort.left -= (product.length * each.length) / 2
      // The effort is spent: the search ends, and this result is not used.
      if (effort.left < 0) return []
      product = smallest(product.flatMap((a) => each.flatMap((b) => both(a, b) ?? [])))
    }
    return product
  }
  // No comparison has an attestable fact on both sides.
  const stepping = (want: Want, test: Test): Ways =>
    smallest(
      test.attestable
        .filter(isFree)
        .flatMap(numbers.valuesOf)
        .filter((each) => meets(trying(test, each), want)),
    )
  const to = (want: Want, logic: Logic): Ways => {
    const test = testOf(logic)
    const { operator, operands } = test
    // Nobody attests what it reads.
    if (!test.attestable.some(isFree)) {
      effort.left -= 1
      return meets(walk(logic, after), want) ? done : []
    }
    if (operator === '!') return to(opposite[want], operands[0] ?? false)
    if (operator === 'and' || operator === 'or') {
      const allNeeded = (operator === 'and') === (want === 'holds' || want === 'may-hold')
      if (!allNeeded) return any(operands.map((each) => () => to(want, each)))
      const ways: Ways[] = []
      for (const each of operands) {
        const found = to(want, each)
        if (found.length === 0) return []
        if (!isDone(found)) ways.push(found)
      }
      return all(ways)
    }
    return meets(trying(test, noSteps), want) ? done : stepping(want, test)
  }
  const waiving = ({ id }: CompiledRule): Ways => {
    if ([after.get(waived)].flat().includes(id)) return done
    return isFree(waived) ? [numbers.member(waived, id)] : []
  }
  return { to, waiving, all }
}

/** A node of a condition, taken apart once. */
type Test = {
  readonly logic: Logic
  readonly operator: string
  readonly operands: readonly Logic[]
  /** The facts that it reads and somebody may attest. */
  readonly attestable: readonly string[]
  /** The one fact that it rests on, if its type is one whose answers are remembered. */
  readonly only?: string
  readonly answers: Map<unknown, Truth>
}

function testOf(logic: Logic): Test {
  const before = typeof logic === 'object' ? tests.get(logic) : undefined
  if (before !== undefined) return before
  const [operator, operands] = application(logic)
  const names = [...new Set(namesOf(logic))]
  const [name = ''] = names
  const isOne = names.length === 1 && ['enum', 'boolean'].includes(factTypes[name]?.type ?? '')
  const test = {
    logic,
    operator,
    operands,
    attestable: names.filter((each) => factTypes[each]?.attester !== undefined),
    ...(isOne ? { only: name } : {}),
    answers: new Map(),
  }
  if (typeof logic === 'object') tests.set(logic, test)
  return test
}

const tests = new WeakMap<object, Test>()

const opposite: Readonly<Record<Want, Want>> = {
  holds: 'fails',
  fails: 'holds',
  'may-hold': 'may-fail',
  'may-fail': 'may-hold',
}

function meets(truth: Truth, want: Want): boolean {
  switch (want) {
    case 'holds':
    case 'fails':
      return truth === want
    case 'may-hold':
      return truth !== 'fails'
    case 'may-fail':
      return truth !== 'holds'
  }
}

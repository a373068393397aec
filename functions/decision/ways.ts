/** How attestations can lift one thing that stands against an item. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { application, type Known, namesOf, type Truth, walk } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { isRecordFact, vocabulary } from '../policy/vocabulary.ts'
import { type Blocker, isOwnGround } from './combine.ts'
import type { Finding } from './evaluate.ts'
import type { Owed } from './owed.ts'
import {
  attesting,
  both,
  inOrder,
  isOpen,
  type Numbering,
  noSteps,
  type Step,
  type Steps,
} from './steps.ts'

/** What a search may still spend: about a microsecond each. */
export type Effort = { left: number }

/** The fact that holds the waived rules. */
export const waived = 'discretion.waived'

/** Something that must be lifted before an item can leave. */
export type Obstacle = {
  readonly key: string
  /** What it reads: steps on other facts do not touch it. */
  readonly reads: readonly string[]
  /** Ids of the rules whose waiver lifts it. */
  readonly waives: readonly string[]
  readonly ways: (make: Make) => Ways
}

/** Smallest sets of steps, any of which lifts it; the empty one alone where it is lifted already. */
export type Ways = readonly Steps[]

/** What a condition must come to. */
type Want = 'holds' | 'fails' | 'may-hold' | 'may-fail'

/** Finds the ways to make a condition come to something, or to waive a rule. */
export type Make = {
  to(want: Want, logic: Logic): Ways
  waiving(rule: CompiledRule): Ways
  all(ways: readonly Ways[]): Ways
}

/** What must be lifted for the item to leave; one kind of redaction may stay. */
export function obstaclesOf(
  blockers: readonly Blocker[],
  now: InForce,
  known: Known,
  record: 'seen' | 'unseen',
): readonly Obstacle[] {
  const withheld = blockers.filter(({ treatment: { kind } }) => kind === 'withhold')
  const redacted = blockers.filter(({ treatment: { kind } }) => kind !== 'withhold')
  const lifted = (blocker: Blocker) => obstacles(blocker, now, known, record)
  // Two kinds withhold together, so of each two one must be lifted.
  const pairs = redacted.flatMap((a, i) =>
    redacted
      .slice(i + 1)
      .filter((b) => b.treatment.kind !== a.treatment.kind)
      .map((b) => either([...lifted(a), ...lifted(b)])),
  )
  return [...withheld.flatMap(lifted), ...pairs]
}

const either = (all: readonly Obstacle[]): Obstacle => ({
  key: all.map(({ key }) => key).join(' or '),
  reads: all.flatMap(({ reads }) => reads),
  waives: all.flatMap(({ waives }) => waives),
  ways: (make) =>
    any(
      all.map(
        ({ ways }) =>
          () =>
            ways(make),
      ),
    ),
})

/** All of these must be lifted to lift the blocker. */
function obstacles(
  blocker: Blocker,
  now: InForce,
  known: Known,
  record: 'seen' | 'unseen',
): readonly Obstacle[] {
  switch (blocker.because) {
    case 'rule':
      return [stopping(blocker.finding, record)]
    case 'duty':
      return blocker.owed.map((each) => releasing(each, record))
    case 'silence':
      return [speaking(blocker.policy, blocker.permits, record)]
    case 'suspended':
      return [leaving(blocker.policy)]
    case 'no-policy':
      return [grounding(now.policies.filter((policy) => isOwnGround(policy, known)))]
    case 'unknown-class':
      return [impossible(blocker.because)]
  }
}

/** Nothing that anybody attests lifts it. */
const impossible = (key: string): Obstacle => ({ key, reads: [], waives: [], ways: () => [] })

/** A rule fails, an exception to it holds, it is waived, or its policy does not apply. */
function stopping({ policy, rule }: Finding, record: 'seen' | 'unseen'): Obstacle {
  const certain = record === 'unseen' && rule.readsRecord
  return {
    key: rule.id,
    reads: [...rule.reads, ...policy.applies.reads],
    waives: rule.waivable ? [rule.id] : [],
    ways: (make) =>
      any([
        () => make.to(certain ? 'may-fail' : 'fails', rule.when.logic),
        ...rule.unless.map(
          ({ when }) =>
            () =>
              make.to(certain ? 'may-hold' : 'holds', when.logic),
        ),
        () => make.to('fails', policy.applies.logic),
        () => (rule.waivable ? make.waiving(rule) : []),
      ]),
  }
}

/** A duty lies on nobody: what imposes it stops. A marking stays, whoever asks. */
function releasing({ duty, finding }: Owed, record: 'seen' | 'unseen'): Obstacle {
  if (finding === undefined) return impossible(`marking ${duty.code}`)
  const { policy, rule, exceptions } = finding
  const at = exceptions.findIndex(({ exception }) => exception.obligations?.includes(duty))
  const excepted = rule.unless[at]
  if (excepted === undefined) return stopping(finding, record)
  return {
    key: `${rule.id}/unless/${at}`,
    reads: [...rule.reads, ...policy.applies.reads],
    waives: [],
    ways: (make) =>
      any([
        () => make.to('fails', rule.when.logic),
        () => make.to('fails', excepted.when.logic),
        () => make.to('fails', policy.applies.logic),
      ]),
  }
}

/** A ground permits, or does not apply. */
function speaking(
  policy: Policy,
  permits: readonly Finding[],
  record: 'seen' | 'unseen',
): Obstacle {
  return {
    key: `${policy.id} permits`,
    reads: [...policy.applies.reads, ...permits.flatMap(({ rule }) => rule.reads)],
    waives: [],
    ways: (make) =>
      any([
        ...permits.map(({ rule }) => () => {
          const enough = record === 'unseen' && rule.readsRecord
          return make.all([
            make.to(enough ? 'may-hold' : 'holds', rule.when.logic),
            ...rule.unless.map(({ when }) => make.to(enough ? 'may-fail' : 'fails', when.logic)),
          ])
        }),
        () => make.to('fails', policy.applies.logic),
      ]),
  }
}

const leaving = ({ id, applies }: Policy): Obstacle => ({
  key: `${id} applies`,
  reads: applies.reads,
  waives: [],
  ways: (make) => make.to('fails', applies.logic),
})

const grounding = (own: readonly Policy[]): Obstacle => ({
  key: 'a ground',
  reads: own.flatMap(({ applies }) => applies.reads),
  waives: [],
  ways: (make) =>
    any(
      own.map(
        ({ applies }) =>
          () =>
            make.to('holds', applies.logic),
      ),
    ),
})

/** The ways of each; the empty one alone once one of them is done already. */
function any(all: readonly (() => Ways)[]): Ways {
  const found: Steps[] = []
  for (const each of all) {
    const ways = each()
    if (isDone(ways)) return done
    found.push(...ways)
  }
  return smallest(found)
}

const done: Ways = [noSteps]
export const isDone = (ways: Ways): boolean => ways[0]?.all === 0n

/** Those that contain no other, in order. */
function smallest(ways: Ways): Ways {
  if (ways.length < 2) return ways
  const kept: Steps[] = []
  for (const each of ways.toSorted(inOrder))
    if (!kept.some((less) => (each.all & less.all) === less.all)) kept.push(each)
  return kept
}

/** Makes, of one item for which some steps are taken already. */
export function making(
  known: Known,
  taken: readonly Step[],
  record: 'seen' | 'unseen',
  numbers: Numbering,
  effort: Effort,
): Make {
  const after = attesting(known, taken)
  const isFree = (name: string) =>
    isOpen(name, known) &&
    (record === 'seen' || !isRecordFact(name)) &&
    (vocabulary[name]?.type === 'list' || !taken.some(({ fact }) => fact === name))
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
      // Spent: the search ends, and what was found here is not looked at.
      if (effort.left < 0) return []
      product = smallest(product.flatMap((a) => each.flatMap((b) => both(a, b) ?? [])))
    }
    return product
  }
  const changing = (want: Want, test: Test): Ways => {
    const [one, other, ...more] = test.names.filter(isFree).map(numbers.valuesOf)
    if (one === undefined || more.length > 0) return []
    const pairs = one.flatMap((a) => other?.flatMap((b) => both(a, b) ?? []) ?? [])
    const all = [...one, ...(other ?? []), ...pairs]
    return smallest(all.filter((each) => meets(trying(test, each), want)))
  }
  const to = (want: Want, logic: Logic): Ways => {
    const test = testOf(logic)
    const { operator, operands } = test
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
    return meets(trying(test, noSteps), want) ? done : changing(want, test)
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
  readonly names: readonly string[]
  /** The one fact that it rests on, of a kind whose answers are remembered. */
  readonly only?: string
  readonly answers: Map<unknown, Truth>
}

function testOf(logic: Logic): Test {
  const before = typeof logic === 'object' ? tests.get(logic) : undefined
  if (before !== undefined) return before
  const [operator, operands] = application(logic)
  const names = [...new Set(namesOf(logic))]
  const [name = ''] = names
  const isOne = names.length === 1 && ['enum', 'boolean'].includes(vocabulary[name]?.type ?? '')
  const test = {
    logic,
    operator,
    operands,
    names,
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

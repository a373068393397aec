/** How attestations can lift one thing that stands against an item. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { application, type Known, namesOf, type Truth, walk } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { isRecordFact, vocabulary } from '../policy/vocabulary.ts'
import { type Blocker, isOwnGround } from './combine.ts'
import type { Finding } from './evaluate.ts'
import type { Owed } from './owed.ts'
import { attesting, both, isOpen, type Numbering, noSteps, type Steps } from './steps.ts'

/** What a search may still spend: about a microsecond each. */
export type Effort = { left: number }

/** Something that must be lifted before an item can leave. */
export type Obstacle = {
  readonly key: string
  /** What it reads: steps on other facts do not touch it. */
  readonly reads: readonly string[]
  readonly ways: (make: Make) => Ways
}

/** Smallest sets of steps, any of which lifts it; the empty one alone where it is lifted already. */
export type Ways = readonly Steps[]

/** What a condition must come to. */
type Want = 'holds' | 'fails' | 'may-hold' | 'may-fail'

/** Finds the ways to make a condition come to something, or to waive a rule. */
export type Make = {
  to(want: Want, logic: Logic): Ways
  waived(rule: CompiledRule): Ways
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
const impossible = (key: string): Obstacle => ({ key, reads: [], ways: () => [] })

/** A rule fails, an exception to it holds, it is waived, or its policy does not apply. */
function stopping({ policy, rule }: Finding, record: 'seen' | 'unseen'): Obstacle {
  const certain = record === 'unseen' && rule.readsRecord
  return {
    key: rule.id,
    reads: [...rule.reads, ...policy.applies.reads],
    ways: (make) =>
      any([
        () => make.to(certain ? 'may-fail' : 'fails', rule.when.logic),
        ...rule.unless.map(
          ({ when }) =>
            () =>
              make.to(certain ? 'may-hold' : 'holds', when.logic),
        ),
        () => make.to('fails', policy.applies.logic),
        () => (rule.waivable ? make.waived(rule) : []),
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
  ways: (make) => make.to('fails', applies.logic),
})

const grounding = (own: readonly Policy[]): Obstacle => ({
  key: 'a ground',
  reads: own.flatMap(({ applies }) => applies.reads),
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
export const isDone = (ways: Ways): boolean => ways[0]?.size === 0

/** Those that contain no other, fewest steps first. */
function smallest(ways: Ways): Ways {
  const kept: Steps[] = []
  for (const each of ways.toSorted((a, b) => a.size - b.size))
    if (!kept.some((less) => (each.all & less.all) === less.all)) kept.push(each)
  return kept
}

/** Makes, of one item for which some steps are taken already. */
export function making(
  known: Known,
  taken: bigint,
  record: 'seen' | 'unseen',
  numbers: Numbering,
  effort: Effort,
): Make {
  const steps = numbers.listed(taken)
  const after = attesting(known, steps)
  const isFree = (name: string) =>
    isOpen(name, known) &&
    (record === 'seen' || !isRecordFact(name)) &&
    (vocabulary[name]?.type === 'list' || !steps.some(({ fact }) => fact === name))
  const trying = (logic: Logic, want: Want, each: Steps): boolean => {
    effort.left -= 1
    const more = numbers.listed(each.all & ~taken)
    return meets(walk(logic, attesting(after, more)), want)
  }
  const all = (ways: readonly Ways[]): Ways => {
    let product: Ways = done
    for (const each of ways) {
      if (each.length === 0) return []
      effort.left -= product.length * each.length
      // Spent: the search ends, and what was found here is not looked at.
      if (effort.left < 0) return []
      const joined = product.flatMap((a) => each.flatMap((b) => both(a, b) ?? []))
      product = product.length === 1 && each.length === 1 ? joined : smallest(joined)
    }
    return product
  }
  const changing = (want: Want, logic: Logic): Ways => {
    const [one = [], other = []] = [...new Set(namesOf(logic))].filter(isFree).map(numbers.valuesOf)
    const pairs = one.flatMap((a) => other.flatMap((b) => both(a, b) ?? []))
    return smallest([...one, ...other, ...pairs].filter((each) => trying(logic, want, each)))
  }
  const to = (want: Want, logic: Logic): Ways => {
    const [operator, operands] = application(logic)
    if (operator === '!') return to(opposite[want], operands[0] ?? false)
    if (operator === 'and' || operator === 'or') {
      const allNeeded = (operator === 'and') === (want === 'holds' || want === 'may-hold')
      if (!allNeeded) return any(operands.map((each) => () => to(want, each)))
      const ways: Ways[] = []
      for (const each of operands) {
        const found = to(want, each)
        if (found.length === 0) return []
        ways.push(found)
      }
      return all(ways)
    }
    return trying(logic, want, noSteps) ? done : changing(want, logic)
  }
  const waived = ({ id }: CompiledRule): Ways => {
    const name = 'discretion.waived'
    if ([after.get(name)].flat().includes(id)) return done
    return isFree(name) ? [numbers.member(name, id)] : []
  }
  return { to, waived, all }
}

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

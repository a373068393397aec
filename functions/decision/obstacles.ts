/** What must be lifted before an item can leave, and how attestations lift it. */

import type { Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import type { Condition, Known } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { answersAsked, vouching } from '../policy/vouching.ts'
import type { Blocker, Owed } from './blocker.ts'
import { isOwnGround } from './combine.ts'
import { type Finding, speaksTo } from './evaluate.ts'
import type { Item } from './facts.ts'
import type { ReadsFacts } from './remedy-steps.ts'
import { readsRecord } from './reserved.ts'
import { any, anyOf, type Make, type Want, type Ways } from './ways.ts'

/** Something that must be lifted before an item can leave. */
export type Obstacle = {
  readonly key: string
  /** What it asks. Steps on facts that none of these reads do not affect it. */
  readonly asks: readonly ReadsFacts[]
  /** Ids of the rules whose waiver lifts it. */
  readonly waives: readonly string[]
  readonly ways: (make: Make) => Ways
}

/** What must be lifted for the item to leave; one kind of redaction may stay. */
export function obstaclesOf(
  blockers: readonly Blocker[],
  now: InForce,
  known: Known,
  item: Item,
): readonly Obstacle[] {
  const withheld = blockers.filter(({ treatment: { kind } }) => kind === 'withhold')
  const redacted = blockers.filter(({ treatment: { kind } }) => kind !== 'withhold')
  const allOf = (blocker: Blocker) => obstacles(blocker, now, known, item)
  // Two kinds of redaction join to `withhold`, so one of each two must be lifted.
  const pairs = redacted.flatMap((a, i) =>
    redacted
      .slice(i + 1)
      .filter((b) => b.treatment.kind !== a.treatment.kind)
      .map((b) => either([...allOf(a), ...allOf(b)])),
  )
  return [...withheld.flatMap(allOf), ...pairs]
}

const either = (all: readonly Obstacle[]): Obstacle => ({
  key: all.map(({ key }) => key).join(' or '),
  asks: all.flatMap(({ asks }) => asks),
  waives: all.flatMap(({ waives }) => waives),
  ways: (make) => anyOf(all, ({ ways }) => ways(make)),
})

/** All of these must be lifted to lift the blocker. */
function obstacles(blocker: Blocker, now: InForce, known: Known, item: Item): readonly Obstacle[] {
  switch (blocker.because) {
    case 'rule':
      return [stopping(blocker.finding, item)]
    case 'duty':
      return blocker.owed.map((each) => releasing(each, item))
    case 'silence':
      return [speaking(blocker.policy, known, item)]
    case 'suspended':
      return [making(`${blocker.policy.id} applies`, 'fails', blocker.policy.applies)]
    case 'no-policy':
      return [grounding(now.policies.filter((policy) => isOwnGround(policy, known)))]
    case 'unasked':
    case 'unknown-class':
      return [impossible(blocker.because)]
    case 'reserved':
      return [
        blocker.answeredNo === undefined
          ? reserving(blocker.policy, known, item)
          : hearing(blocker.answeredNo),
      ]
  }
}

/** An obstacle that no attestation lifts. */
const impossible = (key: string): Obstacle => ({ key, asks: [], waives: [], ways: () => [] })

/** Lifted if the rule fails, an exception to it holds, it is waived, or its policy does not apply. */
function stopping({ policy, rule }: Finding, item: Item): Obstacle {
  const certain = item.unseen !== undefined && readsRecord(rule, item)
  return {
    key: rule.id,
    asks: [rule, policy.applies],
    waives: rule.waivable ? [rule.id] : [],
    ways: (make) =>
      any([
        () => make.to(certain ? 'may-fail' : 'fails', rule.when.logic),
        () => anyOf(rule.unless, ({ when }) => make.to(certain ? 'may-hold' : 'holds', when.logic)),
        () => make.to('fails', policy.applies.logic),
        () => (rule.waivable ? make.waiving(rule) : []),
      ]),
  }
}

/**
 * Lifted if nothing imposes the duty any more. A claim stops binding once no policy that reads it applies. A
 * marking always stays.
 */
function releasing({ duty, finding, readers }: Owed, item: Item): Obstacle {
  if (readers !== undefined)
    return {
      key: `${duty.code} ${duty.value}`,
      asks: readers.map(({ applies }) => applies),
      waives: [],
      ways: (make) => make.all(readers.map(({ applies }) => make.to('fails', applies.logic))),
    }
  if (finding === undefined) return impossible(`marking ${duty.code}`)
  const { policy, rule, exceptions } = finding
  const at = exceptions.findIndex(({ exception }) => exception.obligations?.includes(duty))
  const excepted = rule.unless[at]
  if (excepted === undefined) return stopping(finding, item)
  return {
    key: `${rule.id}/unless/${at}`,
    asks: [rule, policy.applies],
    waives: [],
    ways: (make) =>
      any([
        () => make.to('fails', rule.when.logic),
        () => make.to('fails', excepted.when.logic),
        () => make.to('fails', policy.applies.logic),
      ]),
  }
}

/** Lifted if the ground permits, or does not apply. */
function speaking(policy: Policy, known: Known, item: Item): Obstacle {
  const permits = policy.rules.filter(
    (rule) => rule.rule.then.effect === 'permit' && speaksTo(rule, known),
  )
  return {
    key: `${policy.id} permits`,
    asks: [policy.applies, ...permits],
    waives: [],
    ways: (make) =>
      any([
        ...permits.map((rule) => () => {
          const enough = item.unseen !== undefined && readsRecord(rule, item)
          return make.all([
            make.to(enough ? 'may-hold' : 'holds', rule.when.logic),
            ...rule.unless.map(({ when }) => make.to(enough ? 'may-fail' : 'fails', when.logic)),
          ])
        }),
        () => make.to('fails', policy.applies.logic),
      ]),
  }
}

const released = { '===': [{ var: 'release.decision' }, 'release'] } as const
const deciding: ReadsFacts = { reads: ['release.decision'] }

/**
 * Lifted if an officer decides to release the item, or the ground lets it leave by rule alone or does not
 * apply. Once an officer refused, nothing lifts it: each ground keeps what he refused, and the holder always
 * has one that applies.
 */
function reserving(policy: Policy | undefined, known: Known, item: Item): Obstacle {
  const decision = known.get('release.decision')
  if (decision === 'refuse') return impossible('refused')
  const byRule = decision === 'none' ? (policy?.byRule ?? []) : []
  return {
    key: `${policy?.id ?? 'comity'} reserves`,
    asks: [deciding, ...(policy === undefined ? [] : [policy.applies]), ...byRule],
    waives: [],
    ways: (make) =>
      any([
        () => make.to('holds', released),
        ...byRule.map((clause) => () => {
          const enough = item.unseen !== undefined && readsRecord(clause, item)
          return make.to(enough ? 'may-hold' : 'holds', clause.logic)
        }),
        ...(policy === undefined ? [] : [() => make.to('fails', policy.applies.logic)]),
      ]),
  }
}

/** Lifted if an officer decides to release the item, or each of these facts is answered, and not with no. */
const hearing = (facts: readonly string[]): Obstacle => ({
  key: `${facts.join()} answered`,
  asks: [deciding, { reads: facts }],
  waives: [],
  ways: (make) =>
    any([
      () => make.to('holds', released),
      () => make.all(facts.map((fact) => make.to('holds', notNo[fact] ?? false))),
    ]),
})

/** For each fact on which an office may answer no: that it did not. */
const notNo: Readonly<Record<string, Logic>> = Object.fromEntries(
  answersAsked.map((fact) => [
    fact,
    { and: (vouching[fact]?.against ?? []).map((no) => ({ '!==': [{ var: fact }, String(no)] })) },
  ]),
)

/** Lifted if the condition comes to `want`. */
const making = (key: string, want: Want, condition: Condition): Obstacle => ({
  key,
  asks: [condition],
  waives: [],
  ways: (make) => make.to(want, condition.logic),
})

const grounding = (own: readonly Policy[]): Obstacle => ({
  key: 'a ground',
  asks: own.map(({ applies }) => applies),
  waives: [],
  ways: (make) => anyOf(own, ({ applies }) => make.to('holds', applies.logic)),
})

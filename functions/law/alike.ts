/** Which requests a law cannot tell apart: what is decided of one is decided of all of them. */

import type { Facts } from '../decision/facts.ts'
import type { LoggedDecision } from '../decision/logged-facts.ts'
import type { Policy } from '../policy/book.ts'
import { application, type Condition, variable } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { claimsThatBind, isRecordFact, vocabulary } from '../policy/vocabulary.ts'

/** What is asked of a decision: its facts alone. */
export type Asked = Pick<LoggedDecision, 'facts' | 'items'>

/**
 * All that policies can tell of a request, as a text: facts that no rule reads are left out, and
 * numbers count as the place that they take among those that they are compared with.
 */
export function keyUnder(policies: readonly Policy[]): (asked: Asked) => string {
  const conditions = policies.flatMap(conditionsOf)
  const read = conditions.flatMap(({ facts }) => facts)
  const followed = read.flatMap((name) => vocabulary[name]?.follows ?? [])
  const names = [...new Set([...alwaysRead, ...read, ...followed])]
  const bounds = new Map(boundsIn(conditions.map(({ logic }) => logic)))
  // A listed arrangement may ask for any penalty.
  for (const name of followed) bounds.delete(name)
  const told = (all: Facts, of: readonly string[]) =>
    of.map((name) => placeOf(all[name], bounds.get(name)))
  const ofItem = names.filter(isRecordFact)
  const ofRequest = names.filter((name) => !isRecordFact(name))
  const isStated = (all: Facts) =>
    claimsThatBind.map((name) => ![undefined, null, 'none'].includes(all[name] as never))
  return ({ facts, items }) =>
    JSON.stringify([
      told(facts, ofRequest),
      isStated(facts),
      ...items.map((item) => [told(item.facts, ofItem), item.cannot, item.markings]),
    ])
}

/**
 * What is read beside the conditions: who asks whom, by what instrument, what can be done, and what a
 * person decided. A claim is a duty wherever it is stated, whatever it says.
 */
const alwaysRead = [
  'holder.jurisdiction',
  'requester.jurisdiction',
  'requester.cannotHonour',
  'request.instrument',
  'request.redescribed',
  'request.restsOn',
  'discretion.waived',
  'release.decision',
  'item.class',
  'item.redescribed',
  'item.foundAgainst',
]

const conditionsOf = ({ applies, byRule, rules }: Policy): readonly Condition[] => [
  applies,
  ...byRule,
  ...rules.flatMap(({ when, unless }) => [when, ...unless.map((each) => each.when)]),
]

/** Where a number stands among those that it is compared with; any other value as it is. */
function placeOf(value: unknown, bounds: readonly number[] | undefined): unknown {
  if (bounds === undefined || !Number.isSafeInteger(value)) return value
  const below = bounds.filter((each) => each < Number(value)).length
  return 2 * below + (bounds.includes(Number(value)) ? 1 : 0)
}

/** The numbers that each numeric fact is compared with, where it is compared with nothing else. */
function boundsIn(logics: readonly Logic[]): ReadonlyMap<string, readonly number[]> {
  const numeric = Object.keys(vocabulary).filter((name) => vocabulary[name]?.type === 'integer')
  const found = new Map(numeric.map((name): [string, number[]] => [name, []]))
  const look = (logic: Logic): void => {
    const [operator, operands] = application(logic)
    if (operator === 'and' || operator === 'or' || operator === '!') {
      for (const each of operands) look(each)
      return
    }
    const [left, right] = operands
    const names = [left, right].map(variable)
    // Two facts side by side: what the one may be depends on what the other is.
    if (names[1] !== undefined) for (const name of names) found.delete(name ?? '')
    const literals = [right].flat().filter((each) => typeof each === 'number')
    found.get(names[0] ?? '')?.push(...literals)
  }
  for (const each of logics) look(each)
  return found
}

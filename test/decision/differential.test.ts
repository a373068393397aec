/** The engine held against json-logic-js and against a second reading of the design. */

import fc from 'fast-check'
import jsonLogic from 'json-logic-js'
import { expect, test } from 'vitest'
import { decide } from '../../functions/decision/decide.ts'
import { known, withItem } from '../../functions/decision/facts.ts'
import { condition } from '../../functions/policy/dialect.ts'
import { type Condition, holds, walk } from '../../functions/policy/logic.ts'
import type { Logic } from '../../functions/policy/policy.ts'
import { knownValue, vocabulary } from '../../functions/policy/vocabulary.ts'
import { conditionOver, knownFacts, outside, readable, someFacts } from './arbitraries.ts'
import { expected, type Facts, kleene, world, worldLists } from './oracle.ts'
import { nowFor, setups } from './setups.ts'
import type { Json } from './write.ts'

const lists = new Set(Object.keys(worldLists))
/** `instrument.inForce` is derived and has tests of its own; here it is stated. */
const directly = readable.filter((name) => name !== 'instrument.inForce')

/** What is known of a request and its only item. */
const knownOf = (facts: Facts) => withItem(known(facts, worldLists), { id: '1', facts })

function checked(logic: Json): Condition {
  const result = condition(logic as Logic, lists)
  if ('faults' in result) throw new Error(JSON.stringify(result.faults))
  return result.condition
}

/** Facts as a lawyer would nest them by hand for json-logic-js. */
function nest(facts: Facts): object {
  const root: Record<string, unknown> = { lists: worldLists }
  for (const [name, value] of Object.entries(facts)) {
    const steps = name.split('.')
    const last = steps.pop() ?? ''
    let at = root
    for (const step of steps) {
      at[step] ??= {}
      at = at[step] as Record<string, unknown>
    }
    at[last] = value
  }
  return root
}

test('the oracle and the vocabulary agree on which values are known', () => {
  for (const name of Object.keys(world)) {
    const { type, values, attestable } = world[name] ?? {}
    expect(vocabulary[name]?.type, name).toBe(type)
    if (attestable) expect(vocabulary[name]?.attester, name).toBeDefined()
    for (const value of values ?? [])
      expect(knownValue(name, type === 'list' ? [value] : value), name).toBeDefined()
    for (const value of fc.sample(outside(name), 20))
      expect(knownValue(name, value), `${name} ${JSON.stringify(value)}`).toBeUndefined()
  }
})

// Killed: an `or` that a no decides (logic.ts, `walk`); a no that json-logic-js does not see
// (facts.ts, `put`).
test('where every fact is known, the answer is that of json-logic-js', () => {
  fc.assert(
    fc.property(conditionOver(directly), knownFacts, (logic, facts) => {
      const theirs = jsonLogic.apply(logic as never, nest(facts)) === true ? 'holds' : 'fails'
      expect(holds(checked(logic), knownOf(facts))).toBe(theirs)
      expect(walk(logic as Logic, knownOf(facts))).toBe(theirs)
    }),
    { numRuns: 1000 },
  )
})

// Killed: `holds` that never walks; `not` that makes an unanswerable answer hold; an unanswerable
// operand before a decisive one (logic.ts); null read as no (vocabulary.ts, `knownValue`).
test('where a fact is unknown, the answer is that of three-valued logic', () => {
  fc.assert(
    fc.property(conditionOver(directly), someFacts, (logic, facts) => {
      const truth = kleene(logic, facts)
      const name = truth === 1 ? 'holds' : truth === 0 ? 'fails' : 'unanswerable'
      expect(holds(checked(logic), knownOf(facts))).toBe(name)
    }),
    { numRuns: 1000 },
  )
})

// Killed: an unanswerable deny that fails (combine.ts, `refusal`); an unanswerable permit that
// counts (`permitted`); a ground of the holder's that only perhaps applies; unknown
// `cannotHonour` taken for none (`unhonoured`); duties of unanswerable rules and exceptions
// dropped (`owed`); an unanswerable exception that lifts, an unknown waiver that waives, an
// unanswerable `applies` that does not apply (evaluate.ts); permits of one ground that speak for
// another (`judgeOne`); two kinds or two masks joined to one of them (treatment.ts); an
// instrument of no name taken as it is, an unknown party that is not bound (facts.ts).
test('outcome, treatments and duties are those of a naive reading of the design', () => {
  fc.assert(
    fc.property(setups, ({ policies, facts, items }) => {
      const decision = decide(nowFor(policies), facts, items)
      const treatments = Object.fromEntries(
        decision.items.map(({ id, treatment }) => [
          id,
          treatment.kind === 'mask' ? `mask ${treatment.keepLast}` : treatment.kind,
        ]),
      )
      const duties = [...new Set(decision.obligations.map(({ code }) => code))].sort()
      expect({ outcome: decision.outcome, treatments, duties }).toEqual(
        expected(policies, facts, items),
      )
    }),
    { numRuns: 1000 },
  )
})

test('the generated requests come out in all three ways', () => {
  const outcomes = fc
    .sample(setups, 300)
    .map(({ policies, facts, items }) => expected(policies, facts, items).outcome)
  for (const outcome of ['release', 'redact', 'deny'] as const)
    expect(outcomes.filter((each) => each === outcome).length, outcome).toBeGreaterThan(15)
})

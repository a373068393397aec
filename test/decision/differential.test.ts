/** The engine held against json-logic-js and against a second reading of the design. */

import fc from 'fast-check'
import jsonLogic from 'json-logic-js'
import { expect, test } from 'vitest'
import { type Decision, decideAndTell } from '../../functions/decision/decide.ts'
import { known, withItem } from '../../functions/decision/facts.ts'
import { condition } from '../../functions/policy/dialect.ts'
import { type Condition, holds, walk } from '../../functions/policy/logic.ts'
import type { Logic } from '../../functions/policy/policy.ts'
import { knownValue, vocabulary } from '../../functions/policy/vocabulary.ts'
import { conditionOver, knownFacts, outside, readable, someFacts } from './arbitraries.ts'
import { expected, type Facts, kleene, read, type Said, world, worldLists } from './oracle.ts'
import { cures, type Step } from './oracle-cures.ts'
import { nowFor, openSetups, setups } from './setups.ts'
import type { Json } from './write.ts'

/** How many requests a comparison draws: `COMITY_RUNS=20000` for a long run. */
const runs = (usual: number): number => Number(process.env.COMITY_RUNS ?? usual)

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
// Since reasons are compared, too: the weaker of two reasons of one rule kept (reasons.ts,
// `weight`). Since told answers are: told duties of rules that may not be told (decide.ts,
// `decideAndTell`).
test('what is decided, why, and what is told of it are those of a naive reading of the design', () => {
  fc.assert(
    fc.property(setups, ({ policies, facts, items }) => {
      const { decision, told } = decideAndTell(nowFor(policies), facts, items)
      expect({ ...saidOf(decision), told: saidOf(told) }).toEqual(expected(policies, facts, items))
    }),
    { numRuns: runs(500) },
  )
})

/** A decision in the words of the oracle. */
function saidOf({ outcome, items, obligations, reasons }: Decision): Said {
  const treatments = items.map(({ id, treatment }) => [
    id,
    treatment.kind === 'mask' ? `mask ${treatment.keepLast}` : treatment.kind,
  ])
  return {
    outcome,
    treatments: Object.fromEntries(treatments),
    duties: [...new Set(obligations.map(({ code }) => code))].sort(),
    reasons: reasons.map(({ code, rule }) => `${code} of ${rule}`).sort(),
  }
}

/** The steps of each cure on offer, a list's new members apart. */
const offered = ({ todo }: Decision, facts: Facts): readonly (readonly Step[])[] =>
  [...Map.groupBy(todo, ({ alternative }) => alternative).values()].map((steps) =>
    steps.flatMap(({ fact, to }): readonly Step[] => {
      if (typeof to !== 'object') return [{ fact, value: to }]
      const had = (read(facts, fact) ?? []) as readonly string[]
      return to.filter((value) => !had.includes(value)).map((value) => ({ fact, value }))
    }),
  )

// Killed: pairs of redactions that may stay (obstacles.ts); sets that contain a cure, and numbers that
// count as values (lifting.ts, `isNeedless`).
test('what would cure a refusal is what trying every set of attestations finds', () => {
  const count = { denials: 0, cured: 0, cut: 0 }
  fc.assert(
    fc.property(fc.oneof(openSetups, openSetups, setups), ({ policies, facts, items }) => {
      const { decision, told } = decideAndTell(nowFor(policies), facts, items)
      for (const isTold of [false, true]) {
        const answer = isTold ? told : decision
        if (answer.outcome !== 'deny') continue
        const about = items.filter(({ id }) => answer.items.some((each) => each.id === id))
        const all = cures(
          { policies, facts, items: about, told: isTold && told !== decision },
          4000,
        )
        if (all === undefined) continue
        count.denials += 1
        const found = offered(answer, facts)
        if (answer.todoComplete === false) count.cut += 1
        else expect(found).toEqual(all)
        expect(found.map(({ length }) => length)).toEqual(
          all.slice(0, found.length).map(({ length }) => length),
        )
        if (found.length > 0) count.cured += 1
        expect(answer.standing).toBe(
          found.length > 0 || answer.todoComplete === false ? 'open' : 'final',
        )
      }
    }),
    { numRuns: runs(150) },
  )
  expect(count.cured / count.denials).toBeGreaterThan(0.2)
  expect(count.cut / count.denials).toBeLessThan(0.01)
})

test('the generated requests come out in all three ways', () => {
  const outcomes = fc
    .sample(setups, 300)
    .map(({ policies, facts, items }) => expected(policies, facts, items).outcome)
  for (const outcome of ['release', 'redact', 'deny'] as const)
    expect(outcomes.filter((each) => each === outcome).length, outcome).toBeGreaterThan(15)
})

/** Not knowing can only make the outcome stricter. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outside } from './arbitraries.ts'
import { loosened, outline } from './compare.ts'
import type { Facts } from './oracle.ts'
import { nowFor, type Setup, setups } from './setups.ts'

type Forget = (facts: Facts, name: string) => Facts

const without: Forget = (facts, name) =>
  Object.fromEntries(Object.entries(facts).filter(([each]) => each !== name))
const nulled: Forget = (facts, name) => ({ ...facts, [name]: null })

/** Every setup that knows one thing less, of the request or of one item. */
function forgetful({ policies, facts, items }: Setup, forget: Forget): readonly Setup[] {
  const ofRequest = Object.keys(facts).map((name) => ({
    policies,
    facts: forget(facts, name),
    items,
  }))
  const ofItems = items.flatMap((item) =>
    Object.keys(item.facts).map((name) => ({
      policies,
      facts,
      items: items.map((each) =>
        each === item ? { ...each, facts: forget(each.facts, name) } : each,
      ),
    })),
  )
  return [...ofRequest, ...ofItems]
}

function expectStricter(setup: Setup, forget: Forget): void {
  const now = nowFor(setup.policies)
  const before = outline(now, setup.facts, setup.items)
  for (const { facts, items } of forgetful(setup, forget))
    expect(loosened(before, outline(now, facts, items))).toEqual([])
}

// Killed: an unanswerable deny that fails, an unanswerable permit that counts, unknown
// `cannotHonour` taken for none, the duty of an unanswerable rule dropped (combine.ts); an
// unanswerable exception that lifts, an unknown waiver that waives, an unanswerable `applies`
// that does not apply (evaluate.ts); `holds` that never walks (logic.ts).
test('a fact that goes missing loosens no outcome, no treatment and no duty', () => {
  fc.assert(
    fc.property(setups, (setup) => expectStricter(setup, without)),
    { numRuns: 250 },
  )
})

// Killed: an unanswerable deny that fails (combine.ts, `refusal`); null read as no or as an empty
// list (vocabulary.ts, `knownValue`).
test('a fact that becomes null loosens nothing', () => {
  fc.assert(
    fc.property(setups, (setup) => expectStricter(setup, nulled)),
    { numRuns: 150 },
  )
})

// Killed: any text taken for a value of an enum (vocabulary.ts, `knownValue`); an unanswerable
// deny that fails (combine.ts, `refusal`).
test('a fact that takes a value outside the vocabulary loosens nothing', () => {
  const strange = fc.infiniteStream(fc.nat())
  fc.assert(
    fc.property(setups, strange, (setup, seeds) => {
      expectStricter(setup, (facts, name) => {
        const [value] = fc.sample(outside(name), { numRuns: 1, seed: seeds.next().value ?? 0 })
        return { ...facts, [name]: value }
      })
    }),
    { numRuns: 150 },
  )
})

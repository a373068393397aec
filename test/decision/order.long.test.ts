/** More law never loosens, and in which order it is read does not matter. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../../functions/decision/decide.ts'
import { loosened, outline, unordered } from './compare.ts'
import { kleene } from './oracle.ts'
import { runs } from './runs.ts'
import { nowFor, policyOf, setups } from './setups.ts'

const another = fc
  .constantFrom('de/new', 'eu/new', 'us/new')
  .chain((id) => policyOf(id, ['ground', 'limit']))

// Killed: a ground that another ground's permit speaks for (combine.ts, `weigh`); the later of
// two values and the longer of two deadlines of a duty (duties.ts, `stricter`).
test('another policy never loosens what a definite ground of the holder gave', () => {
  fc.assert(
    fc.property(setups, another, ({ policies, facts, items }, added) => {
      const own = policies[0]?.applies ?? true
      fc.pre(facts['holder.jurisdiction'] === 'DE' && kleene(own, facts) === 1)
      const before = outline(nowFor(policies), facts, items)
      const after = outline(nowFor([...policies, added]), facts, items)
      expect(loosened(before, after)).toEqual([])
    }),
    { numRuns: runs(200) },
  )
})

/** The same things in another order, and the seed that gave it. */
const shuffled = <T>(all: readonly T[], seed: number): readonly T[] =>
  fc.sample(fc.shuffledSubarray([...all], { minLength: all.length }), { numRuns: 1, seed })[0] ?? []

// Killed: permits of earlier policies that speak for later ones (combine.ts, `weigh`); two
// kinds joined to the second (treatment.ts); the later of two values of a duty (duties.ts);
// reasons that are not weighed (reasons.ts).
test('the order of policies, rules, exceptions and items does not matter', () => {
  fc.assert(
    fc.property(setups, fc.nat(), ({ policies, facts, items }, seed) => {
      const now = nowFor(policies)
      const turned = {
        ...now,
        policies: shuffled(now.policies, seed).map((policy) => ({
          ...policy,
          rules: shuffled(policy.rules, seed).map((rule) => ({
            ...rule,
            unless: shuffled(rule.unless, seed),
          })),
        })),
      }
      const before = unordered(decide(now, facts, items))
      const after = unordered(decide(turned, facts, shuffled(items, seed)))
      expect(after).toEqual(before)
    }),
    { numRuns: runs(200) },
  )
})

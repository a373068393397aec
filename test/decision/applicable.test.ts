/** What may apply between two jurisdictions is found once: it leaves out nothing that applies. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPolicies } from '../../functions/adapters/policies-files.ts'
import { applicable } from '../../functions/decision/evaluate.ts'
import { derive, known } from '../../functions/decision/facts.ts'
import { inForce } from '../../functions/policy/history.ts'
import { holds } from '../../functions/policy/logic.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { runs } from './runs.ts'
import { nowFor, setups } from './setups.ts'

const { book } = readPolicies('policies')
const now = inForce(book, '2026-11-24', '9999-01-01T00:00:00Z')
const states = ['DE', 'FR', 'GB', 'US', 'CH', 'BR', 'EUROPOL', 'INTERPOL', 'XX'] as const
const between = fc.record(
  {
    'holder.jurisdiction': fc.constantFrom(...states),
    'requester.jurisdiction': fc.constantFrom(...states),
  },
  { requiredKeys: [] },
)

const valuesOf = (name: string) => {
  const fact = vocabulary[name]
  if (fact?.type !== 'enum') throw new Error(`${name} has no values`)
  return [name, fc.constantFrom(...Object.keys(fact.values))] as const
}

// Kills: a pair that is remembered under the holder alone, or under no law; an unknown country taken for none; a
// list that is not read.
test('every shipped policy that applies, or may apply, is asked, whatever is known', () => {
  const facts = fc.record(
    Object.fromEntries(
      ['request.purpose', 'requester.authorityType', 'request.channel'].map(valuesOf),
    ),
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(between, facts, (countries, others) => {
      const request = known(derive({ ...others, ...countries, asOf: '2026-11-24' }, now), now.lists)
      const plain = now.policies.filter(({ applies }) => holds(applies, request) !== 'fails')
      expect(applicable(now, request).map(({ policy }) => policy.id)).toEqual(
        plain.map(({ id }) => id),
      )
    }),
    { numRuns: runs(300) },
  )
})

test('and so is every invented one', () => {
  fc.assert(
    fc.property(setups, ({ policies, facts }) => {
      const law = nowFor(policies)
      const request = known(derive(facts, law), law.lists)
      const plain = law.policies.filter(({ applies }) => holds(applies, request) !== 'fails')
      expect(applicable(law, request).map(({ policy }) => policy)).toEqual(plain)
    }),
    { numRuns: runs(300) },
  )
})

// Kills: what one pair of countries was found to need, kept for the law of another day.
test('another law is looked through anew', () => {
  const request = known({ 'holder.jurisdiction': 'DE', 'requester.jurisdiction': 'FR' }, now.lists)
  const none = { ...now, policies: [] }
  const lists = Object.fromEntries(Object.keys(now.lists).map((id) => [id, []]))
  expect(applicable(now, request).length).toBeGreaterThan(3)
  expect(applicable(none, request)).toEqual([])
  const elsewhere = known({ 'holder.jurisdiction': 'DE', 'requester.jurisdiction': 'FR' }, lists)
  const plain = now.policies.filter(({ applies }) => holds(applies, elsewhere) !== 'fails')
  expect(applicable({ ...now, lists }, elsewhere).map(({ policy }) => policy)).toEqual(plain)
})

/** The prover answers of any facts as the engine does: of the shipped law's cases, by chance, and of law by chance. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealedPolicies } from '../../../functions/adapters/policies-files.ts'
import { inForce } from '../../../functions/policy/history.ts'
import { caseFileSchema, imagining, inputOf } from '../../../functions/workbench/law/cases.ts'
import { no } from '../../../functions/workbench/prover/formula.ts'
import { type HolderLaw, holderLaws } from '../../../functions/workbench/prover/holder-law.ts'
import { isKnown } from '../../decision/oracle.ts'
import { runs } from '../../decision/runs.ts'
import { nowFor, openSetups, setups } from '../../decision/setups.ts'
import { answersTo, type Stated } from './agreed.ts'

const policies = join(import.meta.dirname, '../../../policies')
const book = sealedPolicies(policies)
const known = '2027-01-01T00:00:00Z'

/** Numbers from 0 to 1 that look like chance (Park and Miller, 1988). */
function numbers(seed: number): () => number {
  let state = 1 + (seed % 2_147_483_646)
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Facts near some that leave, or any. */
function factsOf({ facts, prover, judged }: HolderLaw, random: () => number): Stated {
  const like = random() < 0.5 ? prover.model(judged.leaves) : undefined
  const stated: Record<string, unknown> = Object.fromEntries(facts.constants)
  for (const [name, { values, unknown }] of facts.choices) {
    const all = [...values.keys(), ...(unknown === no ? [] : [undefined])]
    const found = [...values].find(([, at]) => like?.(at))?.[0]
    stated[name] = like && random() > 0.1 ? found : all[Math.floor(random() * all.length)]
  }
  for (const [name, { all, unknown }] of facts.listings) {
    if (like ? like(unknown) : random() < 0.1) continue
    stated[name] = [...all].flatMap(([value, at]) =>
      (like && random() > 0.2 ? like(at) : random() < 0.3) ? [value] : [],
    )
  }
  return stated
}

// Kills: an exception read as a condition; an unknown fact that fails; a duty of a permit that only may hold.
test('Of the shipped law the prover answers facts by chance as the engine does', () => {
  const laws = holderLaws(inForce(book, '2026-12-03', known), [])
  let left = 0
  fc.assert(
    fc.property(fc.nat(laws.length - 1), fc.nat(), (at, seed) => {
      const law = laws[at]
      if (law === undefined) return
      const { prover, engine } = answersTo(law, factsOf(law, numbers(seed)))
      if (engine !== 'stays') left += 1
      expect(prover).toEqual(engine)
    }),
    { numRuns: 10 * runs(200) },
  )
  expect(left).toBeGreaterThan(runs(200) / 10)
})

/** A comparison of one fact with another, unless that is a list. */
const comparesTwo =
  /\{"var":"[^"]+"\},\{"var":"(?!lists\.|necessity\.strict|requester\.cannot|discretion)/

/** Of how many cases one is compared, unless all are to be. */
const oneOf = runs(200) > 1000 ? 1 : 10

// Kills: a country that stands for one that the law tells from it; a number between two bounds.
test('It answers the cases of the shipped law as the engine does', () => {
  const paths = globSync('*/*/*.test.json', { cwd: policies }).sort()
  const cases = paths.flatMap((path, at) => {
    const file = caseFileSchema.parse(JSON.parse(readFileSync(join(policies, path), 'utf8')))
    const chosen = file.cases.filter((_, i) => (at + i) % oneOf === 0)
    return chosen.map((each) => ({ path, name: each.name, ...inputOf(file, each) }))
  })
  const laws = new Map<string, HolderLaw | undefined>()
  let compared = 0
  for (const { path, name, asOf, facts, items, arrangements } of cases) {
    const holder = String(facts['holder.jurisdiction'])
    const now = imagining(inForce(book, asOf, known), arrangements)
    const key = arrangements === undefined ? `${asOf} ${holder}` : `${path} ${name}`
    if (!laws.has(key)) laws.set(key, holderLaws(now, [], (each) => each === holder)[0])
    const law = laws.get(key)
    if (law === undefined || facts['requester.jurisdiction'] === undefined) continue
    for (const item of items) {
      const { prover, engine } = answersTo(law, { ...facts, ...item.facts, asOf })
      expect(prover, `${path}, ${name}`).toEqual(engine)
      compared += 1
    }
  }
  expect(compared).toBeGreaterThan(500)
})

// Kills: two redactions that are joined; a permit of a suspended policy; a policy that may apply left out.
test.each([
  ['whatever is known', setups],
  ['where much is not known', openSetups],
])('Of law by chance it answers as the engine does, %s', (_, all) => {
  let left = 0
  fc.assert(
    fc.property(all, ({ policies: written, facts, items }) => {
      const now = nowFor(written)
      // Of numbers and codes that are compared with each other nothing is proved.
      fc.pre(!comparesTwo.test(JSON.stringify(written)))
      for (const law of holderLaws(now, []))
        for (const item of items) {
          const stated = { ...facts, ...item.facts, ...Object.fromEntries(law.facts.constants) }
          // Who asks is always known.
          if (!isKnown('requester.jurisdiction', stated['requester.jurisdiction'])) continue
          const { prover, engine } = answersTo(law, stated)
          if (engine !== 'stays') left += 1
          expect(prover).toEqual(engine)
        }
    }),
    { numRuns: 5 * runs(200) },
  )
  expect(left).toBeGreaterThan(5)
})

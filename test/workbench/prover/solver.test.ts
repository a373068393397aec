/** Clauses that cannot hold together are found, and only they: held to trying all values. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refutation } from '../../../functions/workbench/prover/refutation.ts'
import { type Clause, satSolver } from '../../../functions/workbench/prover/solver.ts'
import { runs } from '../../decision/runs.ts'

const variables = 9
const literal = fc
  .tuple(fc.integer({ min: 1, max: variables }), fc.boolean())
  .map(([variable, holds]) => (holds ? variable : -variable))
const clauses = fc.array(fc.array(literal, { minLength: 1, maxLength: 3 }), { maxLength: 45 })

/** Whether some values let all clauses hold. */
function canHold(all: readonly Clause[]): boolean {
  for (let values = 0; values < 2 ** variables; values++) {
    const holds = (each: number) => ((values >> (Math.abs(each) - 1)) & 1) === Number(each > 0)
    if (all.every((clause) => clause.some(holds))) return true
  }
  return false
}

// Kills: a conflict overlooked; a clause that stops being watched; what was learnt for one question kept from another.
test('A solver finds values under which all clauses hold, or there are none, and its steps are followed', () => {
  let [held, refuted] = [0, 0]
  fc.assert(
    fc.property(
      clauses,
      fc.array(fc.array(literal, { maxLength: 3 }), { maxLength: 4 }),
      (all, questions) => {
        const [solver, check] = [satSolver(), refutation()]
        for (const [i, clause] of all.entries()) {
          solver.add(clause)
          check.given(clause)
          // Asked in between, too: clauses come while much is known already.
          if (i % 10 === 9) solver.solve([])
        }
        let followed = 0
        for (const assumed of [...questions, []]) {
          const isPossible = solver.solve(assumed)
          expect(isPossible).toBe(canHold([...all, ...assumed.map((each) => [each])]))
          for (; followed < solver.learnt.length; followed++)
            expect(check.follows(solver.learnt[followed] ?? [])).toBe(true)
          expect(check.contradicts(assumed)).toBe(!isPossible && check.contradicts(assumed))
          if (isPossible) {
            held += 1
            const holds = (each: number) => solver.value(Math.abs(each)) === each > 0
            expect(all.every((clause) => clause.some(holds)) && assumed.every(holds)).toBe(true)
          } else {
            refuted += 1
            expect(check.contradicts(assumed)).toBe(true)
          }
        }
      },
    ),
    { numRuns: 2 * runs(200) },
  )
  expect(Math.min(held, refuted)).toBeGreaterThan(20)
})

// Pigeons: five in four holes. A solver that guesses without learning takes long.
test('What cannot be is found where nothing is plain, and followed', () => {
  const [solver, check] = [satSolver(), refutation()]
  const [pigeons, holes] = [7, 6]
  const at = (pigeon: number, hole: number) => pigeon * holes + hole + 1
  const range = (count: number) => Array.from({ length: count }, (_, i) => i)
  const all = [
    ...range(pigeons).map((pigeon) => range(holes).map((hole) => at(pigeon, hole))),
    ...range(holes).flatMap((hole) =>
      range(pigeons).flatMap((a) => range(a).map((b) => [-at(a, hole), -at(b, hole)])),
    ),
  ]
  for (const clause of all) {
    solver.add(clause)
    check.given(clause)
  }
  expect(solver.solve([])).toBe(false)
  expect(solver.learnt.length).toBeGreaterThan(20)
  expect(solver.learnt.every((each) => check.follows(each))).toBe(true)
  expect(check.contradicts([])).toBe(true)
})

test('A step that does not follow is not taken', () => {
  const check = refutation()
  for (const clause of [
    [1, 2],
    [-1, 3],
  ])
    check.given(clause)
  expect(check.follows([2])).toBe(false)
  expect(check.follows([2, 3])).toBe(true)
  expect(check.contradicts([-2])).toBe(false)
  expect(check.contradicts([-2, -3])).toBe(true)
})

/** What is offered as a remedy is what trying every set of attestations finds. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decision, decideAndTell } from '../../functions/decision/decide.ts'
import { type Facts, read } from './oracle.ts'
import { remedies, type Step } from './oracle-remedies.ts'
import { patience, runs } from './runs.ts'
import { nowFor, openSetups, setups } from './setups.ts'

/** The steps of each remedy on offer, a list's new members apart. */
const offered = ({ todo }: Decision, facts: Facts): readonly (readonly Step[])[] =>
  [...Map.groupBy(todo, ({ alternative }) => alternative).values()].map((steps) =>
    steps.flatMap(({ fact, to }): readonly Step[] => {
      if (typeof to !== 'object') return [{ fact, value: to }]
      const had = (read(facts, fact) ?? []) as readonly string[]
      return to.filter((value) => !had.includes(value)).map((value) => ({ fact, value }))
    }),
  )

test(
  'what would remedy a refusal is what trying every set of attestations finds',
  () => {
    const count = { denials: 0, remedied: 0, cut: 0 }
    fc.assert(
      fc.property(fc.oneof(openSetups, openSetups, setups), ({ policies, facts, items }) => {
        const { decision, told } = decideAndTell(nowFor(policies), facts, items)
        for (const isTold of [false, true]) {
          const answer = isTold ? told : decision
          if (answer.outcome !== 'deny') continue
          const about = items.filter(({ id }) => answer.items.some((each) => each.id === id))
          const all = remedies(
            { policies, facts, items: about, told: isTold && told !== decision },
            4000,
          )
          if (all === undefined) continue
          count.denials += 1
          const found = offered(answer, facts)
          // Six are offered; that there are more is said.
          if (answer.todoComplete !== false) expect(found).toEqual(all)
          else if (all.length > 6) expect(found).toEqual(all.slice(0, 6))
          else count.cut += 1
          expect(found.map(({ length }) => length)).toEqual(
            all.slice(0, found.length).map(({ length }) => length),
          )
          if (found.length > 0) count.remedied += 1
          expect(answer.standing).toBe(
            found.length > 0 || answer.todoComplete === false ? 'open' : 'final',
          )
        }
      }),
      { numRuns: Math.min(runs(60), 1500) },
    )
    expect(count.remedied / count.denials).toBeGreaterThan(0.1)
    expect(count.cut / count.denials).toBeLessThan(0.01)
  },
  patience,
)

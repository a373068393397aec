/**
 * What the prover says of facts, beside what the engine answers of them.
 *
 *     const { prover, engine } = answersTo(law, facts)   // the same, or the prover is wrong
 */

import { judge } from '../../../functions/decision/combine.ts'
import { isRecordFact, knownValue } from '../../../functions/policy/fact-types.ts'
import { type Literal, no } from '../../../functions/workbench/prover/formula.ts'
import type { HolderLaw } from '../../../functions/workbench/prover/holder-law.ts'

/** Facts of a request and of one item. */
export type Stated = Readonly<Record<string, unknown>>

/** Whether an item leaves, and under which duties: by the formulas, and by the engine. */
export function answersTo({ graph, facts, judged, now }: HolderLaw, stated: Stated) {
  const holding = new Set<Literal>()
  for (const [name, { values, unknown }] of facts.choices) {
    const value = knownValue(name, stated[name])
    holding.add((value === undefined ? unknown : values.get(facts.alike(name, value))) ?? no)
  }
  for (const [name, { all, unknown }] of facts.listings) {
    const value = knownValue(name, stated[name])
    if (!Array.isArray(value)) holding.add(unknown)
    else for (const [each, at] of all) if (value.includes(each)) holding.add(at)
  }
  const model = graph.model((node) => holding.has(2 * node))
  const owed = [...judged.duties].flatMap(([code, at]) => (model(at) ? [code] : []))
  const own = (ofRecord: boolean) =>
    Object.fromEntries(Object.entries(stated).filter(([name]) => isRecordFact(name) === ofRecord))
  const [item] = judge(now, own(false), [{ id: '1', facts: own(true) }]).items
  if (item === undefined) throw new Error('an item is judged')
  const answer = (leaves: boolean, duties: readonly string[]) =>
    leaves ? [...new Set(duties)].sort() : 'stays'
  return {
    prover: answer(model(judged.leaves), owed),
    engine: answer(
      item.treatment.kind !== 'withhold',
      item.duties.map(({ duty }) => duty.code),
    ),
  }
}

/** The law of a day for one holder, as formulas that can be asked about. */

import { partyPattern } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { type Conditions, conditionFormulas } from './conditions.ts'
import { domainsOf } from './domains.ts'
import { factVariables } from './facts.ts'
import { formulaGraph, type Graph, no } from './formula.ts'
import { type JudgedFormula, judgedFormula } from './judgement.ts'
import { type Prover, proverOf } from './prover.ts'
import { type CheckedStatement, conditionsOfStatement } from './statement.ts'

/** The law of one holder, ready to be asked. */
export type HolderLaw = {
  readonly now: InForce
  readonly holder: string
  readonly graph: Graph
  readonly facts: Conditions
  readonly judged: JudgedFormula
  readonly prover: Prover
}

/**
 * The law of each holder that is `meant`, and from whom anything can leave. `statements` may tell apart what the law
 * does not.
 */
export function holderLaws(
  now: InForce,
  statements: readonly CheckedStatement[],
  isMeant: (holder: string) => boolean = () => true,
): readonly HolderLaw[] {
  const grounds = now.policies.filter(({ file }) => file.kind === 'ground')
  const folders = new Set(grounds.map(({ folder }) => folder.toUpperCase()))
  const conditions = statements.flatMap(conditionsOfStatement).map(({ logic }) => logic)
  const domains = domainsOf(now, conditions)
  return [...folders]
    .filter((each) => partyPattern.test(each) && isMeant(each))
    .map((holder) => {
      const graph = formulaGraph()
      const facts = conditionFormulas(factVariables(graph, holder, now.asOf, domains), now)
      const judged = judgedFormula(facts, now)
      return { now, holder, graph, facts, judged, prover: proverOf(graph) }
    })
    .filter(({ judged }) => judged.leaves !== no)
}

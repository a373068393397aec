/** The law of a day for one holder, as formulas that can be asked about. */

import { partyPattern } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import type { Condition } from '../../policy/logic.ts'
import { type Conditions, conditionFormulas } from './conditions.ts'
import { type Domains, domainsOf } from './domains.ts'
import { factVariables } from './facts.ts'
import { formulaGraph, type Graph, yes } from './formula.ts'
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
  /** Whether anything can leave, whatever the facts. */
  readonly letsGo: boolean
}

/**
 * The law of each holder that is `meant`. `statements` may tell apart what the law does not.
 */
export function holderLaws(
  now: InForce,
  statements: readonly CheckedStatement[],
  isMeant: (holder: string) => boolean = () => true,
): readonly HolderLaw[] {
  const conditions = statements.flatMap(conditionsOfStatement).map(({ logic }) => logic)
  const domains = domainsOf([now], conditions)
  return holdersOf(now)
    .filter(isMeant)
    .flatMap((holder) => lawsOver([now], holder, domains))
}

/** Whose grounds a law has: every other holder gives nothing. */
export function holdersOf({ policies }: InForce): readonly string[] {
  const grounds = policies.filter(({ file }) => file.kind === 'ground')
  const folders = new Set(grounds.map(({ folder }) => folder.toUpperCase()))
  return [...folders].filter((each) => partyPattern.test(each))
}

/** Whether one of these scopes may hold for a holder under one of these laws. */
export function isReached(
  laws: readonly InForce[],
  holder: string,
  domains: Domains,
  scopes: readonly Condition[],
): boolean {
  const variables = factVariables(formulaGraph(), holder, laws[0]?.asOf ?? '', domains)
  const each = laws.map((now) => conditionFormulas(variables, now))
  return scopes.some(({ logic }) => each.some((facts) => facts.ask(logic).fails !== yes))
}

/** Laws of one day for one holder, over the same facts: so that they can be asked about together. */
export function lawsOver(
  laws: readonly InForce[],
  holder: string,
  domains: Domains,
): readonly HolderLaw[] {
  const graph = formulaGraph()
  const variables = factVariables(graph, holder, laws[0]?.asOf ?? '', domains)
  const prover = proverOf(graph)
  return laws.map((now) => {
    const facts = conditionFormulas(variables, now)
    const judged = judgedFormula(facts, now)
    const letsGo = prover.model(judged.leaves) !== undefined
    // INVARIANT (proved means checked): whoever follows the steps shares no code with whoever found them.
    if (!letsGo && !prover.isRefuted(judged.leaves))
      throw new Error(`a refutation does not follow: ${holder}`)
    return { now, holder, graph, facts, judged, prover, letsGo }
  })
}

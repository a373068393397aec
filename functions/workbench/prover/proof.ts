/**
 * Proves statements of the law of a day: for every holder, whoever asks and whatever is known. What a proof says is
 * that of the rules as they are written, and of facts as they are vouched for.
 */

import { judge } from '../../decision/combine.ts'
import type { Finding } from '../../decision/evaluate.ts'
import { type Counterexample, leastOf, statedOf } from './counterexample.ts'
import { type Literal, no, not, yes } from './formula.ts'
import type { HolderLaw } from './holder-law.ts'
import type { CheckedStatement } from './statement.ts'

/** What was found of a statement for one holder that it binds. */
export type Found =
  | { readonly holder: string; readonly result: 'proved' }
  /** Nothing that the statement speaks of can be: it says nothing here. */
  | { readonly holder: string; readonly result: 'vacuous' }
  /** Nothing can leave, so nothing is to be proved of it. */
  | { readonly holder: string; readonly result: 'nothing-leaves' }
  | { readonly holder: string; readonly result: 'broken'; readonly against: BreakingFacts }

/** The least facts against a statement, and what permits an item to leave then. */
export type BreakingFacts = Counterexample & { readonly permits: readonly Finding[] }

/** What was found of a statement. */
export type Proof = {
  readonly statement: CheckedStatement
  readonly asOf: string
  readonly found: readonly Found[]
  /** Acceptances that nothing needs, or that are over, by their places in `knownAgainst`. */
  readonly idle: readonly number[]
  readonly over: readonly number[]
}

/** Whether a statement stands. */
export const isProved = ({ found, idle, over }: Proof): boolean =>
  idle.length + over.length === 0 &&
  found.some(({ result }) => result === 'proved') &&
  found.every(({ result }) => result !== 'broken')

/** Proves a statement of all of them, or finds the least facts against it. */
export function prove(
  statement: CheckedStatement,
  laws: readonly HolderLaw[],
  asOf: string,
): Proof {
  const accepted = statement.file.knownAgainst ?? []
  const over = accepted.flatMap(({ until }, i) => (until < asOf ? [i] : []))
  const needed = new Set<number>()
  const found = laws.flatMap((law): Found[] => {
    const { graph, facts, prover, holder } = law
    if (facts.ask(statement.holders.logic).holds !== yes) return []
    if (!law.letsGo) return [{ holder, result: 'nothing-leaves' }]
    const speaks = graph.and(
      not(facts.ask(statement.when.logic).fails),
      not(facts.ask(statement.unless.logic).holds),
    )
    const against = graph.and(speaks, unwanted(statement, law))
    const known = statement.knownAgainst.map(({ logic }) => facts.ask(logic).holds)
    for (const [i, each] of known.entries())
      if (prover.model(against, each) !== undefined) needed.add(i)
    const outside = known.map((each, i) => (over.includes(i) ? yes : not(each)))
    const wanted = graph.and(against, ...outside)
    if (prover.model(wanted) !== undefined)
      return [{ holder, result: 'broken', against: confirmed(statement, law, wanted) }]
    // INVARIANT (proved means checked): whoever follows the steps shares no code with whoever found them.
    if (!prover.isRefuted(wanted)) throw new Error(`a refutation does not follow: ${statement.id}`)
    const isSaid = prover.model(graph.and(speaks, ...outside)) !== undefined
    return [{ holder, result: isSaid ? 'proved' : 'vacuous' }]
  })
  return {
    ...{ statement, asOf, found, over },
    idle: accepted.flatMap((_, i) => (needed.has(i) ? [] : [i])),
  }
}

/** What the statement says never is. */
function unwanted({ file }: CheckedStatement, { graph, judged }: HolderLaw): Literal {
  if (file.never === 'leaves') return judged.leaves
  if (file.never !== undefined) return judged.leavesByRuleAlone
  const missing = (file.always ?? []).map((code) => not(judged.duties.get(code) ?? no))
  return graph.and(judged.leaves, graph.or(...missing))
}

/** INVARIANT (broken means seen): the engine answers of the facts found what the formulas say. */
function confirmed(statement: CheckedStatement, law: HolderLaw, wanted: Literal): BreakingFacts {
  const found = leastOf(law, wanted)
  const [item] = judge(law.now, statedOf(found.facts, false), [
    { id: '1', facts: statedOf(found.facts, true) },
  ]).items
  const owed = item?.duties.map(({ duty }) => duty.code) ?? []
  const isMissing = statement.file.always?.some((code) => !owed.includes(code)) ?? true
  if (item === undefined || item.treatment.kind === 'withhold' || !isMissing)
    throw new Error(`the engine answers otherwise than the prover: ${statement.id} ${law.holder}`)
  return { ...found, permits: item.permits }
}

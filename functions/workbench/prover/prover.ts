/** Asks whether a formula can hold, and has each "it cannot" checked by another than who found it. */

import { dimacs, type Graph, type Literal, type Model, no, yes } from './formula.ts'
import { refutation } from './refutation.ts'
import { type Clause, satSolver } from './solver.ts'

/** Asks about the formulas of one graph. */
export type Prover = ReturnType<typeof proverOf>

/** Whoever asks about one graph: what was learnt for one question helps with the next. */
export function proverOf(graph: Graph) {
  const [solver, check] = [satSolver(), refutation()]
  const sayTo = [saying(graph, solver.add), saying(graph, check.given)]
  let followed = 0
  return {
    /** Values under which all of these hold; undefined if there are none. */
    model(...wanted: readonly Literal[]): Model | undefined {
      if (wanted.includes(no)) return undefined
      const open = wanted.filter((each) => each !== yes)
      for (const say of sayTo) say(open)
      if (!solver.solve(open.map(dimacs))) return undefined
      const model = graph.model(solver.value)
      // INVARIANT (found means seen): what a solver says to hold is worked out from the variables alone.
      const isSo = wanted.every(model) && graph.always.every((clause) => clause.some(model))
      if (!isSo) throw new Error('the solver found what does not hold')
      return model
    },
    /** Whether it can be followed, step by step, that these cannot all hold: after `model` found nothing. */
    isRefuted(...wanted: readonly Literal[]): boolean {
      if (wanted.includes(no)) return true
      for (; followed < solver.learnt.length; followed++)
        if (!check.follows(solver.learnt[followed] ?? [])) return false
      return check.contradicts(wanted.filter((each) => each !== yes).map(dimacs))
    },
  }
}

/** Says, as clauses, what formulas mean and what always holds, each once. */
function saying(graph: Graph, add: (clause: Clause) => void): (wanted: readonly Literal[]) => void {
  const said = new Set<number>()
  let always = 0
  return (wanted) => {
    const fresh = graph.always.slice(always).filter((clause) => !clause.includes(yes))
    always = graph.always.length
    for (const clause of graph.clausesOf([...wanted, ...fresh.flat()], said)) add(clause)
    for (const clause of fresh) add(clause.filter((each) => each !== no).map(dimacs))
  }
}

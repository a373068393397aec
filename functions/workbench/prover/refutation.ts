/**
 * Checks that clauses cannot hold together, by what a solver learnt on its way: each step has to follow by itself from
 * those before (reverse unit propagation; Goldberg and Novikov, 2003). It shares no code with the solver.
 */

import type { Clause } from './solver.ts'

/** A check that goes along with a solver. */
export type Refutation = ReturnType<typeof refutation>

/** A check of one solver's steps: what was given and what followed is known from then on. */
export function refutation() {
  const known = clauseBase()
  return {
    given: known.add,
    /** Takes what was learnt, if it follows from what is known. */
    follows(learnt: Clause): boolean {
      if (!known.contradicts(learnt.map((literal) => -literal))) return false
      known.add(learnt)
      return true
    },
    /** Whether it is seen at once that these literals cannot all hold. */
    contradicts: known.contradicts,
  }
}

/** Clauses, each found by two of its literals that have not failed. */
function clauseBase() {
  const found = new Map<number, Set<number[]>>()
  const held = new Set<number>()
  /** What follows from single clauses alone, and what of it was not followed yet. */
  const certain: number[] = []
  let isBroken = false

  const findBy = (literal: number, clause: number[]) => {
    const those = found.get(literal) ?? new Set()
    found.set(literal, those.add(clause))
  }
  /** Follows literals that hold; false where they contradict. Everything that it comes to hold is put into `held`. */
  function follow(literals: readonly number[], noted: number[]): boolean {
    const todo = [...literals]
    for (let literal = todo.pop(); literal !== undefined; literal = todo.pop()) {
      if (held.has(-literal)) return false
      if (held.has(literal)) continue
      held.add(literal)
      noted.push(literal)
      for (const clause of found.get(-literal) ?? []) {
        if (clause.some((each) => held.has(each))) continue
        const open = clause.filter((each) => !held.has(-each))
        if (open.length === 0) return false
        if (open.length === 1) todo.push(...open)
        else findByAnother(clause, -literal, open)
      }
    }
    return true
  }
  /** A clause is found by the first two of its order. */
  function findByAnother(clause: number[], failed: number, open: readonly number[]): void {
    const [a, b] = clause
    const stays = a === failed ? b : a
    const next = open.find((each) => each !== stays)
    if (next === undefined || stays === undefined) return
    found.get(failed)?.delete(clause)
    const rest = clause.filter((each) => each !== stays && each !== next)
    clause.splice(0, clause.length, stays, next, ...rest)
    findBy(next, clause)
  }
  return {
    add(clause: Clause): void {
      const own = [...new Set(clause)]
      // Two that do not fail come first, as far as there are any.
      own.sort((x, y) => Number(held.has(-x)) - Number(held.has(-y)))
      const open = own.filter((each) => !held.has(-each))
      for (const literal of own.slice(0, 2)) findBy(literal, own)
      if (open.length === 0) isBroken = true
      if (open.length === 1 && !follow(open, certain)) isBroken = true
    },
    /** Whether these literals cannot all hold. */
    contradicts(literals: readonly number[]): boolean {
      if (isBroken) return true
      const noted: number[] = []
      const isPossible = follow(literals, noted)
      for (const literal of noted) held.delete(literal)
      return !isPossible
    },
  }
}

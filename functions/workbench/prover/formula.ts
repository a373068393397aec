/**
 * Formulas over variables, as an and-inverter graph: what is written twice is one node, and what is plainly true or
 * false is neither.
 */

/** A node, or its opposite: twice the number of the node, and one more for the opposite. */
export type Literal = number

/** The formulas that never and always hold. Node 0 is the first of them. */
export const [no, yes]: readonly [Literal, Literal] = [0, 1]

/** The opposite. */
export const not = (a: Literal): Literal => a ^ 1

/** The node of a literal. */
export const nodeOf = (a: Literal): number => a >> 1

/** Whether a literal is the opposite of its node. */
export const isOpposite = (a: Literal): boolean => (a & 1) === 1

/** What holds under some values of the variables. */
export type Model = (a: Literal) => boolean

/** A graph, to which formulas are added. */
export type Graph = ReturnType<typeof formulaGraph>

/** A graph without variables. */
export function formulaGraph() {
  /** The two literals that a node joins; none for a variable, and for node 0. */
  const joined: (readonly [Literal, Literal] | undefined)[] = [undefined]
  const made = new Map<number, Literal>()
  /** Clauses of literals that hold by what the variables mean: of each, one holds. */
  const always: (readonly Literal[])[] = []

  const variable = (): Literal => 2 * (joined.push(undefined) - 1)
  function both(a: Literal, b: Literal): Literal {
    const [low, high] = a < b ? [a, b] : [b, a]
    if (low === no || low === not(high)) return no
    if (low === yes || low === high) return high
    const key = low * 2 ** 26 + high
    const before = made.get(key)
    if (before !== undefined) return before
    const node = 2 * (joined.push([low, high]) - 1)
    made.set(key, node)
    return node
  }
  const and = (...all: readonly Literal[]): Literal => all.reduce(both, yes)
  const or = (...all: readonly Literal[]): Literal => not(all.map(not).reduce(both, yes))

  return {
    ...{ always, variable, and, or },
    /** What holds if exactly those variables do, by their nodes. */
    model(isTrue: (node: number) => boolean): Model {
      const values: boolean[] = []
      const holds = (a: Literal) => values[nodeOf(a)] !== isOpposite(a)
      for (const [node, parts] of joined.entries())
        values.push(node > 0 && (parts === undefined ? isTrue(node) : parts.every(holds)))
      return holds
    },
    /**
     * The clauses, as SAT solvers write them, that make a formula hold, with the meaning of every variable in it: a
     * positive number is a node that holds, a negative one its opposite. `said` has the nodes that are said already.
     */
    clausesOf(wanted: readonly Literal[], said: Set<number>): readonly (readonly number[])[] {
      const clauses: (readonly number[])[] = []
      const todo = wanted.map(nodeOf)
      for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
        if (said.has(node)) continue
        said.add(node)
        const parts = joined[node]
        if (parts === undefined) continue
        const [a, b] = parts
        const each = 2 * node
        clauses.push(
          [dimacs(not(each)), dimacs(a)],
          [dimacs(not(each)), dimacs(b)],
          [dimacs(each), dimacs(not(a)), dimacs(not(b))],
        )
        todo.push(nodeOf(a), nodeOf(b))
      }
      return clauses
    },
  }
}

/** A literal as SAT solvers write it (DIMACS). Node 0 has no number: no formula that is left contains it. */
export const dimacs = (a: Literal): number => (isOpposite(a) ? -nodeOf(a) : nodeOf(a))

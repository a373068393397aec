/**
 * Looks for values under which clauses hold: conflict-driven clause learning (Marques-Silva and Sakallah, GRASP, 1996;
 * Moskewicz et al., Chaff, 2001; Eén and Sörensson, MiniSat, 2003), without deletion of what is learnt, so that each
 * step can be checked afterwards (`refutation.ts`).
 */

import { type Busiest, busiest } from './busiest.ts'

/** A clause in numbers of DIMACS: at least one of its literals holds. */
export type Clause = readonly number[]

/** A solver, to which clauses are added. */
export type Solver = ReturnType<typeof satSolver>

/** What is assigned, and what brought it. */
type Search = {
  /** By variable: 1 holds, -1 fails, 0 is open. */
  readonly values: number[]
  /** By variable, once assigned: its last value, how many were assumed or guessed then, and the clause that brought it. */
  readonly phases: number[]
  readonly levels: number[]
  readonly reasons: (readonly number[] | undefined)[]
  /** Literals that hold, in the order in which they came; where each level began; how many were followed. */
  readonly trail: number[]
  readonly starts: number[]
  followed: number
  /** Clauses by each of the two literals, their first, by which they are found once these fail. */
  readonly watching: Map<number, number[][]>
  readonly order: Busiest
}

/** A solver without clauses. */
export function satSolver() {
  const search: Search = {
    ...{ values: [], phases: [], levels: [], reasons: [], trail: [], starts: [], followed: 0 },
    ...{ watching: new Map(), order: busiest() },
  }
  const { starts, order } = search
  const learnt: Clause[] = []
  let isContradictory = false

  /** Assumes the next literal, or guesses one: `done` if all is assigned, `failed` if an assumption cannot be. */
  function step(assumed: readonly number[]): 'done' | 'failed' | undefined {
    const wanted = assumed[starts.length]
    if (wanted !== undefined && truthOf(search, wanted) === -1) return 'failed'
    const guess = wanted ?? order.next((each) => search.values[each] === 0)
    if (guess === undefined) return 'done'
    // What is assumed is a level of its own, also where it is known already.
    starts.push(search.trail.length)
    const literal = wanted ?? guess * (search.phases[guess] ?? -1)
    if (truthOf(search, literal) === 0) assign(search, literal)
    return undefined
  }

  return {
    /** Every clause that followed from those before, in the order in which it was found. */
    learnt: learnt as readonly Clause[],
    /** Adds a clause. */
    add(clause: Clause): void {
      backTo(search, 0)
      for (const literal of clause) know(search, Math.abs(literal))
      const open = [...new Set(clause)].filter((each) => truthOf(search, each) !== -1)
      if (open.some((each) => truthOf(search, each) === 1 || open.includes(-each))) return
      const [only] = open
      if (only === undefined) isContradictory = true
      else if (open.length === 1) assign(search, only)
      else watch(search, open)
    },
    /** Whether all clauses can hold together with these literals. Then `value` says how, until more is asked. */
    solve(assumed: readonly number[]): boolean {
      backTo(search, 0)
      for (const each of assumed) know(search, Math.abs(each))
      let [conflicts, rounds] = [0, 1]
      while (!isContradictory) {
        const conflict = propagate(search)
        if (conflict !== undefined && starts.length === 0) isContradictory = true
        else if (conflict !== undefined) {
          conflicts += 1
          order.decay()
          learnt.push(learn(search, analyse(search, conflict)))
        } else if (conflicts > conflictsFirst * luby(rounds)) {
          ;[conflicts, rounds] = [0, rounds + 1]
          backTo(search, 0)
        } else {
          const end = step(assumed)
          if (end !== undefined) return end === 'done'
        }
      }
      return false
    },
    /** Whether a variable holds. */
    value: (variable: number): boolean => search.values[variable] === 1,
  }
}

const truthOf = ({ values }: Search, literal: number): number =>
  literal > 0 ? (values[literal] ?? 0) : -(values[-literal] ?? 0)

function know({ values, phases, levels, order }: Search, variable: number): void {
  if (values[variable] !== undefined) return
  values[variable] = 0
  phases[variable] = -1
  levels[variable] = 0
  order.add(variable)
}

function watch({ watching }: Search, clause: number[]): void {
  for (const literal of clause.slice(0, 2)) {
    const before = watching.get(literal)
    if (before === undefined) watching.set(literal, [clause])
    else before.push(clause)
  }
}

function assign(search: Search, literal: number, reason?: readonly number[]): void {
  const variable = Math.abs(literal)
  search.values[variable] = Math.sign(literal)
  search.phases[variable] = Math.sign(literal)
  search.levels[variable] = search.starts.length
  search.reasons[variable] = reason
  search.trail.push(literal)
}

function backTo(search: Search, level: number): void {
  const length = search.starts[level]
  if (length === undefined) return
  for (const literal of search.trail.splice(length)) {
    search.values[Math.abs(literal)] = 0
    search.order.add(Math.abs(literal))
  }
  search.starts.length = level
  search.followed = search.trail.length
}

/** Follows what is assigned; the clause that fails, if one does. */
function propagate(search: Search): readonly number[] | undefined {
  const { trail, watching } = search
  while (search.followed < trail.length) {
    const failed = -(trail[search.followed++] ?? 0)
    const found = watching.get(failed) ?? []
    const stays: number[][] = []
    watching.set(failed, stays)
    for (const [i, clause] of found.entries()) {
      if (clause[0] === failed) [clause[0], clause[1]] = [clause[1] ?? 0, failed]
      const [first = 0] = clause
      if (truthOf(search, first) !== 1 && findElsewhere(search, clause)) continue
      stays.push(clause)
      if (truthOf(search, first) === -1) {
        stays.push(...found.slice(i + 1))
        return clause
      }
      if (truthOf(search, first) === 0) assign(search, first, clause)
    }
  }
  return undefined
}

/** Has a clause found by a third literal in place of its second, which failed; false if all others failed, too. */
function findElsewhere(search: Search, clause: number[]): boolean {
  const at = clause.findIndex((each, i) => i > 1 && truthOf(search, each) !== -1)
  if (at < 0) return false
  const [literal = 0, failed = 0] = [clause[at], clause[1]]
  clause[1] = literal
  clause[at] = failed
  const those = search.watching.get(literal)
  if (those === undefined) search.watching.set(literal, [clause])
  else those.push(clause)
  return true
}

/** What a conflict teaches: a clause with one literal of the newest level, which is its first. */
function analyse({ trail, levels, reasons, starts, order }: Search, conflict: readonly number[]) {
  const seen = new Set<number>()
  const older: number[] = []
  let [open, at, reason] = [0, trail.length, conflict]
  for (;;) {
    for (const literal of reason) {
      const variable = Math.abs(literal)
      const level = levels[variable] ?? 0
      if (seen.has(variable) || level === 0) continue
      seen.add(variable)
      order.bump(variable)
      if (level === starts.length) open += 1
      else older.push(literal)
    }
    do at -= 1
    while (!seen.has(Math.abs(trail[at] ?? 0)))
    const literal = trail[at] ?? 0
    open -= 1
    if (open === 0) return [-literal, ...older]
    reason = (reasons[Math.abs(literal)] ?? []).filter((each) => each !== literal)
  }
}

/** Takes a clause that was learnt: goes back to where it says something, and assigns that. */
function learn(search: Search, clause: number[]): Clause {
  const said = clause.slice()
  const levels = clause.slice(1).map((each) => search.levels[Math.abs(each)] ?? 0)
  const level = Math.max(0, ...levels)
  backTo(search, level)
  const [first = 0] = clause
  if (clause.length === 1) assign(search, first)
  else {
    const second = 1 + levels.indexOf(level)
    ;[clause[1], clause[second]] = [clause[second] ?? 0, clause[1] ?? 0]
    watch(search, clause)
    assign(search, first, clause)
  }
  return said
}

/** Conflicts before the first new start. */
const conflictsFirst = 128

/** The sequence of Luby, Sinclair and Zuckerman (1993): 1 1 2 1 1 2 4 … */
function luby(n: number): number {
  const size = 2 ** Math.floor(Math.log2(n + 1))
  return size === n + 1 ? size / 2 : luby(n - size + 1)
}

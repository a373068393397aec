/**
 * Facts as variables: each has one of the values that the law can tell apart, or is unknown; a list has each of its
 * values or not, or is unknown.
 */

import { type FactValue, factTypes } from '../../policy/fact-types.ts'
import type { Truth } from '../../policy/logic.ts'
import type { Domains } from './domains.ts'
import { type Graph, type Literal, no, not, yes } from './formula.ts'

/** When a condition holds, and when it fails; else it is unanswerable. */
export type Answers = { readonly holds: Literal; readonly fails: Literal }

/** A fact that has one of these values, or is unknown. */
export type FactChoice = {
  readonly values: ReadonlyMap<FactValue, Literal>
  readonly unknown: Literal
}

/** A fact that is a list, or unknown: where a value is on it. */
type Listing = {
  readonly has: (value: string) => Literal
  readonly all: ReadonlyMap<string, Literal>
  readonly unknown: Literal
}

/** The facts of one question to one holder that follow from no others. */
export type FactVariables = ReturnType<typeof factVariables>

/** Makes variables of facts as they are asked for. */
export function factVariables(graph: Graph, holder: string, asOf: string, domains: Domains) {
  const constants = new Map<string, FactValue>([
    ['holder.jurisdiction', holder],
    ['asOf', asOf],
  ])
  const choices = new Map<string, FactChoice>()
  const listings = new Map<string, Listing>()
  return {
    ...{ graph, holder, constants, choices, listings },
    /** A fact with one value. */
    choice(name: string): FactChoice {
      const constant = constants.get(name)
      if (constant !== undefined) return { values: new Map([[constant, yes]]), unknown: no }
      const made = choices.get(name) ?? newChoice(graph, name, domains.values(name, holder))
      choices.set(name, made)
      return made
    },
    /** A fact that is a list. */
    listing(name: string): Listing {
      const made = listings.get(name) ?? newListing(graph, name)
      listings.set(name, made)
      return made
    },
    /** The value to look at in place of another. */
    alike: (name: string, value: FactValue) => domains.alike(name, holder, value),
  }
}

/** Exactly one value, or unknown. */
function newChoice(graph: Graph, name: string, domain: readonly FactValue[]): FactChoice {
  const values = new Map(domain.map((each) => [each, graph.variable()]))
  // Who asks is a registered agency, of a state or body that is known.
  const unknown = name === 'requester.jurisdiction' ? no : graph.variable()
  const all = [...values.values(), unknown]
  graph.always.push(all)
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) graph.always.push([not(a), not(b)])
  return { values, unknown }
}

function newListing(graph: Graph, name: string): Listing {
  const type = factTypes[name]
  const possible = type?.type === 'list' ? type.values : undefined
  const all = new Map<string, Literal>()
  const unknown = graph.variable()
  const has = (value: string): Literal => {
    if (possible?.includes(value) === false) return no
    const known = all.get(value)
    if (known !== undefined) return known
    const made = graph.variable()
    graph.always.push([not(made), not(unknown)])
    all.set(value, made)
    return made
  }
  return { has, all, unknown }
}

/** Where a fact has one of the values that pass. */
export const among = (
  { or }: Graph,
  { values }: FactChoice,
  passes: (value: FactValue) => boolean,
) => or(...[...values].flatMap(([value, at]) => (passes(value) ? [at] : [])))

/** A condition on one fact, by what it answers for each value. */
export const table = (
  graph: Graph,
  fact: FactChoice,
  truth: (value: FactValue) => Truth,
): Answers => ({
  holds: among(graph, fact, (value) => truth(value) === 'holds'),
  fails: among(graph, fact, (value) => truth(value) === 'fails'),
})

/** Whether all hold (Kleene). */
export const every = ({ and, or }: Graph, all: readonly Answers[]): Answers => ({
  holds: and(...all.map(({ holds }) => holds)),
  fails: or(...all.map(({ fails }) => fails)),
})

/** The opposite answers. */
export const opposite = ({ holds, fails }: Answers): Answers => ({ holds: fails, fails: holds })

/** A fact of those values, unknown elsewhere. */
export const otherwiseUnknown = (
  { or }: Graph,
  values: ReadonlyMap<FactValue, Literal>,
): FactChoice => ({ values, unknown: not(or(...values.values())) })

/** Where listed arrangements cover an item, as formulas (`decision/arranged.ts`, which is asked for each part). */

import { asksOf, binds, canCover } from '../../decision/arranged.ts'
import type { Arrangement } from '../../policy/arrangement.ts'
import { type FactValue, safeguards } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import {
  type Answers,
  every,
  type FactChoice,
  type FactVariables,
  otherwiseUnknown,
  table,
} from './facts.ts'
import { type Literal, no, not, yes } from './formula.ts'

/** An arrangement that may bind a holder to somebody. */
export type ArrangedFormula = {
  readonly arrangement: Arrangement
  readonly bindsBoth: Answers
  /** Where it is the one that covers; where it may be. */
  readonly covers: Literal
  readonly mayCover: Literal
}

/** The arrangements that may bind a holder, in the order in which they count. */
export function arrangedFormulas(facts: FactVariables, now: InForce): readonly ArrangedFormula[] {
  const { graph, choice } = facts
  const { and } = graph
  const found: ArrangedFormula[] = []
  let [isFirst, mayBeNext] = [yes, yes]
  for (const arrangement of now.arrangements ?? []) {
    const bindsBoth = bound(arrangement, facts)
    if (bindsBoth === undefined) continue
    const asked = asksOf(arrangement).map(([name, passes]) => passing(facts, name, passes))
    const fits = canCover(arrangement)
      ? every(graph, [...asked, bindsBoth])
      : { holds: no, fails: yes }
    const covers = and(isFirst, fits.holds)
    found.push({ arrangement, bindsBoth, covers, mayCover: and(mayBeNext, not(fits.fails)) })
    isFirst = and(isFirst, fits.fails)
    mayBeNext = and(mayBeNext, not(fits.holds))
  }
  return found

  /** Whether an arrangement binds both sides, as the engine says of each pair, and of the agencies that it means. */
  function bound(each: Arrangement, { holder }: FactVariables): Answers | undefined {
    const agencies = each.sides.flatMap((side) => Object.values(side ?? {})).flat()
    const named = new Set<FactValue>(agencies.filter((agency) => agency !== null))
    const [holds, fails]: [Literal[], Literal[]] = [[], []]
    let mayBind = false
    for (const [requester, at] of choice('requester.jurisdiction').values) {
      const pair = [
        ['holder.jurisdiction', holder],
        ['requester.jurisdiction', requester],
      ] as const
      const truth = binds(each, new Map<string, FactValue>(pair))
      const isAll = truth !== 'unanswerable' || named.size === 0
      for (const [own, isOwn] of isAll ? any : kindsOf('holder.agency', named))
        for (const [theirs, isTheirs] of isAll ? any : kindsOf('requester.agency', named)) {
          const known = new Map<string, FactValue | undefined>(pair)
          known.set('holder.agency', own).set('requester.agency', theirs)
          const answered = binds(each, known)
          mayBind ||= answered !== 'fails'
          if (answered !== 'unanswerable')
            (answered === 'holds' ? holds : fails).push(and(at, isOwn, isTheirs))
        }
    }
    // It binds this holder to nobody.
    if (!mayBind) return undefined
    return { holds: graph.or(...holds), fails: graph.or(...fails) }
  }

  /** An agency as an arrangement tells it apart: one that it names, any other, or an unknown one. */
  function kindsOf(name: string, named: ReadonlySet<FactValue>) {
    const { values, unknown } = choice(name)
    const known = [...values].filter(([value]) => named.has(value))
    const rest = graph.or(...[...values].flatMap(([value, at]) => (named.has(value) ? [] : [at])))
    return [...known, ['', rest], [undefined, unknown]] satisfies Kinds
  }
}

type Kinds = readonly (readonly [FactValue | undefined, Literal])[]
const any: Kinds = [[undefined, yes]]

const passing = (
  { graph, choice }: FactVariables,
  name: string,
  passes: (value: unknown) => boolean,
) => table(graph, choice(name), (value) => (passes(value) ? 'holds' : 'fails'))

/** Where no arrangement covers: only if a list of them is in force. */
function noneCovers(
  { graph }: FactVariables,
  now: InForce,
  all: readonly ArrangedFormula[],
): Literal {
  return now.arrangements === undefined ? no : not(graph.or(...all.map(({ mayCover }) => mayCover)))
}

/** The arrangement that covers (`coveredBy`). */
export const covering = (
  facts: FactVariables,
  now: InForce,
  all: readonly ArrangedFormula[],
): FactChoice => {
  const each = all.map(({ arrangement, covers }) => [arrangement.entry.id, covers] as const)
  const values = new Map<FactValue, Literal>(each).set('none', noneCovers(facts, now, all))
  return otherwiseUnknown(facts.graph, values)
}

/** How strong the safeguards are (`safeguardsOf`). */
export function strongest(
  facts: FactVariables,
  now: InForce,
  all: readonly ArrangedFormula[],
): FactChoice {
  const { and, or } = facts.graph
  const covered = or(...all.map(({ covers }) => covers))
  const protecting = all.flatMap(({ arrangement: { entry }, bindsBoth }) => {
    if (entry.kind !== 'safeguards-only') return []
    const meant = (value: unknown) => entry.purposes.some((each) => each === value)
    const truth = every(facts.graph, [bindsBoth, passing(facts, 'request.purpose', meant)])
    return [{ entry, truth }]
  })
  const atLeast = (level: number, isSure: boolean): Literal => {
    const isStrong = ({ entry }: Arrangement) => safeguards.indexOf(entry.safeguards) >= level
    return or(
      ...all.flatMap(({ arrangement, covers }) => (isStrong(arrangement) ? [covers] : [])),
      ...protecting.flatMap(({ entry, truth }) =>
        isStrong({ entry, sides: [] }) ? [isSure ? truth.holds : not(truth.fails)] : [],
      ),
    )
  }
  const values = new Map<FactValue, Literal>()
  for (const [level, name] of safeguards.entries()) {
    const exactly = (isSure: boolean) =>
      and(level === 0 ? yes : atLeast(level, isSure), not(atLeast(level + 1, isSure)))
    values.set(name, and(covered, exactly(true), exactly(false)))
  }
  values.set('none', or(values.get('none') ?? no, noneCovers(facts, now, all)))
  return otherwiseUnknown(facts.graph, values)
}

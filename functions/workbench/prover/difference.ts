/**
 * What differs between two laws of one day, for all facts: of what leaves, by whom and under which duties. Not the
 * words told, the steps and the clocks, nor the reasons.
 */

import { judge } from '../../decision/combine.ts'
import { ComityError } from '../../failure.ts'
import type { InForce } from '../../policy/history.ts'
import type { Condition } from '../../policy/logic.ts'
import { type Counterexample, factsUnder, leastOf, statedOf } from './counterexample.ts'
import { domainsOf } from './domains.ts'
import { type Literal, no, not } from './formula.ts'
import { type HolderLaw, holdersOf, isReached, lawsOver } from './holder-law.ts'
import { dutyText } from './judgement.ts'

/** In what two answers differ. `looser` is what lets more go, or lets it go under less. */
export type Respect = {
  readonly of: 'by-rule-alone' | 'by-an-officer' | 'changed' | 'duty'
  readonly isLooser: boolean
  /** Of a duty: its code, value and period, as a text in JSON. */
  readonly duty?: string
}

/** What was found for one holder. */
export type HolderDifference = { readonly holder: string } & (
  | { readonly result: 'alike' | 'nothing-leaves' }
  /** Why the prover cannot say anything of it. */
  | { readonly result: 'not-proved'; readonly because: string }
  | { readonly result: 'differs'; readonly respects: readonly Respect[] }
)

/** Facts that two laws answer differently, and how each does. */
export type DifferingFacts = Counterexample & {
  readonly holder: string
  readonly respect: Respect
  readonly answers: { readonly before: Treated; readonly after: Treated }
}

/** What was found of two laws. */
export type LawDifference = {
  readonly asOf: string
  readonly found: readonly HolderDifference[]
  /** For each respect the least facts, of the first holder at which it differs. */
  readonly cases: readonly DifferingFacts[]
}

/** What happens to one item, and its duties. */
type Treated = { readonly treatment: string; readonly duties: readonly string[] }

/**
 * Compares two laws of one day for each holder that is reached by what differs: by one of the scopes in `reach`; every
 * holder without. Every case is answered by the engine before it is given. One holder with each step.
 */
export function* lawDifference(
  before: InForce,
  after: InForce,
  reach?: readonly Condition[],
): Generator<{ done: number; of: number; what: string }, LawDifference> {
  const holders = [...new Set([before, after].flatMap(holdersOf))].sort()
  const domains = domainsOf([before, after], reach?.map(({ logic }) => logic) ?? [])
  const found: HolderDifference[] = []
  const cases = new Map<string, DifferingFacts>()
  for (const [done, holder] of holders.entries()) {
    yield { done, of: holders.length, what: 'holders compared' }
    try {
      if (reach && !isReached([before, after], holder, domains, reach)) continue
      const [was, is] = lawsOver([before, after], holder, domains)
      if (was === undefined || is === undefined) continue
      found.push(compared(was, is, cases))
    } catch (error) {
      if (!(error instanceof ComityError)) throw error
      found.push({ holder, result: 'not-proved', because: error.message })
    }
  }
  return { asOf: after.asOf, found, cases: [...cases.values()] }
}

/** Whether it is proved that after a change of the law nothing more leaves of a holder, and nothing under less. */
export function isTighter(before: InForce, after: InForce, holder: string): boolean {
  try {
    const [was, is] = lawsOver([before, after], holder, domainsOf([before, after], []))
    const found = was && is && compared(was, is, new Map())
    return found?.result !== 'differs' || found.respects.every(({ isLooser }) => !isLooser)
  } catch (error) {
    if (!(error instanceof ComityError)) throw error
    return false
  }
}

function compared(
  was: HolderLaw,
  is: HolderLaw,
  cases: Map<string, DifferingFacts>,
): HolderDifference {
  const { holder, prover } = was
  if (!was.letsGo && !is.letsGo) return { holder, result: 'nothing-leaves' }
  const respects: Respect[] = []
  for (const [respect, at] of differing(was, is)) {
    if (prover.model(at) === undefined) {
      // INVARIANT (proved means checked): whoever follows the steps shares no code with whoever found them.
      if (!prover.isRefuted(at)) throw new Error(`a refutation does not follow: ${holder}`)
      continue
    }
    respects.push(respect)
    const key = JSON.stringify(respect)
    const least = cases.has(key) ? undefined : leastOf(is, at)
    const facts = least?.facts ?? factsUnder(is, prover.model(at) ?? (() => false))
    // INVARIANT (differs means seen): the engine answers these facts differently.
    const answers = { before: answerOf(was, facts), after: answerOf(is, facts) }
    if (JSON.stringify(answers.before) === JSON.stringify(answers.after))
      throw new Error(`the engine answers otherwise than the prover: ${holder}`)
    if (least !== undefined) cases.set(key, { ...least, holder, respect, answers })
  }
  return respects.length === 0
    ? { holder, result: 'alike' }
    : { holder, result: 'differs', respects }
}

/** Each way in which two laws may differ, and where they do. */
function differing(was: HolderLaw, is: HolderLaw): readonly (readonly [Respect, Literal])[] {
  const { and, or } = was.graph
  const [a, b] = [was.judged, is.judged]
  const both = and(a.leaves, b.leaves)
  const only = (one: Literal, other: Literal) => and(one, not(other))
  const officer = (judged: HolderLaw['judged']) => only(judged.leaves, judged.leavesByRuleAlone)
  const ways = (
    of: Respect['of'],
    before: Literal,
    after: Literal,
    more: Partial<Respect> = {},
  ) => {
    // More that leaves is looser; more that is changed, or owed, is stricter.
    const [looser, stricter] = of.startsWith('by') ? [after, before] : [before, after]
    return [
      [{ of, ...more, isLooser: true }, only(looser, stricter)] as const,
      [{ of, ...more, isLooser: false }, only(stricter, looser)] as const,
    ]
  }
  const kinds = [...a.changes.keys(), ...b.changes.keys()]
  // Of two masks the one that keeps less counts (`join`).
  const changedBy = ({ changes }: HolderLaw['judged'], kind: (typeof kinds)[number]) =>
    or(
      ...[...changes].flatMap(([each, at]) => {
        const isMeant = typeof kind === 'number' && typeof each === 'number' ? each <= kind : false
        return each === kind || isMeant ? [at] : []
      }),
    )
  const changes = [...new Set(kinds)].map(
    (kind) => [changedBy(a, kind), changedBy(b, kind)] as const,
  )
  const sometimes = (pick: 0 | 1) =>
    and(both, or(...changes.map((each) => only(each[pick], each[pick === 0 ? 1 : 0]))))
  const duties = [...new Set([...a.owed.keys(), ...b.owed.keys()])].sort()
  return [
    ...ways('by-rule-alone', a.leavesByRuleAlone, b.leavesByRuleAlone),
    ...ways('by-an-officer', officer(a), officer(b)),
    [{ of: 'changed', isLooser: true }, sometimes(0)] as const,
    [{ of: 'changed', isLooser: false }, sometimes(1)] as const,
    ...duties.flatMap((duty) => {
      const [before, after] = [a, b].map(({ owed }) => and(both, owed.get(duty) ?? no))
      return ways('duty', before ?? no, after ?? no, { duty })
    }),
  ]
}

function answerOf({ now }: HolderLaw, facts: Counterexample['facts']): Treated {
  const [item] = judge(now, statedOf(facts, false), [
    { id: '1', facts: statedOf(facts, true) },
  ]).items
  if (item === undefined) throw new Error('an item is judged')
  const { kind, ...how } = item.treatment
  const keeps = 'keepLast' in how ? ` ${how.keepLast}` : ''
  const duties = kind === 'withhold' ? [] : item.duties.map(({ duty }) => dutyText(duty))
  return { treatment: `${kind}${keeps}`, duties: [...new Set(duties)].sort() }
}

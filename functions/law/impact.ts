/** What would have been decided otherwise: logged decisions replayed under two laws, and counted. */

import type { Facts } from '../decision/facts.ts'
import type { LoggedDecision } from '../decision/logged-facts.ts'
import type { Book } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { asIfInForce, type Draft, lawOver } from './as-if.ts'
import { comparing, differing, type Turned, type TwoLaws } from './two-laws.ts'

/** Decisions between one requester and one holder that turn in one way. */
export type Turn = Turned & {
  readonly requester: string
  readonly holder: string
  /** The ids of their entries, in the order of the log. */
  readonly ids: readonly string[]
  /** Of the first, the facts that the changed policies read. */
  readonly example: { readonly facts: Facts; readonly items: readonly Facts[] }
}

/** All decisions that were replayed, and how those turn that do; the most frequent first. */
export type Impact = {
  readonly decisions: number
  readonly changed: number
  /** When the first and the last of the decisions were made. */
  readonly first?: string
  readonly last?: string
  readonly turns: readonly Turn[]
}

/** The law as it is known now, and with drafts in it as if they had been in force all along. */
export const withDrafts = (book: Book, drafts: readonly Draft[], asKnown: string) =>
  bothLaws(lawOver(book, asKnown), lawOver(drafts.reduce(asIfInForce, book), asKnown))

/** Two laws over time; the same object for the same two laws. */
export function bothLaws(
  before: (instant: string) => InForce,
  after: (instant: string) => InForce,
): (decision: LoggedDecision) => TwoLaws {
  const made = new Map<InForce, Map<InForce, TwoLaws>>()
  return ({ ts }) => {
    const [was, is] = [before(ts), after(ts)]
    const known = made.get(was) ?? new Map<InForce, TwoLaws>()
    const laws = known.get(is) ?? { before: was, after: is }
    made.set(was, known.set(is, laws))
    return laws
  }
}

/** Replays decisions; `lawsOf` gives the same object for the same two laws. */
export function impactOf(
  decisions: Iterable<LoggedDecision>,
  lawsOf: (decision: LoggedDecision) => TwoLaws,
): Impact {
  const comparers = new Map<TwoLaws, ReturnType<typeof comparing>>()
  const turns = new Map<string, Turn & { readonly ids: string[] }>()
  let [count, changed] = [0, 0]
  let [first, last] = ['9999', '']
  for (const decision of decisions) {
    count += 1
    if (decision.ts < first) first = decision.ts
    if (decision.ts > last) last = decision.ts
    const laws = lawsOf(decision)
    const compare = comparers.get(laws) ?? comparing(laws)
    comparers.set(laws, compare)
    const turned = compare(decision)
    if (turned === undefined) continue
    changed += 1
    const requester = partyOf(decision, 'requester.jurisdiction')
    const holder = partyOf(decision, 'holder.jurisdiction')
    const key = JSON.stringify([requester, holder, turned])
    const same = turns.get(key)
    if (same !== undefined) same.ids.push(decision.id)
    else
      turns.set(key, {
        requester,
        holder,
        ...turned,
        ids: [decision.id],
        example: exampleOf(decision, laws),
      })
  }
  const spent = count === 0 ? {} : { first, last }
  return { decisions: count, changed, ...spent, turns: [...turns.values()].sort(mostFirst) }
}

const partyOf = ({ facts }: LoggedDecision, name: string): string => String(facts[name] ?? '?')

const mostFirst = (a: Turn, b: Turn): number =>
  b.ids.length - a.ids.length || (a.requester + a.holder < b.requester + b.holder ? -1 : 1)

/** The facts that the rules read which are not the same under both laws. */
function exampleOf({ facts, items }: LoggedDecision, laws: TwoLaws): Turn['example'] {
  const read = new Set(namesRead(laws))
  const shown = (all: Facts): Facts =>
    Object.fromEntries(Object.entries(all).filter(([name]) => read.has(name)))
  const kinds = new Map(
    items.map((item) => [JSON.stringify(shown(item.facts)), shown(item.facts)] as const),
  )
  return {
    facts: shown(facts),
    items: [...kinds.values()].filter((each) => Object.keys(each).length > 0),
  }
}

const namesRead = (laws: TwoLaws): readonly string[] =>
  differing(laws).flatMap(({ before, after, rules }) => {
    const policies = [before, after].flatMap((each) => each ?? [])
    const whole = rules === undefined
    const changed = whole
      ? policies.flatMap((each) => each.rules)
      : [...rules.before, ...rules.after]
    return [
      ...(whole ? policies.map(({ applies }) => applies) : []),
      ...changed.flatMap(({ when, unless }) => [when, ...unless.map((each) => each.when)]),
    ].flatMap(({ facts }) => facts)
  })

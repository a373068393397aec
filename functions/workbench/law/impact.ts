/** Which logged decisions would have come out differently: replays them under two laws, and counts. */

import type { Facts } from '../../decision/facts.ts'
import type { LoggedDecision } from '../../decision/logged-facts.ts'
import type { Book } from '../../policy/book.ts'
import type { InForce } from '../../policy/history.ts'
import { comparing, factsReadByChange, type Turned } from './differ.ts'
import {
  asIfInForce,
  asIfSealed,
  bothLaws,
  type Draft,
  lawOver,
  type TwoLaws,
  upTo,
  without,
} from './law.ts'
import { allSteps, type Progress } from './steps.ts'

/** Decisions between one requester and one holder that turn in the same way. */
export type TurnedRow = Omit<Turned, 'unknown'> & {
  readonly requester: string
  readonly holder: string
  /** The ids of their entries, in the order of the log. */
  readonly ids: readonly string[]
  /** By each fact that the log does not know: in how many of the decisions the answer depends on it. */
  readonly unknown: Readonly<Record<string, number>>
  /** The facts of the first decision that the changed rules read. */
  readonly example: { readonly facts: Facts; readonly items: readonly Facts[] }
}

/** How many decisions were replayed, how many turned, and how; the most frequent turn first. */
export type Impact = {
  readonly decisions: number
  readonly changed: number
  /** When the first and the last of the decisions were made. */
  readonly first?: string
  readonly last?: string
  readonly turns: readonly TurnedRow[]
}

type LawsOf = (decision: LoggedDecision) => TwoLaws

/** The law as it is known now, and the law with drafts in it as if they had been in force all along. */
export function withDrafts(book: Book, drafts: readonly Draft[], asKnown: string): LawsOf {
  const laws = bothLaws(lawOver(book, asKnown), lawOver(drafts.reduce(asIfInForce, book), asKnown))
  return ({ ts }) => laws(ts)
}

type Counting = TurnedRow & { readonly ids: string[]; readonly unknown: Record<string, number> }

/** Replays decisions. `lawsOf` must give the same object for the same two laws. */
export const impactOf = (decisions: Iterable<LoggedDecision>, lawsOf: LawsOf): Impact =>
  allSteps(impactInSteps(decisions, lawsOf))

/** The same, one decision with each step. */
export function* impactInSteps(
  decisions: Iterable<LoggedDecision>,
  lawsOf: LawsOf,
): Generator<Progress, Impact> {
  const comparers = new Map<TwoLaws, ReturnType<typeof comparing>>()
  const turns = new Map<string, Counting>()
  let [count, changed] = [0, 0]
  let [first, last] = ['9999', '']
  for (const decision of decisions) {
    if (count > 0) yield { done: count, what: 'decisions replayed' }
    count += 1
    if (decision.ts < first) first = decision.ts
    if (decision.ts > last) last = decision.ts
    const laws = lawsOf(decision)
    const compare = comparers.get(laws) ?? comparing(laws)
    comparers.set(laws, compare)
    const turned = compare(decision)
    if (turned === undefined) continue
    changed += 1
    const { unknown, ...how } = turned
    const requester = partyOf(decision, 'requester.jurisdiction')
    const holder = partyOf(decision, 'holder.jurisdiction')
    const key = JSON.stringify([requester, holder, how])
    const example = () => exampleOf(decision, laws)
    const turn = turns.get(key) ?? {
      ...{ requester, holder, ...how, ids: [], unknown: {}, example: example() },
    }
    turns.set(key, turn)
    turn.ids.push(decision.id)
    for (const name of unknown) turn.unknown[name] = (turn.unknown[name] ?? 0) + 1
  }
  const spent = count === 0 ? {} : { first, last }
  return { decisions: count, changed, ...spent, turns: [...turns.values()].sort(mostFirst) }
}

const partyOf = ({ facts }: LoggedDecision, name: string): string => String(facts[name] ?? '?')

const mostFirst = (a: TurnedRow, b: TurnedRow): number =>
  b.ids.length - a.ids.length || (a.requester + a.holder < b.requester + b.holder ? -1 : 1)

/** The facts that are read by rules which differ between the two laws. */
function exampleOf({ facts, items }: LoggedDecision, laws: TwoLaws): TurnedRow['example'] {
  const read = new Set(factsReadByChange(laws))
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

/** What a version would have touched, had it been sealed before its first day. */
export type Affected = Impact & {
  /** The ids of the logged decisions that named another version in its place. */
  readonly rested: readonly string[]
  /** The versions that they named. */
  readonly on: readonly string[]
}

/**
 * The decisions made while the version should have been in force: those that rested on another version of it,
 * and those that named none, which turn if this version applies. Everything else is taken as known at
 * `asKnown`.
 */
export function affectedBy(
  decisions: Iterable<LoggedDecision>,
  book: Book,
  draft: Draft,
  asKnown: string,
): Affected {
  const after = lawOver(asIfSealed(book, draft), asKnown)
  const unnamed = lawOver(without(book, draft), asKnown)
  const unnamedLaws = bothLaws(unnamed, after)
  const named = new Map(
    versionsOf(book, draft).map((each) => [
      each.version.version,
      bothLaws(lawOver(upTo(book, each), asKnown), after),
    ]),
  )
  const rested: string[] = []
  const on = new Set<string>()
  const { id, version, sealedAt } = draft.version
  const touched = function* () {
    for (const decision of decisions) {
      if (inPlace(unnamed(decision.ts), draft) === inPlace(after(decision.ts), draft)) continue
      const name = versionNamed(decision, draft)
      const wasKnown = sealedAt !== undefined && Date.parse(sealedAt) <= Date.parse(decision.ts)
      if (name === version || (name === undefined && wasKnown)) continue
      if (name !== undefined) {
        rested.push(decision.id)
        on.add(`${id}@${name}`)
      }
      yield decision
    }
  }
  const lawsOf = (decision: LoggedDecision) =>
    (named.get(versionNamed(decision, draft) ?? '') ?? unnamedLaws)(decision.ts)
  return { ...impactOf(touched(), lawsOf), rested, on: [...on].sort() }
}

/** Which version of the draft's policy or list is in force. */
const inPlace = (now: InForce, { kind, version: { id } }: Draft): string | undefined =>
  (kind === 'policy' ? now.policies : now.listVersions).find((each) => each.id === id)?.version

/** Which version of the draft's policy or list a decision names. */
function versionNamed(
  { policies, lists }: LoggedDecision,
  { kind, version: { id } }: Draft,
): string | undefined {
  const refs = kind === 'policy' ? policies : lists
  return refs.find((each) => each.startsWith(`${id}@`))?.slice(id.length + 1)
}

const versionsOf = (book: Book, { kind, version: { id } }: Draft): readonly Draft[] =>
  kind === 'policy'
    ? book.policies.filter((each) => each.id === id).map((version) => ({ kind, version }))
    : book.lists.filter((each) => each.id === id).map((version) => ({ kind, version }))

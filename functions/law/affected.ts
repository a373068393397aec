/** Past decisions that a correction touches: what rested on the version that it corrects. */

import type { LoggedDecision } from '../decision/logged-facts.ts'
import type { Book, List, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { asIfSealed, type Draft, lawOver, upTo, without } from './as-if.ts'
import { bothLaws, type Impact, impactOf } from './impact.ts'

/** What a version touches, had it been sealed before its first day. */
export type Affected = Impact & {
  /** Ids of the decisions that named another version in its place, as they are in the log. */
  readonly rested: readonly string[]
  /** The versions that they named. */
  readonly on: readonly string[]
}

/**
 * Of the decisions made while the version should have been in force, those that rested on another
 * version of it; and those to which the other did not apply, which turn if this one does. Everything
 * else is taken as it is known at `asKnown`.
 */
export function affectedBy(
  decisions: Iterable<LoggedDecision>,
  book: Book,
  draft: Draft,
  asKnown: string,
): Affected {
  const after = lawOver(asIfSealed(book, draft), asKnown)
  const unnamed = lawOver(without(book, draft), asKnown)
  const named = new Map(
    versionsOf(book, draft).map((each) => [
      each.version.version,
      bothLaws(lawOver(upTo(book, each), asKnown), after),
    ]),
  )
  const unnamedLaws = bothLaws(unnamed, after)
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
    (named.get(versionNamed(decision, draft) ?? '') ?? unnamedLaws)(decision)
  return { ...impactOf(touched(), lawsOf), rested, on: [...on].sort() }
}

/** The version of a policy or list that is in force. */
const inPlace = (now: InForce, { kind, version: { id } }: Draft): string | undefined =>
  of(kind === 'policy' ? now.policies : now.listVersions, id)

const of = (all: readonly (Policy | List)[], id: string): string | undefined =>
  all.find((each) => each.id === id)?.version

/** The version that a decision names of the same policy or list. */
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

/** Which parties a listed arrangement binds to each other on a day. */

import { safeguards } from './fact-types.ts'
import type { ArrangementEntry } from './policy.ts'

/** A span of days, both ends included; without `until` it has no end. */
export type Days = { readonly from: string; readonly until?: string | undefined }

/**
 * The parties of one side, each with the agencies that are meant, or null for all of them. Undefined if the
 * side is given by a list that is not in force.
 */
type Side = Readonly<Record<string, readonly string[] | null>> | undefined

/** An arrangement in force on a day. It does not bind two parties of one side to each other. */
export type Arrangement = { readonly entry: ArrangementEntry; readonly sides: readonly Side[] }

type MembersOf = (list: string) => readonly string[] | undefined

/**
 * The arrangements in force on a day. `isGood` says whether a span includes that day, `membersOf` who is on
 * another list then.
 */
export const arrangementsOn = (
  entries: readonly ArrangementEntry[],
  isGood: (days: Days) => boolean,
  membersOf: MembersOf,
): readonly Arrangement[] =>
  entries
    .filter((entry) => isGood(entry) && !entry.suspensions?.some(isGood))
    .map((entry) => ({ entry, sides: sidesOf(entry, isGood, membersOf) }))

/**
 * Sorts arrangements that fit, the one that counts first: stronger safeguards, then no penalty threshold,
 * then by id.
 */
export const byPrecedence = (a: Arrangement, b: Arrangement): number =>
  rankOf(a) < rankOf(b) ? -1 : 1

const rankOf = ({ entry: { id, safeguards: own, threshold } }: Arrangement): string =>
  [safeguards.length - safeguards.indexOf(own), threshold === undefined ? 0 : 1, id].join(' ')

function sidesOf(
  { parties, multilateral, from }: ArrangementEntry,
  isGood: (days: Days) => boolean,
  membersOf: MembersOf,
): readonly Side[] {
  const sides = parties.map((party): Side => {
    if (!isGood({ from: party.from ?? from, until: party.until })) return {}
    if ('value' in party) return { [party.value]: party.agencies ?? null }
    const bound = membersOf(party.membersOf)?.filter((each) => !party.except?.includes(each))
    return bound && Object.fromEntries(bound.map((each) => [each, null]))
  })
  if (multilateral !== true) return sides
  const all = sides.flatMap((side) => (side === undefined ? [] : Object.entries(side)))
  const each = all.map((party): Side => Object.fromEntries([party]))
  return sides.includes(undefined) ? [...each, undefined] : each
}

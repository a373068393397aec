/** Who is bound to whom by a listed arrangement on a day. */

import { type ArrangementEntry, safeguards } from './policy.ts'

/** A span of days, both of them in it; without an end it goes on. */
export type Days = { readonly from: string; readonly until?: string | undefined }

/**
 * Parties of one side, each with the agencies that are meant; null for all of them. A side is unknown where it
 * is that of a list which is not in force.
 */
type Side = Readonly<Record<string, readonly string[] | null>> | undefined

/** An arrangement that is in force on a day. Two parties of one side are not bound to each other by it. */
export type Arrangement = { readonly entry: ArrangementEntry; readonly sides: readonly Side[] }

type MembersOf = (list: string) => readonly string[] | undefined

/**
 * The arrangements in force on a day. `isGood` says whether a span has that day in it, `membersOf` who is
 * on another list then.
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
 * Which of two that fit counts: the one with the stronger safeguards, then the one that asks for no penalty,
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

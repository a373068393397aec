/** Suspensions: in an emergency one person suspends a version's permits, and a second confirms it. */

import { isByBoth, notByBoth, type Signature } from './signed.ts'

/** Days that one signature suspends before the second must be there. Our choice. */
export const confirmDays = 7

/** From one moment until just before another; without `until` it is open. */
export type Span = { readonly from: string; readonly until?: string }

/** The end of a suspension as known from the statement with this number on. */
export type End = { readonly number: number; readonly until?: string }

/** When a version's permits are suspended. `ends` tells how its end was known, statement by statement. */
export type SuspendedSpan = Span & { readonly ends?: readonly End[] }

/**
 * A suspension of one version, its signers, and the signatures of a lift that waits for the second, if any.
 */
export type Suspended = {
  readonly from: string
  readonly ends: readonly End[]
  readonly by: readonly Signature[]
  readonly why: string
  readonly lift?: readonly Signature[]
}

/** A statement on a version: when, with which number, and by whom. */
export type StatedOn = {
  readonly at: string
  readonly number: number
  readonly by: readonly Signature[]
}

/** Whether a moment lies in a span. */
export const covers = ({ from, until }: Span, moment: string): boolean =>
  Date.parse(from) <= Date.parse(moment) &&
  (until === undefined || Date.parse(moment) < Date.parse(until))

/** When an unconfirmed suspension lapses. */
const lapseOf = (from: string): string =>
  new Date(Date.parse(from) + confirmDays * 86_400_000).toISOString()

/** A suspension as known from the statements up to this number; undefined before its own. */
export function spanAt(
  { from, ends = [] }: Pick<SuspendedSpan, 'from' | 'ends'>,
  number: number,
): SuspendedSpan | undefined {
  const known = ends.filter((each) => each.number <= number)
  const last = known.at(-1)
  return last && { from, ends: known, ...(last.until === undefined ? {} : { until: last.until }) }
}

/** The suspension as known now. */
export const spanOf = (suspension: Pick<Suspended, 'from' | 'ends'>): SuspendedSpan =>
  spanAt(suspension, Number.POSITIVE_INFINITY) ?? { from: suspension.from }

/** The suspension in effect at a moment. */
export const currentOf = (own: readonly Suspended[], at: string): Suspended | undefined =>
  own.findLast((each) => covers(spanOf(each), at))

/** Adds a suspension to a version's. With one signature it lapses; with both it has no end. */
export function suspended(
  own: readonly Suspended[],
  { at, number, by, why }: StatedOn & { readonly why: string },
): readonly Suspended[] | string {
  if (currentOf(own, at) !== undefined) return 'it is suspended already'
  if (by.length > 1 && !isByBoth(by)) return notByBoth
  const end = isByBoth(by) ? { number } : { number, until: lapseOf(at) }
  return [...own, { from: at, ends: [end], by, why }]
}

/** Applies a lift. Only with both signatures does the suspension end; until then it continues. */
export function lifted(own: readonly Suspended[], { at, number, by }: StatedOn) {
  const current = currentOf(own, at)
  if (current === undefined) return 'it is not suspended'
  if (current.lift !== undefined) return 'it is being lifted already'
  if (by.length > 1 && !isByBoth(by)) return notByBoth
  return replaced(
    own,
    current,
    isByBoth(by) ? ended(current, number, at) : { ...current, lift: by },
  )
}

/** Applies the second signature on a suspension or on its lift. */
export function confirmed(
  own: readonly Suspended[],
  { at, number, by, of }: StatedOn & { readonly of: 'suspend' | 'lift' },
) {
  const current = currentOf(own, at)
  if (current === undefined) return 'it is not suspended'
  const first = of === 'lift' ? current.lift : current.by
  if (first === undefined || (of === 'suspend' && spanOf(current).until === undefined))
    return 'nothing of it waits for a second signature'
  const all = [...first, ...by]
  if (!isByBoth(all)) return notByBoth
  return replaced(
    own,
    current,
    of === 'lift'
      ? ended(current, number, at)
      : { ...current, by: all, ends: [...current.ends, { number }] },
  )
}

const ended = ({ lift: _, ...current }: Suspended, number: number, until: string): Suspended => ({
  ...current,
  ends: [...current.ends, { number, until }],
})

const replaced = (own: readonly Suspended[], old: Suspended, by: Suspended): readonly Suspended[] =>
  own.map((each) => (each === old ? by : each))

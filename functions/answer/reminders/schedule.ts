/** When somebody is reminded of an open denial, when others are told, and when to look at it next. */

import { isOnDuty } from '../../identity/duty.ts'
import type { Agency } from '../../identity/register.ts'
import type { ReminderKind } from '../entries/values.ts'
import { dueIn } from '../reply/reply.ts'
import type { Reply } from '../reply/reply-schema.ts'

/** The time of an open denial: from when, until when, and whether the requester says that it is urgent. */
export type Clock = { readonly from: string; readonly due: string; readonly isUrgent: boolean }

/** The clock of an open denial, as it was told; undefined for any other answer, and older ones without a time. */
export function clockOf(reply: Reply, urgency: unknown): Clock | undefined {
  const due = dueIn(reply)
  if (due === undefined) return undefined
  return { from: reply.decidedAt, due: due.answerBy, isUrgent: urgency !== 'none' }
}

/** An office, and when somebody is there. */
type Office = Pick<Agency, 'id' | 'timeZone' | 'holidays' | 'duty'>

/** A notice that somebody must have got by now. */
export type Owing = { readonly what: ReminderKind; readonly to: string }

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]

const momentsOf = ({ from, due }: Clock, at: string): readonly [number, number, number] => [
  Date.parse(from),
  Date.parse(due),
  Date.parse(at),
]

/** Most offices that are told after the first: the deputy, then others that may vouch. */
const chainMax = 3

/** Once a denial is overdue, this long passes before each further office is told, ms. */
const stepOf = ({ from, due }: Clock): number =>
  Math.min(Math.max((Date.parse(due) - Date.parse(from)) / 2, 15 * minuteMs), dayMs)

/**
 * What the offices of one kind are owed by a moment, in the order in which they are asked: the first is reminded at half
 * the time and when it is over; then the next is told, and later each further one. An urgent denial is passed
 * on at once while nobody is at the desk.
 */
export function owingTo(offices: readonly Office[], clock: Clock, now: string): readonly Owing[] {
  const [first] = offices
  if (first === undefined) return []
  const [from, due, at] = momentsOf(clock, now)
  const isOverdue = at >= due
  const isHalf = at >= from + (due - from) / 2
  let told = isOverdue ? 2 + Math.floor((at - due) / stepOf(clock)) : 1
  const isAway = (office: Office | undefined) => office && isOnDuty(office, now) === false
  while (clock.isUrgent && isAway(offices[told - 1])) told += 1
  const others = offices.slice(1, Math.min(told, 1 + chainMax))
  return [
    ...(isOverdue
      ? [{ what: 'overdue', to: first.id } as const]
      : isHalf
        ? [{ what: 'reminder', to: first.id } as const]
        : []),
    ...others.map(({ id }) => ({ what: 'escalation', to: id }) as const),
  ]
}

/** The time of what somebody was told to do: from when, until when. */
type Term = Pick<Clock, 'from' | 'due'>

const halfOf = ({ from, due }: Term): string =>
  new Date((Date.parse(from) + Date.parse(due)) / 2).toISOString()

/** When to look first whether somebody did as told: at half the time. */
export const firstLookAt = (term: Term): string => halfOf(term)

/** When to look again; undefined once it is overdue, since the holder is told then. */
export const nextLookAt = ({ from, due }: Term, now: string): string | undefined =>
  [halfOf({ from, due }), due].find((each) => each > now)

/**
 * The first moment to look at a denial: at once if it is urgent. Moments follow from its clock alone, so that
 * whoever works them out again finds the same.
 */
export const firstLook = (clock: Clock): string =>
  clock.isUrgent ? clock.from : nextLook(clock, clock.from)

/**
 * The next moment to look at a denial: when something becomes due, and in between now and then, since desks
 * close, and what was missing may be attested for a country or a case.
 */
export function nextLook(clock: Clock, after: string): string {
  const [from, due, at] = momentsOf(clock, after)
  const step = stepOf(clock)
  const moments = [
    from + (due - from) / 2,
    ...Array.from({ length: chainMax + 1 }, (_, i) => due + i * step),
  ]
  const isOver = at >= due + chainMax * step
  const every = clock.isUrgent && !isOver ? 5 * minuteMs : hourMs
  const regular = from + (Math.floor((at - from) / every) + 1) * every
  return new Date(
    Math.min(regular, ...moments.map(Math.ceil).filter((each) => each > at)),
  ).toISOString()
}

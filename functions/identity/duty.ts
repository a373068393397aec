/** The duty desk of an agency: whom to phone about what waits for it, and when somebody is there. */

import * as z from 'zod'
import { type Calendar, dayBefore, kindOfDay, minutesOf, onTheWall } from '../decision/due.ts'
import { agencyId } from '../decision/request.ts'

const time = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time such as 08:30')

/** The schema of a duty desk. */
export const dutySchema = z.strictObject({
  /** With the code of its country (ITU-T E.164). */
  telephone: z.string().regex(/^\+[1-9]\d{5,14}$/, 'a number such as +442079460000'),
  /** ISO 639-1, the best first. */
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, 'a language such as en'))
    .min(1)
    .max(8),
  /**
   * When somebody is there, in the agency's time zone; on its holidays only what says `holiday`. A span that does
   * not end after it begins ends on the next day.
   */
  hours: z
    .array(
      z.strictObject({
        days: z
          .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday']))
          .min(1)
          .max(8),
        from: time,
        until: time,
      }),
    )
    .min(1)
    .max(14),
  /** The office that is told where this one does not act in time. */
  deputy: agencyId.optional(),
})
/** A duty desk. */
export type DutyDesk = z.infer<typeof dutySchema>

/** Whether somebody is at a desk at a moment; undefined if the agency has none. */
export function isOnDuty(
  { duty, ...calendar }: Calendar & { readonly duty?: DutyDesk | undefined },
  at: string,
): boolean | undefined {
  if (duty === undefined) return undefined
  const { day, minutes } = onTheWall(at, calendar.timeZone)
  const today = kindOfDay(day, calendar)
  const yesterday = kindOfDay(dayBefore(day), calendar)
  return duty.hours.some(({ days, ...span }) => {
    const [from, until] = [minutesOf(span.from), minutesOf(span.until)]
    const isOverNight = until <= from
    return (
      (days.includes(today) && minutes >= from && (isOverNight || minutes < until)) ||
      (isOverNight && days.includes(yesterday) && minutes < until)
    )
  })
}

/**
 * When an answer is due: periods of hours and of days, working days and holidays, by the clock on the wall of
 * the holder.
 */

import { after, dayIn, remembered } from '../policy/history.ts'

/** Where days begin and end, and which of them are public holidays (`2026-12-25`). */
export type Calendar = {
  /** IANA. */
  readonly timeZone: string
  readonly holidays?: readonly string[] | undefined
}

/** A time that the law sets for an answer. */
export type LawTime = {
  /** ISO 8601, in hours or days. */
  readonly within: string
  /** The policy that names it, such as `eu/2023-977`. */
  readonly policy: string
  readonly cites: readonly string[]
}

/** A time that a holder sets itself. */
export type OwnTime = { readonly hours: number } | { readonly workingDays: number }

/**
 * The moment at which the law's time ends. Hours count by the clock. Days of the Union's law count as
 * Regulation 1182/71 says: not the day of the event, to the end of the last day, which is a working day, with
 * at least two working days in two days or more (art. 3(1), (2)(b), (4), (5)). Days of other laws are 24 hours
 * each, which is never later.
 */
export const endOfLawTime = (
  from: string,
  { within, policy }: Pick<LawTime, 'within' | 'policy'>,
  calendar: Calendar,
): string =>
  within.startsWith('PT') || !policy.startsWith('eu/')
    ? after(from, within)
    : endOfDay(lastDay(from, Number.parseInt(within.slice(1), 10), calendar), calendar)

/** The moment at which a holder's own time ends; working days are counted from the day after. */
export const endOfOwnTime = (from: string, time: OwnTime, calendar: Calendar): string => {
  if ('hours' in time) return after(from, `PT${time.hours}H`)
  let day = midnight(dayIn(from, calendar.timeZone))
  for (let left = time.workingDays, tries = 0; left > 0 && tries < daysMax; tries++) {
    day += dayMs
    if (isWorkingDay(day, calendar)) left -= 1
  }
  return endOfDay(day, calendar)
}

/** Most days to walk, so that a calendar of holidays alone ends, too. */
const daysMax = 400

function lastDay(from: string, days: number, calendar: Calendar): number {
  let day = midnight(dayIn(from, calendar.timeZone))
  let working = 0
  for (let passed = 1; passed < days + daysMax; passed++) {
    day += dayMs
    const isWorking = isWorkingDay(day, calendar)
    if (isWorking) working += 1
    if (passed >= days && isWorking && (days < 2 || working >= 2)) break
  }
  return day
}

// Days are walked as numbers: the ms since the epoch at which each begins in UTC.

const dayMs = 86_400_000
const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** All but public holidays, Sundays and Saturdays (Regulation 1182/71 art. 2(2)). */
const isWorkingDay = (day: number, { holidays = [] }: Calendar): boolean =>
  new Date(day).getUTCDay() % 6 !== 0 && (holidays.length === 0 || !holidays.includes(dayOf(day)))

/** The moment at which a day is over. */
function endOfDay(day: number, { timeZone }: Calendar): string {
  const next = day + dayMs
  // Twice, since clocks may be changed between that moment and midnight in UTC.
  const about = next - offsetMs(next, timeZone)
  return new Date(next - offsetMs(about, timeZone)).toISOString()
}

/** The day and the minutes since midnight that the clock in a zone shows. */
export function onTheWall(
  at: string,
  timeZone: string,
): { readonly day: string; readonly minutes: number } {
  const shown = Date.parse(at) + offsetMs(Date.parse(at), timeZone)
  const day = dayOf(shown)
  return { day, minutes: Math.floor((shown - midnight(day)) / 60_000) }
}

/**
 * How far the clock in a zone is ahead of UTC, ms. In every zone clocks are changed on a quarter of an hour, so
 * instants of one quarter have one offset.
 */
const offsetMs = (at: number, timeZone: string): number => {
  const quarter = Math.floor(at / quarterMs)
  return remembered(offsets, `${quarter} ${timeZone}`, () => {
    const began = quarter * quarterMs
    const [day = '', time = ''] = clockOf(timeZone).format(began).split(' ')
    return midnight(day) + minutesOf(time) * 60_000 - began
  })
}

const quarterMs = 900_000
const offsets = new Map<string, number>()

/** Formats an instant as the day and the time in a zone. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
    })
  clocks.set(timeZone, clock)
  return clock
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** Minutes since midnight of a time such as `08:30`. */
export const minutesOf = (time: string): number =>
  Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

/** The day after and before, and the weekday, for hours that are told by weekday. */
export const dayBefore = (day: string): string => dayOf(midnight(day) - dayMs)

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
/** A day of the week, or a public holiday, whatever weekday that is. */
export const kindOfDay = (
  day: string,
  { holidays = [] }: Pick<Calendar, 'holidays'>,
): (typeof weekdays)[number] | 'holiday' =>
  holidays.includes(day) ? 'holiday' : (weekdays[new Date(midnight(day)).getUTCDay()] ?? 'sun')

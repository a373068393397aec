/** When an answer is due: the periods of the Union's law and of a holder, by the clock on its wall. */

import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { endOfLawTime, endOfOwnTime, onTheWall } from '../../functions/decision/due.ts'

const berlin = { timeZone: 'Europe/Berlin', holidays: ['2026-12-25', '2026-12-26', '2027-01-01'] }
const of = (within: string, policy = 'eu/a') => ({ within, policy })

describe('A time of the Union’s law', () => {
  // Reg. 1182/71 art. 3(1), second subparagraph, and (2)(b): not the day of the request, to the end of the last.
  test('in days ends when its last day does, and does not count the day of the request', () => {
    const wednesdayMorning = '2026-11-25T09:00:00.000Z'
    expect(endOfLawTime(wednesdayMorning, of('P7D'), berlin)).toBe('2026-12-02T23:00:00.000Z')
    // Half past midnight on Thursday in Berlin is still Wednesday in UTC.
    expect(endOfLawTime('2026-11-25T23:30:00.000Z', of('P7D'), berlin)).toBe(
      '2026-12-03T23:00:00.000Z',
    )
  })

  // Art. 3(4). Kills: the last day, whatever day it is.
  test('in days that would end on a Saturday, a Sunday or a holiday ends on the next working day', () => {
    const saturday = '2026-11-28T09:00:00.000Z'
    expect(endOfLawTime(saturday, of('P7D'), berlin)).toBe('2026-12-07T23:00:00.000Z')
    const weekBeforeChristmas = '2026-12-18T09:00:00.000Z'
    expect(endOfLawTime(weekBeforeChristmas, of('P7D'), berlin)).toBe('2026-12-28T23:00:00.000Z')
  })

  // Art. 3(5). Kills: three days from Friday that end on Monday, the only working day among them.
  test('of two days or more has at least two working days', () => {
    const friday = '2026-11-27T09:00:00.000Z'
    expect(endOfLawTime(friday, of('P3D'), berlin)).toBe('2026-12-01T23:00:00.000Z')
    expect(endOfLawTime(friday, of('P1D'), berlin)).toBe('2026-11-30T23:00:00.000Z')
  })

  // Art. 3(4): only of a period "expressed otherwise than in hours".
  test('in hours is counted by the clock, through nights, Sundays and holidays', () => {
    expect(endOfLawTime('2026-12-24T22:00:00.000Z', of('PT8H'), berlin)).toBe(
      '2026-12-25T06:00:00.000Z',
    )
    expect(endOfLawTime('2026-11-27T22:00:00.000Z', of('PT48H'), berlin)).toBe(
      '2026-11-29T22:00:00.000Z',
    )
  })

  test('of another legislator is counted in days of 24 hours, which is never later', () => {
    const saturday = '2026-11-28T09:00:00.000Z'
    expect(endOfLawTime(saturday, of('P7D', 'ch/b'), berlin)).toBe('2026-12-05T09:00:00.000Z')
  })

  test('ends even where every day is a holiday', () => {
    const all = Array.from({ length: 800 }, (_, i) =>
      new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10),
    )
    const end = endOfLawTime('2026-01-01T09:00:00.000Z', of('P7D'), { ...berlin, holidays: all })
    expect(end < '2027-03-01').toBe(true)
  })
})

describe('A holder’s own time', () => {
  test('in working days leaves out weekends and its holidays', () => {
    const wednesday = '2026-12-23T09:00:00.000Z'
    expect(endOfOwnTime(wednesday, { workingDays: 1 }, berlin)).toBe('2026-12-24T23:00:00.000Z')
    expect(endOfOwnTime(wednesday, { workingDays: 2 }, berlin)).toBe('2026-12-28T23:00:00.000Z')
  })

  test('in hours is counted by the clock', () => {
    expect(endOfOwnTime('2026-12-24T22:00:00.000Z', { hours: 8 }, berlin)).toBe(
      '2026-12-25T06:00:00.000Z',
    )
  })
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
]

describe('The clock on the wall, whatever the zone', () => {
  const instants = fc.date({
    min: new Date('2015-01-01T00:00:00Z'),
    max: new Date('2030-01-01T00:00:00Z'),
    noInvalidDate: true,
  })

  test('is what Temporal says', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (date, timeZone) => {
        const at = date.toISOString()
        const zoned = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone)
        expect(onTheWall(at, timeZone)).toEqual({
          day: zoned.toPlainDate().toString(),
          minutes: zoned.hour * 60 + zoned.minute,
        })
      }),
    )
  })

  // Kills: an offset taken once, at midnight in UTC, when clocks are changed in between.
  test('a day ends where Temporal lets the next begin, on days when clocks are changed, too', () => {
    const days = fc.oneof(
      instants,
      fc.constantFrom(
        ...['2026-03-28', '2026-10-24', '2026-03-07', '2026-10-31', '2026-04-04', '2026-04-23'].map(
          (day) => new Date(`${day}T12:00:00Z`),
        ),
      ),
    )
    fc.assert(
      fc.property(days, fc.constantFrom(...zones), (date, timeZone) => {
        const at = date.toISOString()
        const end = endOfOwnTime(at, { workingDays: 1 }, { timeZone })
        const from = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDate()
        let day = from.add({ days: 1 })
        while (day.dayOfWeek > 5) day = day.add({ days: 1 })
        const next = day.add({ days: 1 }).toZonedDateTime(timeZone).toInstant()
        expect(end).toBe(new Date(next.epochMilliseconds).toISOString())
      }),
    )
  })
})

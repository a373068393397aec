/** When somebody is reminded of an open denial, and when others are told. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstLook, nextLook, owingTo } from '../../../functions/answer/reminders/schedule.ts'
import type { Agency } from '../../../functions/identity/register.ts'

/** An office with a desk at these hours of every day, or without any. */
const office = (id: string, from?: string, until?: string): Agency => ({
  ...{ id, name: id, jurisdiction: 'GB', authorityType: 'central-authority', status: 'active' },
  ...{ timeZone: 'UTC', channels: [], cannotHonour: [], attests: [], holdsRecords: false },
  ...{ requestsPerMinute: 1, keys: [] },
  ...(from && until
    ? {
        duty: {
          telephone: '+442079460000',
          languages: ['en'],
          hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from, until }],
        },
      }
    : {}),
})
const clock = { from: '2026-11-25T10:00:00.000Z', due: '2026-11-25T18:00:00.000Z', isUrgent: false }
const urgent = { ...clock, isUrgent: true }
const told = (offices: readonly Agency[], of: typeof clock, at: string) =>
  owingTo(offices, of, `2026-11-25T${at}:00.000Z`).map(({ what, to }) => `${what} ${to}`)

describe('An urgent denial', () => {
  const asleep = office('A', '08:00', '09:00')
  const awake = office('C', '00:00', '24:00')

  test('is passed on at once past every desk at which nobody is, and no further', () => {
    expect(
      told([asleep, office('B', '08:00', '09:00'), awake, office('D')], urgent, '10:00'),
    ).toEqual(['escalation B', 'escalation C'])
  })

  // Kills: a desk that is not registered taken for one where nobody is.
  test('is not passed on past an office without a desk, nor where somebody is there', () => {
    expect(told([office('A'), awake], urgent, '10:00')).toEqual([])
    expect(told([awake, office('B')], urgent, '10:00')).toEqual([])
  })

  test('that is not urgent waits for the morning', () => {
    expect(told([asleep, awake], clock, '10:00')).toEqual([])
  })
})

describe('Of an office that is the only one', () => {
  test('nobody else is told', () => {
    expect(told([office('A', '08:00', '09:00')], urgent, '10:00')).toEqual([])
    expect(told([office('A')], clock, '14:00')).toEqual(['reminder A'])
    expect(told([office('A')], clock, '18:00')).toEqual(['overdue A'])
  })
})

test('However long nobody acts, the first office and three others are told', () => {
  const many = ['A', 'B', 'C', 'D', 'E', 'F'].map((id) => office(id))
  const years = { ...clock, from: '2020-01-01T00:00:00.000Z', due: '2020-01-02T00:00:00.000Z' }
  expect(told(many, years, '10:00')).toEqual([
    'overdue A',
    'escalation B',
    'escalation C',
    'escalation D',
  ])
})

const instants = fc
  .integer({ min: 0, max: 90 * 86_400_000 })
  .map((ms) => new Date(Date.parse(clock.from) + ms).toISOString())
const clocks = fc.record({
  from: fc.constant(clock.from),
  due: instants,
  isUrgent: fc.boolean(),
})

describe('Whatever the clock of a denial', () => {
  // Kills: a moment that does not move, so that one denial is looked at again and again; one beyond an hour.
  test('the next look comes after this one, and within an hour', () => {
    fc.assert(
      fc.property(clocks, instants, (of, at) => {
        const ahead = Date.parse(nextLook(of, at)) - Date.parse(at)
        expect(ahead).toBeGreaterThan(0)
        expect(ahead).toBeLessThanOrEqual(3_600_000)
      }),
    )
  })

  // Kills: moments that depend on when they were worked out: two ticks at once would leave two rows for good.
  test('two ticks close together find the same next look', () => {
    fc.assert(
      fc.property(clocks, instants, (of, at) => {
        const next = nextLook(of, at)
        const between = new Date((Date.parse(at) + Date.parse(next) - 1) / 2).toISOString()
        expect(nextLook(of, between)).toBe(next)
      }),
    )
  })

  test('no moment at which somebody new is owed something lies between two looks, but for desks that close', () => {
    const offices = ['A', 'B', 'C', 'D'].map((id) => office(id))
    fc.assert(
      fc.property(clocks, instants, (of, at) => {
        const next = nextLook(of, at)
        const before = new Date(Date.parse(next) - 1).toISOString()
        if (before < at) return
        expect(owingTo(offices, of, before)).toEqual(owingTo(offices, of, at))
      }),
    )
  })

  test('it is first looked at at once if it is urgent, else within its first hour', () => {
    expect(firstLook(urgent)).toBe(clock.from)
    expect(firstLook(clock)).toBe('2026-11-25T11:00:00.000Z')
  })
})

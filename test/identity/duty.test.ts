/** The duty desk of an agency: when somebody is there. */

import { describe, expect, test } from 'vitest'
import { dutySchema, isOnDuty } from '../../functions/identity/duty.ts'

const desk = (...hours: unknown[]) =>
  dutySchema.parse({ telephone: '+442079460000', languages: ['en'], hours })
const workdays = ['mon', 'tue', 'wed', 'thu', 'fri']

describe('Somebody is at the desk', () => {
  test('in its hours, in its own zone, from the first minute and not in the last', () => {
    const office = {
      timeZone: 'America/New_York',
      duty: desk({ days: workdays, from: '09:00', until: '17:00' }),
    }
    // Wednesday, five hours behind UTC.
    expect(isOnDuty(office, '2026-11-25T13:59:59.000Z')).toBe(false)
    expect(isOnDuty(office, '2026-11-25T14:00:00.000Z')).toBe(true)
    expect(isOnDuty(office, '2026-11-25T21:59:59.000Z')).toBe(true)
    expect(isOnDuty(office, '2026-11-25T22:00:00.000Z')).toBe(false)
    expect(isOnDuty(office, '2026-11-28T15:00:00.000Z')).toBe(false)
  })

  // Kills: a night that ends at midnight, or that the day after decides.
  test('through the night that began on a day of its hours', () => {
    const office = {
      timeZone: 'Europe/London',
      duty: desk({ days: ['fri'], from: '22:00', until: '06:00' }),
    }
    expect(isOnDuty(office, '2026-11-27T23:00:00.000Z')).toBe(true)
    expect(isOnDuty(office, '2026-11-28T05:59:00.000Z')).toBe(true)
    expect(isOnDuty(office, '2026-11-28T06:00:00.000Z')).toBe(false)
    expect(isOnDuty(office, '2026-11-27T05:00:00.000Z')).toBe(false)
  })

  test('on its holidays only in the hours of holidays', () => {
    const office = {
      timeZone: 'Europe/London',
      holidays: ['2026-12-25'],
      duty: desk(
        { days: workdays, from: '09:00', until: '17:00' },
        { days: ['holiday'], from: '10:00', until: '12:00' },
      ),
    }
    expect(isOnDuty(office, '2026-12-25T09:30:00.000Z')).toBe(false)
    expect(isOnDuty(office, '2026-12-25T10:30:00.000Z')).toBe(true)
    expect(isOnDuty(office, '2026-12-24T09:30:00.000Z')).toBe(true)
  })

  test('always, if its hours are all hours', () => {
    const days = [...workdays, 'sat', 'sun', 'holiday']
    const office = { timeZone: 'UTC', duty: desk({ days, from: '00:00', until: '24:00' }) }
    for (const at of ['2026-11-28T00:00:00.000Z', '2026-11-28T23:59:59.999Z'])
      expect(isOnDuty(office, at)).toBe(true)
  })

  test('is not known of an agency without a desk', () => {
    expect(isOnDuty({ timeZone: 'UTC' }, '2026-11-28T00:00:00.000Z')).toBeUndefined()
  })
})

describe('The register takes no desk', () => {
  const good = {
    telephone: '+442079460000',
    languages: ['en'],
    hours: [{ days: ['mon'], from: '09:00', until: '17:00' }],
  }
  test.each([
    ['whose telephone is a text', { telephone: 'ask for Tom' }],
    ['whose telephone has no country', { telephone: '02079460000' }],
    ['without hours', { hours: [] }],
    [
      'with an hour that does not exist',
      { hours: [{ days: ['mon'], from: '25:00', until: '26:00' }] },
    ],
    [
      'with a day that does not exist',
      { hours: [{ days: ['workday'], from: '09:00', until: '17:00' }] },
    ],
    ['with a language in words', { languages: ['English'] }],
    ['with more languages than anybody reads', { languages: Array(9).fill('en') }],
    ['with more than it is asked for', { note: 'ring twice' }],
  ])('%s', (_, changes) => {
    expect(dutySchema.safeParse(good).success).toBe(true)
    expect(dutySchema.safeParse({ ...good, ...changes }).success).toBe(false)
  })
})

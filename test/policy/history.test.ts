/** What is in force on a day, and what was known of it at a moment. */

import * as fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../functions/policy/book.ts'
import {
  after,
  besideToday,
  dayIn,
  hoursOf,
  inForce,
  yearsBetween,
} from '../../functions/policy/history.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { timeZones } from '../../functions/workbench/law/lint.ts'
import { fileOf, listOf, permit } from '../decision/write.ts'

const long = '2030-01-01T00:00:00Z'
const own = { id: 'de/own', kind: 'ground', rules: [permit('a', true)] } as const
const version = (day: string, revision?: number, over: object = {}): SourceFile => {
  const { text } = fileOf(own)
  const name = revision === undefined ? day : `${day}.r${revision}`
  const file = JSON.stringify({ ...(JSON.parse(text) as object), ...over })
  return { path: `de/own/${name}.json`, text: file }
}

/** The versions in force; `seals` gives the moment of each path's seal, and by default 2019. */
function versionsOn(
  files: readonly SourceFile[],
  asOf: string,
  asKnown = long,
  seals: Readonly<Record<string, string | undefined>> = {},
): readonly string[] {
  const sealedAt = (path: string) => (path in seals ? seals[path] : '2019-01-01T00:00:00Z')
  const { book, faults } = readBook(files, sealedAt)
  expect(faults).toEqual([])
  return inForce(book, asOf, asKnown).policies.map((policy) => policy.version)
}

describe('a version', () => {
  const two = [version('2020-01-01'), version('2024-07-01')]

  test('is in force from its day on, until its successor starts', () => {
    expect(versionsOn(two, '2019-12-31')).toEqual([])
    expect(versionsOn(two, '2020-01-01')).toEqual(['2020-01-01'])
    expect(versionsOn(two, '2024-06-30')).toEqual(['2020-01-01'])
    expect(versionsOn(two, '2024-07-01')).toEqual(['2024-07-01'])
  })

  test('gives way to its highest revision, in numbers and not in letters', () => {
    const revised = [version('2020-01-01', 10), version('2020-01-01', 2), version('2020-01-01')]
    expect(versionsOn(revised, '2021-01-01')).toEqual(['2020-01-01.r10'])
  })

  test('is not displaced by a revision of an older one', () => {
    expect(versionsOn([...two, version('2020-01-01', 2)], '2025-01-01')).toEqual(['2024-07-01'])
  })

  test('that is repealed leaves nothing in force from its day on', () => {
    const repealed = [version('2020-01-01'), version('2024-07-01', undefined, { repealed: true })]
    expect(versionsOn(repealed, '2024-06-30')).toEqual(['2020-01-01'])
    expect(versionsOn(repealed, '2024-07-01')).toEqual([])
  })
})

describe('as it was known', () => {
  const draft = [version('2020-01-01'), version('2020-01-01', 2)]
  const path = 'de/own/2020-01-01.r2.json'

  test('a draft is never in force', () => {
    expect(versionsOn(draft, '2021-01-01', long, { [path]: undefined })).toEqual(['2020-01-01'])
  })

  test('a correction counts from its sealing on, and not before', () => {
    const seals = { [path]: '2022-03-01T12:00:00Z' }
    expect(versionsOn(draft, '2022-03-01', '2022-03-01T11:59:59Z', seals)).toEqual(['2020-01-01'])
    expect(versionsOn(draft, '2022-03-01', '2022-03-01T12:00:00Z', seals)).toEqual([
      '2020-01-01.r2',
    ])
  })

  test('an old day is still read as it was known then', () => {
    const seals = { [path]: '2022-03-01T12:00:00Z' }
    expect(versionsOn(draft, '2021-01-01', '2021-01-01T09:00:00Z', seals)).toEqual(['2020-01-01'])
  })

  test('moments compare as moments, however finely they are written', () => {
    const seals = { [path]: '2022-03-01T12:00:00Z' }
    const asKnown = '2022-03-01T12:00:00.500Z'
    expect(versionsOn(draft, '2022-03-01', asKnown, seals)).toEqual(['2020-01-01.r2'])
  })
})

describe('a day is a day of the policy', () => {
  const instants = fc.date({
    min: new Date('1990-01-01'),
    max: new Date('2090-01-01'),
    noInvalidDate: true,
  })

  test('an instant may be tomorrow in Tokyo, today in Berlin and yesterday in Honolulu', () => {
    expect(dayIn('2026-11-24T15:30:00Z', 'Asia/Tokyo')).toBe('2026-11-25')
    expect(dayIn('2026-11-24T15:30:00Z', 'Europe/Berlin')).toBe('2026-11-24')
    expect(dayIn('2026-11-24T05:30:00Z', 'Pacific/Honolulu')).toBe('2026-11-23')
  })

  // Kills: the day in UTC; an hour written as 24; a month without its zero.
  test('an instant is on the day that Temporal says, in every zone', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...timeZones()), (at, zone) => {
        const day = Temporal.Instant.from(at.toISOString()).toZonedDateTimeISO(zone).toPlainDate()
        expect(dayIn(at.toISOString(), zone)).toBe(day.toString())
      }),
    )
  })

  // Kills: days nearby counted to the wrong side; a zone passed over on the days around.
  test('a day is over, today or to come as Temporal compares it, near or far', () => {
    const anyDay = fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.integer({ min: -20_000, max: 20_000 }),
    )
    fc.assert(
      fc.property(instants, anyDay, fc.constantFrom(...timeZones()), (at, days, zone) => {
        const today = Temporal.Instant.from(at.toISOString()).toZonedDateTimeISO(zone).toPlainDate()
        const day = today.add({ days })
        expect(besideToday(day.toString(), at.toISOString(), zone)).toBe(Math.sign(days))
      }),
    )
  })

  test('a day that is given is that day everywhere', () => {
    expect(dayIn('2026-11-24', 'Asia/Tokyo')).toBe('2026-11-24')
  })

  test('a version starts at midnight of its own time zone', () => {
    const tokyo = [version('2026-11-25', undefined, { timeZone: 'Asia/Tokyo' })]
    expect(versionsOn(tokyo, '2026-11-24T14:59:59Z')).toEqual([])
    expect(versionsOn(tokyo, '2026-11-24T15:00:00Z')).toEqual(['2026-11-25'])
    const berlin = [version('2026-11-25', undefined, { timeZone: 'Europe/Berlin' })]
    expect(versionsOn(berlin, '2026-11-24T15:00:00Z')).toEqual([])
    expect(versionsOn(berlin, '2026-11-24T23:00:00Z')).toEqual(['2026-11-25'])
  })
})

describe('a member of a list', () => {
  const source = { cites: 'art. 1', confidence: 'V' }
  const members = [
    { value: 'JP', from: '2021-01-01', ...source },
    { value: 'GB', from: '2020-01-01', until: '2020-12-31', ...source },
    { membersOf: 'others', from: '2022-01-01', until: '2022-12-31', ...source },
  ]
  const files = [listOf('some', [], { members }), listOf('others', ['CH', 'NO'])]
  const membersOn = (asOf: string, all: readonly SourceFile[] = files, list = 'some') => {
    const { book, faults } = readBook(all, () => '2019-01-01T00:00:00Z')
    expect(faults).toEqual([])
    return inForce(book, asOf, long).lists[list]
  }

  test('is good from its first day to its last, both included', () => {
    expect(membersOn('2020-01-01')).toEqual(['GB'])
    expect(membersOn('2020-12-31')).toEqual(['GB'])
    expect(membersOn('2021-01-01')).toEqual(['JP'])
  })

  test('may be all members of another list, on the days on which both are good', () => {
    expect(membersOn('2022-01-01')).toEqual(['JP', 'CH', 'NO'])
    expect(membersOn('2022-12-31')).toEqual(['JP', 'CH', 'NO'])
    expect(membersOn('2023-01-01')).toEqual(['JP'])
  })

  test('may lead in a circle, which ends', () => {
    const circle = (of: string) => [{ membersOf: of, from: '2020-01-01', ...source }]
    const lists = [
      listOf('a', [], {
        members: [...circle('b'), { value: 'AA', from: '2020-01-01', ...source }],
      }),
      listOf('b', [], { members: circle('a') }),
    ]
    expect(membersOn('2021-01-01', lists, 'b')).toContain('AA')
  })

  test('is a party of the instrument that the list names', () => {
    const { book } = readBook(
      [listOf('parties', ['DE', 'US'], { instrument: 'treaty-a' })],
      () => long,
    )
    expect(inForce(book, '2021-01-01', long).instruments).toEqual({ 'treaty-a': ['DE', 'US'] })
    expect(inForce(book, '2019-01-01', long).instruments).toEqual({})
  })
})

test('an element has its classes and what it holds', () => {
  const elements = [{ value: 'birth-date', class: ['identification'], holds: 'date' }]
  const { book } = readBook([listOf('elements', [], { elements })], () => long)
  expect(inForce(book, '2021-01-01', long).elements).toEqual({
    'birth-date': { classes: ['identification'], holds: 'date' },
  })
})

test('policies and lists come in one order, whatever order the files came in', () => {
  const files = [
    version('2020-01-01'),
    fileOf({ ...own, id: 'at/own' }),
    fileOf({ ...own, id: 'eu/own' }),
  ]
  const ids = (all: readonly SourceFile[]) =>
    inForce(readBook(all, () => long).book, '2021-01-01', long).policies.map(({ id }) => id)
  expect(ids(files)).toEqual(['at/own', 'de/own', 'eu/own'])
  expect(ids(files.toReversed())).toEqual(ids(files))
})

test('years are completed years, and durations are hours or days', () => {
  expect(yearsBetween('2008-11-25', '2026-11-24')).toBe(17)
  expect(yearsBetween('2008-11-24', '2026-11-24')).toBe(18)
  expect(yearsBetween('2008-02-29', '2026-02-28')).toBe(17)
  expect(hoursOf('PT8H')).toBe(8)
  expect(hoursOf('P3D')).toBe(72)
  expect(Date.parse(after('2026-11-24T22:00:00Z', 'PT8H'))).toBe(Date.parse('2026-11-25T06:00:00Z'))
})

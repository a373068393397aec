/** How long the log of a holder is kept, as the lists say it, and what is told where none does. */

import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../functions/policy/book.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { keptFrom, keptUntil, periodOf } from '../../functions/policy/retention.ts'
import { memberWords } from '../../functions/workbench/law/clauses.ts'
import { lint } from '../../functions/workbench/law/lint.ts'
import { deny, fileOf, is, listOf, permit, type WrittenPolicy } from '../decision/write.ts'

const moment = '2026-11-24T09:00:00.000Z'
const member = (value: string, kept: object | undefined, from = '2020-01-01', until?: string) => ({
  ...{ value, from, cites: 'art. 1', confidence: 'V' as const },
  ...(until === undefined ? {} : { until }),
  ...(kept === undefined ? {} : { kept }),
})
const periods = (...members: readonly object[]): SourceFile =>
  listOf('log-retention', [], { members })
const years = (yearsMin: number, yearsMax?: number) => ({
  yearsMin,
  ...(yearsMax === undefined ? {} : { yearsMax }),
  nature: 'mandatory',
})

describe('A period', () => {
  const bookOf = (file: SourceFile, sealedAt: string | undefined = '2020-01-01T00:00:00Z') =>
    readBook([file], () => sealedAt).book
  const minOf = (file: SourceFile, jurisdiction = 'DE', at = moment) =>
    periodOf(bookOf(file), jurisdiction, at)?.yearsMin

  // Kills: an entry of before, or of a day to come; one of another holder.
  test('takes over from the one before it, on its day', () => {
    const file = periods(
      member('DE', years(3), '2020-01-01', '2026-06-30'),
      member('DE', years(1), '2026-07-01'),
    )
    expect(minOf(file, 'DE', '2019-12-31T12:00:00.000Z')).toBeUndefined()
    expect(minOf(file, 'DE', '2026-06-30T12:00:00.000Z')).toBe(3)
    expect(minOf(file, 'DE', '2026-07-01T12:00:00.000Z')).toBe(1)
    expect(minOf(file, 'FR')).toBeUndefined()
  })

  // Kills: a list that counts though nobody signed it.
  test('of a list that nobody sealed, or that was sealed later, is none', () => {
    const file = periods(member('DE', years(3)))
    expect(periodOf(readBook([file], () => undefined).book, 'DE', moment)).toBeUndefined()
    expect(periodOf(bookOf(file, '2026-11-25T00:00:00Z'), 'DE', moment)).toBeUndefined()
  })

  test.each([
    [1, '2027-12-31', '2026-Q1'],
    [1, '2028-01-01', '2027-Q1'],
    [0, '2028-12-31', '2028-Q1'],
    [3, '2028-05-05', '2025-Q1'],
  ])('of the end of the year and %i more keeps on %s what is from %s on', (more, day, quarter) => {
    expect(keptFrom(more, day)).toBe(quarter)
  })

  test('runs to the last day of its year, whichever day the entry is of', () => {
    expect(keptUntil(1, '2026-01-01T00:00:00.000Z')).toBe('2027-12-31')
    expect(keptUntil(3, '2026-12-31T23:59:59.999Z')).toBe('2029-12-31')
  })
})

describe('Whoever reads or signs a list', () => {
  // Kills: periods that change under a signature, unseen.
  test.each([
    [years(1, 1), 'kept for 1 year'],
    [years(5), 'kept for 5 years at least'],
    [years(1, 3), 'kept for 1 to 3 years'],
    [{ yearsMin: 3, nature: 'choice' }, 'kept for 3 years at least, by choice'],
  ])('reads how long each log is kept: %j', (kept, words) => {
    const { lists } = readBook([periods(member('DE', kept))], () => undefined).book
    const [read] = lists[0]?.file.members ?? []
    expect(read && memberWords(read, {})).toBe(
      `Germany (DE), from 1 January 2020, ${words} (art. 1; read at the source)`,
    )
  })
})

describe('policy check', () => {
  const police = is('requester.authorityType', 'police')
  const ground = (id: string, over: Partial<WrittenPolicy> = {}) =>
    fileOf({ id, kind: 'ground', rules: [permit('police', police)], ...over })
  const said = (...files: readonly SourceFile[]): readonly string[] =>
    lint(files, { seals: {}, sealers: [] }, '2026-11-24')
      .filter(({ code }) => code === 'retention' || code === 'shape')
      .map(({ path, pointer, message, fix }) => `${path}${pointer}: ${message} → ${fix}`)
  const missing = (holder: string, path = 'lists/log-retention/2020-01-01.json') =>
    `${path}/members: it says not how long the log of ${holder} is kept, which has a ground of its own → add an entry with "value": "${holder}" and \`kept\`: see FORMAT.md, Lists`

  // Kills: a holder that nobody asks for; bodies and agreements that hold nothing asked for theirs.
  test('asks for a period of every holder that has a ground of its own, and of nobody else', () => {
    const all = [
      ...['de/a', 'fr/a', 'europol/a'].map((id) => ground(id)),
      ...['eu/a', 'un/a', 'coe/a', 'agreements/a'].map((id) => ground(id)),
      fileOf({ id: 'gb/a', kind: 'limit', rules: [deny('a', police)] }),
    ]
    expect(said(...all, periods(member('DE', years(1, 1))))).toEqual([
      missing('EUROPOL'),
      missing('FR'),
    ])
    const two = [member('FR', years(3)), member('EUROPOL', years(3))]
    expect(said(...all, periods(member('DE', years(1, 1)), ...two))).toEqual([])
  })

  // Kills: a period that is over, or not yet begun, taken for one.
  test('takes no period that is over or that is to come for one', () => {
    expect(said(ground('de/a'), periods(member('DE', years(1), '2027-01-01')))).toEqual([
      missing('DE'),
    ])
    const ended = member('DE', years(1), '2020-01-01', '2026-11-23')
    expect(said(ground('de/a'), periods(ended))).toEqual([missing('DE')])
  })

  // Kills: a folder from which the whole list was taken away.
  test('asks for the list itself where there is none', () => {
    expect(said(ground('de/a'), listOf('others', ['DE']))).toEqual([
      missing('DE', 'lists/log-retention/2026-11-24.json'),
    ])
  })

  test('names a member without a period, and a period where none is read', () => {
    expect(said(ground('de/a'), periods(member('DE', undefined)))[0]).toMatch(
      /\/members\/0: it says no period → add `kept`/,
    )
    const stray = listOf('others', [], { members: [member('DE', years(1))] })
    expect(said(periods(member('DE', years(1))), stray)[0]).toMatch(
      /^lists\/others.*\/members\/0: no period is read here → write it in lists\/log-retention/,
    )
  })

  // Kills: a duty to delete what must still be kept.
  test('refuses a period that ends before it may', () => {
    expect(said(ground('de/a'), periods(member('DE', years(3, 1)))).join()).toContain(
      'nothing is deleted before it may be',
    )
  })
})

/** `comity policy timeline`: the law in time, and what is odd about it. */

import { afterAll, describe, expect, test } from 'vitest'
import type { Book, List, Policy } from '../../../functions/policy/book.ts'
import { addPolicyTimeline } from '../../../functions/workbench/commands/policy-timeline.ts'
import { timeline } from '../../../functions/workbench/law/timeline.ts'
import { copyOfPolicies, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { own as law, readOwn } from '../../own-law.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)
const show = (...args: readonly string[]) => run(addPolicyTimeline, folder, ['timeline', ...args])

const today = '2026-11-25'
const adequacy = law.book.lists.find(({ id }) => id === 'led-adequacy') as List
const sis = law.book.policies.find(({ id }) => id === 'eu/alerts') as Policy

type Days = readonly [from: string, until?: string]
/** What is noted on a list with these entries of one state. */
function notesOn(...entries: readonly Days[]): readonly string[] {
  const members = entries.map(([from, until]) => ({
    value: 'GB',
    from,
    ...(until === undefined ? {} : { until }),
    cites: 'Decision',
    confidence: 'V' as const,
  }))
  const book: Book = {
    policies: [],
    lists: [{ ...adequacy, file: { ...adequacy.file, members } }],
  }
  return timeline(book, today).flatMap(({ notes }) => notes)
}

describe('a state on a list', () => {
  test.each<readonly [string, readonly Days[], readonly string[]]>([
    ['is good without end', [['2021-01-01']], []],
    ['has years left', [['2021-01-01', '2031-12-27']], []],
    [
      'is good on its last day',
      [['2021-01-01', '2026-11-25']],
      ['GB is on the list until 2026-11-25 only.'],
    ],
    [
      'is on the list no longer from the day after its last',
      [['2021-01-01', '2026-11-24']],
      ['GB is on the list no longer, since 2026-11-25.'],
    ],
    [
      'is soon on the list no longer',
      [['2021-01-01', '2026-12-31']],
      ['GB is on the list until 2026-12-31 only.'],
    ],
    [
      'has no gap where one entry starts the day after another ended',
      [['2021-01-01', '2025-06-27'], ['2025-06-28']],
      [],
    ],
    [
      'has a gap of one day',
      [['2021-01-01', '2025-06-27'], ['2025-06-29']],
      ['GB is not on the list from 2025-06-28 until 2025-06-28: a gap.'],
    ],
    [
      'is on the list twice on one day',
      [['2021-01-01', '2025-06-27'], ['2025-06-27']],
      ['GB is on the list twice from 2025-06-27 until 2025-06-27.'],
    ],
    [
      'is covered by the longer of two entries',
      [['2021-01-01'], ['2022-01-01', '2022-12-31']],
      ['GB is on the list twice from 2022-01-01 until 2022-12-31.'],
    ],
  ])('%s', (_, entries, notes) => expect(notesOn(...entries)).toEqual(notes))
})

describe('a version', () => {
  const at = (day: string, more: Partial<Policy> = {}): Policy => ({
    ...sis,
    day,
    version: day,
    revision: 1,
    sealedAt: '2020-01-01T00:00:00Z',
    ...more,
  })
  const strip = (...policies: readonly Policy[]) => timeline({ policies, lists: [] }, today)[0]
  const spans = (...policies: readonly Policy[]) =>
    strip(...policies)?.versions.map(({ from, until, state }) => [from, until, state])

  test('ends the day before the next one starts', () => {
    expect(spans(at('2021-01-01'), at('2023-03-07'), at('2027-01-01'))).toEqual([
      ['2021-01-01', '2023-03-06', 'past'],
      ['2023-03-07', '2026-12-31', 'in force'],
      ['2027-01-01', undefined, 'to come'],
    ])
  })

  test('that nobody has sealed is a draft and ends nothing', () => {
    const { sealedAt: _, ...draft } = at('2023-03-07')
    expect(spans(at('2021-01-01'), draft)).toEqual([
      ['2021-01-01', undefined, 'in force'],
      ['2023-03-07', undefined, 'draft'],
    ])
    expect(strip(at('2021-01-01'), draft)?.notes).toEqual([
      '2023-03-07 is a draft: it counts once two people have sealed it.',
    ])
  })

  test('may be corrected for the same day, from its seal on', () => {
    const corrected = at('2021-01-01', {
      version: '2021-01-01.r2',
      revision: 2,
      sealedAt: '2022-02-02T00:00:00Z',
    })
    expect(spans(at('2021-01-01'), corrected, at('2023-03-07'))).toEqual([
      ['2021-01-01', '2023-03-06', 'corrected'],
      ['2021-01-01', '2023-03-06', 'past'],
      ['2023-03-07', undefined, 'in force'],
    ])
    expect(strip(at('2021-01-01'), corrected)?.notes).toEqual([
      '2021-01-01.r2 corrects 2021-01-01 for requests after 2022-02-02.',
    ])
  })

  test('that repeals the law leaves a gap until the next', () => {
    const repeal = at('2022-01-01', { file: { ...sis.file, repealed: true } })
    expect(strip(at('2021-01-01'), repeal, at('2024-01-01'))?.notes).toEqual([
      'It is repealed from 2022-01-01 until 2023-12-31: a gap.',
    ])
  })
})

test('the whole law fits a screen of 100 columns, each policy and list with its strip', async () => {
  const { code, stdout } = await show()
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines.filter((line) => line.length > 100)).toEqual([])
  for (const { id } of law.book.policies)
    expect(lines.some((line) => line.startsWith(id))).toBe(true)
  for (const { id } of law.book.lists)
    expect(lines.some((line) => line.startsWith(`lists/${id}`))).toBe(true)
  expect(stdout).toMatch(/2018-05-25 – 2026-02-13 +─+ +┃/)
  expect(stdout).toMatch(/2026-02-14 – r\d+ +━+/)
  // A correction has one strip with what it corrects, and a note of when it took its place.
  expect(stdout).not.toMatch(/2026-02-14 – 2026-02-14/)
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'de/police: 2026-02-14.r2 corrects 2026-02-14 for requests after ',
  )
})

test('what is odd in the law is named', async () => {
  const flat = (await show()).stdout.replaceAll(/\s+/g, ' ')
  expect(flat).toContain('lists/eu-members: GB is on the list no longer, since 2021-01-01.')
  expect(flat).toContain(
    'lists/led-adequacy: GB is on the list twice from 2025-12-19 until 2025-12-27.',
  )
  expect(flat).toMatch(/Sealed on \d{4}-\d{2}-\d{2}, after the day in the name: \d+ files\./)
})

test('one policy, and a draft beside it', async () => {
  rewrite(folder, 'de/police/2027-05-05.json', () => readOwn('de/police/2026-02-14.json'))
  const { stdout } = await show('de/police', '--json')
  const { strips } = JSON.parse(stdout)
  expect(strips.map(({ id }: { id: string }) => id)).toEqual(['de/police'])
  const states: readonly string[] = strips[0].versions.map(({ state }: { state: string }) => state)
  // However often a version was corrected.
  expect([...new Set(states)]).toEqual(['past', 'corrected', 'in force', 'draft'])
})

test('an unknown name is a wrong usage', async () => {
  const { code, stderr } = await show('de/polcie')
  expect(code).toBe(2)
  expect(stderr).toContain('did you mean `de/police`?')
})

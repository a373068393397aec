/** The law as a bundle carries it. */

import { expect, test } from 'vitest'
import { readBook } from '../../functions/policy/book.ts'
import { carry, opened } from '../../functions/policy/carried.ts'
import { inForce } from '../../functions/policy/history.ts'
import { fileOf, listOf, permit } from '../decision/write.ts'

// Kills: seals, suspensions, revisions or others’ articles left out; a list left out.
test('is the law that was checked, with its seals, its suspensions and whose articles it names', () => {
  const { path, text } = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('a', true)] })
  const transposes = { 'eu/other': { rule: ['art. 1'] } }
  const own = JSON.stringify({ ...(JSON.parse(text) as object), transposes })
  const files = [{ path: path.replace('.json', '.r2.json'), text: own }, listOf('states', [])]
  const from = '2026-01-02T00:00:00Z'
  const { book, faults } = readBook(
    files,
    () => '2026-01-01T00:00:00Z',
    () => [{ from }],
  )
  expect(faults).toEqual([])
  const again = opened(carry(book))
  expect(again).toEqual(book)
  const [policy] = again.policies
  expect(policy).toMatchObject({ revision: 2, suspensions: [{ from }] })
  expect(policy?.transposes.get('eu/other/rule')).toEqual(['art. 1'])
  expect(inForce(again, '2026-01-03', '2026-01-03T00:00:00Z').suspended.size).toBe(1)
  expect(again.lists).toHaveLength(1)
})

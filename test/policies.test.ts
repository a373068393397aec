/** The law as encoded answers as the lawyers said that it does. */

import { describe, expect, test } from 'vitest'
import { runCases } from '../functions/decision/cases.ts'
import { law, lawOn, testFiles } from './decision/law.ts'

test('every policy and list can be read without a fault', () => {
  expect(law.faults).toEqual([])
  expect(law.book.policies.length).toBeGreaterThan(0)
})

test('there are cases to run', () => {
  expect(testFiles.map(({ path }) => path)).not.toEqual([])
})

for (const { path, read } of testFiles)
  describe(path, () => {
    let results: ReturnType<typeof runCases> = []
    try {
      results = runCases(read(), lawOn)
    } catch (error) {
      test('can be read', () => {
        throw error
      })
    }
    for (const { name, failures } of results) test(name, () => expect(failures).toEqual([]))
  })

test('every version is the subject of a test file that lies beside it', () => {
  const about = new Set(testFiles.map(({ read }) => read().about))
  const versions = law.book.policies.map(({ id, version }) => `${id}@${version}`)
  expect(versions.filter((each) => !about.has(each))).toEqual([])
})

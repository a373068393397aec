/** The law as encoded answers as the lawyers said that it does. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPolicies, versionFiles } from '../functions/adapters/policies-files.ts'
import { runCases } from '../functions/decision/cases.ts'
import { checkSeals } from '../functions/policy/seal.ts'
import { law, laws, testFiles } from './decision/law.ts'

const folder = join(import.meta.dirname, '../policies')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

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
      const file = read()
      results = runCases(file, (day) => laws(day, file.about))
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

describe('What was sealed', () => {
  const sealed = () => checkSeals(JSON.parse(read('seals.json')), JSON.parse(read('sealers.json')))
  const files = versionFiles(folder)

  test('is in every byte what two people signed, and suspensions are signed, too', () => {
    expect(readPolicies(folder).faults).toEqual([])
  })

  test('is in the list for sha256sum, and nothing else is', () => {
    const { sealedAt } = sealed()
    const lines = files
      .filter(({ path, text }) => sealedAt(path, digestOf(text)) !== undefined)
      .map(({ path, text }) => `${digestOf(text)}  ${path}`)
    expect(lines).not.toEqual([])
    expect(read('seals.sha256').trimEnd().split('\n').toSorted()).toEqual(lines.toSorted())
  })

  // Kills: a digest that is not compared (seal.ts, `sealedAt`).
  test('is named once a byte of it has changed', () => {
    const { sealedAt, faults } = sealed()
    for (const { path, text } of files) {
      if (sealedAt(path, digestOf(text)) === undefined) continue
      const before = faults.length
      expect(sealedAt(path, digestOf(`${text} `)), path).toBeUndefined()
      expect(faults.slice(before)).toMatchObject([{ path, code: 'changed' }])
    }
  })
})

/** The law as encoded answers as the lawyers said that it does. */

import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { foundLaw, readPolicies } from '../functions/adapters/policies-files.ts'
import { judge } from '../functions/policy/check-seals.ts'
import { doesNotBind } from '../functions/workbench/law/bound.ts'
import { type CaseFile, decideCase, failures, inputOf } from '../functions/workbench/law/cases.ts'
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

const versions = new Set(law.book.policies.map(({ id, version }) => `${id}@${version}`))
/** Whether a correction took the place of a version. */
const isCorrected = (about: string): boolean => {
  const [, first = about, revision = '1'] = /^(.*?)(?:\.r(\d+))?$/.exec(about) ?? []
  return versions.has(`${first}.r${Number(revision) + 1}`)
}

/** What lies in the alert system stays in it, whoever has come to hold it: its own article is named to any holder. */
const isOfAnother = (cite: string): boolean => cite !== 'Regulation (EU) 2018/1862 art. 65'

/** Answers every case. Where it is unknown on what a request rests, all that may bind counts: nothing is foreign. */
const answered = (file: CaseFile) =>
  file.cases.map((each) => {
    const input = inputOf(file, each)
    const now = laws(input.asOf, file.about)
    const decision = decideCase(now, input)
    const holder = String(input.facts['holder.jurisdiction'])
    const claimed = String(input.facts['request.instrument'])
    const rests = claimed === 'none' || Object.hasOwn(now.instruments, claimed)
    const cites = [...decision.reasons, ...decision.obligations].flatMap((of) => of.cites)
    const foreign = cites.filter((cite) => rests && doesNotBind(cite, holder, now.lists))
    return { name: each.name, failures: failures(each, decision), foreign }
  })

for (const { path, read } of testFiles)
  describe(path, () => {
    let results: ReturnType<typeof answered> = []
    try {
      const file = read()
      results = answered(file)
      // Kills: an article of the Union that is named to the United States.
      if (file.about === undefined || !isCorrected(file.about))
        test('names no article that does not bind who holds the data', () => {
          const named = results
            .map(({ name, foreign }) => ({ name, foreign: foreign.filter(isOfAnother) }))
            .filter(({ foreign }) => foreign.length > 0)
          expect(named.map(({ name, foreign }) => [name, ...foreign])).toEqual([])
        })
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
  const found = foundLaw(folder)
  const { sealed } = judge(found)

  test('is in every byte what two people signed, and suspensions are signed, too', () => {
    expect(readPolicies(folder).faults).toEqual([])
  })

  test('is in the list for sha256sum of its folder, and nothing else is', () => {
    const lists = globSync('*/seals.sha256', { cwd: folder })
    const lines = lists.flatMap((path) => read(path).trimEnd().split('\n'))
    const files = found.files.filter(({ path }) => sealed.has(path))
    expect(files.length).toBeGreaterThan(150)
    expect(lines.toSorted()).toEqual(
      files.map(({ path, text }) => `${digestOf(text)}  ${path}`).toSorted(),
    )
  })

  // Kills: a digest that is not compared (set.ts, `faultsOf`).
  test('is named once a byte of it has changed', () => {
    const files = found.files.map(({ path, text }) => ({ path, text: `${text} ` }))
    const { faults, sealedAt } = judge({ ...found, files })
    expect(faults.map(({ path, code }) => `${path} ${code}`).toSorted()).toEqual(
      [...sealed.keys()].map((path) => `${path} changed`).toSorted(),
    )
    for (const { path, text } of files) expect(sealedAt(path, digestOf(text))).toBeUndefined()
  })
})

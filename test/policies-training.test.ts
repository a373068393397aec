/** The exercise: its cases are those of the scenarios, and its answers are the engine's. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { beforeAll, describe, expect, test } from 'vitest'
import { versionFiles } from '../functions/adapters/policies-files.ts'
import { choiceOf, lawSays, trainingPages } from '../functions/console/training.ts'
import { trainingCases } from '../functions/console/training-cases.ts'
import { readBook } from '../functions/policy/read-book.ts'
import { caseFileSchema, failures, inputOf } from '../functions/workbench/law/cases.ts'
import { fixedLaw } from './fixed-law.ts'

const policies = join(import.meta.dirname, '../policies')
const scenarios = join(policies, 'scenarios')
const now = () => new Date('2026-11-28T12:00:00Z')
let world: Parameters<typeof trainingPages>[0]
let app: Hono
beforeAll(() => {
  const { book, faults } = readBook(versionFiles(policies), () => '2026-11-24T00:00:00Z')
  if (book === undefined) throw new Error(faults.map(({ message }) => message).join('; '))
  world = { law: fixedLaw(book), now, gateway: 'comity.test' }
  app = new Hono().route('/console', trainingPages(world))
})
const page = async (query: string) => (await app.request(`/console/training${query}`)).text()

describe.each(trainingCases.map((each) => [each.title.write('en'), each] as const))(
  '%s',
  (_, each) => {
    const [file, name] = each.scenario
    const read = caseFileSchema.parse(
      JSON.parse(readFileSync(join(scenarios, `${file}.test.json`), 'utf8')),
    )
    const stated = read.cases.find((one) => one.name === name)
    if (stated === undefined) throw new Error(`${file} has no case “${name}”`)

    // Kills: a story whose facts are no longer those of the scenario that a lawyer stated.
    test('has the facts of its scenario', () => {
      const { asOf, facts, items } = inputOf(read, stated)
      expect(each.asOf).toBe(asOf)
      expect(each.facts).toEqual(facts)
      expect(each.items).toEqual(items)
    })

    test('is answered as the scenario expects, for the same reasons', async () => {
      expect(failures(stated, await lawSays(each, world))).toEqual([])
    })
  },
)

test('There are twelve, of every outcome', async () => {
  const answers = await Promise.all(trainingCases.map(async (each) => lawSays(each, world)))
  expect(answers).toHaveLength(12)
  expect(new Set(answers.map(choiceOf))).toEqual(new Set(['release', 'redact', 'open', 'final']))
})

test('A reader sees the story and decides before the law is shown', async () => {
  const text = await page('?case=4')
  expect(text).toContain('Germany has it from Austria alone')
  expect(text).toContain('What may be given?')
  expect(text).not.toContain('What the law says</h2>')
  expect(text).not.toContain('IRG')
})

// Kills: an answer that is said to be right whatever it is.
test('Then it says whether the law decides so, and why, with its articles', async () => {
  const right = await page('?case=4&answer=open')
  expect(right).toContain('As you decided')
  expect(right).toContain('data-right="yes"')
  expect(right).toMatch(/Dir\. 2023\/977 art\. \d/)
  const wrong = await page('?case=4&answer=release')
  expect(wrong).toContain('Not as you decided')
  expect(wrong).toContain('data-right="no"')
})

test('Nonsense in the address leads to the list, or to the question', async () => {
  for (const query of ['', '?case=0', '?case=13', '?case=x', '?case=1.5'])
    expect(await page(query)).toContain('Twelve cases to decide')
  expect(await page('?case=1&answer=constructor')).toContain('What may be given?')
})

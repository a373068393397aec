/** `comity policy compare`: one matter, and who says what on it. */

import { afterAll, expect, test } from 'vitest'
import { addPolicyCompare } from '../../../functions/workbench/commands/policy-compare.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { comity } from '../../cli/run.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)
const compare = (...args: readonly string[]) => run(addPolicyCompare, folder, ['compare', ...args])

type Voice = {
  folder: string
  silent: boolean
  rules: { id: string; words: string; effect: string; unless: unknown[] }[]
  transposes: { rule: string; cites: string[] }[]
}
async function voices(topic: string): Promise<Record<string, Voice>> {
  const { stdout } = await compare(topic, '--json')
  const all: Voice[] = JSON.parse(stdout).voices
  return Object.fromEntries(all.map((each) => [each.folder, each]))
}
const rulesOf = (voice: Voice | undefined) => voice?.rules.map(({ id }) => id)

test('death penalty: the Union and Britain refuse, Germany by its own article, France by its code', async () => {
  const { de, eu, fr, gb } = await voices('death-penalty')
  expect(rulesOf(eu)).toEqual(['eu/transfers/death-penalty'])
  expect(rulesOf(gb)).toEqual(['gb/assistance/death-penalty'])
  expect(rulesOf(fr)).toEqual(['fr/assistance/death-penalty'])
  expect(gb?.rules[0]?.unless.length).toBe(2)
  expect(de?.transposes).toEqual([
    { rule: 'eu/transfers/death-penalty', cites: ['BKAG § 28(2) no. 4'] },
  ])
})

test('seriousness: a year at most, in the Union alone', async () => {
  const { eu, gb } = await voices('seriousness')
  expect(rulesOf(eu)).toContain('eu/exchange/seriousness')
  const words = eu?.rules.find(({ id }) => id.endsWith('/seriousness'))?.words
  expect(words).toContain("under the holder's law is at most 12 months")
  expect(gb?.silent).toBe(true)
})

test('minors: German review periods', async () => {
  const { de, gb } = await voices('minors')
  expect(rulesOf(de)).toEqual([
    'de/police/child-review',
    'de/police/juvenile-review',
    'de/police/others-review',
  ])
  expect(gb?.silent).toBe(true)
})

test('onward transfer: the duty of the recipient, and the consent of the state that gave the data', async () => {
  const { eu, gb } = await voices('onward-transfer')
  expect(rulesOf(eu)).toEqual(
    expect.arrayContaining(['eu/transfers/onward', 'eu/transfers/origin']),
  )
  expect(rulesOf(gb)).toEqual(['gb/police-data/origin', 'gb/police-data/onward'])
})

test('special categories: whoever has a rule on them speaks', async () => {
  const { eu, gb } = await voices('special-categories')
  expect(rulesOf(eu)).toEqual(
    expect.arrayContaining(['eu/exchange/categories', 'eu/data/strictly-necessary']),
  )
  expect(gb?.silent).toBe(false)
})

// Kills: a block for each rule, however many states say the same.
test.each([
  { topic: 'death-penalty', most: 30 },
  { topic: 'minors', most: 40 },
  { topic: 'onward-transfer', most: 40 },
  { topic: 'special-categories', most: 40 },
  { topic: 'seriousness', most: 20 },
])('$topic fits on a few screens: what is the same is said once', async ({ topic, most }) => {
  const { code, stdout } = await compare(topic)
  const lines = stdout.split('\n')
  expect(code).toBe(0)
  expect(lines.length).toBeLessThanOrEqual(most)
  expect(lines.filter((line) => line.length > 100)).toEqual([])
  const silent = Object.values(await voices(topic)).some((voice) => voice.silent)
  expect(/\nNothing is said by: /.test(stdout)).toBe(silent)
  expect(silent).toBe(topic !== 'death-penalty')
})

test('states whose rules ask the same stand together, with their own articles', async () => {
  const { stdout } = await compare('death-penalty')
  const blocks = stdout.split('\n\n').map((block) => block.replace(/\s+/g, ' '))
  const together = blocks.find((block) => block.includes('European Union (EU), transfers'))
  expect(together).toContain('France (FR), assistance, mandatory: CPP art. 694-4')
  const [, own] = together?.split('by their own articles: ') ?? []
  expect(own).toContain('Germany (DE): BKAG § 28(2) no. 4')
  expect(together).not.toContain('United Kingdom (GB), assistance')
})

test('an unknown topic is a wrong usage that names the topics', async () => {
  const { code, stdout, stderr } = await comity(['policy', 'compare', 'mnors'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('special-categories')
})

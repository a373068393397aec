/** `comity policy compare`: one matter, and who says what on it. */

import { afterAll, expect, test } from 'vitest'
import { addPolicyCompare } from '../../functions/cli/policy-compare.ts'
import { copyOfShipped, removeCopies, run } from './in-process.ts'
import { comity } from './run.ts'

const folder = copyOfShipped()
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

test('death penalty: the Union, Britain and Canada refuse, Germany by its own article, others are silent', async () => {
  const { de, eu, gb, ca, za, interpol, un, us, sg } = await voices('death-penalty')
  expect(rulesOf(eu)).toEqual(['eu/japan-mla/death-penalty', 'eu/led-transfers/death-penalty'])
  expect(rulesOf(gb)).toEqual(['gb/osja/death-penalty'])
  expect(gb?.rules[0]?.unless.length).toBe(2)
  expect(de?.transposes).toEqual([
    { rule: 'eu/led-transfers/death-penalty', cites: ['BKAG § 28(2) no. 4'] },
  ])
  expect(rulesOf(ca)).toEqual(['ca/death-penalty/death-penalty'])
  expect(rulesOf(za)).toEqual(['za/constitution/death-penalty'])
  for (const voice of [interpol, un, us, sg]) expect(voice?.silent).toBe(true)
})

test('death penalty: Australia asks how far the proceedings have come, and Italy hears no assurance', async () => {
  const { au, it } = await voices('death-penalty')
  expect(rulesOf(au)).toEqual(
    expect.arrayContaining(['au/macma/death-penalty', 'au/macma/death-penalty-early']),
  )
  expect(rulesOf(it)).toEqual(['it/cpp/death-penalty'])
  expect(it?.rules[0]?.unless).toEqual([])
})

test('seriousness: a year at most, in the Union and in Germany', async () => {
  const { de, eu, gb } = await voices('seriousness')
  expect(rulesOf(eu)).toContain('eu/2023-977/seriousness')
  expect(rulesOf(de)).toEqual(['de/irg-92/seriousness'])
  const year = (voice: Voice | undefined) =>
    voice?.rules.find(({ id }) => id.endsWith('/seriousness'))?.words
  for (const voice of [de, eu])
    expect(year(voice)).toContain("under the holder's law is at most 12 months")
  expect(gb?.silent).toBe(true)
})

test('minors: German review periods and the rules of INTERPOL', async () => {
  const { de, interpol, gb } = await voices('minors')
  expect(rulesOf(de)).toEqual([
    'de/bkag/child-review',
    'de/bkag/juvenile-review',
    'de/bkag/others-review',
  ])
  expect(rulesOf(interpol)).toEqual([
    'interpol/channel/minor-victims',
    'interpol/channel/minor-care',
  ])
  expect(gb?.silent).toBe(true)
})

test('onward transfer: the duty of the recipient, and the consent of the state that gave the data', async () => {
  const { eu, gb } = await voices('onward-transfer')
  expect(rulesOf(eu)).toEqual(
    expect.arrayContaining(['eu/led-transfers/onward', 'eu/led-transfers/origin']),
  )
  expect(rulesOf(gb)).toEqual(['gb/dpa-2018-part-3/origin', 'gb/dpa-2018-part-3/onward'])
})

test('special categories: two states say nothing of them', async () => {
  const { eu, un, coe, agreements, europol, ...states } = await voices('special-categories')
  expect(rulesOf(eu)).toEqual(
    expect.arrayContaining(['eu/2023-977/categories', 'eu/led-data/strictly-necessary']),
  )
  expect(un?.silent).toBe(true)
  const quiet = Object.entries(states).filter(([, { silent }]) => silent)
  // New Zealand's act has no special categories; what Slovenia's says was not to be read.
  expect(quiet.map(([folder]) => folder)).toEqual(['nz', 'si'])
})

// Kills: a block for each rule, however many states say the same.
test.each([
  { topic: 'death-penalty', most: 100 },
  { topic: 'minors', most: 180 },
  { topic: 'onward-transfer', most: 460 },
  { topic: 'special-categories', most: 180 },
  { topic: 'seriousness', most: 300 },
])('$topic fits on a few screens: what is the same is said once', async ({ topic, most }) => {
  const { code, stdout } = await compare(topic)
  const lines = stdout.split('\n')
  expect(code).toBe(0)
  expect(lines.length).toBeLessThanOrEqual(most)
  expect(lines.filter((line) => line.length > 100)).toEqual([])
  expect(stdout).toMatch(/\nNothing is said by: /)
})

test('states whose rules ask the same stand together, with their own articles', async () => {
  const { stdout } = await compare('death-penalty')
  const blocks = stdout.split('\n\n').map((block) => block.replace(/\s+/g, ' '))
  const together = blocks.find((block) => block.includes('European Union (EU), led-transfers'))
  expect(together).toContain('South Africa (ZA), constitution, mandatory: Constitution')
  const [, own] = together?.split('by their own articles: ') ?? []
  expect(own).toContain('Germany (DE): BKAG § 28(2) no. 4')
  expect(together).not.toContain('Italy (IT), cpp')
})

test('an unknown topic is a wrong usage that names the topics', async () => {
  const { code, stdout, stderr } = await comity(['policy', 'compare', 'mnors'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('special-categories')
})

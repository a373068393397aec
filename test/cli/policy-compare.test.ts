/** `comity policy compare`: one matter, and who says what on it. */

import { afterAll, expect, test } from 'vitest'
import { addPolicyCompare } from '../../functions/cli/policy-compare.ts'
import { copyOfPolicies, removeCopies, run } from './in-process.ts'
import { comity } from './run.ts'

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

test('death penalty: the Union and Britain refuse, Germany by its own article, others are silent', async () => {
  const { de, eu, gb, interpol, un } = await voices('death-penalty')
  expect(rulesOf(eu)).toEqual(['eu/led-transfers/death-penalty'])
  expect(rulesOf(gb)).toEqual(['gb/osja/death-penalty'])
  expect(gb?.rules[0]?.unless.length).toBe(2)
  expect(de?.transposes).toEqual([
    { rule: 'eu/led-transfers/death-penalty', cites: ['BKAG § 28(2) no. 4'] },
  ])
  expect([de?.silent, interpol?.silent, un?.silent]).toEqual([false, true, true])
})

test('seriousness: a year at most, in the Union and in Germany', async () => {
  const { de, eu, gb } = await voices('seriousness')
  expect(rulesOf(eu)).toEqual(['eu/2023-977/seriousness'])
  expect(rulesOf(de)).toEqual(['de/irg-92/seriousness'])
  for (const voice of [de, eu])
    expect(voice?.rules[0]?.words).toContain("under the holder's law is at most 12 months")
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

test('special categories: everyone but the United Nations', async () => {
  const { eu, un, ...others } = await voices('special-categories')
  expect(rulesOf(eu)).toEqual(['eu/2023-977/categories', 'eu/led-data/strictly-necessary'])
  expect(un?.silent).toBe(true)
  expect(Object.values(others).map(({ silent }) => silent)).toEqual([false, false, false])
})

test.each(['death-penalty', 'minors', 'onward-transfer', 'special-categories', 'seriousness'])(
  '%s fits on two screens, with every sentence beside its condition',
  async (topic) => {
    const { code, stdout } = await compare(topic)
    const lines = stdout.split('\n')
    expect(code).toBe(0)
    expect(lines.length).toBeLessThanOrEqual(80)
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    expect(lines).toContain('United Nations (UN)')
    expect(lines).toContain('  nothing is said')
  },
)

test('an unknown topic is a wrong usage that names the topics', async () => {
  const { code, stdout, stderr } = await comity(['policy', 'compare', 'mnors'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('special-categories')
})

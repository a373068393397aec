/** `comity policy say`, as a lawyer reads it. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import type { Policy } from '../../../functions/policy/book.ts'
import { inForce } from '../../../functions/policy/history.ts'
import { titlesOf } from '../../../functions/workbench/commands/choose.ts'
import {
  addPolicySay,
  sayJson,
  sayLines,
} from '../../../functions/workbench/commands/policy-say.ts'
import { copyOfPolicies, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { inForceOf, is, permit, type WrittenPolicy } from '../../decision/write.ts'
import { readOwn } from '../../own-law.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)
const say = (...args: readonly string[]) => run(addPolicySay, folder, ['say', ...args])

const { columns } = process.stdout
afterEach(() => {
  process.stdout.columns = columns
})

test('without a name the whole law in force is said, sentence by sentence, within 100 columns', async () => {
  const { code, stdout } = await say()
  expect(code).toBe(0)
  const flat = stdout.replaceAll(/\s+/g, ' ')
  const now = new Date().toISOString()
  const { policies } = inForce(readPolicies(folder).book, now.slice(0, 10), now)
  expect(policies.length).toBeGreaterThan(6)
  for (const { file } of policies) {
    expect(flat).toContain(file.title)
    expect(flat).toContain(file.instrument.name)
    expect(flat).toContain(`What changed: ${file.change}`)
    for (const sentence of file.unchecked ?? []) expect(flat).toContain(sentence)
  }
  expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
})

test('the sentence, the condition in words and the article stand side by side', async () => {
  const { stdout } = await say('eu/exchange', '--rule', 'seriousness')
  expect(stdout).toMatch(
    /^ {2}A request may be refused +at least one of the following: +Dir\. 2023\/977 art\.$/m,
  )
  expect(stdout).toMatch(/\(b\) the maximum custody under the holder's\n.*law is at most 12 months/)
  expect(stdout).toContain('discretionary: the holder may waive it')
  expect(stdout).toContain('→ This is refused. [seriousness]')
})

test('on a narrow screen they stand below each other', async () => {
  process.stdout.columns = 60
  const { stdout } = await say('eu/transfers', '--rule', 'death-penalty')
  const lines = stdout.split('\n')
  expect(lines.filter((line) => line.length > 60)).toEqual([])
  const at = (text: string) => lines.findIndex((line) => line.includes(text))
  const order = [at('Nothing goes where'), at('may be punished by death'), at('LED recital 71')]
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

test('an exception has its own sentence, condition, articles and duties', async () => {
  const { stdout } = await say('eu/transfers', '--rule', 'death-penalty')
  const after = stdout.split('  unless\n')[1] ?? ''
  expect(after).toMatch(
    /The requester assured +the assurance against the death penalty is +LED recital 71/,
  )
  expect(after).toContain('[O-DP]')
})

test('a program reads the same as JSON', async () => {
  const { stdout } = await say('eu/alerts@2023-03-07', '--json')
  const [policy] = JSON.parse(stdout)
  expect(policy).toMatchObject({
    id: 'eu/alerts',
    version: '2023-03-07',
    kind: 'limit',
    rules: [
      {
        id: 'no-third-country',
        cites: ['Regulation (EU) 2018/1862 art. 65'],
        words: 'the system that the item comes from is the Schengen Information System',
      },
    ],
  })
})

test('a draft is read from wherever it lies', async () => {
  const draft = join(folder, 'My draft.json')
  writeFileSync(draft, readOwn('eu/alerts/2023-03-07.json'))
  const { code, stdout } = await say(draft)
  expect(code).toBe(0)
  expect(stdout).toContain('a draft')
  expect(stdout).toContain('Data from the Schengen Information System')
})

test('a file that is not valid is refused with each place, as an invalid policy', async () => {
  const path = 'eu/alerts/2027-01-01.json'
  rewrite(folder, path, () =>
    readOwn('eu/alerts/2023-03-07.json').replaceAll('item.system', 'item.sistem'),
  )
  const { code, stdout, stderr } = await say('eu/alerts@2027-01-01')
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toContain(`${path}:/rules/0/when`)
  expect(stderr).toContain('did you mean `item.system`?')
})

test('what is wrong with another draft does not keep a policy from being read', async () => {
  rewrite(folder, 'eu/alerts/2028-01-01.json', () => '{')
  expect((await say('eu/data')).code).toBe(0)
  expect((await say()).code).toBe(3)
})

test.each([
  [['eu/transfer'], 'did you mean `eu/transfers`?'],
  [['eu/transfers@2018-05-07'], 'there is 2018-05-06'],
  [['eu/transfers', '--rule', 'orign'], 'did you mean `origin`?'],
  [['lists/led-states'], 'is a list'],
])('%j is a wrong usage that says what would be right', async (args, hint) => {
  const { code, stdout, stderr } = await say(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(hint)
})

// Kills: a ground that does not say who decides (policy-say.ts, `automationLines`).
test('a ground says who decides, and one of before that nothing leaves by rule alone', () => {
  const titles = {}
  const said = (automation: WrittenPolicy['automation']) => {
    const rules = [permit('a', true)]
    const policy = inForceOf([
      { id: 'de/own', kind: 'ground', rules, automation: automation ?? [] },
    ]).policies[0] as Policy
    const all = { policy, rules: policy.rules, whole: true }
    return { lines: sayLines(all, titles, 100).join('\n'), json: sayJson(all, titles) }
  }
  const some = said([is('item.class', 'object')])
  expect(some.lines).toContain('by rule alone')
  expect(some.lines).toContain('the class of the item is data on an object')
  expect(some.lines).toContain('→ Nothing else leaves by rule alone.')
  expect(some.json.automation?.byRule).toMatchObject([
    { words: 'the class of the item is data on an object', nature: 'choice' },
  ])
  expect(said([]).lines).toContain('→ Nothing leaves by rule alone.')
  const before = said('unsaid')
  expect(before.lines).toContain('It does not say what may leave by rule alone, so nothing does.')
  expect(before.json).not.toHaveProperty('automation')
})

// Kills: versions that are sorted as text, by which the second correction is later than the tenth.
test('a list of which there are ten corrections is called as the last calls it', () => {
  const { book } = readPolicies(folder)
  const [list] = book.lists
  if (list === undefined) throw new Error('there is no list')
  const called = (revision: number) => ({
    ...list,
    ...{ revision, version: `${list.day}.r${revision}` },
    file: { ...list.file, title: `Correction ${revision}` },
  })
  const titles = titlesOf({ policies: [], lists: [10, 2, 9].map(called) })
  expect(titles[list.id]).toBe('Correction 10')
})

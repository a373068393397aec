/** `comity policy diff`, as a lawyer reads it before a change is sealed. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { addExplain } from '../../../functions/workbench/commands/explain.ts'
import { addPolicyDiff } from '../../../functions/workbench/commands/policy-diff.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { newestOwn, readOwn } from '../../own-law.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)
const diff = (...args: readonly string[]) => run(addPolicyDiff, folder, ['diff', ...args])

// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of the file.
type Edited = any
const ruleOf = (json: Edited, id: string) => json.rules.find((rule: Edited) => rule.id === id)

const draft = 'eu/exchange/2027-01-01.json'
rewrite(folder, draft, () => readOwn('eu/exchange/2024-12-12.json'))
edit(folder, draft, (json: Edited) => {
  json.change = 'Raises the threshold to two years.'
  ruleOf(json, 'seriousness').when.or[1]['<='][1] = 24
})

describe('a threshold raised in a draft', () => {
  test('is shown in words, with the request nearest to an ordinary one that is then refused', async () => {
    const { code, stdout } = await diff('eu/exchange@2024-12-12', draft)
    expect(code).toBe(0)
    const flat = stdout.replaceAll(/\s+/g, ' ')
    expect(flat).toContain(
      "the maximum custody under the holder's law is at most [-12-]{+24+} months",
    )
    expect(flat).toMatch(/Less leaves once an officer lets it, on \d+ \w+ \d{4}: [^.]*\bDE\b/)
    expect(flat).toContain("* the maximum custody under the holder's law: 24 months")
    expect(flat).toMatch(/before Released.* after Denied/)
    expect(flat).not.toContain('Alike for all facts')
    expect(flat).toContain('9 rules unchanged.')
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  // Kills: facts that are written, and that the engine answers otherwise; a case without its holder.
  test('is read by programs, and its facts are answered by the law in force as they were', async () => {
    const out = join(folder, 'facts.json')
    const { stdout } = await diff('eu/exchange@2024-12-12', draft, '--json', '--out', out)
    const { before, after, unchanged, changes, proofs } = JSON.parse(stdout)
    expect([before.version, after.version, unchanged]).toEqual(['2024-12-12', '2027-01-01', 9])
    const change = changes.find((each: Edited) => each.subject.id === 'seriousness')
    expect(change).toMatchObject({ kind: 'changed', answers: true })
    const [{ cases }] = proofs
    expect(cases[0]).toMatchObject({
      respect: { of: 'by-an-officer', isLooser: false },
      answers: { before: { treatment: 'release' }, after: { treatment: 'withhold' } },
    })
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(cases[0].file)
    const decision = await run(addExplain, folder, ['explain', '--facts', out, '--json'])
    expect(JSON.parse(decision.stdout).outcome).toBe('release')
  })
})

test('a change of words alone says that no answer depends on it', async () => {
  const { stdout } = await diff('gb/police-data@2018-05-25', 'gb/police-data@2026-02-05')
  const flat = stdout.replaceAll(/\s+/g, ' ')
  expect(flat).toContain('articles: DPA 2018 s. 73; DPA 2018 s. [-74A-]{+74AA+}')
  expect(flat).toContain('Only what people read has changed; no answer depends on it.')
  expect(flat).toMatch(
    /Alike for all facts in what leaves, by whom and under which duties: .*: GB\.$/,
  )
})

test('a line of a list that was added is shown on its first day', async () => {
  const path = 'lists/led-adequacy/2027-03-01.json'
  rewrite(folder, path, () => readOwn('lists/led-adequacy/2021-06-28.json'))
  edit(folder, path, (json: Edited) =>
    json.members.push({ value: 'JP', from: '2027-03-01', cites: 'Decision 1', confidence: 'M' }),
  )
  const { code, stdout } = await diff('lists/led-adequacy@2021-06-28', path)
  const flat = stdout.replaceAll(/\s+/g, ' ')
  expect(code).toBe(0)
  expect(flat).toContain('+ Japan (JP) (added)')
  expect(flat).toContain("* the requester's country: Japan (JP)")
  expect(flat).toMatch(/on 1 March 2027.* before Denied after Released/)
  expect(flat).not.toContain('Less leaves')
  expect(flat).toContain('3 entries unchanged.')
})

test('a draft that lies anywhere counts as a version of the other', async () => {
  rewrite(folder, 'notes/my draft.txt', () => readOwn('eu/alerts/2023-03-07.json'))
  const { code, stdout } = await diff('eu/alerts@2023-03-07', join(folder, 'notes/my draft.txt'))
  expect(code).toBe(0)
  expect(stdout).toContain('Nothing is written differently. 1 rule unchanged.')
  expect(stdout).toContain('Alike for all facts')
  expect(stdout).not.toMatch(/leaves by rule alone|A duty/)
})

test('a policy is not compared with a list', async () => {
  const { code, stderr } = await diff('eu/alerts', 'lists/led-states')
  expect(code).toBe(2)
  expect(stderr).toBe(
    `\`${newestOwn('eu/alerts').name}\` is a policy and \`lists/led-states@2018-05-06\` a list`,
  )
})

test('a draft with a fault is an invalid policy, and says where', async () => {
  const path = 'eu/alerts/2028-01-01.json'
  rewrite(folder, path, () => readOwn('eu/alerts/2023-03-07.json').replace('"limit"', '"limt"'))
  const { code, stderr } = await diff('eu/alerts@2023-03-07', path)
  expect(code).toBe(3)
  expect(stderr).toContain(`${path}:/kind`)
})

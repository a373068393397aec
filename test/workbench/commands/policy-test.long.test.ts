/** `comity policy test`, as a lawyer reads it. */

import { globSync } from 'node:fs'
import { afterAll, expect, test, vi } from 'vitest'
import { addTest } from '../../../functions/workbench/commands/policy-test.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { readOwn } from '../../own-law.ts'

// The whole law is read each time, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 })
afterAll(removeCopies)

type CaseJson = { name: string; asOf?: string; facts?: object; expect: Record<string, unknown> }
type TestJson = { cases: CaseJson[] }

const guidance = 'gb/assistance/2017-01-01'
const runTest = (folder: string, ...args: readonly string[]) =>
  run(addTest, folder, ['test', ...args])

/** All cases pass and no change is unnoticed. */
const whole =
  /^(\d+) of \1 cases passed\ncoverage 100\.0 % \(0 of \d+ changes unnoticed(; \d+ more cannot matter)?\)$/

/** Output without the seconds it took. */
const said = (stdout: string) => stdout.replace(/\n\d+\.\d s$/, '')

test('a state’s guidance passes, and every change of it is noticed', async () => {
  const { code, stdout } = await runTest(copyOfPolicies(), guidance)
  expect(said(stdout)).toMatch(whole)
  expect(code).toBe(0)
})

test('a case that fails is named, with what was expected and what came', async () => {
  const folder = copyOfPolicies()
  edit<TestJson>(folder, `${guidance}.test.json`, ({ cases }) => {
    Object.assign(cases[0] ?? {}, {
      name: 'Torture is no matter',
      expect: { outcome: 'release', because: ['gb/assistance/torture'] },
    })
  })
  const { code, stdout } = await runTest(folder, guidance, '--no-coverage')
  expect(code).toBe(4)
  expect(said(stdout)).toMatch(
    /^failed {2}policies\/gb\/assistance\/2017-01-01\.test\.json:51 {2}Torture is no matter\n {4}the .*\n/,
  )
  expect(stdout).toMatch(/\d+ of \d+ cases passed/)
})

test('what no case notices is named with its line and a case, and that case closes the gap', async () => {
  const folder = copyOfPolicies()
  const day = 'The guidance applies from the first day of 2017'
  edit<TestJson>(folder, `${guidance}.test.json`, (json) => {
    json.cases = json.cases.filter(({ name }) => name !== day)
  })
  const { code, stdout } = await runTest(folder, `policies/${guidance}.json`)
  expect(code).toBe(4)
  expect(stdout).toContain(
    `unnoticed  policies/${guidance}.json:1:1  gb/assistance: it starts a day later\n` +
      `    a case in policies/${guidance}.test.json that would notice it, if the law is as it stands:\n`,
  )
  expect(stdout).toMatch(/coverage 9\d\.\d % \(1 of \d+ changes unnoticed\)/)
  const [, offered = ''] =
    /would notice it, if the law is as it stands:\n((?: {6}.*\n)+)/.exec(stdout) ?? []
  edit<TestJson>(folder, `${guidance}.test.json`, ({ cases }) => cases.push(JSON.parse(offered)))
  const after = await runTest(folder, guidance)
  expect(after.stdout).toMatch(/coverage 100\.0 %/)
  expect(after.code).toBe(0)
})

// Kills: a change that counts as noticed by the case of a version whose correction decides in its place.
test('a case about a version that was corrected notices nothing of the law that decides', async () => {
  const folder = copyOfPolicies()
  const about = 'gb/police-data@2026-02-05'
  const day = 'The guidance applies from the first day of 2017'
  let whole = ''
  edit<TestJson & { about: string }>(folder, `${guidance}.test.json`, (json) => {
    whole = JSON.stringify({ ...json, about })
    json.cases = json.cases.filter(({ name }) => name !== day)
  })
  const beside = 'gb/assistance/2017-01-02.test.json'
  rewrite(folder, beside, () => whole)
  const { stdout } = await runTest(folder, `policies/${guidance}.json`)
  expect(stdout).toContain(
    `unnoticed  policies/${guidance}.json:1:1  gb/assistance: it starts a day later`,
  )
  const newest = globSync('gb/police-data/2026-02-05*.test.json', { cwd: folder }).length
  rewrite(folder, beside, () => whole.replace(about, `${about}.r${newest}`))
  expect((await runTest(folder, `policies/${guidance}.json`)).stdout).toMatch(/coverage 100\.0 %/)
})

// Kills: a version that decides today, passed over without a word beside a draft that corrects it.
test('a version that a draft corrects is named, since no change of it is tried; a corrected one is not', async () => {
  const folder = copyOfPolicies()
  rewrite(folder, `${guidance}.r2.json`, () => readOwn(`${guidance}.json`))
  const says = `policies/${guidance}.json: no change of it was tried, since the draft policies/${guidance}.r2.json corrects it`
  const corrected = 'gb/police-data/2026-02-05.json'
  const { stdout } = await runTest(folder, `policies/${guidance}.json`, corrected)
  expect(stdout.split('\n').filter((line) => line.includes('no change'))).toEqual([says])
})

test('a deleted rule makes its cases fail, and its file is named', async () => {
  const folder = copyOfPolicies()
  edit<{ rules: { id: string }[] }>(folder, `${guidance}.json`, (json) => {
    json.rules = json.rules.filter(({ id }) => id !== 'torture')
  })
  const { code, stdout } = await runTest(folder, '--no-coverage')
  expect(code).toBe(4)
  expect(stdout).toContain('the rule `gb/assistance/torture` is not among')
  expect(stdout).toContain(`policies/${guidance}.json was changed after it was sealed`)
})

test('programs get everything, also what cannot matter', async () => {
  const { stdout } = await runTest(copyOfPolicies(), 'lists/led-adequacy', '--json')
  const { cases, coverage } = JSON.parse(stdout)
  expect(cases).toEqual([])
  expect(coverage.unnoticed).toEqual([])
  expect(coverage.cannotMatter).toContainEqual({
    path: 'lists/led-adequacy/2021-06-28.json',
    line: 24,
    column: 16,
    pointer: '/members/1/until',
    rule: 'lists/led-adequacy',
    says: 'GB: until 2025-12-26, not 2025-12-27',
  })
  expect(coverage.changes).toBe(coverage.noticed + coverage.cannotMatter.length)
})

test('policies with a fault are not tested', async () => {
  const folder = copyOfPolicies()
  rewrite(folder, `${guidance}.json`, (text) => text.replace('risk.torture', 'risk.tortur'))
  const { code, stderr } = await runTest(folder)
  expect(code).toBe(3)
  expect(stderr).toContain('`comity policy check` says more')
})

// Kills: a case for each of a hundred changes, and nothing of why there are so many.
test('a copy for a new day whose cases are still of the old one is told so, after ten cases at most', async () => {
  const folder = copyOfPolicies()
  rewrite(folder, 'gb/assistance/2027-01-01.json', () => readOwn(`${guidance}.json`))
  rewrite(folder, 'gb/assistance/2027-01-01.test.json', () =>
    readOwn(`${guidance}.test.json`).replace(
      'gb/assistance@2017-01-01',
      'gb/assistance@2027-01-01',
    ),
  )
  const { code, stdout } = await runTest(folder, 'gb/assistance/2027-01-01.json')
  expect(stdout).toMatch(
    /\npolicies\/gb\/assistance\/2027-01-01\.test\.json: its cases are of 20\d\d-\d\d-\d\d, before their version starts: write 2027-01-01 after `asOf`\n/,
  )
  const unnoticed = stdout.split('\n').filter((line) => line.startsWith('unnoticed  '))
  expect(unnoticed.length).toBeGreaterThan(10)
  expect(stdout.split('"Say here what the law wants"').length - 1).toBeLessThanOrEqual(10)
  expect(code).toBe(4)
})

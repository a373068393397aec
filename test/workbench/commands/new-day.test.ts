/** A version that a lawyer copies to a new day, with its cases: what the check says of the copy. */

import { afterAll, beforeEach, expect, test } from 'vitest'
import { addCheck } from '../../../functions/workbench/commands/policy-check.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { onDay } from '../../on-day.ts'
import { readOwn } from '../../own-law.ts'

const before = 'gb/assistance/2017-01-01'
const after = 'gb/assistance/2027-01-01'

onDay('2026-11-25T09:00:00Z')
let folder: string
beforeEach(() => {
  folder = copyOfPolicies()
  for (const ending of ['.json', '.test.json'])
    rewrite(folder, after + ending, () => readOwn(before + ending))
})
afterAll(removeCopies)

/** What is found in the copy, but for its being a draft. */
async function found(): Promise<readonly string[]> {
  const args = ['check', `${after}.json`, '--format', 'json']
  const { stdout } = await run(addCheck, folder, args)
  const { findings } = JSON.parse(stdout)
  return findings
    .filter(({ code }: { code: string }) => code !== 'draft')
    .map(({ severity, message, fix }: Record<string, string>) => `${severity}: ${message} → ${fix}`)
}

const about = (change: { about?: string; asOf?: string }) =>
  edit<Record<string, unknown>>(folder, `${after}.test.json`, (json) => {
    Object.assign(json, change)
  })

test('cases that are still about the old day are named', async () => {
  expect(await found()).toEqual([
    'error: it lies beside `gb/assistance@2027-01-01`, and its cases are about another version → write `gb/assistance@2027-01-01`',
  ])
})

test('cases of a day on which the copy is not in force yet are named', async () => {
  about({ about: 'gb/assistance@2027-01-01' })
  expect(await found()).toEqual([
    'warning: the version starts on 2027-01-01: on 2026-11-24 its cases do not see it → write 2027-01-01 or later',
  ])
  about({ asOf: '2027-01-01' })
  expect(await found()).toEqual([])
})

test('a fault in the copy is said once, and not of its cases', async () => {
  about({ about: 'gb/assistance@2027-01-01', asOf: '2027-01-01' })
  edit<{ kind: string }>(folder, `${after}.json`, (json) => {
    json.kind = 'limt'
  })
  expect(await found()).toEqual(['error: `limt` is not allowed here → did you mean `limit`?'])
})

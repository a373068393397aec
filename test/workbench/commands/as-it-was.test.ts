/** A draft that says that what it decides stays as it was is checked: by proof, and by the cases of its folder. */

import { afterAll, expect, test } from 'vitest'
import { checkPolicies } from '../../../functions/workbench/commands/policy-check.ts'
import { copyOfPolicies, edit, removeCopies, rewrite } from '../../cli/in-process.ts'
import { readOwn } from '../../own-law.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)

// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of the file.
type Edited = any
const draft = 'eu/exchange/2027-01-01.json'
const ruleOf = (json: Edited, id: string) => json.rules.find((rule: Edited) => rule.id === id)

/** What is said of the promise once the newest version of a law is copied and edited. */
function saidOf(change: string, alter: (json: Edited) => void): readonly string[] {
  rewrite(folder, draft, () => readOwn('eu/exchange/2024-12-12.r2.json'))
  edit(folder, draft, (json: Edited) => {
    json.change = change
    alter(json)
  })
  const { findings } = checkPolicies(folder, [draft], '2026-11-24')
  return findings
    .filter(({ code }) => code === 'change')
    .map(({ severity, pointer, message }) => `${severity} ${pointer} ${message}`)
}

const promise = 'What it decides stays as it was.'
const raise = (json: Edited) => {
  ruleOf(json, 'seriousness').when.or[1]['<='][1] = 24
}

test('A draft that decides as before may say so', () => {
  expect(saidOf(promise, () => undefined)).toEqual([])
})

// Kills: a promise that is taken at its word.
test('A draft that decides otherwise may not, and hears for whom and under which facts', () => {
  const [said, ...others] = saidOf(promise, raise)
  expect(others).toEqual([])
  expect(said).toMatch(/^error \/change what it decides does not stay as it was: Less leaves .*DE/)
  expect(said).toContain("the maximum custody under the holder's law: 24 months")
})

test('A draft that promises nothing is not held to it', () => {
  expect(saidOf('Raises the threshold to two years.', raise)).toEqual([])
})

// Kills: words told that are compared by nobody, since no formula speaks of them.
test('A draft that decides alike in other words is found by a case', () => {
  const [said] = saidOf(promise, (json) => {
    for (const rule of json.rules) rule.says = `Now: ${JSON.stringify(rule.says).slice(1, 40)}.`
  })
  expect(said).toMatch(/the case “[^”]+” of `eu\/[^`]+` is told otherwise/)
})

/** Facts that are stated by hand: what nobody attested, and what is not known. */

import { expect, test } from 'vitest'
import { readBook } from '../../functions/policy/read-book.ts'
import { explain } from '../../functions/workbench/commands/explain.ts'
import { benignStart, type CaseFile, inputOf } from '../../functions/workbench/law/cases.ts'
import { deny, fileOf, is, isNot, permit, sealed } from './write.ts'

const day = '2026-11-24'
/** Which refuses what was refused, and what is not known to be safe. */
const own = fileOf({
  ...{ id: 'de/own', kind: 'ground' },
  rules: [
    permit('always', true),
    deny('specialty', is('assurance.specialty', 'refused')),
    deny('torture', isNot('risk.torture', 'none')),
  ],
})
const { book } = readBook([own], () => sealed)
const { facts: all, item } = benignStart('DE', day)
const { 'assurance.specialty': _, 'discretion.waived': __, ...facts } = all
const items = [
  { id: '1', ...Object.fromEntries(Object.entries(item).map(([k, v]) => [k.slice(5), v])) },
]
const told = (more: object) =>
  explain({ facts: { ...facts, ...more }, items }, book, day, sealed).decision

// Kills: a facts file that must state every assurance that nobody gave.
test('an assurance that nobody mentions was not given, and one that is not known stops the answer', () => {
  expect(told({}).outcome).toBe('release')
  const unknown = told({ 'assurance.specialty': null })
  expect(unknown.outcome).toBe('deny')
  expect(unknown.missing).toEqual(['assurance.specialty'])
})

test('a judgement that nobody mentions is unknown', () => {
  const { 'risk.torture': ___, ...less } = facts
  const { outcome, missing } = explain({ facts: less, items }, book, day, sealed).decision
  expect([outcome, missing]).toEqual(['deny', ['risk.torture']])
})

// Kills: the same of the cases of a policy.
test('a case leaves out what nobody attested, and says null of what is not known', () => {
  const given = { facts: { 'approval.minister': null }, item: {} }
  const file = { asOf: day, given, cases: [] } satisfies CaseFile
  const each = { name: 'Any case at all', expect: { outcome: 'deny' as const } }
  const { facts: stated } = inputOf(file, each)
  expect(stated['assurance.specialty']).toBe('none')
  expect(stated['discretion.waived']).toEqual([])
  expect(stated['approval.minister']).toBeNull()
  expect(stated).not.toHaveProperty('risk.torture')
})

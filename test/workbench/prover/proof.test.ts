/** Statements about all of the law, tried on law of a few rules: proved, broken by a case, or saying nothing. */

import { expect, test } from 'vitest'
import { inForce } from '../../../functions/policy/history.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import { explain } from '../../../functions/workbench/commands/explain.ts'
import { holderLaws } from '../../../functions/workbench/prover/holder-law.ts'
import { isProved, prove } from '../../../functions/workbench/prover/proof.ts'
import { readStatements } from '../../../functions/workbench/prover/statement.ts'
import {
  day,
  deny,
  fileOf,
  is,
  type Json,
  listOf,
  oblige,
  permit,
  sealed,
  type WrittenPolicy,
  type WrittenRule,
} from '../../decision/write.ts'

const ground = (folder: string, rules: readonly WrittenRule[]): WrittenPolicy => ({
  ...{ id: `${folder}/police`, kind: 'ground', rules, automation: [is('item.class', 'object')] },
  applies: is('holder.jurisdiction', folder.toUpperCase()),
})
const tortured: Json = is('risk.torture', 'real')
const lawful = permit('lawful', true, {}, { obligations: [{ code: 'O-USE' }] })
/** Germany refuses where torture is found; France does not. */
const law = [
  ground('de', [lawful, deny('torture', tortured)]),
  ground('fr', [lawful, oblige('victims', is('item.role', 'victim'), [{ code: 'O-VICTIM' }])]),
]

const head = {
  notice: 'An engineering reading, not legal advice.',
  says: 'A sentence about all of the law.',
  ...{ nature: 'choice', confidence: 'V' },
}

function proofOf(statement: object, policies: readonly WrittenPolicy[] = law, suspended?: string) {
  const files = [...policies.map((each) => fileOf(each)), listOf('eu-members', ['DE', 'FR'])]
  const { book } = readBook(files, () => sealed)
  const text = JSON.stringify({ ...head, ...statement })
  const { statements, faults } = readStatements([{ path: 'statements/one.json', text }], book)
  const [read] = statements
  if (read === undefined) return { faults: faults.map(({ place, message }) => [place, message]) }
  const now = inForce(book, day, sealed)
  const stopped = now.policies.filter(({ id }) => id === suspended)
  const proof = prove(read, holderLaws({ ...now, suspended: new Set(stopped) }, [read]), day)
  const results = Object.fromEntries(proof.found.map(({ holder, result }) => [holder, result]))
  return { proof, book, results, isProved: isProved(proof), faults: [] }
}

// Kills: a holder left out; a condition that fails where it is not known; an order of rules.
test('What every holder’s rules keep is proved, and what one does not is broken there', () => {
  const torture = { when: tortured, never: 'leaves' }
  const { results, isProved: stands } = proofOf(torture)
  expect(results).toEqual({ DE: 'proved', FR: 'broken' })
  expect(stands).toBe(false)
  const german = { ...torture, holders: is('holder.jurisdiction', 'DE') }
  expect(proofOf(german)).toMatchObject({ results: { DE: 'proved' }, isProved: true })
})

test('What breaks a statement is the least that does, and the engine answers it so', () => {
  const { proof, book } = proofOf({ when: tortured, never: 'leaves' })
  const [broken] = proof?.found.filter(({ result }) => result === 'broken') ?? []
  if (broken?.result !== 'broken' || book === undefined) throw new Error('it is broken')
  const { differs, file } = broken.against
  // Whoever is asked by rule gives objects alone: an officer’s release, or an object, and nothing else.
  expect([...differs.keys()].sort()).toEqual(['release.decision', 'risk.torture'])
  expect(differs.get('risk.torture')).toBe('real')
  expect(explain(file, book, day, sealed).decision.outcome).toBe('release')
})

// Kills: a statement that speaks only of what is known.
test('Where it is not known whether it speaks, a statement speaks', () => {
  const known = deny('torture', is('risk.torture', 'real'))
  const only = [ground('de', [lawful, known])]
  expect(proofOf({ when: tortured, never: 'leaves' }, only).results).toEqual({ DE: 'proved' })
  const unsure = { when: { '!': [is('risk.torture', 'none')] }, never: 'leaves' }
  expect(proofOf(unsure, only).results).toEqual({ DE: 'broken' })
})

test('By rule alone nothing leaves but what a ground says, and duties lie on whatever leaves', () => {
  const reserved = { when: { '!': [is('item.class', 'object')] }, never: 'leaves-by-rule-alone' }
  expect(proofOf(reserved).results).toEqual({ DE: 'proved', FR: 'proved' })
  expect(proofOf({ always: ['O-USE'] }).results).toEqual({ DE: 'proved', FR: 'proved' })
  const victims = { when: is('item.role', 'victim'), always: ['O-VICTIM', 'O-USE'] }
  expect(proofOf(victims).results).toEqual({ DE: 'broken', FR: 'proved' })
})

// Kills: "proved" said of what cannot be.
test('A statement of what cannot be says nothing, and is not proved', () => {
  const never = is('holder.jurisdiction', 'IT')
  const { results, isProved: stands } = proofOf({ when: never, never: 'leaves' })
  expect(results).toEqual({ DE: 'vacuous', FR: 'vacuous' })
  expect(stands).toBe(false)
})

test('What is known against it is accepted until its day, and only where something is against it', () => {
  const accepting = (when: Json, until: string) => ({
    ...{ when: tortured, never: 'leaves' },
    knownAgainst: [{ because: 'It is being mended.', cites: ['art. 1'], until, when }],
  })
  const inFrance = is('holder.jurisdiction', 'FR')
  const good = proofOf(accepting(inFrance, '2027-01-01'))
  expect(good.results).toEqual({ DE: 'proved', FR: 'vacuous' })
  expect(good.isProved).toBe(true)
  expect(proofOf(accepting(inFrance, '2026-01-01'))).toMatchObject({
    ...{ results: { FR: 'broken' }, isProved: false, proof: { over: [0] } },
  })
  const idle = proofOf(accepting(is('holder.jurisdiction', 'DE'), '2027-01-01'))
  expect(idle.proof?.idle).toEqual([0])
  expect(idle.isProved).toBe(false)
})

// Kills: a suspended permit that still permits; a holder that is dropped in silence.
test('Of a holder whose only ground is suspended nothing leaves: it is named, and nothing is proved', () => {
  const { results, isProved: stands } = proofOf(
    { holders: is('holder.jurisdiction', 'FR'), never: 'leaves' },
    law,
    'fr/police',
  )
  expect([results, stands]).toEqual([{ FR: 'nothing-leaves' }, false])
})

// Kills: numbers below zero left out: a record may have an event that is still to come.
test('Numbers below zero are looked at, too', () => {
  const toCome = { '<': [{ var: 'item.yearsSinceEvent' }, 0] }
  const rules = [ground('de', [permit('to-come', toCome)])]
  expect(proofOf({ never: 'leaves' }, rules).results).toEqual({ DE: 'broken' })
})

// Kills: a number that stands for one that another number tells from it.
test('Of rules that compare numbers with each other nothing is proved', () => {
  const older = { '<': [{ var: 'item.ageAtEvent' }, { var: 'item.yearsSinceEvent' }] }
  const rules = [ground('de', [permit('older', older)])]
  expect(() => proofOf({ never: 'leaves' }, rules)).toThrow(/a rule compares `item.ageAtEvent`/)
})

test.each([
  ['neither what never leaves nor what always lies on it', {}, '/never', /what never leaves/],
  ['no article for what is mandatory', { never: 'leaves', nature: 'mandatory' }, '/cites', /cites/],
  ['holders by another fact', { never: 'leaves', holders: tortured }, '/holders', /lists alone/],
  [
    'a value that a fact never has',
    { never: 'leaves', when: is('risk.torture', 'large') },
    '/when',
    /never `large`/,
  ],
  ['a duty that there is not', { always: ['O-NONE'] }, '/always/0', /O-USE/],
])('A statement with %s is refused, with its place', (_, statement, place, message) => {
  const { faults } = proofOf(statement)
  expect(faults[0]?.[0]).toContain(place)
  expect(faults[0]?.[1]).toMatch(message)
})

/** What differs between two laws: proved to be nothing, or shown by the least facts. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '../../../functions/decision/combine.ts'
import { allSteps } from '../../../functions/workbench/law/steps.ts'
import { lawDifference } from '../../../functions/workbench/prover/difference.ts'
import { dutyText } from '../../../functions/workbench/prover/judgement.ts'
import { isKnown } from '../../decision/oracle.ts'
import { patience, runs } from '../../decision/runs.ts'
import { nowFor, setups } from '../../decision/setups.ts'
import {
  deny,
  inForceOf,
  is,
  isNot,
  type Json,
  oblige,
  permit,
  redact,
  type WrittenPolicy,
  type WrittenRule,
} from '../../decision/write.ts'

const ground = (folder: string, rules: readonly WrittenRule[]): WrittenPolicy => ({
  ...{ id: `${folder}/police`, kind: 'ground', rules, automation: [is('item.class', 'object')] },
  applies: is('holder.jurisdiction', folder.toUpperCase()),
})
const lawful = permit('lawful', true)
const months = 'request.offence.maxCustodyMonthsHolder'
const seriousness = (most: number) => deny('seriousness', { '<=': [{ var: months }, most] })

/** Germany's rules before and after; France has law of its own. With `reached`, only whom that policy may reach. */
function changed(before: readonly WrittenRule[], after: readonly WrittenRule[], reached?: string) {
  const [was, is] = [before, after].map((rules) =>
    inForceOf([ground('de', [lawful, ...rules]), ground('fr', [lawful])]),
  )
  if (was === undefined || is === undefined) throw new Error('there are two laws')
  const scopes = was.policies.flatMap(({ id, applies }) => (id === reached ? [applies] : []))
  const reach = reached === undefined ? undefined : scopes
  const { found, cases } = allSteps(lawDifference(was, is, reach))
  return {
    cases,
    results: Object.fromEntries(found.map(({ holder, result }) => [holder, result])),
    respects: cases.map(({ respect }) => respect),
  }
}

describe('a change that can be seen', () => {
  // Kills: a bound beside which no number is looked at; a holder whose law stays, said to differ.
  test('is shown by a sentence that is answered differently, at the holder that it touches', () => {
    const { results, respects, cases } = changed([seriousness(12)], [seriousness(24)])
    expect(results).toEqual({ DE: 'differs', FR: 'alike' })
    expect(respects).toEqual([
      { of: 'by-rule-alone', isLooser: false },
      { of: 'by-an-officer', isLooser: false },
    ])
    for (const { holder, facts, answers } of cases) {
      expect(holder).toBe('DE')
      expect(facts.get(months)).toBeGreaterThan(12)
      expect(facts.get(months)).toBeLessThanOrEqual(24)
      expect([answers.before.treatment, answers.after.treatment]).toEqual(['release', 'withhold'])
    }
  })

  // Kills: a holder that is reached, left out; one that is not, counted as proved.
  test('is looked for at the holders that the policy may reach, and nothing is said of others', () => {
    const minors = [deny('children', is('item.minor', true))]
    expect(changed([], minors, 'de/police').results).toEqual({ DE: 'differs' })
    expect(changed([], minors, 'fr/police').results).toEqual({ FR: 'alike' })
  })

  // Kills: what gets looser, said to get stricter.
  test('says whether more leaves or less', () => {
    const { respects } = changed([seriousness(24)], [seriousness(12)])
    expect(respects.map(({ isLooser }) => isLooser)).toEqual([true, true])
  })

  test('touches nothing but the facts of the change where they suffice', () => {
    const { cases } = changed([], [deny('children', is('item.minor', true))])
    const officer = cases.find(({ respect }) => respect.of === 'by-an-officer')
    expect([...(officer?.differs ?? [])].sort()).toEqual([
      ['item.minor', true],
      ['release.decision', 'release'],
    ])
  })

  // Kills: a duty compared by its code alone.
  test('is a duty that comes, goes, or is due sooner, where the same leaves', () => {
    const owing = (within: string) => oblige('answer', true, [{ code: 'O-ANSWER', within }])
    const duty = (within: string) => JSON.stringify(['O-ANSWER', undefined, within])
    expect(changed([owing('P7D')], [owing('PT8H')]).respects).toEqual(
      [
        { of: 'duty', isLooser: true, duty: duty('P7D') },
        { of: 'duty', isLooser: false, duty: duty('PT8H') },
      ].toSorted((a, b) => a.duty.localeCompare(b.duty)),
    )
    const { respects } = changed([owing('P7D')], [])
    expect(respects).toEqual([{ of: 'duty', isLooser: true, duty: duty('P7D') }])
  })

  // Kills: what leaves in clear, taken for what leaves under a mask; a mask taken for any other.
  test('is what leaves changed, or less of it kept', () => {
    const masked = (keepLast: number) =>
      redact('names', is('item.class', 'identification'), 'mask', {}, { keepLast })
    const how = { of: 'changed', isLooser: false } as const
    expect(changed([], [masked(4)]).respects).toEqual([how])
    expect(changed([masked(4)], [masked(2)]).respects).toEqual([how])
    expect(changed([masked(2)], [masked(4)]).respects).toEqual([{ ...how, isLooser: true }])
  })
})

describe('a change that cannot be seen', () => {
  // Kills: conditions compared as they are written.
  test('is proved to change nothing, however it is written', () => {
    const twice: Json = {
      or: [is('item.minor', true), { and: [is('item.minor', true), is('item.role', 'victim')] }],
    }
    const { results, cases } = changed(
      [deny('children', is('item.minor', true))],
      [deny('minors', twice)],
    )
    expect([results, cases]).toEqual([{ DE: 'alike', FR: 'alike' }, []])
  })

  // Kills: three values taken for two.
  test('is not one that asks the opposite where nobody knows', () => {
    const not: Json = { or: [is('item.minor', true), isNot('item.minor', true)] }
    expect(changed([deny('minors', true)], [deny('minors', not)]).results.DE).toBe('nothing-leaves')
    const known = [permit('minors', not)]
    const only = (rules: readonly WrittenRule[]) => inForceOf([ground('de', rules)])
    const { found } = allSteps(lawDifference(only([lawful]), only(known)))
    expect(found.map(({ result }) => result)).toEqual(['differs'])
  })

  // Kills: a law from which nothing leaves, said to be alike.
  test('is not called alike where nothing leaves at all', () => {
    expect(changed([deny('all', true)], [deny('all', true), seriousness(12)]).results.DE).toBe(
      'nothing-leaves',
    )
  })
})

// Kills: a holder that cannot be encoded, counted as alike or left out.
test('What cannot be encoded is named, and is never alike', () => {
  const compares = deny(
    'longer',
    { '<': [{ var: months }, { var: 'request.offence.maxCustodyMonthsRequester' }] },
    { relies: { cites: ['art. 1'] } },
  )
  const { results } = changed([], [compares])
  expect(results).toEqual({ DE: 'not-proved', FR: 'alike' })
})

/** A comparison of one fact with another, unless that is a list. */
const comparesTwo =
  /\{"var":"[^"]+"\},\{"var":"(?!lists\.|necessity\.strict|requester\.cannot|discretion)/

// Kills: a difference that no formula speaks of; an order of the two laws.
const byChance = 'Laws by chance that are alike answer all facts by chance alike'
test(byChance, { timeout: patience }, () => {
  let [alike, shown] = [0, 0]
  fc.assert(
    fc.property(setups, fc.nat(), fc.boolean(), ({ policies, facts, items }, at, isLast) => {
      // Of numbers and codes that are compared with each other nothing is proved.
      fc.pre(!comparesTwo.test(JSON.stringify(policies)))
      const cut = policies.map((policy, i) =>
        i === at % policies.length
          ? { ...policy, rules: isLast ? policy.rules.slice(0, -1) : policy.rules.slice(1) }
          : policy,
      )
      const [was, is] = [nowFor(policies), nowFor(cut)]
      const { found, cases } = allSteps(lawDifference(was, is))
      shown += cases.length
      for (const { holder, result } of found) {
        // Who asks is always known.
        const isAsked = isKnown('requester.jurisdiction', facts['requester.jurisdiction'])
        if (result !== 'alike' || !isAsked) continue
        for (const item of items) {
          const asked = { ...facts, 'holder.jurisdiction': holder, asOf: is.asOf }
          const answers = [was, is].map((law) => {
            const [one] = judge(law, asked, [{ id: '1', facts: item.facts }]).items
            const isKept = one?.treatment.kind === 'withhold'
            return [
              one?.treatment,
              isKept ? [] : [...new Set(one?.duties.map(({ duty }) => dutyText(duty)))].sort(),
            ]
          })
          alike += 1
          expect(answers[0]).toEqual(answers[1])
        }
      }
    }),
    { numRuns: runs(60) },
  )
  expect(alike).toBeGreaterThan(5)
  expect(shown).toBeGreaterThan(5)
})

/** A refusal tells nothing of the record, unless an article says that it may. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Decision,
  decide,
  decideAndTell,
  decideUnseen,
} from '../../functions/decision/decide.ts'
import { nowFor, openSetups, type Setup, setups } from './setups.ts'
import { deny, is, isNot, permit, type WrittenPolicy } from './write.ts'

const vanished = (decision: Decision, told: Decision): ReadonlySet<string> => {
  const shown = new Set(told.items.map(({ id }) => id))
  return new Set(decision.items.map(({ id }) => id).filter((id) => !shown.has(id)))
}

/** Requests that got as far as the record. */
const isFetched = ({ policies, facts }: Setup) =>
  decideUnseen(nowFor(policies), facts) === undefined
const fetched = fc.oneof(setups, openSetups).filter(isFetched)

const tellOf = ({ policies, facts, items }: Setup, but: ReadonlySet<string> = new Set()) =>
  decideAndTell(
    nowFor(policies),
    facts,
    items.filter(({ id }) => !but.has(id)),
  )

// Killed: an outcome that is told of all items, hidden ones too (decide.ts, `decideAndTell`).
test('an item that is withheld and not told leaves the told answer as it is, to the byte', () => {
  fc.assert(
    fc.property(fc.oneof(setups, openSetups), (setup) => {
      const { decision, told } = tellOf(setup)
      const gone = vanished(decision, told)
      const without = tellOf(setup, gone).told
      expect(JSON.stringify(without)).toBe(JSON.stringify(told))
    }),
    { numRuns: 150 },
  )
})

// Killed: a hidden record whose standing differs (decide.ts, `decideAndTell`).
test('no hit and a record of which nothing may be told get the same bytes', () => {
  fc.assert(
    fc.property(fetched, (setup) => {
      const { decision, told } = tellOf(setup)
      fc.pre(vanished(decision, told).size === setup.items.length)
      const noHit = decideAndTell(nowFor(setup.policies), setup.facts, [])
      expect(JSON.stringify(told)).toBe(JSON.stringify(noHit.told))
      expect(JSON.stringify(noHit.decision)).toBe(JSON.stringify(noHit.told))
      const decided = decide(nowFor(setup.policies), setup.facts, [])
      expect(JSON.stringify(decided)).toBe(JSON.stringify(told))
      expect(told.reasons.map(({ code }) => code)).toEqual(['nothing-transmissible'])
      expect(told.standing).toBe('final')
    }),
    { numRuns: 60 },
  )
})

// Killed: an untold item that stays beside one that leaves; a treatment read off the told rules
// alone (decide.ts, `decideAndTell`).
test('what leaves is told as it is treated, and nothing is told to leave that stays', () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const { decision, told } = tellOf(setup)
      for (const { id, treatment } of decision.items) {
        const shown = told.items.find((item) => item.id === id)
        if (treatment.kind !== 'withhold') expect(shown?.treatment).toEqual(treatment)
        else if (shown !== undefined) {
          expect(shown.treatment.kind).toBe('withhold')
          expect(shown.rules).not.toEqual([])
        }
      }
    }),
    { numRuns: 500 },
  )
})

// Killed: every rule told (combine.ts, `mayBeTold`); an unknown class told (`judgeOne`).
test('a told refusal names no rule and no duty of a rule that may not be told', () => {
  fc.assert(
    fc.property(fetched, (setup) => {
      const { told } = tellOf(setup)
      fc.pre(told.outcome === 'deny' && told.items.length > 0)
      const now = nowFor(setup.policies)
      const rules = now.policies.flatMap((policy) => policy.rules)
      const mayBeTold = rules.filter(({ rule, readsRecord }) => {
        const { effect } = rule.then
        return !readsRecord || ((effect === 'deny' || effect === 'redact') && rule.then.tell)
      })
      const ids = new Set(mayBeTold.map(({ id }) => id))
      expect(told.reasons.map(({ code }) => code)).not.toContain('unknown-class')
      for (const { rule } of told.reasons)
        if (rules.some(({ id }) => id === rule)) expect(ids).toContain(rule)
      const codes = mayBeTold.flatMap(({ rule }) =>
        (rule.then.obligations ?? []).map((d) => d.code),
      )
      for (const { code } of told.obligations) expect(codes).toContain(code)
    }),
    { numRuns: 40 },
  )
})

// Killed: told cures tried on items that are not told (cures.ts, `loosens`).
test('an item that is not told opens no denial that is told', () => {
  const tell = { cites: ['art. 6'] }
  const consent = deny('origin', isNot('item.originConsent', 'given'), {}, { tell })
  const given = { and: [is('item.originConsent', 'given'), is('item.class', 'health')] }
  const policies: readonly WrittenPolicy[] = [
    { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
    {
      id: 'eu/a',
      kind: 'limit',
      rules: [consent, deny('health', given, {}, { tell }), deny('minors', { var: 'item.minor' })],
    },
  ]
  const asked = { 'item.class': 'health', 'item.originConsent': 'not-asked', 'item.minor': false }
  const hidden = { 'item.class': 'case', 'item.originConsent': 'given', 'item.minor': true }
  const facts = { 'holder.jurisdiction': 'DE', 'requester.cannotHonour': [] }
  const items = [asked, hidden].map((known, i) => ({ id: `${i}`, facts: known }))
  const { told } = decideAndTell(nowFor(policies), facts, items)
  expect(told).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  expect(told.reasons.map(({ rule }) => rule)).toEqual(['eu/a/origin'])
})

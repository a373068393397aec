/** What is refused before the record is fetched is refused whatever the record holds. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, decideAndTell } from '../../functions/decision/decide.ts'
import { decideUnseen } from './before-fetch.ts'
import { nowFor, setups } from './setups.ts'

// Killed: an unanswered deny that rests on the record counted unseen (combine.ts, `refusal`);
// permits that rest on the record not counted unseen (`permitted`); duties of rules that read the
// record counted unseen (`owed`).
test('a refusal before the fetch is a refusal after it, for any items', () => {
  fc.assert(
    fc.property(setups, ({ policies, facts, items }) => {
      const now = nowFor(policies)
      if (decideUnseen(now, facts) === undefined) return
      for (const { treatment } of decide(now, facts, items).items)
        expect(treatment.kind).toBe('withhold')
    }),
    { numRuns: 600 },
  )
})

// Killed: an item's unknown class counted unseen (combine.ts, `weigh`).
test('a refusal before the fetch gives reasons, and the full decision has every one of them', () => {
  fc.assert(
    fc.property(setups, ({ policies, facts, items }) => {
      const now = nowFor(policies)
      const unseen = decideUnseen(now, facts)
      if (unseen === undefined) return
      expect(unseen.outcome).toBe('deny')
      expect(unseen.items).toEqual([])
      expect(unseen.reasons).not.toEqual([])
      const rules = decide(now, facts, items).reasons.map(({ rule }) => rule)
      expect(rules).toEqual(expect.arrayContaining(unseen.reasons.map(({ rule }) => rule)))
    }),
    { numRuns: 300 },
  )
})

// Killed: `no-policy` said only once the record was seen (combine.ts, `weigh`).
test('where a request is not refused before the fetch, nothing that is told rests on it alone', () => {
  fc.assert(
    fc.property(setups, ({ policies, facts, items }) => {
      const now = nowFor(policies)
      if (decideUnseen(now, facts) !== undefined) return
      const told = decideAndTell(now, facts, items).told.reasons.map(({ rule }) => rule)
      expect(told).not.toContain('comity/no-policy')
    }),
    { numRuns: 300 },
  )
})

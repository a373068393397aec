/** A suspended version permits nothing; what it refuses, redacts and obliges goes on. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, decideAndTell } from '../../functions/decision/decide.ts'
import type { Facts } from '../../functions/decision/facts.ts'
import type { InForce } from '../../functions/policy/history.ts'
import { decideUnseen } from './before-fetch.ts'
import { loosened, outline } from './compare.ts'
import { nowFor, setups } from './setups.ts'
import { deny, inForceOf, is, oblige, permit, quiet, quietItem, redact } from './write.ts'

/** The same law with some of its policies suspended. */
const suspending = (now: InForce, ...ids: readonly string[]): InForce => ({
  ...now,
  suspended: new Set(now.policies.filter(({ id }) => ids.includes(id))),
})

const facts = {
  ...quiet,
  'holder.jurisdiction': 'DE',
  'requester.jurisdiction': 'US',
  'requester.cannotHonour': [],
  'release.decision': 'none',
  'discretion.waived': [],
}
const items = [{ id: '1', facts: { ...quietItem, 'item.class': 'case' } }]
const own = {
  id: 'de/own',
  kind: 'ground',
  rules: [permit('always', true), deny('health', is('item.class', 'health'))],
} as const
const other = { id: 'eu/other', kind: 'ground', rules: [permit('always', true)] } as const

describe('While a version is suspended', () => {
  const now = inForceOf([own, other])

  test('nothing leaves that it would have to permit, and the requester is told why', () => {
    expect(decide(now, facts, items).outcome).toBe('release')
    for (const id of ['de/own', 'eu/other']) {
      const { decision, told } = decideAndTell(suspending(now, id), facts, items)
      expect(decision).toMatchObject({ outcome: 'deny', standing: 'open', todo: [] })
      expect(decision.reasons.map(({ code, rule }) => [code, rule])).toEqual([
        ['policy-suspended', 'comity/policy-suspended'],
      ])
      expect(told).toEqual(decision)
      expect(decision.reasons[0]?.says).toBe(
        'A policy that would have to permit this is suspended for the time being. ' +
          `Those who seal the policies of \`${id.split('/')[0]}\` may lift that.`,
      )
    }
    const both = decide(suspending(now, 'de/own', 'eu/other'), facts, items)
    expect(both.reasons.map(({ says }) => says)).toEqual([
      expect.stringContaining('the policies of `de` and `eu` may lift that'),
    ])
  })

  // Kills: a refusal that would stand without the suspension, called open; one that would be open, final
  // (remedies.ts, `isOpenWithoutSuspensions`).
  test('the denial is open if it ends with the suspension, and as it was if it does not', () => {
    const standing = (law: InForce, stated: Facts = facts, asked = items) =>
      decide(law, stated, asked).standing
    const health = [{ id: '1', facts: { ...quietItem, 'item.class': 'health' } }]
    expect(standing(suspending(now, 'de/own'), facts, health)).toBe('final')
    // One of two items can leave once it is lifted.
    expect(
      standing(suspending(now, 'de/own'), facts, [
        ...health,
        { id: '2', facts: { ...quietItem, 'item.class': 'case' } },
      ]),
    ).toBe('open')
    // It waits for the suspension to be lifted, and then for a minister.
    const asking = inForceOf([
      { ...own, rules: [permit('approved', is('approval.minister', 'given'))] },
    ])
    const waiting = { ...facts, 'approval.minister': 'not-asked' }
    expect(standing(suspending(asking, 'de/own'), waiting)).toBe('open')
    expect(
      standing(suspending(asking, 'de/own'), { ...facts, 'approval.minister': 'refused' }),
    ).toBe('final')
  })

  test('it is refused before the record is fetched, whatever the record might permit', () => {
    const asksRecord = {
      ...own,
      rules: [permit('record', is('item.class', 'case'))],
    }
    const law = inForceOf([asksRecord])
    expect(decideUnseen(law, facts)).toBeUndefined()
    expect(decideUnseen(suspending(law, 'de/own'), facts)).toMatchObject({
      standing: 'open',
      reasons: [{ code: 'policy-suspended' }],
    })
  })

  test('what it refuses is still refused, and said', () => {
    const health = [{ id: '1', facts: { ...quietItem, 'item.class': 'health' } }]
    const codes = decide(suspending(now, 'de/own'), facts, health).reasons.map(({ code }) => code)
    expect(codes).toEqual(['deny-health', 'policy-suspended'])
  })

  test('what a limit redacts and obliges goes on', () => {
    const limit = {
      id: 'eu/limit',
      kind: 'limit',
      rules: [
        redact('mask', true, 'mask', {}, { keepLast: 2 }),
        oblige('log', true, [{ code: 'O-LOG' }]),
      ],
    } as const
    const law = inForceOf([own, limit])
    const before = decide(law, facts, items)
    expect(before).toMatchObject({ outcome: 'redact', obligations: [{ code: 'O-LOG' }] })
    expect(decide(suspending(law, 'eu/limit'), facts, items)).toEqual(before)
  })

  // Kills: duties of suspended permits dropped (evaluate.ts, `find`).
  test('a duty that comes with a permission of a limit goes on', () => {
    const duty = { obligations: [{ code: 'O-USE' }] }
    const limit = { id: 'eu/limit', kind: 'limit', rules: [permit('a', true, {}, duty)] } as const
    const now = suspending(inForceOf([own, limit]), 'eu/limit')
    expect(decide(now, facts, items)).toMatchObject({
      outcome: 'release',
      obligations: [{ code: 'O-USE' }],
    })
  })

  test('what it does not apply to is answered as before', () => {
    const elsewhere = { ...other, applies: is('holder.jurisdiction', 'FR') }
    const law = inForceOf([own, elsewhere])
    expect(decide(suspending(law, 'eu/other'), facts, items)).toEqual(decide(law, facts, items))
  })
})

const some = fc.array(fc.constantFrom('de/own', 'eu/a', 'de/b', 'interpol/c'), { minLength: 1 })

// Kills: a suspended policy that does not apply at all (evaluate.ts, `applicable`), a suspended
// ground that blocks nothing (combine.ts, `weigh`).
test('suspending versions loosens no outcome, no treatment and no duty', () => {
  fc.assert(
    fc.property(setups, some, ({ policies, facts: stated, items: asked }, ids) => {
      const now = nowFor(policies)
      const before = outline(now, stated, asked)
      expect(loosened(before, outline(suspending(now, ...ids), stated, asked))).toEqual([])
    }),
    { numRuns: 400 },
  )
})

// Kills: a suspended permit that counts where it reads the record (combine.ts, `weigh`).
test('a refusal for a suspension is the same for every record, and for none', () => {
  fc.assert(
    fc.property(setups, some, ({ policies, facts: stated, items: asked }, ids) => {
      const now = suspending(nowFor(policies), ...ids)
      const isSaid = (codes: readonly { readonly code: string }[]) =>
        codes.some(({ code }) => code === 'policy-suspended')
      const seen = isSaid(decide(now, stated, asked).reasons)
      const unseen = decideUnseen(now, stated)
      expect(unseen !== undefined && isSaid(unseen.reasons)).toBe(seen)
    }),
    { numRuns: 400 },
  )
})

// Kills: a denial that a suspension causes, called final; one that it does not cause, called open (remedies.ts,
// `isOpenWithoutSuspensions`).
test('a denial is open where it ends with the suspension, or was open without it, and else final', () => {
  let caused = 0
  fc.assert(
    fc.property(setups, some, ({ policies, facts: stated, items: asked }, ids) => {
      const now = nowFor(policies)
      const before = decide(now, stated, asked)
      const during = decide(suspending(now, ...ids), stated, asked)
      if (during.outcome !== 'deny') return
      if (before.outcome !== 'deny') caused += 1
      // A search that was cut claims nothing, and leaves the denial open.
      const isCut = during.todoComplete === false || before.todoComplete === false
      const expected = before.outcome === 'deny' ? before.standing : 'open'
      if (!isCut) expect(during.standing).toBe(expected)
    }),
    { numRuns: 400 },
  )
  expect(caused).toBeGreaterThan(5)
})

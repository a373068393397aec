/** What a request is answered, and why. */

import { describe, expect, test } from 'vitest'
import { type Decision, decide, decideAndTell } from '../../functions/decision/decide.ts'
import { decideUnseen } from './before-fetch.ts'
import {
  deny,
  inForceOf,
  is,
  isNot,
  listOf,
  permit,
  quiet,
  quietItem,
  redact,
  type WrittenPolicy,
  type WrittenRule,
} from './write.ts'

const facts = {
  ...quiet,
  asOf: '2026-11-24',
  'holder.jurisdiction': 'DE',
  'requester.jurisdiction': 'US',
  'requester.cannotHonour': [],
  'release.decision': 'none',
  'request.purpose': 'prosecution',
  'discretion.waived': [],
}
const item = (over: object = {}, id = '1') => ({
  id,
  facts: {
    ...quietItem,
    'item.class': 'case',
    'item.minor': false,
    'item.originConsent': 'own-data',
    ...over,
  },
})

const ground = (
  rules: readonly WrittenRule[],
  over: Partial<WrittenPolicy> = {},
): WrittenPolicy => ({
  id: 'de/own',
  kind: 'ground',
  rules,
  ...over,
})
const always = ground([permit('always', true)])
const limit = (...rules: readonly WrittenRule[]): WrittenPolicy => ({
  id: 'eu/a',
  kind: 'limit',
  rules,
})

/** `code of rule` of each reason. */
const reasons = (decision: Decision | undefined) =>
  decision?.reasons.map(({ code, rule }) => `${code} of ${rule}`)

const minor = { var: 'item.minor' }
const health = is('item.class', 'health')

describe('a ground', () => {
  test('releases what one of its permits allows, and says which', () => {
    const decision = decide(inForceOf([always]), facts, [item()])
    expect(decision.outcome).toBe('release')
    expect(reasons(decision)).toEqual(['permit-always of de/own/always'])
    expect(decision.items).toEqual([
      { id: '1', treatment: { kind: 'release' }, rules: ['de/own/always'] },
    ])
    expect(decision.policies).toMatchObject([{ id: 'de/own', version: '2020-01-01' }])
  })

  test('that is silent withholds, and says what its silence means', () => {
    const decision = decide(inForceOf([ground([permit('health', health)])]), facts, [item()])
    expect(decision.outcome).toBe('deny')
    expect(decision.standing).toBe('final')
    expect(reasons(decision)).toEqual(['no-basis of de/own/otherwise'])
  })

  test('withholds although another ground permits', () => {
    const eu = { ...ground([permit('health', health)]), id: 'eu/b' }
    const decision = decide(inForceOf([always, eu]), facts, [item()])
    expect(reasons(decision)).toEqual(['no-basis of eu/b/otherwise'])
  })

  test('of the holder must definitely apply', () => {
    const foreign = { ...always, id: 'us/own' }
    const perhaps = ground([permit('always', true)], { applies: is('request.channel', 'siena') })
    for (const policies of [[], [foreign], [perhaps], [{ ...limit(), id: 'de/limit' }]]) {
      const decision = decide(inForceOf(policies), facts, [item()])
      expect(decision.outcome).toBe('deny')
      expect(reasons(decision)).toContain('no-policy of comity/no-policy')
    }
  })
})

describe('items are judged one by one', () => {
  const redacting = limit(redact('minors', minor, 'pseudonymise'), deny('health', health))
  const items = [
    item(),
    item({ 'item.minor': true }, '2'),
    item({ ...quietItem, 'item.class': 'health' }, '3'),
  ]

  test('and the outcome is between release and denial where they differ', () => {
    const decision = decide(inForceOf([always, redacting]), facts, items)
    expect(decision.outcome).toBe('redact')
    expect(decision.items.map(({ treatment }) => treatment.kind)).toEqual([
      'release',
      'pseudonymise',
      'withhold',
    ])
    expect(reasons(decision)).toEqual([
      'deny-health of eu/a/health',
      'redact-minors of eu/a/minors',
      'permit-always of de/own/always',
    ])
  })

  test('and one of an unknown class stays', () => {
    const decision = decide(inForceOf([always]), facts, [
      item({ ...quietItem, 'item.class': 'helth' }),
    ])
    expect(reasons(decision)).toEqual(['unknown-class of comity/unknown-class'])
  })

  test('and one whose value cannot be masked or generalised stays where that is wanted', () => {
    const masked = limit(redact('some', true, 'mask', {}, { keepLast: 2 }))
    const now = inForceOf([always, masked])
    expect(decide(now, facts, [item()]).outcome).toBe('redact')
    const image = { ...item(), cannot: ['mask', 'generalise'] as const }
    expect(decide(now, facts, [image]).outcome).toBe('deny')
  })

  test('and a rule that holds for one gives its own code though it is unanswerable for another', () => {
    const now = inForceOf([always, limit(deny('minors', minor))])
    const mixed = [item({ 'item.minor': true }), item({ 'item.minor': null }, '2')]
    expect(reasons(decide(now, facts, mixed))).toEqual(['deny-minors of eu/a/minors'])
    expect(reasons(decide(now, facts, mixed.toReversed()))).toEqual(['deny-minors of eu/a/minors'])
  })

  test('and what the request states of an item is not believed of any', () => {
    const now = inForceOf([ground([permit('consent', is('item.originConsent', 'given'))])])
    const stated = { ...facts, 'item.originConsent': 'given', 'item.class': 'case' }
    const unknown = { id: '1', facts: { 'item.originConsent': null } }
    expect(decide(now, stated, [unknown]).outcome).toBe('deny')
    const hidden = inForceOf([always, limit(deny('origin', isNot('item.originConsent', 'given')))])
    expect(
      decide(hidden, stated, [{ id: '1', facts: { ...quietItem, 'item.class': 'case' } }]).outcome,
    ).toBe('deny')
  })
})

describe('what is not known counts against release', () => {
  const torture = is('risk.torture', 'real')
  const now = inForceOf([always, limit(deny('torture', torture))])

  test('a denial that cannot be answered denies, and names the missing fact and not its own code', () => {
    const decision = decide(now, { ...facts, 'risk.torture': null }, [item()])
    expect(decision.outcome).toBe('deny')
    expect(reasons(decision)).toEqual(['fact-missing of eu/a/torture'])
    expect(decision.missing).toEqual(['risk.torture'])
  })

  test('a denial that holds denies with its own code', () => {
    const decision = decide(now, { ...facts, 'risk.torture': 'real' }, [item()])
    expect(reasons(decision)).toEqual(['deny-torture of eu/a/torture'])
    expect(decision.missing).toEqual([])
    expect(decision.standing).toBe('final')
  })

  test('a permit that cannot be answered permits nothing, and the fact is named', () => {
    const only = inForceOf([ground([permit('necessary', is('necessity.case', 'necessary'))])])
    const decision = decide(only, { ...facts, 'necessity.case': null }, [item()])
    expect(reasons(decision)).toEqual(['no-basis of de/own/otherwise'])
    expect(decision.missing).toEqual(['necessity.case'])
  })

  test('an exception that cannot be answered lifts nothing', () => {
    const rule = deny('a', true, { unless: [{ when: is('threat.life', 'imminent') }] })
    const excepted = inForceOf([always, limit(rule)])
    expect(reasons(decide(excepted, facts, [item()]))).toEqual(['fact-missing of eu/a/a'])
    const lifted = decide(excepted, { ...facts, 'threat.life': 'imminent' }, [item()])
    expect(lifted.outcome).toBe('release')
    expect(reasons(lifted)).toContain('exception of eu/a/a/unless')
  })

  test('a list that is not in force denies as an unknown fact does', () => {
    const listed = { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.barred' }] }
    const policies = [always, limit(deny('barred', listed))]
    const list = listOf('barred', ['KP'])
    const inFuture = { ...list, path: 'lists/barred/2030-01-01.json' }
    expect(decide(inForceOf(policies, [list]), facts, [item()]).outcome).toBe('release')
    const decision = decide(inForceOf(policies, [inFuture]), facts, [item()])
    expect(reasons(decision)).toEqual(['fact-missing of eu/a/barred'])
  })
})

describe('a discretionary refusal', () => {
  const now = inForceOf([always, limit(deny('may', true, { nature: 'discretionary' }))])
  const waiving = (waived: unknown) =>
    decide(now, { ...facts, 'discretion.waived': waived }, [item()])

  test('can be waived by a decision that names the rule', () => {
    expect(waiving(['eu/a/may']).outcome).toBe('release')
    expect(reasons(waiving([]))).toEqual(['deny-may of eu/a/may'])
    expect(reasons(waiving(['eu/a/other']))).toEqual(['deny-may of eu/a/may'])
  })

  test('stands while it is not known whether it was waived', () => {
    expect(reasons(waiving(null))).toEqual(['fact-missing of eu/a/may'])
    expect(waiving(null).missing).toEqual(['discretion.waived'])
  })

  test('is the only refusal that can be waived', () => {
    const mandatory = inForceOf([always, limit(deny('must', true))])
    const waived = { ...facts, 'discretion.waived': ['eu/a/must'] }
    expect(decide(mandatory, waived, [item()]).outcome).toBe('deny')
  })
})

describe('before the record is fetched', () => {
  test('a request is let through where only the record can refuse', () => {
    const now = inForceOf([always, limit(deny('minors', minor))])
    expect(decideUnseen(now, facts)).toBeUndefined()
  })

  test('a refusal that no record can change is given with its reasons', () => {
    const now = inForceOf([always, limit(deny('us', is('requester.jurisdiction', 'US')))])
    expect(reasons(decideUnseen(now, facts))).toEqual(['deny-us of eu/a/us'])
  })

  test('a ground is refused where none of its permits can hold, whatever the record', () => {
    const when = { and: [health, is('requester.jurisdiction', 'FR')] }
    const now = inForceOf([ground([permit('french', when)])])
    expect(reasons(decideUnseen(now, facts))).toEqual(['no-basis of de/own/otherwise'])
    expect(decideUnseen(now, { ...facts, 'requester.jurisdiction': 'FR' })).toBeUndefined()
  })
})

test('a record of which nothing may be told is answered as no record is', () => {
  const now = inForceOf([always, limit(deny('minors', minor))])
  const hidden = [item({ 'item.minor': true })]
  const { decision, told } = decideAndTell(now, facts, hidden)
  expect(reasons(decision)).toEqual(['deny-minors of eu/a/minors'])
  expect(reasons(told)).toEqual(['nothing-transmissible of comity/nothing-transmissible'])
  expect(told).toEqual(decide(now, facts, []))
  expect(told).toMatchObject({
    outcome: 'deny',
    standing: 'final',
    items: [],
    missing: [],
    todo: [],
  })
})

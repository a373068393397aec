/** Which duties travel with what leaves, and which articles a reason names. */

import { describe, expect, test } from 'vitest'
import { type Decision, decide, decideAndTell } from '../../functions/decision/decide.ts'
import {
  deny,
  inForceOf,
  is,
  oblige,
  permit,
  quiet,
  quietItem,
  type WrittenDuty,
  type WrittenPolicy,
  type WrittenRule,
} from './write.ts'

const facts = {
  ...quiet,
  'holder.jurisdiction': 'DE',
  'requester.jurisdiction': 'US',
  'requester.cannotHonour': [],
  'release.decision': 'none',
  'discretion.waived': [],
}
const item = {
  id: '1',
  facts: { ...quietItem, 'item.class': 'case', 'item.originConsent': 'own-data' },
}
const own = (...rules: readonly WrittenRule[]): WrittenPolicy => ({
  id: 'de/own',
  kind: 'ground',
  rules,
})
const limit = (...rules: readonly WrittenRule[]): WrittenPolicy => ({
  id: 'eu/a',
  kind: 'limit',
  rules,
})
const always = own(permit('always', true))
const reasons = ({ reasons: all }: Decision) => all.map(({ code, rule }) => `${code} of ${rule}`)

describe('a duty', () => {
  const imposing = (...obligations: readonly WrittenDuty[]) =>
    permit('a', true, {}, { obligations })
  const duties = (policies: readonly WrittenPolicy[], at?: string) =>
    decide(inForceOf(policies), facts, [item], at).obligations

  test('that two rules impose stands once, in its stricter form', () => {
    const strict: readonly WrittenDuty[] = [
      { code: 'O-MARK', value: 'INTERPOL CONFIDENTIAL' },
      { code: 'O-DEL', within: 'PT48H' },
    ]
    const loose: readonly WrittenDuty[] = [
      { code: 'O-MARK', value: 'INTERPOL RESTRICTED' },
      { code: 'O-DEL', within: 'P30D' },
    ]
    for (const [one, other] of [
      [strict, loose],
      [loose, strict],
    ] as const)
      expect(duties([own(imposing(...one)), limit(oblige('b', true, other))])).toMatchObject([
        { code: 'O-DEL', due: 'PT48H', onWhom: 'requester' },
        { code: 'O-MARK', value: 'INTERPOL CONFIDENTIAL', onWhom: 'holder' },
      ])
  })

  test('with a value off every scale stands beside the others', () => {
    const policies = [
      own(
        imposing(
          { code: 'O-MARK', value: 'VS-NfD' },
          { code: 'O-MARK', value: 'INTERPOL RESTRICTED' },
        ),
      ),
    ]
    expect(duties(policies).map(({ value }) => value)).toEqual(['INTERPOL RESTRICTED', 'VS-NfD'])
  })

  test('runs from the decision', () => {
    const [duty] = duties(
      [own(imposing({ code: 'O-DEL', within: 'PT48H' }))],
      '2026-11-24T10:00:00Z',
    )
    expect(Date.parse(duty?.due ?? '')).toBe(Date.parse('2026-11-26T10:00:00Z'))
  })

  test('that the requester cannot honour keeps the item back', () => {
    const now = inForceOf([own(imposing({ code: 'O-DP' }, { code: 'O-LOG' }))])
    const cannot = (codes: unknown) =>
      decide(now, { ...facts, 'requester.cannotHonour': codes }, [item])
    expect(reasons(cannot(['O-DP']))).toEqual([
      'condition-unaccepted of comity/condition-unaccepted',
    ])
    expect(cannot(['O-DEL']).outcome).toBe('release')
    expect(cannot(['O-LOG']).outcome).toBe('release')
    expect(reasons(cannot(undefined))).toEqual(['fact-missing of comity/fact-missing'])
    expect(cannot(undefined).missing).toEqual(['requester.cannotHonour'])
  })

  test('that nobody owes asks nothing of what the requester can honour', () => {
    const unknown = { ...facts, 'requester.cannotHonour': undefined }
    expect(decide(inForceOf([always]), unknown, [item]).outcome).toBe('release')
  })

  // Kills: markings that are forgotten; a marking of a withheld item; another scheme's scale.
  test('of a marking travels with the item that carries it, and with no other', () => {
    const item2 = { ...item, id: '2', markings: ['TLP:AMBER', 'H1'] }
    const permits = inForceOf([own(imposing({ code: 'O-MARK', value: 'INTERPOL RESTRICTED' }))])
    const { obligations } = decide(permits, facts, [item, item2])
    expect(obligations.map(({ code, value }) => [code, value])).toEqual([
      ['O-CONF', undefined],
      ['O-MARK', 'INTERPOL RESTRICTED'],
      ['O-MARK', 'TLP:AMBER'],
      ['O-MARK', 'H1'],
      ['O-NOEVID', undefined],
      ['O-ONWARD', undefined],
    ])
    expect(obligations.find(({ code }) => code === 'O-ONWARD')?.cites).toEqual([
      'TLP 2.0 (FIRST, 2022)',
    ])
    expect(decide(permits, facts, [item]).obligations.map(({ code }) => code)).toEqual(['O-MARK'])
    const blocked = { ...item2, facts: { ...item2.facts, 'item.class': undefined } }
    expect(decide(permits, facts, [blocked]).obligations).toEqual([])
  })

  test.each([
    ['TLP:GREEN', 'TLP:RED', ['TLP:RED']],
    ['TLP:AMBER+STRICT', 'TLP:AMBER', ['TLP:AMBER+STRICT']],
    ['OFFICIAL-SENSITIVE', 'OFFICIAL', ['OFFICIAL-SENSITIVE']],
    ['INTERPOL CONFIDENTIAL', 'INTERPOL RESTRICTED', ['INTERPOL CONFIDENTIAL']],
    ['SECRET', 'TLP:RED', ['TLP:RED', 'SECRET']],
    ['H1', 'H2', ['H1', 'H2']],
  ])('of two markings %s and %s, what leaves bears %j', (one, other, expected) => {
    const marked = [one, other].map((marking, i) => ({ ...item, id: `${i}`, markings: [marking] }))
    const values = decide(inForceOf([always]), facts, marked).obligations.flatMap(
      ({ code, value }) => (code === 'O-MARK' ? [value] : []),
    )
    expect(values).toEqual(expected)
  })

  test('of a marking that the requester cannot honour keeps the item back, untold and for good', () => {
    const now = inForceOf([always])
    const marked = [{ ...item, markings: ['H2'] }]
    const { outcome, standing, items } = decide(
      now,
      { ...facts, 'requester.cannotHonour': ['O-ONWARD'] },
      marked,
    )
    expect({ outcome, standing }).toEqual({ outcome: 'deny', standing: 'final' })
    expect(items[0]?.rules).toEqual(['comity/condition-unaccepted'])
    const { told } = decideAndTell(
      now,
      { ...facts, 'requester.cannotHonour': ['O-ONWARD'] },
      marked,
    )
    expect(told.reasons.map(({ code }) => code)).toEqual(['nothing-transmissible'])
  })

  test('of a rule that fails is not owed, and of one that cannot be answered is', () => {
    const minor = oblige('a', { var: 'item.minor' }, [{ code: 'O-MINOR' }])
    const now = inForceOf([always, limit(minor)])
    const of = (isMinor: unknown) =>
      decide(now, facts, [{ id: '1', facts: { ...item.facts, 'item.minor': isMinor } }]).obligations
    expect(of(false)).toEqual([])
    expect(of(true).map(({ code }) => code)).toEqual(['O-MINOR'])
    expect(of(null).map(({ code }) => code)).toEqual(['O-MINOR'])
  })

  test('of a refusal that may not be told is not told', () => {
    const tell = { cites: ['art. 6'] }
    const told = deny(
      'told',
      { var: 'item.minor' },
      {},
      { tell, obligations: [{ code: 'O-REASONS' }] },
    )
    const untold = deny(
      'untold',
      { var: 'item.minor' },
      {},
      { obligations: [{ code: 'O-NOTIFY-ORIG' }] },
    )
    const minor = { id: '1', facts: { ...item.facts, 'item.minor': true } }
    const both = decideAndTell(inForceOf([always, limit(told, untold)]), facts, [minor])
    expect(both.decision.obligations.map(({ code }) => code)).toEqual([
      'O-NOTIFY-ORIG',
      'O-REASONS',
    ])
    expect(reasons(both.told)).toEqual(['deny-told of eu/a/told'])
    expect(both.told.obligations.map(({ code }) => code)).toEqual(['O-REASONS'])
  })
})

test('a national law that transposes a rule adds its own articles to it', () => {
  const transposes = {
    'eu/a': { us: ['BDSG § 78'], 'us/unless': ['BDSG § 79'] },
    'eu/b': { otherwise: ['BDSG § 80'] },
  }
  const eu = limit(deny('us', is('requester.jurisdiction', 'US')))
  const ground: WrittenPolicy = { id: 'eu/b', kind: 'ground', rules: [] }
  const decision = decide(inForceOf([{ ...always, transposes }, eu, ground]), facts, [item])
  expect(decision.reasons.map(({ rule, cites }) => [rule, ...cites])).toEqual([
    ['eu/a/us', 'art. 1', 'BDSG § 78'],
    ['eu/b/otherwise', 'art. 1', 'BDSG § 80'],
  ])
})

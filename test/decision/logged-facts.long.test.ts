/** What a legal editor sees of a logged decision: enough to decide it again, and nobody. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../functions/decision/decide.ts'
import type { Item } from '../../functions/decision/facts.ts'
import {
  type LoggedEntry,
  lineBytesMax,
  loggedDecisionSchema,
  loggedFactsOf,
  namesIn,
} from '../../functions/decision/logged-facts.ts'
import { isRecordFact, knownValue } from '../../functions/policy/fact-types.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { decideCase, imagining, inputOf } from '../../functions/workbench/law/cases.ts'
import { worldLaw } from '../world-law.ts'
import { cases, law, lawOn } from './law.ts'
import { sealed } from './write.ts'

const { book: own } = readBook(worldLaw, () => sealed)
const names = namesIn(own)
const entry = (facts: object, items: readonly Item[] = []): LoggedEntry => ({
  id: 'A'.repeat(43),
  ts: '2026-11-24T22:25:46.123Z',
  facts: { ...facts },
  items,
  decision: { outcome: 'deny', standing: 'open' },
  policies: [{ id: 'de/police', version: '2026-02-14', digest: '0'.repeat(64) }],
  lists: [{ id: 'led-states', version: '2020-01-01', digest: '0'.repeat(64) }],
})
const factsOf = (facts: object) => loggedFactsOf(entry(facts), names).facts

const anybody = 'Anna Müller, 1990'
const stray = fc.oneof(
  fc.constant<unknown>(anybody),
  fc.constant([anybody, 'O-DP', 'health']),
  fc.integer({ min: 1_000_000 }),
  fc.record({ name: fc.constant(anybody) }),
  fc.constantFrom('none', 'DE', 'real', true, null, 17, '1990-05-01', []),
)
const dictionary = fc.dictionary(
  fc.oneof(fc.constantFrom(...Object.keys(vocabulary)), fc.constant(anybody), fc.string()),
  stray,
  { noNullPrototype: true, maxKeys: 40 },
)

// Kills: a text of the requester that passes because the vocabulary knows the fact (`request.instrument`,
// `discretion.waived`); a number without bounds; the id of an item; what else stands beside an item.
test('nothing passes but facts of the vocabulary, in words that are ours', () => {
  fc.assert(
    fc.property(dictionary, fc.array(dictionary, { maxLength: 3 }), (facts, items) => {
      const known = items.map((each) => ({ id: anybody, facts: each, value: anybody }))
      const line = loggedFactsOf(entry(facts, known), names)
      expect(loggedDecisionSchema.parse(JSON.parse(JSON.stringify(line)))).toEqual(line)
      expect(JSON.stringify(line)).not.toContain('Müller')
      for (const [ofItem, all] of [
        [false, line.facts],
        ...line.items.map((each) => [true, each.facts]),
      ] as const)
        for (const [name, value] of Object.entries(all)) {
          expect(vocabulary[name], name).toBeDefined()
          expect(isRecordFact(name)).toBe(ofItem)
          expect(knownValue(name, value), name).toEqual(value)
          if (typeof value === 'number') expect(value).toBeLessThanOrEqual(1200)
        }
    }),
  )
})

describe('a fact that could tell whom it is about', () => {
  test('passes as a name that the law knows, or not at all', () => {
    expect(
      factsOf({
        'request.instrument': 'my own treaty',
        'requester.jurisdiction': 'Müller',
        'holder.jurisdiction': 'INTERPOL',
        'requester.cannotHonour': ['O-DP', 'O-MÜLLER'],
        'discretion.waived': ['eu/exchange/seriousness', 'eu/exchange/anna-mueller'],
      }),
    ).toEqual({
      'request.instrument': 'unlisted',
      'holder.jurisdiction': 'INTERPOL',
      'requester.cannotHonour': ['O-DP'],
      'discretion.waived': ['eu/exchange/seriousness'],
    })
    expect(factsOf({ 'request.instrument': 'EU-2023/977' })).toEqual({
      'request.instrument': 'EU-2023/977',
    })
  })

  // Kills: any text of an alert that passes, or none (logged-facts.ts, `alert`).
  test('of an alert passes as its article alone, if policies name it', () => {
    const items = [
      'SIS-26',
      'SIS-36',
      'SIS-37',
      'SIS-360',
      'SIS-36 Müller',
      'sis-36',
      'EU-2023/977',
    ]
    const of = items.map((under, i) => ({ id: `${i}`, facts: { 'item.obtainedUnder': under } }))
    expect(
      loggedFactsOf(entry({}, of), names).items.map(({ facts }) => facts['item.obtainedUnder']),
    ).toEqual(['SIS-26', 'SIS-36', 'unlisted', 'unlisted', 'unlisted', 'unlisted', 'EU-2023/977'])
    // Each article that a policy compares with is one that passes.
    const named = own.policies.flatMap(({ file }) => JSON.stringify(file).match(/SIS-\d+/g) ?? [])
    const passing = (under: string) =>
      loggedFactsOf(entry({}, [{ id: '1', facts: { 'item.obtainedUnder': under } }]), names).items
    expect(named.length).toBeGreaterThan(0)
    for (const under of new Set(named))
      expect(passing(under)).toEqual([{ facts: { 'item.obtainedUnder': under } }])
  })

  test('of very old people says only that they are', () => {
    const items = [{ id: '1', facts: { 'item.ageAtEvent': 104, 'item.yearsSinceEvent': 3 } }]
    expect(loggedFactsOf(entry({}, items), names).items).toEqual([
      { facts: { 'item.ageAtEvent': 90, 'item.yearsSinceEvent': 3 } },
    ])
  })
})

test('the line names what the answer rested on, and gives the decision in full', () => {
  expect(loggedFactsOf(entry({ asOf: '2026-11-24' }), names)).toEqual({
    id: 'A'.repeat(43),
    ts: '2026-11-24T22:25:46.123Z',
    facts: { asOf: '2026-11-24' },
    items: [],
    outcome: 'deny',
    standing: 'open',
    policies: ['de/police@2026-02-14'],
    lists: ['led-states@2020-01-01'],
  })
})

// Kills: a treatment that the value does not allow, lost on the way; a fact that rules read, left out.
test('every case of the lawyers is decided the same on what passes of it', () => {
  const shipped = namesIn(law.book)
  for (const { file, each } of cases) {
    const stated = inputOf(file, each)
    // Cases call a country without any treaty X; the register has codes of two letters.
    const requester = stated.facts['requester.jurisdiction']
    const facts = {
      ...stated.facts,
      'requester.jurisdiction': requester === 'X' ? 'XX' : requester,
    }
    const input = { ...stated, facts }
    const now = imagining(lawOn(input.asOf), stated.arrangements)
    // The class of an item was settled when it was fetched; here the case states it.
    const items = input.items.filter(({ facts }) => facts['item.element'] === undefined)
    if (items.length === 0) continue
    const told = decideCase(now, { ...input, items })
    const cannot = items.map((item): Item => ({ ...item, cannot: ['generalise', 'mask'] }))
    for (const [of, decision] of [
      [items, told],
      [cannot, decide(now, input.facts, cannot)],
    ] as const) {
      const line = loggedFactsOf({ ...entry(input.facts, of), decision }, shipped)
      const ids = line.items.map(
        ({ facts: all, cannot: none }, i): Item => ({
          id: of[i]?.id ?? '',
          facts: all,
          ...(none && { cannot: none }),
        }),
      )
      const again = decide(now, line.facts, ids)
      expect([again.outcome, again.standing, again.items], each.name).toEqual([
        decision.outcome,
        decision.standing,
        decision.items,
      ])
    }
  }
})

test('of what a value does not allow the line says what', () => {
  const items: readonly Item[] = [{ id: '1', facts: {}, cannot: ['mask'] }]
  expect(loggedFactsOf(entry({}, items), names).items).toEqual([{ facts: {}, cannot: ['mask'] }])
})

test('a whole record fits into a line', () => {
  const { file, each } = cases[0] ?? {}
  if (file === undefined || each === undefined) throw new Error('no cases')
  const { facts, items } = inputOf(file, each)
  const hundred = Array.from({ length: 100 }, () => items[0] as Item)
  const line = JSON.stringify(loggedFactsOf(entry(facts, hundred), names))
  expect(Buffer.byteLength(line)).toBeLessThan(lineBytesMax)
})

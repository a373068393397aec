/** Conditions in English: what people read is what is decided. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { known } from '../../../functions/decision/facts.ts'
import { condition } from '../../../functions/policy/dialect.ts'
import { walk } from '../../../functions/policy/logic.ts'
import type { Logic, Rule } from '../../../functions/policy/policy.ts'
import { type Fact, vocabulary } from '../../../functions/policy/vocabulary.ts'
import { inWords, valueWords, wordLines } from '../../../functions/policy/words.ts'
import { dutyWords, natureWords, thenWords } from '../../../functions/workbench/law/clauses.ts'
import { runs } from '../../decision/runs.ts'

const titles = { adequacy: 'States found adequate', 'led-states': 'States bound by the LED' }
const members = { adequacy: ['CH', 'JP'], 'led-states': ['DE', 'FR', 'CH'] }
const say = (logic: unknown) => inWords(logic as Logic, titles)
const v = (name: string) => ({ var: name })

describe('a lawyer reads', () => {
  const custody = v('request.offence.maxCustodyMonthsHolder')
  const sentences: readonly (readonly [unknown, string])[] = [
    [{ '<=': [custody, 12] }, "the maximum custody under the holder's law is at most 12 months"],
    [{ '<': [custody, 12] }, "the maximum custody under the holder's law is less than 12 months"],
    [{ '>': [custody, 12] }, "the maximum custody under the holder's law is more than 12 months"],
    [{ '>=': [custody, 1] }, "the maximum custody under the holder's law is at least 1 month"],
    [{ '>': [v('asOf'), '2020-12-31'] }, 'the day of the decision is after 31 December 2020'],
    [
      { '<=': [v('asOf'), '2020-12-31'] },
      'the day of the decision is on or before 31 December 2020',
    ],
    [{ '===': [v('holder.jurisdiction'), 'DE'] }, "the holder's country is Germany (DE)"],
    [{ '!==': [v('request.purpose'), 'immigration'] }, 'the purpose is not immigration control'],
    [
      { in: [v('item.role'), ['victim', 'witness', 'contact']] },
      'the role of the person whom the item is about is a victim, a witness or a contact',
    ],
    [
      { '!': [{ in: [v('item.status'), ['active', 'reviewed']] }] },
      'the status of the item is neither active nor reviewed',
    ],
    [
      { '!': [{ in: [v('request.purpose'), ['detection', 'investigation', 'prosecution']] }] },
      'the purpose is none of detection of offences, investigation and prosecution',
    ],
    [
      { in: [v('requester.jurisdiction'), v('lists.adequacy')] },
      "the requester's country is on the list “States found adequate”",
    ],
    [
      { '!': [{ in: [v('requester.jurisdiction'), v('lists.adequacy')] }] },
      "the requester's country is not on the list “States found adequate”",
    ],
    [
      { in: [v('item.class'), v('necessity.strictClasses')] },
      'the class of the item is among the classes found strictly necessary',
    ],
    [
      { in: [v('item.class'), ['health', 'special']] },
      'the class of the item is health data or “data on race, belief, opinion, union membership or ' +
        'sexual life”',
    ],
    [v('item.minor'), 'the person was a minor at the event'],
    [{ '!': [v('item.minor')] }, 'the person was no minor at the event'],
    [{ '===': [v('item.minor'), false] }, 'the person was no minor at the event'],
    [
      { '!==': [v('holder.jurisdiction'), v('requester.jurisdiction')] },
      "the holder's country is not the same as the requester's country",
    ],
    [
      { '<': [v('item.ageAtEvent'), v('item.yearsSinceEvent')] },
      'the age of the person at the event is less than the time since the event',
    ],
    [true, 'always'],
    [{ '!': [true] }, 'never'],
  ]
  for (const [logic, words] of sentences) test(words, () => expect(say(logic)).toBe(words))

  test('what is refused as unnecessary is not what nobody has judged yet', () => {
    const ruledOut = say({ '===': [v('necessity.case'), 'not-necessary'] })
    const open = say({ '!==': [v('necessity.case'), 'necessary'] })
    expect(ruledOut).toBe('the necessity of the disclosure is ruled out')
    expect(open).toBe('the necessity of the disclosure is not established')
  })

  test('a nest of conditions as numbered alternatives, on one line and on many', () => {
    const minor = { and: [v('item.minor'), { '>=': [v('item.yearsSinceEvent'), 3] }] }
    const logic = {
      and: [{ or: [{ '>=': [v('item.yearsSinceEvent'), 5] }, minor] }, { '!': [minor] }],
    }
    expect(say(logic)).toBe(
      'all of the following: (a) at least one of the following: (a1) the time since the event is ' +
        'at least 5 years; (a2) all of the following: (a2a) the person was a minor at the event; ' +
        '(a2b) the time since the event is at least 3 years; (b) not all of the following: (b1) the ' +
        'person was a minor at the event; (b2) the time since the event is at least 3 years',
    )
    expect(wordLines(logic, titles)).toEqual([
      'all of the following:',
      '(a) at least one of the following:',
      '    (a1) the time since the event is at least 5 years',
      '    (a2) all of the following:',
      '        (a2a) the person was a minor at the event',
      '        (a2b) the time since the event is at least 3 years',
      '(b) not all of the following:',
      '    (b1) the person was a minor at the event',
      '    (b2) the time since the event is at least 3 years',
    ])
  })

  test('the consequence, its duties with their time, and what the requester is told', () => {
    const rule = (then: Rule['then'], nature: Rule['nature'] = 'mandatory'): Rule => ({
      id: 'rule',
      says: 'Something is withheld.',
      cites: ['LED art. 7'],
      nature,
      confidence: 'V',
      when: true,
      then,
    })
    const masked = rule({
      effect: 'redact',
      treatment: 'mask',
      keepLast: 4,
      code: 'quality',
      obligations: [{ code: 'O-ANSWER', within: 'PT8H' }],
    })
    expect(thenWords(masked, true)).toEqual([
      'The item is masked but for its last 4 characters. [quality]',
      'Duty of the holder: Answer the request in time. Within 8 hours. [O-ANSWER]',
      'The requester is not told, since it would show something of the record.',
    ])
    const told = rule({ effect: 'deny', code: 'sis', tell: { cites: ['Dir. 2023/977 art. 6'] } })
    expect(thenWords(told, true)).toEqual([
      'This is refused. [sis]',
      'The requester may be told: Dir. 2023/977 art. 6.',
    ])
    expect(natureWords(rule({ effect: 'deny', code: 'sis' }, 'discretionary'))).toMatch(/waive/)
    expect(natureWords(rule({ effect: 'permit', code: 'sis' }, 'discretionary'))).not.toMatch(
      /waive/,
    )
    expect(dutyWords({ code: 'O-MARK', value: 'H1' })).toBe(
      'Duty of the holder: Apply the marking H1. [O-MARK]',
    )
    // Kills: a value in which a dollar stands for a part of the sentence.
    expect(dutyWords({ code: 'O-MARK', value: "H$'1" })).toContain("Apply the marking H$'1. [")
  })

  test('facts and values that are no sentence parts are kept apart by quotes', () => {
    expect(valueWords('transfer.derogation', 'none')).toBe('“none”')
    expect(valueWords('item.class', undefined)).toBe('not known')
    expect(valueWords('necessity.strictClasses', [])).toBe('none')
    expect(say({ '===': [v('request.instrument'), 'a; (b) never'] })).toBe(
      'the instrument that the requester relies on is "a; (b) never"',
    )
  })
})

/* Every comparison that the dialect allows, over the whole vocabulary. */

const valuesOf = (fact: Fact): readonly (string | number | boolean)[] => {
  if (fact.type === 'integer') return [0, 1, 12, 13]
  if (fact.type === 'day') return ['2020-12-30', '2020-12-31', '2021-01-01', 'soon']
  if (fact.type === 'boolean') return [true, false]
  if (fact.type === 'enum') return Object.keys(fact.values)
  return ['DE', 'FR', 'none', 'the same as “DE”', 'DE or FR']
}
const operatorsOf = (fact: Fact) =>
  fact.type === 'integer' || fact.type === 'day'
    ? ['===', '!==', '<', '<=', '>', '>=']
    : ['===', '!==']
const asked = Object.entries(vocabulary).filter(([, fact]) => fact.type !== 'list')
const lists = ['lists.adequacy', 'lists.led-states', 'necessity.strictClasses', 'discretion.waived']

const atomOf = ([name, fact]: readonly [string, Fact]): fc.Arbitrary<Logic> => {
  const values = valuesOf(fact)
  const alike = asked.filter(([, other]) => other.type === fact.type).map(([other]) => other)
  const compared = (right: fc.Arbitrary<Logic>) =>
    fc
      .tuple(fc.constantFrom(...operatorsOf(fact)), right)
      .map(([operator, value]) => ({ [operator]: [v(name), value] }))
  return fc.oneof(
    { weight: 4, arbitrary: compared(fc.constantFrom(...values)) },
    { weight: 1, arbitrary: compared(fc.constantFrom(...alike).map(v)) },
    { weight: 2, arbitrary: fc.subarray([...values]).map((some) => ({ in: [v(name), some] })) },
    { weight: 1, arbitrary: fc.constantFrom(...lists).map((list) => ({ in: [v(name), v(list)] })) },
    ...(fact.type === 'boolean' ? [{ weight: 2, arbitrary: fc.constant<Logic>(v(name)) }] : []),
  )
}
const listIds = new Set(Object.keys(titles))
const isAllowed = (logic: Logic) => 'condition' in condition(logic, listIds)
const atom = fc
  .constantFrom(...asked)
  .chain(atomOf)
  .filter(isAllowed)
const { node: anyCondition } = fc.letrec<{ node: Logic }>((tie) => {
  const some = fc.array(tie('node'), { minLength: 1, maxLength: 4 })
  return {
    node: fc.oneof(
      { depthSize: 'medium', maxDepth: 4 },
      { arbitrary: atom, weight: 6 },
      { arbitrary: fc.boolean(), weight: 1 },
      { arbitrary: some.map((all) => ({ and: all })), weight: 3 },
      { arbitrary: some.map((all) => ({ or: all })), weight: 3 },
      { arbitrary: tie('node').map((one) => ({ '!': [one] })), weight: 2 },
    ),
  }
})

const factsRead = (logic: Logic): readonly string[] => {
  const result = condition(logic, listIds)
  if ('faults' in result) throw new Error(JSON.stringify([logic, result.faults]))
  return result.condition.facts
}

test('every condition that the dialect allows has words, and names every fact that it reads', () => {
  // Kills: a comparison without words, a part of a group that is left out, a fact shown by its code.
  fc.assert(
    fc.property(anyCondition, (logic) => {
      const words = say(logic)
      expect(words).not.toMatch(/undefined|\[object|\bvar\b/)
      expect(words.trim()).not.toBe('')
      for (const name of factsRead(logic)) {
        const fact = vocabulary[name]
        const labels = fact?.type === 'boolean' ? [fact.label, fact.denied] : [fact?.label ?? name]
        expect(labels.some((label) => words.includes(label))).toBe(true)
      }
      const flat = wordLines(logic, titles).map((line) => line.trim())
      expect(flat.join('; ').replaceAll(':;', ':')).toBe(words)
    }),
    { numRuns: 500 },
  )
})

/** Every place of a condition, and what stands there. */
function places(logic: Logic): readonly (readonly [readonly (string | number)[], Logic])[] {
  if (typeof logic !== 'object') return [[[], logic]]
  const below = Object.entries(logic).flatMap(([key, each]) =>
    places(each).map(([path, at]) => [[key, ...path], at] as const),
  )
  return [[[], logic], ...below]
}
const put = (logic: Logic, [step, ...rest]: readonly (string | number)[], by: Logic): Logic => {
  if (step === undefined) return by
  const copy = structuredClone(logic) as Record<string, Logic>
  copy[step] = put(copy[step] ?? false, rest, by)
  return copy as Logic
}

/** A condition that differs from one in a single place: a value, an operator, a fact, a grouping. */
function changed(logic: Logic, which: number, how: number): Logic {
  const all = places(logic)
  const [path, at] = all[which % all.length] ?? [[], logic]
  const others = typeof at === 'object' && !Array.isArray(at) ? instead(at) : []
  const other = put(logic, path, others[how % others.length] ?? at)
  return isAllowed(other) ? other : logic
}

function instead(at: Logic): readonly Logic[] {
  const [operator = '', operands = []] = Object.entries(at)[0] ?? []
  const all = operands as readonly Logic[]
  if (operator === 'and' || operator === 'or') {
    const other = operator === 'and' ? 'or' : 'and'
    const [first = true, ...rest] = all
    const inner = { [other]: rest.length > 0 ? rest : [first] }
    return [{ [other]: all }, { '!': [at] }, { [operator]: [first, inner] }, ...all]
  }
  const [left, right = false] = all as readonly [{ var: string }, Logic]
  const fact = vocabulary[left?.var]
  if (fact === undefined) return [{ '!': [at] }]
  if (operator === 'in') {
    const more = Array.isArray(right)
      ? valuesOf(fact).map((value) => ({ in: [left, [...right, value]] }))
      : lists.map((list) => ({ in: [left, v(list)] }))
    return [{ '!': [at] }, ...more]
  }
  return [
    ...operatorsOf(fact).map((each) => ({ [each]: [left, right] })),
    ...valuesOf(fact).map((value) => ({ [operator]: [left, value] })),
    ...asked
      .filter(([, each]) => each.type === fact.type && fact.type !== 'enum')
      .map(([name]) => ({ [operator]: [v(name), right] })),
  ]
}

const someFacts = (names: readonly string[]) =>
  fc.array(
    fc.tuple(
      ...names.map((name) => {
        const fact = vocabulary[name]
        const values: readonly unknown[] =
          fact?.type === 'list' ? [[], ['DE']] : fact ? valuesOf(fact) : []
        return fc.constantFrom(...values, undefined).map((value) => [name, value] as const)
      }),
    ),
    { minLength: 30, maxLength: 30 },
  )

test('conditions that answer differently have different words', () => {
  // Kills: “less than” for “at most”, a dropped negation, labels without their path, no quotes around
  // “none”, a value without its code.
  let differing = 0
  fc.assert(
    fc.property(
      fc.tuple(anyCondition, fc.nat(), fc.nat()).chain(([one, which, how]) => {
        const two = changed(one, which, how)
        const names = [...new Set([...factsRead(one), ...factsRead(two)])]
        return fc.tuple(fc.constant(one), fc.constant(two), someFacts(names))
      }),
      ([one, two, samples]) => {
        const differ = samples.some((facts) => {
          const all = known(Object.fromEntries(facts), members)
          return walk(one, all) !== walk(two, all)
        })
        if (!differ) return
        differing += 1
        expect(say(one)).not.toBe(say(two))
      },
    ),
    { numRuns: runs(1000) },
  )
  expect(differing).toBeGreaterThan(runs(1000) / 20)
})

test('no two comparisons of the whole vocabulary share words unless they answer alike', () => {
  // Kills: `urgent` said as “not ordinary”, two values or facts with one label.
  const atoms = asked.flatMap(([name, fact]): readonly Logic[] => {
    const values = valuesOf(fact)
    const single = operatorsOf(fact).flatMap((operator) =>
      values.map((value) => ({ [operator]: [v(name), value] })),
    )
    const pairs = values.flatMap((a, i) =>
      values.slice(i + 1).map((b) => ({ in: [v(name), [a, b]] })),
    )
    return [...single, ...pairs].filter(isAllowed).flatMap((each) => [each, { '!': [each] }])
  })
  const byWords = Map.groupBy(atoms, say)
  for (const [words, same] of byWords) {
    const [first = true, ...rest] = same
    const name = factsRead(first)[0] ?? ''
    const fact = vocabulary[name]
    if (fact === undefined) throw new Error(words)
    for (const other of rest) {
      expect([words, factsRead(other)]).toEqual([words, [name]])
      for (const value of [...valuesOf(fact), undefined]) {
        const all = known({ [name]: value }, members)
        expect([words, value, walk(other, all)]).toEqual([words, value, walk(first, all)])
      }
    }
  }
  expect(byWords.size).toBeGreaterThan(500)
})

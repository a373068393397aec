/** What no case notices is not tested: each change of the law is named, with a case for it. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Decision } from '../../../functions/decision/decide.ts'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import { type CaseFile, decideCase, inputOf } from '../../../functions/workbench/law/cases.ts'
import { changed } from '../../../functions/workbench/law/changed-law.ts'
import { changesOf, runAll, tryChanges } from '../../../functions/workbench/law/coverage.ts'
import { lookInto } from '../../../functions/workbench/law/example.ts'
import { lawsOf } from '../../../functions/workbench/law/law.ts'
import {
  day,
  deny,
  fileOf,
  is,
  listOf,
  oblige,
  permit,
  quiet,
  redact,
  sealed,
  type WrittenPolicy,
} from '../../decision/write.ts'

/** A request on which everything is known. */
const given = {
  facts: {
    ...quiet,
    'holder.jurisdiction': 'DE',
    'requester.jurisdiction': 'FR',
    'requester.cannotHonour': [],
    'discretion.waived': [],
    'request.purpose': 'investigation',
    'request.offence.maxCustodyMonthsHolder': 24,
    'threat.life': 'none',
  },
  item: { class: 'case', originConsent: 'own-data', quality: 'verified', role: 'suspect' },
}

type Cases = CaseFile['cases']

/** `rule: change` of each change that no case notices, and of each that cannot matter. */
function unnoticed(files: readonly SourceFile[], cases: Cases, asOf = day) {
  const { book, faults } = readBook(files, () => sealed)
  expect(faults).toEqual([])
  const laws = lawsOf(book, sealed)
  const ran = runAll([{ path: 'a.test.json', file: { asOf, given, cases } }], laws)
  expect(ran.flatMap(({ failures }) => failures)).toEqual([])
  const open = [...tryChanges(book, changesOf(book), ran, sealed)].filter(
    ({ noticedBy }) => noticedBy === undefined,
  )
  return open.map(({ change }) => ({
    change: `${change.rule}: ${change.says}`,
    pointer: change.pointer,
    ...lookInto(book, change, ran, laws, sealed),
  }))
}

const policy = (over: Partial<WrittenPolicy>): SourceFile =>
  fileOf({ id: 'de/own', kind: 'ground', rules: [], ...over }, '2020-01-01')

const life = is('threat.life', 'imminent')
const released = { name: 'It is released', expect: { outcome: 'release' as const } }
const changesIn = (found: ReturnType<typeof unnoticed>) => found.map(({ change }) => change)

describe('a change that no case notices is named', () => {
  const rules = [
    permit('always', true),
    deny(
      'short',
      { '<': [{ var: 'request.offence.maxCustodyMonthsHolder' }, 12] },
      {
        unless: [{ when: life, obligations: [{ code: 'O-DOC' }] }],
      },
    ),
    redact('poor', { in: [{ var: 'item.quality' }, ['doubtful', 'known-wrong']] }, 'withhold'),
    oblige('log', is('request.purpose', 'investigation'), [{ code: 'O-ANSWER', within: 'P7D' }]),
  ]

  test('each rule, condition, exception, value, threshold, duty and day', () => {
    const found = changesIn(unnoticed([policy({ rules })], [released]))
    expect(found).toEqual(
      expect.arrayContaining([
        'de/own/short: the rule is dropped',
        'de/own/short: it never holds',
        'de/own/short: 12 becomes 11 in `request.offence.maxCustodyMonthsHolder < 12`',
        'de/own/short: 12 becomes 13 in `request.offence.maxCustodyMonthsHolder < 12`',
        'de/own/short: the exception is dropped',
        'de/own/short: the exception always holds',
        'de/own/short: the duty O-DOC is dropped',
        'de/own/poor: "doubtful" is dropped from `item.quality in ["doubtful","known-wrong"]`',
        'de/own/poor: the treatment is pseudonymise, not withhold',
        'de/own/log: the rule is dropped',
        'de/own/log: the duty O-ANSWER is dropped',
        'de/own/log: O-ANSWER is due within P8D, not P7D',
        'de/own: it starts a day earlier',
        'de/own: it starts a day later',
      ]),
    )
    expect(found).not.toContain('de/own/always: the rule is dropped')
    expect(found).not.toContain('de/own/short: it always holds')
  })

  // Kills the mutant that reports a change as noticed when its cases were never run again.
  test('a case that states what the law wants takes its change off the list', () => {
    const cases: Cases = [
      released,
      {
        name: 'Eleven months are too little',
        facts: { 'request.offence.maxCustodyMonthsHolder': 11 },
        expect: { outcome: 'deny', because: ['de/own/short'] },
      },
      {
        name: 'Twelve months are enough',
        facts: { 'request.offence.maxCustodyMonthsHolder': 12 },
        expect: { outcome: 'release' },
      },
      {
        name: 'It is answered within a week',
        expect: { outcome: 'release', answerBy: 'P7D' },
      },
    ]
    const found = changesIn(unnoticed([policy({ rules })], cases))
    expect(found.filter((each) => /short: (the rule|it never|12 becomes)/.test(each))).toEqual([])
    expect(found.filter((each) => each.startsWith('de/own/log: O-ANSWER'))).toEqual([])
    expect(found).toContain('de/own/short: the exception is dropped')
  })

  // Kills: automation that no change is made of (changes.ts, `automationChanges`); a place in which an
  // officer has decided already (matters.ts, `showing`).
  test('what leaves by rule alone, with a case in which nobody has decided', () => {
    const automation = [is('item.class', 'case'), { '<': [{ var: 'item.ageAtEvent' }, 99] }]
    const own = policy({ rules: [permit('always', true)], automation })
    const decided = { ...released, facts: { 'release.decision': 'release' } }
    const found = unnoticed([own], [decided]).filter(({ change }) => /automation/.test(change))
    expect(changesIn(found)).toEqual(
      expect.arrayContaining([
        'de/own/automation: it does not say what leaves by rule alone',
        'de/own/automation: the alternative is dropped',
        'de/own/automation: it always lets go by rule',
        'de/own/automation: 99 becomes 98 in `item.ageAtEvent < 99`',
      ]),
    )
    for (const each of found) {
      const { verdict } = each
      expect(verdict, each.change).toBe('unnoticed')
      if (verdict === 'unnoticed') expect(each.example, each.change).toBeDefined()
    }
    const cases: Cases = found.flatMap((each) =>
      each.verdict === 'unnoticed' && each.example ? [each.example.each] : [],
    )
    const rest = unnoticed([own], [decided, ...cases])
    expect(rest.filter(({ change }) => /automation/.test(change))).toEqual([])
  })

  test('an article beside another policy’s rule, and the value of a duty', () => {
    const files = [
      policy({
        rules: [permit('always', true, {}, { obligations: [{ code: 'O-MARK', value: 'H1' }] })],
      }),
      fileOf({
        id: 'de/act',
        kind: 'limit',
        rules: [],
        transposes: { 'de/own': { always: ['§ 7'] } },
      }),
    ]
    const found = changesIn(unnoticed(files, [released]))
    expect(found).toContain('de/act: § 7 no longer stands beside de/own/always')
    expect(found).toContain('de/own/always: O-MARK says no value')
    const exact: Cases = [
      {
        name: 'It is marked as the act says',
        expect: { outcome: 'release', duties: [{ code: 'O-MARK', value: 'H1', cites: ['§ 7'] }] },
      },
    ]
    const after = changesIn(unnoticed(files, exact))
    expect(after.filter((each) => /§ 7|O-MARK/.test(each))).toEqual([])
  })

  test('a list member, the days on which it is one, and a field of the dictionary', () => {
    const elements = [{ value: 'nc:Name', class: ['identification'], holds: 'text' }]
    const member = {
      value: 'FR',
      from: '2021-01-01',
      until: '2030-12-31',
      cites: 'a',
      confidence: 'V',
    }
    const when = { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.some' }] }
    const files = [
      policy({ rules: [permit('members', when)] }),
      listOf('some', [], { members: [{ ...member, cites: 'art. 1' }] }),
      listOf('fields', [], { members: [], elements }),
    ]
    const found = changesIn(unnoticed(files, [released]))
    expect(found).not.toContain('lists/some: FR: dropped')
    expect(found).toEqual(
      expect.arrayContaining([
        'lists/some: FR: from 2020-12-31, not 2021-01-01',
        'lists/some: FR: until 2031-01-01, not 2030-12-31',
        'lists/fields: nc:Name: dropped',
        'lists/fields: nc:Name: never identification',
      ]),
    )
  })
})

describe('a case that would notice it is found', () => {
  // Kills the mutant that offers a case whose expectation the changed law meets as well.
  test('added to the file, it takes the change off the list', () => {
    const rules = [
      permit('always', true),
      deny('life', { and: [life, is('request.purpose', 'other')] }),
    ]
    let cases: Cases = [released]
    for (let round = 0; round < 20; round++) {
      const [gap] = unnoticed([policy({ rules })], cases).filter(
        (each) => each.verdict === 'unnoticed' && each.example !== undefined,
      )
      if (gap?.verdict !== 'unnoticed' || gap.example === undefined) break
      const before = gap.change
      cases = [...cases, { ...gap.example.each, name: `Round ${round} of the test` }]
      expect(changesIn(unnoticed([policy({ rules })], cases))).not.toContain(before)
    }
    const left = unnoticed([policy({ rules })], cases)
    expect(left.filter(({ verdict }) => verdict === 'unnoticed')).toEqual([])
  })
})

describe('a change that cannot matter is not counted', () => {
  test('a condition that another one contains', () => {
    const within = { in: [{ var: 'request.purpose' }, ['investigation', 'other']] }
    const rules = [
      permit('always', true),
      deny('a', { and: [within, is('request.purpose', 'other')] }),
    ]
    const found = unnoticed([policy({ rules })], [released])
    const verdicts = new Map(
      found.map(({ pointer, change, verdict }) => [pointer + change, verdict]),
    )
    const dropped = [...verdicts].filter(([name]) => /request.purpose in .* is dropped$/.test(name))
    expect(dropped.map(([, verdict]) => verdict)).toEqual(['cannot-matter'])
  })

  // Kills the mutant that claims so of what it has not tried in every combination.
  test('whatever the facts, the decision stays the same', () => {
    const leaf = fc.constantFrom(
      life,
      is('request.purpose', 'other'),
      { in: [{ var: 'request.purpose' }, ['investigation', 'other']] },
      { '<': [{ var: 'request.offence.maxCustodyMonthsHolder' }, 12] },
      { '>=': [{ var: 'request.offence.maxCustodyMonthsHolder' }, 12] },
      is('item.quality', 'doubtful'),
    )
    const condition = fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(leaf, { minLength: 2, maxLength: 3 }))
      .map(([operator, parts]) => ({ [operator]: parts }))
    const facts = fc.record({
      'threat.life': fc.constantFrom('none', 'imminent', null),
      'request.purpose': fc.constantFrom('investigation', 'other', 'prevention', null),
      'request.offence.maxCustodyMonthsHolder': fc.constantFrom(11, 12, 13, null),
    })
    const item = fc.record({
      id: fc.constant('1'),
      quality: fc.constantFrom('verified', 'doubtful', null),
    })
    let claimed = 0
    fc.assert(
      fc.property(
        condition,
        fc.array(fc.tuple(facts, item), { minLength: 20, maxLength: 20 }),
        (when, places) => {
          const { book } = readBook(
            [policy({ rules: [permit('p', true), deny('a', when)] })],
            () => sealed,
          )
          const laws = lawsOf(book, sealed)
          const file = { asOf: day, given, cases: [] }
          const ran = runAll(
            [
              {
                path: 'a',
                file: {
                  ...file,
                  cases: [{ name: 'Any case', expect: { outcome: 'deny' } }, released],
                },
              },
            ],
            laws,
          )
          for (const change of changesOf(book)) {
            if (lookInto(book, change, ran, laws, sealed).verdict !== 'cannot-matter') continue
            claimed += 1
            const now = laws(day, undefined)
            const after = changed(book, change, sealed)(now)
            for (const [some, one] of places) {
              const input = inputOf(file, { ...released, facts: some, items: [one] })
              const answer = ({ outcome, reasons, missing }: Decision) => [
                outcome,
                reasons,
                missing,
              ]
              expect(answer(decideCase(after, input))).toEqual(answer(decideCase(now, input)))
            }
          }
        },
      ),
      { numRuns: 40 },
    )
    expect(claimed).toBeGreaterThan(5)
  })
  test('the last day of an entry that another continues', () => {
    const entry = { value: 'FR', cites: 'art. 1', confidence: 'V' }
    const members = [
      { ...entry, from: '2020-01-01', until: '2024-12-31' },
      { ...entry, from: '2024-12-01' },
    ]
    const when = { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.some' }] }
    const files = [policy({ rules: [permit('members', when)] }), listOf('some', [], { members })]
    const verdict = (name: string) =>
      unnoticed(files, [released]).find(({ change }) => change.endsWith(name))?.verdict
    expect(verdict('FR: until 2025-01-01, not 2024-12-31')).toBe('cannot-matter')
    expect(verdict('FR: from 2020-01-02, not 2020-01-01')).toBe('unnoticed')
  })
})

test('cases of a version that was corrected see the law as before the correction', () => {
  const before = policy({ rules: [permit('always', true)] })
  const after = { ...policy({ rules: [] }), path: 'de/own/2020-01-01.r2.json' }
  const { book } = readBook([before, after], () => sealed)
  const laws = lawsOf(book, sealed)
  const run = (about: string) =>
    runAll([{ path: 'a', file: { about, asOf: day, given, cases: [released] } }], laws)[0]?.decision
  expect(run('de/own@2020-01-01')?.outcome).toBe('release')
  expect(run('de/own@2020-01-01.r2')?.outcome).toBe('deny')
  const first: Cases = [
    { name: 'On its first day it permits', asOf: '2020-01-01', expect: { outcome: 'release' } },
    { name: 'The day before it did not', asOf: '2019-12-31', expect: { outcome: 'deny' } },
    released,
  ]
  const about = 'de/own@2020-01-01'
  const ran = runAll([{ path: 'a', file: { about, asOf: day, given, cases: first } }], laws)
  const moved = [...tryChanges(book, changesOf(book), ran, sealed)].filter(
    ({ change }) => change.path === 'de/own/2020-01-01.json' && change.pointer === '',
  )
  expect(moved.map(({ noticedBy }) => noticedBy?.each.name)).toEqual([
    'The day before it did not',
    'On its first day it permits',
  ])
})

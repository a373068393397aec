/** A list of arrangements, and one of routine uses, as any other list: checked, compared, tried. */

import { describe, expect, test } from 'vitest'
import type { List, SourceFile } from '../../functions/policy/book.ts'
import { inForce } from '../../functions/policy/history.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import type { CaseFile } from '../../functions/workbench/law/cases.ts'
import { changesOf, runAll, tryChanges } from '../../functions/workbench/law/coverage.ts'
import { diffLists } from '../../functions/workbench/law/diff.ts'
import { type Asked, comparing } from '../../functions/workbench/law/differ.ts'
import { lookInto } from '../../functions/workbench/law/example.ts'
import { notesOn } from '../../functions/workbench/law/finding.ts'
import { asIfInForce, lawsOf } from '../../functions/workbench/law/law.ts'
import { lint } from '../../functions/workbench/law/lint.ts'
import { lintCases, namesOf } from '../../functions/workbench/law/lint-cases.ts'
import { allSteps } from '../../functions/workbench/law/steps.ts'
import { timeline } from '../../functions/workbench/law/timeline.ts'
import { lawDifference } from '../../functions/workbench/prover/difference.ts'
import { turnBy, turnWords } from '../decision/decided-twice.ts'
import {
  day,
  fileOf,
  is,
  isNot,
  listOf,
  nowOf,
  permit,
  quiet,
  quietItem,
  sealed,
} from '../decision/write.ts'

const entry = {
  ...{ id: 'DE-US', title: 'An agreement of police', kind: 'police', direction: 'both' },
  ...{ parties: [{ value: 'DE' }, { value: 'US' }], binding: true, safeguards: 'binding' },
  ...{ channels: ['bilateral'], authorities: ['police'], purposes: ['investigation'] },
  ...{ duties: ['O-USE'], from: '2020-01-01', cites: 'Agreement of 2019', confidence: 'V' },
}
const use = { agency: 'US-FBI', system: 'national', use: 'indicated-offence', from: '2020-01-01' }
const noticed = { ...use, cites: 'a notice', confidence: 'V' }

const agreed = (...arrangements: readonly object[]): SourceFile =>
  listOf('agreed', [], { members: undefined, arrangements })
const noticesOf = (...routineUses: readonly object[]): SourceFile =>
  listOf('notices', [], { members: undefined, routineUses })

const found = (...files: readonly SourceFile[]): readonly string[] =>
  lint(files, { seals: {}, sealers: [] }, '2026-11-24')
    .filter(({ code }) => code !== 'draft')
    .map(({ severity, code, pointer, message }) => `${severity} ${code} at ${pointer}: ${message}`)

describe('a check of the list', () => {
  test('finds nothing in a sound one, which no rule has to name', () => {
    expect(found(agreed(entry), noticesOf(noticed))).toEqual([])
  })

  test('finds a list of parties that is not there, in its place', () => {
    const parties = [{ value: 'DE' }, { membersOf: 'nowhere', except: ['FR'] }]
    expect(found(agreed(entry, { ...entry, id: 'DE-XX', parties }))).toEqual([
      'error list at /arrangements/1/parties/1/membersOf: there is no list `nowhere`',
    ])
  })

  // Kills: a list with a fault that ends the check of everything (lint.ts, `without`).
  test('finds members of a list that is not there, too', () => {
    const members = [{ membersOf: 'nowhere', from: '2020-01-01', cites: 'art. 1', confidence: 'V' }]
    expect(found(listOf('some', [], { members }), agreed(entry))).toContainEqual(
      'error list at /members/0/membersOf: there is no list `nowhere`',
    )
  })

  test('finds an id that another entry has, here or on another list', () => {
    const twice = 'error id at /arrangements/1/id: there is an arrangement `DE-US` already'
    expect(found(agreed(entry, entry))).toEqual([twice])
    const other = listOf('others', [], { members: undefined, arrangements: [entry] })
    expect(found(agreed(entry), other)).toEqual([twice.replace('/1/', '/0/')])
  })

  test('finds days that end before they start, of an entry, a party and a suspension', () => {
    const before = { from: '2026-01-01', until: '2025-01-01' }
    const wrong = 'it ends on 2025-01-01, before it starts'
    expect(found(agreed({ ...entry, ...before }))).toContainEqual(
      `error day at /arrangements/0/until: ${wrong}`,
    )
    const parties = [{ value: 'DE', ...before }, { value: 'US' }]
    expect(found(agreed({ ...entry, parties }))).toEqual([
      `error day at /arrangements/0/parties/0/until: ${wrong}`,
    ])
    const suspensions = [{ ...before, cites: 'a note' }]
    expect(found(agreed({ ...entry, suspensions }))).toEqual([
      `error day at /arrangements/0/suspensions/0/until: ${wrong}`,
    ])
  })

  test('finds a third side, and a side to which data goes where there are none', () => {
    const parties = [...entry.parties, { value: 'FR' }]
    expect(found(agreed({ ...entry, parties }))).toHaveLength(1)
    expect(found(agreed({ ...entry, parties, multilateral: true }))).toEqual([])
    const oneWay = { ...entry, parties, multilateral: true, direction: 'to-first' }
    expect(found(agreed(oneWay))).toHaveLength(1)
  })

  test('finds a slip in a name or a value, and says what was meant', () => {
    const slips = [
      { ...entry, channels: ['bilatral'] },
      { ...entry, id: 'B', purpose: ['x'] },
    ]
    const fixes = lint([agreed(...slips)], { seals: {}, sealers: [] }, '2026-11-24')
      .filter(({ code }) => code !== 'draft')
      .map(({ code, fix }) => `${code}: ${fix}`)
    expect(fixes).toEqual([
      'value: did you mean `bilateral`?',
      'unknown-member: did you mean `purposes`?',
    ])
  })
})

const listIn = (file: SourceFile): List => {
  const { book, faults } = readBook([file], () => sealed)
  expect(faults).toEqual([])
  return book.lists[0] as List
}

describe('two versions of the list', () => {
  const said = (before: SourceFile, after: SourceFile) =>
    diffLists(listIn(before), listIn(after), {}).changes.map(({ title, kind, clauses }) => [
      title,
      kind,
      ...clauses.map(({ name }) => name),
    ])

  test('differ in what an arrangement covers, clause by clause', () => {
    const wider = { ...entry, channels: ['bilateral', 'liaison'], from: '2021-01-01' }
    expect(said(agreed(entry), agreed(wider))).toEqual([
      ['arrangement DE-US', 'changed', 'channels', 'days'],
    ])
    expect(said(agreed(entry), agreed()).map(([, kind]) => kind)).toEqual(['removed'])
    expect(said(agreed(entry), agreed(entry))).toEqual([])
  })

  test('differ in a routine use', () => {
    const wider = { ...noticed, use: 'law-enforcement' }
    expect(said(noticesOf(noticed), noticesOf(wider))).toEqual([['US-FBI', 'changed', 'entry']])
  })

  test('show their entries on the axis of time', () => {
    const { book } = readBook([agreed(entry), noticesOf(noticed)], () => sealed)
    expect(timeline(book, day).flatMap(({ entries }) => entries.map(({ who }) => who))).toEqual([
      'DE-US',
      'US-FBI (national)',
    ])
  })
})

const police = is('requester.authorityType', 'police')
const law = (when = isNot('arrangement.covers', 'none') as never) =>
  fileOf({ id: 'de/own', kind: 'ground', rules: [permit('arranged', { and: [police, when] })] })
const facts = {
  ...quiet,
  'holder.jurisdiction': 'DE',
  'holder.agency': 'DE-BKA',
  'requester.jurisdiction': 'US',
  'requester.agency': 'US-FBI',
  'requester.authorityType': 'police',
  'requester.cannotHonour': [],
  'request.channel': 'bilateral',
  'request.purpose': 'investigation',
  'request.offence.maxCustodyMonthsRequester': 24,
}

describe('a change of an entry', () => {
  const cases: CaseFile['cases'] = [
    { name: 'It is covered', asOf: '2020-01-01', expect: { outcome: 'release' } },
    { name: 'It is not yet', asOf: '2019-12-31', expect: { outcome: 'deny' } },
  ]
  const begins = (file: SourceFile): SourceFile => ({
    ...file,
    path: file.path.replace(/[\d-]+\.json/, '2019-01-01.json'),
  })
  const unnoticed = (
    rule: SourceFile,
    some: CaseFile['cases'],
    ...lists: readonly SourceFile[]
  ) => {
    const { book, faults } = readBook([rule, ...lists].map(begins), () => sealed)
    expect(faults).toEqual([])
    const laws = lawsOf(book, sealed)
    const file = {
      asOf: day,
      given: { facts, item: { class: 'case', originConsent: 'own-data' } },
      cases: some,
    }
    const ran = runAll([{ path: 'a.test.json', file }], laws)
    expect(ran.flatMap(({ failures }) => failures)).toEqual([])
    const changes = changesOf(book).filter(({ pointer }) => /^\/(arr|routine)/.test(pointer))
    return [...tryChanges(book, changes, ran, sealed)]
      .filter(({ noticedBy }) => noticedBy === undefined)
      .map(({ change }) => [change.says, lookInto(book, change, ran, laws, sealed).verdict])
  }

  test('is noticed by a case of its first day, and one of the day before', () => {
    expect(unnoticed(law(), cases, agreed(entry))).toEqual([])
    expect(unnoticed(law(), cases.slice(0, 1), agreed(entry))).toEqual([
      ['DE-US: from 2019-12-31, not 2020-01-01', 'unnoticed'],
    ])
  })

  test('cannot matter where no rule asks what is arranged, nor between states that hold nothing here', () => {
    const never = cases.slice(0, 0)
    for (const [, verdict] of unnoticed(law(police as never), never, agreed(entry)))
      expect(verdict).toBe('cannot-matter')
    const others = { ...entry, parties: [{ value: 'BR' }, { value: 'US' }] }
    expect(unnoticed(law(), never, agreed(others)).map(([, verdict]) => verdict)).toEqual([
      'cannot-matter',
      'cannot-matter',
      'cannot-matter',
    ])
  })
})

// Kills: a fact that is worked out taken for one that a file of facts may state.
test('a rule that comes to ask what is arranged is shown by a request that no arrangement covers', () => {
  const asks = (file: SourceFile) => nowOf([file, agreed(entry)])
  const difference = lawDifference(asks(law(police as never)), asks(law()))
  const [shown, ...others] = allSteps(difference).cases
  expect(shown?.respect).toEqual({ of: 'by-rule-alone', isLooser: false })
  expect(shown?.answers.before.treatment).toBe('release')
  expect(shown?.answers.after.treatment).toBe('withhold')
  expect(JSON.stringify(shown?.file)).not.toContain('arrangement.covers')
  expect(others.every(({ respect }) => !respect.isLooser)).toBe(true)
})

describe('a case', () => {
  test('states nothing that is worked out: it would not be read', () => {
    const { note, found: notes } = notesOn('a.test.json')
    const given = {
      facts: { ...facts, 'arrangement.covers': 'DE-US' },
      item: { class: 'case', originConsent: 'own-data' },
    }
    lintCases({ asOf: day, given, cases: [] }, namesOf([], []), note)
    expect(notes.map(({ code, message, fix }) => [code, message, fix.slice(0, 60)])).toEqual([
      [
        'worked-out',
        '`arrangement.covers` is worked out: what is stated of it is not read',
        'state what it follows from: `holder.jurisdiction`, `holder.a',
      ],
    ])
  })
})

describe('a logged decision under another list', () => {
  const asked = (months: number, to = 'US'): Asked => ({
    facts: {
      ...facts,
      'requester.jurisdiction': to,
      'release.decision': 'none',
      'discretion.waived': [],
      'request.offence.maxCustodyMonthsRequester': months,
    },
    items: [{ facts: { ...quietItem, 'item.class': 'case' } }],
  })

  // Kills: months that no condition compares, taken for all alike (`keyUnder`).
  test('turns as it would if it was decided twice, whatever the penalty', () => {
    const limited = { ...entry, threshold: { maxCustodyMonthsRequester: 13 } }
    const laws = { before: nowOf([law(), agreed(entry)]), after: nowOf([law(), agreed(limited)]) }
    const compare = comparing(laws)
    const turns = [12, 13, 24, 11].map((months) => turnWords(compare(asked(months))))
    expect(turns).toEqual([12, 13, 24, 11].map((months) => turnBy(laws, asked(months))))
    expect(new Set(turns).size).toBe(2)
    expect(compare(asked(12, 'FR'))).toBeUndefined()
  })

  test('turns by a rule that comes to ask what is arranged', () => {
    const laws = {
      before: nowOf([law(police as never), agreed(entry)]),
      after: nowOf([law(), agreed(entry)]),
    }
    const compare = comparing(laws)
    for (const to of ['US', 'FR', 'US'])
      expect(turnWords(compare(asked(24, to)))).toBe(turnBy(laws, asked(24, to)))
  })

  // Kills: new entries of a draft that count from their own day alone (`inFullEffect`).
  test('is covered all along by an entry that a draft adds, and by none that ends in it', () => {
    const { book } = readBook([law(), agreed()], () => sealed)
    const draftOf = (...entries: readonly object[]) => {
      const { path, text } = agreed(...entries)
      const file = { path: path.replace('2020-01-01', '2027-01-01'), text }
      return { kind: 'list', version: listIn(file) } as const
    }
    const ids = (known: typeof book, draft: ReturnType<typeof draftOf>) =>
      inForce(asIfInForce(known, draft), '2020-06-01', sealed).arrangements?.map(
        (each) => each.entry.id,
      )
    const late = { ...entry, from: '2027-01-01' }
    expect(ids(book, draftOf(late))).toEqual(['DE-US'])
    const { book: with1 } = readBook([law(), agreed(entry)], () => sealed)
    expect(ids(with1, draftOf({ ...entry, until: '2027-01-31' }))).toEqual([])
  })
})

/** A change of a list is tried on the cases that it can touch; no other case would have noticed it. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decision } from '../../../functions/decision/decide.ts'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import {
  type Case,
  type CaseFile,
  decideCase,
  failures,
} from '../../../functions/workbench/law/cases.ts'
import {
  changesOf,
  type Ran,
  runAll,
  touched,
  tryChanges,
} from '../../../functions/workbench/law/coverage.ts'
import { lawsOf } from '../../../functions/workbench/law/law.ts'
import { fileOf, is, isNot, listOf, oblige, permit, redact, sealed } from '../../decision/write.ts'

const onList = (fact: string, list: string) => ({ in: [{ var: fact }, { var: `lists.${list}` }] })
/** Of the lists one begins later than what reads it. */
const begins = (file: SourceFile): SourceFile => ({
  ...file,
  path: file.path.replace(/[\d-]+\.json/, `2019-12-${file.path.includes('others') ? 31 : 30}.json`),
})

/** A ground that reads whatever a list can say. */
const rules = [
  permit('members', onList('requester.jurisdiction', 'some')),
  permit('treaty', is('instrument.inForce', 'A-TREATY')),
  permit('arranged', isNot('arrangement.covers', 'none')),
  permit('used', is('item.routineUse', 'indicated-offence')),
  redact('origin', onList('item.origin', 'some'), 'withhold'),
  redact('class', is('item.class', 'case'), 'pseudonymise'),
  oblige('protected', is('arrangement.safeguards', 'binding'), [{ code: 'O-DOC' }]),
]

const until = { until: '2026-11-24' }
const good = { from: '2020-01-01', cites: 'art. 1', confidence: 'V' }
const agreed = {
  ...{ id: 'AGREED', title: 'An agreement of police', kind: 'police', direction: 'both' },
  ...{ parties: [{ value: 'DE' }, { membersOf: 'others', except: ['US'] }], binding: true },
  ...{ channels: ['bilateral'], authorities: ['police'], purposes: ['investigation'] },
  ...{ safeguards: 'binding', duties: ['O-USE'], ...good },
}
const parties = [{ value: 'DE' }, { value: 'GB' }, { value: 'US', agencies: ['US-FBI'], ...until }]
const many = { ...agreed, id: 'MANY', multilateral: true, safeguards: 'none', parties }
const use = { agency: 'DE-BKA', system: 'national', use: 'indicated-offence', ...good }

const files = [
  fileOf({ id: 'de/own', kind: 'ground', rules }, '2019-01-01'),
  ...[
    listOf('others', ['GB', 'US']),
    listOf('some', [], {
      members: [
        { value: 'FR', ...good, ...until },
        { membersOf: 'others', ...good },
      ],
    }),
    listOf('bound', ['DE', 'FR'], { instrument: 'A-TREATY' }),
    listOf('agreed', [], {
      members: undefined,
      arrangements: [{ ...agreed, from: '2019-12-30' }, many],
    }),
    listOf('notices', [], { members: undefined, routineUses: [use] }),
    listOf('fields', [], {
      members: undefined,
      elements: [{ value: 'nc:Name', class: ['identification', 'case'], holds: 'text' }],
    }),
  ].map(begins),
]
const { book, faults } = readBook(files, () => sealed)
const laws = lawsOf(book, sealed)

const given = {
  facts: {
    'holder.agency': 'DE-BKA',
    'requester.agency': 'US-FBI',
    'requester.authorityType': 'police',
    'requester.cannotHonour': [],
    'discretion.waived': [],
    'release.decision': 'release',
    'request.channel': 'bilateral',
    'request.purpose': 'investigation',
    'request.instrument': 'A-TREATY',
  },
  item: { class: 'identification', quality: 'verified', role: 'suspect', system: 'national' },
}

/** All that a case can expect of what was decided: it fails as soon as any of it is otherwise. */
const expected = ({ outcome, reasons, items, missing, obligations, standing }: Decision) => ({
  outcome,
  ...(standing === undefined ? {} : { standing }),
  because: reasons.map(({ rule }) => rule),
  missing: [...missing],
  obligations: obligations.map(({ code }) => code),
  items: Object.fromEntries(items.map(({ id, treatment }) => [id, treatment.kind])),
})

/** No holder's own: an instrument of one party binds no two, and such a change is not seen. */
const country = fc.constantFrom('FR', 'GB', 'US', 'BR', null)
const aCase: fc.Arbitrary<Case> = fc.record({
  name: fc.constant('Any case of these'),
  asOf: fc.constantFrom('2019-12-29', '2019-12-30', '2019-12-31', '2020-01-01', '2026-11-24'),
  facts: fc.record({
    'holder.jurisdiction': fc.constantFrom('DE', 'DE', 'GB', null),
    'requester.jurisdiction': country,
  }),
  items: fc.tuple(
    fc.record({
      id: fc.constant('1'),
      class: fc.constantFrom('identification', 'case'),
      origin: country,
      element: fc.constantFrom('nc:Name', 'nc:Other', null),
    }),
  ),
  arrangements: fc.constantFrom(undefined, undefined, [agreed] as never),
  expect: fc.constant({ outcome: 'deny' as const }),
})

/** Runs cases, each of which expects just what is decided now. */
function ranOf(cases: readonly Case[]): readonly Ran[] {
  const file = { asOf: '2026-11-24', given } as const
  const first = runAll([{ path: 'a', file: { ...file, cases: [...cases] } }], laws)
  const stated = first.map(({ each, decision }) => ({ ...each, expect: expected(decision) }))
  return runAll([{ path: 'a', file: { ...file, cases: stated } as CaseFile }], laws)
}

const shown = (ran?: Ran) => JSON.stringify(ran?.each)

// Kills, in coverage.ts: a country that is not known, taken for one that is not meant (`isBetween`, `countriesOf`);
// a list of parties that is not in force, and a list's first day, that touch those whom they name alone
// (`touched`); an item's own facts, left out (`indexed`). In list-changes.ts: the members of a list that an entry
// names, left out (`namesOf`). In history.ts: a list that takes in another, left as it was (`withList`).
test('what no touched case notices, no case notices', () => {
  expect(faults).toEqual([])
  const changes = changesOf(book).filter(({ kind }) => kind === 'list')
  expect(changes.length).toBeGreaterThan(30)
  const noticed = new Set<string>()
  fc.assert(
    fc.property(fc.array(aCase, { minLength: 10, maxLength: 10 }), (cases) => {
      const ran = ranOf(cases)
      expect(ran.flatMap((each) => each.failures)).toEqual([])
      const tried = [...tryChanges(book, changes, ran, sealed)]
      for (const { change, noticedBy } of tried) {
        const what = `${change.rule}: ${change.says}`
        const before = {
          ...book,
          lists: book.lists.map((list) => (list === change.of ? change.to : list)),
        }
        const anew = lawsOf(before as typeof book, sealed)
        const all = ran.filter(
          ({ each, input }) =>
            failures(each, decideCase(anew(input.asOf, undefined), input)).length > 0,
        )
        const near = touched(book, change, ran)
        expect(all.filter((each) => !near.includes(each)).map(shown), what).toEqual([])
        expect(shown(noticedBy), what).toBe(shown(near.find((each) => all.includes(each))))
        if (noticedBy !== undefined) noticed.add(what)
      }
    }),
    { numRuns: 30 },
  )
  // Most of the changes show in some of the cases.
  expect(noticed.size).toBeGreaterThan(changes.length / 2)
}, 60_000)

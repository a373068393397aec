/** Whether a decision turns under another law, told without deciding it: held to deciding it twice. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { type Asked, comparing } from '../../../functions/workbench/law/differ.ts'
import type { TwoLaws } from '../../../functions/workbench/law/law.ts'
import { turnBy, turnWords } from '../../decision/decided-twice.ts'
import { world } from '../../decision/oracle.ts'
import { runs } from '../../decision/runs.ts'
import { nowFor, openSetups, policyOf, type Setup, setups } from '../../decision/setups.ts'
import {
  deny,
  inForceOf,
  is,
  listOf,
  oblige,
  permit,
  quiet,
  redact,
  type WrittenPolicy,
} from '../../decision/write.ts'

const askedOf = ({ facts, items }: Setup): Asked => ({
  facts: { ...facts },
  items: items.map((item) => ({ facts: { ...item.facts } })),
})

/** Facts with one of them changed: to a value next to it, another, or unknown. */
function* changedFacts(facts: object): Generator<Record<string, unknown>> {
  for (const [name, value] of Object.entries(facts)) {
    const { values = [], type } = world[name] ?? {}
    const other = values.find((each) => each !== value)
    const others = typeof value === 'number' ? [value - 1, value + 1] : [other]
    for (const each of type === 'list' ? [[], [...values]] : [...others, undefined])
      yield { ...facts, [name]: each }
  }
}

const withValuesThatCannotBe = ({ facts, items }: Asked): Asked => ({
  facts,
  items: items.map((item) => ({ ...item, cannot: ['generalise', 'mask'] })),
})

/** A request, and all that differ from it in one thing: a memory must tell them apart. */
function* withNeighbours(asked: Asked): Generator<Asked> {
  yield asked
  for (const facts of changedFacts(asked.facts)) yield { ...asked, facts }
  const [first, ...rest] = asked.items
  if (first === undefined) return
  for (const facts of changedFacts(first.facts)) yield { ...asked, items: [{ facts }, ...rest] }
  yield withValuesThatCannotBe(asked)
}

function expectTurnsAsDecidedTwice(laws: TwoLaws, all: Iterable<Asked>): void {
  const compare = comparing(laws)
  for (const asked of all) expect(turnWords(compare(asked))).toBe(turnBy(laws, asked))
}

type Edit = (policy: WrittenPolicy, other: WrittenPolicy, at: number) => WrittenPolicy

const edits: Readonly<Record<string, Edit>> = {
  another: (policy, other) => ({ ...other, id: policy.id, kind: policy.kind }),
  less: (policy, _, at) => ({
    ...policy,
    rules: policy.rules.filter((_, i) => i !== at % policy.rules.length),
  }),
  more: (policy, other) => ({
    ...policy,
    rules: [...policy.rules, ...other.rules.slice(0, 1).map((rule) => ({ ...rule, id: 'more' }))],
  }),
  turned: (policy) => ({ ...policy, rules: policy.rules.toReversed() }),
  automation: (policy, { automation = [true] }) =>
    policy.kind === 'limit' ? policy : { ...policy, automation },
  scope: (policy, other) => ({ ...policy, applies: other.applies ?? true }),
}

// Kills: a remedy that only the changed rule allows (`mayStillBeAttested`); a fact left out of the memory;
// a number taken for the bound next to it.
test('whatever the laws, a decision turns as deciding it twice says', () => {
  fc.assert(
    fc.property(
      fc.oneof(setups, openSetups),
      policyOf('eu/a', ['ground', 'limit']),
      fc.nat(),
      fc.constantFrom(...Object.values(edits)),
      (setup, other, at, edit) => {
        const { policies } = setup
        const edited = policies.map((each, i) =>
          i === at % policies.length ? edit(each, other, at) : each,
        )
        const laws = { before: nowFor(policies), after: nowFor(edited) }
        expectTurnsAsDecidedTwice(laws, withNeighbours(askedOf(setup)))
      },
    ),
    { numRuns: runs(60) },
  )
})

const own = (...rules: WrittenPolicy['rules']): WrittenPolicy => ({
  id: 'de/own',
  kind: 'ground',
  rules: [permit('always', true), ...rules],
})
const limit = (...rules: WrittenPolicy['rules']): WrittenPolicy => ({
  id: 'eu/a',
  kind: 'limit',
  rules,
})
const plain = {
  'holder.jurisdiction': 'DE',
  'requester.jurisdiction': 'US',
  'requester.cannotHonour': [],
  'release.decision': 'none',
  'request.purpose': 'investigation',
  'risk.torture': 'real',
  'discretion.waived': [],
}
const asking = (more: object, item: object = {}): Asked => ({
  facts: { ...plain, ...more },
  items: [{ facts: { 'item.class': 'case', ...item } }],
})
const at = ({ text }: SourceFile, path: string): SourceFile => ({ path, text })
const treaty = listOf('treaty-parties', ['DE', 'US'], { instrument: 'treaty-a' })
const inListOf = (name: string, list: string) => ({ in: [{ var: name }, { var: list }] })
const inList = (name: string, list: string) => inListOf(name, `lists.${list}`)
const real = is('risk.torture', 'real')
const given = is('approval.minister', 'given')
const honoured = [{ code: 'O-DP' }]
/** A duty that touches every request, and turns none. */
const use = oblige('use', true, [{ code: 'O-USE' }])

/** Changes of the law that show in few places, with requests where they do. */
const places: readonly (readonly [string, TwoLaws, readonly Asked[]])[] = [
  [
    'two facts are compared with each other',
    {
      before: inForceOf([own()]),
      after: inForceOf([
        own(
          use,
          deny('young', {
            '<': [{ var: 'item.ageAtEvent' }, { var: 'request.offence.maxCustodyMonthsHolder' }],
          }),
        ),
      ]),
    },
    [12, 40].flatMap((months) =>
      [17, 50].map((age) =>
        asking({ 'request.offence.maxCustodyMonthsHolder': months }, { 'item.ageAtEvent': age }),
      ),
    ),
  ],
  [
    'a number stands at its bound',
    {
      before: inForceOf([own()]),
      after: inForceOf([own(use, deny('young', { '<': [{ var: 'item.ageAtEvent' }, 17] }))]),
    },
    [16, 17, 18].map((age) => asking({}, { 'item.ageAtEvent': age })),
  ],
  [
    'one redaction becomes another',
    {
      before: inForceOf([own(redact('real', real, 'generalise'))]),
      after: inForceOf([own(redact('real', real, 'pseudonymise'))]),
    },
    [asking({})],
  ],
  [
    'a list comes into force, and who is not on it is known not to be',
    {
      before: inForceOf(
        [own(deny('listed', inList('requester.jurisdiction', 'late')))],
        [at(listOf('late', ['JP']), 'lists/late/2027-01-01.json')],
      ),
      after: inForceOf(
        [own(deny('listed', inList('requester.jurisdiction', 'late')))],
        [listOf('late', ['JP'])],
      ),
    },
    [asking({}), asking({ 'requester.jurisdiction': 'JP' })],
  ],
  [
    'what comes onto a list may be attested',
    {
      before: inForceOf(
        [own(deny('real', { '!': [inList('approval.minister', 'enough')] }))],
        [listOf('enough', ['refused'])],
      ),
      after: inForceOf(
        [own(deny('real', { '!': [inList('approval.minister', 'enough')] }))],
        [listOf('enough', ['given'])],
      ),
    },
    [asking({ 'approval.minister': 'not-asked' })],
  ],
  [
    'a policy applies only once something is attested',
    {
      before: inForceOf([own(deny('not-yet', { '!': [given] })), { ...limit(), applies: given }]),
      after: inForceOf([
        own(deny('not-yet', { '!': [given] })),
        { ...limit(deny('real', real)), applies: given },
      ]),
    },
    [asking({ 'approval.minister': 'not-asked' }), asking({ 'approval.minister': 'refused' })],
  ],
  [
    'a rule speaks only once something is attested that nobody was asked for',
    {
      before: inForceOf([own(deny('not-yet', { '!': [given] }))]),
      after: inForceOf([own(deny('not-yet', { '!': [given] })), limit(deny('given', given))]),
    },
    [asking({ 'approval.minister': 'not-asked' }), asking({})],
  ],
  [
    'a class is listed as strictly necessary, which a rule punishes',
    (() => {
      const necessary = inListOf('item.class', 'necessity.strictClasses')
      const base = own(deny('needed', { '!': [necessary] }))
      return {
        before: inForceOf([base, limit(deny('other', false))]),
        after: inForceOf([base, limit(deny('other', necessary))]),
      }
    })(),
    [asking({ 'necessity.strictClasses': [] }), asking({ 'necessity.strictClasses': ['case'] })],
  ],
  [
    'an exception brings another duty, which not everybody can keep',
    {
      before: inForceOf([own(deny('real', real, { unless: [{ when: given }] }))]),
      after: inForceOf([
        own(deny('real', real, { unless: [{ when: given, obligations: honoured }] })),
      ]),
    },
    [[], ['O-DP']].map((cannot) =>
      asking({ 'approval.minister': 'given', 'requester.cannotHonour': cannot }),
    ),
  ],
  [
    'a refusal becomes a redaction that not every value allows',
    {
      before: inForceOf([own(deny('real', real))]),
      after: inForceOf([own(redact('real', real, 'generalise', {}, { code: 'deny-real' }))]),
    },
    [asking({}), withValuesThatCannotBe(asking({}))],
  ],
  [
    'a rule reads which instrument is in force',
    {
      before: inForceOf([own()], [treaty]),
      after: inForceOf([own(use, deny('none', is('instrument.inForce', 'none')))], [treaty]),
    },
    ['treaty-a', 'none', 'other'].map((instrument) => asking({ 'request.instrument': instrument })),
  ],
  [
    'a derived fact is stated, or one of all items at once',
    {
      before: inForceOf([own()], [treaty]),
      after: inForceOf(
        [
          own(
            deny('none', is('instrument.inForce', 'none')),
            deny('young', { '<': [{ var: 'item.ageAtEvent' }, 17] }),
          ),
        ],
        [treaty],
      ),
    },
    [
      asking(
        { 'request.instrument': 'none', 'instrument.inForce': 'treaty-a' },
        { 'item.ageAtEvent': 50 },
      ),
      asking({ 'request.instrument': 'treaty-a', 'item.ageAtEvent': 50 }),
    ],
  ],
  [
    'an answer of no is heard once each question has one, be it of all items at once',
    { before: inForceOf([own(deny('all', true))]), after: inForceOf([own()]) },
    [{ 'item.originConsent': 'not-asked' }, {}].map((more) =>
      asking({ ...quiet, 'approval.court': 'refused', ...more }, { 'item.indicatesOffence': 'no' }),
    ),
  ],
  [
    'a permit is new that speaks of what is given unasked, and does not hold',
    {
      before: inForceOf([own()]),
      after: inForceOf([own(permit('unasked', { '!': [{ var: 'request.unasked' }] }))]),
    },
    [asking({ 'request.unasked': true }), asking({ 'request.unasked': false })],
  ],
  [
    'a refusal that may be waived is new',
    {
      before: inForceOf([own()]),
      after: inForceOf([own(deny('real', real, { nature: 'discretionary' }))]),
    },
    [[], ['de/own/real']].map((rules) => asking({ 'discretion.waived': rules })),
  ],
  [
    'no rule reads the class, and of one item it is unknown',
    {
      before: inForceOf([own()]),
      after: inForceOf([own(deny('real', real))]),
    },
    [asking({}), asking({}, { 'item.class': undefined })],
  ],
]

// Kills: each of the things beside it, left out of what is looked at or remembered (`two-laws.ts`).
test.each(places)('a decision turns as deciding it twice says, where %s', (_, laws, all) => {
  expectTurnsAsDecidedTwice(laws, all)
  expectTurnsAsDecidedTwice(laws, all.toReversed())
})

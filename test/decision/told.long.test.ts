/** A refusal tells nothing of the record, unless an article says that it may. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type BeforeFetch,
  beforeFetch,
  type Decision,
  decideAndTell,
} from '../../functions/decision/decide.ts'
import { classes } from '../../functions/policy/vocabulary.ts'
import { patience, runs } from './runs.ts'
import { nowFor, openSetups, type Setup, setups } from './setups.ts'
import { deny, is, isNot, permit, quiet, quietItem, type WrittenPolicy } from './write.ts'

const vanished = (decision: Decision, told: Decision): ReadonlySet<string> => {
  const shown = new Set(told.items.map(({ id }) => id))
  return new Set(decision.items.map(({ id }) => id).filter((id) => !shown.has(id)))
}

/** The classes that are asked for: all that the items have, and one of which there may be none. */
const classesOf = ({ items }: Setup): readonly string[] =>
  [...new Set([...items.map(({ facts }) => facts['item.class']), 'identification'])].filter(
    (each): each is string => typeof each === 'string' && each in classes,
  )

const befores = new WeakMap<Setup, BeforeFetch>()
function before(setup: Setup): BeforeFetch {
  const made =
    befores.get(setup) ?? beforeFetch(nowFor(setup.policies), setup.facts, classesOf(setup))
  befores.set(setup, made)
  return made
}

/** The answer as the gateway makes it: first by the classes, then by what was looked at. */
function tellOf(setup: Setup, but: ReadonlySet<string> = new Set()) {
  const { policies, facts } = setup
  const first = before(setup)
  const looked = lookedAt(setup).filter(({ id }) => !but.has(id))
  return decideAndTell(nowFor(policies), facts, looked, undefined, first)
}

/** Of a class that is refused nothing is looked at. */
function lookedAt(setup: Setup) {
  const refused = before(setup).refused.map(({ known }) => known.get('item.class'))
  return setup.items.filter(({ facts }) => !refused.includes(facts['item.class'] as string))
}

/** Requests that got as far as the record. */
const isFetched = (setup: Setup) => before(setup).refusal === undefined
const fetched = fc.oneof(setups, openSetups).filter(isFetched)

// Killed: an outcome that is told of all items, hidden ones too (decide.ts, `decideAndTell`).
test('an item that is withheld and not told leaves the told answer as it is, to the byte', () => {
  fc.assert(
    fc.property(fetched, (setup) => {
      const { decision, told } = tellOf(setup)
      const gone = vanished(decision, told)
      const without = tellOf(setup, gone).told
      expect(JSON.stringify(without)).toBe(JSON.stringify(told))
    }),
    { numRuns: runs(60) },
  )
})

// Killed: a hidden record whose standing differs (decide.ts, `decideAndTell`); what a ground reserves
// told though the record alone requires it (reserved.ts, `isCertain`).
test(
  'no hit and a record of which nothing may be told get the same bytes',
  () => {
    fc.assert(
      fc.property(fetched, (setup) => {
        const { decision, told } = tellOf(setup)
        fc.pre(vanished(decision, told).size === lookedAt(setup).length)
        // Which classes are asked for is the same, whatever is held of them.
        const none = decideAndTell(
          nowFor(setup.policies),
          setup.facts,
          [],
          undefined,
          before(setup),
        )
        expect(JSON.stringify(told)).toBe(JSON.stringify(none.told))
        expect(JSON.stringify(none.decision)).toBe(JSON.stringify(none.told))
        expect(told.reasons.at(-1)?.code).toBe('nothing-transmissible')
      }),
      { numRuns: runs(40) },
    )
  },
  patience,
)

const untold = ({ tellsSilence: _, rules, ...policy }: WrittenPolicy): WrittenPolicy => ({
  ...policy,
  rules: rules.map((rule) => {
    const { tell: __, ...then } = rule.then
    return { ...rule, then }
  }),
})

// Killed: a rule on the class of an item told of items alone (reserved.ts, `readsRecord`); a told duty
// of a rule that reads the record (combine.ts, `unhonoured`).
test(
  'where no article allows telling, whatever is held and stays is answered as no hit, for every class',
  () => {
    fc.assert(
      fc.property(fetched, (setup) => {
        const silent = { ...setup, policies: setup.policies.map(untold) }
        fc.pre(isFetched(silent))
        const { decision, told } = tellOf(silent)
        const stays = decision.items.filter(({ treatment }) => treatment.kind === 'withhold')
        fc.pre(stays.length > 0)
        const rest = tellOf(silent, new Set(stays.map(({ id }) => id)))
        expect(JSON.stringify(told)).toBe(JSON.stringify(rest.told))
      }),
      { numRuns: runs(60) },
    )
  },
  patience,
)

// Killed: an untold item that stays beside one that leaves; a treatment read off the told rules
// alone (decide.ts, `decideAndTell`).
test('what leaves is told as it is treated, and nothing is told to leave that stays', () => {
  fc.assert(
    fc.property(setups, (setup) => {
      const { decision, told } = tellOf(setup)
      for (const { id, treatment } of decision.items) {
        const shown = told.items.find((item) => item.id === id)
        if (treatment.kind !== 'withhold') expect(shown?.treatment).toEqual(treatment)
        else if (shown !== undefined) {
          expect(shown.treatment.kind).toBe('withhold')
          expect(shown.rules).not.toEqual([])
        }
      }
    }),
    { numRuns: runs(100) },
  )
})

// Killed: every rule told (combine.ts, `mayBeTold`); an unknown class told (`weigh`).
test('a told refusal names no rule and no duty of a rule that may not be told', () => {
  fc.assert(
    fc.property(fetched, (setup) => {
      const { told } = tellOf(setup)
      fc.pre(told.outcome === 'deny' && told.items.length > 0)
      const now = nowFor(setup.policies)
      const rules = now.policies.flatMap((policy) => policy.rules)
      const mayBeTold = rules.filter(({ rule, readsItem }) => {
        const { effect } = rule.then
        return !readsItem || ((effect === 'deny' || effect === 'redact') && rule.then.tell)
      })
      const ids = new Set(mayBeTold.map(({ id }) => id))
      expect(told.reasons.map(({ code }) => code)).not.toContain('unknown-class')
      for (const { rule } of told.reasons)
        if (rules.some(({ id }) => id === rule)) expect(ids).toContain(rule)
      const codes = mayBeTold.flatMap(({ rule }) =>
        (rule.then.obligations ?? []).map((d) => d.code),
      )
      for (const { code } of told.obligations) expect([...codes, 'O-STATED']).toContain(code)
    }),
    { numRuns: runs(20) },
  )
})

// Killed: told remedies tried on items that are not told (remedies.ts, `loosens`).
test('an item that is not told opens no denial that is told', () => {
  const tell = { cites: ['art. 6'] }
  const consent = deny('origin', isNot('item.originConsent', 'given'), {}, { tell })
  const given = { and: [is('item.originConsent', 'given'), is('item.class', 'health')] }
  const policies: readonly WrittenPolicy[] = [
    { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
    {
      id: 'eu/a',
      kind: 'limit',
      rules: [consent, deny('health', given, {}, { tell }), deny('minors', { var: 'item.minor' })],
    },
  ]
  const asked = {
    ...quietItem,
    'item.class': 'health',
    'item.originConsent': 'not-asked',
    'item.minor': false,
  }
  const hidden = {
    ...quietItem,
    'item.class': 'case',
    'item.originConsent': 'given',
    'item.minor': true,
  }
  const facts = {
    ...quiet,
    'holder.jurisdiction': 'DE',
    'requester.cannotHonour': [],
    'release.decision': 'none',
  }
  const items = [asked, hidden].map((known, i) => ({ id: `${i}`, facts: known }))
  const { told } = decideAndTell(nowFor(policies), facts, items)
  expect(told).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  expect(told.reasons.map(({ rule }) => rule)).toEqual(['eu/a/origin'])
})

// Killed: what is certain before the fetch told only where its rule reads nothing of the record (combine.ts).
test('a class that is refused whatever the record holds is told beside one that leaves', () => {
  const young = { and: [is('item.minor', true), is('item.class', 'case')] }
  const policies: readonly WrittenPolicy[] = [
    { id: 'de/own', kind: 'ground', rules: [permit('case', is('item.class', 'case'))] },
    {
      id: 'de/b',
      kind: 'ground',
      rules: [
        permit('young', young),
        permit('old', { and: [is('item.minor', false), is('item.class', 'case')] }),
      ],
    },
  ]
  const now = nowFor(policies)
  const facts = {
    ...quiet,
    'holder.jurisdiction': 'DE',
    'requester.cannotHonour': [],
    'release.decision': 'none',
  }
  const before = beforeFetch(now, facts, ['health', 'case'])
  const item = { id: '1', facts: { ...quietItem, 'item.class': 'case', 'item.minor': false } }
  const { told } = decideAndTell(now, facts, [item], undefined, before)
  expect(told.outcome).toBe('redact')
  const rules = told.reasons.map(({ rule }) => rule)
  expect(rules).toContain('de/b/otherwise')
  expect(rules).not.toContain('comity/nothing-transmissible')
})

// Killed: the class of an item of no known class taken for the one that is asked for (reserved.ts, `readsRecord`).
test('an item of a class that nobody knows tells no more than no hit', () => {
  const policies: readonly WrittenPolicy[] = [
    {
      id: 'de/own',
      kind: 'ground',
      rules: [permit('case', is('item.class', 'case'))],
      automation: [is('item.class', 'case')],
    },
    { id: 'eu/a', kind: 'limit', rules: [deny('other', isNot('item.class', 'case'))] },
  ]
  const now = nowFor(policies)
  const facts = {
    ...quiet,
    'holder.jurisdiction': 'DE',
    'requester.cannotHonour': [],
    'release.decision': 'none',
  }
  const asked = beforeFetch(now, facts, ['case'])
  const told = (...items: readonly { id: string; facts: object }[]) =>
    JSON.stringify(decideAndTell(now, facts, items as never, undefined, asked).told)
  expect(told({ id: '1', facts: { ...quietItem, 'item.class': 'helth' } })).toBe(told())
})

// Killed: what is told taken for the whole decision where an answered no would keep the item once all else let it go.
test('an answered no shows in no remedy of a refusal that is told', () => {
  const minors = { and: [{ var: 'item.minor' }, isNot('approval.minister', 'given')] }
  const policies: readonly WrittenPolicy[] = [
    { id: 'de/own', kind: 'ground', rules: [permit('always', true)], automation: [true] },
    {
      id: 'eu/a',
      kind: 'limit',
      rules: [deny('minors', minors, {}, { tell: { cites: ['art. 6'] } })],
    },
  ]
  const items = [
    { id: '1', facts: { ...quietItem, 'item.class': 'identification', 'item.minor': true } },
  ]
  const tell = (consent: string) => {
    const ofUs = { 'holder.jurisdiction': 'DE', 'requester.cannotHonour': [] }
    const ofOffices = { 'release.decision': 'none', 'consent.person': consent }
    const facts = { ...quiet, 'approval.minister': 'not-asked', ...ofUs, ...ofOffices }
    return decideAndTell(nowFor(policies), facts, items)
  }
  const { decision, told } = tell('refused')
  expect(told.todo.map(({ fact }) => fact)).toEqual(['approval.minister'])
  expect(told).toEqual(tell('not-asked').told)
  expect(decision.todo.map(({ fact }) => fact)).toContain('release.decision')
})

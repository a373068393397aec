/** Decisions replayed under a draft: the counts are those of deciding each one twice. */

import { describe, expect, test } from 'vitest'
import type { LoggedDecision } from '../../../functions/decision/logged-facts.ts'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { type InForce, inForce } from '../../../functions/policy/history.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import {
  affectedBy,
  type Impact,
  impactOf,
  withDrafts,
} from '../../../functions/workbench/law/impact.ts'
import { type Draft, lawOver } from '../../../functions/workbench/law/law.ts'
import { seededDecisions } from '../../bench/impact.ts'
import { turnBy, turnWords } from '../../decision/decided-twice.ts'
import { runs } from '../../decision/runs.ts'
import {
  deny,
  fileOf,
  is,
  listOf,
  oblige,
  permit,
  sealed,
  type WrittenPolicy,
} from '../../decision/write.ts'
import { own as law, newestOwn } from '../../own-law.ts'
import { draftOf, raisedThreshold } from './own-drafts.ts'

type LawAt = (instant: string) => InForce

function recount(lines: readonly LoggedDecision[], before: LawAt, after: LawAt) {
  const counts: Record<string, number> = {}
  for (const line of lines) {
    const turn = turnBy({ before: before(line.ts), after: after(line.ts) }, line)
    if (turn === undefined) continue
    const { 'requester.jurisdiction': requester = '?', 'holder.jurisdiction': holder } = line.facts
    const key = `${requester} → ${holder ?? '?'}: ${turn}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** Of rows that differ only in what of the answer turns, the sum. */
function countsOf({ turns }: Impact) {
  const counts: Record<string, number> = {}
  for (const turn of turns) {
    const key = `${turn.requester} → ${turn.holder}: ${turnWords(turn)}`
    counts[key] = (counts[key] ?? 0) + turn.ids.length
  }
  return counts
}

const lines = [...seededDecisions(Math.max(runs(250), 800), 7, law.book, sealed)]
const today: LawAt = (instant) => inForce(law.book, instant, sealed)
/** The law with another version in the place of each of its policy. */
const replaced =
  ({ version }: Draft): LawAt =>
  (instant) => {
    const now = today(instant)
    const others = now.policies.filter(({ id }) => id !== version.id)
    const policies = 'rules' in version ? [...others, version] : others
    return { ...now, policies: policies.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }
  }

/** What lawyers do to a policy: each must turn some decisions, so that there is something to count. */
const drafts: Readonly<Record<string, () => Draft>> = {
  'a threshold is raised': raisedThreshold,
  'a refusal is struck out': () =>
    draftOf('gb/assistance/2017-01-01.json', 'gb/assistance/2027-01-01.json', (json) =>
      json.rules.pop(),
    ),
  'a refusal is new, and may be remedied': () =>
    draftOf(newestOwn('de/police').path, 'de/police/2027-01-01.json', (json) =>
      json.rules.push({
        ...json.rules.find((each: { then: { effect: string } }) => each.then.effect === 'deny'),
        id: 'minister',
        when: { '===': [{ var: 'approval.minister' }, 'not-asked'] },
      }),
    ),
  'its scope is narrower': () =>
    draftOf('gb/assistance/2017-01-01.json', 'gb/assistance/2027-01-01.json', (json) => {
      json.applies.when = {
        and: [json.applies.when, { '===': [{ var: 'request.purpose' }, 'prosecution'] }],
      }
    }),
  'its first article changes, and no rule': () =>
    draftOf('eu/data/2018-05-06.json', 'eu/data/2027-01-01.json', (json) => {
      json.rules[0].cites = ['art. 1']
    }),
}

// Kills: a policy that is skipped though an attestation may make it speak; a fact that the memory does
// not tell apart; a number next to a bound taken for the bound; a rule of one version only not looked at.
describe.each(Object.entries(drafts))('when %s', (name, make) => {
  test('the table is that of deciding every decision twice', () => {
    const draft = make()
    const impact = impactOf(lines, withDrafts(law.book, [draft], sealed))
    const slow = recount(lines, today, replaced(draft))
    expect(countsOf(impact)).toEqual(slow)
    expect(impact.decisions).toBe(lines.length)
    expect(impact.changed).toBe(Object.values(slow).reduce((sum, each) => sum + each, 0))
    expect(impact.changed > 0).toBe(name !== 'its first article changes, and no rule')
  })
})

test('an entry that a draft adds to a list counts as if it had always been there', () => {
  const many = [...seededDecisions(runs(500), 11, law.book, sealed)]
  const some = many.filter(({ facts }) => facts['requester.jurisdiction'] === 'JP')
  const draft = draftOf(
    'lists/led-adequacy/2021-06-28.json',
    'lists/led-adequacy/2027-03-01.json',
    (json) => json.members.push({ ...json.members[0], value: 'JP', from: '2027-03-01' }),
  )
  const adequate: LawAt = (instant) => {
    const now = today(instant)
    const members = [...(now.lists['led-adequacy'] ?? []), 'JP']
    return { ...now, lists: { ...now.lists, 'led-adequacy': members } }
  }
  const impact = impactOf(some, withDrafts(law.book, [draft], sealed))
  expect(countsOf(impact)).toEqual(recount(some, today, adequate))
  expect(impact.changed).toBeGreaterThan(0)
})

const ours = (...rules: WrittenPolicy['rules']): WrittenPolicy => ({
  id: 'de/own',
  kind: 'ground',
  rules: [permit('always', true), ...rules],
})
const limit = (...rules: WrittenPolicy['rules']): WrittenPolicy => ({
  id: 'eu/a',
  kind: 'limit',
  rules,
})
const at = ({ text }: SourceFile, path: string): SourceFile => ({ path, text })
const real = is('risk.torture', 'real')

const month = '2026-03'
/** A decision of which a policy and a list of the small book are asked. */
const line = (ts: string, more: Partial<LoggedDecision> = {}): LoggedDecision => ({
  id: `${ts.replace(/\W/g, '')}${'A'.repeat(43)}`.slice(0, 43),
  ts,
  facts: {
    'holder.jurisdiction': 'DE',
    'requester.jurisdiction': 'US',
    'requester.cannotHonour': [],
    'request.purpose': 'investigation',
    'risk.torture': 'real',
  },
  items: [{ facts: { 'item.class': 'case' } }],
  outcome: 'release',
  policies: ['de/own@2020-01-01'],
  lists: ['partners@2020-01-01'],
  ...more,
})
const notForInvestigation = ours(deny('not-this', is('request.purpose', 'investigation')))
const toPartners = ours(
  deny('strangers', {
    '!': [{ in: [{ var: 'requester.jurisdiction' }, { var: 'lists.partners' }] }],
  }),
)
/** A book whose files are sealed, but for those of which the path is named. */
const bookOf = (files: readonly SourceFile[], ...drafts: readonly string[]) => {
  const { book, faults } = readBook(files, (path) => (drafts.includes(path) ? undefined : sealed))
  expect(faults).toEqual([])
  const chosen = (version: string): Draft => {
    const policy = book.policies.find((each) => each.version === version)
    if (policy !== undefined) return { kind: 'policy', version: policy }
    const list = book.lists.find((each) => each.version === version)
    if (list === undefined) throw new Error(`no version ${version}`)
    return { kind: 'list', version: list }
  }
  return { book, chosen }
}
const turnsOf = ({ turns }: Impact) =>
  turns.flatMap(({ ids, before, after }) => ids.map((id) => [id, before.outcome, after.outcome]))

describe('a draft', () => {
  const old = fileOf(ours())
  const march = fileOf(ours(), `${month}-01`)
  const draft = at(fileOf(notForInvestigation), 'de/own/2027-01-01.json')
  const decisions = [line('2026-02-01T10:00:00Z'), line('2026-04-01T10:00:00Z')]

  test('takes the place of every version before it, from the first decision on', () => {
    const { book, chosen } = bookOf([old, march, draft], draft.path)
    const impact = impactOf(decisions, withDrafts(book, [chosen('2027-01-01')], sealed))
    expect(turnsOf(impact)).toEqual(decisions.map(({ id }) => [id, 'release', 'deny']))
    expect(impact).toMatchObject({ first: decisions[0]?.ts, last: decisions[1]?.ts })
  })

  // Kills: a correction that counts on every day (`asIfInForce` without its first line).
  test('that corrects a version counts on the days of that version alone', () => {
    for (const [path, turning] of [
      ['de/own/2020-01-01.r2.json', 0],
      [`de/own/${month}-01.r2.json`, 1],
    ] as const) {
      const { book, chosen } = bookOf([old, march, at(draft, path)], path)
      const version = path.replace(/^.*\/|\.json$/g, '')
      const impact = impactOf(decisions, withDrafts(book, [chosen(version)], sealed))
      expect(turnsOf(impact)).toEqual([[decisions[turning]?.id, 'release', 'deny']])
    }
  })

  test('for a day that has a sealed version takes its place', () => {
    const rival = at(draft, 'de/own/2020-01-01.r2.b.json')
    const { book, chosen } = bookOf([old, at(old, 'de/own/2020-01-01.r2.json'), rival], rival.path)
    const impact = impactOf(decisions, withDrafts(book, [chosen('2020-01-01.r2.b')], sealed))
    expect(impact.changed).toBe(2)
  })

  test('that repeals a policy leaves its requests without a ground', () => {
    const repeal = at(old, 'de/own/2027-01-01.json')
    const text = JSON.stringify({ ...JSON.parse(repeal.text), repealed: true, rules: [] })
    const { book, chosen } = bookOf([old, { ...repeal, text }], repeal.path)
    const impact = impactOf(decisions, withDrafts(book, [chosen('2027-01-01')], sealed))
    expect(turnsOf(impact)).toEqual(decisions.map(({ id }) => [id, 'release', 'deny']))
  })

  test('that no longer refuses unseen says that the record would have to be looked at', () => {
    const lenient = at(old, 'de/own/2027-01-01.json')
    const { book, chosen } = bookOf([fileOf(notForInvestigation), lenient], lenient.path)
    const unseen = [line('2026-02-01T10:00:00Z', { items: [], outcome: 'deny' })]
    const impact = impactOf(unseen, withDrafts(book, [chosen('2027-01-01')], sealed))
    expect(impact.turns.map(({ before, after }) => [before, after])).toEqual([
      [{ outcome: 'deny', standing: 'final' }, { outcome: 'undecided' }],
    ])
  })

  // Kills: a comparison that sees nothing but outcomes (`aspects` without one of them).
  test('that only adds a duty, or tells another reason, is seen as well', () => {
    const deleting = [{ code: 'O-DEL', within: 'P7D' }]
    for (const [rule, aspect] of [
      [oblige('delete', true, deleting), 'duties'],
      [permit('again', true), 'told'],
    ] as const) {
      const { book, chosen } = bookOf(
        [old, at(fileOf(ours(rule)), 'de/own/2027-01-01.json')],
        draft.path,
      )
      const { turns, changed } = impactOf(
        decisions,
        withDrafts(book, [chosen('2027-01-01')], sealed),
      )
      expect([changed, turns.map((each) => each.aspect)]).toEqual([2, [aspect]])
    }
  })

  // Kills: `unknown` without the facts that are missing, or with facts that no changed rule reads.
  test('names the fact that the log does not know, and that may decide', () => {
    const asking = at(fileOf(ours(deny('life', is('threat.life', 'none')))), draft.path)
    const { book, chosen } = bookOf([old, asking], draft.path)
    const known = { ...decisions[0]?.facts, 'threat.life': 'none' }
    const some = [...decisions, line('2026-05-01T10:00:00Z', { facts: known })]
    const { turns } = impactOf(some, withDrafts(book, [chosen('2027-01-01')], sealed))
    expect(turns.map(({ ids, unknown }) => [ids.length, unknown])).toEqual([
      [3, { 'threat.life': 2 }],
    ])
  })

  test('shows what it reads of the first decision that turns, and nothing else', () => {
    const { book, chosen } = bookOf([old, draft], draft.path)
    const { turns } = impactOf(decisions, withDrafts(book, [chosen('2027-01-01')], sealed))
    expect(turns.map(({ example }) => example)).toEqual([
      { facts: { 'request.purpose': 'investigation' }, items: [] },
    ])
  })
})

describe('a draft of a list', () => {
  const entry = { value: 'US', from: '2020-01-01', cites: 'art. 1', confidence: 'V' }
  const partners = (path: string, ...members: readonly object[]) =>
    at(listOf('partners', [], { members }), `lists/partners/${path}.json`)
  const turnsWith = (before: object, after: readonly object[]) => {
    const files = [
      fileOf(toPartners),
      partners('2020-01-01', before),
      partners('2027-01-01', ...after),
    ]
    const { book, chosen } = bookOf(files, 'lists/partners/2027-01-01.json')
    const decisions = [line('2026-02-01T10:00:00Z'), line('2026-04-01T10:00:00Z')]
    const draft = withDrafts(book, [chosen('2027-01-01')], sealed)
    return turnsOf(impactOf(decisions, draft)).map(([, was, is]) => `${was} → ${is}`)
  }

  // Kills: an ending that leaves past decisions alone, and one that is taken from a longer stay.
  test('lets a country that leaves in it be gone all along, and one that stays longer be there', () => {
    const ending = { ...entry, until: '2027-06-30' }
    const ended = { ...entry, until: `${month}-01` }
    expect(turnsWith(entry, [ending])).toEqual(['release → deny', 'release → deny'])
    expect(turnsWith(ended, [ending])).toEqual(['deny → release'])
    expect(turnsWith(entry, [])).toEqual(['release → deny', 'release → deny'])
    expect(turnsWith(ended, [ended])).toEqual([])
  })
})

// Kills: the law of one instant of a day taken for all of it (`wholeDays` without its last instant).
test('what is in force changes at midnight where the law is made, and after the last day of an entry', () => {
  const berlin = fileOf(ours(), '2026-06-01')
  const text = JSON.stringify({ ...JSON.parse(berlin.text), timeZone: 'Europe/Berlin' })
  const ends = [
    { value: 'US', from: '2020-01-01', until: '2026-07-31', cites: 'art. 1', confidence: 'V' },
  ]
  const list = listOf('partners', [], { members: ends, timeZone: 'Europe/London' })
  const { book } = bookOf([fileOf(ours()), { ...berlin, text }, list])
  const lawAt = lawOver(book, sealed)
  const instants = ['2026-05-31', '2026-06-01', '2026-07-31', '2026-08-01'].flatMap((day) =>
    ['00:00:00Z', '21:45:00Z', '22:15:00Z', '22:45:00Z', '23:15:00Z'].map(
      (time) => `${day}T${time}`,
    ),
  )
  for (const instant of [...instants, ...instants.toReversed()]) {
    const { policies, lists } = inForce(book, instant, sealed)
    expect([lawAt(instant).policies, lawAt(instant).lists], instant).toEqual([policies, lists])
  }
})

describe('a correction', () => {
  const files = [fileOf(ours()), fileOf(ours(), `${month}-01`)]
  const r2 = at(fileOf(notForInvestigation), 'de/own/2020-01-01.r2.json')
  const rested = line('2026-02-01T10:00:00Z')
  const later = line('2026-04-01T10:00:00Z', { policies: [`de/own@${month}-01`] })
  const mended = line('2026-02-02T10:00:00Z', { policies: ['de/own@2020-01-01.r2'] })
  const other = line('2026-02-03T10:00:00Z', {
    facts: { ...rested.facts, 'request.purpose': 'prosecution' },
  })

  test('touches the decisions that rested on what it corrects; those that it turns are told apart', () => {
    for (const draft of [[], [r2.path]]) {
      const { book, chosen } = bookOf([...files, r2], ...draft)
      const decisions = [rested, later, mended, other]
      const affected = affectedBy(decisions, book, chosen('2020-01-01.r2'), sealed)
      expect(affected.rested).toEqual([rested.id, other.id])
      expect(affected.on).toEqual(['de/own@2020-01-01'])
      expect(turnsOf(affected)).toEqual([[rested.id, 'release', 'deny']])
    }
  })

  // Kills: `upTo` left out, so that an older correction stands in for what the decision rested on.
  test('of a correction is held against the version that each decision rested on', () => {
    const r3 = at(fileOf(ours()), 'de/own/2020-01-01.r3.json')
    const { book, chosen } = bookOf([...files, r2, r3], r3.path)
    const affected = affectedBy([rested, mended], book, chosen('2020-01-01.r3'), sealed)
    expect(affected.rested).toEqual([rested.id, mended.id])
    expect(turnsOf(affected)).toEqual([[mended.id, 'deny', 'release']])
  })

  test('that applies to more than before turns decisions that did not rest on it', () => {
    const narrow = { ...notForInvestigation, id: 'eu/a', kind: 'limit' as const, rules: [] }
    const refusal = deny('not-this', is('request.purpose', 'investigation'))
    const before = fileOf({ ...narrow, applies: is('request.purpose', 'prosecution') })
    const wider = at(fileOf({ ...narrow, rules: [refusal] }), 'eu/a/2020-01-01.r2.json')
    const { book, chosen } = bookOf([...files, before, wider], wider.path)
    const affected = affectedBy([rested], book, chosen('2020-01-01.r2'), sealed)
    expect(affected.rested).toEqual([])
    expect(turnsOf(affected)).toEqual([[rested.id, 'release', 'deny']])
  })

  test('that was known then and did not apply is not asked of what another version would say', () => {
    const before = fileOf(limit(deny('real', real)))
    const narrower = fileOf({
      ...limit(deny('real', real)),
      applies: is('request.purpose', 'other'),
    })
    const mending = at(narrower, 'eu/a/2020-01-01.r2.json')
    const { book, chosen } = bookOf([fileOf(ours()), before, mending])
    const later = line('2026-11-26T10:00:00Z')
    const earlier = line('2026-11-24T10:00:00Z', { policies: ['eu/a@2020-01-01'] })
    const known = '2026-12-01T00:00:00Z'
    const affected = affectedBy([earlier, later], book, chosen('2020-01-01.r2'), known)
    expect(turnsOf(affected)).toEqual([[earlier.id, 'deny', 'release']])
  })

  test('of a list touches what rested on the list', () => {
    const list = listOf('partners', ['US'])
    const mending = at(listOf('partners', []), 'lists/partners/2020-01-01.r2.json')
    const { book, chosen } = bookOf([fileOf(toPartners), list, mending], mending.path)
    const affected = affectedBy([rested, later], book, chosen('2020-01-01.r2'), sealed)
    expect(affected.on).toEqual(['partners@2020-01-01'])
    expect(turnsOf(affected)).toEqual([rested, later].map(({ id }) => [id, 'release', 'deny']))
  })

  test('whose day is still to come touches nothing', () => {
    const future = at(fileOf(notForInvestigation), 'de/own/2027-01-01.json')
    const { book, chosen } = bookOf([...files, future], future.path)
    const affected = affectedBy([rested, later], book, chosen('2027-01-01'), sealed)
    expect([affected.rested, affected.changed]).toEqual([[], 0])
  })
})

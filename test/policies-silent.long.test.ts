/**
 * INVARIANT (a refusal tells nothing), over all law that is shipped: what a rule keeps back is answered
 * as if nothing were held, but for the rules of a list.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BeforeFetch, beforeFetch, decideAndTell } from '../functions/decision/decide.ts'
import { find } from '../functions/decision/evaluate.ts'
import { derive, type Facts, type Item, known, withItem } from '../functions/decision/facts.ts'
import type { CompiledRule, Policy } from '../functions/policy/book.ts'
import type { InForce } from '../functions/policy/history.ts'
import { holds, type Known } from '../functions/policy/logic.ts'
import { vocabulary } from '../functions/policy/vocabulary.ts'
import { imagining, inputOf } from '../functions/workbench/law/cases.ts'
import { everyKnown, spaceOf } from '../functions/workbench/law/values.ts'
import { cases, lawOn } from './decision/law.ts'
import { patience, runs } from './decision/runs.ts'

/** The rules that tell something of the record, and the article that lets each. */
const printed: Readonly<Record<string, readonly string[]>> = {
  'ch/siea/quality': ['SIEA art. 7(2)'],
  'ch/siea/origin': ['SIEA art. 7(2)'],
  'de/irg-92/quality': ['IRG § 92(5)', 'IRG § 92b(4)'],
  'de/irg-92/origin': ['IRG § 92(5)', 'IRG § 92b(4)'],
  'eu/2023-977/quality': ['Dir. 2023/977 art. 6'],
  'eu/2023-977/origin': ['Dir. 2023/977 art. 6'],
}

/**
 * Rules that keep nothing back by themselves: a request that they are about is refused before the fetch, since every
 * ground that is shipped refuses its purpose.
 */
const refusedBefore: readonly string[] = ['eu/sis-exchange/consent']

const today = '2026-11-27'
const at = `${today}T12:00:00.000Z`
/** The law of today, with every arrangement that a case imagines. */
const listed = lawOn(today)
const imagined = cases.flatMap(({ file, each }) => inputOf(file, each).arrangements ?? [])
const now: InForce = {
  ...listed,
  arrangements: [
    ...(listed.arrangements ?? []),
    ...(imagining(listed, imagined).arrangements ?? []),
  ],
}
const { 'item.class': itemClass } = vocabulary
const classes = itemClass?.type === 'enum' ? Object.keys(itemClass.values) : []

/** A request of a lawyer's case, and what is known of an item there. */
type Base = { readonly facts: Facts; readonly known: Known; readonly item: Facts }

/** As stated, and once an officer decided to release, so that what only he lets go is looked at, too. */
const bases: readonly Base[] = [
  ...new Map(
    cases.flatMap(({ file, each }) => {
      const { facts, items } = inputOf(file, each)
      return [{}, { 'release.decision': 'release' }].map((decided): [string, Base] => {
        const all = { ...facts, asOf: today, ...decided }
        const base = { facts: all, known: known(derive(all, now), now.lists) }
        return [JSON.stringify(all), { ...base, item: items[0]?.facts ?? {} }]
      })
    }),
  ).values(),
]

const judgedBefore = new Map<Base, BeforeFetch>()
const beforeOf = (base: Base): BeforeFetch => {
  const before = judgedBefore.get(base) ?? beforeFetch(now, base.facts, classes, at)
  judgedBefore.set(base, before)
  return before
}

const lookedFor = new Map<string, boolean>()
/** Whether a record may be looked for where one class alone is asked: much less to judge than all of them. */
const isLookedFor = (base: Base, each: string): boolean => {
  const key = `${bases.indexOf(base)} ${each}`
  const known = lookedFor.get(key) ?? beforeFetch(now, base.facts, [each], at).open.length > 0
  lookedFor.set(key, known)
  return known
}

const answer = (base: Base, items: readonly Item[]) =>
  decideAndTell(now, base.facts, items, at, beforeOf(base))

type Placed = { readonly policy: Policy; readonly rule: CompiledRule }

/** Every rule that takes something away, of every policy in force. */
const refusals = now.policies.flatMap((policy) =>
  policy.rules.flatMap((rule): readonly Placed[] => {
    const { effect } = rule.rule.then
    return effect === 'deny' || effect === 'redact' ? [{ policy, rule }] : []
  }),
)
const onItems = refusals.filter(({ rule }) => rule.readsItem)

/** The facts of items, beside their class, among which a rule tells apart. */
function placesOf({ when, unless }: CompiledRule): readonly Facts[] {
  const logics = [when, ...unless.map((each) => each.when)].map(({ logic }) => logic)
  const facts = new Map(
    [...spaceOf(logics, now.lists).facts].filter(
      ([name]) => name.startsWith('item.') && name !== 'item.class',
    ),
  )
  const names = [...facts.keys()]
  return [...everyKnown({ facts, size: 0 }, {})].map((place) =>
    Object.fromEntries(names.map((name) => [name, place.get(name)])),
  )
}

type Kept = { readonly base: Base; readonly class: string; readonly item: Item }

/** An item of a class that a rule keeps back where a record of it may be looked for, if there is one. */
function keptBack({ policy, rule }: Placed, each: string, from: number): Kept | undefined {
  const places = placesOf(rule)
  const turned = [...bases.slice(from % bases.length), ...bases.slice(0, from % bases.length)]
  for (const base of turned) {
    if (holds(policy.applies, base.known) === 'fails') continue
    for (const place of places) {
      const item = { id: '1', facts: { ...base.item, ...place, 'item.class': each } }
      if (find(policy, rule, withItem(base.known, item)).truth === 'fails') continue
      if (!isLookedFor(base, each) || !beforeOf(base).open.includes(each)) break
      if (answer(base, [item]).decision.outcome === 'deny') return { base, class: each, item }
    }
  }
  return undefined
}

/** Some classes in any order, and where to begin among the bases. */
const starts = fc.tuple(
  fc.shuffledSubarray([...classes], { minLength: classes.length }),
  fc.nat(bases.length - 1),
)

/** Checks what a rule keeps back, of one class unless more is asked for; gives of how many it did. */
function check(placed: Placed, holdsOf: (kept: Kept) => void): number {
  let reached = 0
  fc.assert(
    fc.property(starts, ([all, from]) => {
      for (const each of all) {
        if (reached >= runs(1)) return
        const kept = keptBack(placed, each, from)
        if (kept !== undefined) holdsOf(kept)
        if (kept !== undefined) reached += 1
      }
    }),
    { numRuns: 1 },
  )
  return reached
}

const rulesOf = ({ reasons }: { readonly reasons: readonly { readonly rule: string }[] }) =>
  reasons.map(({ rule }) => rule)

describe('what a rule keeps back is answered as if nothing were held', () => {
  // Killed: every rule told (combine.ts, `mayBeTold`).
  test.each(onItems.map((placed) => ({ id: placed.rule.id, placed })))(
    '$id',
    ({ id, placed }) => {
      const reached = check(placed, ({ base, item }) => {
        const hit = answer(base, [item]).told
        const none = answer(base, []).told
        const new_ = rulesOf(hit).filter((rule) => !rulesOf(none).includes(rule))
        expect(Object.keys(printed)).toEqual(expect.arrayContaining(new_))
        if (new_.length === 0) expect(JSON.stringify(hit)).toBe(JSON.stringify(none))
      })
      const { then } = placed.rule.rule
      const leaves = then.effect === 'redact' && then.treatment !== 'withhold'
      if (refusedBefore.includes(id)) expect(reached, `${id} keeps an item back`).toBe(0)
      else if (!leaves)
        expect(reached, `${id} was never seen to keep an item back`).toBeGreaterThan(0)
    },
    patience,
  )
})

describe('a rule that may tell tells of one thing that was asked for', () => {
  const telling = onItems.filter(({ rule }) => rule.id in printed)

  // Killed: an untold item that stays beside a told one (decide.ts, `decideAndTell`).
  test.each(telling.map((placed) => ({ id: placed.rule.id, placed })))(
    '$id, whatever else is held, and not of which class',
    ({ id, placed }) => {
      let beside = 0
      check(placed, ({ base, class: own, item }) => {
        const hit = answer(base, [item]).told
        const none = answer(base, []).told
        if (!rulesOf(hit).includes(id)) return
        const { reasons, standing: _s, todo: _t, missing: _m, items: _i, ...rest } = hit
        expect(none).toMatchObject({ ...rest, obligations: expect.anything() })
        const others = beforeOf(base)
          .open.filter((each) => each !== own)
          .map((each, i) => ({
            ...item,
            id: `${i + 2}`,
            facts: { ...item.facts, 'item.class': each },
          }))
        const blocked = others.map((each) => ({
          ...each,
          facts: { ...item.facts, ...silent, 'item.class': each.facts['item.class'] },
        }))
        const untold = blocked.filter(
          (each) => JSON.stringify(answer(base, [each]).told) === JSON.stringify(none),
        )
        beside += untold.length
        expect(answer(base, [item, ...untold]).told).toEqual(hit)
        for (const each of others)
          expect(rulesOf(answer(base, [each]).told)).toEqual(rulesOf({ reasons }))
      })
      expect(beside).toBeGreaterThan(0)
    },
    patience,
  )

  test('and the list of them is that of the law', () => {
    const told = onItems.flatMap(({ rule: { id, rule } }) =>
      'tell' in rule.then && rule.then.tell !== undefined ? [[id, rule.then.tell.cites]] : [],
    )
    expect(Object.fromEntries(told)).toEqual(printed)
    const silences = now.policies.filter(
      ({ file, rules }) =>
        file.otherwise?.tell !== undefined &&
        rules.some(({ rule, readsItem }) => rule.then.effect === 'permit' && readsItem),
    )
    expect(silences).toEqual([])
  })
})

/** An item of which nothing is told, by the law of every state here that tells anything at all. */
const silent = {
  'item.status': 'review-overdue',
  'item.quality': 'verified',
  'item.origin': 'holder',
  'item.originConsent': 'own-data',
}

// Killed: a class that is refused, looked for nonetheless (decide.ts, `beforeFetch`).
test(
  'what the question alone refuses is not looked for',
  () => {
    let seen = 0
    for (const { policy, rule } of refusals.filter((each) => !each.rule.readsItem)) {
      const { then } = rule.rule
      if (then.effect === 'redact' && then.treatment !== 'withhold') continue
      fc.assert(
        fc.property(starts, ([some, from]) => {
          for (const each of some.slice(0, runs(2))) {
            const asked = { id: '', facts: { 'item.class': each } }
            const isRefused = ({ known: request }: Base) =>
              holds(policy.applies, request) === 'holds' &&
              find(policy, rule, withItem(request, asked)).truth === 'holds'
            const base = [...bases.slice(from), ...bases.slice(0, from)].find(isRefused)
            if (base === undefined) continue
            seen += 1
            expect(isLookedFor(base, each)).toBe(false)
          }
        }),
        { numRuns: 1 },
      )
    }
    expect(seen).toBeGreaterThan(100)
  },
  patience,
)

// Killed: what a person decides because of the record told (reserved.ts, `reserved`).
test(
  'of a case from which nothing leaves nothing is told but by a rule of the list',
  () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), ({ file, each }) => {
        const { asOf, facts, items } = inputOf(file, each)
        const law = lawOn(asOf)
        const asked = items.map((item) => String(item.facts['item.class']))
        const before = beforeFetch(law, facts, asked, at)
        const held = items.filter((item) => before.open.includes(String(item.facts['item.class'])))
        const { decision, told } = decideAndTell(law, facts, held, at, before)
        fc.pre(before.refusal === undefined && decision.outcome === 'deny')
        const none = decideAndTell(law, facts, [], at, before).told
        const more = rulesOf(told).filter((rule) => !rulesOf(none).includes(rule))
        expect(Object.keys(printed)).toEqual(expect.arrayContaining(more))
        if (more.length === 0) expect(JSON.stringify(told)).toBe(JSON.stringify(none))
      }),
      { numRuns: runs(100) },
    )
  },
  patience,
)

/** The table of `policies/README.md`; `UPDATE=1 npm run test:long -- test/policies-silent.long.test.ts` writes it. */
test('the table of rules that tell is that of the law', () => {
  const rows = onItems
    .filter(({ rule }) => rule.id in printed)
    .map(({ rule: { id, reads } }) => [
      `\`${id}\``,
      reads.includes('item.class') ? 'of the classes that it names' : 'any one that was asked for',
      (printed[id] ?? []).join('; '),
    ])
  const head = ['rule that tells', 'of which class', 'the article that lets it']
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  const path = join(import.meta.dirname, '../policies/README.md')
  const text = readFileSync(path, 'utf8')
  const place = /(<!-- told -->\n\n)[\s\S]*?(\n\n<!-- end -->)/
  expect(text).toMatch(place)
  const written = text.replace(place, (_, start, end) => start + table.join('\n') + end)
  if (process.env.UPDATE === '1') writeFileSync(path, written)
  expect(readFileSync(path, 'utf8')).toBe(written)
})

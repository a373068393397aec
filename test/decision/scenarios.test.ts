/** The real law under the cases that lawyers state, each of them changed in every way. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, decideAndTell } from '../../functions/decision/decide.ts'
import { inputOf } from '../../functions/workbench/law/cases.ts'
import { decideUnseen } from './before-fetch.ts'
import { loosened, type Outline, outline, unordered } from './compare.ts'
import { cases, lawOn } from './law.ts'
import type { Facts } from './oracle.ts'
import { runs } from './runs.ts'

type Input = ReturnType<typeof inputOf>

const without = (facts: Facts, name: string): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([each]) => each !== name))

/**
 * The input with one fact less, of the request or of one item; the day stays what it is. Whether it is given unasked is
 * never forgotten: the gateway itself says it of each, and what was entered before there was that fact had been asked for.
 */
const forgetting = ({
  asOf,
  facts,
  items,
}: Input): readonly (Input & { readonly name: string })[] => [
  ...Object.keys(facts)
    .filter((name) => name !== 'request.unasked')
    .map((name) => ({ name, asOf, facts: without(facts, name), items })),
  ...items.flatMap((item, i) =>
    Object.keys(item.facts).map((name) => ({
      name: `${name} of ${item.id}`,
      asOf,
      facts,
      items: items.with(i, { ...item, facts: without(item.facts, name) }),
    })),
  ),
]

/** What is stated no more binds no more: the duty goes with its claim. */
const unstated = (before: Outline, claim: string): Outline => ({
  ...before,
  obligations: before.obligations.filter(
    ({ code, value }) => code !== 'O-STATED' || !value?.startsWith(`${claim} = `),
  ),
})

const inputs = cases.map(({ file, each }) => ({ name: each.name, input: inputOf(file, each) }))

/** Of thousands of cases some, others each time. */
function sample(count: number) {
  const every = Math.max(1, Math.floor(inputs.length / Math.max(count, runs(count))))
  const turn = (fc.readConfigureGlobal()?.seed ?? Date.now()) % every
  return inputs.filter((_, i) => i % every === turn)
}

/** Few, since what is forgotten makes fifty of each. */
const some = sample(120)
const more = sample(500)

test('there are cases to change', () => {
  expect(some.length).toBeGreaterThan(100)
})

// Killed: an unanswerable deny that fails, an unanswerable permit that counts, unknown
// `cannotHonour` taken for none, the duty of an unanswerable rule dropped (combine.ts); an
// unknown waiver that waives, an unanswerable `applies` that does not apply (evaluate.ts);
// `holds` that never walks (logic.ts).
test('no case is loosened when any one fact is forgotten', () => {
  const wrong = some.flatMap(({ name, input }) => {
    const now = lawOn(input.asOf)
    const before = outline(now, input.facts, input.items)
    return forgetting(input).flatMap((less) =>
      loosened(unstated(before, less.name), outline(now, less.facts, less.items)).map(
        (what) => `${name}, without ${less.name}: ${what}`,
      ),
    )
  })
  expect(wrong).toEqual([])
})

// Killed: an unanswered deny that rests on the record counted unseen (combine.ts, `refusal`).
test('no case is refused before the fetch and released after it, whatever is forgotten of its items', () => {
  for (const { name, input } of some) {
    const now = lawOn(input.asOf)
    if (decideUnseen(now, input.facts) === undefined) continue
    for (const { items } of [input, ...forgetting(input)])
      expect(outline(now, input.facts, items).outcome, name).toBe('deny')
  }
})

// Killed: permits of earlier policies that speak for later ones (combine.ts, `weigh`).
test('no case depends on the order of its policies and items', () => {
  for (const { name, input } of more) {
    const now = lawOn(input.asOf)
    const turned = { ...now, policies: now.policies.toReversed() }
    const after = decide(turned, input.facts, input.items.toReversed())
    expect(unordered(after), name).toEqual(unordered(decide(now, input.facts, input.items)))
  }
})

// Killed: an outcome that is told of all items, hidden ones too (decide.ts, `decideAndTell`).
test('no case tells of an item that vanishes', () => {
  for (const { name, input } of more) {
    const now = lawOn(input.asOf)
    const { told } = decideAndTell(now, input.facts, input.items)
    const shown = input.items.filter(({ id }) => told.items.some((each) => each.id === id))
    const again = decideAndTell(now, input.facts, shown).told
    expect(JSON.stringify(again), name).toBe(JSON.stringify(told))
  }
})

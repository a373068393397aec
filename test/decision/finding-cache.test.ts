/** What is remembered of requests before the fetch is what would be found anew. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BeforeFetch, beforeFetch, decideAndTell } from '../../functions/decision/decide.ts'
import {
  agenciesMax,
  type FindingCache,
  findingCache,
  questionsMax,
} from '../../functions/decision/finding-cache.ts'
import type { InForce } from '../../functions/policy/history.ts'
import { inputOf } from '../../functions/workbench/law/cases.ts'
import { factsOver, stated } from './arbitraries.ts'
import { cases, lawOn } from './law.ts'
import type { Facts } from './oracle.ts'
import { runs } from './runs.ts'
import { type Item, nowFor, openSetups, setups } from './setups.ts'
import { permit, quiet, quietItem } from './write.ts'

const instants = ['2026-11-24T10:00:00.000Z', '2026-11-24T10:07:00.000Z'] as const
const [at] = instants
const classesOf = (items: readonly Item[]): readonly string[] =>
  items.map(({ facts }) => String(facts['item.class'] ?? 'case'))

/** What is decided before the fetch and after it. */
function answers(before: BeforeFetch, now: InForce, facts: Facts, items: readonly Item[]) {
  const { refusal, open } = before
  return { refusal, open, ...(refusal ? {} : decideAndTell(now, facts, items, at, before)) }
}

function agrees(
  cache: FindingCache,
  agency: string,
  now: InForce,
  facts: Facts,
  items: readonly Item[],
) {
  const classes = classesOf(items)
  for (const then of instants) {
    const plain = answers(beforeFetch(now, facts, classes, then), now, facts, items)
    expect(answers(cache(agency, now, facts, classes, then), now, facts, items)).toEqual(plain)
  }
}

test('the cases of the lawyers are answered from memory as they are anew', () => {
  const cache = findingCache()
  for (const { file, each } of fc.sample(fc.constantFrom(...cases), runs(400))) {
    const { asOf, facts, items } = inputOf(file, each)
    agrees(cache, 'FR-POL', lawOn(asOf), facts, items)
  }
})

const requestFacts = stated.filter((name) => !name.startsWith('item.'))

// Killed: a key without `release.decision`, without the classes, or without the case where it counts (finding-cache.ts,
// `keyOf`); one memory for all laws; an answer with the deadlines of an earlier one.
test('and so are questions that differ a little, under law that changes a little', () => {
  const asked = fc.record({
    setup: fc.oneof(setups, openSetups),
    other: factsOver(requestFacts, 24),
    steps: fc.array(
      fc.record({
        changed: fc.subarray([...requestFacts], { maxLength: 1 }),
        law: fc.constantFrom('same', 'same', 'suspended', 'no lists', 'one policy less'),
        items: fc.boolean(),
        agency: fc.constantFrom('FR-POL', 'US-POL'),
      }),
      { minLength: 2, maxLength: 8 },
    ),
  })
  fc.assert(
    fc.property(asked, ({ setup: { policies, facts, items }, other, steps }) => {
      const cache = findingCache()
      const now = nowFor(policies)
      const [first] = now.policies
      const laws: Readonly<Record<string, InForce>> = {
        suspended: { ...now, suspended: new Set(first === undefined ? [] : [first]) },
        'no lists': { ...now, lists: {} },
        'one policy less': { ...now, policies: now.policies.slice(1) },
      }
      for (const { changed, law, items: isAll, agency } of steps) {
        const some = changed.map((name) => [name, other[name]])
        const asking = { ...facts, ...Object.fromEntries(some) }
        agrees(cache, agency, laws[law] ?? now, asking, isAll ? items : items.slice(0, 1))
      }
    }),
    { numRuns: runs(150) },
  )
})

const [anyCase] = cases
const plain = anyCase === undefined ? undefined : inputOf(anyCase.file, anyCase.each)

/** Whether the memory had the answer: what was found is then the same thing, not an equal one. */
function isWarm(cache: FindingCache, agency: string, n: number): boolean {
  if (plain === undefined) throw new Error('there are no cases')
  const facts = { ...plain.facts, 'request.offence.maxCustodyMonthsRequester': n }
  const asked = () => cache(agency, lawOn(plain.asOf), facts, ['case'], at).judgement.applicable
  const before = seen.get(cache) ?? new Set<unknown>()
  seen.set(cache, before)
  const found = asked()
  const warm = before.has(found)
  before.add(found)
  return warm
}

const seen = new WeakMap<FindingCache, Set<unknown>>()

// Killed: one memory for all agencies; one that forgets another agency's questions.
test('no agency learns from the time of its answer what another asked', () => {
  const cache = findingCache()
  expect(isWarm(cache, 'FR-POL', 1)).toBe(false)
  expect(isWarm(cache, 'FR-POL', 1)).toBe(true)
  expect(isWarm(cache, 'US-POL', 1)).toBe(false)
  for (let n = 2; n < questionsMax + 10; n++) isWarm(cache, 'US-POL', n)
  expect(isWarm(cache, 'US-POL', 1)).toBe(false)
  expect(isWarm(cache, 'FR-POL', 1)).toBe(true)
})

// Killed: a memory without a bound on agencies; one in which a later agency takes the place of an earlier.
test('agencies beyond the bound are answered anew, and take no other’s place', () => {
  const cache = findingCache()
  for (let n = 0; n < agenciesMax; n++) expect(isWarm(cache, `XX-${n}`, 1)).toBe(false)
  for (let n = 0; n < 2; n++) expect(isWarm(cache, 'XX-LATE', 1)).toBe(false)
  expect(isWarm(cache, 'XX-0', 1)).toBe(true)
})

// Killed: a key that leaves out the case where an attestation was chosen by it (finding-cache.ts, `keyOf`).
test('the same question in another case is the same question, unless an attestation is of that case', () => {
  const now = nowFor([{ id: 'de/own', kind: 'ground', rules: [permit('always', true)] }])
  const item = { id: '1', facts: { ...quietItem, 'item.class': 'case' } }
  const asked = (cache: FindingCache, reference: string, rests: readonly string[]) => {
    const facts = {
      ...quiet,
      ...{ 'holder.jurisdiction': 'DE', 'requester.cannotHonour': [], 'discretion.waived': [] },
      ...{ 'release.decision': 'none', 'request.restsOn': rests },
      'request.caseReference': reference,
    }
    const before = cache('FR-POL', now, facts, ['case'], at)
    const { decision } = decideAndTell(now, facts, [item], at, before)
    return { found: before.judgement.applicable, duties: decision.obligations.map(textOf) }
  }
  const cache = findingCache()
  expect(asked(cache, 'K-1', []).found).toBe(asked(cache, 'K-2', []).found)
  for (const reference of ['K-1', 'K-2'])
    expect(asked(cache, reference, ['request.caseReference']).duties.join()).toContain(reference)
  expect(asked(cache, 'K-1', ['request.caseReference']).found).not.toBe(
    asked(cache, 'K-2', ['request.caseReference']).found,
  )
})

const textOf = ({ text }: { readonly text: string }): string => text

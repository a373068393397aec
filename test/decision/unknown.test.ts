/** Not knowing can only make the outcome stricter. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outside } from './arbitraries.ts'
import { loosened, outline } from './compare.ts'
import { type Facts, read, statable } from './oracle.ts'
import { runs } from './runs.ts'
import { nowFor, type Setup, setups } from './setups.ts'

type Forget = (facts: Facts, name: string) => Facts

const without: Forget = (facts, name) =>
  Object.fromEntries(Object.entries(facts).filter(([each]) => each !== name))
const nulled: Forget = (facts, name) => ({ ...facts, [name]: null })

/**
 * What the gateway says of the asking itself is always known: of a request that is stated by hand, what is
 * not said there is not so.
 */
const ofTheGateway = [
  'request.manyPersons',
  'request.redescribed',
  'request.unasked',
  'request.restsOn',
  'item.redescribed',
  'item.foundAgainst',
]

/** The duty on a claim goes with the claim, and so does what it kept back where it cannot be honoured. */
function claimsThatGo(facts: Facts): readonly string[] {
  const cannot = read(facts, 'requester.cannotHonour')
  const isKept = Array.isArray(cannot) && !cannot.includes('O-STATED')
  return isKept ? [] : statable
}

/** Every setup that knows one thing less, of the request or of one item. */
function forgetful(
  { policies, facts, items }: Setup,
  forget: Forget,
): readonly (Setup & { readonly name: string })[] {
  const stay = [...ofTheGateway, ...claimsThatGo(facts)]
  const mayGo = (all: Facts) => Object.keys(all).filter((name) => !stay.includes(name))
  const ofRequest = mayGo(facts).map((name) => ({
    name,
    policies,
    facts: forget(facts, name),
    items,
  }))
  const ofItems = items.flatMap((item) =>
    mayGo(item.facts).map((name) => ({
      name,
      policies,
      facts,
      items: items.map((each) =>
        each === item ? { ...each, facts: forget(each.facts, name) } : each,
      ),
    })),
  )
  return [...ofRequest, ...ofItems]
}

function expectStricter(setup: Setup, forget: Forget): void {
  const now = nowFor(setup.policies)
  const before = outline(now, setup.facts, setup.items)
  for (const { name, facts, items } of forgetful(setup, forget)) {
    // A claim that is not made is no footing, so that nothing is said of it.
    const obligations = before.obligations.filter(
      ({ code, value }) => code !== 'O-STATED' || !value?.startsWith(`${name} =`),
    )
    expect(loosened({ ...before, obligations }, outline(now, facts, items))).toEqual([])
  }
}

// Killed: an unanswerable deny that fails, an unanswerable permit that counts, unknown
// `cannotHonour` taken for none, the duty of an unanswerable rule dropped (combine.ts); an
// unanswerable exception that lifts, an unknown waiver that waives, an unanswerable `applies`
// that does not apply (evaluate.ts); `holds` that never walks (logic.ts).
test('a fact that goes missing loosens no outcome, no treatment and no duty', () => {
  fc.assert(
    fc.property(setups, (setup) => expectStricter(setup, without)),
    { numRuns: runs(120) },
  )
})

// Killed: an unanswerable deny that fails (combine.ts, `refusal`); null read as no or as an empty
// list (fact-types.ts, `knownValue`).
test('a fact that becomes null loosens nothing', () => {
  fc.assert(
    fc.property(setups, (setup) => expectStricter(setup, nulled)),
    { numRuns: runs(80) },
  )
})

// Killed: any text taken for a value of an enum (fact-types.ts, `knownValue`); an unanswerable
// deny that fails (combine.ts, `refusal`).
test('a fact that takes a value outside the vocabulary loosens nothing', () => {
  const strange = fc.infiniteStream(fc.nat())
  fc.assert(
    fc.property(setups, strange, (setup, seeds) => {
      expectStricter(setup, (facts, name) => {
        const [value] = fc.sample(outside(name), { numRuns: 1, seed: seeds.next().value ?? 0 })
        return { ...facts, [name]: value }
      })
    }),
    { numRuns: runs(80) },
  )
})

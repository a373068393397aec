/**
 * Generators of the small world of `oracle.ts`: typed facts that are sometimes unknown, and conditions
 * of the dialect. `setups.ts` makes policies and items of them.
 */

import fc from 'fast-check'
import { type Facts, isKnown, world } from './oracle.ts'
import type { Json } from './write.ts'

/** Every fact of the small world. */
export const names = [...Object.keys(world), 'instrument.inForce']
export const isItem = (name: string) => name.startsWith('item.')
const isClaim = (name: string) => world[name]?.claim === true
export const readable = names.filter((name) => world[name]?.type !== 'list')
/** What any rule may read. */
export const unclaimed = readable.filter((name) => !isClaim(name))
/** What `applies` may read. */
export const ofRequest = unclaimed.filter((name) => !isItem(name))
/** What a rule may read that relies on an article. */
export const claimed = readable.filter(isClaim)

const typeOf = (name: string) => world[name]?.type ?? 'code'
const literalsOf = (name: string): readonly Json[] =>
  name === 'instrument.inForce' ? ['treaty-a', 'none'] : (world[name]?.values ?? [])

/** One comparison of a fact. */
function atom(name: string): fc.Arbitrary<Json> {
  const left = { var: name }
  const literal = fc.constantFrom(...literalsOf(name))
  const compared = (...operators: readonly string[]): fc.Arbitrary<Json> =>
    fc
      .tuple(fc.constantFrom(...operators), literal)
      .map(([operator, value]) => ({ [operator]: [left, value] }))
  const among: fc.Arbitrary<Json> = fc
    .subarray([...new Set(literalsOf(name))])
    .map((values) => ({ in: [left, values] }))
  const into = (list: string): fc.Arbitrary<Json> => fc.constant({ in: [left, { var: list }] })
  switch (typeOf(name)) {
    case 'boolean':
      return fc.oneof(fc.constant<Json>(left), compared('===', '!=='))
    case 'integer':
    case 'day':
      return compared('===', '!==', '<', '<=', '>', '>=')
    case 'code':
      return name.endsWith('jurisdiction')
        ? fc.oneof(compared('===', '!=='), among, into('lists.partners'))
        : compared('===', '!==')
    default:
      return name === 'item.class'
        ? fc.oneof(compared('===', '!=='), among, into('necessity.strictClasses'))
        : fc.oneof(compared('===', '!=='), among)
  }
}

/** Two integers or two parties side by side, where both may be read. */
function sideBySide(allowed: readonly string[]): fc.Arbitrary<Json> {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['<', 'item.ageAtEvent', 'request.offence.maxCustodyMonthsHolder'],
    ['===', 'holder.jurisdiction', 'requester.jurisdiction'],
  ]
  const may = pairs.filter(([, ...both]) => both.every((name) => allowed.includes(name)))
  if (may.length === 0) return fc.boolean()
  return fc
    .constantFrom(...may)
    .map(([operator, a, b]) => ({ [operator]: [{ var: a }, { var: b }] }))
}

/** A condition of the dialect over these facts. */
export const conditionOver = (allowed: readonly string[]): fc.Arbitrary<Json> =>
  fc.letrec<{ node: Json }>((tie) => {
    const some = fc.array(tie('node'), { minLength: 1, maxLength: 3 })
    return {
      node: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        { arbitrary: fc.constantFrom(...allowed).chain(atom), weight: 8 },
        { arbitrary: sideBySide(allowed), weight: 1 },
        { arbitrary: fc.boolean(), weight: 1 },
        { arbitrary: some.map((all) => ({ and: all })), weight: 2 },
        { arbitrary: some.map((all) => ({ or: all })), weight: 2 },
        { arbitrary: tie('node').map((one) => ({ '!': [one] })), weight: 2 },
      ),
    }
  }).node

/** A condition that mostly fails, as refusals should. */
export const seldom = (allowed: readonly string[]): fc.Arbitrary<Json> =>
  fc.tuple(conditionOver(allowed), conditionOver(allowed)).map((all) => ({ and: all }))
/** A condition that mostly holds, as permits should. */
export const often = (allowed: readonly string[]): fc.Arbitrary<Json> =>
  fc.tuple(conditionOver(allowed), conditionOver(allowed)).map((all) => ({ or: all }))

/** A value outside the vocabulary of a fact, which is as good as none. */
export function outside(name: string): fc.Arbitrary<unknown> {
  const any: readonly unknown[] = ['', 7.5, ['x', 7], {}, 'no-such', 'true', '12']
  const strange = any.filter((value) => !isKnown(name, value))
  return fc.constantFrom(...strange)
}

function drawn(name: string): fc.Arbitrary<unknown> {
  const values = world[name]?.values ?? []
  if (name === 'requester.cannotHonour')
    return fc.oneof({ arbitrary: fc.constant([]), weight: 4 }, fc.subarray([...values]))
  return typeOf(name) === 'list' ? fc.subarray([...values]) : fc.constantFrom(...values)
}

/** Facts that are sometimes absent, null or outside the vocabulary. */
export const factsOver = (allowed: readonly string[], knownWeight: number): fc.Arbitrary<Facts> =>
  fc
    .tuple(
      ...allowed.map((name) =>
        fc.oneof(
          { arbitrary: drawn(name).map((value) => ({ [name]: value })), weight: knownWeight },
          { arbitrary: fc.constant({}), weight: 2 },
          { arbitrary: fc.constant({ [name]: null }), weight: 1 },
          { arbitrary: outside(name).map((value) => ({ [name]: value })), weight: 1 },
        ),
      ),
    )
    .map((all) => Object.assign({}, ...all) as Facts)

export const stated = Object.keys(world)
/** Facts that are all known. */
export const allKnown = (allowed: readonly string[]): fc.Arbitrary<Facts> =>
  fc
    .tuple(...allowed.map((name) => drawn(name).map((value) => ({ [name]: value }))))
    .map((all) => Object.assign({}, ...all) as Facts)

/** Facts of a request and one item together, all known, or some not. */
export const knownFacts = allKnown(stated)
export const someFacts = factsOver(stated, 6)

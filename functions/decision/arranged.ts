/**
 * Which listed arrangement covers an item of a request. It must fit both sides and their agencies, the day,
 * the channel, the requester's kind of authority, the purpose, the class and the penalty. The instrument that
 * the requester claims is not read.
 */

import type { Arrangement } from '../policy/arrangement.ts'
import { safeguards } from '../policy/fact-types.ts'
import type { Known as Knowledge, Truth } from '../policy/logic.ts'

type Arrangements = readonly Arrangement[] | undefined
type Known = Pick<Knowledge, 'get'>

/**
 * The first arrangement that covers the item, or `none`; undefined where that is unknown. INVARIANT (not
 * knowing is stricter): while an earlier arrangement may fit, the answer is undefined, so that an answer,
 * once given, stays true when more is known.
 */
export function coveredBy(all: Arrangements, known: Known): Arrangement | 'none' | undefined {
  for (const each of all ?? []) {
    const truth = fits(each, known)
    if (truth !== 'fails') return truth === 'holds' ? each : undefined
  }
  return all === undefined ? undefined : 'none'
}

/**
 * The arrangements that may bind the two countries of a request, whatever their agencies. Found once for each
 * pair.
 */
export function bindingIn(all: Arrangements, request: Known): Arrangements {
  if (all === undefined) return undefined
  const pairs = bindingOf.get(all) ?? new Map<string, readonly Arrangement[]>()
  const key = countries.map((name) => request.get(name)).join(' ')
  const before = pairs.get(key)
  if (before !== undefined) return before
  const found = all.filter((each) => binds(each, ofCountries(request)) !== 'fails')
  if (pairs.size >= pairsMax) pairs.clear()
  pairs.set(key, found)
  bindingOf.set(all, pairs)
  return found
}

/** Most pairs of countries to remember: more than ask one gateway in a quarter of an hour. */
const pairsMax = 1024
const bindingOf = new WeakMap<readonly Arrangement[], Map<string, readonly Arrangement[]>>()
const countries = ['holder.jurisdiction', 'requester.jurisdiction']
const ofCountries = (request: Known): Known => ({
  get: (name) => (countries.includes(name) ? request.get(name) : undefined),
})

/**
 * The arrangements that may cover the item, up to the first that does. While it is unknown which one covers,
 * the duties of each travel with the data.
 */
export function mayCover(all: Arrangements, known: Known): readonly Arrangement[] {
  const found: Arrangement[] = []
  for (const each of all ?? []) {
    const truth = fits(each, known)
    if (truth !== 'fails') found.push(each)
    if (truth === 'holds') break
  }
  return found
}

/**
 * The strongest safeguards among the covering arrangement and the `safeguards-only` ones between the same two
 * sides; undefined while it is unknown whether a stronger one binds them.
 */
export function safeguardsOf(all: Arrangements, known: Known): string | undefined {
  const covering = coveredBy(all, known)
  if (covering === 'none' || covering === undefined) return covering
  const protecting = (all ?? [])
    .filter(({ entry: { kind } }) => kind === 'safeguards-only')
    .map((each) => ({
      each,
      truth: every([
        () => binds(each, known),
        () => among(known, 'request.purpose', each.entry.purposes),
      ]),
    }))
  const strongest = (those: readonly Truth[]) => {
    const found = protecting.flatMap(({ each, truth }) => (those.includes(truth) ? [each] : []))
    const strengths = [covering, ...found].map(({ entry }) => entry.safeguards)
    return safeguards.findLast((each) => strengths.includes(each))
  }
  const sure = strongest(['holds'])
  return sure === strongest(['holds', 'unanswerable']) ? sure : undefined
}

/**
 * Whether an arrangement is of a kind that can cover an item or protect persons. Others have no effect here.
 */
export const isAsked = ({ entry: { kind } }: Arrangement): boolean =>
  kind === 'safeguards-only' || covering.includes(kind)

const covering: readonly string[] = ['police', 'mla', 'vetting']

function fits(arrangement: Arrangement, known: Known): Truth {
  if (!canCover(arrangement)) return 'fails'
  return every([
    ...asksOf(arrangement).map(
      ([name, passes]) =>
        () =>
          test(known.get(name), passes),
    ),
    () => binds(arrangement, known),
  ])
}

/** Whether an arrangement is of a kind that can cover an item. */
export const canCover = ({ entry: { kind } }: Arrangement): boolean => covering.includes(kind)

/**
 * What an arrangement asks of single facts, by their names: it covers where each passes, and both sides are bound. The
 * requester states the penalty; where it counts, `stated` sends it along as a duty.
 */
export function asksOf({
  entry,
}: Arrangement): readonly (readonly [string, (value: unknown) => boolean])[] {
  const { kind, channels, authorities, purposes, classes, excludes = [], threshold } = entry
  const months = threshold?.maxCustodyMonthsRequester
  return [
    ['request.channel', (value) => has(channels, value)],
    ['requester.authorityType', (value) => has(authorities, value)],
    ['request.purpose', (value) => has(kind === 'vetting' ? ['other'] : purposes, value)],
    [
      'item.class',
      (value) => (classes === undefined || has(classes, value)) && !has(excludes, value),
    ],
    ...(months === undefined
      ? []
      : [[penalty, (value: unknown) => Number(value) >= months] as const]),
  ]
}

const penalty = 'request.offence.maxCustodyMonthsRequester'

/** Whether it binds the holder's side to the requester's, in the direction in which the data would go. */
export function binds({ entry: { direction }, sides }: Arrangement, known: Known): Truth {
  const [holder, requester] = ['holder.jurisdiction', 'requester.jurisdiction'].map((name) =>
    known.get(name),
  )
  if (holder === undefined || requester === undefined) return 'unanswerable'
  if (holder === requester) return 'fails'
  const sidesOf = (party: unknown) =>
    [...sides.keys()].filter((i) => Object.hasOwn(sides[i] ?? {}, String(party)))
  const meant = (side: number, party: unknown, agency: string) =>
    isMeant(sides[side]?.[String(party)], known.get(agency))
  const roads = sidesOf(holder).flatMap((from) =>
    sidesOf(requester)
      .filter((to) => to !== from && (direction === 'both' || toSide[direction] === to))
      .map((to) =>
        every([
          () => meant(from, holder, 'holder.agency'),
          () => meant(to, requester, 'requester.agency'),
        ]),
      ),
  )
  if (roads.includes('holds')) return 'holds'
  return roads.includes('unanswerable') || sides.includes(undefined) ? 'unanswerable' : 'fails'
}

const toSide = { 'to-first': 0, 'to-second': 1 } as const

const isMeant = (agencies: readonly string[] | null | undefined, agency: unknown): Truth =>
  agencies == null ? 'holds' : test(agency, (each) => has(agencies, each))

const among = (known: Known, name: string, values: readonly string[]): Truth =>
  test(known.get(name), (value) => has(values, value))

const has = (values: readonly string[], value: unknown): boolean => values.includes(String(value))

const test = (value: unknown, passes: (value: unknown) => boolean): Truth =>
  value === undefined ? 'unanswerable' : passes(value) ? 'holds' : 'fails'

/** Whether all hold; asked in turn, until one fails. */
function every(all: readonly (() => Truth)[]): Truth {
  let truth: Truth = 'holds'
  for (const each of all) {
    const answered = each()
    if (answered === 'fails') return answered
    if (answered === 'unanswerable') truth = answered
  }
  return truth
}

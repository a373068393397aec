/** What is known about a request, as the rules read it. */

import {
  type FactValue,
  factTypes,
  isRecordFact,
  isWorkedOut,
  knownValue,
} from '../policy/fact-types.ts'
import type { InForce } from '../policy/history.ts'
import { changing, type Known, knowing, listed, placeOf } from '../policy/logic.ts'
import { bindingIn, coveredBy, safeguardsOf } from './arranged.ts'

/** Facts by dotted name. Absent, null and any value outside the vocabulary are unknown. */
export type Facts = Readonly<Record<string, unknown>>

/** One item as the rules see it: its facts, without its value. */
export type Item = {
  readonly id: string
  readonly facts: Facts
  /** Treatments that its value does not allow. If a rule wants one of them, the item stays. */
  readonly cannot?: readonly ('generalise' | 'mask')[]
  /** Its markings, as far as their meaning is known: see `markings.ts`. */
  readonly markings?: readonly string[]
  /**
   * Set if no record was examined: nothing is known of the item, or only the class asked for. A rule that
   * reads more then counts against it only if its answer is certain.
   */
  readonly unseen?: 'whole' | 'beside-class'
  /**
   * Set to replay a decision made before a person decided what a ground reserves, when reading a class still
   * counted as reading the record.
   */
  readonly asBefore?: true
  /**
   * Set where an answered no keeps nothing back by itself: to replay a decision of before it did, and in a
   * requester's dry run, which would tell of it.
   */
  readonly unheard?: true
}

/** What is known of a request: its facts, and the shared lists. */
export const known = (facts: Facts, lists: InForce['lists']): Known =>
  knowing(laid(listed(lists), facts, ofAny))

/** The values of facts, laid over others. Only facts with a place count. */
function laid(under: Known['values'], facts: Facts, counting: Places) {
  const values = under.slice()
  for (const name of Object.keys(facts)) {
    const place = counting.get(name)
    const value = place === undefined ? undefined : knownValue(name, facts[name])
    if (place !== undefined && value !== undefined) values[place] = value
  }
  return values
}

/** The places of some facts among all values. */
type Places = ReadonlyMap<string, number>

const placesOf = (counts: (name: string) => boolean): Places =>
  new Map(
    Object.keys(factTypes)
      .filter(counts)
      .map((name) => [name, placeOf(name)]),
  )

const ofAny = placesOf(() => true)
/** Facts that somebody states of a request, and those of an item. */
const ofRequest = placesOf((name) => !isRecordFact(name) && !isWorkedOut(name))
const ofItem = placesOf((name) => isRecordFact(name) && !isWorkedOut(name))

/** The dated lists from which facts of an item follow. */
export type ListsForItems = Pick<InForce, 'arrangements' | 'routineUses'>

/**
 * Adds to `request`, without copying it, the facts of one item and the facts that follow from both and the
 * lists. Those are computed when a rule first asks for them.
 */
export function withItem(request: Known, item: Item, lists: ListsForItems = {}): Known {
  const stated = knowing(laid(request.values, item.facts, ofItem))
  return knowing(stated.values, (name) => followed(name, request, stated, lists))
}

/** A fact that follows for an item. Items of a request that agree on what it rests on share the result. */
function followed(
  name: string,
  request: Known,
  stated: Known,
  lists: ListsForItems,
): FactValue | undefined {
  const follow = following[name]
  if (follow === undefined) return undefined
  const { found, near } = rememberedOf(request, lists)
  let key = name
  for (const each of restsOn[name] ?? []) key += ` ${stated.get(each)}`
  if (!found.has(key)) found.set(key, follow(near, stated))
  return found.get(key)
}

type Remembered = {
  readonly of: ListsForItems
  /** The lists, with only those arrangements that may bind the request's two countries. */
  readonly near: ListsForItems
  readonly found: Map<string, FactValue | undefined>
}

function rememberedOf(request: Known, lists: ListsForItems): Remembered {
  const before = remembered.get(request)
  if (before?.of === lists) return before
  const arrangements = bindingIn(lists.arrangements, request)
  const near = { ...lists, ...(arrangements === undefined ? {} : { arrangements }) }
  const made = { of: lists, near, found: new Map() }
  remembered.set(request, made)
  return made
}

const remembered = new WeakMap<Known, Remembered>()

/** Computes each fact that follows for an item, by its name. */
const following: Readonly<
  Record<string, (lists: ListsForItems, known: Known) => FactValue | undefined>
> = {
  'arrangement.covers': ({ arrangements }, known) => {
    const covering = coveredBy(arrangements, known)
    return covering === 'none' ? covering : covering?.entry.id
  },
  'arrangement.safeguards': ({ arrangements }, known) => safeguardsOf(arrangements, known),
  'item.routineUse': ({ routineUses }, known) => {
    const [agency, system] = ['holder.agency', 'item.system'].map((name) => known.get(name))
    if (routineUses === undefined || agency === undefined || system === undefined) return undefined
    const uses = routineUses
      .filter((each) => each.agency === agency && each.system === system)
      .map(({ use }) => use)
    return uses.includes('law-enforcement') ? 'law-enforcement' : (uses[0] ?? 'none')
  },
}

/** The facts of an item on which each of those rests. */
const restsOn: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.keys(following).map((name) => [
    name,
    factTypes[name]?.follows?.filter(isRecordFact) ?? [],
  ]),
)

/** Adds to an item the facts that follow from it, from the request and from the lists. */
export function withFollowing(request: Known, item: Item, lists: ListsForItems): Item {
  const known = withItem(request, item, lists)
  const followed = Object.keys(following).flatMap((name) => {
    const value = known.get(name)
    return value === undefined ? [] : [[name, value]]
  })
  return { ...item, facts: { ...item.facts, ...Object.fromEntries(followed) } }
}

/**
 * The request facts whose silence is an answer, with the value they have while nobody has attested anything.
 * A caller that states facts without a gateway leaves these out, or gives null to make one unknown.
 */
export const unattested: Facts = Object.fromEntries(
  Object.entries(factTypes).flatMap(([name, { unattested: value }]) =>
    value === undefined || isRecordFact(name) ? [] : [[name, value]],
  ),
)

/** The same of an item stated by hand, but for an originator's consent, which its origin settles first. */
export const unattestedOfItem: Facts = {
  'item.indicatesOffence': factTypes['item.indicatesOffence']?.unattested,
}

/**
 * The fact that a test case states to give `name` a value: `name` itself, or the claimed instrument for the
 * one in force. Undefined for other derived facts, which no single fact determines.
 */
export const broughtAboutBy = (name: string): string | undefined =>
  name === inForce ? 'request.instrument' : isWorkedOut(name) ? undefined : name

/** One fact changed, all others as they were. */
export const assume = (known: Known, name: string, value: FactValue): Known =>
  changing(known, [[name, value]])

/**
 * The facts of a request, with those that follow from them and the dated lists alone; `withItem` adds what
 * follows for an item. `instrument.inForce` is the claimed instrument if it binds both sides on that day,
 * else `none`. Derived facts and facts of items that `facts` already states are ignored.
 */
export function derive(facts: Facts, now: InForce): Facts {
  const derived: Record<string, unknown> = {}
  for (const name of derivedNames)
    if (name === inForce) derived[name] = instrumentInForce(facts, now)
    else if (Object.hasOwn(facts, name)) derived[name] = facts[name]
  return derived
}

const inForce = 'instrument.inForce'
/** In the order in which an entry keeps them, so that it need not sort them. */
const derivedNames = [...ofRequest.keys(), inForce].sort()

/** `known(derive(facts, now), now.lists)`, without the facts between. */
export function requestOf(facts: Facts, now: InForce): Known {
  const values = laid(listed(now.lists), facts, ofRequest)
  values[placeOf(inForce)] = instrumentInForce(facts, now)
  return knowing(values)
}

function instrumentInForce(facts: Facts, now: InForce): FactValue | undefined {
  const [claimed, ...parties] = [
    'request.instrument',
    'holder.jurisdiction',
    'requester.jurisdiction',
  ].map((name) => knownValue(name, facts[name]))
  if (typeof claimed !== 'string' || claimed === 'none') return claimed
  if (parties.includes(undefined)) return undefined
  const bound = Object.hasOwn(now.instruments, claimed) ? now.instruments[claimed] : []
  return parties.every((party) => bound?.includes(String(party))) ? claimed : 'none'
}

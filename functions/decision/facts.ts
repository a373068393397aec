/** What is known about a request, as the rules read it. */

import type { InForce } from '../policy/history.ts'
import type { Known } from '../policy/logic.ts'
import { type FactValue, isRecordFact, knownValue, vocabulary } from '../policy/vocabulary.ts'

/** Facts by dotted name. Absent, null and any value outside the vocabulary are unknown. */
export type Facts = Readonly<Record<string, unknown>>

/** One item as the rules see it: its facts, without its value. */
export type Item = {
  readonly id: string
  readonly facts: Facts
  /** Treatments that its value does not allow: where a rule wants one of them, the item stays. */
  readonly cannot?: readonly ('generalise' | 'mask')[]
}

/** Facts split for the two readers: three-valued by dotted name, json-logic-js by path. */
export function known(facts: Facts, lists: InForce['lists']): Known {
  const flat: Record<string, FactValue | undefined> = {}
  for (const id of Object.keys(lists)) flat[`lists.${id}`] = lists[id]
  return read(facts, () => true, flat, { lists })
}

/** The same, with the facts of one item: laid over the request's, which are not copied. */
export const withItem = (request: Known, item: Item): Known =>
  read(item.facts, isRecordFact, Object.create(request.flat), Object.create(request.nested))

function read(
  facts: Facts,
  isWanted: (name: string) => boolean,
  flat: Record<string, FactValue | undefined>,
  nested: Record<string, unknown>,
): Known {
  for (const name of Object.keys(facts)) {
    const value = isWanted(name) ? knownValue(name, facts[name]) : undefined
    if (value === undefined) continue
    flat[name] = value
    put(nested, pathOf(name), value)
  }
  return { flat, nested }
}

/** One fact changed, all others as they were. */
export function assume(known: Known, name: string, value: FactValue): Known {
  const flat = Object.create(known.flat)
  flat[name] = value
  let below: unknown = value
  const path = pathOf(name)
  for (let i = path.length - 1; i >= 0; i--) {
    const at = path.slice(0, i).reduce((each: unknown, step) => member(each, step), known.nested)
    below = Object.assign(Object.create((at as object | undefined) ?? null), {
      [path[i] ?? '']: below,
    })
  }
  return { flat, nested: below as Known['nested'] }
}

const member = (at: unknown, step: string): unknown =>
  (at as Record<string, unknown> | undefined)?.[step]

const paths = new Map(Object.keys(vocabulary).map((name) => [name, name.split('.')]))
const pathOf = (name: string): readonly string[] => paths.get(name) ?? [name]

function put(root: Record<string, unknown>, path: readonly string[], value: FactValue): void {
  let at = root
  const last = path.length - 1
  for (let i = 0; i < last; i++) {
    const step = path[i] ?? ''
    at[step] ??= {}
    at = at[step] as Record<string, unknown>
  }
  at[path[last] ?? ''] = value
}

/**
 * The facts of a request with what follows from them and the dated lists, and from nothing else:
 * `instrument.inForce` is the instrument claimed if it binds both on that day, else `none`.
 * A derived fact that is already stated is not believed, nor is what is stated of all items at once.
 */
export function derive(facts: Facts, now: InForce): Facts {
  const derived: Record<string, unknown> = {}
  for (const name of Object.keys(facts)) if (!isRecordFact(name)) derived[name] = facts[name]
  derived['instrument.inForce'] = instrumentInForce(facts, now)
  return derived
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

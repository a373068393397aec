/** The least facts under which something holds: as near to an ordinary request as can be. */

import { unattested, unattestedOfItem } from '../../decision/facts.ts'
import { type FactValue, factTypes, isRecordFact } from '../../policy/fact-types.ts'
import { benignStart } from '../law/cases.ts'
import { unnamed } from './domains.ts'
import { type Literal, type Model, not } from './formula.ts'
import type { HolderLaw } from './holder-law.ts'

/** A facts file of `comity policy explain`. */
type CaseFacts = {
  readonly asOf: string
  readonly facts: Record<string, unknown>
  readonly items: { id: string }[]
}

/** Facts against a statement. What is not among them is unknown. */
export type Counterexample = {
  readonly facts: ReadonlyMap<string, FactValue>
  /** Those that differ from an ordinary request; undefined where one is unknown. */
  readonly differs: ReadonlyMap<string, FactValue | undefined>
  /** The same for `comity policy explain`. */
  readonly file: CaseFacts
}

/** Whoever asks, if it can be the first of these: readers know them. */
const askers = ['US', 'FR', 'DE', 'GB', 'JP', 'IN']

/** The least facts under which `wanted` holds, which some facts let hold. */
export function leastOf(law: HolderLaw, wanted: Literal): Counterexample {
  const { facts, prover, holder, now } = law
  const held: Literal[] = [wanted]
  const take = (literal: Literal | undefined): boolean => {
    if (literal === undefined || prover.model(...held, literal) === undefined) return false
    held.push(literal)
    return true
  }
  const usual = ordinary(law)
  const isUsual = new Set<string>()
  for (const [name, { values, unknown }] of facts.choices) {
    const wishes = name === 'requester.jurisdiction' ? askers : [usual.get(name)]
    const alike = wishes.flatMap((each) =>
      each === undefined || each === holder ? [] : [facts.alike(name, each)],
    )
    if (alike.some((each) => take(values.get(each)))) isUsual.add(name)
    else if (!take(values.get(unattested[name] as FactValue))) take(not(unknown))
  }
  for (const [name, { all, unknown }] of facts.listings) {
    if (take(not(unknown)) && [...all.values()].every((each) => take(not(each)))) isUsual.add(name)
  }
  const model = prover.model(...held)
  if (model === undefined) throw new Error('what held before holds no longer')
  const found = factsUnder(law, model)
  const differing = [...facts.choices.keys(), ...facts.listings.keys()].filter(
    (name) => !isUsual.has(name),
  )
  return {
    facts: found,
    differs: new Map(differing.map((name) => [name, found.get(name)])),
    file: fileOf(law, found, now.asOf),
  }
}

/** An ordinary request, which no officer decided on. */
const ordinary = ({ holder, now }: HolderLaw): ReadonlyMap<string, FactValue> => {
  const { facts, item } = benignStart(holder, now.asOf)
  const stated = { ...facts, ...item, 'release.decision': 'none', 'request.caseReference': unnamed }
  // A cast: these are values of facts.
  return new Map(Object.entries(stated) as [string, FactValue][])
}

/** The facts of a model. */
export function factsUnder({ facts }: HolderLaw, model: Model): ReadonlyMap<string, FactValue> {
  const found = new Map<string, FactValue>(facts.constants)
  for (const [name, { values }] of facts.choices)
    for (const [value, at] of values) if (model(at)) found.set(name, value)
  for (const [name, { all, unknown }] of facts.listings)
    if (!model(unknown))
      found.set(
        name,
        [...all].flatMap(([value, at]) => (model(at) ? [value] : [])),
      )
  return found
}

/** The facts of the record, or those of the request, as the engine takes them. */
export const statedOf = (facts: Counterexample['facts'], ofRecord: boolean) =>
  Object.fromEntries([...facts].filter(([name]) => isRecordFact(name) === ofRecord))

/** What `explain` would fill in is left out; what is unknown is null where it would. */
function fileOf({ facts }: HolderLaw, found: Counterexample['facts'], asOf: string): CaseFacts {
  const asked = [...facts.constants.keys(), ...facts.choices.keys(), ...facts.listings.keys()]
  const silence: Readonly<Record<string, unknown>> = { ...unattested, ...unattestedOfItem }
  const stated = asked.sort().flatMap((name): [string, unknown][] => {
    if (name === 'asOf' || factTypes[name]?.follows !== undefined) return []
    const value = found.get(name) ?? null
    const isFilledIn = JSON.stringify(silence[name] ?? null) === JSON.stringify(value)
    return isFilledIn ? [] : [[name, value]]
  })
  const item = stated.flatMap(([name, value]): [string, unknown][] =>
    isRecordFact(name) ? [[name.slice('item.'.length), value]] : [],
  )
  return {
    asOf,
    facts: Object.fromEntries(stated.filter(([name]) => !isRecordFact(name))),
    items: [{ id: '1', ...Object.fromEntries(item) }],
  }
}

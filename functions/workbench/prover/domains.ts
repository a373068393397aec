/**
 * Which values of a fact the law of a day can tell apart. A proof looks at one value of each kind, and so at all: two
 * countries that no rule names and that stand in the same lists and arrangements are answered alike.
 */

import { binds } from '../../decision/arranged.ts'
import { ComityError } from '../../failure.ts'
import { type FactValue, factTypes, partyPattern } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { application, isList, variable } from '../../policy/logic.ts'
import type { Logic } from '../../policy/policy.ts'

/** The values of facts that the law of a day can tell apart, for each holder. */
export type Domains = {
  /** The values of a fact to look at. Lists, and facts that follow from others, have none. */
  values(name: string, holder: string): readonly FactValue[]
  /** The one of them that the law cannot tell from a value. */
  alike(name: string, holder: string, value: FactValue): FactValue
}

/** A code that no law names. */
export const unnamed = 'X-UNNAMED'

/** The domains by the law of a day, or by two laws that are compared, and by whatever `more` conditions ask. */
export function domainsOf(laws: readonly InForce[], more: readonly Logic[]): Domains {
  const conditions = [...laws.flatMap(conditionsOf), ...more]
  const said = saidIn(laws, conditions)
  const named = namedIn(conditions)
  const parties = partiesIn(laws, named)
  const byHolder = new Map<string, ReturnType<typeof partiesFor>>()
  function partiesFor(holder: string) {
    const each = laws.map((now) => kinds(now, holder, named))
    const kindOf = (party: string) => each.map((kind) => kind(party)).join()
    return { kindOf, ofKind: new Map(parties.map((party) => [kindOf(party), party])) }
  }
  const partiesOf = (holder: string) => {
    const before = byHolder.get(holder) ?? partiesFor(holder)
    byHolder.set(holder, before)
    return before
  }
  function values(name: string, holder: string): readonly FactValue[] {
    const type = factTypes[name]
    const constants = [...(said.get(name) ?? [])]
    switch (type?.type) {
      case undefined:
      case 'list':
        return []
      case 'boolean':
        return [true, false]
      case 'enum':
        return type.values
      case 'integer': {
        const bounds = constants.map(Number).flatMap((each) => [each - 1, each, each + 1])
        return [...new Set([0, ...bounds])].sort((x, y) => x - y)
      }
      case 'day':
        throw new ComityError(`couldn’t prove: a proof knows one day, and \`${name}\` is another`)
      case 'code': {
        if (type.pattern === undefined) return [...new Set([...constants, unnamed])]
        const all = [...partiesOf(holder).ofKind.values()]
        return name === 'item.origin' ? ['holder', ...all] : all
      }
    }
  }
  return {
    values,
    alike(name, holder, value) {
      const type = factTypes[name]
      const all = values(name, holder)
      if (all.includes(value)) return value
      if (type?.type === 'integer')
        return all.findLast((each) => Number(each) <= Number(value)) ?? all[0] ?? value
      if (type?.type !== 'code') return value
      if (type.pattern === undefined) return unnamed
      const { kindOf, ofKind } = partiesOf(holder)
      return ofKind.get(kindOf(String(value))) ?? value
    },
  }
}

/** The values that conditions, lists and arrangements name, by fact. */
function saidIn(
  laws: readonly InForce[],
  conditions: readonly Logic[],
): ReadonlyMap<string, ReadonlySet<FactValue>> {
  const said = new Map<string, Set<FactValue>>()
  const add = (name: string, values: readonly FactValue[]) => {
    const all = said.get(name) ?? new Set()
    said.set(name, all)
    for (const each of values) all.add(each)
  }
  const look = (node: Logic): void => {
    const [operator, operands] = application(node)
    if (['and', 'or', '!'].includes(operator)) for (const each of operands) look(each)
    const [left, right] = operands
    const name = operator === 'var' ? undefined : variable(left)
    if (name === undefined || right === undefined) return
    const other = variable(right)
    if (other === undefined) add(name, [right].flat() as readonly FactValue[])
    else if (isList(other))
      for (const { lists } of laws) add(name, lists[other.slice('lists.'.length)] ?? [])
  }
  conditions.forEach(look)
  for (const { entry, sides } of laws.flatMap(({ arrangements = [] }) => arrangements)) {
    if (entry.threshold !== undefined)
      add('request.offence.maxCustodyMonthsRequester', [entry.threshold.maxCustodyMonthsRequester])
    for (const agencies of sides.flatMap((side) => Object.values(side ?? {})))
      for (const name of ['holder.agency', 'requester.agency']) add(name, agencies ?? [])
  }
  for (const { agency } of laws.flatMap(({ routineUses = [] }) => routineUses))
    add('holder.agency', [agency])
  for (const { instruments } of laws) add('request.instrument', Object.keys(instruments))
  for (const name of ['request.instrument', 'request.caseReference', 'item.obtainedUnder'])
    add(name, ['none'])
  return said
}

/** Every country and body that the law of a day names, and one country that it does not. */
function partiesIn(laws: readonly InForce[], named: readonly string[]) {
  const all = laws.flatMap(({ lists, arrangements = [], policies }) => [
    ...[...named, ...Object.values(lists).flat()],
    ...arrangements.flatMap(({ sides }) => sides.flatMap((each) => Object.keys(each ?? {}))),
    ...policies.map(({ folder }) => folder.toUpperCase()),
  ])
  const parties = [...new Set(all.filter((each) => partyPattern.test(each)))].sort()
  // ISO 3166-1 leaves these to whoever uses it: no country will ever have one.
  const free = ['QM', 'QN', 'QO'].find((each) => !parties.includes(each))
  return free === undefined ? parties : [...parties, free]
}

/** What the law can tell of a party that asks a holder, as a text. */
function kinds({ lists, arrangements = [] }: InForce, holder: string, named: readonly string[]) {
  const near = arrangements.filter(({ sides }) =>
    sides.some((side) => side === undefined || Object.hasOwn(side, holder)),
  )
  return (party: string): string => {
    if (party === holder || named.includes(party)) return party
    const known = new Map([
      ['holder.jurisdiction', holder],
      ['requester.jurisdiction', party],
    ])
    return JSON.stringify([
      Object.entries(lists).flatMap(([id, members]) => (members.includes(party) ? [id] : [])),
      near.map((each) => [binds(each, known), each.sides.flatMap((side) => side?.[party] ?? [])]),
    ])
  }
}

/** The parties that conditions name themselves. */
const namedIn = (conditions: readonly Logic[]): readonly string[] =>
  conditions
    .flatMap((logic) => JSON.stringify(logic).match(/"[A-Z]{2,8}"/g) ?? [])
    .map((each) => each.slice(1, -1))

/** Every condition of the law of a day. */
const conditionsOf = ({ policies }: InForce): readonly Logic[] =>
  policies.flatMap(({ conditions, byRule }) => [...conditions, ...byRule.map(({ logic }) => logic)])

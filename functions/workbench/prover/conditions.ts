/**
 * Conditions as formulas. What a single comparison answers is asked of the engine, for each value that the law can tell
 * apart; facts that follow from others and the lists are worked out as the engine does (`decision/facts.ts`).
 */

import { ComityError } from '../../failure.ts'
import { type FactValue, factTypes } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import {
  application,
  isList,
  knowing,
  listed,
  namesOf,
  placeOf,
  type Truth,
  walk,
} from '../../policy/logic.ts'
import type { Logic } from '../../policy/policy.ts'
import { type ArrangedFormula, arrangedFormulas, covering, strongest } from './arranged.ts'
import {
  type Answers,
  among,
  every,
  type FactChoice,
  type FactVariables,
  opposite,
  otherwiseUnknown,
  table,
} from './facts.ts'
import { type Literal, no, not, yes } from './formula.ts'

/** All facts of one question, and conditions on them. */
export type Conditions = ReturnType<typeof conditionFormulas>

/** Conditions under the law of a day. */
export function conditionFormulas(facts: FactVariables, now: InForce) {
  const { graph } = facts
  const followed = new Map<string, FactChoice>()
  const asked = new Map<object, Answers>()
  let arranged: readonly ArrangedFormula[] | undefined
  const arrangements = () => {
    arranged ??= arrangedFormulas(facts, now)
    return arranged
  }
  const following: Readonly<Record<string, () => FactChoice>> = {
    'instrument.inForce': () => instrumentInForce(facts, now),
    'item.routineUse': () => routineUse(facts, now),
    'arrangement.covers': () => covering(facts, now, arrangements()),
    'arrangement.safeguards': () => strongest(facts, now, arrangements()),
  }
  function choice(name: string): FactChoice {
    if (factTypes[name]?.follows === undefined) return facts.choice(name)
    const made = followed.get(name) ?? following[name]?.()
    if (made === undefined)
      throw new ComityError(`couldn’t prove: it is not known from what \`${name}\` follows`)
    followed.set(name, made)
    return made
  }
  /** When a condition holds and when it fails. */
  function ask(logic: Logic): Answers {
    if (typeof logic !== 'object')
      return logic === true ? { holds: yes, fails: no } : { holds: no, fails: yes }
    const made = asked.get(logic) ?? askNode(logic)
    asked.set(logic, made)
    return made
  }
  function askNode(logic: Logic): Answers {
    const [operator, operands] = application(logic)
    if (operator === '!') return opposite(ask(operands[0] ?? false))
    const all = () => operands.map(ask)
    if (operator === 'and') return every(graph, all())
    if (operator === 'or') return opposite(every(graph, all().map(opposite)))
    const names = [...new Set(namesOf(logic))].filter((name) => !isList(name))
    const [name = '', other, more] = names
    if (more !== undefined)
      throw new ComityError(`couldn’t prove: a rule compares three facts: ${names.join()}`)
    if (other === undefined)
      return table(graph, choice(name), (value) => answered(now, logic, [[name, value]]))
    if (factTypes[other]?.type === 'list') return onList(facts, choice(name), other)
    // INVARIANT (all values are looked at): of numbers and codes only some are, which no other fact may tell apart.
    if (![name, other].every((each) => ['enum', 'boolean'].includes(factTypes[each]?.type ?? '')))
      throw new ComityError(`couldn’t prove: a rule compares \`${name}\` with \`${other}\``)
    return ofTwo(facts, now, logic, [
      [name, choice(name)],
      [other, choice(other)],
    ])
  }
  const is = (name: string, ...wanted: readonly FactValue[]): Literal =>
    among(graph, choice(name), (value) => wanted.includes(value))
  return { ...facts, arrangements, choice, is, ask }
}

/** What the engine answers where just these facts are known. */
function answered(now: InForce, logic: Logic, facts: readonly (readonly [string, FactValue])[]) {
  const values = listed(now.lists).slice()
  for (const [name, value] of facts) values[placeOf(name)] = value
  return walk(logic, knowing(values))
}

function onList({ graph, listing }: FactVariables, { values }: FactChoice, list: string): Answers {
  const { and, or } = graph
  const { unknown, has } = listing(list)
  const where = (isOn: boolean) =>
    [...values].map(([value, at]) => and(at, isOn ? has(String(value)) : not(has(String(value)))))
  return {
    holds: and(not(unknown), or(...where(true))),
    fails: and(not(unknown), or(...where(false))),
  }
}

function ofTwo(
  { graph }: FactVariables,
  now: InForce,
  logic: Logic,
  [[name, one], [otherName, other]]: readonly [
    readonly [string, FactChoice],
    readonly [string, FactChoice],
  ],
): Answers {
  const pairs = [...one.values].flatMap(([a, isA]) =>
    [...other.values].map(([b, isB]) => ({
      truth: answered(now, logic, [
        [name, a],
        [otherName, b],
      ]),
      at: graph.and(isA, isB),
    })),
  )
  const where = (wanted: Truth) =>
    graph.or(...pairs.flatMap(({ truth, at }) => (truth === wanted ? [at] : [])))
  return { holds: where('holds'), fails: where('fails') }
}

function instrumentInForce({ graph, choice, holder }: FactVariables, now: InForce): FactChoice {
  const { and, or } = graph
  const values = new Map<FactValue, Literal>()
  const none: Literal[] = []
  for (const [value, claims] of choice('request.instrument').values) {
    const id = String(value)
    const parties = Object.hasOwn(now.instruments, id) ? (now.instruments[id] ?? []) : []
    const isParty = (party: FactValue) => parties.includes(String(party))
    const binds = isParty(holder) ? among(graph, choice('requester.jurisdiction'), isParty) : no
    none.push(and(claims, not(binds)))
    values.set(value, and(claims, binds))
  }
  return otherwiseUnknown(graph, values.set('none', or(...none)))
}

function routineUse({ graph, choice }: FactVariables, { routineUses }: InForce): FactChoice {
  const values = new Map<FactValue, Literal>()
  if (routineUses === undefined) return otherwiseUnknown(graph, values)
  for (const [agency, isAgency] of choice('holder.agency').values)
    for (const [system, isSystem] of choice('item.system').values) {
      const own = routineUses.filter((each) => each.agency === agency && each.system === system)
      const uses = own.map(({ use }) => use)
      const use = uses.includes('law-enforcement') ? 'law-enforcement' : (uses[0] ?? 'none')
      values.set(use, graph.or(values.get(use) ?? no, graph.and(isAgency, isSystem)))
    }
  return otherwiseUnknown(graph, values)
}

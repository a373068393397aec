/** The first case of a policy of one rule: an ordinary request in which the rule holds, and what somebody changed of it. */

import type { Decision } from '../../decision/decide.ts'
import { broughtAboutBy, known, withItem } from '../../decision/facts.ts'
import type { Policy } from '../../policy/book.ts'
import { type FactValue, isRecordFact, knownValue } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { type Known, walk } from '../../policy/logic.ts'
import { suggest } from '../../policy/suggest.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { benignStart, type Case, type CaseFile, decideCase, inputOf } from '../law/cases.ts'
import { everyKnown, spaceOf } from '../law/values.ts'

/** Names of facts with values. */
type Values = Readonly<Record<string, FactValue>>

/** A request in which the rule holds: what the policy's scope wants, and what the rule wants. */
export type FirstStart = { readonly scope: Values; readonly rule: Values }

/** The case that somebody wrote, decided; or what is wrong with it. */
export type FirstCase =
  | { readonly wrong: string }
  | { readonly decision: Decision; readonly file: (name: string) => CaseFile }

/** Reads `name = value; …` over the start, and decides that under the law of the policy's first day. */
export function firstCase(
  policy: Policy,
  { scope, rule }: FirstStart,
  answer: string,
  now: InForce,
): FirstCase {
  const file = { ...fileWith(policy, scope), cases: [] }
  const held = holding(answer, rule, policy, file, now)
  if ('wrong' in held) return held
  const each = (name: string) => caseOf(name, held.value)
  const decision = decideCase(now, inputOf(file, each('')))
  const id = policy.rules[0]?.id ?? ''
  const because = decision.reasons.some((reason) => reason.rule === id) ? { because: [id] } : {}
  const expect = { outcome: decision.outcome, ...because }
  return { decision, file: (name) => ({ ...file, cases: [{ ...each(name), expect }] }) }
}

/** The facts of a rule as somebody may change them: `name = value; …`. */
export const written = (rule: Values): string =>
  Object.entries(rule)
    .map(([name, value]) => `${name} = ${value}`)
    .join('; ')

const countries = ['DE', 'FR', 'GB', 'US'] as const
/** Requesters with and without SIENA: between Member States, a request by another channel is refused. */
const askers = [
  ...countries.map((requester) => ({ 'requester.jurisdiction': requester })),
  ...countries.map((requester) => ({
    'requester.jurisdiction': requester,
    'request.channel': 'siena',
  })),
]

/** The values under which scope and rule hold and the fewest other rules speak. */
export function bestStart(policy: Policy, now: InForce): FirstStart {
  const [first] = policy.rules
  const logics = [policy.applies.logic, ...(first === undefined ? [] : [first.when.logic])]
  const space = spaceOf(logics, now.lists)
  const read = first?.when.facts ?? []
  let best: (FirstStart & { readonly weight: number }) | undefined
  let tried = 0
  for (const each of everyKnown(space, now.lists)) {
    if (tried > 200) break
    if (logics.some((logic) => walk(logic, each) !== 'holds')) continue
    for (const asker of askers) {
      tried += 1
      const all = valuesIn([...space.facts.keys()], each)
      const scope = { ...asker, ...without(all, read) }
      const rule = Object.fromEntries(Object.entries(all).filter(([name]) => read.includes(name)))
      const file = { ...fileWith(policy, scope), cases: [] }
      const { reasons } = decideCase(now, inputOf(file, caseOf('', rule)))
      const own = reasons.some((reason) => reason.rule === first?.id) ? 0 : 100
      if (best === undefined || own + reasons.length < best.weight)
        best = { weight: own + reasons.length, scope, rule }
    }
  }
  return best ?? { scope: {}, rule: {} }
}

const valuesIn = (names: readonly string[], all: Known): Values =>
  Object.fromEntries(
    names.flatMap((name) => {
      const [value, by] = [all.get(name), broughtAboutBy(name)]
      return value === undefined || by === undefined ? [] : [[by, value]]
    }),
  )

const without = (facts: Values, names: readonly string[]): Values =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !names.includes(name)))

/** The fact that lets data leave for a third country in an ordinary case. */
const safe = { 'transfer.assessment': 'safeguards-found' }

/** A test file without cases: an ordinary request, changed to fit the policy's scope. */
function fileWith({ id, version, folder, day }: Policy, scope: Values): Omit<CaseFile, 'cases'> {
  const { facts, item } = benignStart(folder.length === 2 ? folder.toUpperCase() : 'DE', day)
  const own = Object.entries(item).map(([name, value]) => [name.slice('item.'.length), value])
  return {
    $schema: '../../policy-test.schema.json',
    about: `${id}@${version}`,
    asOf: day,
    given: { facts: { ...facts, ...safe, ...scope }, item: Object.fromEntries(own) },
  }
}

/** A case in which these facts differ from `given`. */
function caseOf(name: string, facts: Values): Case {
  const entries = Object.entries(facts)
  const own = entries.filter(([each]) => isRecordFact(each))
  const request = entries.filter(([each]) => !isRecordFact(each))
  const item = own.map(([each, value]) => [each.slice('item.'.length), value])
  return {
    name,
    ...(request.length === 0 ? {} : { facts: Object.fromEntries(request) }),
    ...(item.length === 0 ? {} : { items: [{ id: '1', ...Object.fromEntries(item) }] }),
    expect: { outcome: 'deny' },
  }
}

/** The facts, changed as the answer says, if the rule holds with them. */
function holding(
  answer: string,
  facts: Values,
  { rules, applies }: Policy,
  file: CaseFile,
  now: InForce,
): { readonly value: Values } | { readonly wrong: string } {
  const changed: Record<string, FactValue> = { ...facts }
  for (const part of answer.split(';').filter((each) => each.trim() !== '')) {
    const [name = '', text = ''] = part.split('=').map((each) => each.trim())
    if (!Object.hasOwn(vocabulary, name))
      return { wrong: `there is no fact \`${name}\`${suggest(name, Object.keys(vocabulary))}` }
    const value = knownValue(name, /^(\d+|true|false)$/.test(text) ? JSON.parse(text) : text)
    if (value === undefined) return { wrong: `\`${name}\` is never \`${text}\`` }
    changed[name] = value
  }
  const { facts: stated, items } = inputOf(file, caseOf('', changed))
  const [item] = items
  const all =
    item === undefined ? known(stated, now.lists) : withItem(known(stated, now.lists), item, now)
  if (walk(applies.logic, all) !== 'holds') return { wrong: 'with these facts it does not apply' }
  const isHeld = rules.every(({ when }) => walk(when.logic, all) === 'holds')
  return isHeld ? { value: changed } : { wrong: 'with these facts the rule does not hold' }
}

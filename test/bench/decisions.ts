/** From facts to a decision, on all shipped policies, beside json-logic-js alone on the same rules. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import jsonLogic from 'json-logic-js'
import { readPolicies } from '../../functions/adapters/policies-files.ts'
import { decide, decideAndTell, decideUnseen } from '../../functions/decision/decide.ts'
import { applicable } from '../../functions/decision/evaluate.ts'
import { derive, type Facts, type Item, known } from '../../functions/decision/facts.ts'
import { benignStart, caseFileSchema, inputOf } from '../../functions/law/cases.ts'
import { type InForce, inForce } from '../../functions/policy/history.ts'
import type { Condition } from '../../functions/policy/logic.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { cpuMs } from './figures.ts'

/** One case: what is in force on its day, and its facts. */
type Input = { readonly now: InForce; readonly facts: Facts; readonly items: readonly Item[] }

/** How often something was done in one second of CPU, and how often that is for each case. */
export type Rate = { readonly name: string; readonly perCpuSecond: number }

/** CPU time that each figure is measured for, and the part before it that does not count, ms. */
const measuredMs = 2000
const warmUpMs = 1000

/** Every case that lawyers state across policies. */
export function scenarioInputs(): readonly Input[] {
  const policies = join(import.meta.dirname, '../../policies')
  const { book } = readPolicies(policies)
  const known = '9999-01-01T00:00:00Z'
  const days = new Map<string, InForce>()
  return globSync('scenarios/*.test.json', { cwd: policies })
    .sort()
    .map((path) => caseFileSchema.parse(JSON.parse(readFileSync(join(policies, path), 'utf8'))))
    .flatMap((file) => file.cases.map((each) => inputOf(file, each)))
    .map(({ asOf, facts, items }) => {
      const now = days.get(asOf) ?? inForce(book, asOf, known)
      days.set(asOf, now)
      return { now, facts, items }
    })
}

/** Police of the United States ask Switzerland for one item, and nobody has attested anything. */
function unattested(): Input {
  const day = '2026-11-24'
  const { book } = readPolicies(join(import.meta.dirname, '../../policies'))
  const { facts, item } = benignStart('CH', day)
  const isStated = ([name]: [string, unknown]) => vocabulary[name]?.attester === undefined
  return {
    now: inForce(book, day, '9999-01-01T00:00:00Z'),
    facts: { ...Object.fromEntries(Object.entries(facts).filter(isStated)), asOf: day },
    items: [{ id: '1', facts: item }],
  }
}

/** Decisions in a second of CPU, each on facts of its own: nothing of the last is remembered. */
export function decisionRates(inputs: readonly Input[]): readonly Rate[] {
  const alone = inputs.map(conditionsOf)
  return [
    rate('a decision, with reasons, duties and what would remedy it', inputs, (each) =>
      decide(each.now, { ...each.facts }, each.items),
    ),
    rate('the same as a request runs it: before the fetch, in full, as told', inputs, (each) => {
      const facts = { ...each.facts }
      return decideUnseen(each.now, facts) ?? decideAndTell(each.now, facts, each.items)
    }),
    rate('a decision on a plain request to Switzerland, nothing attested', [unattested()], (each) =>
      decide(each.now, { ...each.facts }, each.items),
    ),
    rate(
      'json-logic-js alone on the conditions that apply: no reasons, no unknowns',
      alone,
      (each) => {
        for (const { logic, data } of each) jsonLogic.apply(logic, data)
      },
    ),
  ]
}

/** How many conditions a case asks on average. */
export const conditionsPerCase = (inputs: readonly Input[]): number =>
  inputs.reduce((sum, each) => sum + conditionsOf(each).length, 0) / inputs.length

type Asked = { readonly logic: jsonLogic.RulesLogic; readonly data: unknown }

/** Whether each policy applies; then, of those that do, every rule, item by item where it reads one. */
function conditionsOf({ now, facts, items }: Input): readonly Asked[] {
  const all = derive(facts, now)
  const request = nested(all, now)
  const perItem = items.map((item) => nested({ ...all, ...item.facts }, now))
  // A cast, since json-logic-js knows more operators than the dialect.
  const asked = ({ logic }: Condition, data: unknown): Asked => ({
    logic: logic as jsonLogic.RulesLogic,
    data,
  })
  return [
    ...now.policies.map(({ applies }) => asked(applies, request)),
    ...applicable(now, known(all, now.lists)).flatMap(({ policy }) =>
      policy.rules.flatMap(({ when, readsRecord }) =>
        (readsRecord ? perItem : [request]).map((data) => asked(when, data)),
      ),
    ),
  ]
}

/** Facts as json-logic-js finds them: by the dots of their names, the lists beside them. */
function nested(facts: Facts, { lists }: InForce): unknown {
  const root: Record<string, unknown> = { lists }
  for (const [name, value] of Object.entries(facts)) {
    const path = name.split('.')
    const last = path.pop() ?? ''
    let at = root
    for (const step of path) {
      at[step] ??= {}
      at = at[step] as Record<string, unknown>
    }
    at[last] = value
  }
  return root
}

function rate<T>(name: string, inputs: readonly T[], run: (input: T) => unknown): Rate {
  let kept = 0
  const round = () => {
    for (const input of inputs) if (run(input) !== undefined) kept += 1
  }
  const until = (ms: number): { readonly rounds: number; readonly ms: number } => {
    const start = cpuMs()
    let rounds = 0
    while (cpuMs() - start < ms) {
      round()
      rounds += 1
    }
    return { rounds, ms: cpuMs() - start }
  }
  until(warmUpMs)
  const { rounds, ms } = until(measuredMs)
  return { name, perCpuSecond: (rounds * inputs.length * 1000) / ms + Math.min(0, kept) }
}

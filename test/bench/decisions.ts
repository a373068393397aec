/** From facts to a decision, on all shipped policies: how many, how long, and how that grows with the law. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import jsonLogic from 'json-logic-js'
import { readPolicies } from '../../functions/adapters/policies-files.ts'
import { beforeFetch, decide, decideAndTell } from '../../functions/decision/decide.ts'
import { applicable } from '../../functions/decision/evaluate.ts'
import { derive, type Facts, type Item, known } from '../../functions/decision/facts.ts'
import { findingCache } from '../../functions/decision/finding-cache.ts'
import { type InForce, inForce } from '../../functions/policy/history.ts'
import { type Condition, ready } from '../../functions/policy/logic.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { benignStart, caseFileSchema, inputOf } from '../../functions/workbench/law/cases.ts'
import { cpuMs, percentile } from './figures.ts'
import { worstDecision } from './worst-decision.ts'

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

/** Decisions in a second of CPU, each on facts of its own: nothing of the last is remembered but where it says so. */
export function decisionRates(inputs: readonly Input[]): readonly Rate[] {
  const alone = inputs.map(conditionsOf)
  return [
    rate('a decision, with reasons, duties and what would remedy it', inputs, (each) =>
      decide(each.now, { ...each.facts }, each.items),
    ),
    rate('the same as a request runs it: before the fetch, in full, as told', inputs, asRequested),
    rate('the same, asked by an agency that asked the same before', byShape(inputs), askedAgain),
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

/** What one decision takes, and what it ought to take at most. */
export type Duration = {
  readonly name: string
  readonly value: number
  readonly unit: 'µs' | '×'
  readonly aim: number
}

/** How long decisions take, those that take longest too, and with more law than there is. */
export function decisionTimes(inputs: readonly Input[]): readonly Duration[] {
  const each = inputs.map(({ now, facts, items }) => {
    const runs = Array.from({ length: runsEach }, () =>
      timed(() => decide(now, { ...facts }, items)),
    )
    return { runs, least: Math.min(...runs) }
  })
  const all = each.flatMap(({ runs }) => runs)
  const worst = Math.max(
    ...seeds.map((seed) => worstDecision(lawOf(inputs), stepsMax, seed).micros),
  )
  return [
    { name: 'half of them take at most', value: percentile(all, 0.5), unit: 'µs', aim: 50 },
    { name: '99 of 100 take at most', value: percentile(all, 0.99), unit: 'µs', aim: 400 },
    {
      name: 'the dearest case, the least of its runs',
      value: Math.max(...each.map(({ least }) => least)),
      unit: 'µs',
      aim: 1000,
    },
    { name: 'the dearest that a search over facts finds', value: worst, unit: 'µs', aim: 1000 },
    { name: 'with fourteen times the law', value: growth(inputs), unit: '×', aim: 1.3 },
  ]
}

const runsEach = 40
const stepsMax = 1500
const seeds = [1, 2, 3] as const

const lawOf = (inputs: readonly Input[]): InForce => {
  const [latest] = inputs.map(({ now }) => now).toSorted((a, b) => (a.asOf < b.asOf ? 1 : -1))
  if (latest === undefined) throw new Error('there are no cases')
  return latest
}

/** What one call takes, µs. */
function timed(run: () => unknown): number {
  const before = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - before) / 1000
}

/** How much dearer decisions are where thirteen further sets of states have law like ours, in turn. */
function growth(inputs: readonly Input[]): number {
  const laws = new Map(inputs.map(({ now }) => [now, withCopies(now)]))
  const [few, many] = [
    inputs,
    inputs.map((each) => ({ ...each, now: laws.get(each.now) ?? each.now })),
  ]
  const micros = { few: 0, many: 0 }
  for (let round = 0; round < roundsOfGrowth; round++)
    for (const [name, cases] of [
      ['few', few],
      ['many', many],
    ] as const) {
      const spent = timed(() => {
        for (const { now, facts, items } of cases) decide(now, { ...facts }, items)
      })
      // The first rounds find what may apply between each two states.
      if (round >= roundsOfGrowth / 4) micros[name] += spent
    }
  return micros.many / micros.few
}

const roundsOfGrowth = 40

/** The law in force, and thirteen copies of each policy, of holders that nobody asks here. */
function withCopies(now: InForce): InForce {
  const copies = Array.from({ length: 13 }, (_, n) =>
    now.policies.map((policy) => {
      const isAsked = { '===': [{ var: 'holder.jurisdiction' }, `X${n}`] }
      const applies = ready({ and: [isAsked, policy.applies.logic] })
      return { ...policy, id: `x${n}/${policy.id}`, folder: `x${n}`, applies }
    }),
  )
  return { ...now, policies: [...now.policies, ...copies.flat()] }
}

/** Few questions at a time, each several times, as one agency asks them. */
function byShape(inputs: readonly Input[]): readonly Input[] {
  const some = inputs.filter((_, i) => i % 20 === 0)
  return [...some, ...some, ...some]
}

const cache = findingCache()

/** As `consider` decides: each class before the fetch, and what is found on that. */
function asRequested({ now, facts, items }: Input): unknown {
  const stated = { ...facts }
  const before = beforeFetch(now, stated, items.length === 0 ? undefined : classesOf(items))
  return before.refusal ?? decideAndTell(now, stated, items, undefined, before)
}

const classesOf = (items: readonly Item[]): readonly string[] => [
  ...new Set(items.map((item) => String(item.facts['item.class']))),
]

function askedAgain({ now, facts, items }: Input): unknown {
  const stated = { ...facts }
  const before = cache('FR-POL', now, stated, classesOf(items), `${now.asOf}T10:00:00.000Z`)
  return before.refusal ?? decideAndTell(now, stated, items, undefined, before)
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

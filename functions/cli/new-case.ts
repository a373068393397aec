/** The first case of a new policy: a request in which its rule holds, and what the law makes of it. */

import type { Decision } from '../decision/decide.ts'
import { broughtAboutBy, known, withItem } from '../decision/facts.ts'
import { benignStart } from '../law/benign.ts'
import { type Case, type CaseFile, decideCase, inputOf } from '../law/cases.ts'
import { everyKnown, spaceOf } from '../law/values.ts'
import type { Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { type Known, walk } from '../policy/logic.ts'
import { suggest } from '../policy/suggest.ts'
import { type FactValue, isRecordFact, knownValue, vocabulary } from '../policy/vocabulary.ts'
import { factWords } from '../policy/words.ts'
import type { Ask } from './ask.ts'
import { type Checked, one, put, textLike } from './questions.ts'
import { reasonLines } from './say.ts'

/** Names of facts with values. */
type Facts = Readonly<Record<string, FactValue>>

/** Outcomes as people are asked for them. */
export const outcomes = {
  release: 'everything is given',
  redact: 'a part of it is given',
  deny: 'nothing is given',
} as const

/** Asks for the first case of a policy of one rule, under the law of its first day. */
export async function askForCase(ask: Ask, policy: Policy, now: InForce): Promise<CaseFile> {
  const { scope, rule } = bestStart(policy, now)
  const file = { ...fileWith(policy, scope), cases: [] }
  const facts = await put(
    ask,
    [
      'The first case: an ordinary request in which the rule holds.',
      ...Object.entries({ ...scope, ...rule }).map(
        ([name, value]) => `  ${factWords(name, value)}`,
      ),
      'Take it with Enter, or change facts: name = value, several with semicolons.',
    ].join('\n'),
    Object.entries(rule)
      .map(([name, value]) => `${name} = ${value}`)
      .join('; ') || 'request.purpose = prosecution',
    (answer) => holding(answer, rule, policy, file, now),
  )
  const name = await put(
    ask,
    'What should happen, in a sentence?',
    'Three years of custody suffice.',
    textLike(8, 200, /./, ''),
  )
  const each = caseOf(name, facts)
  const decision = decideCase(now, inputOf(file, each))
  const outcome = await agreed(ask, decision)
  const id = policy.rules[0]?.id ?? ''
  const because = decision.reasons.some((reason) => reason.rule === id) ? { because: [id] } : {}
  return { ...file, cases: [{ ...each, expect: { outcome, ...because } }] }
}

/** The outcome by law; asked again where the file, as written, answers otherwise. */
async function agreed(ask: Ask, { outcome, reasons }: Decision): Promise<Decision['outcome']> {
  while (true) {
    const wanted = await one(ask, 'What does the law want?', outcomes)
    if (wanted === outcome) return outcome
    console.error(
      [
        `  As it is written, ${outcomes[outcome]}:`,
        ...reasons.flatMap(reasonLines).map((line) => `  ${line}`),
        '  Choose again; or stop with Ctrl-C, and nothing is written.',
      ].join('\n'),
    )
  }
}

const countries = ['DE', 'FR', 'GB', 'US'] as const
/** Who asks on which channel; between Member States, what does not come through SIENA is refused. */
const askers = [
  ...countries.map((requester) => ({ 'requester.jurisdiction': requester })),
  ...countries.map((requester) => ({
    'requester.jurisdiction': requester,
    'request.channel': 'siena',
  })),
]

/** The values under which scope and rule hold and the fewest other rules speak. */
function bestStart(policy: Policy, now: InForce): { readonly scope: Facts; readonly rule: Facts } {
  const [first] = policy.rules
  const logics = [policy.applies.logic, ...(first === undefined ? [] : [first.when.logic])]
  const space = spaceOf(logics, now.lists)
  const read = first?.when.facts ?? []
  let best: { readonly weight: number; readonly scope: Facts; readonly rule: Facts } | undefined
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

const valuesIn = (names: readonly string[], all: Known): Facts =>
  Object.fromEntries(
    names.flatMap((name) => {
      const [value, by] = [all.get(name), broughtAboutBy(name)]
      return value === undefined || by === undefined ? [] : [[by, value]]
    }),
  )

const without = (facts: Facts, names: readonly string[]): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !names.includes(name)))

/** What lets data leave for a third country in an ordinary case. */
const safe = { 'transfer.assessment': 'safeguards-found' }

/** A file of cases about the policy, from an ordinary request with what its scope wants. */
function fileWith({ id, version, folder, day }: Policy, scope: Facts): Omit<CaseFile, 'cases'> {
  const { facts, item } = benignStart(folder.length === 2 ? folder.toUpperCase() : 'DE', day)
  const own = Object.entries(item).map(([name, value]) => [name.slice('item.'.length), value])
  return {
    $schema: '../../policy-test.schema.json',
    about: `${id}@${version}`,
    asOf: day,
    given: { facts: { ...facts, ...safe, ...scope }, item: Object.fromEntries(own) },
  }
}

/** A case in which these facts differ from what is given. */
function caseOf(name: string, facts: Facts): Case {
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

/** The facts with the changes in an answer, if the rule holds with them. */
function holding(
  answer: string,
  facts: Facts,
  { rules, applies }: Policy,
  file: CaseFile,
  now: InForce,
): Checked<Facts> {
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

/** `comity policy new`: from an instrument to a first rule and its first cases, question by question. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { versionFiles } from '../adapters/policies-files.ts'
import type { Decision } from '../decision/decide.ts'
import { broughtAboutBy, type Facts, known, withItem } from '../decision/facts.ts'
import { benignStart, type Case, type CaseFile, decideCase, inputOf } from '../law/cases.ts'
import { lawsOf } from '../law/law.ts'
import { everyKnown, spaceOf } from '../law/values.ts'
import { type Policy, readBook, saying } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import { type Known, walk } from '../policy/logic.ts'
import { suggest } from '../policy/suggest.ts'
import { type FactValue, isRecordFact, knownValue, vocabulary } from '../policy/vocabulary.ts'
import { dayWords, factWords } from '../policy/words.ts'
import { type Ask, asking } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { jsonLines } from './json-lines.ts'
import { askForPolicy } from './new-file.ts'
import { checkedLines, checkPolicies } from './policy-check.ts'
import { testedLines, testPolicies } from './policy-test.ts'
import { type Checked, one, put, textLike } from './questions.ts'
import { reasonLines } from './say.ts'

/** Every file counts as sealed at this moment, since cases are written before the seal. */
const sealed = '9999-01-01T00:00:00Z'

/** Adds `new` to the policy commands. */
export function addPolicyNew(policy: Command, folder: string): void {
  policy
    .command('new')
    .description('Write a policy of one rule and its first cases, question by question.')
    .addHelpText(
      'after',
      `
Each question comes with an example, and each answer is checked at once. Answers may also come from
a file, one a line: comity policy new < answers.txt`,
    )
    .action(() => asking((ask) => makePolicy(ask, folder)))
}

async function makePolicy(ask: Ask, folder: string): Promise<void> {
  const sources = versionFiles(folder)
  const { stem, day, file } = await askForPolicy(ask, folder, readBook(sources, () => sealed).book)
  const path = `${stem}.json`
  const text = `${jsonLines(file, 100).join('\n')}\n`
  const { book, faults } = readBook([...sources, { path, text }], () => sealed)
  const [fault] = faults
  if (fault !== undefined)
    throw new Failure(
      `couldn’t make ${path}: ${fault.path}${fault.place}: ${saying(fault)}`,
      exitCodes.invalidPolicy,
    )
  const made = book.policies.find(({ id, version }) => `${id}/${version}` === stem)
  if (made === undefined) throw new Error(`no policy was read from ${path}`)
  const about = `${made.id}@${made.version}`
  const cases = await askForCase(ask, made, lawsOf(book, sealed)(day, about))
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  // `wx` never overwrites a file, even one that was created meanwhile.
  writeFileSync(join(folder, path), text, { flag: 'wx' })
  writeFileSync(join(folder, `${stem}.test.json`), caseText(cases), { flag: 'wx' })
  try {
    await coverRest(ask, folder, stem, cases)
  } catch (error) {
    // The files are written; `comity policy test` names the cases that are still missing.
    if (!(error instanceof Failure)) throw error
  }
  showResult(folder, stem)
}

const caseText = (file: CaseFile): string => `${jsonLines(file, 100).join('\n')}\n`

/** Rounds of asking for the cases that are still missing. */
const roundsMax = 4

/** Shows the person each request that no case covers, and writes it as a case if the law answers so. */
async function coverRest(ask: Ask, folder: string, stem: string, file: CaseFile): Promise<void> {
  const path = `${stem}.test.json`
  const asked = new Set<string>()
  let cases: readonly Case[] = file.cases
  for (let round = 0; round < roundsMax; round++) {
    const { coverage } = testPolicies(folder, [`${stem}.json`], true)
    const before = cases.length
    for (const { witness } of coverage?.gaps ?? []) {
      if (witness?.path !== path) continue
      const each = stated(file, witness.each, cases.length + 1)
      const { name: _, ...content } = each
      const key = JSON.stringify(content)
      if (asked.has(key)) continue
      asked.add(key)
      if (await isLaw(ask, each.name)) cases = [...cases, each]
    }
    if (cases.length === before) return
    writeFileSync(join(folder, path), caseText({ ...file, cases: [...cases] }))
  }
}

/** A request that was found, reduced to what differs from `given` and named by that. */
function stated({ given }: CaseFile, { asOf, facts = {}, items, expect }: Case, n: number): Case {
  const [item = {}] = items ?? []
  const own = differing(facts, given.facts)
  const ofItem = differing({ ...item, id: undefined }, given.item)
  const words = [
    ...Object.entries(own).map(([name, value]) => factWords(name, value)),
    ...Object.entries(ofItem).map(([name, value]) => factWords(`item.${name}`, value)),
    ...(asOf === undefined ? [] : [`on ${dayWords(asOf)}`]),
  ]
  const because = expect.because?.map((rule) => `, by ${rule}`).join('') ?? ''
  return {
    name: `Case ${n}: ${words.join('; ') || 'as given'}: ${outcomes[expect.outcome]}${because}`,
    ...(asOf === undefined ? {} : { asOf }),
    ...(Object.keys(own).length === 0 ? {} : { facts: own }),
    ...(Object.keys(ofItem).length === 0 ? {} : { items: [{ id: '1', ...ofItem }] }),
    expect,
  }
}

const differing = (facts: Facts, usual: Facts): Facts =>
  Object.fromEntries(
    Object.entries(facts).filter(
      ([name, value]) =>
        value !== undefined && JSON.stringify(value) !== JSON.stringify(usual[name]),
    ),
  )

const isLaw = (ask: Ask, name: string): Promise<boolean> =>
  put(
    ask,
    `No case covers this yet. As the file is written, it is answered so:\n  ${name}\nDoes the law say so?`,
    'yes, or no',
    (answer): Checked<boolean> =>
      /^(y|yes|n|no)$/i.test(answer) ? { value: /^y/i.test(answer) } : { wrong: 'write yes or no' },
  )

/** Checks and tests the two files, says what came of it, and what to do next. */
function showResult(folder: string, stem: string): void {
  const files = [`${stem}.json`]
  const started = performance.now()
  const checked = checkPolicies(folder, files, new Date().toISOString().slice(0, 10))
  const tested = testPolicies(folder, files, true)
  const seconds = (performance.now() - started) / 1000
  const isTested =
    tested.ran.every(({ failures }) => failures.length === 0) && tested.coverage?.gaps.length === 0
  if (!isTested) process.exitCode = exitCodes.testsFailed
  if (checked.findings.some(({ severity }) => severity === 'error'))
    process.exitCode = exitCodes.invalidPolicy
  console.log(
    [
      `written: policies/${stem}.json and policies/${stem}.test.json`,
      '',
      ...checkedLines(checked),
      ...testedLines(tested, folder, seconds),
      '',
      'Next:',
      `1. read it in words:       comity policy say ${stem.replace(/\/([^/]*)$/, '@$1')}`,
      '2. write the next rule, its cases first: policies/FORMAT.md says how',
      `3. check and test it:      comity policy check, comity policy test ${stem}.json`,
      `4. sign, one after the other: comity policy seal ${stem}.json --key YOUR_KEY --why "…"`,
    ].join('\n'),
  )
}

/** Names of facts with values. */
type Values = Readonly<Record<string, FactValue>>

/** Outcomes as people are asked for them. */
const outcomes = {
  release: 'everything is given',
  redact: 'a part of it is given',
  deny: 'nothing is given',
} as const

/** Asks for the first case of a policy of one rule, under the law of its first day. */
async function askForCase(ask: Ask, policy: Policy, now: InForce): Promise<CaseFile> {
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

/** The outcome that the law wants; asks again while the file, as written, gives another. */
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
/** Requesters with and without SIENA: between Member States, a request by another channel is refused. */
const askers = [
  ...countries.map((requester) => ({ 'requester.jurisdiction': requester })),
  ...countries.map((requester) => ({
    'requester.jurisdiction': requester,
    'request.channel': 'siena',
  })),
]

/** The values under which scope and rule hold and the fewest other rules speak. */
function bestStart(
  policy: Policy,
  now: InForce,
): { readonly scope: Values; readonly rule: Values } {
  const [first] = policy.rules
  const logics = [policy.applies.logic, ...(first === undefined ? [] : [first.when.logic])]
  const space = spaceOf(logics, now.lists)
  const read = first?.when.facts ?? []
  let best: { readonly weight: number; readonly scope: Values; readonly rule: Values } | undefined
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
): Checked<Values> {
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

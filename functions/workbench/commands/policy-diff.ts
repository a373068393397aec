/** `comity policy diff`: what differs between two versions, in words, with a case for each change. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { unattested } from '../../decision/facts.ts'
import type { Book, List, Policy } from '../../policy/book.ts'
import { isRecordFact } from '../../policy/fact-types.ts'
import { dayWords, factWords, subject } from '../../policy/words.ts'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { misuse } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { headline, paint } from '../../terminal/say.ts'
import { benignStart, caseFileSchema, itemOf } from '../law/cases.ts'
import {
  type ClauseChange,
  type Difference,
  diffLists,
  diffPolicies,
  markedText,
  type TextMark,
} from '../law/diff.ts'
import type { Aspect, FullAnswer } from '../law/differ.ts'
import { type LawOn, lawWith } from '../law/law.ts'
import {
  type ChangeQuestion,
  type DifferingCase,
  memberQuestion,
  policyQuestion,
  type SearchResult,
  type Start,
  searchInSteps,
} from '../law/search.ts'
import { allSteps, type Progress } from '../law/steps.ts'
import { type Chosen, choose, type LawRead, readLaw, titlesOf } from './choose.ts'

/** How long all searches together may take, ms. */
const searchMs = 20_000

/** Adds `diff` to `comity policy`. */
export function addPolicyDiff(policy: Command, folder: string): void {
  policy
    .command('diff')
    .description('Say what differs between two versions, with a case for each change.')
    .argument('<before>', 'a file, or an id such as de/bkag@2018-05-25')
    .argument('<after>', 'a file, or an id such as de/bkag@2026-02-14')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Words that went stand in [-…-], words that came in {+…+}. Each case is looked for by trying the
values that the changed conditions tell apart, from what the tests beside the file take as given.`,
    )
    .action((first: string, second: string, options: { readonly json?: true }) => {
      const now = new Date().toISOString()
      const end = Date.now() + searchMs
      const compared = compare(readLaw(folder), first, second, now, () => Date.now() > end)
      printed(options.json, diffJson(compared), () => diffLines(compared, screen()))
    })
}

type Comparing = [law: LawRead, first: string, second: string, now: string, stop: () => boolean]

/** Compares two versions; `stop` ends the search for cases early. */
export const compare = (...asked: Comparing): Compared => allSteps(compareInSteps(...asked))

/** The same, one case that is tried with each step. */
export function* compareInSteps(
  ...[read, first, second, now, stop]: Comparing
): Generator<Progress | undefined, Compared> {
  const like = choose(read, second, now)
  const before = choose(read, first, now, like)
  const after = choose(read, second, now, before)
  const book = asIfSealed(read.book)
  const titles = {
    ...titlesOf(book),
    ...Object.fromEntries(
      [before, after].flatMap(({ kind, version }) =>
        kind === 'list' ? [[version.id, version.file.title]] : [],
      ),
    ),
  }
  const { start, given } = startOf(read.folder, before, after)
  const law = once((version: Policy | List) =>
    lawWith(book, { ...version, id: after.version.id }, now),
  )
  const search = function* (
    { changes, unchanged }: Difference,
    ask: (change: ClauseChange) => ChangeQuestion | undefined,
  ): Generator<Progress | undefined, Compared> {
    const searched: Searched[] = []
    for (const change of changes) {
      yield { done: searched.length, of: changes.length, what: 'changes looked into' }
      const question = ask(change)
      const found = question && (yield* searchInSteps(start, question, stop))
      searched.push(found === undefined ? { change } : { change, found })
    }
    return {
      ...{ before, after, start, unchanged, changes: searched },
      ...(given === undefined ? {} : { given }),
    }
  }
  if (before.kind === 'policy' && after.kind === 'policy')
    return yield* search(diffPolicies(before.version, after.version, titles), (change) =>
      policyQuestion(change, before.version, after.version, start, law),
    )
  if (before.kind === 'list' && after.kind === 'list')
    return yield* search(diffLists(before.version, after.version, titles), (change) =>
      memberQuestion(change, before.version, after.version, start, law),
    )
  throw misuse(`\`${before.name}\` is a ${before.kind} and \`${after.name}\` a ${after.kind}`)
}

function once<T extends object>(make: (version: T) => LawOn): (version: T) => LawOn {
  const made = new WeakMap<T, LawOn>()
  return (version) => {
    const law = made.get(version) ?? make(version)
    made.set(version, law)
    return law
  }
}

/** Counts a policy or list without a sealed version as sealed, as its tests do. */
function asIfSealed(book: Book): Book {
  const known = <T extends { readonly id: string; readonly sealedAt?: string }>(
    all: readonly T[],
  ) => {
    const sealed = new Set(all.filter((each) => each.sealedAt !== undefined).map(({ id }) => id))
    return all.map((each) =>
      sealed.has(each.id) ? each : { ...each, sealedAt: '0001-01-01T00:00:00Z' },
    )
  }
  return { policies: known(book.policies), lists: known(book.lists) }
}

/** The request to start from: `given` of the newer version's tests, else of the older's, else a benign one. */
function startOf(folder: string, before: Chosen, after: Chosen): { start: Start; given?: string } {
  const asOf =
    [before, after]
      .map(({ version }) => version.day)
      .sort()
      .at(-1) ?? ''
  for (const { name, version } of [after, before])
    for (const path of [
      name.replace(/\.json$/, '.test.json'),
      join(folder, version.id, `${version.version}.test.json`),
    ]) {
      if (!path.endsWith('.test.json') || !existsSync(path)) continue
      const file = readJson(path, caseFileSchema)
      const item = itemOf({ id: '1', ...file.given.item }).facts
      const day = [file.asOf, asOf].sort().at(-1) ?? asOf
      const given = `${version.id}/${basename(path)}`
      return { start: { asOf: day, facts: { ...unattested, ...file.given.facts }, item }, given }
    }
  const jurisdiction = after.kind === 'policy' ? after.version.folder : ''
  const holder =
    /^[a-z]{2}$/.test(jurisdiction) && !['eu', 'un'].includes(jurisdiction) ? jurisdiction : 'de'
  return { start: benignStart(holder.toUpperCase(), asOf) }
}

/** Two versions, what differs, and the request from which the search for cases started. */
export type Compared = {
  readonly before: Chosen
  readonly after: Chosen
  readonly unchanged: number
  readonly changes: readonly Searched[]
  readonly start: Start
  /** The test file whose `given` the search started from, if there is one. */
  readonly given?: string
}

/** A change, with the result of the search if an answer can depend on the change. */
export type Searched = { readonly change: ClauseChange; readonly found?: SearchResult }

const signs = {
  added: ['+', 'green'],
  removed: ['-', 'red'],
  changed: ['~', 'yellow'],
  rewritten: ['=', 'dim'],
} as const

/** Every change, with its case or why there is none. */
export function diffLines(compared: Compared, width: number): readonly string[] {
  const { before, after, changes, unchanged } = compared
  const what = after.kind === 'list' ? ['entry', 'entries'] : ['rule', 'rules']
  const same = `${unchanged} ${unchanged === 1 ? what[0] : what[1]} unchanged.`
  return [
    paint('bold', after.version.file.title),
    paint('dim', `${before.name} → ${after.name}`),
    ...(before.version.id === after.version.id
      ? []
      : ['These are two policies, not two versions of one.']),
    ...changes.flatMap((each) => ['', ...changeLines(each, compared, width)]),
    '',
    changes.length === 0 ? `Nothing differs. ${same}` : same,
  ]
}

function changeLines({ change, found }: Searched, compared: Compared, width: number) {
  const [sign, colour] = signs[change.kind]
  const whole = change.kind === 'added' || change.kind === 'removed'
  const clauses = change.clauses.flatMap(({ name, marks }) => {
    const text = whole ? marks.map((each) => each.text).join('') : markedText(marks.map(shortened))
    const lines = wrap(`    ${name}: ${text}`, width)
    return whole ? lines.map((line) => paint(colour, line)) : coloured(lines)
  })
  return [
    `${paint(['bold', colour], sign)} ${paint('bold', change.title)} (${change.kind})`,
    ...clauses,
    ...wrapped(verdict(change, found), 4, width),
    ...(found?.differing === undefined ? [] : caseLines(found.differing, compared, width)),
  ]
}

/** Shortens a long unchanged text to the words next to the changes. */
function shortened(mark: TextMark, i: number, all: readonly TextMark[]): TextMark {
  const words = mark.text.split(' ')
  if (mark.kind !== 'same' || words.length <= 60) return mark
  const start = i === 0 ? [] : words.slice(0, 8)
  const end = i === all.length - 1 ? [] : words.slice(-8)
  return { ...mark, text: [...start, '…', ...end].join(' ') }
}

/** Colours the marks of a wrapped text, which may run over several lines. */
function coloured(lines: readonly string[]): readonly string[] {
  let open: 'red' | 'green' | undefined
  return lines.map((line) =>
    line
      .split(/(\[-|-\]|\{\+|\+\})/)
      .map((part) => {
        if (part === '[-') open = 'red'
        if (part === '{+') open = 'green'
        const text = open === undefined || part.trim() === '' ? part : paint(open, part)
        if (part === '-]' || part === '+}') open = undefined
        return text
      })
      .join(''),
  )
}

const wrapped = (text: string, indent: number, width: number): readonly string[] =>
  text === '' ? [] : wrap(' '.repeat(indent) + text, width)

const aspectWords: Readonly<Record<Aspect, string>> = {
  outcome: 'A case that is answered differently:',
  duties: 'No case with another outcome was found. A case in which the duties differ:',
  standing: 'No case with another outcome was found. A case in which it differs what is missing:',
  told: 'No case with another outcome was found. A case in which it differs what is told:',
  reasons: 'No case with another outcome was found. A case in which the reasons differ:',
}

/** Whether a case was found, and if not, how far the search went. */
export function verdict(
  { kind, answers, subject: { of } }: Searched['change'],
  found: SearchResult | undefined,
): string {
  if (kind === 'rewritten') return 'It is written differently and says the same.'
  if (found === undefined) {
    if (of === 'element')
      return 'What a field is decides which rules speak of it; no case was looked for.'
    return answers
      ? 'No case was looked for.'
      : 'Only what people read has changed; no answer depends on it.'
  }
  if (found.differing !== undefined) return aspectWords[found.differing.aspect]
  if (found.tried === 0 && found.exhaustive)
    return 'No case is answered differently: whatever the facts that it reads, it says the same.'
  return found.exhaustive
    ? `No case was found in ${found.tried} tries. Every combination of the facts that the change reads was tried on the starting case; other facts only one or two at a time.`
    : `No case was found in ${found.tried} tries. The search was not exhaustive: there may be one.`
}

function caseLines(differing: DifferingCase, { start, given }: Compared, width: number) {
  const from = given === undefined ? 'Else an ordinary request' : `Else as given in ${given}`
  const facts = differing.matter
    .filter((name) => name !== 'asOf')
    .map((name) => {
      const [now, first] = [differing, start].map(({ facts: all, item }) =>
        isRecordFact(name) ? item[name] : all[name],
      )
      const changed = JSON.stringify(now) !== JSON.stringify(first)
      return `${changed ? '* ' : '  '}${factWords(name, now)}`
    })
  const lines = (text: string, indent: number) => wrapped(text, indent, width)
  return [
    ...facts.flatMap((line) => lines(line, 6)),
    ...lines(`${from}, on ${dayWords(differing.asOf)}. (* differs from it)`, 8).map((line) =>
      paint('dim', line),
    ),
    ...answerLines('before', differing.before, differing, lines),
    ...answerLines('after ', differing.after, differing, lines),
    ...(differing.together === undefined ? [] : togetherLines(differing.together)),
  ]
}

const togetherLines = ({ decision }: FullAnswer): readonly string[] => [
  `      with the other changes of this version  ${headline(decision.outcome, decision.standing)}`,
]

type Lines = (text: string, indent: number) => readonly string[]

/** One of the two answers: its outcome, and what the other does not have. */
function answerLines(when: string, answer: FullAnswer, differing: DifferingCase, lines: Lines) {
  const { decision } = answer
  const kinds = decision.items.map(({ treatment }) => treatment.kind)
  const treated = kinds.filter((kind) => kind !== 'release' && kind !== 'withhold')
  return [
    `      ${when}  ${headline(decision.outcome, decision.standing)}${treated.length > 0 ? ` (${treated.join(', ')})` : ''}`,
    ...own(answer, differing).flatMap((line) => lines(`- ${line}`, 8)),
  ]
}

/** The reasons, duties and other things that only this answer has; its first reason if none is its own. */
export function own(
  answer: FullAnswer,
  { before, after, aspect }: DifferingCase,
): readonly string[] {
  const other = answer === before ? after : before
  const fresh = (of: (each: FullAnswer) => readonly string[]) =>
    of(answer).filter((each) => !of(other).includes(each))
  const reasons = ({ decision }: FullAnswer) => decision.reasons.map(reasonWords)
  const duties = fresh(({ decision }) => decision.obligations.map(owedWords))
  const unknown = fresh(({ decision }) =>
    decision.missing.map((name) => `Not known: ${subject(name)}`),
  )
  const told = fresh(({ told: { reasons: all } }) =>
    all.map(({ says, code }) => `The requester is told: ${says} [${code}]`),
  )
  const because =
    fresh(reasons).length > 0 ? fresh(reasons).slice(0, 3) : reasons(answer).slice(0, 1)
  const count = `and ${duties.length} ${duties.length === 1 ? 'duty' : 'duties'}`
  return [
    ...because,
    ...(aspect !== 'outcome' ? duties : duties.length === 0 ? [] : [count]),
    ...unknown,
    ...(aspect === 'told' ? told : []),
  ]
}

const reasonWords = ({ says, cites, code }: FullAnswer['decision']['reasons'][number]): string =>
  `${says} ${cites.length === 0 ? '' : `(${cites.join('; ')}) `}[${code}]`

const owedWords = ({ text, due, code }: FullAnswer['decision']['obligations'][number]): string =>
  `Duty: ${text}${due === undefined ? '' : ` Due ${due.slice(0, 16).replace('T', ' ')} UTC.`} [${code}]`

/** The difference as programs read it. */
const diffJson = ({ before, after, changes, unchanged, given }: Compared) => ({
  before: { name: before.name, id: before.version.id, version: before.version.version },
  after: { name: after.name, id: after.version.id, version: after.version.version },
  unchanged,
  ...(given === undefined ? {} : { given }),
  changes: changes.map(({ change, found }) => ({
    ...change,
    clauses: change.clauses.map(({ name, marks }) => ({ name, text: markedText(marks), marks })),
    ...(found === undefined
      ? {}
      : {
          search: { tried: found.tried, exhaustive: found.exhaustive },
          case: found.differing === undefined ? null : caseJson(found.differing),
        }),
  })),
})

function caseJson({ asOf, facts, item, matter, aspect, before, after, together }: DifferingCase) {
  const answer = ({ decision }: FullAnswer) => ({
    outcome: decision.outcome,
    standing: decision.standing ?? null,
    treatment: decision.items[0]?.treatment ?? null,
    reasons: decision.reasons,
    duties: decision.obligations,
  })
  return {
    asOf,
    facts,
    item,
    matter,
    aspect,
    before: answer(before),
    after: answer(after),
    ...(together === undefined ? {} : { together: answer(together) }),
  }
}

/** The difference between two versions as people and programs read it. */

import type { Change } from '../law/diff.ts'
import type { Answer, Aspect, Differing, Found, Start } from '../law/difference.ts'
import { type Mark, markedText } from '../law/marks.ts'
import { isRecordFact } from '../policy/vocabulary.ts'
import { dayWords, factWords, subject } from '../policy/words.ts'
import type { Chosen } from './choose.ts'
import { wrap } from './columns.ts'
import { headline, paint } from './say.ts'

/** Two versions, what differs, and from where cases were looked for. */
export type Compared = {
  readonly before: Chosen
  readonly after: Chosen
  readonly unchanged: number
  readonly changes: readonly Searched[]
  readonly start: Start
  /** The test file whose `given` the search started from, if there is one. */
  readonly given?: string
}

/** A change with what was looked for, if an answer can depend on it. */
export type Searched = { readonly change: Change; readonly found?: Found }

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

/** Of a long text that stayed, what stands next to the change. */
function shortened(mark: Mark, i: number, all: readonly Mark[]): Mark {
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
function verdict(
  { kind, answers, subject: { of } }: Searched['change'],
  found: Found | undefined,
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

function caseLines(differing: Differing, { start, given }: Compared, width: number) {
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

const togetherLines = ({ decision }: Answer): readonly string[] => [
  `      with the other changes of this version  ${headline(decision.outcome, decision.standing)}`,
]

type Lines = (text: string, indent: number) => readonly string[]

/** One of the two answers: its outcome, and what of it the other has not. */
function answerLines(when: string, answer: Answer, differing: Differing, lines: Lines) {
  const { decision } = answer
  const kinds = decision.items.map(({ treatment }) => treatment.kind)
  const treated = kinds.filter((kind) => kind !== 'release' && kind !== 'withhold')
  return [
    `      ${when}  ${headline(decision.outcome, decision.standing)}${treated.length > 0 ? ` (${treated.join(', ')})` : ''}`,
    ...own(answer, differing).flatMap((line) => lines(`- ${line}`, 8)),
  ]
}

/** The reasons, duties and other things that one answer has and the other has not. */
function own(answer: Answer, { before, after, aspect }: Differing): readonly string[] {
  const other = answer === before ? after : before
  const fresh = (of: (each: Answer) => readonly string[]) =>
    of(answer).filter((each) => !of(other).includes(each))
  const reasons = ({ decision }: Answer) => decision.reasons.map(reasonWords)
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

const reasonWords = ({ says, cites, code }: Answer['decision']['reasons'][number]): string =>
  `${says} ${cites.length === 0 ? '' : `(${cites.join('; ')}) `}[${code}]`

const owedWords = ({ text, due, code }: Answer['decision']['obligations'][number]): string =>
  `Duty: ${text}${due === undefined ? '' : ` Due ${due.slice(0, 16).replace('T', ' ')} UTC.`} [${code}]`

/** The difference as programs read it. */
export const diffJson = ({ before, after, changes, unchanged, given }: Compared) => ({
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

function caseJson({ asOf, facts, item, matter, aspect, before, after, together }: Differing) {
  const answer = ({ decision }: Answer) => ({
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

/** `comity policy diff`: what differs between two versions, in words, and a proof of what does not. */

import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Book, List, Policy } from '../../policy/book.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { datedIn } from '../../policy/history.ts'
import { dayWords, factWords } from '../../policy/words.ts'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { misuse } from '../../terminal/exit.ts'
import { paint } from '../../terminal/say.ts'
import {
  type ClauseChange,
  diffLists,
  diffPolicies,
  markedText,
  type TextMark,
} from '../law/diff.ts'
import { lawWith } from '../law/law.ts'
import { allSteps, type Progress } from '../law/steps.ts'
import {
  type DifferingFacts,
  type HolderDifference,
  type LawDifference,
  lawDifference,
  type Respect,
} from '../prover/difference.ts'
import { type Chosen, choose, type LawRead, readLaw, titlesOf } from './choose.ts'

/** Adds `diff` to `comity policy`. */
export function addPolicyDiff(policy: Command, folder: string): void {
  policy
    .command('diff')
    .description('Say what differs between two versions, and prove for which facts none does.')
    .argument('<before>', 'a file, or an id such as de/bkag@2018-05-25')
    .argument('<after>', 'a file, or an id such as de/bkag@2026-02-14')
    .option('--out <file>', 'write there the facts of the first case, for `explain --facts`')
    .option('--json', 'print as JSON')
    .addHelpText('after', help)
    .action((first: string, second: string, { out, json }: Options) => {
      const compared = compare(readLaw(folder), first, second, new Date().toISOString())
      const [found] = compared.proofs.flatMap(({ cases }) => cases)
      if (out !== undefined && found !== undefined)
        writeFileSync(out, `${JSON.stringify(found.file, null, 2)}\n`)
      printed(json, diffJson(compared), () => diffLines(compared, screen()))
    })
}

type Options = { readonly out?: string; readonly json?: true }

const help = `
Words that went stand in [-…-], words that came in {+…+}. Below stands what follows for everybody who asks and all
facts: of what leaves, by whom and under which duties, and not of what is told, of steps, clocks and reasons. Each
version counts in turn in the law of one day: of today, or of the later version's first day. \`alike\` is proved, and
the proof followed step by step by a second program; each case is answered by the engine before it is shown.`

type Comparing = [law: LawRead, first: string, second: string, now: string]

/** Compares two versions. */
export const compare = (...asked: Comparing): Compared => allSteps(compareInSteps(...asked))

/** The same, one holder with each step. */
export function* compareInSteps(
  ...[read, first, second, now]: Comparing
): Generator<Progress, Compared> {
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
  const proofs = provedInSteps(book, before.version, after.version, now)
  if (before.kind === 'policy' && after.kind === 'policy') {
    const difference = diffPolicies(before.version, after.version, titles)
    return { before, after, ...difference, proofs: yield* proofs }
  }
  if (before.kind === 'list' && after.kind === 'list') {
    const difference = diffLists(before.version, after.version, titles)
    return { before, after, ...difference, proofs: yield* proofs }
  }
  throw misuse(`\`${before.name}\` is a ${before.kind} and \`${after.name}\` a ${after.kind}`)
}

/**
 * Compares two versions of one kind, each in place of all others of its policy or list: in the law of today, or of
 * the later one's first day if that is yet to come; two lists on each later day, too, on which they differ anew.
 */
export function* provedInSteps(
  book: Book,
  before: Policy | List,
  after: Policy | List,
  now: string,
): Generator<Progress, readonly LawDifference[]> {
  const law = (version: Policy | List) => lawWith(book, { ...version, id: after.id }, now)
  const [was, is] = [law(before), law(after)]
  const start = [now.slice(0, 10), before.day, after.day].sort().at(-1) ?? now
  if ('rules' in before && 'rules' in after)
    return [yield* lawDifference(was(start), is(start), [before.applies, after.applies])]
  if ('rules' in before || 'rules' in after) return []
  const proofs: LawDifference[] = []
  for (const day of daysOfChange(before, after, start))
    proofs.push(yield* lawDifference(was(day), is(day)))
  return proofs
}

/** A day, and each later one on which an entry that only one of two lists has starts or is over. */
function daysOfChange(before: List, after: List, first: string): readonly string[] {
  const [was, is] = [before, after].map(({ file }) => new Set(datedIn(file).map(asText)))
  const days = [...datedIn(before.file), ...datedIn(after.file)]
    .filter((each) => !was?.has(asText(each)) || !is?.has(asText(each)))
    .flatMap(({ from, until }) => [from, until && dayAfter(until, 1)])
  const later = days.filter((each) => each !== undefined && each > first)
  return [...new Set([first, ...later.map(String)])].sort()
}

const asText = (entry: unknown): string => JSON.stringify(entry)

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

/** Two versions, what differs, and what was proved on each day. */
export type Compared = {
  readonly before: Chosen
  readonly after: Chosen
  readonly unchanged: number
  readonly changes: readonly ClauseChange[]
  readonly proofs: readonly LawDifference[]
}

const signs = {
  added: ['+', 'green'],
  removed: ['-', 'red'],
  changed: ['~', 'yellow'],
  rewritten: ['=', 'dim'],
} as const

/** Every change, and what follows from all of them. */
export function diffLines(compared: Compared, width: number): readonly string[] {
  const { before, after, changes, unchanged, proofs } = compared
  const what = after.kind === 'list' ? ['entry', 'entries'] : ['rule', 'rules']
  const same = `${unchanged} ${unchanged === 1 ? what[0] : what[1]} unchanged.`
  return [
    paint('bold', after.version.file.title),
    paint('dim', `${before.name} → ${after.name}`),
    ...(before.version.id === after.version.id
      ? []
      : ['These are two policies, not two versions of one.']),
    ...changes.flatMap((each) => ['', ...changeLines(each, width)]),
    '',
    changes.length === 0 ? `Nothing is written differently. ${same}` : same,
    ...proofs.flatMap((proof) => ['', ...proofLines(proof, width)]),
  ]
}

function changeLines(change: ClauseChange, width: number): readonly string[] {
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
    ...wrapped(verdict(change), 4, width),
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

/** What can be said of one change without the others. */
export function verdict({ kind, answers, subject: { of } }: ClauseChange): string {
  if (kind === 'rewritten') return 'It is written differently and says the same.'
  if (answers) return ''
  if (of === 'element') return 'What a field is decides which rules speak of it.'
  return 'Only what people read has changed; no answer depends on it.'
}

/** What was proved on a day: one sentence each, the holders that it is of, and the least facts where laws differ. */
export function proofWords({ asOf, found, cases }: LawDifference): readonly Proved[] {
  const alike = of(found, 'alike')
  const day = dayWords(asOf)
  const says =
    'Alike for all facts in what leaves, by whom and under which duties: proved of the rules as written'
  return [
    ...(alike.length === 0 ? [] : [{ says: `${says}, on ${day}`, holders: alike }]),
    ...cases.map((least) => ({
      says: `${respectWords(least.respect)}, on ${day}`,
      holders: found.flatMap((each) => (differsIn(each, least.respect) ? [each.holder] : [])),
      least,
    })),
    ...found.flatMap((each) =>
      each.result === 'not-proved'
        ? [{ says: `Nothing is proved, on ${day}: ${each.because}`, holders: [each.holder] }]
        : [],
    ),
    ...(of(found, 'nothing-leaves').length === 0
      ? []
      : [
          {
            says: `Nothing leaves before or after, on ${day}`,
            holders: of(found, 'nothing-leaves'),
          },
        ]),
    ...(found.length === 0 ? [{ says: `It reaches no holder, on ${day}`, holders: [] }] : []),
  ]
}

type Proved = {
  readonly says: string
  readonly holders: readonly string[]
  readonly least?: DifferingFacts
}

const of = (found: readonly HolderDifference[], wanted: HolderDifference['result']) =>
  found.flatMap(({ holder, result }) => (result === wanted ? [holder] : []))

const differsIn = (each: HolderDifference, respect: Respect): boolean =>
  each.result === 'differs' && each.respects.some((other) => asText(other) === asText(respect))

/** In what two laws differ, as a sentence without its stop. */
function respectWords({ of: what, isLooser, duty }: Respect): string {
  const more = isLooser ? 'More' : 'Less'
  if (what === 'by-rule-alone') return `${more} leaves by rule alone`
  if (what === 'by-an-officer') return `${more} leaves once an officer lets it`
  if (what === 'changed')
    return `What leaves is changed ${isLooser ? 'less' : 'more'} before it does`
  return `A duty ${isLooser ? 'goes' : 'comes'}: ${duty === undefined ? '' : dutyWords(duty)}`
}

/** A duty of `dutyText`, in words. */
export const dutyWords = (duty: string): string =>
  (JSON.parse(duty) as readonly (string | null)[]).filter((each) => each !== null).join(' ')

/** Who asks in a case, how its facts differ from an ordinary request, and what each law makes of them. */
export function caseWords({ differs, facts: all, holder, answers }: DifferingFacts) {
  // Several may ask in an ordinary request: so it is said who does.
  const asker = 'requester.jurisdiction'
  const facts = [...new Map([[asker, all.get(asker)], ...differs])].map(([name, value]) =>
    factWords(name, value),
  )
  const said = (
    { treatment, duties }: DifferingFacts['answers']['before'],
    other: readonly string[],
  ) => {
    const own = duties.filter((each) => !other.includes(each)).map(dutyWords)
    return [treatmentWords(treatment), ...own].join('; ')
  }
  return {
    from: `An ordinary request to ${holder}, but with:`,
    facts,
    before: said(answers.before, answers.after.duties),
    after: said(answers.after, answers.before.duties),
  }
}

const treatmentWords = (treatment: string): string =>
  ({ release: 'Released', withhold: 'Denied' })[treatment] ?? `Released, changed: ${treatment}`

const proofLines = (proof: LawDifference, width: number): readonly string[] =>
  proofWords(proof).flatMap(({ says, holders, least }) => {
    const line = holders.length === 0 ? `${says}.` : `${says}: ${holders.join(', ')}.`
    if (least === undefined) return wrapped(line, 0, width)
    const { from, facts, before, after } = caseWords(least)
    return [
      ...wrapped(line, 0, width).map((each) => paint('bold', each)),
      ...wrapped(from, 4, width),
      ...facts.flatMap((each) => wrapped(`* ${each}`, 6, width)),
      ...wrapped(`before  ${before}`, 6, width),
      ...wrapped(`after   ${after}`, 6, width),
    ]
  })

/** The difference as programs read it. */
const diffJson = ({ before, after, changes, unchanged, proofs }: Compared) => ({
  before: { name: before.name, id: before.version.id, version: before.version.version },
  after: { name: after.name, id: after.version.id, version: after.version.version },
  unchanged,
  changes: changes.map((change) => ({
    ...change,
    clauses: change.clauses.map(({ name, marks }) => ({ name, text: markedText(marks), marks })),
  })),
  proofs: proofs.map(({ asOf, found, cases }) => ({
    ...{ asOf, found },
    cases: cases.map(({ holder, respect, answers, file }) => ({ holder, respect, answers, file })),
  })),
})

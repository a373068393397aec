/** What differs between two versions of a policy or list, clause by clause and word by word. */

import type { CompiledRule, List, Policy } from '../../policy/book.ts'
import type { Translations } from '../../policy/language.ts'
import type { Titles } from '../../policy/words.ts'
import {
  arrangementTexts,
  automationOf,
  type ByRule,
  elementWords,
  headOf,
  listHead,
  type Member,
  memberKey,
  memberWords,
  type Part,
  routineUseWords,
  ruleTexts,
  scopeOf,
  silenceOf,
  type Texts,
  whoWords,
} from './clauses.ts'
import { decisive } from './decides.ts'

/** One clause that differs: the sentence, the condition, the articles. */
type Clause = { readonly name: string; readonly marks: readonly TextMark[] }

/** What a change is about. */
type Subject =
  | { readonly of: 'head' }
  | { readonly of: 'applies' }
  | { readonly of: 'otherwise' }
  | { readonly of: 'automation' }
  | { readonly of: 'rule'; readonly id: string }
  | {
      readonly of: 'member'
      readonly key: string
      readonly before?: Member
      readonly after?: Member
    }
  | { readonly of: 'element' | 'arrangement' | 'routine-use'; readonly key: string }

/** One change. `rewritten` means that the file says the same in another way. */
export type ClauseChange = {
  readonly subject: Subject
  readonly title: string
  readonly kind: 'added' | 'removed' | 'changed' | 'rewritten'
  readonly clauses: readonly Clause[]
  /** Whether an answer can depend on it; otherwise only what people read has changed. */
  readonly answers: boolean
}

/** Every change between two versions, and how many rules or entries stayed as they were. */
export type Difference = { readonly changes: readonly ClauseChange[]; readonly unchanged: number }

/** What differs between two policies. */
export function diffPolicies(before: Policy, after: Policy, titles: Titles): Difference {
  const rules = pair(before.rules, after.rules, [({ rule }) => rule.id])
  const change = ({ before: a, after: b }: Pair<CompiledRule>) =>
    ruleChange(a, b, titles, [before.translations, after.translations])
  const changes = [
    headChange(headOf(before), headOf(after), isOther(before, after)),
    partChange('applies', 'what it applies to', scopeOf(before, titles), scopeOf(after, titles)),
    partChange('otherwise', 'where no rule permits', silenceOf(before), silenceOf(after)),
    automationChange(before, after, titles),
    ...rules.map(change),
  ].filter((each) => each !== undefined)
  const same = rules.filter((each) => change(each) === undefined)
  return { changes, unchanged: same.length }
}

/** What differs between two lists. */
export function diffLists(before: List, after: List, titles: Titles): Difference {
  const members = pair(before.file.members ?? [], after.file.members ?? [], [
    (each) => memberKey(each) + each.from,
    (each) => memberKey(each) + each.cites,
    memberKey,
  ])
  const elements = pair(before.file.elements ?? [], after.file.elements ?? [], [
    (each) => each.value,
  ])
  const arrangements = pair(before.file.arrangements ?? [], after.file.arrangements ?? [], [
    ({ id }) => id,
  ])
  const uses = pair(before.file.routineUses ?? [], after.file.routineUses ?? [], [
    ({ agency, system, use }) => [agency, system, use].join(' '),
    ({ agency, system }) => [agency, system].join(' '),
  ])
  const isParties = before.file.instrument !== after.file.instrument
  const all = [
    headChange(listHead(before), listHead(after), isParties),
    ...members.map((each) => {
      const entry = each.before ?? each.after
      const key = entry === undefined ? '' : memberKey(entry)
      const title = entry === undefined ? key : whoWords(entry, titles)
      return entryChange({ of: 'member', key, ...each }, title, each.before, each.after, (one) =>
        memberWords(one, titles),
      )
    }),
    ...elements.map(({ before: a, after: b }) => {
      const key = a?.value ?? b?.value ?? ''
      return entryChange({ of: 'element', key }, key, a, b, elementWords)
    }),
    ...arrangements.map(({ before: a, after: b }) => {
      const key = a?.id ?? b?.id ?? ''
      const [was, is] = [a, b].map((each) => each && arrangementTexts(each, titles))
      return changeOf({ of: 'arrangement', key }, `arrangement ${key}`, was, is, true, false)
    }),
    ...uses.map(({ before: a, after: b }) => {
      const key = a?.agency ?? b?.agency ?? ''
      return entryChange({ of: 'routine-use', key }, key, a, b, routineUseWords)
    }),
  ]
  const changes = all.filter((each) => each !== undefined)
  const head = all[0] === undefined ? 1 : 0
  return { changes, unchanged: all.length - changes.length - head }
}

function isOther(before: Policy, after: Policy): boolean {
  return (
    before.file.kind !== after.file.kind ||
    before.file.repealed !== after.file.repealed ||
    before.file.timeZone !== after.file.timeZone
  )
}

const headChange = (before: Texts, after: Texts, answers: boolean): ClauseChange | undefined =>
  changeOf({ of: 'head' }, 'about the file', before, after, answers, false)

function automationChange(before: Policy, after: Policy, titles: Titles): ClauseChange | undefined {
  const byRule = ({ file }: Policy): readonly ByRule[] => file.automation?.byRule ?? []
  const alternatives = pair(byRule(before), byRule(after), [({ says }) => says, () => ''])
  const part = (policy: Policy, side: 'before' | 'after') =>
    automationOf(
      policy,
      alternatives.map((each) => each[side]),
      titles,
    )
  return partChange(
    'automation',
    'what leaves by rule alone',
    part(before, 'before'),
    part(after, 'after'),
  )
}

const partChange = (
  of: 'applies' | 'otherwise' | 'automation',
  title: string,
  before: Part | undefined,
  after: Part | undefined,
): ClauseChange | undefined =>
  changeOf(
    { of },
    title,
    before?.texts,
    after?.texts,
    JSON.stringify(before?.decides) !== JSON.stringify(after?.decides),
    JSON.stringify(before?.whole) !== JSON.stringify(after?.whole),
  )

function ruleChange(
  before: CompiledRule | undefined,
  after: CompiledRule | undefined,
  titles: Titles,
  [was, is]: readonly [Translations | undefined, Translations | undefined],
): ClauseChange | undefined {
  const id = (before ?? after)?.rule.id ?? ''
  const unless = (each: CompiledRule | undefined) => each?.unless ?? []
  const exceptions = pair(unless(before), unless(after), [
    ({ exception }) => exception.says,
    () => '',
  ])
  const a =
    before &&
    ruleTexts(
      before,
      exceptions.map((each) => each.before),
      titles,
      was,
    )
  const b =
    after &&
    ruleTexts(
      after,
      exceptions.map((each) => each.after),
      titles,
      is,
    )
  return changeOf(
    { of: 'rule', id },
    `rule ${id}`,
    a,
    b,
    (before && decisive(before)) !== (after && decisive(after)),
    JSON.stringify(before?.rule) !== JSON.stringify(after?.rule),
  )
}

const entryChange = <T>(
  subject: Subject,
  title: string,
  before: T | undefined,
  after: T | undefined,
  words: (each: T) => string,
): ClauseChange | undefined =>
  changeOf(
    subject,
    title,
    before && { entry: words(before) },
    after && { entry: words(after) },
    true,
    false,
  )

/** A change; undefined if every clause and the file itself say the same. */
function changeOf(
  subject: Subject,
  title: string,
  before: Texts | undefined,
  after: Texts | undefined,
  answers: boolean,
  rewritten: boolean,
): ClauseChange | undefined {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  const clauses = names
    .filter((name) => before?.[name] !== after?.[name])
    .map((name): Clause => ({ name, marks: marksOf(before?.[name], after?.[name]) }))
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  if (clauses.length > 0) return { subject, title, kind, clauses, answers }
  return rewritten ? { subject, title, kind: 'rewritten', clauses: [], answers: false } : undefined
}

type Pair<T> = { readonly before?: T; readonly after?: T }

/** Pairs what belongs together: first what is the same, then what shares the first key, and so on. */
function pair<T>(
  before: readonly T[],
  after: readonly T[],
  keys: readonly ((each: T) => string)[],
): readonly Pair<T>[] {
  const free = new Set(after)
  const partner = new Map<T, T>()
  for (const key of [(each: T) => JSON.stringify(each), ...keys])
    for (const a of before) {
      const b = partner.has(a) ? undefined : [...free].find((each) => key(each) === key(a))
      if (b === undefined) continue
      partner.set(a, b)
      free.delete(b)
    }
  return [
    ...before.map((a): Pair<T> => {
      const b = partner.get(a)
      return b === undefined ? { before: a } : { before: a, after: b }
    }),
    ...[...free].map((b) => ({ after: b })),
  ]
}

/** A run of words that stayed, went or came. */
export type TextMark = { readonly kind: 'same' | 'removed' | 'added'; readonly text: string }

type Run = { same: string[]; removed: string[]; added: string[] }

/** The words that stayed and that changed. One word that stayed between two changes counts as changed. */
export function marksOf(
  before: string | undefined,
  after: string | undefined,
): readonly TextMark[] {
  if (after === undefined) return before === undefined ? [] : [{ kind: 'removed', text: before }]
  if (before === undefined) return [{ kind: 'added', text: after }]
  return absorbed(runs(before.split(' '), after.split(' '))).flatMap((run) =>
    (['same', 'removed', 'added'] as const)
      .filter((kind) => run[kind].length > 0)
      .map((kind) => ({ kind, text: run[kind].join(' ') })),
  )
}

/** `at most [-12-]{+24+} months`, as word diffs are written; readable without colour. */
export const markedText = (
  marks: readonly TextMark[],
  paint: (kind: 'removed' | 'added', text: string) => string = (_, text) => text,
): string =>
  marks
    .map(({ kind, text }, i) => {
      const joined = kind === 'added' && marks[i - 1]?.kind === 'removed'
      const space = i === 0 || joined ? '' : ' '
      if (kind === 'same') return space + text
      return space + paint(kind, kind === 'removed' ? `[-${text}-]` : `{+${text}+}`)
    })
    .join('')

/** Runs of words that stayed, each followed by the words removed and added after it. */
function runs(a: readonly string[], b: readonly string[]): readonly Run[] {
  const common = commonLengths(a, b)
  const at = (i: number, j: number) => common[i * (b.length + 1) + j] ?? 0
  const all: Run[] = [{ same: [], removed: [], added: [] }]
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]]
    let run = all.at(-1)
    if (run === undefined) break
    if (x !== undefined && x === y) {
      if (run.removed.length + run.added.length > 0) {
        run = { same: [], removed: [], added: [] }
        all.push(run)
      }
      run.same.push(x)
      i += 1
      j += 1
    } else if (x !== undefined && (y === undefined || at(i + 1, j) >= at(i, j + 1))) {
      run.removed.push(x)
      i += 1
    } else {
      if (y !== undefined) run.added.push(y)
      j += 1
    }
  }
  return all
}

function absorbed(all: readonly Run[]): readonly Run[] {
  const kept: Run[] = []
  for (const [i, run] of all.entries()) {
    const last = kept.at(-1)
    const changed = run.removed.length + run.added.length > 0
    if (i > 0 && last !== undefined && changed && run.same.length === 1) {
      const joins = last.removed.length + last.added.length > 0
      if (joins) {
        last.removed.push(...run.same, ...run.removed)
        last.added.push(...run.same, ...run.added)
        continue
      }
    }
    kept.push(run)
  }
  return kept
}

/** For each pair of places, how many words the remaining texts share, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0)
  return lengths
}

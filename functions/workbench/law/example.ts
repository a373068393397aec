/** Looks for a case that would notice a change which no case notices. */

import type { Decision } from '../../decision/decide.ts'
import { broughtAboutBy } from '../../decision/facts.ts'
import type { Book, List } from '../../policy/book.ts'
import { isRecordFact } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { type Case, type CaseFile, decideCase, failures, inputOf } from './cases.ts'
import { changed } from './changed-law.ts'
import type { SmallChange } from './changes.ts'
import { type Ran, touched } from './coverage.ts'
import type { Laws } from './law.ts'
import { daysSeen, type KnownFacts, keptBackAnyway, ofRule, showing } from './matters.ts'

/** What is known of a change that no case notices. */
type Unnoticed =
  | { readonly verdict: 'cannot-matter' }
  | { readonly verdict: 'unnoticed'; readonly example?: MissingCase; readonly tried: number }

/** A case to be added to a file. */
export type MissingCase = { readonly path: string; readonly each: Case }

/** Whether a change cannot show in any answer. This does not search for a case that would notice it. */
export const cannotMatter = (
  book: Book,
  change: SmallChange,
  ran: readonly Ran[],
  known: string,
): boolean => planOf(book, change, touched(book, change, ran), known).cannotMatter

/** Bounds on the search for one change; `tried` counts variations of cases. */
const searchMax = { places: 24, starts: 48, tried: 1200 } as const

/** Shows that a change cannot matter, or looks for a case that would notice it. */
export function lookInto(
  book: Book,
  change: SmallChange,
  ran: readonly Ran[],
  laws: Laws,
  known: string,
): Unnoticed {
  const near = touched(book, change, ran)
  const after = changed(book, change, known)
  let tried = 0
  const notices = (path: string, file: CaseFile, each: Case): MissingCase | undefined => {
    tried += 1
    return wouldNotice(path, file, each, (day) => laws(day, file.about), after)
  }
  const unnoticed = (example?: MissingCase): Unnoticed => ({
    verdict: 'unnoticed',
    tried,
    ...(example === undefined ? {} : { example }),
  })
  const plan = planOf(book, change, near, known)
  if (plan.cannotMatter) return { verdict: 'cannot-matter' }
  const about = `${change.of.id}@${change.of.version}`
  const starts = near.filter(({ file }) => file.about === about)
  for (const { path, file, each } of change.kind === 'list' ? [] : near) {
    const example = notices(path, file, each)
    if (example !== undefined) return unnoticed(example)
  }
  // The number of variations to try does not depend on how many cases there are.
  const most = tried + searchMax.tried
  for (const vary of plan.variations)
    for (const { path, file, each } of [...starts, ...near, ...ran].slice(0, searchMax.starts)) {
      if (tried >= most) return unnoticed()
      const example = notices(path, file, vary(each))
      if (example !== undefined) return unnoticed(example)
    }
  return unnoticed()
}

type Plan = {
  readonly cannotMatter: boolean
  readonly variations: readonly ((each: Case) => Case)[]
}

function planOf(book: Book, change: SmallChange, near: readonly Ran[], known: string): Plan {
  if (change.kind === 'list' && change.pointer.startsWith('/elements'))
    return { cannotMatter: false, variations: [naming(change.of, change.pointer)] }
  if (change.kind === 'list' || change.moved) {
    const days = daysSeen(book, change, known)
    const party = stateIn(change)
    const parties =
      party === undefined
        ? [{}]
        : ['requester.jurisdiction', 'holder.jurisdiction'].map((name) => ({ [name]: party }))
    return {
      cannotMatter: days.length === 0,
      variations: days.flatMap((asOf) =>
        parties.map((facts) => (each: Case) => ({
          ...each,
          asOf,
          facts: { ...each.facts, ...facts },
        })),
      ),
    }
  }
  if (change.pointer.startsWith('/transposes')) return { cannotMatter: false, variations: [] }
  const nows = distinctLaw(
    near.map(({ now }) => now).filter((now) => now.policies.includes(change.of)),
  )
  const { cannotMatter, where } = showing(change, nows, searchMax.places)
  return {
    cannotMatter: cannotMatter || keptBackAnyway(change, nows),
    variations: where
      .flatMap((place) => [ofRule(change, place), place, { ...released, ...place }])
      .map((place) => (start: Case) => assuming(start, place)),
  }
}

/** The state whose entry in a list is changed, if the entry is for one state. */
function stateIn(change: SmallChange): string | undefined {
  if (change.kind !== 'list' || !change.pointer.startsWith('/members/')) return undefined
  const member = change.of.file.members?.[Number(change.pointer.split('/')[2])]
  return member && 'value' in member && /^[A-Z]{2}$/.test(member.value) ? member.value : undefined
}

/** Until a person has decided, what he must decide hides what the rules say. */
const released: KnownFacts = { 'release.decision': 'release' }

/** A case that asks for an element of the field dictionary. */
function naming({ file }: List, pointer: string): (each: Case) => Case {
  const [, , i, , j] = pointer.split('/')
  const element = file.elements?.[Number(i)]
  const item = { id: '1', element: element?.value, class: element?.class[Number(j ?? 0)] }
  return (each) => ({ ...each, items: [item] })
}

/** One law for each different content of the lists and set of policy versions. */
function distinctLaw(nows: readonly InForce[]): readonly InForce[] {
  const byLists = new Map(
    nows.map((now) => [
      JSON.stringify([now.lists, now.policies.map(({ id, version }) => id + version)]),
      now,
    ]),
  )
  return [...byLists.values()]
}

/** A case in a place: it states the facts that are known there, and makes the others unknown. */
function assuming(start: Case, place: KnownFacts): Case {
  const facts: Record<string, unknown> = { ...start.facts }
  const first: Record<string, unknown> = { ...start.items?.[0] }
  let { asOf } = start
  for (const [each, value] of Object.entries(place)) {
    const name = broughtAboutBy(each)
    if (name === undefined) continue
    if (isRecordFact(name)) first[name.slice('item.'.length)] = value
    else if (name === 'asOf' && typeof value === 'string') asOf = value
    else facts[name] = value
  }
  return {
    ...start,
    facts,
    items: [{ ...first, id: '1' }],
    ...(asOf === undefined ? {} : { asOf }),
  }
}

/** The case with an expectation that holds before a change and not after it, if there is one. */
function wouldNotice(
  path: string,
  file: CaseFile,
  start: Case,
  on: (day: string) => InForce,
  after: (now: InForce) => InForce,
): MissingCase | undefined {
  const input = inputOf(file, start)
  const now = on(input.asOf)
  const changedNow = after(now)
  if (changedNow === now) return undefined
  const was = decideCase(now, input)
  const is = decideCase(changedNow, input)
  const expect = expectations(was, is).find(
    (each) => failures({ ...start, expect: each }, is).length > 0,
  )
  return expect === undefined ? undefined : { path, each: { ...start, expect } }
}

/** What a case can expect of `was` that `is` may not give: the outcome, and one thing more. */
function expectations(was: Decision, is: Decision): readonly Case['expect'][] {
  const { outcome } = was
  const rules = ({ reasons }: Decision) => reasons.map(({ rule }) => rule)
  const cites = ({ reasons }: Decision) => reasons.flatMap((each) => each.cites)
  const codes = ({ obligations }: Decision) => obligations.map(({ code }) => code)
  const duties = ({ obligations }: Decision) =>
    obligations.map(({ code, value, due, cites: articles }) => ({
      code,
      ...(value === undefined ? {} : { value }),
      ...(due === undefined ? {} : { due }),
      cites: [...articles],
    }))
  const items = ({ items: all }: Decision) =>
    Object.fromEntries(all.map(({ id, treatment }) => [id, treatment.kind]))
  const owed = JSON.stringify(duties(is))
  const more: readonly Omit<Case['expect'], 'outcome'>[] = [
    ...(JSON.stringify(items(was)) === JSON.stringify(items(is)) ? [] : [{ items: items(was) }]),
    { because: without(rules(was), rules(is)) },
    { notBecause: without(rules(is), rules(was)) },
    ...(was.answerBy === undefined || was.answerBy === is.answerBy
      ? []
      : [{ answerBy: was.answerBy }]),
    { duties: duties(was).filter((duty) => !owed.includes(JSON.stringify(duty))) },
    { notObligations: without(codes(is), codes(was)) },
    { missing: without(was.missing, is.missing) },
    { cites: without(cites(was), cites(is)) },
    { notCites: without(cites(is), cites(was)) },
    ...(was.standing === undefined || was.standing === is.standing
      ? []
      : [{ standing: was.standing }]),
  ]
  return [{ outcome }, ...more.map((each) => ({ outcome, ...each }))]
}

const without = (all: readonly string[], others: readonly string[]): string[] =>
  [...new Set(all)].filter((each) => !others.includes(each))

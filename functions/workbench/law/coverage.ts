/**
 * Coverage by changing the rules: each small change of the law must make some case fail. A change that no
 * case notices is untested, whatever lines were run.
 */

import type { Decision } from '../../decision/decide.ts'
import { derive, known, withItem } from '../../decision/facts.ts'
import { type Book, lawId } from '../../policy/book.ts'
import { knownValue } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import type { Known } from '../../policy/logic.ts'
import { type Case, type CaseFile, decideCase, failures, imagining, inputOf } from './cases.ts'
import { changed } from './changed-law.ts'
import { policyChanges, type SmallChange } from './changes.ts'
import { listsReadBy } from './decides.ts'
import type { Laws } from './law.ts'
import { listChanges, namesIn, partyListsIn } from './list-changes.ts'
import { differsOn } from './matters.ts'

/** A test file, its path relative to the policies folder. */
export type TestFile = { readonly path: string; readonly file: CaseFile }

/** A case that was run. */
export type Ran = {
  readonly path: string
  readonly file: CaseFile
  readonly each: Case
  readonly now: InForce
  readonly input: ReturnType<typeof inputOf>
  readonly decision: Decision
  /** What it expected and did not get. */
  readonly failures: readonly string[]
}

/** A change that was tried, and the case that noticed it, if one did. */
type Tried = { readonly change: SmallChange; readonly noticedBy?: Ran }

/** Runs every case of every file. */
export const runAll = (files: readonly TestFile[], laws: Laws): readonly Ran[] =>
  files.flatMap(({ path, file }) =>
    file.cases.map((each): Ran => {
      const input = inputOf(file, each)
      const now = laws(input.asOf, file.about)
      const decision = decideCase(now, input)
      return { path, file, each, now, input, decision, failures: failures(each, decision) }
    }),
  )

/** Every change of every version, in the order of the files. */
export function changesOf(book: Book): readonly SmallChange[] {
  const lists = new Set(book.lists.map(({ id }) => id))
  return [
    ...book.policies.flatMap((policy) => policyChanges(policy, lists)),
    ...book.lists.flatMap(listChanges),
  ]
}

/** Makes each change in turn, and runs the cases that it could touch until one fails. */
export function* tryChanges(
  book: Book,
  changes: readonly SmallChange[],
  ran: readonly Ran[],
  asKnown: string,
): Generator<Tried> {
  const passing = ran.filter((each) => each.failures.length === 0)
  const knowing = new Map(passing.map((each) => [each, knownIn(each)]))
  for (const change of changes) {
    const after = changed(book, change, asKnown)
    const notices = (each: Ran): boolean => {
      const now = after(each.now)
      return now !== each.now && failures(each.each, decideCase(now, each.input)).length > 0
    }
    const near = touched(book, change, passing)
    const shows = differsOn(change)
    const sees = (each: Ran): boolean =>
      change.kind === 'list' || (knowing.get(each)?.some(shows) ?? false)
    const noticedBy =
      near.find((each) => sees(each) && notices(each)) ??
      // The remedies of a denial follow from how a rule is written, not only from what it answers.
      near.find(
        (each) =>
          change.kind === 'policy' && each.each.expect.standing && !sees(each) && notices(each),
      )
    yield noticedBy === undefined ? { change } : { change, noticedBy }
  }
}

/** What is known about each item of a case, as its rules read it. */
function knownIn({ now: listed, input: { facts, items, arrangements } }: Ran): readonly Known[] {
  const now = imagining(listed, arrangements)
  const request = known(derive(facts, now), now.lists)
  return items.map((item) => withItem(request, item, now))
}

/** Cases by the policy versions that applied to them. */
function readers(ran: readonly Ran[]): ReadonlyMap<string, ReadonlySet<Ran>> {
  const before = readersOf.get(ran)
  if (before !== undefined) return before
  const reads = new Map<string, Set<Ran>>()
  for (const each of ran)
    for (const { id, version } of each.decision.policies) {
      const key = `${id}@${version}`
      reads.set(key, (reads.get(key) ?? new Set()).add(each))
    }
  readersOf.set(ran, reads)
  return reads
}

const readersOf = new WeakMap<readonly Ran[], ReadonlyMap<string, ReadonlySet<Ran>>>()

/**
 * The cases that a change could touch: first those about the changed version, then those about a policy that
 * reads the list, then the rest. No other case can notice the change.
 */
export function touched(book: Book, change: SmallChange, ran: readonly Ran[]): readonly Ran[] {
  const all = within(book, change, ran)
  const own = `${lawId(change.of)}@${change.of.version}`
  const readers = new Set(change.kind === 'list' ? readersOfList(book, change.of.id) : [])
  const { near, reading, far } = Object.groupBy(all, ({ file: { about = '' } }) =>
    about === own ? 'near' : readers.has(about) ? 'reading' : 'far',
  )
  return [near, reading, far].flatMap((each) => each ?? [])
}

/** The policy versions with a rule that reads a list, or another list that takes it in. */
function readersOfList({ lists, policies }: Book, id: string): readonly string[] {
  const taking = lists.filter(({ file }) =>
    file.members?.some((each) => 'membersOf' in each && each.membersOf === id),
  )
  const ids = [id, ...taking.map((list) => list.id)]
  return policies
    .filter((policy) => ids.some((each) => listsReadBy(policy).has(each)))
    .map((policy) => `${policy.id}@${policy.version}`)
}

function within(book: Book, change: SmallChange, ran: readonly Ran[]): readonly Ran[] {
  if (change.kind === 'policy') {
    const isInside = !change.moved && change.part.of !== 'applies'
    if (!isInside) return ran
    return [...(readers(ran).get(`${change.of.id}@${change.of.version}`) ?? [])]
  }
  // If a list's first day moves, the whole list comes or goes, whoever is named.
  if (change.of.day !== change.to.day) return ran
  const names = namesIn(book, change)
  if (!change.pointer.startsWith('/arrangements')) return naming(names, ran)
  const lists = partyListsIn(change)
  const isOpen = ({ now }: Ran) => lists.some((list) => now.lists[list] === undefined)
  return [...naming(names, ran).filter(isBetween(names)), ...ran.filter(isOpen)]
}

/**
 * Whether an arrangement between some countries can bind the two of a case. It may while one of the two is
 * unknown. A case that imagines its arrangements reads no others.
 */
const isBetween =
  (names: ReadonlySet<string>) =>
  ({ input }: Ran): boolean => {
    const countries = countriesOf(input)
    const isOpen = countries.includes(undefined)
    return (
      input.arrangements === undefined &&
      (isOpen || countries.every((each) => each !== undefined && names.has(each)))
    )
  }

const countriesOf = ({ facts }: Ran['input']): readonly (string | undefined)[] =>
  ['holder.jurisdiction', 'requester.jurisdiction'].map((name) => {
    const value = knownValue(name, facts[name])
    return typeof value === 'string' ? value : undefined
  })

/** The cases that state one of the values or leave a country unknown, in the order in which they ran. */
function naming(names: ReadonlySet<string>, ran: readonly Ran[]): readonly Ran[] {
  const index = namingOf.get(ran) ?? indexed(ran)
  namingOf.set(ran, index)
  const found = new Set([...names, undefined].flatMap((name) => index.get(name) ?? []))
  return [...found].sort((a, b) => a - b).flatMap((i) => ran[i] ?? [])
}

type Index = ReadonlyMap<unknown, readonly number[]>

/**
 * The places of the cases in `ran`, by the values that they state; undefined stands for an unknown country.
 */
function indexed(ran: readonly Ran[]): Index {
  const index = new Map<unknown, number[]>()
  for (const [i, { input }] of ran.entries()) {
    const all = [input.facts, ...input.items.map(({ facts }) => facts)]
    const stated = all.flatMap((facts) => Object.values(facts).flat())
    const values = [...stated.filter((value) => value !== undefined), ...countriesOf(input)]
    for (const each of new Set(values)) {
      const at = index.get(each) ?? []
      index.set(each, at)
      at.push(i)
    }
  }
  return index
}

const namingOf = new WeakMap<readonly Ran[], Index>()

/** What is in force once a change of the law is made. */

import { type Arrangement, arrangementsOn } from '../policy/arrangement.ts'
import type { Book, List, Policy } from '../policy/book.ts'
import {
  arrangedOn,
  besideToday,
  entriesOn,
  type InForce,
  inForce,
  isGoodOn,
  type RoutineUse,
} from '../policy/history.ts'
import { holds, type Known } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { everyKnown, spaceOf } from '../policy/values.ts'
import type { Change } from './changes.ts'
import { find } from './evaluate.ts'

/** The book that a day's law was read from: cases of a corrected version see another one. */
const bookOf = new WeakMap<InForce, Book>()

/** What is in force on a day in a book, which is remembered with it. */
export function lawOn(book: Book, day: string, known: string): InForce {
  const now = inForce(book, day, known)
  bookOf.set(now, book)
  return now
}

/** What is in force after a change, from what was; the very same where the change is not seen. */
export function changed(book: Book, change: Change, known: string): (now: InForce) => InForce {
  const made = new Map<InForce, InForce>()
  const rewrite = (seen: Book): Book =>
    change.kind === 'list'
      ? { ...seen, lists: replaced(seen.lists, change.of, change.to) }
      : { ...seen, policies: replaced(seen.policies, change.of, change.to) }
  const rewritten = new Map<Book, Book>()
  const make = (now: InForce): InForce => {
    if (change.kind === 'policy' && !change.moved) {
      if (!now.policies.includes(change.of)) return now
      return { ...now, policies: replaced(now.policies, change.of, change.to) }
    }
    if (isUnseen(change, now)) return now
    if (change.kind === 'list' && isOfEntriesAlone(change)) {
      const listVersions = replaced(now.listVersions, change.of, change.to)
      const then = { ...now, listVersions, ...arrangedOn(listVersions, now.asOf) }
      return sameLaw(now, then) ? now : then
    }
    const seen = bookOf.get(now) ?? book
    const after = rewritten.get(seen) ?? rewrite(seen)
    rewritten.set(seen, after)
    const then = inForce(after, now.asOf, known)
    return sameLaw(now, then) ? now : then
  }
  return (now) => {
    const after = made.get(now) ?? make(now)
    made.set(now, after)
    return after
  }
}

/** Whether a list has the same day, members and elements: then nothing else in force changes by it. */
const isOfEntriesAlone = ({ of, to }: Extract<Change, { readonly kind: 'list' }>): boolean =>
  of.day === to.day && of.file.members === to.file.members && of.file.elements === to.file.elements

/** Whether nothing of a moved version, or of a list, is seen on a day: found without the whole law. */
function isUnseen(change: Change, { asOf, policies, listVersions }: InForce): boolean {
  const hasCome = ({ day, file }: Change['of']) => besideToday(day, asOf, file.timeZone) <= 0
  if (hasCome(change.of) !== hasCome(change.to)) return false
  if (!hasCome(change.of)) return true
  if (change.kind === 'policy') return policies.includes(change.of)
  const named = (list: List) =>
    entriesOn(list, asOf).map((each) => ('value' in each ? each.value : `${each.membersOf} *`))
  const asks = policies.some(({ readsArrangements }) => readsArrangements)
  const said = (list: List, other: List) =>
    JSON.stringify([
      named(list),
      list.file.elements,
      asks
        ? arrangementsOn(only('arrangements', list, other), isGoodOn(list, asOf), ownName).map(
            standing,
          )
        : [],
      only('routineUses', list, other).filter(isGoodOn(list, asOf)).map(withoutDays),
    ])
  return (
    listVersions.includes(change.of) && said(change.of, change.to) === said(change.to, change.of)
  )
}

/** The entries of a list that another does not have. */
const only = <Name extends 'arrangements' | 'routineUses'>(
  name: Name,
  { file }: List,
  other: List,
): NonNullable<List['file'][Name]> => {
  const same = new Set<unknown>(other.file[name])
  return (file[name] ?? []).filter((each) => !same.has(each)) as NonNullable<List['file'][Name]>
}

/** What an arrangement says while it is in force: not from when and until when that is. */
const standing = ({ entry, sides }: Arrangement): unknown => {
  const { parties: _, suspensions: __, ...rest } = withoutDays(entry)
  return [rest, sides]
}

const withoutDays = <T extends { readonly from: string; readonly until?: string | undefined }>({
  from: _,
  until: __,
  ...rest
}: T): Omit<T, 'from' | 'until'> => rest

/** Stands for the members of a list that both take. */
const ownName = (list: string): readonly string[] => [list]

const replaced = <T>(all: readonly T[], of: T, to: T): readonly T[] =>
  all.map((each) => (each === of ? to : each))

/**
 * Whether two days' law says the same: the same versions, the same members on every list that a rule
 * reads, and the same parties. An instrument with fewer than two parties binds no request.
 */
export const sameLaw = (a: InForce, b: InForce): boolean => said(a) === said(b)

const saidBefore = new WeakMap<InForce, string>()

function said(now: InForce): string {
  const before = saidBefore.get(now)
  if (before !== undefined) return before
  const read = new Set(now.policies.flatMap(listsRead))
  const text = JSON.stringify([
    now.policies.map(({ id, version }) => `${id}@${version}`),
    filled(now.lists, (id) => read.has(id)),
    filled(now.instruments, (_, members) => members.length > 1),
    now.elements,
    now.policies.some(({ readsArrangements }) => readsArrangements)
      ? now.arrangements?.map(standing)
      : [],
    now.routineUses?.map(withoutDays),
  ])
  saidBefore.set(now, text)
  return text
}

/** Combinations that are tried at most; beyond them nothing is claimed. */
const combinationsMax = 20_000

/** Whether lists that differ change no answer of any rule, whatever the facts. */
export function sameAnswers(a: InForce, b: InForce): boolean {
  const others = ({ asOf: _, lists: __, listVersions: ___, policies, ...rest }: InForce) =>
    JSON.stringify([rest, policies.map(({ id, version }) => `${id}@${version}`)])
  if (others(a) !== others(b)) return false
  return a.policies.every((policy) => {
    const { applies, byRule, rules, file } = policy
    const applied = (known: Known) => {
      const truth = holds(applies, known)
      return file.kind === 'ground' ? truth : truth === 'fails'
    }
    return (
      everywhere(a, b, [applies.logic], applied) &&
      everywhere(
        a,
        b,
        [applies, ...byRule].map(({ logic }) => logic),
        (known) =>
          holds(applies, known) === 'fails'
            ? 'fails'
            : byRule.map((each) => holds(each, known)).join(),
      ) &&
      rules.every((rule) => {
        const logics = [rule.when, ...rule.unless.map((each) => each.when)].map(
          ({ logic }) => logic,
        )
        return everywhere(a, b, [applies.logic, ...logics], (known) => {
          if (holds(applies, known) === 'fails') return 'fails'
          const { truth, when, exceptions } = find(policy, rule, known)
          return JSON.stringify([truth, when, exceptions.map((each) => each.truth)])
        })
      })
    )
  })
}

/** Whether something is the same under both days' lists, whatever the facts. */
function everywhere(
  a: InForce,
  b: InForce,
  logics: readonly Logic[],
  said: (known: Known) => unknown,
): boolean {
  const both = Object.keys({ ...a.lists, ...b.lists }).map((id): [string, string[]] => [
    id,
    [...(a.lists[id] ?? []), ...(b.lists[id] ?? [])],
  ])
  const space = spaceOf(logics, Object.fromEntries(both))
  if (space.size > combinationsMax) return false
  const under = everyKnown(space, b.lists, true)
  for (const known of everyKnown(space, a.lists, true))
    if (said(known) !== said(under.next().value ?? known)) return false
  return true
}

/** The values and elements of which two days' lists say something else. */
export function disputed(a: InForce, b: InForce): ReadonlySet<string> {
  const all = new Set<string>()
  const unlike = (was: readonly string[] = [], is: readonly string[] = []) => {
    for (const each of was) if (!is.includes(each)) all.add(each)
    for (const each of is) if (!was.includes(each)) all.add(each)
  }
  for (const id of Object.keys({ ...a.lists, ...b.lists })) unlike(a.lists[id], b.lists[id])
  for (const id of Object.keys({ ...a.instruments, ...b.instruments }))
    unlike(a.instruments[id], b.instruments[id])
  for (const id of Object.keys({ ...a.elements, ...b.elements }))
    if (JSON.stringify(a.elements[id]) !== JSON.stringify(b.elements[id])) all.add(id)
  for (const each of [boundBy(a, b), boundBy(b, a), usedBy(a, b), usedBy(b, a)].flat())
    all.add(each)
  return all
}

/** The parties of arrangements that are not the same in another day's lists. */
function boundBy({ arrangements = [] }: InForce, other: InForce): readonly string[] {
  const same = new Set((other.arrangements ?? []).map((each) => JSON.stringify(standing(each))))
  return arrangements
    .filter((each) => !same.has(JSON.stringify(standing(each))))
    .flatMap(({ sides }) => sides.flatMap((side) => Object.keys(side ?? {})))
}

/** The agencies of routine uses that are not the same in another day's lists. */
function usedBy({ routineUses = [] }: InForce, other: InForce): readonly string[] {
  const said = (use: RoutineUse) => JSON.stringify(withoutDays(use))
  const same = new Set((other.routineUses ?? []).map(said))
  return routineUses.filter((each) => !same.has(said(each))).map(({ agency }) => agency)
}

function listsRead(policy: Policy): readonly string[] {
  const before = readBefore.get(policy)
  if (before !== undefined) return before
  const { applies, byRule, rules } = policy
  const conditions = rules.flatMap(({ when, unless }) => [when, ...unless.map((each) => each.when)])
  const all = [applies, ...byRule, ...conditions].flatMap(({ lists }) => lists)
  readBefore.set(policy, all)
  return all
}

const readBefore = new WeakMap<Policy, readonly string[]>()

const filled = (
  all: Readonly<Record<string, readonly string[]>>,
  counts: (id: string, members: readonly string[]) => boolean,
) =>
  Object.entries(all)
    .map(([id, members]): [string, string[]] => [id, [...new Set(members)].sort()])
    .filter(([id, members]) => counts(id, members))

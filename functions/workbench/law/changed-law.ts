/** What is in force once a change of the law is made. */

import { isAsked } from '../../decision/arranged.ts'
import { type Arrangement, arrangementsOn } from '../../policy/arrangement.ts'
import type { Book, List } from '../../policy/book.ts'
import {
  besideToday,
  entriesOn,
  type InForce,
  inForce,
  isGoodOn,
  type RoutineUse,
  withList,
} from '../../policy/history.ts'
import type { SmallChange } from './changes.ts'
import { listsReadBy } from './decides.ts'
import { bookOf } from './law.ts'

/** What is in force after a change, from what was before: the same object if the change does not show. */
export function changed(book: Book, change: SmallChange, known: string): (now: InForce) => InForce {
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
    if (change.kind === 'list' && change.of.day === change.to.day) {
      const then = withList(now, change.of, change.to)
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

/** Whether a moved version or a changed list shows nothing on a day, found without the whole law. */
function isUnseen(change: SmallChange, now: InForce): boolean {
  const { asOf, policies, listVersions } = now
  const { of, to } = change
  const hasCome = ({ day, file }: SmallChange['of']) => besideToday(day, asOf, file.timeZone) <= 0
  if (hasCome(of) !== hasCome(to)) return false
  if (!hasCome(of)) return true
  if (change.kind === 'policy') return policies.includes(change.of)
  if (!listVersions.includes(change.of)) return of.day === to.day
  return saysTheSame(change.of, change.to, now)
}

/** Whether two texts of a list say the same on a day. */
function saysTheSame(of: List, to: List, { asOf, policies }: InForce): boolean {
  if (of.file.elements !== to.file.elements) return false
  const asks = policies.some(({ readsArrangements }) => readsArrangements)
  const said = (list: List, other: List) => [
    ...(of.file.members === to.file.members
      ? []
      : entriesOn(list, asOf).map((each) =>
          'value' in each ? each.value : `${each.membersOf} *`,
        )),
    ...(asks
      ? arrangementsOn(only('arrangements', list, other), isGoodOn(list, asOf), ownName)
          .filter(isAsked)
          .map((each) => JSON.stringify(standing(each)))
      : []),
    ...only('routineUses', list, other)
      .filter(isGoodOn(list, asOf))
      .map((each) => JSON.stringify(withoutDays(each))),
  ]
  return JSON.stringify(said(of, to)) === JSON.stringify(said(to, of))
}

/** The entries of a list that another list does not have. */
const only = <Name extends 'arrangements' | 'routineUses'>(
  name: Name,
  { file }: List,
  other: List,
): NonNullable<List['file'][Name]> => {
  if (file[name] === other.file[name]) return [] as NonNullable<List['file'][Name]>
  const same = new Set<unknown>(other.file[name])
  return (file[name] ?? []).filter((each) => !same.has(each)) as NonNullable<List['file'][Name]>
}

/** What an arrangement says while in force, without its days. */
const standing = ({ entry, sides }: Arrangement): unknown => {
  const { parties: _, suspensions: __, ...rest } = withoutDays(entry)
  return [rest, sides]
}

const withoutDays = <T extends { readonly from: string; readonly until?: string | undefined }>({
  from: _,
  until: __,
  ...rest
}: T): Omit<T, 'from' | 'until'> => rest

/** Stands for the members of a list that both texts take in. */
const ownName = (list: string): readonly string[] => [list]

const replaced = <T>(all: readonly T[], of: T, to: T): readonly T[] =>
  all.map((each) => (each === of ? to : each))

/**
 * Whether two laws say the same: the same versions, the same members on every list that a rule reads, and the
 * same parties. An instrument with fewer than two parties binds no request.
 */
export function sameLaw(a: InForce, b: InForce): boolean {
  const named = ({ policies }: InForce) => policies.map(({ id, version }) => `${id}@${version}`)
  if (a.policies !== b.policies && named(a).join() !== named(b).join()) return false
  const asks = ({ policies }: InForce) => policies.some((each) => each.readsArrangements)
  const arranged = (now: InForce) =>
    asks(now) ? now.arrangements?.filter(isAsked).map(standing) : []
  const read = (id: string) =>
    [a, b].some(({ policies }) => policies.some((each) => listsReadBy(each).has(id)))
  return (
    alike(a.lists, b.lists, (id, members) => read(id) && filled(members)) &&
    alike(a.instruments, b.instruments, (_, members) => filled(members, 2)) &&
    same(a.elements, b.elements) &&
    (a.arrangements === b.arrangements || same(arranged(a), arranged(b))) &&
    (a.routineUses === b.routineUses ||
      same(a.routineUses?.map(withoutDays), b.routineUses?.map(withoutDays)))
  )
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

type Members = readonly string[] | undefined

/** Whether `said` gives the same for the members of every list, or of every instrument. */
const alike = (
  a: InForce['lists'],
  b: InForce['lists'],
  said: (id: string, members: Members) => unknown,
): boolean =>
  a === b ||
  Object.keys({ ...a, ...b }).every((id) => a[id] === b[id] || said(id, a[id]) === said(id, b[id]))

/** The members of a list, sorted; undefined if there are fewer than `least`. */
function filled(members: Members, least = 0): string | undefined {
  const all = new Set(members)
  return members === undefined || all.size < least ? undefined : JSON.stringify([...all].sort())
}

/** The values and elements on which the lists of two laws differ. */
export function disputed(a: InForce, b: InForce): ReadonlySet<string> {
  const all = new Set<string>()
  const unlike = (was: readonly string[] = [], is: readonly string[] = []) => {
    if (was === is) return
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

/** The parties of the arrangements that are not the same in the other law. */
function boundBy({ arrangements = [] }: InForce, other: InForce): readonly string[] {
  if (arrangements === other.arrangements) return []
  const same = new Set((other.arrangements ?? []).map((each) => JSON.stringify(standing(each))))
  return arrangements
    .filter((each) => !same.has(JSON.stringify(standing(each))))
    .flatMap(({ sides }) => sides.flatMap((side) => Object.keys(side ?? {})))
}

/** The agencies of the routine uses that are not the same in the other law. */
function usedBy({ routineUses = [] }: InForce, other: InForce): readonly string[] {
  const said = (use: RoutineUse) => JSON.stringify(withoutDays(use))
  const same = new Set((other.routineUses ?? []).map(said))
  return routineUses.filter((each) => !same.has(said(each))).map(({ agency }) => agency)
}

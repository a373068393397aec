/** Every small change of a shared list: a member dropped, a day moved, a field forgotten. */

import { type Book, type List, lawId, lawPath } from '../../policy/book.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import type { SmallChange } from './changes.ts'

/** A change of a list. */
export type ListChange = Extract<SmallChange, { readonly kind: 'list' }>

type Dated = { readonly from: string; readonly until?: string | undefined }

/** The changes of one version of a shared list. */
export function listChanges(list: List): readonly ListChange[] {
  const change = (pointer: string, says: string, to: List): ListChange => ({
    path: lawPath(list),
    pointer,
    rule: lawId(list),
    says,
    kind: 'list',
    of: list,
    to,
  })
  const { members = [], elements = [], arrangements = [], routineUses = [] } = list.file
  const replaced = (name: string, entries: readonly unknown[]): List => ({
    ...list,
    file: { ...list.file, [name]: entries },
  })
  const nearby = (day: string) => [dayAfter(day, -1), dayAfter(day, 1)]
  const dated = <T extends Dated>(
    name: string,
    entries: readonly T[],
    whoIn: (entry: T) => string,
  ): readonly ListChange[] =>
    entries.flatMap((entry, i) => {
      const at = `/${name}/${i}`
      const who = whoIn(entry)
      const to = (...changed: readonly T[]) => replaced(name, entries.toSpliced(i, 1, ...changed))
      const { from, until } = entry
      return [
        change(at, `${who}: dropped`, to()),
        ...nearby(from).map((day) =>
          change(`${at}/from`, `${who}: from ${day}, not ${from}`, to({ ...entry, from: day })),
        ),
        ...(until === undefined ? [] : nearby(until)).map((day) =>
          change(`${at}/until`, `${who}: until ${day}, not ${until}`, to({ ...entry, until: day })),
        ),
      ]
    })
  return [
    ...nearby(list.day).map((day) => change('', `it starts on ${day}`, { ...list, day })),
    ...elements.flatMap((element, i) => [
      change(
        `/elements/${i}`,
        `${element.value}: dropped`,
        replaced('elements', elements.toSpliced(i, 1)),
      ),
      ...element.class.map((name, j) =>
        change(
          `/elements/${i}/class/${j}`,
          `${element.value}: never ${name}`,
          replaced(
            'elements',
            elements.with(i, { ...element, class: element.class.toSpliced(j, 1) }),
          ),
        ),
      ),
    ]),
    ...dated('members', members, (member) =>
      'value' in member ? member.value : `members of ${member.membersOf}`,
    ),
    ...dated('arrangements', arrangements, ({ id }) => id),
    ...arrangements.flatMap((entry, i) =>
      withoutParties(entry, i).map(([at, says, without]) =>
        change(at, says, replaced('arrangements', arrangements.with(i, without))),
      ),
    ),
    ...dated('routineUses', routineUses, ({ agency, system }) => `${agency} ${system}`),
  ]
}

type Arranged = NonNullable<List['file']['arrangements']>[number]

/** A multilateral arrangement without each of its parties in turn: the pointer, the words, what is left. */
const withoutParties = (
  entry: Arranged,
  i: number,
): readonly (readonly [pointer: string, says: string, without: Arranged])[] =>
  entry.multilateral === true
    ? entry.parties.map((party, j) => [
        `/arrangements/${i}/parties/${j}`,
        `${entry.id}: without ${'value' in party ? party.value : `members of ${party.membersOf}`}`,
        { ...entry, parties: entry.parties.toSpliced(j, 1) },
      ])
    : []

/** Every value about which a change lets a list say something else, on any day. */
export const namesIn = (book: Book, change: ListChange): ReadonlySet<string> =>
  new Set(changedIn(change).flatMap((entry) => namesOf(book, entry)))

/**
 * The countries whose holders give data under the changed entries: one side, if `direction` is not `both`.
 */
export function holdersIn(book: Book, change: ListChange): readonly string[] {
  const giving = changedIn(change).flatMap((entry): readonly Entry[] => {
    if (!('parties' in entry) || entry.direction === 'both') return [entry]
    return entry.parties.slice(entry.direction === 'to-second' ? 0 : 1).slice(0, 1)
  })
  const names = giving.flatMap((entry) => namesOf(book, entry))
  return [...new Set(names.map((name) => name.split('-')[0] ?? ''))]
}

/** The lists that name the parties. While one is not in force, an arrangement may bind anybody. */
export const partyListsIn = (change: ListChange): readonly string[] =>
  changedIn(change)
    .flatMap((entry) => ('parties' in entry ? entry.parties : []))
    .flatMap((party) => ('membersOf' in party ? [party.membersOf] : []))

/** The entries that a change touches, before and after it; all of them if the list's first day moves. */
export function changedIn({ of, to }: ListChange): readonly Entry[] {
  const [was, is] = [new Set(entriesOf(of)), new Set(entriesOf(to))]
  return [...was, ...is].filter((entry) => of.day !== to.day || !(was.has(entry) && is.has(entry)))
}

/**
 * What an entry is about: member, element, countries or agency, and all that were ever on a list it names.
 */
function namesOf(book: Book, entry: Entry, seen: readonly string[] = []): readonly string[] {
  if ('parties' in entry) return entry.parties.flatMap((each) => namesOf(book, each))
  if ('agency' in entry) return [entry.agency]
  if ('value' in entry) return [entry.value]
  const id = entry.membersOf
  if (seen.includes(id)) return []
  return book.lists
    .filter((list) => list.id === id)
    .flatMap(({ file }) => file.members ?? [])
    .flatMap((each) => namesOf(book, each, [...seen, id]))
}

const entriesOf = ({ file }: List): readonly Entry[] => [
  ...(file.members ?? []),
  ...(file.elements ?? []),
  ...(file.arrangements ?? []),
  ...(file.routineUses ?? []),
]

type File = List['file']
type Entry =
  | NonNullable<File['members']>[number]
  | NonNullable<File['elements']>[number]
  | NonNullable<File['arrangements']>[number]
  | NonNullable<File['arrangements']>[number]['parties'][number]
  | NonNullable<File['routineUses']>[number]

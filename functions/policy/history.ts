/** What is in force on a day, as it was known at a moment. */

import { type Arrangement, arrangementsOn, byPrecedence, type Days as Span } from './arrangement.ts'
import type { Book, List, Policy, Version } from './book.ts'
import type { ListFile } from './policy.ts'
import { covers } from './suspension.ts'

/** A day (`2026-11-24`), which means that day in every zone, or an instant (`2026-11-24T22:25:46.123Z`). */
type AsOf = string

/** What the field dictionary says of an element: the classes it may have, and the kind of its value. */
export type Element = {
  readonly classes: readonly string[]
  readonly holds: 'text' | 'date' | 'address' | 'number' | 'identifier' | 'image'
}

/** One version of each policy and the members of each list, as of one day. */
export type InForce = {
  readonly asOf: AsOf
  readonly policies: readonly Policy[]
  /** The policies whose permits are suspended, and so unanswerable. */
  readonly suspended: ReadonlySet<Policy>
  /** It may not be the law of the moment (`Book`). */
  readonly unheld?: true
  /** Members by list id. */
  readonly lists: Readonly<Record<string, readonly string[]>>
  /** The list versions that were used. */
  readonly listVersions: readonly List[]
  /** Parties by the id of the instrument. */
  readonly instruments: Readonly<Record<string, readonly string[]>>
  readonly elements: Readonly<Record<string, Element>>
  /**
   * The arrangements in force between states and agencies; absent if no list of them is in force, so that
   * none is known.
   */
  readonly arrangements?: readonly Arrangement[]
  /** What holders' own notices let them give abroad; absent if no list of it is in force. */
  readonly routineUses?: readonly RoutineUse[]
}

/** What a holder's notice lets it give abroad from one of its systems. */
export type RoutineUse = NonNullable<ListFile['routineUses']>[number]

/**
 * The calendar day of `asOf` in a time zone (IANA).
 * Days begin on a quarter of an hour in every zone, so instants of one quarter have one day.
 */
export function dayIn(asOf: AsOf, timeZone: string): string {
  if (asOf.length === 10) return asOf
  return remembered(days, `${quarterOf(asOf)} ${timeZone}`, () =>
    calendarOf(timeZone).format(new Date(asOf)),
  )
}

const days = new Map<string, string>()

/** Formats an instant as the day in a zone. Swedish writes days as ISO 8601 does. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  const made =
    calendars.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
  calendars.set(timeZone, made)
  return made
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/**
 * Compares a day with the day of `asOf` in a time zone: below 0 it is over, at 0 it is today, above 0 it is
 * to come. No zone is a whole day from UTC, so only nearby days need the zone’s calendar, which is slow to
 * make.
 */
export function besideToday(day: string, asOf: AsOf, timeZone: string): number {
  const { earliest, latest } = remembered(nearby, quarterOf(asOf), () => around(asOf))
  if (day < earliest) return -1
  if (day > latest) return 1
  const today = dayIn(asOf, timeZone)
  return day < today ? -1 : day > today ? 1 : 0
}

type Days = { readonly earliest: string; readonly latest: string }
const nearby = new Map<string, Days>()

/** The earliest and latest day that an instant falls on in any zone. */
function around(asOf: AsOf): Days {
  if (asOf.length === 10) return { earliest: asOf, latest: asOf }
  const utc = (days: number) =>
    new Date(Date.parse(asOf) + days * 86_400_000).toISOString().slice(0, 10)
  return { earliest: utc(-1), latest: utc(1) }
}

/** The quarter of an hour of an instant, counted from the epoch; a day stands for itself. */
const quarterOf = (asOf: AsOf): string =>
  asOf.length === 10 ? asOf : String(Math.floor(Date.parse(asOf) / 900_000))

/** Most results to remember: more than there are beginnings and ends in a book of thirty states. */
const rememberedMax = 1024

/** The remembered value for a key, or the result of `work`. */
export function remembered<T>(memory: Map<string, T>, key: string, work: () => T): T {
  const known = memory.get(key)
  if (known !== undefined) return known
  const value = work()
  if (memory.size >= rememberedMax) memory.clear()
  memory.set(key, value)
  return value
}

/** Completed years from one day (ISO 8601) to another. A year from 29 February is complete on 1 March. */
export const yearsBetween = (from: string, to: string): number =>
  Number(to.slice(0, 4)) - Number(from.slice(0, 4)) - (to.slice(5) < from.slice(5) ? 1 : 0)

/** Hours in an ISO 8601 duration of hours (`PT8H`) or days (`P3D`). */
export const hoursOf = (duration: string): number =>
  Number.parseInt(duration.replace(/\D+/g, ''), 10) * (duration.endsWith('D') ? 24 : 1)

/** `instant` plus a duration in hours or days, as an instant. */
export const after = (instant: string, duration: string): string =>
  new Date(Date.parse(instant) + hoursOf(duration) * 3_600_000).toISOString()

/**
 * The newest sealed version of each policy and list whose day has come in its own time zone. At `asKnown` (an
 * instant) the file must be sealed and not retired; drafts never count. Policies suspended at `asKnown` are
 * marked, whatever day `asOf` is.
 */
export function inForce(book: Book, asOf: AsOf, asKnown: string): InForce {
  const memory = known.get(book) ?? new Map<string, InForce>()
  known.set(book, memory)
  const then = Date.parse(asKnown)
  const acts = momentsIn(book).findLastIndex((moment) => moment <= then) + 1
  return remembered(memory, `${quarterOf(asOf)} ${acts}`, () => workOut(book, asOf, asKnown))
}

/**
 * Results of `inForce` by book. They stay the same within a quarter of an hour, unless a file is sealed or
 * retired, or a suspension starts or ends.
 */
const known = new WeakMap<Book, Map<string, InForce>>()

/** The moments at which any version starts or stops counting, ms since the epoch, in order. */
function momentsIn(book: Book): readonly number[] {
  const all =
    moments.get(book) ??
    [...book.policies, ...book.lists]
      .flatMap(momentsOf)
      .map((moment) => Date.parse(moment))
      .sort((a, b) => a - b)
  moments.set(book, all)
  return all
}

const moments = new WeakMap<Book, readonly number[]>()

/** The moments at which a version starts or stops counting. */
const momentsOf = ({ sealedAt, retiredAt, suspensions = [] }: Version): readonly string[] =>
  [sealedAt, retiredAt, ...suspensions.flatMap(({ from, until }) => [from, until])].filter(
    (moment) => moment !== undefined,
  )

const isKnown = ({ sealedAt, retiredAt }: Version, asKnown: string): boolean =>
  sealedAt !== undefined &&
  Date.parse(sealedAt) <= Date.parse(asKnown) &&
  (retiredAt === undefined || Date.parse(asKnown) < Date.parse(retiredAt))

function workOut(book: Book, asOf: AsOf, asKnown: string): InForce {
  const policies = current(book.policies, asOf, asKnown).filter((each) => !each.file.repealed)
  const listVersions = current(book.lists, asOf, asKnown)
  const suspended = new Set(
    policies.filter(({ suspensions }) => suspensions?.some((each) => covers(each, asKnown))),
  )
  const byId = new Map(listVersions.map((list) => [list.id, list]))
  const lists = Object.fromEntries(
    listVersions.map((list) => [list.id, membersOf(list, asOf, byId, 3)]),
  )
  return {
    ...{ asOf, policies, suspended, lists, listVersions },
    ...(book.unheld && { unheld: true }),
    instruments: instrumentsIn(listVersions, lists),
    elements: elementsIn(listVersions),
    ...arrangedOn(listVersions, asOf),
  }
}

/**
 * The same law with another version of one list. What that version does not change stays the same object, so
 * that the law of two days is compared only where it differs.
 */
export function withList(now: InForce, of: List, to: List): InForce {
  const listVersions = now.listVersions.map((each) => (each === of ? to : each))
  const byId = new Map(listVersions.map((list) => [list.id, list]))
  const changed = listVersions
    .filter((list) => list === to || list.file.members?.some((each) => 'membersOf' in each))
    .map((list): [string, readonly string[]] => [list.id, membersOf(list, now.asOf, byId, 3)])
    .filter(([id, members]) => members.join() !== now.lists[id]?.join())
  const lists = changed.length === 0 ? now.lists : { ...now.lists, ...Object.fromEntries(changed) }
  const parties = listVersions.flatMap(
    ({ file }) => file.arrangements?.flatMap((each) => each.parties) ?? [],
  )
  const isArranged =
    of.file.arrangements !== to.file.arrangements ||
    of.file.routineUses !== to.file.routineUses ||
    parties.some((each) => 'membersOf' in each && changed.some(([id]) => id === each.membersOf))
  return {
    ...{ ...now, lists, listVersions },
    ...(lists === now.lists ? {} : { instruments: instrumentsIn(listVersions, lists) }),
    ...(of.file.elements === to.file.elements ? {} : { elements: elementsIn(listVersions) }),
    ...(isArranged ? arrangedOn(listVersions, now.asOf) : {}),
  }
}

const instrumentsIn = (
  listVersions: readonly List[],
  lists: InForce['lists'],
): InForce['instruments'] =>
  Object.fromEntries(
    listVersions.flatMap(({ id, file: { instrument } }) =>
      instrument === undefined ? [] : [[instrument, lists[id] ?? []]],
    ),
  )

const elementsIn = (listVersions: readonly List[]): InForce['elements'] =>
  Object.fromEntries(
    listVersions.flatMap(({ file }) =>
      (file.elements ?? []).map((each) => [each.value, { classes: each.class, holds: each.holds }]),
    ),
  )

/** The arrangements and routine uses that lists have on a day; each is absent if no list has any. */
function arrangedOn(
  listVersions: readonly List[],
  asOf: AsOf,
): Pick<InForce, 'arrangements' | 'routineUses'> {
  const byId = new Map(listVersions.map((list) => [list.id, list]))
  const membersIn = (id: string) => {
    const list = byId.get(id)
    return list === undefined ? undefined : membersOf(list, asOf, byId, 3)
  }
  const of = <T>(entriesIn: (list: List) => readonly T[] | undefined) =>
    listVersions.some((list) => entriesIn(list) !== undefined)
      ? listVersions.flatMap((list) => entriesIn(list) ?? [])
      : undefined
  const arrangements = of(
    (list) =>
      list.file.arrangements &&
      arrangementsOn(list.file.arrangements, isGoodOn(list, asOf), membersIn),
  )
  const routineUses = of((list) => list.file.routineUses?.filter(isGoodOn(list, asOf)))
  return {
    ...(arrangements === undefined ? {} : { arrangements: arrangements.toSorted(byPrecedence) }),
    ...(routineUses === undefined ? {} : { routineUses }),
  }
}

/** Whether an entry of a list is in force on a day. `until` is the last such day. */
export function isGoodOn({ file }: List, asOf: AsOf): (days: Span) => boolean {
  const stands = (day: string) => besideToday(day, asOf, file.timeZone)
  return ({ from, until }) => stands(from) <= 0 && (until === undefined || stands(until) >= 0)
}

/** Everything in a list that starts or ends on a day. */
export const datedIn = ({
  members = [],
  arrangements = [],
  routineUses = [],
}: ListFile): readonly {
  readonly from?: string | undefined
  readonly until?: string | undefined
}[] => [
  ...members,
  ...routineUses,
  ...arrangements.flatMap((each) => [each, ...each.parties, ...(each.suspensions ?? [])]),
]

/** The entries of a list that are in force on a day. */
export const entriesOn = (list: List, asOf: AsOf): NonNullable<List['file']['members']> =>
  (list.file.members ?? []).filter(isGoodOn(list, asOf))

/** A list's members on its day. */
const membersOf = (
  list: List,
  asOf: AsOf,
  byId: ReadonlyMap<string, List>,
  depth: number,
): readonly string[] =>
  entriesOn(list, asOf).flatMap((member) => {
    if ('value' in member) return [member.value]
    const other = byId.get(member.membersOf)
    return other === undefined || depth === 0 ? [] : membersOf(other, asOf, byId, depth - 1)
  })

type Dated = Version & { readonly file: { readonly timeZone: string } }

/**
 * The newest version of each id whose day has come. One that a newer one supersedes is not read: at a start, half of all
 * versions never are.
 */
function current<T extends Dated>(
  versions: readonly T[],
  asOf: AsOf,
  asKnown: string,
): readonly T[] {
  const best = new Map<string, T>()
  for (const each of versions.filter((version) => isKnown(version, asKnown)).sort(newestFirst))
    if (!best.has(each.id) && besideToday(each.day, asOf, each.file.timeZone) <= 0)
      best.set(each.id, each)
  return [...best.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** By day, then by revision. Of several drafts for one day, if all are treated as sealed, the one without a letter. */
const newestFirst = (a: Version, b: Version): number =>
  a.day !== b.day
    ? a.day > b.day
      ? -1
      : 1
    : b.revision - a.revision || (a.version < b.version ? -1 : 1)

/** Finds what is in force at `at`, and makes a calendar, before an answer waits for them. Changes nothing. */
export function warm(book: Book, at: string): void {
  inForce(book, at, at)
  dayIn(at, 'Europe/Brussels')
}

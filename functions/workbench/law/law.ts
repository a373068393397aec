/** The law: what is in force in a book at an instant, as it is or with some version replaced. */

import type { Book, List, Policy, Version } from '../../policy/book.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { datedIn, dayIn, type InForce, inForce } from '../../policy/history.ts'
import type { ListFile } from '../../policy/policy.ts'
import { memberKey } from './clauses.ts'

/** What is in force on a day, or at an instant. */
export type LawOn = (asOf: string) => InForce

/** The law as it is, and as it would be. */
export type TwoLaws = { readonly before: InForce; readonly after: InForce }

/** A version of a policy or list, sealed or not. */
export type Draft =
  | { readonly kind: 'policy'; readonly version: Policy }
  | { readonly kind: 'list'; readonly version: List }

const beginning = '0001-01-01'
const sealedAt = `${beginning}T00:00:00Z`

/**
 * The book with a draft, as if sealed before anything was decided. Its other versions remain if they pass
 * `stays`.
 */
function replace(book: Book, draft: Draft, stays: (each: Version) => boolean): Book {
  const kept = <T extends Version>(all: readonly T[]) =>
    all.filter((each) => each.id !== draft.version.id || stays(each))
  return draft.kind === 'policy'
    ? { ...book, policies: [...kept(book.policies), { ...draft.version, sealedAt }] }
    : { ...book, lists: [...kept(book.lists), { ...draft.version, sealedAt }] }
}

/** The book with a draft in force on its own days, as if sealed before anything was decided. */
export const asIfSealed = (book: Book, draft: Draft): Book =>
  replace(
    book,
    draft,
    ({ day, revision }) => day !== draft.version.day || revision > draft.version.revision,
  )

/** The book with a version as if sealed in time, and without its newer versions. */
export const upTo = (book: Book, draft: Draft): Book =>
  replace(book, draft, (each) => isNewer(draft.version, each))

/** What is in force if one version counts on every day, in place of all its others. */
export function lawWith(book: Book, version: Policy | List, asKnown: string): LawOn {
  const draft: Draft = 'rules' in version ? { kind: 'policy', version } : { kind: 'list', version }
  const replaced = replace(book, startingAt(draft, beginning), () => false)
  return (day) => inForce(replaced, day, asKnown)
}

const startingAt = (draft: Draft, day: string): Draft =>
  draft.kind === 'policy'
    ? { ...draft, version: { ...draft.version, day } }
    : { ...draft, version: { ...draft.version, day } }

/**
 * The book with a draft in force all along. From its own day on it would touch no past decision, so it
 * replaces what it succeeds from the beginning. In a list, its new entries count, and entries that end in it
 * have ended. A correction replaces the version that it corrects, on the days of that version.
 */
export function asIfInForce(book: Book, draft: Draft): Book {
  const { version } = draft
  if (version.revision > 1) return asIfSealed(book, draft)
  const stays = (each: Version) => isNewer(each, version)
  if (draft.kind === 'policy') return replace(book, startingAt(draft, beginning), stays)
  const before = book.lists
    .filter((each) => each.id === version.id && each.sealedAt !== undefined)
    .filter((each) => isNewer(version, each))
    .reduce((a: List | undefined, b) => (a !== undefined && isNewer(a, b) ? a : b), undefined)
  const file = inFullEffect(draft.version.file, before?.file)
  return replace(book, { ...draft, version: { ...draft.version, day: beginning, file } }, stays)
}

/** The book without a version and its corrections. */
export function without(book: Book, { kind, version }: Draft): Book {
  const stays = ({ id, day, revision }: Version) =>
    id !== version.id || day !== version.day || revision < version.revision
  return kind === 'policy'
    ? { ...book, policies: book.policies.filter(stays) }
    : { ...book, lists: book.lists.filter(stays) }
}

/** Whether a version comes after another of the same policy or list. */
const isNewer = (a: Version, b: Version): boolean =>
  a.day > b.day || (a.day === b.day && a.revision > b.revision)

/** A list with all its changes in effect. */
function inFullEffect(file: ListFile, before: ListFile | undefined): ListFile {
  const { members, arrangements, routineUses } = file
  return {
    ...file,
    ...(members && { members: settled(members, before?.members, memberKey) }),
    ...(arrangements && {
      arrangements: settled(arrangements, before?.arrangements, ({ id }) => id),
    }),
    ...(routineUses && {
      routineUses: settled(routineUses, before?.routineUses, ({ agency, system, use }) =>
        [agency, system, use].join(' '),
      ),
    }),
  }
}

/** New entries count from the beginning; entries that the change ends are left out. */
function settled<T extends { readonly from: string; readonly until?: string | undefined }>(
  entries: readonly T[],
  before: readonly T[] = [],
  keyOf: (entry: T) => string,
): T[] {
  return entries.flatMap((entry) => {
    const earlier = before.filter((each) => keyOf(each) === keyOf(entry))
    if (earlier.some(({ from, until }) => from === entry.from && until === entry.until))
      return [entry]
    const { until } = entry
    const ends =
      until !== undefined && earlier.some((each) => each.until === undefined || each.until > until)
    if (ends) return []
    const { until: _, ...rest } = entry
    return [{ ...rest, from: beginning } as T]
  })
}

/**
 * What is in force in a book at any instant, as known at `asKnown`. While nothing starts or ends, this
 * returns the same object, so a caller may keep what it worked out from it. Suspensions are left out: they
 * stop only what is asked now.
 */
export function lawOver(book: Book, asKnown: string): LawOn {
  const zones = [...Map.groupBy(startsOf(book), ({ timeZone }) => timeZone)].map(
    ([timeZone, starts]) => ({ timeZone, days: [...new Set(starts.map(({ day }) => day))] }),
  )
  const begun = (instant: string) =>
    zones
      .map(({ timeZone, days }) => {
        const today = dayIn(instant, timeZone)
        return days.filter((day) => day <= today).length
      })
      .join(' ')
  const laws = new Map<string, InForce>()
  const wholeDays = new Map<string, string | undefined>()
  return (instant) => {
    // In every zone, days only begin. So what has begun at both ends of a UTC day has begun all through it.
    const day = instant.slice(0, 10)
    if (!wholeDays.has(day)) {
      const [first, last] = [begun(`${day}T00:00:00Z`), begun(`${day}T23:59:59Z`)]
      wholeDays.set(day, first === last ? first : undefined)
    }
    const key = wholeDays.get(day) ?? begun(instant)
    const law = laws.get(key) ?? {
      ...inForce(book, instant, asKnown),
      suspended: new Set<Policy>(),
    }
    laws.set(key, law)
    return law
  }
}

/** Every day on which a version, or an entry of a list, starts or no longer counts. */
const startsOf = ({ policies, lists }: Book) => [
  ...[...policies, ...lists].map(({ day, file: { timeZone } }) => ({ day, timeZone })),
  ...lists.flatMap(({ file }) =>
    datedIn(file).flatMap(({ from, until }) => [
      ...(from === undefined ? [] : [{ day: from, timeZone: file.timeZone }]),
      ...(until === undefined ? [] : [{ day: dayAfter(until, 1), timeZone: file.timeZone }]),
    ]),
  ),
]

/** Two laws over time; the same object for the same two laws. */
export function bothLaws(before: LawOn, after: LawOn): (instant: string) => TwoLaws {
  const made = new Map<InForce, Map<InForce, TwoLaws>>()
  return (instant) => {
    const [was, is] = [before(instant), after(instant)]
    const known = made.get(was) ?? new Map<InForce, TwoLaws>()
    const laws = known.get(is) ?? { before: was, after: is }
    made.set(was, known.set(is, laws))
    return laws
  }
}

/** What is in force on a day, as cases about a version see it. */
export type Laws = (day: string, about: string | undefined) => InForce

/**
 * The law of a book whose files all count as sealed at the instant `known`. Cases about a corrected version
 * see the law before the correction.
 */
export function lawsOf(book: Book, known: string): Laws {
  const books = new Map<string | undefined, Book>()
  return (day, about) => {
    const seen = books.get(about) ?? asBefore(book, about)
    books.set(about, seen)
    const now = inForce(seen, day, known)
    bookOf.set(now, seen)
    return now
  }
}

/** The book that a day's law was read from. Cases about a corrected version see another book. */
export const bookOf = new WeakMap<InForce, Book>()

/** The book without the later corrections and the other drafts of the version that `about` names. */
function asBefore(book: Book, about: string | undefined): Book {
  const subject = book.policies.find(({ id, version }) => `${id}@${version}` === about)
  if (subject === undefined) return book
  const later = book.policies.filter(
    (each) =>
      each.id === subject.id &&
      each.day === subject.day &&
      each.revision >= subject.revision &&
      each !== subject,
  )
  if (later.length === 0) return book
  return { ...book, policies: book.policies.filter((each) => !later.includes(each)) }
}

/** When each version and each entry of a list was in force, and what is odd about it. */

import { type Book, type List, oldestFirst, type Policy, type Version } from '../../policy/book.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { type Member, memberKey } from './clauses.ts'

/**
 * How a version or an entry stands on a day. `corrected`: a later version for the same day took its place.
 */
type State = 'in force' | 'past' | 'to come' | 'draft' | 'repealed' | 'corrected' | 'retired'

/** A stretch of days; without `until` it is open. */
export type Stretch = { readonly from: string; readonly until?: string; readonly state: State }

/** A version with its stretch. */
type VersionStretch = Stretch & {
  readonly version: string
  readonly sealedAt?: string
  readonly repealed?: true
}

/** An entry of a list with its stretch. */
type EntryStretch = Stretch & { readonly who: string; readonly cites: string }

/** One policy or list in time. */
export type Strip = {
  readonly id: string
  readonly title: string
  readonly versions: readonly VersionStretch[]
  readonly entries: readonly EntryStretch[]
  readonly notes: readonly string[]
}

/** Every policy, then every list, as they stand on a day. */
export const timeline = ({ policies, lists }: Book, today: string): readonly Strip[] => [
  ...strips(policies, today, (id) => id),
  ...strips(lists, today, (id) => `lists/${id}`),
]

function strips<T extends Policy | List>(
  all: readonly T[],
  today: string,
  named: (id: string) => string,
): readonly Strip[] {
  return [...Map.groupBy(all, ({ id }) => id)].map(([id, group]): Strip => {
    const ordered = group.toSorted(oldestFirst)
    const versions = ordered.map((each) => versionSpan(each, ordered, today))
    const last = ordered.findLast((_, i) => versions[i]?.state === 'in force') ?? ordered.at(-1)
    const entries = last === undefined ? [] : entrySpans(last.file, today)
    return {
      id: named(id),
      title: last?.file.title ?? id,
      versions,
      entries,
      notes: [
        ...versions.flatMap((each, i) => versionNotes(each, versions.slice(0, i), versions)),
        ...[...Map.groupBy(entries, ({ who }) => who)].flatMap(([who, spans]) =>
          entryNotes(who, spans, today),
        ),
      ],
    }
  })
}

/**
 * A sealed version ends the day before the next sealed one starts; a draft does not count yet. A corrected
 * version has the same days as its correction, which decides all of them since it was sealed.
 */
function versionSpan(each: Policy | List, all: readonly Version[], today: string): VersionStretch {
  const { version, day: from, sealedAt } = each
  if (sealedAt === undefined) return { version, from, state: 'draft' }
  if (isRetired(each, today)) return { version, from, state: 'retired' }
  const later = all
    .slice(all.indexOf(each) + 1)
    .filter((other) => other.sealedAt !== undefined && !isRetired(other, today))
  const next = later.find(({ day }) => day !== from)
  const until = next === undefined ? undefined : dayAfter(next.day, -1)
  const stands =
    from > today ? 'to come' : until !== undefined && until < today ? 'past' : 'in force'
  const repealed = 'repealed' in each.file && each.file.repealed === true
  return {
    version,
    from,
    sealedAt,
    ...(until === undefined ? {} : { until }),
    ...(repealed ? { repealed } : {}),
    state:
      later[0]?.day === from
        ? 'corrected'
        : repealed && stands === 'in force'
          ? 'repealed'
          : stands,
  }
}

const isRetired = ({ retiredAt }: Version, today: string): boolean =>
  retiredAt !== undefined && retiredAt.slice(0, 10) <= today

/** The entries of a list that start and end on days of their own. */
function entrySpans(file: Policy['file'] | List['file'], today: string): readonly EntryStretch[] {
  if ('rules' in file) return []
  const { members = [], arrangements = [], routineUses = [] } = file
  return [
    ...members.map((each) => entrySpan(memberKey(each), each, today)),
    ...arrangements.map((each) => entrySpan(each.id, each, today)),
    ...routineUses.map((each) => entrySpan(`${each.agency} (${each.system})`, each, today)),
  ]
}

type Entry = Pick<Member, 'from' | 'until' | 'cites'>

function entrySpan(who: string, { from, until, cites }: Entry, today: string): EntryStretch {
  const ended = until !== undefined && until < today
  return {
    who,
    from,
    ...(until === undefined ? {} : { until }),
    cites,
    state: from > today ? 'to come' : ended ? 'past' : 'in force',
  }
}

function versionNotes(
  each: VersionStretch,
  earlier: readonly VersionStretch[],
  all: readonly VersionStretch[],
): readonly string[] {
  const { version, from, until, sealedAt, state } = each
  const name = (one: VersionStretch) => one.version.replace(/\.[b-z]$/, '')
  const chosen = all.find((one) => one.sealedAt !== undefined && name(one) === name(each))
  if (state === 'draft' && chosen !== undefined)
    return [`${version} is a draft that is superseded: ${chosen.version} was sealed instead.`]
  if (state === 'retired') return [`${version} was retired: two people let it count no longer.`]
  const rival = earlier.findLast((other) => other.from === from && other.state !== 'retired')
  if (state === 'draft')
    return [
      `${version} is a draft: it counts once two people have sealed it.`,
      ...(rival === undefined ? [] : [`${rival.version} and ${version} are for one day.`]),
    ]
  if (rival !== undefined && sealedAt !== undefined && name(rival) !== name(each))
    return [`${version} corrects ${rival.version} for requests after ${sealedAt.slice(0, 10)}.`]
  if (each.repealed)
    return [`It is repealed from ${from}${until === undefined ? ' on' : ` until ${until}: a gap`}.`]
  return state === 'to come' ? [`${version} comes into force on ${from}.`] : []
}

/** Gaps, overlaps and the end of one member's entries. */
function entryNotes(who: string, spans: readonly EntryStretch[], today: string): readonly string[] {
  const ordered = spans.toSorted((a, b) => (a.from < b.from ? -1 : 1))
  const notes: string[] = []
  let covered = ''
  for (const { from, until } of ordered) {
    const next = covered === '' ? from : dayAfter(covered, 1)
    if (covered !== '' && from > next)
      notes.push(`${who} is not on the list from ${next} until ${dayAfter(from, -1)}: a gap.`)
    if (covered >= from)
      notes.push(
        `${who} is on the list twice from ${from} until ${[covered, until ?? covered].sort()[0]}.`,
      )
    covered = [covered, until ?? '9999-12-30'].sort().at(-1) ?? covered
  }
  if (covered < today) notes.push(`${who} is on the list no longer, since ${dayAfter(covered, 1)}.`)
  else if (covered < dayAfter(today, 180))
    notes.push(`${who} is on the list until ${covered} only.`)
  return notes
}

/** The versions sealed after their first day, by the day of the seal. Until then nobody decided by them. */
export const sealedLate = (strips: readonly Strip[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [
      ...Map.groupBy(
        strips.flatMap(({ id, versions }) =>
          versions.flatMap(({ version, from, sealedAt }) =>
            sealedAt !== undefined && sealedAt.slice(0, 10) > from
              ? [{ name: `${id}@${version}`, day: sealedAt.slice(0, 10) }]
              : [],
          ),
        ),
        ({ day }) => day,
      ),
    ].map(([day, all]) => [day, all.map(({ name }) => name)]),
  )

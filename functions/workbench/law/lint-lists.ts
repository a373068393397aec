/** Finds what is wrong with lists: days, names that lead nowhere, unread lists, and periods of retention. */

import type { Policy } from '../../policy/book.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { yearsBetween } from '../../policy/history.ts'
import type { ListFile } from '../../policy/policy.ts'
import { retentionList } from '../../policy/retention.ts'
import { presumedList } from '../../policy/vouching.ts'
import { holdsNothing } from '../../policy/words.ts'
import { type Member, memberKey } from './clauses.ts'
import { conditionsOf } from './decides.ts'
import { at, type NoteOn, noteFault, type ReadFile, type TakeNote } from './finding.ts'
import { listOf, objectOf } from './lint-file.ts'

/** An entry that ended longer ago is history: it gets a note, not a warning. */
const recentYears = 1

type Entry = Pick<Member, 'from' | 'until'>

/** Notes entries of one member that overlap, leave a gap, end before they start, or have ended. */
export function lintMembers(file: ListFile, asOf: string | undefined, note: TakeNote): void {
  const { members = [], arrangements = [], routineUses = [] } = file
  const all = members.map((member, i) => ({ member, at: `/members/${i}` }))
  const others = [
    ...arrangements.map((entry, i) => ({ entry, name: entry.id, at: `/arrangements/${i}` })),
    ...routineUses.map((entry, i) => ({ entry, name: entry.agency, at: `/routineUses/${i}` })),
  ]
  for (const { member, at } of all) lintSpan(member, at, note)
  for (const [i, { from, parties, suspensions = [] }] of arrangements.entries()) {
    for (const [j, party] of parties.entries())
      lintSpan({ ...party, from: party.from ?? from }, `/arrangements/${i}/parties/${j}`, note)
    for (const [j, each] of suspensions.entries())
      lintSpan(each, `/arrangements/${i}/suspensions/${j}`, note)
  }
  for (const { entry, name, at } of others) {
    lintSpan(entry, at, note)
    if (asOf !== undefined) lintEnd(name, entry, at, asOf, note)
  }
  for (const [name, entries] of Map.groupBy(all, ({ member }) => memberKey(member))) {
    const sorted = entries.toSorted((a, b) => (a.member.from < b.member.from ? -1 : 1))
    for (const [i, { member, at }] of sorted.entries()) {
      const next = sorted[i + 1]
      if (next !== undefined) lintPair(name, member, next.member, next.at, note)
      else if (asOf !== undefined) lintEnd(name, member, at, asOf, note)
    }
  }
}

function lintSpan({ from, until }: Entry, at: string, note: TakeNote): void {
  if (until !== undefined && until < from)
    note(`${at}/until`, 'day', `it ends on ${until}, before it starts`, `write ${from} or later`)
}

function lintPair(name: string, one: Member, next: Member, at: string, note: TakeNote): void {
  const { until } = one
  const warning = 'warning' as const
  // A later instrument may extend an entry before the earlier one ends: then the overlap is what both say.
  const isExtended = until !== undefined && next.cites !== one.cites
  if (until === undefined || next.from <= until)
    note(
      `${at}/from`,
      'overlap',
      `two entries of ${name} overlap: one runs ${until === undefined ? 'without end' : `until ${until}`}`,
      until === undefined
        ? `end the earlier entry on ${dayAfter(next.from, -1)}`
        : `nothing if the law says so; else start it on ${dayAfter(until, 1)}`,
      isExtended ? 'note' : warning,
    )
  else if (next.from > dayAfter(until, 1))
    note(
      `${at}/from`,
      'gap',
      `${name} is off the list from ${dayAfter(until, 1)} to ${dayAfter(next.from, -1)}`,
      `nothing if the law says so; else start it on ${dayAfter(until, 1)}`,
      warning,
    )
}

function lintEnd(name: string, { until }: Entry, at: string, asOf: string, note: TakeNote): void {
  if (until === undefined || until >= asOf) return
  const recent = yearsBetween(until, asOf) < recentYears
  note(
    `${at}/until`,
    'expired',
    `${name} is off the list since ${until}`,
    'add an entry if the law was renewed',
    recent ? 'warning' : 'note',
  )
}

/** Notes lists that are named but do not exist, and arrangements whose id is taken already. */
export function lintNames(read: readonly ReadFile[], noteOn: NoteOn): void {
  const lists = read.filter(({ folder }) => folder === 'lists')
  const ids = new Set(lists.map(({ id }) => id))
  const taken = new Map<string, string>()
  for (const { path, id: own, value } of lists) {
    const note = noteOn(path)
    const { members, arrangements } = objectOf(value)
    const named = (entries: unknown, ...place: readonly PropertyKey[]) => {
      for (const [i, each] of listOf(entries).entries()) {
        const { membersOf } = objectOf(each)
        if (typeof membersOf !== 'string' || ids.has(`lists/${membersOf}`)) continue
        const message = `there is no list \`${membersOf}\``
        noteFault({ place: at(...place, i, 'membersOf'), code: 'list', message }, note)
      }
    }
    named(members, 'members')
    const here = new Set<unknown>()
    for (const [i, each] of listOf(arrangements).entries()) {
      const { id, parties } = objectOf(each)
      named(parties, 'arrangements', i, 'parties')
      if (typeof id !== 'string') continue
      const message = `there is an arrangement \`${id}\` already`
      if (here.has(id) || (taken.get(id) ?? own) !== own)
        noteFault({ place: at('arrangements', i, 'id'), code: 'id', message }, note)
      here.add(id)
      taken.set(id, taken.get(id) ?? own)
    }
  }
}

/** Lists that no rule has to name: the gateway itself reads them. */
const readByGateway = [retentionList, presumedList].map((list) => `lists/${list}`)

/** Notes lists that nobody reads. */
export function lintUnused(
  read: readonly ReadFile[],
  policies: readonly Policy[],
  noteOn: NoteOn,
): void {
  const used = usedLists(read, policies)
  for (const { path, value, id } of read) {
    if (!id.startsWith('lists/') || used.has(id.slice('lists/'.length))) continue
    const { instrument, elements, arrangements, routineUses } = objectOf(value)
    const isRead = [instrument, elements, arrangements, routineUses].some(
      (each) => each !== undefined,
    )
    const fix = 'read it in a rule, or take it away'
    if (!isRead && !readByGateway.includes(id))
      noteOn(path)('', 'unused', 'no rule and no list reads it', fix, 'warning')
  }
}

/** Lists that a condition reads, or that give their members to another. */
function usedLists(read: readonly ReadFile[], policies: readonly Policy[]): ReadonlySet<string> {
  const used = new Set<string>()
  for (const { lists } of policies.flatMap(conditionsOf)) for (const id of lists) used.add(id)
  for (const { value } of read) {
    const { members, arrangements } = objectOf(value)
    const parties = listOf(arrangements).flatMap((each) => listOf(objectOf(each).parties))
    for (const each of [...listOf(members), ...parties]) {
      const { membersOf } = objectOf(each)
      if (typeof membersOf === 'string') used.add(membersOf)
    }
  }
  return used
}

/** A list that fits its schema, with its path. */
export type NamedList = { readonly path: string; readonly id: string; readonly file: ListFile }

/**
 * Notes every holder for whom the newest retention list states no period on a day. A holder is a state or
 * body with a ground in its own folder. `lists` are the newest version of each.
 */
export function lintRetention(
  lists: readonly NamedList[],
  policies: readonly Policy[],
  asOf: string,
  noteOn: NoteOn,
): void {
  for (const { path, id, file } of lists)
    for (const [i, member] of (file.members ?? []).entries()) {
      const isKept = 'value' in member && member.kept !== undefined
      if (isKept === (id === `lists/${retentionList}`)) continue
      noteOn(path)(
        at('members', i),
        'retention',
        isKept ? 'no period is read here' : 'it says no period',
        isKept ? `write it in lists/${retentionList}` : 'add `kept`: see FORMAT.md, Lists',
      )
    }
  // Without any list, these are some files, not a whole folder.
  if (lists.length === 0) return
  const periods = lists.find(({ id }) => id === `lists/${retentionList}`)
  const path = periods?.path ?? `lists/${retentionList}/${asOf}.json`
  const isThere = (holder: string) =>
    periods?.file.members?.some(
      (member) =>
        'value' in member &&
        member.value === holder &&
        member.from <= asOf &&
        (member.until === undefined || member.until >= asOf),
    )
  for (const holder of holdersOf(policies))
    if (!isThere(holder))
      noteOn(path)(
        at('members'),
        'retention',
        `it says not how long the log of ${holder} is kept, which has a ground of its own`,
        `add an entry with "value": "${holder}" and \`kept\`: see FORMAT.md, Lists`,
      )
}

const holdersOf = (policies: readonly Policy[]): readonly string[] =>
  [
    ...new Set(
      policies
        .filter(({ file }) => file.kind === 'ground' && !file.repealed)
        .map(({ folder }) => folder)
        .filter((folder) => /^([a-z]{2}|interpol|europol)$/.test(folder))
        .filter((folder) => !holdsNothing(folder)),
    ),
  ]
    .map((folder) => folder.toUpperCase())
    .sort()

/** Days: gaps, overlaps and ends in lists, and versions in an order that cannot be meant. */

import { yearsBetween } from '../policy/history.ts'
import type { ListFile } from '../policy/policy.ts'
import type { Dated, Note } from './finding.ts'
import { dayAfter } from './values.ts'

type Member = NonNullable<ListFile['members']>[number]

/** An end that lies further back is history, and only noted. */
const recentYears = 1

type Entry = Pick<Member, 'from' | 'until'>

/** Notes entries of one member that overlap, leave a gap, end before they start, or have ended. */
export function lintMembers(file: ListFile, asOf: string | undefined, note: Note): void {
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
  for (const [name, entries] of Map.groupBy(all, ({ member }) => nameOf(member))) {
    const sorted = entries.toSorted((a, b) => (a.member.from < b.member.from ? -1 : 1))
    for (const [i, { member, at }] of sorted.entries()) {
      const next = sorted[i + 1]
      if (next !== undefined) lintPair(name, member, next.member, next.at, note)
      else if (asOf !== undefined) lintEnd(name, member, at, asOf, note)
    }
  }
}

function lintSpan({ from, until }: Entry, at: string, note: Note): void {
  if (until !== undefined && until < from)
    note(`${at}/until`, 'day', `it ends on ${until}, before it starts`, `write ${from} or later`)
}

const nameOf = (member: Member): string =>
  'value' in member ? member.value : `members of ${member.membersOf}`

function lintPair(name: string, one: Member, next: Member, at: string, note: Note): void {
  const { until } = one
  const warning = { severity: 'warning' } as const
  // What a later instrument extended before the earlier one had ended stands as the two say.
  const isExtended = until !== undefined && next.cites !== one.cites
  if (until === undefined || next.from <= until)
    note(
      `${at}/from`,
      'overlap',
      `two entries of ${name} overlap: one runs ${until === undefined ? 'without end' : `until ${until}`}`,
      until === undefined
        ? `end the earlier entry on ${dayAfter(next.from, -1)}`
        : `nothing if the law says so; else start it on ${dayAfter(until, 1)}`,
      isExtended ? { severity: 'note' } : warning,
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

function lintEnd(name: string, { until }: Entry, at: string, asOf: string, note: Note): void {
  if (until === undefined || until >= asOf) return
  const recent = yearsBetween(until, asOf) < recentYears
  note(
    `${at}/until`,
    'expired',
    `${name} is off the list since ${until}`,
    'add an entry if the law was renewed',
    {
      severity: recent ? 'warning' : 'note',
    },
  )
}

/** Notes corrections of nothing, and versions that were sealed before what they follow. */
export function lintOrder(versions: readonly Dated[], noteOn: (path: string) => Note): void {
  for (const same of Map.groupBy(versions, ({ id }) => id).values()) {
    const sorted = same.toSorted((a, b) =>
      a.day < b.day ? -1 : a.day > b.day ? 1 : a.revision - b.revision,
    )
    for (const [i, each] of sorted.entries()) {
      const before = sorted[i - 1]
      const sameDay = before?.day === each.day
      if (each.revision > 1 && !sameDay)
        noteOn(each.path)(
          '',
          'order',
          'it corrects a file that is not there',
          `name it \`${each.day}.json\``,
        )
      if (
        sameDay &&
        before?.sealedAt !== undefined &&
        each.sealedAt !== undefined &&
        each.sealedAt < before.sealedAt
      )
        noteOn(each.path)(
          '',
          'order',
          `it was sealed before \`${before.path}\`, which it corrects`,
          'seal the correction anew, under the next number',
          { severity: 'warning' },
        )
    }
  }
}

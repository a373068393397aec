/** Every entry about a subject: by the identifiers given, and by those of the record that they led to. */

import { type OpenedEntry, openAny } from '../answer/opened.ts'
import type { AboutSubject } from '../answer/said.ts'
import { identifierOf } from '../decision/record.ts'
import type { AuditLine, Lookups } from '../log-ports.ts'
import type { Generation, Stored, World } from '../ports.ts'
import { readLines } from './read-lines.ts'

/** What finding works with. */
export type AboutWorld = Pick<World, 'now' | 'ledger' | 'subjectKeys' | 'secrets'> & {
  readonly lookups: Lookups
}

/** An entry that still opens. */
export type OpenEntry = { readonly stored: Stored; readonly opened: OpenedEntry }

/** Most entries of one act: their ids are part of its entry, which has 400 KB. */
export const entriesMax = 2000

/**
 * What there is about the subjects of these pseudonyms, with the entries themselves, and which of its
 * keys are held; undefined if it is more than one act may be about.
 *
 * INVARIANT (nobody else): one identifier leads to the others only through an entry that matched exactly
 * one record. One that fits several records leads nowhere: given as such it stands for the entries that
 * were asked by it, and found on the way for nothing.
 */
export async function entriesAbout(
  jurisdiction: string,
  given: readonly string[],
  world: AboutWorld,
): Promise<
  | { readonly about: AboutSubject; readonly entries: readonly OpenEntry[]; readonly held: number }
  | undefined
> {
  const pseudonym = (identifier: string) => world.secrets.pseudonym(jurisdiction, identifier)
  const listed = listing(jurisdiction, world)
  const found = new Map<string, OpenEntry>()
  const whole = new Set<string>()
  const subjects = new Set(given)
  // A set that grows while it is gone through: each identifier is looked under once.
  for (const subject of subjects) {
    const entries = await listed(subject)
    const isWhole = !fitsSeveral(subject, entries, pseudonym)
    if (isWhole) whole.add(subject)
    for (const entry of entries) {
      if (!isWhole && !(given.includes(subject) && askedOf(entry) === subject)) continue
      found.set(entry.stored.leaf.eid, entry)
      if (isWhole) for (const next of leadsTo(entry, pseudonym)) subjects.add(next)
    }
    if (found.size > entriesMax) return undefined
  }

  const kids = new Set([...found.values()].map(({ stored }) => stored.kid))
  const asked = new Set([...whole, ...[...found.values()].map(askedOf)])
  const keys: Generation[] = []
  for (const subject of asked) {
    const generations = await world.subjectKeys.generations(jurisdiction, subject)
    keys.push(...generations.filter(({ kid }) => whole.has(subject) || kids.has(kid)))
    // What stands under the same key goes the same way, whomever it is about.
    for (const entry of await listed(subject))
      if (kids.has(entry.stored.kid)) found.set(entry.stored.leaf.eid, entry)
  }
  if (found.size > entriesMax) return undefined
  const about = {
    subjects: [...subjects],
    entries: [...found.keys()].sort(),
    keys: keys.map(({ kid }) => kid),
    owners: [...new Set(keys.map(({ subject }) => subject))],
    shared: given.filter((each) => !whole.has(each)).length,
    requesters: tally(
      [...found.values()].map(({ stored: { leaf } }) => leaf.aj),
      jurisdiction,
    ),
  }
  return {
    about,
    entries: [...found.values()],
    held: keys.filter(({ isHeld }) => isHeld).length,
  }
}

/** How often each occurs but one. */
const tally = (all: readonly string[], but: string): Readonly<Record<string, number>> => {
  const others = Map.groupBy(all.filter((each) => each !== but).sort(), (each) => each)
  return Object.fromEntries([...others].map(([each, { length }]) => [each, length]))
}

/** Lists the entries under a pseudonym that still open, and remembers them for this once. */
function listing(jurisdiction: string, world: AboutWorld) {
  const lists = new Map<string, Promise<readonly OpenEntry[]>>()
  return (subject: string): Promise<readonly OpenEntry[]> => {
    const list =
      lists.get(subject) ??
      linesOf(jurisdiction, subject, world.lookups).then((lines) =>
        openAll(
          lines.map(({ id }) => id),
          world,
        ),
      )
    lists.set(subject, list)
    return list
  }
}

/** Lines of the entries of a jurisdiction's own log about a subject, one more than may be at most. */
export async function linesOf(
  jurisdiction: string,
  subject: string,
  lookups: Lookups,
): Promise<readonly AuditLine[]> {
  const key = { jurisdiction, by: 'subject', value: subject } as const
  // What others' logs say of a request of ours is under their keys.
  const wanted = (line: AuditLine) => line.side === 'holder'
  const [limit, readMax] = [entriesMax + 1, Number.POSITIVE_INFINITY]
  return (await readLines(lookups, { key, range: {}, wanted, limit, readMax })).lines
}

/** Those of these entries that do not open any more. */
export async function unreadable(
  eids: readonly string[],
  { ledger, subjectKeys }: Pick<AboutWorld, 'ledger' | 'subjectKeys'>,
): Promise<readonly string[]> {
  const entries = [...(await ledger.readAll(eids))]
  const kids = [...new Set(entries.map(([, { kid }]) => kid))]
  const isOpen = new Map(
    await Promise.all(
      kids.map(async (kid) => [kid, (await subjectKeys.open(kid)) !== undefined] as const),
    ),
  )
  return entries.filter(([, { kid }]) => isOpen.get(kid) === false).map(([eid]) => eid)
}

/** Those of these entries that still open. */
async function openAll(
  eids: readonly string[],
  world: Pick<AboutWorld, 'ledger' | 'subjectKeys'>,
): Promise<readonly OpenEntry[]> {
  const entries = [...(await world.ledger.readAll(eids)).values()]
  const all = await Promise.all(
    entries.map(async (stored) => ({ stored, opened: await openAny(stored, world) })),
  )
  return all.flatMap(({ stored, opened }) => (opened === undefined ? [] : [{ stored, opened }]))
}

/** What the parts of an entry that lead on look like; an entry has those of its kind. */
type Leads = {
  readonly subject?: {
    readonly asked?: string
    readonly match?: string
    readonly found?: readonly (string | readonly string[])[]
  }
  readonly matter?: { readonly holder?: string }
  readonly told?: { readonly recordId?: string | null }
}

// A cast: whatever its kind, an entry was made here, and every member may be absent.
const leadsOf = ({ opened }: OpenEntry): Leads => opened.values as Leads

/** The pseudonym whose key an entry is kept under. */
const askedOf = (entry: OpenEntry): string => leadsOf(entry).subject?.asked ?? ''

/** Whether the log shows an identifier to be that of several records: of one holder, or by their id. */
function fitsSeveral(
  subject: string,
  entries: readonly OpenEntry[],
  pseudonym: (identifier: string) => string,
): boolean {
  const leads = entries.map(leadsOf)
  const ones = leads.filter((each) => each.subject?.match === 'one')
  const holders = new Set(ones.map(({ matter }) => matter?.holder))
  const records = new Set(ones.map(({ matter, told }) => `${matter?.holder} ${told?.recordId}`))
  const isRecordId = ones.some(
    ({ told }) => pseudonym(identifierOf({ recordId: told?.recordId ?? '' })) === subject,
  )
  return (
    records.size > (isRecordId ? 1 : holders.size) ||
    leads.some((each) => each.subject?.match === 'several' && each.subject.asked === subject)
  )
}

/** Further pseudonyms of the one person whom an entry is about. */
function leadsTo(entry: OpenEntry, pseudonym: (identifier: string) => string): readonly string[] {
  const { subject, told } = leadsOf(entry)
  if (subject?.match !== 'one') return []
  // What its holder did to the record is kept under a name of its own.
  return [...(subject.found ?? []).flat(), pseudonym(`kept:${told?.recordId}`)]
}

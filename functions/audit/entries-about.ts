/**
 * Finds every entry about a subject, by the identifiers given and by those of the record that they lead to;
 * makes pseudonyms for identifiers; and decides how much of an entry a purpose may read.
 */

import * as z from 'zod'
import { type OpenedEntry, openAny } from '../answer/entries/reader.ts'
import type { AboutSubject } from '../answer/entries/values.ts'
import { filesOf } from '../answer/records/contents.ts'
import { identifierOf, subjectSchema } from '../decision/record.ts'
import { agencyId, caseReference } from '../decision/request.ts'
import type { AuditLine, AuditWorld, LookupKey, Lookups } from '../log-ports.ts'
import type { Generation, Stored, World } from '../ports.ts'
import { caseIdentifier, lookupRows } from '../sealing/lookup-rows.ts'
import { untoldIn } from './findings.ts'
import { type Asker, isForCourt, type LookRead, type Purpose, purposeSchema } from './look.ts'
import { readLines, tally } from './read-lines.ts'

/** What it takes to find entries. */
export type AboutWorld = Pick<World, 'now' | 'ledger' | 'subjectKeys' | 'secrets'> & {
  readonly lookups: Lookups
}

/** An entry that still opens. */
export type OpenEntry = { readonly stored: Stored; readonly opened: OpenedEntry }

/** Most entries of one act: its own entry lists their ids, and holds 400 KB. */
export const entriesMax = 2000

/**
 * What the log has about the subject of these pseudonyms, the entries themselves, and how many of its keys are
 * held; undefined if there are more entries than one act may be about.
 *
 * INVARIANT (nobody else): one identifier leads to others only through an entry that matched exactly one
 * record. An identifier that fits several records leads nowhere: if it was given, it stands only for the
 * entries asked by it; if it was found on the way, for none.
 *
 * INVARIANT (a refusal tells nothing): whoever asked by an identifier that is not given, and was told nothing of the
 * record, keeps what they were told: else an act by the person’s document would tell what a name had found.
 */
export async function entriesAbout(
  jurisdiction: string,
  given: readonly string[],
  world: AboutWorld,
): Promise<
  | {
      readonly about: AboutSubject
      /** Those that an act is about whole; and the ids of all, also of those in which it is about what was found alone. */
      readonly entries: readonly OpenEntry[]
      readonly all: readonly string[]
      readonly held: number
    }
  | undefined
> {
  const pseudonym = (identifier: string) => world.secrets.pseudonym(jurisdiction, identifier)
  const listed = listing(jurisdiction, world)
  const found = new Map<string, OpenEntry>()
  const whole = new Set<string>()
  const subjects = new Set(given)
  // The set grows while we iterate, so each identifier is looked up once.
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

  const untold = untoldIn([...found.values()], given)
  const untoldKids = new Set(untold.map(({ kid }) => kid))
  const inPart = [...found.keys()].filter((eid) => untoldKids.has(found.get(eid)?.stored.kid ?? ''))
  for (const eid of inPart) found.delete(eid)
  let held = 0
  for (const owner of new Set(untold.map((each) => each.owner)))
    for (const { kid, isHeld } of await world.subjectKeys.generations(jurisdiction, owner))
      if (isHeld && untoldKids.has(kid)) held += 1

  const kids = new Set([...found.values()].map(({ stored }) => stored.kid))
  const asked = new Set([...whole, ...[...found.values()].map(askedOf)])
  const keys: Generation[] = []
  for (const subject of asked) {
    const generations = await world.subjectKeys.generations(jurisdiction, subject)
    const isMeant = ({ kid }: Generation) =>
      kids.has(kid) || (whole.has(subject) && !untold.some(({ owner }) => owner === subject))
    keys.push(...generations.filter(isMeant))
    // The contents of files of a record go with the holder's acts on it.
    if (whole.has(subject))
      keys.push(...(await world.subjectKeys.generations(jurisdiction, filesOf(subject))))
    // Entries under the same key share its fate, whoever they are about.
    for (const entry of await listed(subject))
      if (kids.has(entry.stored.kid)) found.set(entry.stored.leaf.eid, entry)
  }
  if (found.size > entriesMax) return undefined
  const callers = [...found.values()].map(({ stored: { leaf } }) => leaf.aj)
  const about = {
    subjects: [...subjects],
    entries: [...found.keys()].sort(),
    keys: keys.map(({ kid }) => kid),
    owners: [...new Set(keys.map(({ subject }) => subject))],
    shared: given.filter((each) => !whole.has(each)).length,
    requesters: tally(callers.filter((each) => each !== jurisdiction).sort()),
    ...(untold.length > 0 && { untold }),
  }
  return {
    about,
    entries: [...found.values()],
    all: [...found.keys(), ...inPart],
    held: held + keys.filter(({ isHeld }) => isHeld).length,
  }
}

/** The entries under a key of this owner, sealed and still open. */
export const openOfKey = async (
  jurisdiction: string,
  { kid, owner }: { readonly kid: string; readonly owner: string },
  world: AboutWorld,
): Promise<readonly OpenEntry[]> =>
  (await openUnder(jurisdiction, owner, world)).filter(({ stored }) => stored.kid === kid)

/** Lists the entries under a pseudonym that still open, and remembers them during this one search. */
function listing(jurisdiction: string, world: AboutWorld) {
  const lists = new Map<string, Promise<readonly OpenEntry[]>>()
  return (subject: string): Promise<readonly OpenEntry[]> => {
    const list = lists.get(subject) ?? openUnder(jurisdiction, subject, world)
    lists.set(subject, list)
    return list
  }
}

/** The entries of a jurisdiction's own log that are listed under a pseudonym, still open, and are filed there. */
export async function openUnder(
  jurisdiction: string,
  subject: string,
  world: AboutWorld,
): Promise<readonly OpenEntry[]> {
  const lines = await linesOf(jurisdiction, subject, world.lookups)
  const open = await openAll(
    lines.map(({ id }) => id),
    world,
  )
  const key = { jurisdiction, by: 'subject', value: subject } as const
  return open.filter((entry) => isFiledUnder(entry, key, world))
}

/**
 * Whether an entry is filed under a pseudonym, as far as it may be opened. INVARIANT (no word of a row): whoever can
 * change rows can list anybody's entry under a person, so that it would be erased, told of or reported with theirs.
 */
export const isFiledUnder = (
  { stored, opened }: Pick<Readable, 'stored' | 'opened'>,
  { jurisdiction, by, value }: LookupKey,
  { secrets }: Pick<AboutWorld, 'secrets'>,
): boolean =>
  opened === undefined ||
  lookupRows(stored, opened, secrets.pseudonym).some(
    ({ key }) => key.by === by && key.jurisdiction === jurisdiction && key.value === value,
  )

/** The lines about a subject in a jurisdiction's own log, up to one more than `entriesMax`. */
export async function linesOf(
  jurisdiction: string,
  subject: string,
  lookups: Lookups,
): Promise<readonly AuditLine[]> {
  const key = { jurisdiction, by: 'subject', value: subject } as const
  // Entries in other jurisdictions' logs about our requests are under their keys.
  const wanted = (line: AuditLine) => line.side === 'holder'
  const [limit, readMax] = [entriesMax + 1, Number.POSITIVE_INFINITY]
  return (await readLines(lookups, { key, range: {}, wanted, limit, readMax })).lines
}

/** How many entries or keys are worked on at once. */
const atOnce = 100

/** Which of these entries no longer open. */
export async function unreadable(
  eids: readonly string[],
  world: Pick<AboutWorld, 'ledger' | 'subjectKeys'>,
): Promise<readonly string[]> {
  const entries = await world.ledger.readAll(eids)
  return (await erasedOf([...entries.values()], world)).map(({ leaf }) => leaf.eid)
}

/**
 * Which of these entries, listed under a key, still open and, if it is a person's, are filed there: a case has had other names.
 * One that was changed counts: whoever looks at it finds out.
 */
export async function filedUnder(
  key: LookupKey,
  eids: readonly string[],
  world: Pick<AboutWorld, 'ledger' | 'subjectKeys' | 'secrets'> &
    Pick<AuditWorld, 'isStoreAway' | 'turn'>,
): Promise<ReadonlySet<string>> {
  const stored = [...(await world.ledger.readAll(eids)).values()]
  const keys = await keysOf(stored, world)
  const open = async (kid: string) => world.turn?.().then(() => keys.get(kid)) ?? keys.get(kid)
  const isFiled = async (entry: Stored): Promise<boolean> => {
    try {
      const opened = await openAny(entry, { subjectKeys: { open } })
      if (opened === undefined || key.by !== 'subject') return opened !== undefined
      return isFiledUnder({ stored: entry, opened }, key, world)
    } catch (error) {
      if (world.isStoreAway(error)) throw error
      return true
    }
  }
  const filed = await Promise.all(stored.map(isFiled))
  return new Set(stored.flatMap(({ leaf }, at) => (filed[at] ? [leaf.eid] : [])))
}

/** Which of these entries have lost their key. */
export async function erasedOf(
  entries: readonly Stored[],
  world: Pick<World, 'subjectKeys'>,
): Promise<readonly Stored[]> {
  const keys = await keysOf(entries, world)
  return entries.filter(({ kid }) => !keys.has(kid))
}

/** The keys of entries that still open, by id: each is read by itself, since pages may read no other way. */
async function keysOf(
  entries: readonly Stored[],
  { subjectKeys }: Pick<World, 'subjectKeys'>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const kids = [...new Set(entries.map(({ kid }) => kid))]
  const keys = new Map<string, Uint8Array>()
  for (let at = 0; at < kids.length; at += atOnce)
    await Promise.all(
      kids.slice(at, at + atOnce).map(async (kid) => {
        const key = await subjectKeys.open(kid)
        if (key !== undefined) keys.set(kid, key)
      }),
    )
  return keys
}

/** Which of these entries still open. */
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

/** The parts of an entry that lead to other identifiers. Which of them an entry has depends on its kind. */
type Leads = {
  readonly subject?: {
    readonly asked?: string
    readonly match?: string
    readonly found?: readonly (string | readonly string[])[]
  }
  readonly matter?: { readonly holder?: string }
  readonly told?: { readonly recordId?: string | null }
}

// A cast: this gateway made every entry, whatever its kind, and every member may be absent.
const leadsOf = ({ opened }: OpenEntry): Leads => opened.values as Leads

/** The pseudonym whose key encrypts an entry. */
const askedOf = (entry: OpenEntry): string => leadsOf(entry).subject?.asked ?? ''

/** Whether the log shows that an identifier fits several records: of one holder or, for a record id, of any. */
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

/** Further pseudonyms of the person whom an entry is about, if it matched exactly one record. */
function leadsTo(entry: OpenEntry, pseudonym: (identifier: string) => string): readonly string[] {
  const { subject, told } = leadsOf(entry)
  if (subject?.match !== 'one') return []
  // The holder's acts on the record are kept under a pseudonym of their own.
  return [...(subject.found ?? []).flat(), pseudonym(`kept:${told?.recordId}`)]
}

/** An entry, and what its commitments hide, as far as that may be read. */
export type Readable = {
  readonly stored: Stored
  /** Its key is gone. */
  readonly isErased: boolean
  /** It is kept as evidence only (LED art. 16(3)), and is not opened for another purpose. */
  readonly isRestricted: boolean
  readonly opened?: OpenedEntry
}

/** Opens what may be read for a purpose. Throws if an entry was changed. */
export async function readFor(
  purpose: Purpose,
  entries: readonly Stored[],
  { subjectKeys }: Pick<World, 'subjectKeys'>,
): Promise<readonly Readable[]> {
  const all: Readable[] = []
  for (let at = 0; at < entries.length; at += atOnce) {
    const some = entries.slice(at, at + atOnce)
    const kids = [...new Set(some.map(({ kid }) => kid))]
    const keys = new Map(
      await Promise.all(kids.map(async (kid) => [kid, await keyOf(kid)] as const)),
    )
    all.push(...(await Promise.all(some.map((stored) => read(stored, keys.get(stored.kid))))))
  }
  return all

  async function keyOf(kid: string) {
    const [kek, isRestricted] = await Promise.all([
      subjectKeys.open(kid),
      subjectKeys.isRestricted(kid),
    ])
    return { kek, isRestricted }
  }

  async function read(stored: Stored, key?: Awaited<ReturnType<typeof keyOf>>): Promise<Readable> {
    const { kek, isRestricted = false } = key ?? {}
    const isErased = kek === undefined
    const isShown = !isErased && (!isRestricted || isForCourt(purpose))
    const opener = { subjectKeys: { ...subjectKeys, open: async () => kek } }
    const opened = isShown ? await openAny(stored, opener) : undefined
    return { stored, isErased, isRestricted, ...(opened && { opened }) }
  }
}

const purpose = purposeSchema

/** The body of `POST /v1/pseudonyms`, for auditors: the person or case whose pseudonym they need for a list. */
export const pseudonymOfSchema = z.union([
  z.strictObject({ purpose, subject: subjectSchema }),
  z.strictObject({ purpose, case: z.strictObject({ agency: agencyId, caseReference }) }),
])

/** A pseudonym, under the name of the parameter that takes it. */
export const pseudonymSchema = z.union([
  z.strictObject({ subject: z.string() }),
  z.strictObject({ case: z.string() }),
])

/** The pseudonym of a person or a case in the asker's jurisdiction. */
export async function pseudonymOf(
  { purpose: _, ...of }: z.infer<typeof pseudonymOfSchema>,
  { jurisdiction }: Asker,
  { secrets }: AuditWorld,
): Promise<LookRead<z.infer<typeof pseudonymSchema>>> {
  const subject =
    'subject' in of
      ? identifierOf(of.subject)
      : caseIdentifier(of.case.agency, of.case.caseReference)
  const pseudonym = secrets.pseudonym(jurisdiction, subject)
  const answer = 'subject' in of ? { subject: pseudonym } : { case: pseudonym }
  return { question: of, shown: [], subject, answer }
}

/** The body of `POST /v1/subject-pseudonyms`, for holders: one person, by everything known about them. */
export const namedSubjectSchema = z.strictObject({
  purpose,
  subjects: z.array(subjectSchema).min(1).max(10),
})

/** The pseudonyms that say whom an act is about; at most 20. */
export const pseudonymsSchema = z.strictObject({ subjects: z.array(z.string()) })

/** The pseudonyms for `POST /v1/subject-acts`. The look is entered under the key of the first one. */
export async function nameSubject(
  { subjects }: z.infer<typeof namedSubjectSchema>,
  { jurisdiction }: Asker,
  { secrets }: AuditWorld,
): Promise<LookRead<z.infer<typeof pseudonymsSchema>>> {
  const identifiers = subjects.flatMap((each) => [
    identifierOf(each),
    // The holder's acts on a record are kept under a pseudonym of their own.
    ...('recordId' in each ? [`kept:${each.recordId}`] : []),
  ])
  const pseudonyms = identifiers.map((each) => secrets.pseudonym(jurisdiction, each))
  const [subject = ''] = identifiers
  return {
    question: { subjects },
    shown: [],
    subject,
    answer: { subjects: [...new Set(pseudonyms)] },
  }
}

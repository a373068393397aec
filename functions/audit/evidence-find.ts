/** Which entries evidence is made of: those the office may see, at their places in the log. */

import { lawEntriesOf } from '../answer/law.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { logOf } from '../ledger/entry.ts'
import type { Completeness } from '../ledger/evidence.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { lookThrough, type Matter } from './complete.ts'
import { entryFileOf, type ShownEntry } from './evidence-files.ts'
import type { EvidenceQuestion, Heads } from './evidence-question.ts'
import { readLines } from './read-lines.ts'
import { publishedHead } from './sealed-entries.ts'

/** Most lines that are read to find them. */
const linesMax = 2000

/** Most entries of the law that come with those that were asked for. */
const lawEntriesMax = 50

/** What was found. */
export type FoundEntries = {
  /** By log and place. */
  readonly shown: readonly ShownEntry[]
  /** Ids that were asked for and that these checkpoints do not have yet. */
  readonly tooEarly: readonly string[]
  readonly completeness?: Completeness
}

/** Finds them; undefined if one that was asked for by its id does not exist, or is another's. */
export async function findEvidence(
  agency: Agency,
  question: EvidenceQuestion,
  heads: Heads,
  world: AuditWorld,
): Promise<FoundEntries | undefined> {
  const place = (entries: Iterable<Stored>) => placed(entries, agency, question, heads, world)
  if (question.entries !== undefined) {
    const eids = [...new Set(question.entries)]
    const stored = [...(await world.ledger.readAll(eids)).values()]
    const seen = stored.filter((each) => sightOf(agency, each) !== undefined)
    return seen.length < eids.length ? undefined : withLaw(await place(seen), place, world)
  }
  const { jurisdiction } = agency
  const { case: ofCase, subject = '' } = question
  const matter: Matter =
    ofCase === undefined
      ? { jurisdiction, by: 'subject', value: subject }
      : { jurisdiction, by: 'case', value: ofCase }
  const { lines } = await readLines(world.lookups, {
    key: matter,
    range: {},
    wanted: ({ kind }) => kind !== 'consultation' && kind !== 'record',
    limit: linesMax,
    readMax: Number.POSITIVE_INFINITY,
  })
  const found = new Map<string, Stored>(await world.ledger.readAll(lines.map(({ id }) => id)))
  const ours = logOf(world.gateway, jurisdiction, '')
  const own = [...heads.values()].filter(({ log }) => log.startsWith(ours))
  const { about, completeness } = await lookThrough(own, matter, world)
  for (const each of about) found.set(each.leaf.eid, each)
  // What came later than the checkpoints is no part of what was asked.
  const claimed = completeness.claimed && own.length > 0
  return {
    ...(await withLaw(await place(found.values()), place, world)),
    tooEarly: [],
    completeness: { ...completeness, claimed },
  }
}

/**
 * The same with the entries of the law that those of decisions name: what the set was, and the last statement that
 * was known. Of other jurisdictions' logs they are not shown; nor where these checkpoints do not have them.
 */
async function withLaw(
  found: FoundEntries,
  place: (entries: Iterable<Stored>) => Promise<FoundEntries>,
  { ledger }: Pick<AuditWorld, 'ledger'>,
): Promise<FoundEntries> {
  const shown = new Set(found.shown.map(({ stored }) => stored.leaf.eid))
  const named = new Set(
    found.shown.flatMap(({ stored, file }) =>
      file.side === 'holder' ? lawEntriesOf(stored.leaf) : [],
    ),
  )
  const more = [...named].filter((eid) => !shown.has(eid))
  const law = await place((await ledger.readAll(more.slice(0, lawEntriesMax))).values())
  return { ...found, shown: [...found.shown, ...law.shown].sort(byPlace) }
}

const sightOf = (agency: Agency, { leaf }: Stored) =>
  authorize(agency, 'create-evidence', { holder: leaf.hj, requester: leaf.aj })

async function placed(
  entries: Iterable<Stored>,
  agency: Agency,
  { at, purpose }: EvidenceQuestion,
  heads: Heads,
  world: AuditWorld,
): Promise<FoundEntries> {
  const shown: ShownEntry[] = []
  const tooEarly: string[] = []
  for (const stored of entries) {
    const { eid, log } = stored.leaf
    const sight = sightOf(agency, stored)
    if (sight === undefined) continue
    const head = heads.get(log) ?? (at === undefined ? await publishedHead(log, world) : undefined)
    if (head !== undefined) heads.set(log, head)
    const place = await world.sealing.placeOf(eid)
    if (head === undefined || place === undefined || place.index >= head.size) tooEarly.push(eid)
    else
      shown.push({
        stored,
        index: place.index,
        head,
        ...(await entryFileOf(stored, sight, purpose, world)),
      })
  }
  return { shown: shown.sort(byPlace), tooEarly: tooEarly.sort() }
}

const byPlace = (a: ShownEntry, b: ShownEntry): number =>
  a.head.log === b.head.log ? a.index - b.index : a.head.log < b.head.log ? -1 : 1

/** Entries as auditors find and count them. */

import { cursorAt, placeOfCursor } from '../answer/cursor.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import { type Consultation, type Consulted, consult } from './consult.ts'
import { unreadable } from './entries-about.ts'
import { type EntryFilter, type FilteredPage, fits, keyOf } from './entry-filter.ts'
import { type Reading, rangeOf, readLines } from './read-lines.ts'

/** Why a look is not answered. */
export type NotShown =
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'wrong-cursor' }
  | Exclude<Consultation, Consulted>

/** A page, the newest entry first. */
export type Listed = {
  readonly kind: 'listed'
  readonly consulted: Consulted
  readonly entries: readonly AuditLine[]
  /** There may be more, even after a page that is short or empty. */
  readonly next?: string
}

/** Most lines read for one page: what fits may be rare, and then a page is short. */
export const linesReadMax = 1000

/** The entries that fit a filter, as far as the asker's office may see them. */
export async function listDecisions(
  call: SignedCall,
  { limit, cursor, ...filter }: FilteredPage,
  world: AuditWorld,
): Promise<Listed | NotShown> {
  const agency = actorOf(call)
  const { jurisdiction } = agency
  if (authorize(agency, 'list-entries', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const question = { action: 'list-entries', ...filter }
  const bound = { agency: agency.id, question }
  const before = cursor === undefined ? undefined : placeOfCursor(cursor, bound, world.secrets)
  if (cursor !== undefined && before === undefined) return { kind: 'wrong-cursor' }
  const { lines, reached } = await readOpen(filter, agency, world, {
    range: rangeOf(filter, before),
    limit,
    readMax: linesReadMax,
  })
  const consulted = await consult(
    call,
    jurisdiction,
    { purpose: filter.purpose, question, shown: lines.map(({ id }) => id) },
    world,
  )
  if (consulted.kind !== 'recorded') return consulted
  const next = reached === undefined ? {} : { next: cursorAt(reached, bound, world.secrets) }
  return { kind: 'listed', consulted, entries: lines, ...next }
}

/** How many entries fit, by what came of them. */
export type Counted = {
  readonly kind: 'counted'
  readonly consulted: Consulted
  readonly total: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly standings: Readonly<Record<string, number>>
  /** Whether all that there are were counted; if not, the newest were. */
  readonly complete: boolean
}

/** Most lines read for one count. */
export const linesCountedMax = 5000

/** Counts the entries that fit a filter. */
export async function countDecisions(
  call: SignedCall,
  filter: EntryFilter,
  world: AuditWorld,
): Promise<Counted | NotShown> {
  const agency = actorOf(call)
  const { jurisdiction } = agency
  if (authorize(agency, 'list-entries', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const { lines, reached } = await readOpen(filter, agency, world, {
    range: rangeOf(filter),
    limit: linesCountedMax,
    readMax: linesCountedMax,
  })
  const question = { action: 'count-entries', ...filter }
  const { purpose } = filter
  const consulted = await consult(call, jurisdiction, { purpose, question, shown: [] }, world)
  if (consulted.kind !== 'recorded') return consulted
  return {
    kind: 'counted',
    consulted,
    total: lines.length,
    outcomes: tally(lines.map(({ outcome }) => outcome)),
    standings: tally(lines.map(({ standing }) => standing)),
    complete: reached === undefined,
  }
}

/**
 * The lines that fit a filter. INVARIANT (erased stays erased): nothing is found by a person or a case
 * whose key is gone, even where a crash left a row of it behind.
 */
async function readOpen(
  filter: EntryFilter,
  agency: SignedCall['agency'],
  world: AuditWorld,
  reading: Pick<Reading, 'range' | 'limit' | 'readMax'>,
): ReturnType<typeof readLines> {
  const key = keyOf(filter, agency.jurisdiction)
  const wanted = (line: AuditLine) => fits(line, filter, agency)
  const read = await readLines(world.lookups, { key, wanted, ...reading })
  if (key.by !== 'subject' && key.by !== 'case') return read
  const eids = read.lines.map(({ id }) => id)
  const gone = new Set(await unreadable(eids, world))
  return { ...read, lines: read.lines.filter(({ id }) => !gone.has(id)) }
}

function tally(values: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

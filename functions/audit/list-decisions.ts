/** Finds and counts entries for auditors, and lists decisions for legal editors. */

import * as z from 'zod'
import { hasJoined } from '../answer/ask/requester.ts'
import { lawOf, refsIn } from '../answer/entries/law.ts'
import { open } from '../answer/entries/reader.ts'
import { valueSchemas } from '../answer/entries/values.ts'
import {
  type LoggedDecision,
  loggedDecisionSchema,
  loggedFactsOf,
  type NamesInBook,
  namesIn,
} from '../decision/logged-facts.ts'
import { agencyId } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import type { EntryKind } from '../ledger/entry.ts'
import { refsOf } from '../ledger/entry.ts'
import type { AuditLine, AuditWorld, EntryCount, LookupKey } from '../log-ports.ts'
import { partyPattern } from '../policy/fact-types.ts'
import type { Stored } from '../ports.ts'
import { filedUnder } from './entries-about.ts'
import { type Asker, type LookRead, type NotShown, purposeSchema } from './look.ts'
import {
  askerOf,
  type LineReading,
  lineSchema,
  linesReadMax,
  nextSchema,
  readPage,
  tally,
} from './read-lines.ts'

// A cast: the schemas have every kind as a key.
const kinds = Object.keys(valueSchemas) as [EntryKind, ...EntryKind[]]

const party = z
  .string()
  .regex(
    new RegExp(`^(${partyPattern.source.slice(2, -2)}|[A-Z]{2,8}(-[A-Z0-9]{2,16}){1,2})$`),
    'a jurisdiction such as DE, or an agency such as DE-BKA',
  )

/** A pseudonym as `POST /v1/pseudonyms` gives it: 128 bits, base64url. */
const pseudonym = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym as POST /v1/pseudonyms gives it')

/** A day or a moment in UTC, turned into the form that entries use. */
export const momentSchema = z
  .union([z.iso.date(), z.iso.datetime()], {
    error: 'a day such as 2026-11-24, or a moment such as 2026-11-24T08:00:00Z',
  })
  .transform((text) => new Date(text).toISOString())

/** The moments of a period. */
export const periodShape = {
  from: momentSchema.describe('Inclusive.'),
  until: momentSchema.describe('Exclusive.'),
}
/** A period ends after it begins. */
export const inOrder = {
  check: ({ from, until }: { readonly from: string; readonly until: string }) => from < until,
  else: { message: 'a moment after `from`', path: ['until'] },
}
const spanShape = { from: periodShape.from.optional(), until: periodShape.until.optional() }

/** The parameters of a page: its length, and `next` of the page before it. */
const pageShape = {
  limit: z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, 'a number from 1 to 200')
    .default('50')
    .transform(Number)
    .describe('Most lines of a page.'),
  cursor: z.string().max(200).optional().describe('`next` of the page before.'),
}

const filterShape = {
  purpose: purposeSchema,
  holder: party.optional().describe('A jurisdiction or an agency, as is `requester`.'),
  requester: party.optional(),
  agency: agencyId.optional().describe('An agency that asked or was asked.'),
  officer: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of an officer: letters, digits, dot, hyphen')
    .optional()
    .describe('Who called.'),
  outcome: z.enum(['release', 'redact', 'deny']).optional().describe('As it was told.'),
  standing: z
    .enum(['open', 'final'])
    .optional()
    .describe('Of a denial; `open` of what stays of a `redact`, too.'),
  rule: z
    .string()
    .regex(/^[a-z0-9/-]{1,120}$/, 'a rule such as de/bkag/member-state')
    .optional()
    .describe('A rule that led to it, such as `de/bkag/member-state`.'),
  policy: z
    .string()
    .regex(
      /^[a-z0-9/-]{1,120}(@[a-z0-9.-]{1,24})?$/,
      'a policy such as de/bkag, or a version such as de/bkag@2026-02-14',
    )
    .optional()
    .describe('A policy that applied, such as `de/bkag` or `de/bkag@2026-02-14`.'),
  case: pseudonym.optional().describe('A pseudonym of `POST /v1/pseudonyms`, as is `subject`.'),
  subject: pseudonym.optional(),
  kind: z
    .enum([...kinds, 'any'])
    .default('decision')
    .describe('`any` shows all: of a case, the denial, what was told of it, and what came of it.'),
  dryRun: z.enum(['true', 'false']).optional().describe('Dry runs alone, or none of them.'),
  ...spanShape,
}

const subjectOrCase = {
  // Lines name neither person nor case, so lines found by one cannot be filtered by the other.
  check: (filter: { readonly case?: unknown; readonly subject?: unknown }) =>
    filter.case === undefined || filter.subject === undefined,
  else: { message: 'ask by subject or by case, not by both', path: ['case'] },
}

/** What a query may ask, by parameter name. An entry must fit all parameters given. */
export const filterSchema = z
  .strictObject(filterShape)
  .refine(subjectOrCase.check, subjectOrCase.else)
type EntryFilter = z.infer<typeof filterSchema>

/** What a query for a page may ask. */
export const filteredPageSchema = z
  .strictObject({ ...filterShape, ...pageShape })
  .refine(subjectOrCase.check, subjectOrCase.else)
type FilteredPage = z.infer<typeof filteredPageSchema>

/** A page of entries, the newest first. */
export const linesPageSchema = z.strictObject({ entries: z.array(lineSchema), next: nextSchema })

/** Reads the entries that fit a filter, as far as the asker's office may see them. */
export async function listDecisions(
  { limit, cursor, ...filter }: FilteredPage,
  asker: Asker,
  world: AuditWorld,
): Promise<
  NotShown | LookRead<{ readonly entries: readonly AuditLine[]; readonly next?: string }>
> {
  const page = await readOpen(filter, cursor, asker, { limit, readMax: linesReadMax }, world)
  if ('kind' in page) return page
  const { lines: entries, ...next } = page
  return { question: filter, shown: entries.map(({ id }) => id), answer: { entries, ...next } }
}

const counts = z.record(z.string(), z.int())

/** How many entries fit, by outcome and standing. */
export const countedSchema = z.strictObject({
  total: z.int(),
  outcomes: counts,
  standings: counts,
  complete: z.boolean(),
})

/** Most lines read for one count. */
export const linesCountedMax = 5000

/**
 * Counts the entries that fit a filter: all of them, or only the newest if there are too many. What asks for no
 * more than time, kind, outcome and standing is answered by what sealing has counted.
 */
export async function countDecisions(
  filter: EntryFilter,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<z.infer<typeof countedSchema>>> {
  const counted = await countedBySealing(filter, asker, world)
  if (counted !== undefined) return { question: filter, shown: [], answer: counted }
  const max = { limit: linesCountedMax, readMax: linesCountedMax }
  const page = await readOpen(filter, undefined, asker, max, world)
  if ('kind' in page) return page
  const { lines, next } = page
  const answer = {
    total: lines.length,
    outcomes: tally(lines.map(({ outcome }) => outcome)),
    standings: tally(lines.map(({ standing }) => standing)),
    complete: next === undefined,
  }
  return { question: filter, shown: [], answer }
}

async function countedBySealing(
  { purpose: _, from, until, ...filter }: EntryFilter,
  asker: Asker,
  { lookups }: AuditWorld,
): Promise<z.infer<typeof countedSchema> | undefined> {
  const { kind, outcome, standing, dryRun, ...others } = filter
  const { jurisdiction } = asker
  const own = { holder: jurisdiction, requester: jurisdiction }
  if (Object.values(others).some((each) => each !== undefined)) return undefined
  if (authorize(asker, 'list-entries', own) !== 'whole') return undefined
  const range = { ...(from && { from }), ...(until && { until }) }
  const all = (await lookups.count(jurisdiction, range))?.filter(
    (each) =>
      (kind === 'any' || each.kind === kind) &&
      (outcome === undefined || each.outcome === outcome) &&
      (standing === undefined || each.standing === standing) &&
      (dryRun === undefined || (dryRun === 'true') === (each.dryRun === true)),
  )
  return (
    all && {
      total: all.reduce((sum, { count }) => sum + count, 0),
      outcomes: sums(all, ({ outcome }) => outcome),
      standings: sums(all, ({ standing }) => standing),
      complete: true,
    }
  )
}

function sums(
  counts: readonly EntryCount[],
  by: (count: EntryCount) => string | undefined,
): Record<string, number> {
  const found: Record<string, number> = {}
  for (const each of counts) {
    const name = by(each)
    if (name !== undefined) found[name] = (found[name] ?? 0) + each.count
  }
  return found
}

/**
 * The lines that fit a filter. INVARIANT (erased stays erased): asking by a person or a case finds no entry
 * whose key is gone, even if a crash left one of its rows behind; nor, by a person, one that a row alone says is theirs.
 */
async function readOpen(
  filter: EntryFilter,
  cursor: string | undefined,
  asker: Asker,
  max: Pick<LineReading, 'limit' | 'readMax'>,
  world: AuditWorld,
): ReturnType<typeof readPage> {
  const key = keyOf(filter, asker.jurisdiction)
  const wanted = (line: AuditLine) => fits(line, filter, asker)
  const page = await readPage(asker, filter, { ...filter, cursor }, { key, wanted, ...max }, world)
  if ('kind' in page || (key.by !== 'subject' && key.by !== 'case')) return page
  const eids = page.lines.map(({ id }) => id)
  const filed = await filedUnder(key, eids, world)
  return { ...page, lines: page.lines.filter(({ id }) => filed.has(id)) }
}

const isAgency = (id: string | undefined): id is string => agencyId.safeParse(id).success

/**
 * Which rows to read: always those of the asker's own jurisdiction, by the parameter that leaves the fewest
 * rows.
 */
function keyOf(filter: EntryFilter, jurisdiction: string): LookupKey {
  const { subject, case: ofCase, officer, agency, requester, holder, policy, outcome } = filter
  const key = (by: LookupKey['by'], value: string): LookupKey => ({ jurisdiction, by, value })
  const either = [agency, requester, holder].find(isAgency)
  if (subject !== undefined) return key('subject', subject)
  if (ofCase !== undefined) return key('case', ofCase)
  if (officer !== undefined && isAgency(requester) && hasJoined(requester))
    return key('officer', `${requester}/${officer}`)
  if (either !== undefined) return key('agency', either)
  if (policy !== undefined) return key('policy', policy.split('@')[0] ?? '')
  if (outcome !== undefined) return key('outcome', outcome)
  return key('all', '')
}

/**
 * Whether a line fits, and the asker may see it. The rows read are already those of the asker's jurisdiction,
 * but no list relies on that alone.
 */
function fits(line: AuditLine, filter: EntryFilter, asker: Agency): boolean {
  const { holder, requester, agency, officer, outcome, standing, rule, policy } = filter
  const isParty = (wanted: string, jurisdiction: string, id: string | undefined) =>
    wanted === (isAgency(wanted) ? id : jurisdiction)
  return (
    isSeen(line, asker) &&
    (filter.kind === 'any' || line.kind === filter.kind) &&
    (holder === undefined || isParty(holder, line.hj, line.holder)) &&
    (requester === undefined || isParty(requester, ...askerOf(line))) &&
    (agency === undefined || [line.agency, line.holder, line.requester].includes(agency)) &&
    (officer === undefined || officer === line.officer) &&
    (outcome === undefined || outcome === line.outcome) &&
    (standing === undefined || standing === line.standing) &&
    (rule === undefined || line.rules.includes(rule)) &&
    (policy === undefined ||
      line.policies.some((each) => each === policy || each.startsWith(`${policy}@`))) &&
    (filter.dryRun === undefined || (filter.dryRun === 'true') === (line.dryRun === true))
  )
}

const isSeen = ({ hj, aj, side }: AuditLine, asker: Agency): boolean =>
  authorize(asker, 'list-entries', { holder: hj, requester: aj }) ===
  (side === 'holder' ? 'whole' : 'own-side')

/** What a query for logged facts may ask. */
export const factsPageSchema = z.strictObject({
  purpose: purposeSchema,
  ...spanShape,
  ...pageShape,
})

/** A page of decisions, the newest first: what the rules read, and nothing about a person. */
export const loggedFactsSchema = z.strictObject({
  facts: z.array(loggedDecisionSchema),
  next: nextSchema,
})

/** Reads decisions on records of the asker's jurisdiction, without dry runs, erased or restricted ones. */
export async function listFacts(
  { limit, cursor, ...filter }: z.infer<typeof factsPageSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<
  NotShown | LookRead<{ readonly facts: readonly LoggedDecision[]; readonly next?: string }>
> {
  const page = await readPage(
    asker,
    filter,
    { ...filter, cursor },
    {
      key: { jurisdiction: asker.jurisdiction, by: 'all', value: '' },
      wanted: ({ kind, hj, dryRun }) =>
        kind === 'decision' &&
        dryRun === undefined &&
        authorize(asker, 'read-facts', { holder: hj }) !== undefined,
      limit,
      readMax: linesReadMax,
    },
    world,
  )
  if ('kind' in page) return page
  const { lines, ...next } = page
  const stored = await world.ledger.readAll(lines.map(({ id }) => id))
  const names = namesIn((await world.law.now()).book)
  const entries = lines.flatMap(({ id }) => stored.get(id) ?? [])
  const facts: LoggedDecision[] = []
  for (const found of await Promise.all(entries.map((entry) => factsOf(entry, names, world)))) {
    if (typeof found === 'string') return { kind: 'unavailable', why: found }
    if (found !== undefined) facts.push(found)
  }
  return { question: filter, shown: facts.map(({ id }) => id), answer: { facts, ...next } }
}

/** What is logged of a decision; undefined if its entry may not be opened; or why its law is not known here. */
async function factsOf(
  stored: Stored,
  names: NamesInBook,
  world: AuditWorld,
): Promise<LoggedDecision | string | undefined> {
  const opened = await open(stored, world)
  if (opened === undefined) return undefined
  const { leaf } = stored
  const { facts, items, decision } = opened
  // An entry older than version 3 names its lists itself.
  const law = leaf.refs === undefined ? undefined : await lawOf(leaf, world)
  const isHeld = law === undefined || !('why' in law)
  const refs = law === undefined ? refsOf(leaf, undefined) : isHeld && refsIn(leaf, law)
  if (!refs) return `couldn’t read facts: ${leaf.eid} was decided by a law unknown here`
  return loggedFactsOf(
    {
      id: leaf.eid,
      ts: leaf.ts,
      facts: facts.facts,
      items,
      decision,
      policies: refs.pol,
      lists: refs.lists,
    },
    names,
  )
}

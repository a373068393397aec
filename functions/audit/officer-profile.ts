/** Counts what an officer asked for in a period, and compares it with the officers of the same agency. */

import * as z from 'zod'
import { decisionIn, type Opened } from '../answer/entries/reader.ts'
import { identifierOf } from '../decision/record.ts'
import { agencyId, requestFrom } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { AuditLine, AuditWorld, LookupKey } from '../log-ports.ts'
import { readFor } from './entries-about.ts'
import { inOrder, linesCountedMax, periodShape } from './list-decisions.ts'
import { type Asker, type LookRead, type Purpose, purposeSchema } from './look.ts'
import { readLines, tally } from './read-lines.ts'

/** The body of `POST /v1/officer-profiles`. */
export const officerProfileSchema = z
  .strictObject({
    purpose: purposeSchema,
    agency: agencyId,
    officer: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of an officer: letters, digits, dot, hyphen'),
    ...periodShape,
  })
  .refine(inOrder.check, inOrder.else)

/** The counts. Every count but the first is out of `decisions`. */
const measuresSchema = z.strictObject({
  decisions: z.int().describe('Decisions on what was asked, dry runs among them.'),
  dryRuns: z.int(),
  denials: z.int().describe('As they were told; no dry runs.'),
  atNight: z.int().describe('From 22:00 to 06:00 where the agency is.'),
  onWeekends: z.int().describe('On a Saturday or Sunday there.'),
  subjects: z.int().describe('Different people.'),
  repeatedSubjects: z.int().describe('People asked for more than once.'),
  cases: z.int().describe('Different cases.'),
  mostInCase: z.int().describe('Different people in the case with the most of them.'),
  aloneInCase: z.int().describe('The only request of the agency in its case in this period.'),
})
/** The counts, by what they count. */
export type Measures = z.infer<typeof measuresSchema>

/** With whom an officer is compared, or why with nobody. */
const comparisonSchema = z.union([
  z.strictObject({ officers: z.int(), median: z.record(z.string(), z.number()) }),
  z.strictObject({ none: z.enum(['fewer-than-five-officers', 'too-many-entries']) }),
])

/** A profile. */
export const profileSchema = z.strictObject({
  agency: z.string(),
  officer: z.string(),
  from: z.string(),
  until: z.string(),
  timeZone: z.string(),
  measures: measuresSchema,
  purposes: z.record(z.string(), z.int()),
  erased: z.int().describe('Not counted by person and case: their personal part is gone.'),
  restricted: z.int().describe('Not counted so either: kept as evidence only.'),
  complete: z.boolean().describe('False if only the newest were read.'),
  comparison: comparisonSchema,
})

/** Most entries to read for an officer, and for the agency. */
export const profileEntriesMax = 1000

/** How much of what an agency's officers did is read: at most so many lines, and of these so many that count. */
export type Reading = {
  readonly linesMax: number
  readonly entriesMax: number
  /** Whether entries are opened. Without, nobody's person or case is known, and nothing is known to be erased. */
  readonly opens: boolean
}

const opening: Reading = { linesMax: linesCountedMax, entriesMax: profileEntriesMax, opens: true }
/** What is read of lines alone, in 100 queries: what 200 requests a day make in 92 days. */
export const ofLines: Reading = { linesMax: 20_000, entriesMax: 20_000, opens: false }

/** Fewest officers for a median: with fewer, it would reveal each one's counts. */
export const officersMin = 5

/**
 * Profiles an officer. Auditors of a holder's jurisdiction see what was asked there; auditors of the agency's
 * own see all that it asked, as the agency knows it. An auditor who may see none of it gets zeros.
 */
export async function profileOfficer(
  { purpose, agency, officer, from, until }: z.infer<typeof officerProfileSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<LookRead<z.infer<typeof profileSchema>>> {
  const timeZone = await timeZoneOf(agency, world)
  const read = (by: LookupKey['by'], value: string) =>
    readAsked({ purpose, agency, from, until }, { by, value }, asker, world)
  const all = await read('agency', agency)
  const own = all.isComplete
    ? { ...all, asked: all.asked.filter(({ line }) => line.officer === officer) }
    : await read('officer', `${agency}/${officer}`)
  const alone = aloneIn((all.isComplete ? all : own).asked)
  const question = { agency, officer, from, until }
  const answer = {
    ...{ ...question, timeZone },
    measures: measured(own.asked, alone),
    purposes: tally(own.asked.map(({ line }) => line.purpose ?? 'unknown')),
    erased: own.asked.filter(({ isErased }) => isErased).length,
    restricted: own.asked.filter(({ isRestricted }) => isRestricted).length,
    complete: own.isComplete,
    comparison: all.isComplete
      ? compared(all.asked, alone)
      : ({ none: 'too-many-entries' } as const),
  }
  return { question, shown: own.asked.map(({ line }) => line.id), answer }
}

/** Where the clocks of an agency are. */
export const timeZoneOf = async (
  agency: string,
  { register }: Pick<AuditWorld, 'register'>,
): Promise<string> => (await register.agency(agency))?.timeZone ?? 'UTC'

/** What to read of an agency's officers. */
export type OfficersPeriod = {
  readonly purpose: Purpose
  readonly agency: string
  readonly from: string
  readonly until: string
}

/**
 * The newest decisions on what the agency's officers asked in a period, as far as the asker may see them, and other
 * lines that `also` wants: as many as `reading` allows, by default `profileEntriesMax` among the newest `linesCountedMax`
 * lines of any kind, since pages of the agency's other officers make many.
 */
export async function readAsked(
  { purpose, agency, from, until }: OfficersPeriod,
  by: Pick<LookupKey, 'by' | 'value'>,
  asker: Asker,
  world: AuditWorld,
  also: (line: AuditLine) => boolean = () => false,
  { linesMax, entriesMax, opens }: Reading = opening,
) {
  const timeOf = clockIn(await timeZoneOf(agency, world))
  const { lines, reached } = await readLines(world.lookups, {
    key: { jurisdiction: asker.jurisdiction, ...by },
    range: { from, until },
    wanted: (line) => line.agency === agency && (isAsked(line, asker) || also(line)),
    limit: entriesMax,
    readMax: linesMax,
  })
  const [decisions, others] = [lines.filter(({ kind }) => kind === 'decision'), lines.filter(also)]
  const stored = await world.ledger.readAll(opens ? decisions.map(({ id }) => id) : [])
  const readable = await readFor(purpose, [...stored.values()], world)
  const byId = new Map(readable.map((each) => [each.stored.leaf.eid, each]))
  const asked = decisions.map((line): AskedByOfficer => {
    const { opened, isErased = false, isRestricted = false } = byId.get(line.id) ?? {}
    const time = timeOf(line.ts)
    const decision = decisionIn(opened)
    return { line, time, isErased, isRestricted, ...(decision && whomAndWhy(line, decision)) }
  })
  return { asked, others, isComplete: reached === undefined }
}

/** One decision on what an officer asked. */
export type AskedByOfficer = {
  readonly line: AuditLine
  readonly time: LocalTime
  readonly isErased: boolean
  readonly isRestricted: boolean
  /** Absent, like `caseReference`, if the entry may not be read. */
  readonly subject?: string
  readonly caseReference?: string
}

const isAsked = ({ kind, side, hj, aj }: AuditLine, asker: Asker): boolean =>
  kind === 'decision' &&
  authorize(asker, 'profile-officer', { holder: hj, requester: aj }) ===
    (side === 'holder' ? 'whole' : 'own-side')

/** Whom a request was about, and its case: on the holder’s side by the record found, else as it was asked. */
function whomAndWhy(
  { side }: AuditLine,
  { told: { recordId }, evidence }: Opened,
): Pick<AskedByOfficer, 'subject' | 'caseReference'> {
  const { holder, subject, caseReference } = requestFrom(evidence.body)
  const found = side === 'holder' && recordId !== null ? { recordId } : subject
  // The holder gives a record its id, so the same id at another holder is another person.
  const whose = 'recordId' in found ? holder : ''
  return { subject: `${whose} ${identifierOf(found)}`, caseReference }
}

/** The cases with only one request. */
export function aloneIn(all: readonly AskedByOfficer[]): ReadonlySet<string> {
  const counts = tally(all.map(({ caseReference }) => caseReference))
  return new Set(Object.keys(counts).filter((each) => counts[each] === 1))
}

/** Counts what was asked; `alone` are the cases with only one request. */
export function measured(asked: readonly AskedByOfficer[], alone: ReadonlySet<string>): Measures {
  const count = (isSo: (each: AskedByOfficer) => boolean) => asked.filter(isSo).length
  const subjects = Object.values(tally(asked.map(({ subject }) => subject)))
  const cases = new Map<string, Set<string>>()
  for (const { caseReference, subject } of asked)
    if (caseReference !== undefined && subject !== undefined)
      cases.set(caseReference, (cases.get(caseReference) ?? new Set()).add(subject))
  return {
    decisions: asked.length,
    dryRuns: count(({ line }) => line.dryRun === true),
    denials: count(({ line }) => line.outcome === 'deny' && line.dryRun === undefined),
    atNight: count(({ time: { hour } }) => hour >= 22 || hour < 6),
    onWeekends: count(({ time: { day } }) => day === 'Sat' || day === 'Sun'),
    subjects: subjects.length,
    repeatedSubjects: subjects.filter((requests) => requests > 1).length,
    cases: cases.size,
    mostInCase: Math.max(0, ...[...cases.values()].map(({ size }) => size)),
    aloneInCase: count(
      ({ caseReference }) => caseReference !== undefined && alone.has(caseReference),
    ),
  }
}

type LocalTime = { readonly hour: number; readonly day: string }

function clockIn(timeZone: string): (ts: string) => LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  })
  return (ts) => {
    const parts = new Map(format.formatToParts(new Date(ts)).map((each) => [each.type, each.value]))
    return { hour: Number(parts.get('hour')), day: parts.get('weekday') ?? '' }
  }
}

function compared(
  all: readonly AskedByOfficer[],
  alone: ReadonlySet<string>,
): z.infer<typeof comparisonSchema> {
  const officers = [...Map.groupBy(all, ({ line }) => line.officer ?? '').values()]
  if (officers.length < officersMin) return { none: 'fewer-than-five-officers' }
  const each = officers.map((asked) => measured(asked, alone))
  const names = Object.keys(measuresSchema.shape) as (keyof Measures)[]
  const median = Object.fromEntries(
    names.map((name) => [name, middleOf(each.map((measures) => measures[name]))]),
  )
  return { officers: officers.length, median }
}

/** The median. */
export function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [Math.floor, Math.ceil].map((to) => sorted[to((sorted.length - 1) / 2)] ?? 0)
  return ((low ?? 0) + (high ?? 0)) / 2
}

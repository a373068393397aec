/** Ranks the officers of an agency by what they did in a period: whom an auditor looks at first. */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import { inOrder, periodShape } from './list-decisions.ts'
import { type Asker, type LookRead, purposeSchema } from './look.ts'
import {
  type AskedByOfficer,
  aloneIn,
  measured,
  middleOf,
  type OfficersPeriod,
  officersMin,
  ofLines,
  type Reading,
  readAsked,
  timeZoneOf,
} from './officer-profile.ts'
import { cell, fewer, least } from './published.ts'

/** What officers are ranked by, and what each counts. */
export const rankedBy = {
  aloneInCase: 'The only request of the agency in its case in this period.',
  repeatedSubjects: 'People asked for more than once.',
  atNight: 'From 22:00 to 06:00 where the agency is.',
  denials: 'As they were told; no dry runs.',
  quickReleases: 'Vouched or released within 10 s of being shown what would leave.',
  decisions: 'Decisions on what was asked, dry runs among them.',
} as const
/** What each is called. */
export const rankedWords: Readonly<Record<keyof typeof rankedBy, string>> = {
  aloneInCase: 'Alone in their case',
  repeatedSubjects: 'Same person twice',
  atNight: 'At night',
  denials: 'Denials',
  quickReleases: 'Confirmed under 10 s',
  decisions: 'All requests',
}
/** One of these. */
export type RankedBy = keyof typeof rankedBy
// A cast: an object's own names.
const names = Object.keys(rankedBy) as [RankedBy, ...RankedBy[]]
/** A name of these. */
export const rankedBySchema = z.enum(names)

/** The body of `POST /v1/officer-rankings`. */
export const officerRankingSchema = z
  .strictObject({
    purpose: purposeSchema,
    agency: agencyId,
    by: rankedBySchema.default('aloneInCase').describe('What comes first has most of this.'),
    ...periodShape,
  })
  .refine(inOrder.check, inOrder.else)

const counts = (of: z.ZodType<number | typeof fewer>) =>
  z.strictObject(
    // A cast: every name is there once.
    Object.fromEntries(names.map((name) => [name, of.describe(rankedBy[name])])) as Record<
      RankedBy,
      typeof of
    >,
  )

/** Of which part of a period is counted, if not of all. */
const partSchema = z.strictObject({
  counted: z.int().describe('How many decisions were counted: the newest.'),
  since: z.string().optional().describe('When the first of them was entered.'),
  total: z.int().describe('How many there are in this period.'),
  more: z.literal(true).optional().describe('There are more: no further was looked.'),
})

/** What is said of a ranking of which not all was counted. */
export const partWords = ({ counted, since = '', total, more }: z.infer<typeof partSchema>) =>
  `only the newest ${counted} of ${more ? 'more than ' : ''}${total} decisions of this period are counted, those since ${since}, ` +
  'and the median is theirs: ask for a shorter period'

/** A ranking. */
export const rankingSchema = z.strictObject({
  agency: z.string(),
  by: z.string(),
  from: z.string(),
  until: z.string(),
  timeZone: z.string(),
  officers: z.int().describe('Who asked or released something in this period.'),
  median: counts(z.number()).optional().describe('Absent with fewer than five officers.'),
  ranked: z
    .array(z.strictObject({ officer: z.string(), counts: counts(cell) }))
    .describe('Without officers of whom every count is below 5: chance is no suspicion.'),
  erased: z.int().describe('Not counted by person and case: their personal part is gone.'),
  restricted: z.int().describe('Not counted so either: kept as evidence only.'),
  complete: z.boolean().describe('False if only the newest were read; `part` says how many.'),
  part: partSchema.optional().describe('Absent if all were counted.'),
})

/** How soon after the look at what would leave a release is quick, ms. */
const quickMs = 10_000

/**
 * Ranks officers. Counts below 5 are hidden, and with fewer than five officers nobody is ranked: the median would
 * reveal each one's counts. Who is over something is only where to look: whether it was right, entries say.
 */
export async function rankOfficers(
  { by, ...period }: z.infer<typeof officerRankingSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<LookRead<z.infer<typeof rankingSchema>>> {
  const { asked, each, isComplete } = await measureOfficers(period, asker, world)
  const { purpose: _, ...question } = { ...period, by }
  const isShown = each.size >= officersMin
  const all = [...each.values()]
  const median = Object.fromEntries(
    names.map((name) => [name, middleOf(all.map((one) => one[name]))]),
  ) as Record<RankedBy, number>
  const ranked = [...each]
    .filter(([, one]) => isShown && names.some((name) => one[name] >= least))
    // By what is shown: the order of hidden counts would tell which of two is less.
    .toSorted(([a, m], [b, n]) => shown(n[by]) - shown(m[by]) || (a < b ? -1 : 1))
    .map(([officer, one]) => ({ officer, counts: hidden(one) }))
  const answer = {
    ...question,
    timeZone: await timeZoneOf(period.agency, world),
    officers: each.size,
    ...(isShown && { median }),
    ranked,
    erased: asked.filter(({ isErased }) => isErased).length,
    restricted: asked.filter(({ isRestricted }) => isRestricted).length,
    complete: isComplete,
    ...(!isComplete && { part: await partOf(asked, period, asker, world) }),
  }
  return { question, shown: isShown ? asked.map(({ line }) => line.id) : [], answer }
}

/** How many decisions were counted, out of how many: their lines are counted on, and none is opened. */
async function partOf(
  asked: readonly AskedByOfficer[],
  period: OfficersPeriod,
  asker: Asker,
  world: AuditWorld,
): Promise<z.infer<typeof partSchema>> {
  const by = { by: 'agency', value: period.agency } as const
  const all = await readAsked(period, by, asker, world, undefined, ofLines)
  const since = asked.at(-1)?.line.ts
  const counted = { counted: asked.length, ...(since !== undefined && { since }) }
  return { ...counted, total: all.asked.length, ...(!all.isComplete && { more: true as const }) }
}

const shown = (count: number): number => (count < least ? 0 : count)
const hidden = (one: Counts) =>
  Object.fromEntries(
    names.map((name) => [name, one[name] < least ? fewer : one[name]]),
    // A cast, since `Object.fromEntries` forgets the names.
  ) as Record<RankedBy, number | typeof fewer>

type Counts = Readonly<Record<RankedBy, number>>

/** What each officer of an agency did in a period, by the id of the officer. */
export async function measureOfficers(
  period: OfficersPeriod,
  asker: Asker,
  world: AuditWorld,
  reading?: Reading,
): Promise<{
  readonly asked: readonly AskedByOfficer[]
  readonly each: ReadonlyMap<string, Counts>
  readonly isComplete: boolean
}> {
  const by = { by: 'agency', value: period.agency } as const
  const acts = (line: AuditLine) => isRelease(line, asker) || isSight(line, asker)
  const { asked, others, isComplete } = await readAsked(period, by, asker, world, acts, reading)
  const alone = aloneIn(asked)
  const groups = Map.groupBy(asked, ({ line }) => line.officer ?? '')
  const quick = Map.groupBy(quickOf(others), ({ officer }) => officer ?? '')
  const officers = new Set([...groups.keys(), ...quick.keys()])
  // Erased lines say nothing of an officer.
  officers.delete('')
  const each = new Map(
    [...officers].map((officer) => {
      const own = measured(groups.get(officer) ?? [], alone)
      return [officer, { ...own, quickReleases: quick.get(officer)?.length ?? 0 }] as const
    }),
  )
  return { asked, each, isComplete }
}

const isOwn = ({ hj, side }: AuditLine, asker: Asker): boolean =>
  side === 'holder' && authorize(asker, 'profile-officer', { holder: hj }) === 'whole'
const isRelease = (line: AuditLine, asker: Asker): boolean =>
  line.kind === 'attestation' && isOwn(line, asker)
const isSight = (line: AuditLine, asker: Asker): boolean =>
  line.kind === 'consultation' && line.look === 'see-proposal' && isOwn(line, asker)

/** Acts of officers that came within 10 s of their own last look at what would leave. */
function quickOf(lines: readonly AuditLine[]): readonly AuditLine[] {
  const seen = new Map<string, number>()
  return lines
    .toSorted((a, b) => (a.ts < b.ts ? -1 : 1))
    .filter(({ kind, officer = '', ts }) => {
      const at = Date.parse(ts)
      if (kind === 'consultation') seen.set(officer, at)
      return kind === 'attestation' && at - (seen.get(officer) ?? -Infinity) < quickMs
    })
}

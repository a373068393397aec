/**
 * Alarms that an auditor sets: how many of what an officer may have in a time before the auditor wants to look. An alarm
 * is a question that is asked again: setting one is a look and an entry, and changes nothing for anybody.
 */

import * as z from 'zod'
import { openAny } from '../answer/entries/reader.ts'
import { dayMs } from '../decision/attestation.ts'
import { agencyId, entryIdSchema } from '../decision/request.ts'
import { ComityError } from '../failure.ts'
import { entryId } from '../ledger/entry.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import {
  type Asker,
  invalid,
  type LookRead,
  type NotShown,
  type Purpose,
  purposeSchema,
} from './look.ts'
import { remembering } from './look-through.ts'
import { ofLines } from './officer-profile.ts'
import { measureOfficers, rankedBySchema } from './officer-ranking.ts'
import { least } from './published.ts'
import { linesReadMax, readLines } from './read-lines.ts'

const alarmShape = {
  agency: agencyId.describe('Whose officers.'),
  by: rankedBySchema.describe('What is counted; see `POST /v1/officer-rankings`.'),
  days: z.int().min(1).max(92).describe('In so many days before the look.'),
}

/** The body of `POST /v1/alarms`. */
export const alarmSchema = z.strictObject({
  purpose: purposeSchema,
  ...alarmShape,
  over: z
    .int()
    .min(least - 1, `${least - 1} or more: less may be chance, and tells of one person`)
    .nullable()
    .describe('It goes off for whoever has more; null takes the alarm back.'),
  id: entryIdSchema
    .optional()
    .describe(
      'Of one to take back that is not sealed yet, so that no clock says which came first.',
    ),
})

/** An alarm as it stands. */
const setSchema = z.strictObject({
  ...alarmShape,
  over: z.int().describe('It goes off for whoever has more.'),
})
/** An alarm. */
export type Alarm = z.infer<typeof setSchema>
const namedSchema = setSchema.extend({ id: entryIdSchema.describe('By which it is taken back.') })

/** What an office says of an alarm, under an id: that it stands or is taken back; and what ends by that. */
const statementSchema = alarmSchema.omit({ purpose: true }).extend({
  ends: z.array(entryIdSchema).optional(),
})

/** All that stand. */
export const alarmsSchema = z.strictObject({
  alarms: z.array(namedSchema).describe('Those of your office.'),
})

/** The query of `GET /v1/alarms`. */
export const alarmsQuerySchema = z.strictObject({ purpose: purposeSchema })

/** What alarms found. */
export const wentOffSchema = z.strictObject({
  alarms: z
    .array(
      namedSchema.extend({
        officers: z
          .array(
            z.strictObject({ officer: z.string(), count: z.int().describe('How many, by now.') }),
          )
          .describe('Who has more, most first.'),
        complete: z
          .boolean()
          .describe(
            'False if more was done there than is read: it could not be counted, and is to be taken as gone off. ' +
              'Those in `officers` have as many at least.',
          ),
      }),
    )
    .describe('Those of your office that stand.'),
})

/** Whether an alarm went off: for somebody, or since nobody can say for whom. */
export const wentOff = ({
  officers,
  complete,
}: {
  readonly officers: readonly unknown[]
  readonly complete: boolean
}): boolean => officers.length > 0 || !complete

/** What is said of an alarm of which not all was read. */
export const notCounted =
  'could not be counted, since more was done in this time than is read: set it for fewer days'

/** Most alarms of an office: each reads what its agency asked. */
const alarmsMax = 10
/**
 * From so many statements on nothing is set any more: there is room to take back what stands. What is not filed yet, such as
 * while nothing is sealed, is not counted, so more can be made.
 */
const settingsMax = linesReadMax - 5 * alarmsMax
/** Most statements of an office about its alarms that are read: as many as it could make in an hour without a sealing. */
const statementsMax = settingsMax + 5 * linesReadMax

/** Who is counted by people or cases, which only entries say. */
const inEntries: ReadonlySet<Alarm['by']> = new Set(['aloneInCase', 'repeatedSubjects'])
/** Most entries that an alarm names as shown, since one entry has to hold the names of all alarms. */
const shownMax = 500

/** The name of an office's alarms, under which what it said of them is filed. */
export const alarmsSubject = (office: string): string => `alarms:${office}`

/**
 * The name under which notices of them are filed: another, since only so many of what is filed under one are read, and
 * notices come by themselves.
 */
export const alarmNoticesSubject = (office: string): string => `alarm-notices:${office}`

/** An alarm that stands, with the entry that set it. */
export type SetAlarm = { readonly id: string; readonly alarm: Alarm; readonly stored: Stored }

/** What an office said of its alarms: those that stand, and how many statements it took. */
type Standing = {
  readonly alarms: readonly SetAlarm[]
  readonly statements: number
  /**
   * What a further statement about an alarm, of an id, ends, and by when one was taken back that named nothing; or the
   * statement itself, if its call is sent again.
   */
  readonly before: (
    of: AboutAlarm,
    id: string,
  ) => {
    readonly ends: readonly string[]
    readonly backAt?: string
    readonly again?: Pick<Statement, 'ends'>
  }
}

/**
 * The alarms of an office that stand, with their entries: of several about the same that nothing has ended, the newest
 * counts. Throws if there are more statements than are read, since an alarm may be among those.
 */
export async function standingAlarms(
  { id, jurisdiction }: Pick<Asker, 'id' | 'jurisdiction'>,
  world: AuditWorld,
): Promise<Standing> {
  const value = world.secrets.pseudonym(jurisdiction, alarmsSubject(id))
  const key = { jurisdiction, by: 'subject', value } as const
  const { lines, reached } = await readLines(world.lookups, {
    ...{ key, range: {}, limit: statementsMax + 1, readMax: 2 * statementsMax },
    // Notices of older builds are filed there, too.
    wanted: ({ kind }) => kind === 'consultation',
  })
  if (reached !== undefined) throw new ComityError(`couldn’t read all that ${id} said of alarms`)
  const stored = await world.ledger.readAll(lines.map((line) => line.id))
  const opener = remembering(world)
  await opener.ask([...new Set([...stored.values()].map(({ kid }) => kid))])
  const said = await Promise.all(
    lines.map(async (line) => {
      const entry = stored.get(line.id)
      const opened = entry && (await openAny(entry, opener))
      if (opened?.kind !== 'consultation') return []
      const { action, ...question } = opened.values.consultation.question
      const read = statementSchema.safeParse(question)
      return entry && action === 'set-alarm' && read.success
        ? [{ ...read.data, stored: entry }]
        : []
    }),
  )
  const each = Map.groupBy(said.flat(), nameOf)
  const alarms = [...each.values()].flatMap((all) => standingIn(all).slice(0, 1))
  const before = (of: AboutAlarm, own: string) => {
    const all = each.get(nameOf(of)) ?? []
    const backAt = all.find((one) => one.over === null && one.ends === undefined)?.stored.leaf.ts
    const again = all.find(({ id }) => id === own)
    const ends = standingIn(all).map(({ id }) => id)
    return { ends, ...(backAt !== undefined && { backAt }), ...(again && { again }) }
  }
  return { alarms, statements: lines.length, before }
}

type Statement = z.infer<typeof statementSchema> & { readonly stored: Stored }
type AboutAlarm = Pick<Alarm, 'agency' | 'by' | 'days'>

/**
 * What no statement about one alarm has ended, the newest first. Each names what it ends, whatever the clocks of two
 * machines say; one that takes back and names nothing, as of an earlier build, ends what its clock says was before.
 */
function standingIn(all: readonly Statement[]): readonly SetAlarm[] {
  const ended = new Set(all.flatMap(({ ends = [] }) => ends))
  const back = all.findIndex(({ over, ends }) => over === null && ends === undefined)
  return all.flatMap(({ agency, by, days, over, id: named, stored }, at): readonly SetAlarm[] => {
    const id = named ?? stored.leaf.eid
    const isEnded = ended.has(id) || (back >= 0 && back < at)
    return over === null || isEnded ? [] : [{ id, alarm: { agency, by, days, over }, stored }]
  })
}

/** What two statements about the same alarm share. */
const nameOf = ({ agency, by, days }: AboutAlarm): string => JSON.stringify([agency, by, days])

/** The alarms of an office that stand. */
export const alarmsOf = async (
  office: Pick<Asker, 'id' | 'jurisdiction'>,
  world: AuditWorld,
): Promise<readonly Alarm[]> =>
  (await standingAlarms(office, world)).alarms.map(({ alarm }) => alarm)

/** Sets an alarm, or takes it back; answers with all that stand. */
export async function setAlarm(
  { purpose: _, ...asked }: z.infer<typeof alarmSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<z.infer<typeof alarmsSchema>>> {
  const { agency, by, days, over, id: named } = asked
  const of = { agency, by, days }
  const { alarms: standing, statements, before } = await standingAlarms(asker, world)
  const all = standing.map(({ id, alarm }) => ({ id, ...alarm }))
  const others = all.filter((alarm) => nameOf(alarm) !== nameOf(of))
  const id = entryId(asker.id, asker.jti ?? Buffer.from(world.random(16)).toString('base64url'))
  const { ends: seen, backAt, again } = before(of, id)
  const stated = (alarms: z.infer<typeof alarmsSchema>['alarms'], ends: readonly string[]) => ({
    question: { ...of, over, id, ...(ends.length > 0 && { ends }) },
    ...{ shown: [], subject: alarmsSubject(asker.id), answer: { alarms } },
    // Each is an entry: one that is set, taken back and set within a quarter of an hour is set.
    same: { alarms, at: world.now().toISOString() },
  })
  // A call that is sent again says what it said, and ends nothing that was set since.
  if (again !== undefined) return stated(all, again.ends ?? [])
  const ends = [...new Set([...seen, ...(named === undefined ? [] : [named])])]
  const alarms = over === null ? others : [{ id, ...of, over }, ...others]
  const isLess = over === null && others.length < standing.length
  if (over !== null && named !== undefined)
    return invalid('/id', 'what is set gets an id of its own')
  if (others.some((alarm) => alarm.id === named))
    return invalid('/id', 'that alarm is of another agency, count or days: name those of it')
  // By its time alone what took back ends what was set before, so none is set by a clock behind.
  const last = over === null ? undefined : backAt
  if (last !== undefined && last >= world.now().toISOString())
    return invalid(
      '/over',
      `your office took this alarm back at ${last}, by a clock that is ahead of this one: set it after that`,
    )
  if (alarms.length > alarmsMax)
    return invalid('/over', `your office has ${alarmsMax} alarms: take one back first`)
  if (statements >= settingsMax && !isLess)
    return invalid(
      '/over',
      `your office has set alarms and taken them back ${statements} times, and no more is read: what stands can be taken back, and nothing set until the oldest leave the log`,
    )
  return stated(alarms, ends)
}

/** Looks whether alarms went off by now. What stands for nobody shows nobody. */
export async function lookAtAlarms(
  { purpose }: z.infer<typeof alarmsQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<LookRead<z.infer<typeof wentOffSchema>>> {
  const looked = []
  for (const { id, alarm } of (await standingAlarms(asker, world)).alarms) {
    const { officers, shown, complete } = await overAlarm(alarm, purpose, asker, world)
    looked.push({ alarm: { id, ...alarm, officers, complete }, shown })
  }
  const shown = [...new Set(looked.flatMap((each) => each.shown))]
  return { question: {}, shown, answer: { alarms: looked.map(({ alarm }) => alarm) } }
}

/** Who is over an alarm by now. */
export type OverAlarm = {
  /** Most first. */
  readonly officers: { officer: string; count: number }[]
  /** Entries that say so: the newest, if there are many. */
  readonly shown: readonly string[]
  /** False if more was done than is read: whoever is not in `officers` may be over it, too. */
  readonly complete: boolean
  /** How many decisions were read. */
  readonly read: number
  readonly from: string
  /** The moment to which was counted. */
  readonly until: string
}

/** Counts for an alarm. */
export async function overAlarm(
  { agency, by, days, over }: Alarm,
  purpose: Purpose,
  asker: Asker,
  world: AuditWorld,
): Promise<OverAlarm> {
  // To the minute, so that the same look a moment later reads the same.
  const until = new Date(Math.ceil(world.now().getTime() / 60_000) * 60_000).toISOString()
  const from = new Date(Date.parse(until) - days * dayMs).toISOString()
  const period = { purpose, agency, from, until }
  const reading = inEntries.has(by) ? undefined : ofLines
  const { asked, each, isComplete } = await measureOfficers(period, asker, world, reading)
  // Who is alone in a case is not known unless all is read: what is not read may be of the same case.
  const known = isComplete || by !== 'aloneInCase' ? [...each] : []
  const officers = known
    .map(([officer, counts]) => ({ officer, count: counts[by] }))
    .filter(({ count }) => count > over)
    .toSorted((a, b) => b.count - a.count || (a.officer < b.officer ? -1 : 1))
  const named = new Set(officers.map(({ officer }) => officer))
  const shown = asked.filter(({ line }) => named.has(line.officer ?? '')).map(({ line }) => line.id)
  const counted = { complete: isComplete, read: asked.length, from, until }
  return { officers, shown: shown.slice(0, shownMax), ...counted }
}

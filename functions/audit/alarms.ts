/**
 * Alarms that an auditor sets: how many of what an officer may have in a time before the auditor wants to look. An alarm
 * is a question that is asked again: setting one is a look and an entry, and changes nothing for anybody.
 */

import * as z from 'zod'
import { openAny } from '../answer/opened.ts'
import { dayMs } from '../decision/attestation.ts'
import { agencyId } from '../decision/request.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { type Asker, type LookRead, type NotShown, type Purpose, purposeSchema } from './look.ts'
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
})

/** An alarm as it stands. */
const setSchema = z.strictObject({
  ...alarmShape,
  over: z.int().describe('It goes off for whoever has more.'),
})
/** An alarm. */
export type Alarm = z.infer<typeof setSchema>

/** All that stand. */
export const alarmsSchema = z.strictObject({
  alarms: z.array(setSchema).describe('Those of your office.'),
})

/** The query of `GET /v1/alarms`. */
export const alarmsQuerySchema = z.strictObject({ purpose: purposeSchema })

/** What alarms found. */
export const wentOffSchema = z.strictObject({
  alarms: z
    .array(
      setSchema.extend({
        officers: z
          .array(
            z.strictObject({ officer: z.string(), count: z.int().describe('How many, by now.') }),
          )
          .describe('Who has more, most first.'),
        complete: z.boolean().describe('False if only the newest entries were read.'),
      }),
    )
    .describe('Those of your office that stand.'),
})

/** Most alarms of an office: each reads what its agency asked. */
const alarmsMax = 10
/** Most statements of an office about its alarms that are read: the newest. */
const statementsMax = 200

/** The name of an office's alarms, under which what it said of them is filed. */
export const alarmsSubject = (office: string): string => `alarms:${office}`

/**
 * The name under which notices of them are filed: another, since only so many of what is filed under one are read, and
 * notices come by themselves.
 */
export const alarmNoticesSubject = (office: string): string => `alarm-notices:${office}`

/** An alarm that stands, with the entry that set it. */
export type SetAlarm = { readonly alarm: Alarm; readonly stored: Stored }

/** The alarms of an office that stand. */
export const alarmsOf = async (
  office: Pick<Asker, 'id' | 'jurisdiction'>,
  world: AuditWorld,
): Promise<readonly Alarm[]> => (await standingAlarms(office, world)).map(({ alarm }) => alarm)

/** The same with their entries: of several about the same, the newest counts. */
export async function standingAlarms(
  { id, jurisdiction }: Pick<Asker, 'id' | 'jurisdiction'>,
  world: AuditWorld,
): Promise<readonly SetAlarm[]> {
  const value = world.secrets.pseudonym(jurisdiction, alarmsSubject(id))
  const key = { jurisdiction, by: 'subject', value } as const
  const { lines } = await readLines(world.lookups, {
    ...{ key, range: {}, limit: statementsMax, readMax: linesReadMax },
    // Notices of older builds are filed there, too.
    wanted: ({ kind }) => kind === 'consultation',
  })
  const stored = await world.ledger.readAll(lines.map((line) => line.id))
  const said = await Promise.all(
    lines.map(async (line) => {
      const entry = stored.get(line.id)
      const opened = entry && (await openAny(entry, world))
      if (opened?.kind !== 'consultation') return []
      const { action, ...question } = opened.values.consultation.question
      const read = alarmSchema.omit({ purpose: true }).safeParse(question)
      return entry && action === 'set-alarm' && read.success
        ? [{ ...read.data, stored: entry }]
        : []
    }),
  )
  const newest = new Map<string, SetAlarm | undefined>()
  for (const { agency, by, days, over, stored } of said.flat()) {
    const name = JSON.stringify([agency, by, days])
    const set = over === null ? undefined : { alarm: { agency, by, days, over }, stored }
    if (!newest.has(name)) newest.set(name, set)
  }
  return [...newest.values()].filter((alarm) => alarm !== undefined)
}

/** Sets an alarm, or takes it back; answers with all that stand. */
export async function setAlarm(
  { purpose: _, ...asked }: z.infer<typeof alarmSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<z.infer<typeof alarmsSchema>>> {
  const isSame = ({ agency, by, days }: Alarm) =>
    agency === asked.agency && by === asked.by && days === asked.days
  const others = (await alarmsOf(asker, world)).filter((alarm) => !isSame(alarm))
  const { agency, by, days, over } = asked
  const alarms = over === null ? others : [{ agency, by, days, over }, ...others]
  if (alarms.length > alarmsMax) {
    const detail = `your office has ${alarmsMax} alarms: take one back first`
    return { kind: 'invalid', pointer: '/over', detail }
  }
  return { question: asked, shown: [], subject: alarmsSubject(asker.id), answer: { alarms } }
}

/** Looks whether alarms went off by now. What stands for nobody shows nobody. */
export async function lookAtAlarms(
  { purpose }: z.infer<typeof alarmsQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<LookRead<z.infer<typeof wentOffSchema>>> {
  const looked = []
  for (const alarm of await alarmsOf(asker, world)) {
    const { officers, shown, complete } = await overAlarm(alarm, purpose, asker, world)
    looked.push({ alarm: { ...alarm, officers, complete }, shown })
  }
  const shown = [...new Set(looked.flatMap((each) => each.shown))]
  return { question: {}, shown, answer: { alarms: looked.map(({ alarm }) => alarm) } }
}

/** Who is over an alarm by now, most first, and the entries that say so. `until` is the moment to which was counted. */
export async function overAlarm(
  { agency, by, days, over }: Alarm,
  purpose: Purpose,
  asker: Asker,
  world: AuditWorld,
): Promise<{
  readonly officers: { officer: string; count: number }[]
  readonly shown: readonly string[]
  readonly complete: boolean
  readonly from: string
  readonly until: string
}> {
  // To the minute, so that the same look a moment later reads the same.
  const until = new Date(Math.ceil(world.now().getTime() / 60_000) * 60_000).toISOString()
  const from = new Date(Date.parse(until) - days * dayMs).toISOString()
  const period = { purpose, agency, from, until }
  const { asked, each, isComplete } = await measureOfficers(period, asker, world)
  const officers = [...each]
    .map(([officer, counts]) => ({ officer, count: counts[by] }))
    .filter(({ count }) => count > over)
    .toSorted((a, b) => b.count - a.count || (a.officer < b.officer ? -1 : 1))
  const named = new Set(officers.map(({ officer }) => officer))
  const shown = asked.filter(({ line }) => named.has(line.officer ?? '')).map(({ line }) => line.id)
  return { officers, shown, complete: isComplete, from, until }
}

/**
 * The clock looks whether alarms of auditors' offices went off, so that nobody needs to look each day. Whoever has more than
 * an alarm says makes one notice, which is an entry in the log of the office's own state and an event of the office; so does an
 * alarm that could not be counted.
 */

import type { Values } from '../answer/entries/values.ts'
import { enterMissing } from '../answer/reminders/reminder.ts'
import { dayMs } from '../decision/attestation.ts'
import { actorOf, asOffice, authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { entryId } from '../ledger/entry.ts'
import type { AuditWorld } from '../log-ports.ts'
import { alarmNoticesSubject, overAlarm, type SetAlarm, standingAlarms } from './alarms.ts'
import type { Asker } from './look.ts'

/** What a round did. `left` if it had no time for some alarms; the next one begins with others. */
export type Watched = {
  readonly looked: number
  readonly entered: number
  /** Alarms, or offices, that could not be looked at; they are looked at again in the next round. */
  readonly failed: number
  readonly left: boolean
}

/** How often it is meant to be called, ms: with each call another alarm is first. */
export const watchMs = 15 * 60_000

/**
 * Looks at the alarms that stand, until `until`, but at one in any case. A notice is entered once for each alarm, officer and period of as many
 * days as the alarm counts, from when it was set, whoever watches and however often: after a crash, too. One that is set anew
 * begins anew. `failed` is called with why an alarm
 * could not be looked at.
 */
export async function watchAlarms(
  world: AuditWorld,
  until: Date,
  failed: (why: unknown) => void = () => undefined,
): Promise<Watched> {
  const offices = (await world.register.all())
    .filter((each) => watches(askerOf(each)))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const done = { looked: 0, entered: 0, failed: 0 }
  const notDone = (error: unknown): void => {
    if (world.isStoreAway(error)) throw error
    done.failed += 1
    failed(error)
  }
  const all: (readonly [SetAlarm, Agency])[] = []
  for (const office of offices)
    try {
      for (const set of (await standingAlarms(office, world)).alarms) all.push([set, office])
    } catch (error) {
      // What one office said stops no other's alarms.
      notDone(error)
    }
  let begun = 0
  for (const [set, office] of turned(all, Math.floor(world.now().getTime() / watchMs))) {
    // One in any case: however long it took to read them, each has its turn.
    if (begun > 0 && world.now() >= until) return { ...done, left: true }
    begun += 1
    try {
      done.entered += await lookAt(set, office, world)
      done.looked += 1
    } catch (error) {
      notDone(error)
    }
  }
  return { ...done, left: false }
}

/** The same, another one first each time, so that none is left out each time. */
const turned = <T>(all: readonly T[], turn: number): readonly T[] => {
  const first = all.length === 0 ? 0 : turn % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

/** The office itself, whoever set the alarm: it stands for the office until the office takes it back. */
const askerOf = (office: Agency): Asker => ({
  ...actorOf({ agency: asOffice(office), officer: '' }),
  action: 'watch-alarms',
})

const watches = (asker: Asker): boolean =>
  authorize(asker, 'profile-officer', { holder: asker.jurisdiction }) !== undefined

/**
 * Enters a notice for each officer who has more, and one if it could not be counted, as far as it is not entered; returns how
 * many were.
 */
async function lookAt(
  { alarm, stored }: SetAlarm,
  office: Agency,
  world: AuditWorld,
): Promise<number> {
  const now = world.now()
  const asker = askerOf(office)
  const over = await overAlarm(alarm, 'self-monitoring', asker, world)
  const { from, until } = over
  const { kid, leaf } = stored
  // What was set by a clock that is ahead is in its first period: there is none before it.
  const age = Math.max(0, now.getTime() - Date.parse(leaf.ts))
  const period = Math.floor(age / (alarm.days * dayMs))
  const uncounted = over.complete ? [] : [{ officer: null, count: over.read }]
  const notices = [...over.officers, ...uncounted].map(({ officer, count }) => {
    const notice = { what: 'alarm', to: office.id, ...alarm, officer, count, from, until } as const
    return [alarmNoticeId(leaf.eid, officer, period), notice] as const
  })
  if (notices.length === 0) return 0
  const { jurisdiction } = office
  const asked = world.secrets.pseudonym(jurisdiction, alarmNoticesSubject(office.id))
  const entered = await enterMissing(
    new Map<string, Values['notice']['notice']>(notices),
    { eid: leaf.eid, hj: jurisdiction, aj: jurisdiction, kid, asked },
    async () => world.subjectKeys.openToAct(kid),
    world,
  )
  if (typeof entered === 'number') return entered
  throw new Error('a notice could not be made durable')
}

/** One for each entry that set an alarm, officer (or nobody) and period, whoever enters it and however often. */
const alarmNoticeId = (set: string, officer: string | null, period: number): string =>
  entryId('comity alarm', [set, officer ?? '', period].join('\u001f'))

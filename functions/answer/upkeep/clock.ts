/**
 * The clock, once a minute. Of open denials, whoever must act is reminded, and others are told where nobody
 * does: it costs what is open and has its time now, and not what the log holds. What holders' own systems
 * answered is removed once it was kept long enough.
 */

import { hasFailed } from '../../failure.ts'
import { isServed } from '../../identity/holds.ts'
import type { Agency } from '../../identity/register.ts'
import type { DueRow } from '../../inbox-ports.ts'
import type { Durable, Stored, World } from '../../ports.ts'
import { isInTime, matterIn } from '../ask/matter.ts'
import { type Opened, open, requestIn } from '../entries/reader.ts'
import { remind, tellOn } from '../messages/corrections.ts'
import { sweepContents } from '../records/contents.ts'
import { officesFor } from '../reminders/deadline.ts'
import { officer } from '../reminders/inbox-rows.ts'
import { stillWaitsFor } from '../reminders/progress.ts'
import { answerableTo, enterReminders, isAskedAgain } from '../reminders/reminder.ts'
import { type Clock, clockOf, nextLook, type Owing, owingTo } from '../reminders/schedule.ts'
import { forgetFor } from './removal.ts'

/** What a tick did. `left` if there was more to look at than it had time for. */
export type Ticked = {
  readonly looked: number
  readonly entered: number
  /** How many denials could not be looked at; each is looked at again later. */
  readonly failed: number
  readonly left: boolean
}

/**
 * Denials of one requester to a holder that are looked at before it is another holder's turn, and looks under way at
 * once; most that one tick looks at.
 */
const [atOnce, lookedMax] = [10, 500]

/**
 * Looks at the denials whose time has come, until `until`. Holders take turns, and each minute another is
 * first; so do the requesters of a holder. What is left keeps its place, the oldest first. Two ticks at once do no harm: a notice is
 * entered once. `failed` is called with why a denial could not be looked at.
 */
export async function tick(
  world: World,
  until: Date,
  failed: (why: unknown) => void = () => undefined,
): Promise<Ticked> {
  const now = world.now().toISOString()
  const agencies = [...(await world.register.all())].sort((a, b) => (a.id < b.id ? -1 : 1))
  const holders = agencies.filter((each) => each.holdsRecords && isServed(each, world.holds))
  for (const { id } of holders)
    for (let isDone = false; !isDone && world.now() < until; )
      isDone = (await world.questions?.forget(id)) ?? true
  const minute = Math.floor(Date.parse(now) / 60_000)
  const turn = minute % Math.max(holders.length, 1)
  let waiting = [...holders.slice(turn), ...holders.slice(0, turn)]
  const done = { looked: 0, entered: 0, failed: 0 }
  const looking = (row: DueRow, holder: Agency) =>
    look(row, holder, now, world).catch(async (error: unknown) => {
      if (world.isStoreAway(error)) throw error
      done.failed += 1
      failed(error)
      // In an hour again, so that it holds up nobody else's; soon if a newer build looks at it, too, meanwhile.
      await move(row, later(now, hasFailed(error, 'newer') ? minuteMs : hourMs), world)
      return 0
    })
  while (waiting.length > 0) {
    const more: Agency[] = []
    for (const holder of waiting) {
      if (world.now() >= until || done.looked >= lookedMax) return { ...done, left: true }
      const rows = await world.inbox.dueFor(holder.id, now, atOnce)
      for (let at = 0; at < rows.length; at += atOnce) {
        if (at > 0 && world.now() >= until) return { ...done, left: true }
        const some = rows.slice(at, at + atOnce)
        const entered = await Promise.all(some.map((row) => looking(row, holder)))
        done.looked += some.length
        done.entered += entered.reduce<number>((sum, each) => sum + (each ?? 0), 0)
        if (entered.includes(undefined)) return { ...done, left: true }
      }
      if (rows.length >= atOnce) more.push(holder)
    }
    waiting = more
  }
  // Each minute for another agency, once nobody waits.
  const own = agencies[minute % Math.max(agencies.length, 1)]
  if (own !== undefined) await forgetFor(own, world, until)
  if (own !== undefined) await sweepContents(own, world, until, failed)
  return { ...done, left: false }
}

/** The row at its next moment, which is another, before it leaves the last one, so that a crash loses none. */
async function move(row: DueRow, at: string, { inbox }: Pick<World, 'inbox'>): Promise<void> {
  await inbox.watch({ ...row, at })
  await inbox.unwatch(row)
}

/**
 * Enters what is owed about a denial by now, and sets when to look at it next; returns how many notices were
 * entered. Undefined if one could not be made durable: then the row keeps its place.
 */
async function look(
  row: DueRow,
  holder: Agency,
  now: string,
  world: World,
): Promise<number | undefined> {
  const stored = await world.ledger.read(row.eid)
  if (stored !== undefined && stored.leaf.t !== 'decision')
    return lookAtMessage(row, stored, holder, now, world)
  const opened = stored && (await open(stored, world))
  const clock = opened && clockOf(opened.told.reply, requestIn(opened).urgency)
  if (stored === undefined || opened === undefined) {
    // Erased, or kept as evidence only, which may end.
    const mayOpen = stored !== undefined && isInTime({ since: stored.leaf.ts }, now, world)
    await (mayOpen ? move(row, later(now, dayMs), world) : world.inbox.unwatch(row))
    return 0
  }
  const isOver =
    clock === undefined ||
    opened.matter.holder !== holder.id ||
    !isInTime(matterIn(stored, opened), now, world) ||
    (await isAskedAgain(stored, opened, world))
  if (isOver) {
    await world.inbox.unwatch(row)
    return 0
  }
  const owing = await owingNow(clock, now, { stored, opened, holder }, world)
  const entered = await enterReminders(stored, opened, owing, world)
  if (typeof entered !== 'number') return undefined
  await move(row, nextLook(clock, now), world)
  return entered
}

/** The same of what is to be told of a change to what left, and of whoever was told and has not acted. */
async function lookAtMessage(
  row: DueRow,
  stored: Durable,
  holder: Agency,
  now: string,
  world: World,
): Promise<number | undefined> {
  const looked =
    stored.leaf.t === 'notice'
      ? await remind(stored, now, world)
      : await tellOn(stored, holder, now, world)
  if ('kind' in looked) return undefined
  const { entered, next } = looked
  await (next === undefined ? world.inbox.unwatch(row) : move(row, next, world))
  return entered
}

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]
const later = (now: string, ms: number): string => new Date(Date.parse(now) + ms).toISOString()

/** What is owed by now: from what was told, and attested since, alone. */
async function owingNow(
  clock: Clock,
  now: string,
  of: {
    readonly stored: Stored
    readonly opened: Opened
    readonly holder: Agency
  },
  world: World,
): Promise<readonly Owing[]> {
  const waits = await stillWaitsFor(of.stored, of.opened, world)
  if (waits === 'remedied') return [answerableTo(of.opened)]
  const { todo } = of.opened.told.reply
  const made = await world.responses.of(of.stored.leaf.eid)
  const refusals = made.filter(({ what, takenBack }) => what === 'refuse' && !takenBack)
  const owed: Owing[] = []
  for (const by of waits) {
    const facts = new Set(todo.filter((step) => step.by === by).map(({ fact }) => fact))
    if (by === officer && facts.size === 0) facts.add('release.decision')
    const steps = [...facts].map((fact) => ({ by, fact }))
    const found = await officesFor(of.holder, steps, world)
    // In the order of the fact that most offices may vouch for; each once.
    const offices = new Map(
      found
        .toSorted((a, b) => b.length - a.length)
        .flat()
        .map((each) => [each.id, each]),
    )
    // An office that has refused has acted: nobody else of its kind is asked instead.
    if (refusals.some(({ office }) => offices.has(office))) continue
    owed.push(...owingTo([...offices.values()], clock, now))
  }
  return [...new Map(owed.map((each) => [`${each.what} ${each.to}`, each])).values()]
}

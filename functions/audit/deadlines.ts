/** What is due: denials that wait for an office, and agencies that were told of a change and have not said they acted. */

import * as z from 'zod'
import { isInTime, matterIn } from '../answer/ask/matter.ts'
import { requesterId } from '../answer/ask/requester.ts'
import { open, openAny, requestIn } from '../answer/entries/reader.ts'
import type { Message } from '../answer/entries/values.ts'
import { isAskedAgain } from '../answer/reminders/reminder.ts'
import { clockOf } from '../answer/reminders/schedule.ts'
import { dayMs } from '../decision/attestation.ts'
import { authorize } from '../identity/authorize.ts'
import { isServed } from '../identity/holds.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { type Asker, type LookRead, purposeSchema } from './look.ts'
import { linesReadMax, readLines } from './read-lines.ts'

/** The query of `GET /v1/deadlines`. */
export const deadlinesQuerySchema = z.strictObject({ purpose: purposeSchema })

const openDenialSchema = z.strictObject({
  id: z.string(),
  holder: z.string(),
  requester: z.string(),
  decidedAt: z.string(),
  due: z.string(),
  overdue: z.boolean().describe('Whether that is past.'),
  urgent: z.boolean().describe('By the requester’s word.'),
})
const toldSchema = z.strictObject({
  id: z.string().describe('The notice.'),
  holder: z.string(),
  to: z.string().describe('Who was told.'),
  what: z.enum(['corrected', 'restricted', 'erased', 'recalled']).describe('What became of it.'),
  toldAt: z.string().describe('When the notice was entered.'),
  due: z.string(),
  overdue: z.boolean().describe('Whether that is past and they have said nothing.'),
  did: z.string().optional().describe('What they said that they did; absent if nothing.'),
  didAt: z.string().optional().describe('When they said so.'),
})

/** What is due. */
export const deadlinesSchema = z.strictObject({
  denials: z.array(openDenialSchema).describe('Open denials with a time, the first due first.'),
  told: z
    .array(toldSchema)
    .describe('Corrections, restrictions, erasures and recalls of the last 92 days.'),
  complete: z.boolean().describe('False if there is more than was read.'),
})

/** Most denials of one holder that are read, and how far back notices are. */
const [denialsMax, noticesDays] = [500, 92]
/** After every moment. */
const ever = '9999'

/** Reads what is due at holders of the asker's jurisdiction. Nothing of a person or a case is shown. */
export async function readDeadlines(
  _: z.infer<typeof deadlinesQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<LookRead<z.infer<typeof deadlinesSchema>>> {
  const now = world.now().toISOString()
  const mayRead = authorize(asker, 'list-entries', { holder: asker.jurisdiction }) === 'whole'
  const holders = (await world.register.all()).filter(
    (each) =>
      mayRead &&
      each.holdsRecords &&
      each.jurisdiction === asker.jurisdiction &&
      isServed(each, world.holds),
  )
  const parts = await Promise.all(holders.map(({ id }) => denialsOf(id, now, world)))
  const told = mayRead ? await toldIn(asker, now, world) : { told: [], isComplete: true }
  const denials = parts.flatMap((each) => each.denials).toSorted(byDue)
  const answer = {
    denials,
    told: told.told.toSorted(byDue),
    complete: told.isComplete && parts.every(({ isComplete }) => isComplete),
  }
  const shown = [...denials, ...answer.told].map(({ id }) => id)
  return { question: {}, shown, answer }
}

const byDue = (a: { readonly due: string }, b: { readonly due: string }) => (a.due < b.due ? -1 : 1)

/** The open denials of a holder, which the clock watches. */
async function denialsOf(holder: string, now: string, world: AuditWorld) {
  const rows = await world.inbox.dueFor(holder, ever, denialsMax)
  const stored = await world.ledger.readAll([...new Set(rows.map(({ eid }) => eid))])
  const found = await Promise.all(
    [...stored.values()].map((each) => denialIn(each, holder, now, world)),
  )
  return { denials: found.flat(), isComplete: rows.length < denialsMax }
}

/** An open denial that still waits, as the clock would see it. */
async function denialIn(
  stored: Stored,
  holder: string,
  now: string,
  world: AuditWorld,
): Promise<z.infer<typeof openDenialSchema>[]> {
  const { eid: id, t: kind } = stored.leaf
  const opened = kind === 'decision' ? await open(stored, world) : undefined
  const clock = opened && clockOf(opened.told.reply, requestIn(opened).urgency)
  if (opened === undefined || clock === undefined || opened.matter.holder !== holder) return []
  if (!isInTime(matterIn(stored, opened), now, world)) return []
  if (await isAskedAgain(stored, opened, world)) return []
  const { from: decidedAt, due, isUrgent: urgent } = clock
  const requester = requesterId(opened)
  return [{ id, holder, requester, decidedAt, due, overdue: due < now, urgent }]
}

/** Who was told of a change to what left, and what they said. */
async function toldIn(asker: Asker, now: string, world: AuditWorld) {
  const from = new Date(Date.parse(now) - noticesDays * dayMs).toISOString()
  const { lines, reached } = await readLines(world.lookups, {
    key: { jurisdiction: asker.jurisdiction, by: 'all', value: '' },
    range: { from },
    wanted: ({ kind, side, notice }) =>
      kind === 'notice' && side === 'holder' && toldSchema.shape.what.safeParse(notice).success,
    limit: linesReadMax,
    readMax: linesReadMax,
  })
  const stored = await world.ledger.readAll(lines.map(({ id }) => id))
  const told = await Promise.all(
    [...stored.values()].map(async (each) => {
      const opened = await openAny(each, world)
      const notice = opened?.kind === 'notice' ? opened.values.notice : undefined
      return notice !== undefined && 'cause' in notice
        ? [await messageOf(each, notice, now, world)]
        : []
    }),
  )
  return { told: told.flat(), isComplete: reached === undefined }
}

async function messageOf(
  { leaf: { eid: id, ts: toldAt } }: Stored,
  { holder, to, what, due, cause }: Message,
  now: string,
  world: AuditWorld,
): Promise<z.infer<typeof toldSchema>> {
  const done = await world.messages.done({ cause, to, id })
  return {
    ...{ id, holder, to, what: toldSchema.shape.what.parse(what), toldAt, due },
    overdue: done === undefined && due < now,
    ...(done && { did: done.did, didAt: done.at }),
  }
}

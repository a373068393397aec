/** Waits for an agency's events, and tells them as soon as there are some. */

import * as z from 'zod'
import { eventsAfter, eventsCursorMax } from '../answer/messages/events.ts'
import { callKeysOf } from '../identity/register.ts'
import { type CallAsked, page } from './calls.ts'
import { runtimePause } from './trace.ts'

/** What is asked of the feed. */
export const eventsQuerySchema = z.strictObject({
  after: z.string().max(eventsCursorMax).optional().describe('`next` of the page before.'),
  wait: z
    .string()
    .regex(/^(\d|1\d|20)$/, 'a whole number of seconds, 20 at most')
    .default('0')
    .transform(Number)
    .describe('How many seconds to wait if there is nothing. The answer may come earlier.'),
})

/** How often a call that waits looks again, ms. */
const lookMs = 1000
/** How many calls of one agency wait at once in one instance; a further one is answered at once. */
const waitingMax = 4

const waiting = new Map<string, number>()

/** Answers at once if there is something; else once there is, or no more time. */
export async function waitForEvents(
  { c, call, query, world, waitMs }: CallAsked<unknown, z.infer<typeof eventsQuerySchema>>,
  pause = runtimePause,
) {
  const { agency, kid } = call
  const turn = (by: 1 | -1) => {
    const count = (waiting.get(agency.id) ?? 0) + by
    if (count === 0) waiting.delete(agency.id)
    else waiting.set(agency.id, count)
    return count
  }
  const end = performance.now() + Math.min(query.wait * 1000, waitMs)
  const isOneTooMany = turn(1) > waitingMax
  try {
    for (;;) {
      // While it waits, the agency may be suspended, or its key revoked.
      const still = await world.register.agency(agency.id)
      const own = still === undefined ? [] : callKeysOf(still)
      const isStill = own.some((key) => key.kid === kid && key.status === 'active')
      if (still === undefined || !isStill) return { kind: 'not-your-role' } as const
      const events = await eventsAfter(still, query.after, world)
      if ('kind' in events) return events
      const isSomething = events.events.length + events.hints.length > 0 || events.more
      const left = end - performance.now()
      const isOver = left <= 0 || c.req.raw.signal.aborted
      if (isSomething || isOneTooMany || isOver) return page(events)
      await pause(Math.min(lookMs, left))
    }
  } finally {
    turn(-1)
  }
}

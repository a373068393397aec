/** Routes by which an agency is told: its events, at once or as soon as there is one. */

import { Hono } from 'hono'
import * as z from 'zod'
import { disclosuresAfter, disclosuresQuerySchema } from '../answer/messages/disclosures.ts'
import { eventsAfter, eventsCursorMax } from '../answer/messages/events.ts'
import { toldOf, toldQuerySchema } from '../answer/messages/recipients.ts'
import { actorOf } from '../identity/authorize.ts'
import { callKeysOf } from '../identity/register.ts'
import type { World } from '../ports.ts'
import { type Guarded, type Log, queryAs } from './guard.ts'
import { invalid } from './problem.ts'
import { refused } from './refusal.ts'
import { runtimePause } from './trace.ts'

type App = Hono<{ Variables: Guarded }>

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

/** Longest a call waits, ms, unless the door says less. */
const waitMsMax = 20_000
/** How often a call that waits looks again, ms. */
const lookMs = 1000
/** How many calls of one agency wait at once in one instance; a further one is answered at once. */
const waitingMax = 4

type NotGiven = { readonly kind: 'wrong-cursor' } | { readonly kind: 'not-your-role' }

/** The routes. `waitMs` is the longest that a call may wait. */
export function eventsApi(world: World, log: Log, waitMs = waitMsMax, pause = runtimePause): App {
  const app: App = new Hono()
  const notGiven = (traceId: string, why: NotGiven) => {
    if (why.kind === 'not-your-role') return refused(traceId, why, log)
    const fix = 'it is not the `next` of a page that your agency was given; ask without it'
    return invalid(traceId, '/after', fix)
  }
  const waiting = new Map<string, number>()
  const turn = (agency: string, by: 1 | -1) => {
    const count = (waiting.get(agency) ?? 0) + by
    if (count === 0) waiting.delete(agency)
    else waiting.set(agency, count)
    return count
  }
  app.get('/events', async (c) => {
    const query = queryAs(c, eventsQuerySchema)
    if ('response' in query) return query.response
    const { agency, kid } = c.get('call')
    const { after, wait } = query.value
    const end = performance.now() + Math.min(wait * 1000, waitMs)
    const isOneTooMany = turn(agency.id, 1) > waitingMax
    try {
      for (;;) {
        // While it waits, the agency may be suspended, or its key revoked.
        const still = await world.register.agency(agency.id)
        const own = still === undefined ? [] : callKeysOf(still)
        const isStill = own.some((key) => key.kid === kid && key.status === 'active')
        if (still === undefined || !isStill)
          return notGiven(c.get('traceId'), { kind: 'not-your-role' })
        const page = await eventsAfter(still, after, world)
        if ('kind' in page) return notGiven(c.get('traceId'), page)
        const isSomething = page.events.length + page.hints.length > 0 || page.more
        const left = end - performance.now()
        const isOver = left <= 0 || c.req.raw.signal.aborted
        if (isSomething || isOneTooMany || isOver) return c.json(page)
        await pause(Math.min(lookMs, left))
      }
    } finally {
      turn(agency.id, -1)
    }
  })
  app.get('/disclosures', async (c) => {
    const query = queryAs(c, disclosuresQuerySchema)
    if ('response' in query) return query.response
    const page = await disclosuresAfter(c.get('call').agency, query.value.after, world)
    return 'kind' in page ? notGiven(c.get('traceId'), page) : c.json(page)
  })
  for (const [path, kindOf] of [
    ['/corrections/:id', 'record'],
    ['/recalls/:id', 'recall'],
  ] as const)
    app.get(path, async (c) => {
      const query = queryAs(c, toldQuerySchema)
      if ('response' in query) return query.response
      const { after } = query.value
      const page = await toldOf(actorOf(c.get('call')), kindOf, c.req.param('id'), after, world)
      if (!('kind' in page)) return c.json(page)
      return page.kind === 'wrong-cursor'
        ? notGiven(c.get('traceId'), page)
        : refused(c.get('traceId'), page, log)
    })
  return app
}

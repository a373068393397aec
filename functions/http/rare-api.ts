/** All calls but those of the door, by one table: an instance reads it once one of them comes. */

import type { Context } from 'hono'
import type { World } from '../ports.ts'
import type { CallRow } from './calls.ts'
import { callsOnLaw } from './calls-law.ts'
import { callsOfOffices } from './calls-offices.ts'
import { callsOnRecords } from './calls-records.ts'
import { callsOnRequests } from './calls-requests.ts'
import { bodyAs, type Guarded, type Log, queryAs } from './guard.ts'
import { invalid } from './problem.ts'
import { refused } from './refusal.ts'
import type { RareCall } from './routes.ts'

/** A row for each: how it is described, and what takes it. */
export const rareCalls: Readonly<Record<RareCall, CallRow>> = {
  ...callsOnRequests,
  ...callsOfOffices,
  ...callsOnRecords,
  ...callsOnLaw,
}

/** Answers one of them by its row, as whoever waits for an event does for `waitMs` at most. */
export async function takeRare(
  of: RareCall,
  c: Context<{ Variables: Guarded }>,
  world: World,
  log: Log,
  waitMs = waitMsMax,
): Promise<Response> {
  const row = rareCalls[of]
  const query = row.query && queryAs(c, row.query)
  if (query && 'response' in query) return query.response
  const body = row.body && (await bodyAs(c, row.body))
  if (body && 'response' in body) return body.response
  const asked = { c, world, waitMs, call: c.get('call'), id: c.req.param('id') ?? '' }
  const taken = await row.take({ ...asked, body: body?.value, query: query?.value })
  if (taken instanceof Response) return taken
  switch (taken.kind) {
    case 'page':
      return c.json(taken.page)
    case 'done':
    case 'taken': {
      // By name, so that nothing else of an act leaves. JSON has no member that is undefined.
      const { id, receipt, warnings, value, says, first } = taken
      return c.json({ id, receipt, warnings, value, says: says || undefined }, first ? 201 : 200)
    }
    case 'wrong-cursor':
      return invalid(c.get('traceId'), '/after', anotherCursor)
    default:
      return refused(c.get('traceId'), taken, log)
  }
}

/** Longest that a call waits, ms, unless the door says less. */
const waitMsMax = 20_000

const anotherCursor = 'it is not the `next` of a page that your agency was given; ask without it'

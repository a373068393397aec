/** The table of all calls but those of the door: an instance reads it once one of them comes. */

import type { Context } from 'hono'
import type { World } from '../ports.ts'
import { answerBy, type CallRow } from './calls.ts'
import { callsOnLaw } from './calls-law.ts'
import { callsOfOffices } from './calls-offices.ts'
import { callsOnRecords } from './calls-records.ts'
import { callsOnRequests } from './calls-requests.ts'
import type { Guarded, Log } from './guard.ts'
import type { RareCall } from './routes.ts'

/** A row for each: how it is described, and what takes it. */
export const rareCalls: Readonly<Record<RareCall, CallRow>> = {
  ...callsOnRequests,
  ...callsOfOffices,
  ...callsOnRecords,
  ...callsOnLaw,
}

/** Answers one of them, as whoever waits for an event does for `waitMs` at most. */
export const takeRare = (
  call: RareCall,
  c: Context<{ Variables: Guarded }>,
  world: World,
  log: Log,
  waitMs?: number,
): Promise<Response> => answerBy(rareCalls[call], c, world, log, waitMs)

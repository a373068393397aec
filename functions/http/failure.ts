/** What is answered when something fails, and what of it goes to the security log. */

import type { Recorded } from '../answer/record-act.ts'
import { saidOf } from '../failure.ts'
import type { Log } from './guard.ts'
import { problem } from './problem.ts'

/** Answers an error that no journey expects. */
export function failed(
  traceId: string,
  error: Error,
  isStoreAway: (error: unknown) => boolean,
  log: Log,
): Response {
  log({ event: 'failed', why: saidOf(error), traceId })
  return problem(traceId, isStoreAway(error) ? 'not-durable' : 'internal')
}

/** Answers a call that has no entry, or an entry that is not its own. */
export function notEntered(
  traceId: string,
  why: Exclude<Recorded, { readonly kind: 'recorded' }>,
  log: Log,
): Response {
  if (why.kind === 'unavailable') {
    log({ event: 'failed', why: why.why, traceId })
    return problem(traceId, 'not-durable')
  }
  if (why.kind === 'jti-reused') log({ event: 'jti-reused', why: why.kind, traceId })
  return problem(traceId, why.kind)
}

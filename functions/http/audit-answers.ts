/** What the audit API answers: never anything of a look that is not in the ledger. */

import type { Context, Hono } from 'hono'
import type { Consulted } from '../journeys/consult.ts'
import type { NotShown } from '../journeys/list-decisions.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Guarded, SecurityEvent } from './guard.ts'
import type { Operations } from './openapi-document.ts'
import { problem } from './problem.ts'

/** A call behind the guard. */
export type GuardedContext = Context<{ Variables: Guarded }>

/** Takes lines for the security log. */
export type Log = (event: SecurityEvent) => void

/** Routes beside those of this file, behind the same guard, and how the document describes them. */
export type Mount = {
  readonly routes: (world: AuditWorld, log: Log) => Hono<{ Variables: Guarded }>
  readonly operations: Operations
}

/** Answers a look. INVARIANT (no look unseen): whatever is shown needs the proof of its entry. */
export const shown = (
  c: GuardedContext,
  _: Consulted,
  body: unknown,
  more: Readonly<Record<string, string>> = {},
): Response =>
  typeof body === 'string'
    ? c.body(body, 200, more)
    : c.body(JSON.stringify(body), 200, { 'Content-Type': 'application/json', ...more })

/** Answers a look that shows nothing. */
export function notShown(
  c: GuardedContext,
  why: NotShown | { readonly kind: 'no-such-entry' },
  log: Log,
): Response {
  const traceId = c.get('traceId')
  switch (why.kind) {
    case 'no-such-entry':
      return problem(traceId, 'not-found')
    case 'wrong-cursor': {
      const detail = 'it is not the `next` of a page of this question that your office was given'
      return problem(traceId, 'invalid-request', { errors: [{ pointer: '/cursor', detail }] })
    }
    case 'unavailable':
      log({ event: 'failed', why: why.why, traceId })
      return problem(traceId, 'not-durable', { retryAfter: 1 })
    case 'jti-reused':
      log({ event: 'jti-reused', why: why.kind, traceId })
      return problem(traceId, why.kind)
    default:
      return problem(traceId, why.kind)
  }
}

/** Answers an error that no journey expects. */
export function failed(
  traceId: string,
  error: Error,
  isStoreAway: (error: unknown) => boolean,
  log: Log,
): Response {
  // Our own sentences hold no personal data; of any other error only the kind is said.
  const why = error.message.startsWith('couldn’t ') ? error.message : error.name
  log({ event: 'failed', why, traceId })
  return isStoreAway(error)
    ? problem(traceId, 'not-durable', { retryAfter: 1 })
    : problem(traceId, 'internal')
}

/** What the audit API answers: never anything of a look that is not in the ledger. */

import type { Context, Hono } from 'hono'
import type { Consulted } from '../audit/consult.ts'
import type { NotShown } from '../audit/list-decisions.ts'
import type { AuditWorld } from '../log-ports.ts'
import { notEntered } from './failure.ts'
import type { Guarded, Log } from './guard.ts'
import type { Operations } from './openapi-document.ts'
import { invalid, problem } from './problem.ts'

/** A call behind the guard. */
export type GuardedContext = Context<{ Variables: Guarded }>

/** Routes beside those of `audit-api.ts`, and how the document describes them. */
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
  typeof body === 'string' || body instanceof Uint8Array
    ? c.body(typeof body === 'string' ? body : Uint8Array.from(body), 200, more)
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
    case 'wrong-cursor':
      return invalid(
        traceId,
        '/cursor',
        'it is not the `next` of a page of this question that your office was given',
      )
    case 'not-your-role':
    case 'result-changed':
      return problem(traceId, why.kind)
    default:
      return notEntered(traceId, why, log)
  }
}

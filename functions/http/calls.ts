/**
 * What a call of an agency is made of: a row, from which its route and its part of the OpenAPI document come, as those
 * of auditors do from `audit/looks.ts`. `rare-api.ts` has the table.
 */

import type { Context } from 'hono'
import type * as z from 'zod'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import type { World } from '../ports.ts'
import { bodyAs, type Guarded, type Log, queryAs } from './guard.ts'
import type { Operation } from './openapi-document.ts'
import { invalid } from './problem.ts'
import { type Refused, refused } from './refusal.ts'
import type { RareCall } from './routes.ts'

/** What a row takes. `id` comes from the path, empty if it has none. An open call has no `call`. */
export type CallAsked<Body = unknown, Query = unknown> = {
  readonly c: Context<{ Variables: Guarded }>
  readonly call: SignedCall
  readonly id: string
  readonly body: Body
  readonly query: Query
  readonly world: World
  /** Longest that the call may wait, ms. */
  readonly waitMs: number
}

/** An act, and what the answer says of it. */
type Done = {
  readonly kind: 'done' | 'taken'
  readonly first: boolean
  readonly id: string
  readonly receipt?: string
  readonly warnings?: readonly unknown[]
  readonly value?: unknown
  readonly says?: string
}

/** An act that is entered, a page, an answer as it goes out, or why there is none. */
type Taken =
  | Response
  | Refused
  | Done
  | { readonly kind: 'page'; readonly page: object }
  | { readonly kind: 'wrong-cursor' }

/** One call: how it is described, and what takes it. */
export type CallRow<Body extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> = Omit<
  Operation,
  'body' | 'query'
> & {
  readonly body?: Body
  readonly query?: Query
  /** A query that is not as described is that of nothing: not found, and no fault. */
  readonly isLoose?: true
  take(asked: CallAsked<z.infer<Body>, z.infer<Query>>): Promise<Taken>
}

/** Rows for some calls. */
export type CallRows = Partial<Readonly<Record<RareCall, CallRow>>>

/** Gives a row the types of its own schemas. */
export const call = <Body extends z.ZodType, Query extends z.ZodType>(
  row: CallRow<Body, Query>,
): CallRow<Body, Query> => row

/** A page, unless it says why there is none. */
export const page = <T extends object>(
  read: T,
): Extract<T, { kind: string }> | { readonly kind: 'page'; readonly page: object } =>
  // A cast: whatever has a kind says why there is no page.
  'kind' in read ? (read as Extract<T, { kind: string }>) : { kind: 'page', page: read }

/** Answers a call by its row. */
export async function answerBy(
  row: CallRow,
  c: Context<{ Variables: Guarded }>,
  world: World,
  log: Log,
  waitMs = waitMsMax,
): Promise<Response> {
  const query = row.query && (row.isLoose ? { value: c.req.query() } : queryAs(c, row.query))
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

/**
 * What a call of an agency is made of: a row, from which its route and its part of the OpenAPI document come, as those
 * of auditors do from `audit/looks.ts`. `rare-api.ts` has the table.
 */

import type { Context } from 'hono'
import type * as z from 'zod'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import type { World } from '../ports.ts'
import type { Guarded } from './guard.ts'
import type { Operation } from './openapi-document.ts'
import type { Refused } from './refusal.ts'
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

/** How every act of an agency is taken and answered. */

import type { Context } from 'hono'
import type * as z from 'zod'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import { bodyAs, type Guarded, type Log } from './guard.ts'
import { type Refused, refused } from './refusal.ts'

/** The result of an act, and what the answer says besides its entry. */
type Done =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
      readonly warnings?: readonly unknown[]
      readonly says?: string
    }
  | Refused

type Handled = (c: Context<{ Variables: Guarded }>) => Promise<Response>

/** Handlers for acts: `act` without a body, `actOn` with one. `id` comes from the path. */
export function acting(log: Log) {
  const done = (c: Context<{ Variables: Guarded }>, result: Done): Response => {
    if (result.kind !== 'done') return refused(c.get('traceId'), result, log)
    const { id, receipt, first, warnings, says } = result
    const answer = { id, receipt, ...(warnings && { warnings }), ...(says && { says }) }
    return c.json(answer, first ? 201 : 200)
  }
  const idIn = (c: Context) => c.req.param('id') ?? ''
  return {
    act:
      (take: (call: SignedCall, id: string) => Promise<Done>): Handled =>
      async (c) =>
        done(c, await take(c.get('call'), idIn(c))),

    actOn:
      <T>(
        schema: z.ZodType<T>,
        take: (call: SignedCall, body: T, id: string) => Promise<Done>,
      ): Handled =>
      async (c) => {
        const body = await bodyAs(c, schema)
        if ('response' in body) return body.response
        return done(c, await take(c.get('call'), body.value, idIn(c)))
      },
  }
}

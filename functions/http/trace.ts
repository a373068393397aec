/** Ids by which one call is found again: W3C Trace Context and Request-Id, in and out. */

import type { MiddlewareHandler } from 'hono'

/** The trace id of a call. */
export type Trace = { traceId: string }

const traceparent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/
/** An id that a caller gave its request, to be said back. */
const requestId = /^[A-Za-z0-9._-]{1,64}$/
const none = '0'.repeat(32)

/** Keeps the caller's trace id, or makes one; says it in every answer, which nobody may cache unless it says so. */
export const trace = (
  random: (bytes: number) => Uint8Array,
): MiddlewareHandler<{ Variables: Trace }> =>
  async function trace(c, next) {
    const [, given = none, flags = '00'] = traceparent.exec(c.req.header('traceparent') ?? '') ?? []
    const named = requestId.exec(c.req.header('Request-Id') ?? '')?.[0]
    const hex = (bytes: number) => Buffer.from(random(bytes)).toString('hex')
    const traceId = given === none ? hex(16) : given
    c.set('traceId', traceId)
    await next()
    c.header('traceparent', `00-${traceId}-${hex(8)}-${flags}`)
    c.header('Request-Id', named ?? traceId)
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
  }

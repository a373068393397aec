/**
 * What surrounds each call: its trace ids (W3C Trace Context and Request-Id, in and out), its line in the log,
 * and the moment its answer leaves. Answers leave on a beat, so that their time tells nothing about the work.
 */

import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { AnsweredLine } from '../lines.ts'
import { problemSchema } from './problem.ts'

/** The trace id of a call and, for its line, the outcome of a decision. */
export type Trace = { traceId: string; outcome?: AnsweredLine['outcome'] }

const traceparent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/
/** An id that a caller gave its request. The answer repeats it. */
const requestId = /^[A-Za-z0-9._-]{1,64}$/
const none = '0'.repeat(32)

/**
 * Keeps the caller's trace id, or makes one, and puts it in every answer. Forbids caching, unless the answer
 * sets its own `Cache-Control`. `log` takes the line of the call.
 */
export const trace = (
  random: (bytes: number) => Uint8Array,
  log: (line: AnsweredLine) => void,
): MiddlewareHandler<{ Variables: Trace }> =>
  async function trace(c, next) {
    const began = performance.now()
    const [, given = none, flags = '00'] = traceparent.exec(c.req.header('traceparent') ?? '') ?? []
    const named = requestId.exec(c.req.header('Request-Id') ?? '')?.[0]
    const hex = (bytes: number) => Buffer.from(random(bytes)).toString('hex')
    const traceId = given === none ? hex(16) : given
    c.set('traceId', traceId)
    await next()
    log(await answered(c, Math.round(performance.now() - began)))
    // Not by `c.header`, which by now makes a new answer each time, its body a stream.
    const { headers } = c.res
    headers.set('traceparent', `00-${traceId}-${hex(8)}-${flags}`)
    headers.set('Request-Id', named ?? traceId)
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  }

/** The line of a call. */
async function answered(c: Context<{ Variables: Trace }>, ms: number): Promise<AnsweredLine> {
  const { status, headers } = c.res
  const isProblem = headers.get('Content-Type') === 'application/problem+json'
  const code = isProblem ? problemSchema.parse(await c.res.clone().json()).code : undefined
  const outcome = c.get('outcome')
  // The route that answers, or would have answered. Routes for `ALL` methods are middleware.
  const { method, path } = matchedRoutes(c).find(({ method }) => method !== 'ALL') ?? nowhere
  return {
    event: 'answered',
    traceId: c.get('traceId'),
    method,
    route: path,
    status,
    ms,
    ...(outcome === undefined ? {} : { outcome }),
    ...(code === undefined ? {} : { code }),
  }
}

const nowhere = { method: '*', path: '*' }

/**
 * The beat, ms. We chose it longer than nearly every answer takes, its store included, so that an answer that
 * finds something comes on the same beat as one that finds nothing.
 */
export const beatMs = 50

/** Waits for `ms` milliseconds. */
export type Pause = (ms: number) => Promise<void>

/** The pause of the runtime. */
export const runtimePause: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** When the body of a call was read. The beat starts there, so that a slow sender cannot choose its phase. */
export type ReadAt = { readAt?: number }

/**
 * Holds an answer back until a whole number of beats after its call was read. Every answer to a call is on the
 * beat, releases too: their time would tell what else the holder has. Answers outside the guard leave at once.
 */
export const onTheBeat = (pause: Pause): MiddlewareHandler<{ Variables: ReadAt }> =>
  async function onTheBeat(c, next) {
    await next()
    const readAt = c.get('readAt')
    if (readAt !== undefined) await pause(beatMs - ((performance.now() - readAt) % beatMs))
  }

/**
 * What surrounds each call: the ids by which it is found again (W3C Trace Context and Request-Id, in and out), its
 * line, and when its answer leaves: on a beat, so that how long the work took does not tell what it was about.
 */

import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { AnsweredLine } from '../lines.ts'
import { problemSchema } from './problem.ts'

/** The trace id of a call; and what a decision told, for its line. */
export type Trace = { traceId: string; outcome?: AnsweredLine['outcome'] }

const traceparent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/
/** An id that a caller gave its request, to be said back. */
const requestId = /^[A-Za-z0-9._-]{1,64}$/
const none = '0'.repeat(32)

/**
 * Keeps the caller's trace id, or makes one; says it in every answer, which nobody may cache unless it
 * says so. `log` takes the line of the call.
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
    c.header('traceparent', `00-${traceId}-${hex(8)}-${flags}`)
    c.header('Request-Id', named ?? traceId)
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
  }

/** The line of a call. */
async function answered(c: Context<{ Variables: Trace }>, ms: number): Promise<AnsweredLine> {
  const { status, headers } = c.res
  const isProblem = headers.get('Content-Type') === 'application/problem+json'
  const code = isProblem ? problemSchema.parse(await c.res.clone().json()).code : undefined
  const outcome = c.get('outcome')
  // The one that answers, or would have: those for every method only look at what comes by.
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
 * The beat, ms. A choice of ours: longer than nearly every answer takes with its store, so that what
 * one finds is no beat later than what finds nothing.
 */
export const beatMs = 50

/** Waits for so many ms. */
export type Pause = (ms: number) => Promise<void>

/** The pause of the runtime. */
export const runtimePause: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** When the body of a call was there; whoever sends it slowly does not choose where in the beat we are. */
export type ReadAt = { readAt?: number }

/**
 * Holds an answer back until a whole number of beats after its call was read. An answer is on the beat
 * whatever it is: a release also tells by its time what else is held. What is no call of an agency
 * leaves at once.
 */
export const onTheBeat = (pause: Pause): MiddlewareHandler<{ Variables: ReadAt }> =>
  async function onTheBeat(c, next) {
    await next()
    const readAt = c.get('readAt')
    if (readAt !== undefined) await pause(beatMs - ((performance.now() - readAt) % beatMs))
  }

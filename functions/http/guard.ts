/** Checks a call's size, signature and rate before anything reads its content. */

import type { Context, MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import { answerBytesMax } from '../decision/question.ts'
import { bodyBytesMax } from '../decision/request.ts'
import { claimFixes, faultOfDigest } from '../identity/claims.ts'
import { verifyCall } from '../identity/signature.ts'
import type { CallLine } from '../lines.ts'
import { fileBytesMax } from '../picture/limits.ts'
import { valueIn } from '../policy/json.ts'
import type { World } from '../ports.ts'
import { readAs } from './faults.ts'
import { type ProblemCode, problem, unauthorized } from './problem.ts'
import type { ReadAt, Trace } from './trace.ts'

/** Takes lines about calls. */
export type Log = (line: CallLine) => void

/** What a handler behind the guard may rely on. */
export type Guarded = Trace & ReadAt & { call: SignedCall }

/** What a door that bounds its callers wants to know: whether the signature of a call held. */
export type Bounding = { signed?(holds: boolean): void }

/**
 * Lets a call pass if its signature holds. Every other call gets the same 401, whatever was wrong, unless a
 * registered key signed it: then it says which claim is wrong. Each running
 * instance counts calls per agency and minute on its own.
 */
export const guard = (
  world: World,
  log: Log,
  timer: Timer = runtimeTimer,
): MiddlewareHandler<{ Variables: Guarded }> => {
  const countOf = countingByMinute()
  return async function guard(c, next) {
    const traceId = c.get('traceId')
    const { pathname, search } = new URL(c.req.url)
    // Without a query: by this address a verifier tells a call whose body no entry keeps.
    const isFile =
      c.req.method === 'PUT' && /^\/v1\/records\/[^/]+\/files\/[^/?]+$/.test(pathname + search)
    const isAnswer = pathname.startsWith('/v1/questions/')
    // INVARIANT (costs before trust): what is larger than most bodies is read only once a signature holds.
    const bytesMax = isFile ? fileBytesMax : isAnswer ? answerBytesMax : undefined
    const small = bytesMax === undefined ? await readBody(c.req.raw, timer) : undefined
    c.set('readAt', performance.now())
    if (typeof small === 'string') return problem(traceId, small)
    const call = {
      method: c.req.method,
      url: `${world.origin}${pathname}${search}`,
      authorization: c.req.header('authorization'),
      body: small ?? ('unread' as const),
    }
    const now = Math.floor(world.now().getTime() / 1000)
    const verified = await verifyCall(call, {
      audience: world.origin,
      now,
      agency: (id) => world.register.agency(id),
    })
    // On a door that bounds nobody there is nobody to tell.
    ;(c.env as Bounding | undefined)?.signed?.(!('refused' in verified))
    if ('refused' in verified) {
      log({ event: 'call-refused', why: verified.refused, traceId })
      return unauthorized(traceId, verified.fix)
    }
    const { agency } = verified.verified
    if (countOf(agency.id, now) > agency.requestsPerMinute) {
      log({ event: 'rate-limited', why: agency.id, traceId })
      return problem(traceId, 'rate-limited', { retryAfter: 60 - (now % 60) })
    }
    const body = small ?? (await readBody(c.req.raw, timer, bytesMax))
    if (typeof body === 'string') return problem(traceId, body)
    const wrong = small ? undefined : faultOfDigest(verified.verified.bodyDigest, body)
    if (wrong !== undefined) {
      log({ event: 'call-refused', why: wrong, traceId })
      return unauthorized(traceId, claimFixes[wrong])
    }
    // No entry keeps a file: its digest is in what was signed.
    const text = isFile ? '' : textOf(body)
    if (text === undefined) {
      const errors = [{ pointer: '', detail: 'the body is not UTF-8' }]
      return problem(traceId, 'invalid-json', { errors })
    }
    c.set('call', {
      ...verified.verified,
      method: call.method,
      url: call.url,
      body: text,
      ...(isFile && { file: body }),
    })
    return next()
  }
}

/** Counts calls of each caller in the minute of `now`, in seconds: this one included. */
export function countingByMinute(): (caller: string, now: number) => number {
  const counts = new Map<string, number>()
  let minute = 0
  return (caller, now) => {
    if (minute !== Math.floor(now / 60)) {
      minute = Math.floor(now / 60)
      counts.clear()
    }
    const count = (counts.get(caller) ?? 0) + 1
    counts.set(caller, count)
    return count
  }
}

/** How long a body may take to arrive, ms: any agency's line is faster than 16 KB in this time. */
const bodyMsMax = 10_000

/** Calls `act` after `ms`, unless the returned function is called first. */
export type Timer = (ms: number, act: () => void) => () => void

/** The timer of the runtime. */
export const runtimeTimer: Timer = (ms, act) => {
  const timeout = setTimeout(act, ms)
  return () => clearTimeout(timeout)
}

/**
 * The bytes of a body, or the problem with it. Keeps no byte beyond the limit, and then waits neither for what
 * the runtime has read ahead nor for what the other side still sends.
 */
export async function readBody(
  request: Request,
  timer: Timer,
  bytesMax = bodyBytesMax,
): Promise<Uint8Array<ArrayBuffer> | ProblemCode> {
  const stated = request.headers.get('content-length')
  if (Number(stated) > bytesMax) return 'body-too-large'
  const { promise: late, resolve: end } = Promise.withResolvers<'late'>()
  const stop = timer(bodyMsMax, () => end('late'))
  try {
    // The runtime lets no body be longer than it says (RFC 9112 §6.3), and has one at hand without a stream.
    if (stated === null) return await readStream(request, late, bytesMax)
    const read = await Promise.race([request.arrayBuffer(), late])
    if (read === 'late') return 'body-too-slow'
    return read.byteLength > bytesMax ? 'body-too-large' : new Uint8Array(read)
  } finally {
    stop()
  }
}

/** Room for a body of unknown length at first, bytes. */
const firstBytes = 4096

async function readStream(
  { body: stream }: Request,
  late: Promise<'late'>,
  bytesMax: number,
): ReturnType<typeof readBody> {
  if (stream === null) return new Uint8Array()
  const reader = stream.getReader()
  /** `cancel` is not awaited: a source that never ends may never finish cancelling. */
  const refuse = (code: ProblemCode): ProblemCode => {
    reader.cancel().catch(() => undefined)
    return code
  }
  // It grows with what came: nobody has signed yet, and many may send nothing.
  let body = new Uint8Array(Math.min(firstBytes, bytesMax))
  for (let size = 0; ; ) {
    const read = await Promise.race([reader.read(), late])
    if (read === 'late') return refuse('body-too-slow')
    if (read.done) return body.slice(0, size)
    if (size + read.value.length > bytesMax) return refuse('body-too-large')
    const needed = size + read.value.length
    if (needed > body.length) {
      const larger = new Uint8Array(Math.min(bytesMax, Math.max(needed, 2 * body.length)))
      larger.set(body.subarray(0, size))
      body = larger
    }
    body.set(read.value, size)
    size = needed
  }
}

/** The text of a body, or undefined if its bytes are not UTF-8 (RFC 3629). */
export function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return undefined
  }
}

/** The body as a schema wants it, or the problem that says every fault at once. */
export async function bodyAs<T>(
  c: Context<{ Variables: Guarded }>,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T } | { readonly response: Response }> {
  const traceId = c.get('traceId')
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json(;\s*charset=utf-8)?$/i.test(type))
    return { response: problem(traceId, 'unsupported-media-type') }
  const { body } = c.get('call')
  const value = valueIn(body)
  if (value !== undefined) return checkedAs(schema, value, traceId)
  // Read once somebody sends what is no JSON.
  const { faultIn } = await import('../policy/json-fault.ts')
  const { offset, message } = faultIn(body)
  // Names in the body are not echoed; the offset says enough.
  const detail = `at character ${offset}: ${message.replace(/`[^`]*`/g, 'here')}`
  const errors = [{ pointer: '', detail }]
  return { response: problem(traceId, 'invalid-json', { errors }) }
}

/** The query as a schema wants it, each parameter once, or the problem that says every fault at once. */
export function queryAs<T>(
  c: Context<{ Variables: Guarded }>,
  schema: z.ZodType<T>,
): { readonly value: T } | { readonly response: Response } {
  // A parameter given twice becomes a list, which no query schema accepts.
  const given = Object.entries(c.req.queries()).map(([name, all]) => [
    name,
    all.length === 1 ? all[0] : all,
  ])
  return checkedAs(schema, Object.fromEntries(given), c.get('traceId'))
}

function checkedAs<T>(
  schema: z.ZodType<T>,
  value: unknown,
  traceId: string,
): { readonly value: T } | { readonly response: Response } {
  const read = readAs(schema, value)
  if ('value' in read) return read
  return { response: problem(traceId, 'invalid-request', { errors: read.faults }) }
}

/** Problems (RFC 9457). Only this file knows their status codes. */

import * as z from 'zod'
import { visible } from '../decision/free-text.ts'
import { type BodyFault, faultSchema } from './faults.ts'

/** Every problem: its status, its title for people and, for some, after how many seconds to try again. */
export const problems = {
  unauthorized: [401, 'The call is not signed as this gateway needs it'],
  'may-not-attest': [
    403,
    'The register does not let your agency vouch for this, or your agency has not named this officer for it',
  ],
  'not-a-holder': [
    403,
    'By the register your agency keeps no records, or not where this call has them: here, or in its own system',
  ],
  'not-your-role': [
    403,
    'The register gives your office no role for this, or your office has not named this officer for it',
  ],
  'not-found': [404, 'There is no such thing, or it is not yours to see'],
  'not-sealed': [404, 'The entry is durable but not sealed into the log yet', 60],
  'invalid-json': [400, 'The body is not JSON as this gateway reads it'],
  'record-changed': [
    409,
    'The record changed since the decision, it was recalled, or something else would be decided now; ask anew',
  ],
  'not-as-shown': [
    409,
    'Something else would leave than your officer was shown; nothing did, so look again',
  ],
  'too-late': [410, 'The time in which it could be fetched is over'],
  'file-gone': [
    410,
    'The content of this file was destroyed, or is not kept any more; ask its holder',
  ],
  'already-reviewed': [409, 'It was put before a person already, or he has answered'],
  'already-done': [409, 'Your office did so already'],
  'not-erased': [409, 'A record put later stands under this id, and was not erased; send it anew'],
  held: [409, 'A hold, or a review that nobody answered, stands against it; nothing was erased'],
  'order-needed': [409, 'The law still keeps what would go; nothing was erased'],
  erased: [410, 'The personal part of this entry was erased'],
  'body-too-slow': [408, 'The body did not come within 10 seconds; send it anew'],
  'body-too-large': [
    413,
    'The body is larger than 16 KB, 256 KB for an answer of a holder’s own system, or 2 MB for a file',
  ],
  'unsupported-media-type': [
    415,
    'The body must be application/json, or for a file image/jpeg or image/png',
  ],
  'invalid-request': [422, 'The request has faults'],
  'served-elsewhere': [422, 'Another gateway serves the records of this holder; ask there'],
  'jti-reused': [
    422,
    'Another call was signed with this jti, or the same by another key; ask anew with a fresh one',
  ],
  'rate-limited': [429, 'Your agency calls more often than the register allows'],
  internal: [500, 'The gateway failed; nothing was released'],
  'not-durable': [
    503,
    'The entry could not be made durable, so nothing was released; try again',
    1,
  ],
  'newer-build': [
    503,
    'A newer version of the gateway wrote what this needs, and this one cannot read it; nothing was released, so try again once all run the newer one',
    60,
  ],
} as const satisfies Readonly<Record<string, readonly [number, string, number?]>>

/** Stable codes that agency systems may read. */
export type ProblemCode = keyof typeof problems

/** A problem as it is sent. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  traceId: z.string(),
  detail: z.string().optional(),
  errors: z.array(faultSchema).optional(),
})

/** What a problem may say besides its code. */
export type ProblemDetails = {
  readonly errors?: readonly BodyFault[]
  /** Members besides the standard ones, such as the decision that stands. */
  readonly members?: Readonly<Record<string, unknown>>
  /** After how many seconds to try again, if that is not fixed for the problem. */
  readonly retryAfter?: number
}

/** The answer for a problem. It never echoes what was sent. */
export function problem(
  traceId: string,
  code: ProblemCode,
  details: ProblemDetails = {},
): Response {
  const [status, title, wait]: readonly [number, string, number?] = problems[code]
  const { errors, members, retryAfter = wait } = details
  const body = {
    type: `https://comity.invalid/problems/${code}`,
    title,
    status,
    code,
    traceId,
    ...(errors === undefined ? {} : { errors }),
    ...members,
  }
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' }
  if (retryAfter !== undefined) headers['Retry-After'] = String(retryAfter)
  if (code === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer'
  // A fault names members as they were sent: what would turn the direction of writing is escaped, as JSON may.
  return new Response(visible(JSON.stringify(body)), { status, headers })
}

/**
 * The answer for a call that is not signed as it must be; with `fix`, it says which claim is wrong (RFC 6750
 * section 3.1).
 */
export function unauthorized(
  traceId: string,
  fix: readonly [claim: string, fix: string] | undefined,
): Response {
  if (fix === undefined) return problem(traceId, 'unauthorized')
  const [claim, detail] = fix
  const pointer = claim === '' ? '' : `/${claim}`
  const response = problem(traceId, 'unauthorized', { errors: [{ pointer, detail }] })
  const says = `${claim}${claim === '' ? '' : ': '}${detail}`
  response.headers.set(
    'WWW-Authenticate',
    `Bearer error="invalid_token", error_description="${says}"`,
  )
  return response
}

/** The answer for one fault that no schema can see. */
export const invalid = (traceId: string, pointer: string, detail: string): Response =>
  problem(traceId, 'invalid-request', { errors: [{ pointer, detail }] })

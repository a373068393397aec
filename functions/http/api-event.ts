/**
 * Serves an API from events of an HTTP API (payload format 2.0): each event becomes a request, and its answer a
 * result. Anything else is refused, and no content of it is repeated, not even in an error, which Lambda would
 * write to its log.
 */

import * as z from 'zod'
import type { Log } from './guard.ts'
import { invalid } from './problem.ts'

/** The parts of an event that make a request. Cookies are left out, since the API uses none. */
const eventSchema = z.looseObject({
  version: z.literal('2.0'),
  rawPath: z.string().startsWith('/'),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.string()),
  requestContext: z.looseObject({
    domainName: z.string(),
    http: z.looseObject({ method: z.string() }),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
})

/** What the function returns to the HTTP API. */
type Result = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** A handler that answers events with `app`. */
export const eventHandler =
  (
    app: { readonly fetch: (request: Request) => Response | Promise<Response> },
    random: (bytes: number) => Uint8Array,
    log: Log,
  ): ((event: unknown) => Promise<Result>) =>
  async (event) => {
    const request = requestIn(event)
    if (request !== undefined) return resultOf(await app.fetch(request))
    const traceId = Buffer.from(random(16)).toString('hex')
    log({ event: 'call-refused', why: 'event-malformed', traceId })
    return resultOf(
      invalid(traceId, '', 'it is no event of an HTTP API (payload format 2.0); call the API'),
    )
  }

/** The request that an event carries; undefined if it carries none. */
function requestIn(event: unknown): Request | undefined {
  const read = eventSchema.safeParse(event)
  if (!read.success) return undefined
  const { rawPath, rawQueryString, headers, requestContext, body, isBase64Encoded } = read.data
  const { domainName, http } = requestContext
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`
  // The body of a `GET` or `HEAD` has no meaning (RFC 9110 §9.3.1), and `Request` accepts none.
  const hasBody = body !== undefined && !/^(GET|HEAD)$/.test(http.method)
  try {
    return new Request(`https://${domainName}${rawPath}${query}`, {
      method: http.method,
      headers: Object.entries(headers).map(([name, value]) => [name, asAscii(value)]),
      ...(hasBody ? { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') } : {}),
    })
  } catch {
    return undefined
  }
}

/** Encodes other characters, so that a header we do not read cannot break a call. Those we read are ASCII. */
const asAscii = (value: string): string =>
  /[^\t\x20-\x7e]/.test(value) ? encodeURIComponent(value.toWellFormed()) : value

async function resultOf(response: Response): Promise<Result> {
  const headers = Object.fromEntries(response.headers)
  const isText = /^text\/|\bjson\b|ndjson/.test(headers['content-type'] ?? '')
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    statusCode: response.status,
    headers,
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}

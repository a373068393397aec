/**
 * Serves an API from events of an HTTP API (payload format 2.0): each event becomes a request, and its answer a
 * result; for a function that calls another, a request becomes an event, and the result its answer. Anything else is
 * refused, and no content of it is repeated, not even in an error, which Lambda would write to its log.
 */

import * as z from 'zod'
import type { Log } from './guard.ts'
import { invalid } from './problem.ts'

/** The parts of an event that make a request. */
const eventSchema = z.looseObject({
  version: z.literal('2.0'),
  rawPath: z.string().startsWith('/'),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.string()),
  cookies: z.array(z.string()).default([]),
  requestContext: z.looseObject({
    domainName: z.string(),
    http: z.looseObject({ method: z.string(), sourceIp: z.string().optional() }),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
})

/** What the function returns to the HTTP API. */
type Result = z.infer<typeof resultSchema>
const resultSchema = z.strictObject({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.string()).readonly(),
  /** Each `Set-Cookie` on its own: no list of them is one header. */
  cookies: z.array(z.string()).readonly().optional(),
  body: z.string(),
  isBase64Encoded: z.boolean(),
})

/** A handler that answers events with `app`, which is told the address that the API was called from. */
export const eventHandler =
  (
    app: {
      readonly fetch: (
        request: Request,
        from: { readonly address?: string },
      ) => Response | Promise<Response>
    },
    random: (bytes: number) => Uint8Array,
    log: Log,
  ): ((event: unknown) => Promise<Result>) =>
  async (event) => {
    const read = eventSchema.safeParse(event).data
    const request = read && requestIn(read)
    if (request !== undefined) {
      const { sourceIp: address } = read?.requestContext.http ?? {}
      return resultOf(await app.fetch(request, address === undefined ? {} : { address }))
    }
    const traceId = Buffer.from(random(16)).toString('hex')
    log({ event: 'call-refused', why: 'event-malformed', traceId })
    return resultOf(
      invalid(traceId, '', 'it is no event of an HTTP API (payload format 2.0); call the API'),
    )
  }

/** The request that an event carries; undefined if it carries none. */
function requestIn(event: z.infer<typeof eventSchema>): Request | undefined {
  const { rawPath, rawQueryString, headers, cookies, requestContext, body, isBase64Encoded } = event
  const { domainName, http } = requestContext
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`
  // The body of a `GET` or `HEAD` has no meaning (RFC 9110 §9.3.1), and `Request` accepts none.
  const hasBody = body !== undefined && !/^(GET|HEAD)$/.test(http.method)
  try {
    return new Request(`https://${domainName}${rawPath}${query}`, {
      method: http.method,
      headers: [
        ...Object.entries(headers).map(([name, value]): [string, string] => [name, asAscii(value)]),
        // RFC 6265 §5.4: one header, and `; ` between them.
        ...(cookies.length === 0
          ? []
          : [['cookie', asAscii(cookies.join('; '))] as [string, string]]),
      ],
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
  const { 'set-cookie': _, ...headers } = Object.fromEntries(response.headers)
  const cookies = response.headers.getSetCookie()
  const isText = /^text\/|\bjson\b|ndjson|\bxml\b/.test(headers['content-type'] ?? '')
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}

/**
 * The API behind a function that is called with its events, such as from another function: `send` gives it one and
 * returns what it returned. The body of a request is text.
 */
export const appBehind =
  (send: (event: unknown) => Promise<unknown>) =>
  async (request: Request): Promise<Response> => {
    const { hostname, pathname, search } = new URL(request.url)
    const body = await request.text()
    const event: z.input<typeof eventSchema> = {
      version: '2.0',
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers: Object.fromEntries(request.headers),
      requestContext: { domainName: hostname, http: { method: request.method } },
      ...(body === '' ? {} : { body }),
      isBase64Encoded: false,
    }
    const { statusCode, headers, ...result } = resultSchema.parse(await send(event))
    const bytes = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8')
    return new Response(bytes.length === 0 ? null : bytes, { status: statusCode, headers })
  }

/** Events as an HTTP API makes them of requests (payload format 2.0). */

import { randomUUID } from 'node:crypto'
import type { APIGatewayProxyEventV2 as ApiEvent } from 'aws-lambda'
import * as z from 'zod'

/** The event of a request to the API with the route `$default`. */
export async function eventOf(request: Request, now = new Date()): Promise<ApiEvent> {
  const { host, hostname, pathname, search, searchParams } = new URL(request.url)
  const bytes = Buffer.from(await request.arrayBuffer())
  const isText = /^(text\/|application\/(json|xml|javascript)\b)/i.test(
    request.headers.get('content-type') ?? '',
  )
  const { cookie, ...headers } = Object.fromEntries(request.headers)
  const query = [...new Set(searchParams.keys())].map(
    (name) => [name, searchParams.getAll(name).join(',')] as const,
  )
  const rawPath = decodeURIComponent(pathname)
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: {
      accept: '*/*',
      'content-length': String(bytes.length),
      host,
      'user-agent': 'an-agency-system/1.0',
      'x-amzn-trace-id': 'Root=1-69250000-000000000000000000000000',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(query.length === 0 ? {} : { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'invented',
      domainName: hostname,
      domainPrefix: hostname.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'an-agency-system/1.0',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: clf(now),
      timeEpoch: now.getTime(),
    },
    ...(bytes.length === 0 ? {} : { body: bytes.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: bytes.length > 0 && !isText,
  }
}

/** What a function returns to an HTTP API. */
export const resultSchema = z.looseObject({
  statusCode: z.int().default(200),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
})

/** The response that an HTTP API makes of what the function returned. */
export const responseOf = (result: z.infer<typeof resultSchema>): Response =>
  new Response(
    result.body === undefined
      ? null
      : Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8'),
    {
      status: result.statusCode,
      headers: [
        ...Object.entries(result.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]),
        ...result.cookies.map((cookie): [string, string] => ['set-cookie', cookie]),
      ],
    },
  )

/** `25/Nov/2026:01:10:12 +0000` */
function clf(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}

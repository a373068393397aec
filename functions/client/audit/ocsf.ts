/**
 * `comity log events --ocsf`: what a gateway does, as API Activity of the Open Cybersecurity Schema Framework 1.8.0
 * (class 6003), for a system that watches operations. Made of the lines that a gateway prints, which name no person, no
 * case, no agency and no address; what was decided is not among it.
 */

import * as z from 'zod'
import { valueIn } from '../../policy/json.ts'

/** By HTTP method. */
const activities: Readonly<Record<string, readonly [id: number, name: string]>> = {
  POST: [1, 'Create'],
  GET: [2, 'Read'],
  PUT: [3, 'Update'],
  PATCH: [3, 'Update'],
  DELETE: [4, 'Delete'],
}

const answeredSchema = z.object({
  event: z.literal('answered'),
  traceId: z.string(),
  method: z.string(),
  route: z.string(),
  status: z.int(),
  ms: z.number(),
  code: z.string().optional(),
})
/** A call that was refused or failed, beside the line of its answer. The why of others may be about an agency. */
const refusedSchema = z.object({
  event: z.enum(['call-refused', 'jti-reused', 'rate-limited', 'failed']),
  traceId: z.string(),
  why: z.string(),
})
/** A line as CloudWatch Logs (ms) or the journal (µs) gives it, with its time. */
const timedSchema = z.union([
  z.object({ timestamp: z.number(), message: z.string() }),
  z
    .object({ __REALTIME_TIMESTAMP: z.coerce.number(), MESSAGE: z.string() })
    .transform((of) => ({ timestamp: of.__REALTIME_TIMESTAMP / 1000, message: of.MESSAGE })),
])

/** The event of a line, or undefined if the line is about no call. `now` is its time, ms, if it has none itself. */
export function ocsfOf(text: string, now: number): Readonly<Record<string, unknown>> | undefined {
  const value = valueIn(text)
  const timed = timedSchema.safeParse(value)
  const line = timed.success ? valueIn(timed.data.message) : value
  const time = Math.floor(timed.success ? timed.data.timestamp : now)
  const answered = answeredSchema.safeParse(line)
  if (answered.success) return ofAnswered(answered.data, time)
  const refused = refusedSchema.safeParse(line)
  return refused.success ? ofRefused(refused.data, time) : undefined
}

function ofAnswered(
  { traceId, method, route, status, ms, code }: z.infer<typeof answeredSchema>,
  time: number,
) {
  const isRefused = [401, 403, 429].includes(status)
  const severity = status >= 500 ? 'High' : isRefused ? 'Medium' : status >= 400 ? 'Low' : undefined
  return {
    ...eventOf(activities[method] ?? [99, 'Other'], time, traceId, severity, status >= 400),
    status_code: String(status),
    ...(code && { status_detail: code }),
    api: operationOf(`${method} ${route}`, { code: status, ...(code && { error: code }) }),
    http_request: { http_method: method, uid: traceId },
    http_response: { code: status, latency: Math.round(ms) },
  }
}

const ofRefused = ({ event, traceId, why }: z.infer<typeof refusedSchema>, time: number) => ({
  ...eventOf([99, 'Other'], time, traceId, event === 'failed' ? 'High' : 'Medium', true),
  status_code: event,
  ...(event === 'call-refused' && { status_detail: why }),
  api: operationOf(event, { error: event }),
})

const operationOf = (operation: string, response: object) => ({
  ...{ operation, response },
  service: { name: 'comity' },
})

const severities = { Informational: 1, Low: 2, Medium: 3, High: 4 } as const

/** What every event has. Who called from where is in no line, and these two the schema demands. */
const eventOf = (
  [activityId, activity]: readonly [number, string],
  time: number,
  traceId: string,
  severity: keyof typeof severities = 'Informational',
  isFailure = false,
) => ({
  metadata: {
    version: '1.8.0',
    product: { name: 'Comity', vendor_name: 'Comity' },
    correlation_uid: traceId,
  },
  ...{ category_uid: 6, category_name: 'Application Activity' },
  ...{ class_uid: 6003, class_name: 'API Activity' },
  ...{ activity_id: activityId, activity_name: activity },
  ...{ type_uid: 600_300 + activityId, type_name: `API Activity: ${activity}` },
  time,
  ...{ severity_id: severities[severity], severity },
  ...(isFailure ? { status_id: 2, status: 'Failure' } : { status_id: 1, status: 'Success' }),
  actor: { app_name: 'not recorded' },
  src_endpoint: { name: 'not recorded' },
})

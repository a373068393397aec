/** AuthZEN Authorization API 1.0 over the bridge, by dry runs, which disclose nothing: `BRIDGE.md` has the mapping. */

import * as z from 'zod'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { valueIn } from '../policy/json.ts'
import { problemLines } from '../terminal/say.ts'
import type { SentAnswer, ToSend } from './until-answered.ts'

const anything = z.record(z.string(), z.unknown())
const entity = z.object({ type: z.string(), id: z.string(), properties: anything.default({}) })
const supposedSchema = z.array(z.looseObject({ class: z.string() }))
const codes = z.array(z.string()).max(100)
const evaluationSchema = z.object({
  subject: entity,
  action: z.object({ name: z.string(), properties: anything.default({}) }),
  resource: entity,
  context: z
    .looseObject({ caseReference: z.string().optional(), canHonour: codes.default([]) })
    .default({ canHonour: [] }),
})
const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const
/** Members beside `evaluations` are what each of them has that does not say otherwise (section 7.1.1). */
const batchSchema = z.looseObject({
  evaluations: z.array(anything).max(20).default([]),
  options: z.looseObject({ evaluations_semantic: z.enum(semantics).optional() }).default({}),
})
/** An answer in JSON. */
export const json = (value: object) =>
  ({ status: 200, type: 'application/json', body: JSON.stringify(value) }) as const
/** An error is a string. */
const failed = (status: number, body: string): SentAnswer => ({ status, type: 'text/plain', body })
const faults = ({ issues }: z.ZodError): SentAnswer =>
  failed(400, issues.map(({ path }) => `/${path.join('/')}`).join(', '))
/** A reason for administrators, which users must not see, and one for users. */
const reason = (id: string, admin: string, user: string) =>
  ({ id, reason_admin: { en: admin }, reason_user: { en: user } }) as const
type Ask = (dryRun: ToSend) => Promise<SentAnswer>

/** Answers an evaluation, by a dry run. */
export async function evaluation(text: string, ask: Ask): Promise<SentAnswer> {
  const read = evaluationSchema.safeParse(valueIn(text))
  if (!read.success) return faults(read.error)
  const { subject, action, resource, context } = read.data
  const wrong = subject.type === 'officer' ? resource.type !== 'holder' && 'resource' : 'subject'
  const asked = codes.safeParse(resource.properties.classes).data ?? []
  if (wrong || asked.length === 0) {
    const why = `${wrong || 'resource'}: ask as an officer about classes of a holder`
    const reasons = [reason('0', why, 'This is no question for this service.')]
    return json({ decision: false, context: { reasons } })
  }
  const { caseReference, canHonour } = context
  const dryRun = { holder: resource.id, purpose: action.name, caseReference, dryRun: true }
  const question = Object.assign({}, action.properties, resource.properties, dryRun)
  const body = Buffer.from(JSON.stringify(question))
  const supposed = supposedSchema.safeParse(question.hypotheses).data
  // Without any, the gateway supposes an item of each class.
  const isOfAll = asked.every((of) => supposed?.some((each) => each.class === of) ?? true)
  const call = { officer: subject.id, method: 'POST', path: '/v1/access-requests', body } as const
  return decided(await ask(call), isOfAll, canHonour)
}

/** After how long no further evaluation of a batch is begun, ms: as long as one may take if the gateway is away. */
const batchMs = 120_000
const late = failed(504, 'the time of this batch is over; ask this one again')

/**
 * Answers each evaluation of a batch in its order; one that fails is a no, and says why (section 7.2.1), and so does
 * one for which there is no time.
 */
export async function evaluations(
  text: string,
  ask: Ask,
  now = () => performance.now(),
): Promise<SentAnswer> {
  const read = batchSchema.safeParse(valueIn(text))
  if (!read.success) return faults(read.error)
  const { evaluations: all, options, ...common } = read.data
  if (all.length === 0) return evaluation(text, ask)
  const told: { readonly decision: boolean }[] = []
  const end = now() + batchMs
  for (const each of all) {
    const { status, body } =
      now() < end ? await evaluation(JSON.stringify({ ...common, ...each }), ask) : late
    const error = { status, message: body }
    told.push(status === 200 ? JSON.parse(body) : { decision: false, context: { error } })
    const { decision } = told.at(-1) ?? {}
    if (options.evaluations_semantic === (decision ? semantics[2] : semantics[1])) break
  }
  return json({ evaluations: told })
}

function decided(
  { status, body, retryAfter }: SentAnswer,
  isOfAll: boolean,
  canHonour: readonly string[],
): SentAnswer {
  // A fault in the question is the caller's; that the gateway does not know the bridge is not.
  const own = { 413: 400, 422: 400, 401: 500 }[status] ?? status
  if (status >= 400) return { ...failed(own, problemLines(valueIn(body)).join('; ')), retryAfter }
  const { success, data } = answerSchema.safeParse(valueIn(body))
  if (!success) return failed(500, 'the gateway answered something that is no decision')
  const { id, outcome, standing, obligations, handling, receipt } = data
  const duties = obligations.flatMap(({ onWhom, code }) => (onWhom === 'requester' ? [code] : []))
  const cannotHonour = [...duties, ...handling].filter((code) => !canHonour.includes(code))
  const reasons = data.reasons.map(({ code, rule, says, cites }, i) =>
    reason(String(i), `${code} ${rule}: ${cites.join('; ')}`, says),
  )
  const context = { id, outcome, standing, reasons, obligations, cannotHonour, receipt }
  // Whoever reads the boolean alone must not act on a part, or on a class of which nothing was supposed.
  const decision = outcome === 'release' && isOfAll && cannotHonour.length === 0
  return json({ decision, context })
}

/**
 * AuthZEN Authorization API 1.0 over the bridge: one evaluation is one dry run, which fetches and discloses nothing.
 * `BRIDGE.md` has the mapping.
 */

import * as z from 'zod'
import { answerSchema } from '../answer/reply.ts'
import { parseJson } from '../policy/json.ts'
import type { OldAnswer, OldCall } from './bridge-calls.ts'
import { problemLines } from './say.ts'

/** Where evaluations are asked. */
export const evaluationPath = '/access/v1/evaluation'
/** What says so. */
export const metadataPath = '/.well-known/authzen-configuration'

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

/** What a bridge at `address` offers. */
export const authzenMetadata = (address: string): OldAnswer =>
  json({
    policy_decision_point: `http://${address}`,
    access_evaluation_endpoint: `http://${address}${evaluationPath}`,
  })

const json = (value: object) =>
  ({ status: 200, type: 'application/json', body: JSON.stringify(value) }) as const
/** An error is a string. */
const failed = (status: number, body: string): OldAnswer => ({ status, type: 'text/plain', body })

/** A reason for administrators, which users must not see, and one for users. */
const reason = (id: string, admin: string, user: string) =>
  ({ id, reason_admin: { en: admin }, reason_user: { en: user } }) as const

/** The dry run of an evaluation, and what its answer says to whoever asked; or that answer at once. */
export function evaluation(
  text: string,
): OldAnswer | (OldCall & { readonly told: (answer: OldAnswer) => OldAnswer }) {
  const parsed = parseJson(text)
  const read = evaluationSchema.safeParse('value' in parsed ? parsed.value : undefined)
  if (!read.success)
    return failed(400, read.error.issues.map((each) => `/${each.path.join('/')}`).join(', '))
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
  const told = (answer: OldAnswer) => decided(answer, isOfAll, canHonour)
  return { officer: subject.id, method: 'POST', path: '/v1/access-requests', body, told }
}

function decided(
  { status, body, retryAfter }: OldAnswer,
  isOfAll: boolean,
  canHonour: readonly string[],
): OldAnswer {
  const parsed = parseJson(body)
  const value = 'value' in parsed ? parsed.value : undefined
  // A fault in the question is the caller's; that the gateway does not know the bridge is not.
  const own =
    new Map([
      [413, 400],
      [422, 400],
      [401, 500],
    ]).get(status) ?? status
  if (status >= 400) return { ...failed(own, problemLines(value).join('; ')), retryAfter }
  const { success, data } = answerSchema.safeParse(value)
  if (!success) return failed(500, 'the gateway answered something that is no decision')
  const { id, outcome, standing, obligations, handling, receipt } = data
  const duties = obligations.filter(({ onWhom }) => onWhom === 'requester').map(({ code }) => code)
  const cannotHonour = [...duties, ...handling].filter((code) => !canHonour.includes(code))
  // Whoever reads the boolean alone must not act on a part, or on a class of which nothing was supposed.
  const isWhole = outcome === 'release' && isOfAll
  const reasons = data.reasons.map(({ code, rule, says, cites }, i) =>
    reason(String(i), `${code} ${rule}: ${cites.join('; ')}`, says),
  )
  const context = { id, outcome, standing, reasons, obligations, cannotHonour, receipt }
  return json({ decision: isWhole && cannotHonour.length === 0, context })
}

/** A holder's own system fetches the questions that wait for it, and answers them: no connection leads to it. */

import {
  faultOfAnswer,
  type Question,
  questionSchema,
  type SystemAnswer,
  systemAnswerSchema,
} from '../../decision/question.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import { digestOf } from '../../identity/claims.ts'
import type { AgencyKey } from '../../identity/register.ts'
import { valueIn } from '../../policy/json.ts'
import type { World } from '../../ports.ts'
import type { SignedCall } from '../entries/signed-call.ts'

type NotYours = { readonly kind: 'not-your-role' }

/** The result of asking what waits. */
type Waiting = NotYours | { readonly kind: 'waiting'; readonly questions: readonly string[] }

/** The questions that wait for the caller, as signed; waits `waitSeconds` for the first. */
export async function waitingQuestions(
  call: SignedCall,
  waitSeconds: number,
  world: World,
): Promise<Waiting> {
  const { questions } = world
  if (questions === undefined || !isAsked(call)) return { kind: 'not-your-role' }
  const waiting = await questions.waiting(call.agency.id, waitSeconds * 1000)
  // While it waited, the agency may have been suspended, or its key revoked: a question names a person.
  const agency = await world.register.agency(call.agency.id)
  const isKey = ({ kid, status }: AgencyKey) => kid === call.kid && status === 'active'
  const isStill = agency?.keys.some(isKey) && isAsked({ ...call, agency })
  return isStill ? { kind: 'waiting', questions: waiting } : { kind: 'not-your-role' }
}

/** The result of answering a question. */
export type TakenAnswer =
  | NotYours
  | { readonly kind: 'taken'; readonly first: boolean; readonly id: string }
  /** It waits no more, or never did. */
  | { readonly kind: 'no-such-question' }
  | { readonly kind: 'invalid'; readonly pointer: string; readonly detail: string }

/**
 * Takes the answer to a question that waits. The first one stands, and the same again is taken again. What is wrong
 * with an answer is said, and the question waits on.
 */
export async function answerQuestion(
  call: SignedCall,
  id: string,
  answer: SystemAnswer,
  world: World,
): Promise<TakenAnswer> {
  const { questions } = world
  if (questions === undefined || !isAsked(call)) return { kind: 'not-your-role' }
  const holder = call.agency.id
  const question = await questions.get(holder, id)
  if (question !== undefined) {
    const fault = faultOfAnswer(answer, questionIn(question), digestOfQuestion(question))
    if (fault !== undefined) return { kind: 'invalid', ...fault }
    const exchange = { question, answer: call.jws, body: call.body }
    if (await questions.answer(holder, id, exchange)) return { kind: 'taken', first: true, id }
  }
  const standing = await questions.answered(holder, id, 0)
  return standing?.body === call.body
    ? { kind: 'taken', first: false, id }
    : { kind: 'no-such-question' }
}

/** Whether the register says that the caller answers requests from a system of its own. */
const isAsked = (call: SignedCall): boolean => {
  const { id, jurisdiction, system } = call.agency
  const of = { holder: jurisdiction, keeper: id }
  return system !== undefined && authorize(actorOf(call), 'answer-requests', of) !== undefined
}

/** A question as it was signed, by this gateway: its signature is not checked. */
export const questionIn = (signed: string): Question =>
  questionSchema().parse(
    JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString()),
  )

/** The digest by which an answer names its question. */
export const digestOfQuestion = (signed: string): string => digestOf(Buffer.from(signed)) ?? ''

/** The answer in the text of a body; undefined if it is none. */
export const answerIn = (body: string): SystemAnswer | undefined =>
  systemAnswerSchema().safeParse(valueIn(body)).data

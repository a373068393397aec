/**
 * The bridge of a holder with a system of its own: it fetches the gateway's questions by long poll, so that no
 * connection leads inwards, asks the system in plain HTTP, and signs what it answers.
 */

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { answerBytesMax, type Question } from '../decision/question.ts'
import { readQuestion } from '../ledger/receipt.ts'
import { readJson } from '../terminal/files.ts'
import { published } from '../terminal/published.ts'
import { digest } from './kept-ids.ts'
import { limitedText, type Sending, sendUntilAnswered } from './until-answered.ts'

const jwksSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) })
const questionsSchema = z.object({ questions: z.array(z.string()).max(100) })
const refusalSchema = z.object({
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
})

/** How long a poll waits, s: as long as the gateway allows. Pauses between polls, ms. */
const waitSeconds = 8
const [freshMs, slowMs, failedMs] = [300, 1000, 2000]

/** Where questions go, and what proves that the gateway asked. */
export type Answerer = {
  readonly sending: Sending
  readonly officer: string
  /** The address of the holder's system, which is asked by POST. */
  readonly system: string
  /** The file of the gateway's public keys; without it, the gateway says them itself. */
  readonly keys?: string | undefined
  /** The folder where each question is kept as it was signed, with what was answered, by digest. */
  readonly state: string
}

/** Fetches and answers questions, for ever. */
export async function answerQuestions(answerer: Answerer): Promise<never> {
  const { sending, officer } = answerer
  const read = reader(answerer)
  const failed = ({ message }: Error) => sending.log({ event: 'question-failed', why: message })
  let known: readonly string[] = []
  for (;;) {
    const waiting = await fetchQuestions(officer, sending).catch(failed)
    const fresh = (waiting ?? []).filter((question) => !known.includes(question))
    for (const each of fresh) answerOne(each, read, answerer).catch(failed)
    known = waiting ?? []
    // While a slow system works, a poll does not wait: it must not use up the calls that the register allows.
    if (waiting === undefined) await pause(failedMs)
    else if (waiting.length > 0) await pause(fresh.length > 0 ? freshMs : slowMs)
  }
}

type Read = (signed: string) => Promise<Question>

/** Reads questions that the gateway signed for this holder. An error names nobody. */
function reader({ sending: { agency, url }, keys }: Answerer): Read {
  type Keys = Parameters<typeof readQuestion>[1]
  let known = keys === undefined ? undefined : (readJson(keys, jwksSchema) as unknown as Keys)
  const fetched = async (): Promise<Keys> => {
    const got = await published(url, '/.well-known/jwks.json', jwksSchema)
    if ('why' in got) throw new Error(`the gateway’s keys: it ${got.why}`)
    return got.body as unknown as Keys
  }
  return async (signed) => {
    known ??= await fetched()
    let question = await readQuestion(signed, known).catch(() => undefined)
    if (question === undefined && keys === undefined) {
      // The gateway may have a new key.
      known = await fetched()
      question = await readQuestion(signed, known).catch(() => undefined)
    }
    if (question?.aud === agency && question.iss === new URL(url).origin) return question
    throw new Error('it is no question of this gateway to this holder')
  }
}

async function fetchQuestions(officer: string, sending: Sending): Promise<readonly string[]> {
  const path = `/v1/questions?wait=${waitSeconds}`
  const { status, body } = await sendUntilAnswered({ officer, method: 'GET', path }, sending)
  if (status !== 200) throw new Error(`the gateway answered with status ${status}`)
  return questionsSchema.parse(jsonOf(body)).questions
}

async function answerOne(
  signed: string,
  read: Read,
  { sending, officer, system, state }: Answerer,
): Promise<void> {
  const question = await read(signed)
  const { id, entry, subject, classes, iat, exp } = question
  // By no clock of ours: the gateway refuses what is late by its own.
  const leftMs = (exp - iat) * 1000
  const response = await fetch(system, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ entry, subject, classes }),
    signal: AbortSignal.timeout(leftMs),
    redirect: 'error',
  })
  if (response.status !== 200) throw new Error(`the system answered with status ${response.status}`)
  const found = z.looseObject({}).parse(jsonOf(await limitedText(response, answerBytesMax)))
  const body = Buffer.from(JSON.stringify({ ...found, question: digest(signed) }))
  const call = { officer, method: 'POST', path: `/v1/questions/${id}`, body } as const
  const kept = { at: new Date(), question: signed, answer: digest(body) }
  appendFileSync(join(state, 'questions.ndjson'), `${JSON.stringify(kept)}\n`, { mode: 0o600 })
  const { status, body: told } = await sendUntilAnswered(call, { ...sending, forMs: leftMs })
  const { errors = [] } = refusalSchema.safeParse(status < 400 ? {} : jsonOf(told)).data ?? {}
  const why = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')
  sending.log({ event: 'question', entry, status, ...(why && { why }) })
}

/** The value of a JSON text. The error does not quote it, since it may be about people. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('an answer is not JSON')
  }
}

/** Sends a call until it is answered: the same call however often, so that it is answered once. */

import { setTimeout } from 'node:timers/promises'
import { bytesUpTo } from '../adapters/bytes-up-to.ts'
import { type keyIn, mayPass, type Sender, signedCall } from './send.ts'

/** A call. Its `name` says which calls are one; without it, each is its own. */
export type ToSend = {
  readonly name?: string
  readonly officer: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Buffer<ArrayBuffer>
}

/** The gateway's answer, or a problem of our own in the same form. */
export type SentAnswer = {
  readonly status: number
  readonly type: string
  readonly body: string
  /** The bytes of a file, in place of `body`, and what the gateway says of them. */
  readonly file?: Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds after which to ask again. */
  readonly retryAfter?: number | undefined
}

/** A problem of our own (RFC 9457): what is wrong, and what to do. */
export function ownProblem(status: number, code: string, title: string, retryAfter?: number) {
  const body = JSON.stringify({
    type: `https://comity.invalid/problems/${code}`,
    title,
    status,
    code,
  })
  return { status, type: 'application/problem+json', body, retryAfter }
}

/** What sending needs: who signs and with which key, the ids, and where lines about calls go. */
export type Sending = {
  readonly agency: string
  readonly url: string
  readonly key: ReturnType<typeof keyIn>
  /** Gives the id of a call, durable before it returns; undefined if its name was given to another call. */
  readonly ids: { idOf(call: ToSend): string | undefined }
  /** A line names no person, no case, and nothing that whoever asked chose. */
  readonly log: (line: Readonly<Record<string, string | number>>) => void
  /** How long to go on trying, ms. */
  readonly forMs: number
  /** Waits before another try, where many calls wait for one another; else each for itself. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** Longest wait for one answer, and pauses between tries, ms; longest answer, bytes. */
const answerMs = 30_000
const [pauseMsMin, pauseMsMax] = [250, 30_000]
const answerBytesMax = 4 * 1024 * 1024

/** Sends a call until it is answered; once time is over, gives the last answer or problem. */
export async function sendUntilAnswered(call: ToSend, sending: Sending): Promise<SentAnswer> {
  const { key, ids, log, forMs, pause = setTimeout, ...to } = sending
  const jti = ids.idOf(call)
  const reused = 'Another call had this Idempotency-Key: take the number of this question'
  if (jti === undefined) return ownProblem(422, 'key-reused', reused)
  const end = performance.now() + forMs
  const what = `${call.method} ${call.path.split(/[/?]/, 3).join('/')}`
  for (let tries = 1; ; tries++) {
    const answer = await answerOnce({ ...to, officer: call.officer, jti }, key, call)
    const { status, retryAfter = 0 } = answer
    log({ event: mayPass(status) ? 'waiting' : 'answered', jti, call: what, tries, status })
    // Half of the pause by chance, so that many who wait do not come back at once.
    const backOff = Math.min(pauseMsMax, pauseMsMin * 2 ** (tries - 1)) * (0.5 + Math.random() / 2)
    const pauseMs = Math.max(retryAfter * 1000, backOff)
    if (!mayPass(status) || performance.now() + pauseMs > end) return answer
    await pause(pauseMs)
  }
}

async function answerOnce(
  from: Omit<Sender, 'key'>,
  key: Sending['key'],
  { method, path, body }: ToSend,
): Promise<SentAnswer> {
  try {
    const { url, init } = await signedCall(from, key, { method, path, body }, new Date())
    const signal = AbortSignal.timeout(answerMs)
    const response = await fetch(url, { ...init, signal, redirect: 'error' })
    const { status, headers } = response
    const bytes = await limitedBytes(response, answerBytesMax)
    const type = headers.get('content-type') ?? 'application/json'
    const wait = /^\d{1,4}$/.exec(headers.get('retry-after') ?? '')?.[0]
    return {
      status,
      type,
      ...(type.startsWith('image/')
        ? { body: '', file: bytes, headers: saidOfFile(headers) }
        : { body: bytes.toString('utf8') }),
      retryAfter: wait === undefined ? undefined : Number(wait),
    }
  } catch {
    const title = `${new URL(from.url).origin} does not answer: ask again as the same call`
    return ownProblem(504, 'gateway-away', title)
  }
}

/** What the gateway says of a file: its markings and duties, and that it is to be saved. */
const saidOfFile = (headers: Headers): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...headers].filter(([name]) =>
      /^(comity-.*|content-disposition|cache-control|x-content-type-options)$/.test(name),
    ),
  )

/** The text of an answer. Throws as `limitedBytes` does. */
export const limitedText = async (response: Response, bytesMax: number): Promise<string> =>
  (await limitedBytes(response, bytesMax)).toString('utf8')

/** The bytes of an answer. Throws if it is larger than `bytesMax`, as soon as that is known. */
async function limitedBytes({ body }: Response, bytesMax: number): Promise<Buffer> {
  const bytes = await bytesUpTo(bytesMax, body)
  if (bytes === undefined) throw new Error('the answer is too large')
  return bytes
}

/**
 * The calls of the bridge. Each has its id on disk before it is sent, so that sending it again, after an outage
 * or a kill, is the same call and gets the same answer.
 */

import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { writeWhole } from './files.ts'
import { freshJti, type keyIn, mayPass, type Sender, signedCall } from './send.ts'

/** A call as the old system made it. Its `name` says which calls are one; without it, each is its own. */
export type OldCall = {
  readonly name?: string
  readonly officer: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Buffer<ArrayBuffer>
}

/** What the old system gets: the gateway's answer, or a problem of the bridge in the same form. */
export type OldAnswer = {
  readonly status: number
  readonly type: string
  readonly body: string
  /** Seconds after which to ask again. */
  readonly retryAfter?: number | undefined
}

/** A problem of the bridge itself (RFC 9457): what is wrong, and what to do. */
export function bridgeProblem(status: number, code: string, title: string, retryAfter?: number) {
  const body = JSON.stringify({
    type: `https://comity.invalid/problems/${code}`,
    title,
    status,
    code,
  })
  return { status, type: 'application/problem+json', body, retryAfter }
}

/** How long an id is kept, ms: 30 days. What is asked again later is a new call. */
const keptMs = 30 * 24 * 3_600_000

/** The ids of calls, each in a file of its own, which holds digests and no content. One process uses a folder. */
export function keptIds(folder: string) {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (name: string) => join(folder, digest(name))
  return {
    /** The id of a call, durable once it returns; undefined if its name was given to another call. */
    idOf({ name, officer, method, path, body = Buffer.of() }: OldCall): string | undefined {
      const jti = freshJti()
      if (name === undefined) return jti
      const call = digest(JSON.stringify([officer, method, path]), body)
      if (!fs.existsSync(fileOf(name))) writeWhole(fileOf(name), `${jti} ${call}`)
      const [kept, of] = fs.readFileSync(fileOf(name), 'utf8').split(' ')
      return of === call ? kept : undefined
    },
    /** Removes ids that are too old, and nothing else that is there. */
    sweep(): void {
      const named = fs.readdirSync(folder).filter((name) => /^[A-Za-z0-9_-]{43}$/.test(name))
      for (const each of named.map((name) => join(folder, name)))
        if (Date.now() - fs.statSync(each).mtimeMs > keptMs) fs.rmSync(each)
    },
  }
}

/** A digest of what must tell calls apart and is not to be read. */
export const digest = (...parts: readonly (string | Buffer)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('base64url')

/** What sending needs: who signs and with which key, the ids, and where lines about calls go. */
export type Sending = {
  readonly agency: string
  readonly url: string
  readonly key: ReturnType<typeof keyIn>
  readonly ids: ReturnType<typeof keptIds>
  /** A line names no person, no case, and nothing that the old system chose. */
  readonly log: (line: Readonly<Record<string, string | number>>) => void
  /** How long to go on trying, ms. */
  readonly forMs: number
}

/** Longest wait for one answer, and pauses between tries, ms; longest answer, bytes. */
const answerMs = 30_000
const [pauseMsMin, pauseMsMax] = [250, 30_000]
const answerBytesMax = 4 * 1024 * 1024

/** Sends a call until it is answered; once time is over, gives the last answer or problem. */
export async function sendUntilAnswered(call: OldCall, sending: Sending): Promise<OldAnswer> {
  const { key, ids, log, forMs, ...to } = sending
  const jti = ids.idOf(call)
  const reused = 'Another call had this Idempotency-Key: take the number of this question'
  if (jti === undefined) return bridgeProblem(422, 'key-reused', reused)
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
  { method, path, body }: OldCall,
): Promise<OldAnswer> {
  try {
    const { url, init } = await signedCall(from, key, { method, path, body }, new Date())
    const signal = AbortSignal.timeout(answerMs)
    const response = await fetch(url, { ...init, signal, redirect: 'error' })
    const { status, headers } = response
    const text = await limitedText(response, answerBytesMax)
    const wait = /^\d{1,4}$/.exec(headers.get('retry-after') ?? '')?.[0]
    return {
      status,
      type: headers.get('content-type') ?? 'application/json',
      body: text,
      retryAfter: wait === undefined ? undefined : Number(wait),
    }
  } catch {
    const title = 'The gateway does not answer: ask again with the same Idempotency-Key'
    return bridgeProblem(504, 'gateway-away', title)
  }
}

/** The text of an answer. Throws if it is larger than `bytesMax`, as soon as that is known. */
export async function limitedText({ body }: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body ?? []) {
    size += part.length
    if (size > bytesMax) throw new Error('the answer is too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

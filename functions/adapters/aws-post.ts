/** How calls to AWS go out: over connections that stay open, without a stream for what comes back, and with one end. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { Agent as HttpAgent, type IncomingHttpHeaders, request as overHttp } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import { crc32 } from 'node:zlib'
import { ComityError, faultOf } from '../failure.ts'
import { noAnswer, type Post } from './dynamodb-direct.ts'

/** How long a connection and an answer may take, ms, by the names of the SDK. */
export type Times = {
  readonly connectionTimeout?: number
  /** Until an answer begins, and as long again until it has ended. */
  readonly requestTimeout?: number
  /** Least time that must be left of the answer for which a call is made; else it is not sent. */
  readonly leastMs?: number
}

/** Most connections at once; further calls wait for one. */
const sockets = { keepAlive: true, maxSockets: 200 }
const agents = { http: new HttpAgent(sockets), https: new HttpsAgent(sockets) }

/** When the calls end that are made for one answer, by the clock of `performance`. */
const ends = new AsyncLocalStorage<number>()

/**
 * Does something of which every call ends within `ms`, however many there are; a further one is not sent. So whoever
 * waits is told that the store is away before the gateway in front gives up, and nothing goes on behind that answer.
 * Within another it ends with that one at the latest.
 */
export const endingWithin = <T>(ms: number, act: () => T): T =>
  ends.run(Math.min(performance.now() + ms, endNow()), act)

const endNow = () => ends.getStore() ?? Number.POSITIVE_INFINITY

/** The code of a call that ended since the answer it was made for had no time left. */
const outOfTime = 'answer-out-of-time'

/**
 * How much time that leaves, ms. Throws if not more than `leastMs`: the store is away, as the SDK marks its errors, and is
 * not asked again.
 */
export function leftMs(leastMs = 0): number {
  const left = endNow() - performance.now()
  if (left <= leastMs) throw Object.assign(new Error(), { code: outOfTime, $metadata: {} })
  return left
}

/** Says in a sentence of ours that nothing was answered, marked as the SDK marks errors of a store that does not answer. */
export const unanswered = (why: string) =>
  Object.assign(new ComityError(why, 'away'), { $metadata: {} })

/** Waits for what ends by itself, but later than the answer may: then it goes on unheard. */
export async function inTime<T>(act: () => Promise<T>): Promise<T> {
  const left = leftMs()
  const over = Promise.withResolvers<never>()
  const isOver = Number.isFinite(left) && setTimeout(() => over.reject(noAnswer(outOfTime)), left)
  return Promise.race([act(), over.promise]).finally(() => clearTimeout(isOver || undefined))
}

/** Waits for what was begun for another answer, too. If that one had no time left, does it `anew`: this one may have. */
export const sharing = <T>(begun: Promise<T>, anew: () => Promise<T>): Promise<T> =>
  begun.catch((error: unknown) => {
    if (faultOf(error) !== outOfTime) throw error
    return anew()
  })

/**
 * Sends over connections that stay open. Rejects where a connection, or an answer, takes longer than it may. While
 * an instance sleeps, the service closes what was open: then the call goes out once more on a connection of its own.
 */
export const poster =
  (times: Times): Post =>
  async (request) => {
    const { protocol } = request.place
    const first = await sent(request, protocol === 'http:' ? agents.http : agents.https, times)
    const answered = first === 'closed' ? await sent(request, false, times) : first
    if (answered === 'closed') throw noAnswer('closed')
    return answered
  }

/** Sends once; `closed` if the connection had been used before, and was closed meanwhile. */
const sent = (
  { place: { protocol, hostname, ...place }, method = 'POST', headers, body }: Sent,
  agent: HttpAgent | false,
  { connectionTimeout = 1000, requestTimeout = 3000, leastMs }: Times,
): Promise<Awaited<ReturnType<Post>> | 'closed'> =>
  new Promise((resolve, reject) => {
    const end = performance.now() + leftMs(leastMs)
    const isPlain = protocol === 'http:'
    // An IPv6 address has brackets in a URL alone.
    const to = { ...place, hostname: hostname.replace(/^\[(.*)\]$/, '$1') }
    const call = (isPlain ? overHttp : overHttps)({ ...to, method, headers, agent })
    const giveUp = (code: string) => {
      reject(noAnswer(code))
      call.destroy()
    }
    let isLate: NodeJS.Timeout | undefined
    const wait = () => {
      clearTimeout(isLate)
      const left = end - performance.now()
      const code = left < requestTimeout ? outOfTime : 'ETIMEDOUT'
      isLate = setTimeout(giveUp, Math.min(requestTimeout, left), code)
    }
    wait()
    call.on('socket', (socket) => {
      if (!socket.connecting) return
      const isUnconnected = setTimeout(giveUp, connectionTimeout, 'ETIMEDOUT')
      const isConnected = () => clearTimeout(isUnconnected)
      socket.once(isPlain ? 'connect' : 'secureConnect', isConnected)
      call.once('close', isConnected)
    })
    let hasBegun = false
    call.on('response', (response) => {
      hasBegun = true
      wait()
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        const { headers, statusCode: status = 0 } = response
        const wrong = wrongIn(headers, body)
        if (wrong === undefined) resolve({ status, body, headers })
        else reject(noAnswer(wrong))
      })
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      if (call.reusedSocket && isClosed) resolve('closed')
      else reject(error)
    })
    call.on('close', () => {
      clearTimeout(isLate)
      // As where the other side goes over to another protocol, which is no error.
      if (!hasBegun) reject(noAnswer('no-answer'))
    })
    call.end(body)
  })

type Sent = Parameters<Post>[0]

/** Why a body is not what was sent, though its end came; undefined if it is, as far as its headers say. */
function wrongIn(headers: IncomingHttpHeaders, body: Buffer): string | undefined {
  // What ends with its connection may have been cut off there.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    return 'answer-without-length'
  // Of each of its answers DynamoDB says what the body was.
  const stated = headers['x-amz-crc32']
  return stated === undefined || Number(stated) === crc32(body) ? undefined : 'answer-changed'
}

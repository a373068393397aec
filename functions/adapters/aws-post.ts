/** How calls of DynamoDB go out: a `POST` over connections that stay open, without a stream for what comes back. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { Agent as HttpAgent, request as overHttp } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import { crc32 } from 'node:zlib'
import { faultOf } from '../failure.ts'
import { noAnswer, type Post } from './short-way.ts'

/** How long a connection and an answer may take, ms, by the names of the SDK. */
export type Times = {
  readonly connectionTimeout?: number
  readonly requestTimeout?: number
}

/** Most connections at once; further calls wait for one. */
const sockets = { keepAlive: true, maxSockets: 200 }
const agents = { http: new HttpAgent(sockets), https: new HttpsAgent(sockets) }

/** When the calls end that are made for one answer, by the clock of `performance`. */
const ends = new AsyncLocalStorage<number>()

/**
 * Does something of which every call ends within `ms`, however many there are; a further one is not sent. So whoever
 * waits is told that the store is away before the gateway in front gives up, and nothing goes on behind that answer.
 */
export const endingWithin = <T>(ms: number, act: () => T): T =>
  ends.run(performance.now() + ms, act)

/** The code of a call that ended since the answer it was made for had no time left. */
const outOfTime = 'answer-out-of-time'

/** How much time that leaves, ms. Throws if none: the store is away, and is not asked again. */
export function leftMs(): number {
  const left = (ends.getStore() ?? Number.POSITIVE_INFINITY) - performance.now()
  if (left <= 0) throw Object.assign(new Error(), { code: outOfTime })
  return left
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
  { place: { protocol, hostname, ...place }, headers, body }: Parameters<Post>[0],
  agent: HttpAgent | false,
  { connectionTimeout = 1000, requestTimeout = 3000 }: Times,
): Promise<Awaited<ReturnType<Post>> | 'closed'> =>
  new Promise((resolve, reject) => {
    const left = leftMs()
    const isPlain = protocol === 'http:'
    // An IPv6 address has brackets in a URL alone.
    const to = { ...place, hostname: hostname.replace(/^\[(.*)\]$/, '$1') }
    const call = (isPlain ? overHttp : overHttps)({ ...to, method: 'POST', headers, agent })
    const end = () => call.destroy(noAnswer(left < requestTimeout ? outOfTime : 'ETIMEDOUT'))
    const isLate = setTimeout(end, Math.min(requestTimeout, left))
    call.on('socket', (socket) => {
      if (!socket.connecting) return
      const isUnconnected = setTimeout(end, connectionTimeout)
      const isConnected = () => clearTimeout(isUnconnected)
      socket.once(isPlain ? 'connect' : 'secureConnect', isConnected)
      call.once('close', isConnected)
    })
    let hasBegun = false
    call.on('response', (response) => {
      hasBegun = true
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks)
        // Of each of its answers DynamoDB says what the body was.
        const { headers, statusCode: status = 0 } = response
        const stated = headers['x-amz-crc32']
        if (stated !== undefined && Number(stated) !== crc32(whole))
          reject(noAnswer('answer-changed'))
        else resolve({ status, body: whole, headers })
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

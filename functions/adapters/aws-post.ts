/** How calls of the short way go out: a `POST` over connections that stay open, without a stream for what comes back. */

import { Agent as HttpAgent, request as overHttp } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import { crc32 } from 'node:zlib'
import type { Post } from './short-way.ts'

/** How long a connection and an answer may take, ms, by the names of the SDK. */
export type Times = {
  readonly connectionTimeout?: number
  readonly requestTimeout?: number
}

/** Most connections at once; further calls wait for one. */
const sockets = { keepAlive: true, maxSockets: 200 }
const agents = { http: new HttpAgent(sockets), https: new HttpsAgent(sockets) }

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
    if (answered === 'closed') throw new Error('the connection was closed')
    return answered
  }

/** Sends once; `closed` if the connection had been used before, and was closed meanwhile. */
const sent = (
  { place: { protocol, hostname, ...place }, headers, body }: Parameters<Post>[0],
  agent: HttpAgent | false,
  { connectionTimeout = 1000, requestTimeout = 3000 }: Times,
): Promise<Awaited<ReturnType<Post>> | 'closed'> =>
  new Promise((resolve, reject) => {
    const isPlain = protocol === 'http:'
    // An IPv6 address has brackets in a URL alone.
    const to = { ...place, hostname: hostname.replace(/^\[(.*)\]$/, '$1') }
    const call = (isPlain ? overHttp : overHttps)({ ...to, method: 'POST', headers, agent })
    const end = () => call.destroy(new Error('it took too long'))
    const isLate = setTimeout(end, requestTimeout)
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
        const stated = response.headers['x-amz-crc32']
        if (stated !== undefined && Number(stated) !== crc32(whole))
          reject(new Error('the answer was changed on its way'))
        else resolve({ status: response.statusCode ?? 0, body: whole })
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
      if (!hasBegun) reject(new Error('there was no answer'))
    })
    call.end(body)
  })

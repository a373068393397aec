/** Bodies as a socket brings them, from somebody who did not even sign: cut in the middle, and in time. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Guarded, guard, type Timer } from '../../functions/http/guard.ts'
import { problemSchema } from '../../functions/http/problem.ts'
import { trace } from '../../functions/http/trace.ts'
import { signCall } from '../../functions/identity/sign.ts'
import type { AnsweredLine } from '../../functions/lines.ts'
import { requestOfMember } from '../answer/people.ts'
import { freshJti, origin, problemOf } from '../world.ts'
import { type Audited, startAudited } from './audit-gateway.ts'

let gateway: Audited
const open: { close(): unknown }[] = []
beforeAll(async () => {
  gateway = await startAudited()
})
afterAll(async () => {
  for (const each of open) each.close()
  await gateway.close()
})

type Streamed = RequestInit & { readonly duplex: 'half' }
type Api = { readonly fetch: (request: Request) => Response | Promise<Response> }

/** The API behind the server of the local door; gives its port. */
async function listening({ fetch }: Api): Promise<number> {
  const server = serve({ fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false })
  open.push(server)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return address.port
}

/** Begins a call whose body has no length, and hears what is said meanwhile. */
async function begin(port: number, path: string) {
  const socket = connect(port, '127.0.0.1')
  open.push({ close: () => socket.destroy() })
  // The other side may close while we still send.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const heard: Buffer[] = []
  socket.on('data', (bytes) => heard.push(bytes))
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`)
  const text = () => Buffer.concat(heard).toString()
  return {
    socket,
    /** Whether the whole answer is here. */
    isAnswered: () => text().includes('\r\n\r\n') && text().trimEnd().endsWith('}'),
    answer: () => {
      const [head = '', body = ''] = text().split('\r\n\r\n')
      const problem = problemSchema.parse(JSON.parse(body))
      return { ...problem, status: Number(head.split(' ')[1]) }
    },
  }
}

const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`

/** Sends until somebody answers, as fast as the other side takes it; gives how many bytes left. */
async function flood(socket: Socket, isAnswered: () => boolean, bytesMax: number): Promise<number> {
  const part = chunk(64 * 1024)
  let sent = 0
  while (!isAnswered() && sent < bytesMax && !socket.destroyed) {
    sent += part.length
    if (!socket.write(part)) await Promise.race([once(socket, 'drain'), pause(50)])
    await pause(0)
  }
  return sent
}

describe('A body without a length and without an end', () => {
  // Kills: a body that is read before it is counted.
  test.each([
    ['the request-access API', '/v1/access-requests', () => gateway.app],
    ['the audit API', '/v1/pseudonyms', () => gateway.audit],
  ])('is answered by %s after 16 KB, and fills no memory', async (_, path, api) => {
    const call = await begin(await listening(api()), path)
    const before = process.memoryUsage()
    let most = 0
    const watch = setInterval(() => {
      const { arrayBuffers } = process.memoryUsage()
      most = Math.max(most, arrayBuffers - before.arrayBuffers)
    }, 1)
    const sent = await flood(call.socket, call.isAnswered, 64 * 1024 * 1024)
    clearInterval(watch)
    expect(call.answer()).toMatchObject({ status: 413, code: 'body-too-large' })
    // What the sockets of both sides take in before anybody reads is the system's own.
    expect(sent).toBeLessThan(16 * 1024 * 1024)
    expect(most).toBeLessThan(16 * 1024 * 1024)
  })

  // Kills: pieces that are put over each other.
  test('is the same call in whatever pieces it comes', async () => {
    const bytes = Buffer.from(JSON.stringify(requestOfMember()))
    const key = gateway.keys.get('FR-SPOC')
    if (key === undefined) throw new Error('no key')
    const url = `${origin}/v1/access-requests`
    const iat = Math.floor(gateway.clock.now.getTime() / 1000)
    const claims = { agency: 'FR-SPOC', officer: 'officer-1', audience: origin, iat }
    const call = { method: 'POST', url, body: bytes }
    const authorization = await signCall(call, key, { ...claims, jti: freshJti() })
    const pieces = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, i) =>
      bytes.subarray(i * 100, (i + 1) * 100),
    )
    const init: Streamed = {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: ReadableStream.from(pieces),
      duplex: 'half',
    }
    expect((await gateway.app.request(url, init)).status).toBe(201)
  })

  // Kills: a count that begins anew with each piece; a limit of one byte less.
  test('of exactly 16 KB is read whole, in whatever pieces it comes; one byte more is not', async () => {
    const bytes = 16 * 1024
    const send = async (pieces: readonly number[]) => {
      const call = await begin(await listening(gateway.app), '/v1/access-requests')
      for (const piece of pieces) call.socket.write(chunk(piece))
      call.socket.write('0\r\n\r\n')
      await expect.poll(call.isAnswered).toBe(true)
      return call.answer().code
    }
    // Nobody signed it, which is seen once it was read.
    expect(await send([bytes])).toBe('unauthorized')
    expect(await send(Array.from({ length: 32 }, () => bytes / 32))).toBe('unauthorized')
    expect(await send([bytes, 1])).toBe('body-too-large')
    expect(await send([...Array.from({ length: 32 }, () => bytes / 32), 1])).toBe('body-too-large')
  })

  // Kills: a stream that goes on being read, or that nobody ends, once it was cut.
  test('is left alone once it was cut: nobody takes more of it', async () => {
    let [pulls, isCancelled] = [0, false]
    const body = new ReadableStream({
      pull(controller) {
        pulls += 1
        controller.enqueue(new Uint8Array(1024))
        if (pulls === 1000) controller.close()
      },
      cancel: () => {
        isCancelled = true
      },
    })
    const init: Streamed = { method: 'POST', body, duplex: 'half' }
    const response = await gateway.app.request(`${origin}/v1/access-requests`, init)
    expect(await problemOf(response)).toMatchObject({ status: 413, code: 'body-too-large' })
    expect(isCancelled).toBe(true)
    // The stream reads one piece ahead.
    expect(pulls).toBeLessThanOrEqual(18)
  })
})

describe('A body that drips', () => {
  /** The guard alone, with its clock. */
  const guarded = (timer: Timer, answers: AnsweredLine[] = []) => {
    const app = new Hono<{ Variables: Guarded }>()
    app.use(trace(gateway.world.random, (line) => answers.push(line)))
    app.use(guard(gateway.world, () => undefined, timer))
    return app
  }

  // Kills: no end; an end that waits for the next byte; a time that begins anew with each byte.
  test('ends after 10 seconds, with the answer that says so', async () => {
    const asked: number[] = []
    const answers: AnsweredLine[] = []
    // So that nobody waits: 10 s pass in 200 ms here.
    const timer: Timer = (ms, act) => {
      asked.push(ms)
      const timeout = setTimeout(act, ms / 50)
      return () => clearTimeout(timeout)
    }
    const call = await begin(await listening(guarded(timer, answers)), '/v1/access-requests')
    for (let i = 0; i < 200 && !call.isAnswered(); i++) {
      call.socket.write(chunk(1))
      await pause(20)
    }
    expect(call.answer()).toMatchObject({
      type: 'https://comity.invalid/problems/body-too-slow',
      title: 'The body did not come within 10 seconds; send it anew',
      status: 408,
      code: 'body-too-slow',
    })
    expect(asked).toEqual([10_000])
    expect(answers).toMatchObject([{ status: 408, code: 'body-too-slow' }])
  })

  test('and then says nothing at all ends as well', async () => {
    const timer: Timer = (_, act) => {
      const timeout = setTimeout(act, 50)
      return () => clearTimeout(timeout)
    }
    const call = await begin(await listening(guarded(timer)), '/v1/access-requests')
    call.socket.write(chunk(1))
    await expect.poll(call.isAnswered).toBe(true)
    expect(call.answer()).toMatchObject({ status: 408, code: 'body-too-slow' })
  })

  // Kills: a file, or what a holder's own system answers, that is read before anybody signed.
  test.each([
    ['PUT', '/v1/records/R-1/files/face'],
    ['POST', '/v1/questions/Q-1'],
  ])('and is large is not read before a signature holds: %s %s', async (method, path) => {
    let asked = 0
    const body = new ReadableStream(
      {
        pull: (it) => {
          asked += 1
          it.enqueue(new Uint8Array(64 * 1024))
        },
      },
      { highWaterMark: 0 },
    )
    const init: Streamed = { method, body, duplex: 'half' }
    const response = await guarded(() => () => undefined).request(`${origin}${path}`, init)
    expect([response.status, asked]).toEqual([401, 0])
  })

  // Kills: a digest that is not compared with what was read once the signature held.
  test('and is large must be what was signed', async () => {
    const call = { method: 'PUT', path: '/v1/records/R-9/files/face' } as const
    const send = await gateway.prepare('GB-POL', { ...call, body: Buffer.from('what was signed') })
    expect((await send()).status).not.toBe(401)
    const changing: Pick<Audited['app'], 'request'> = {
      request: (url, init) => gateway.app.request(url, { ...init, body: 'what was sent' }),
    }
    const signed = { ...call, body: Buffer.from('what was signed') }
    const other = await gateway.prepare('GB-POL', signed, changing)
    expect((await problemOf(await other())).status).toBe(401)
  })

  // Kills: room for the longest file, taken by whoever only says that one comes.
  test('takes no room for what has not come', async () => {
    const ends: (() => void)[] = []
    const timer: Timer = (_, act) => {
      ends.push(act)
      return () => undefined
    }
    const app = guarded(timer)
    const before = process.memoryUsage().arrayBuffers
    const calls = Array.from({ length: 50 }, () => {
      const body = new ReadableStream({ start: (it) => it.enqueue(new Uint8Array(1)) })
      const init: Streamed = { method: 'POST', body, duplex: 'half' }
      return app.request(`${origin}/v1/access-requests`, init)
    })
    await expect.poll(() => ends.length).toBe(calls.length)
    await pause(20)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
    for (const end of ends) end()
    for (const each of await Promise.all(calls)) expect(each.status).toBe(408)
  })

  // Kills: a clock that runs on after the body, which would keep every instance busy.
  test('but comes in time stops the clock', async () => {
    let running = 0
    const timer: Timer = () => {
      running += 1
      return () => {
        running -= 1
      }
    }
    const init = { method: 'POST', body: 'x'.repeat(100) }
    const response = await guarded(timer).request(`${origin}/v1/access-requests`, init)
    expect(response.status).toBe(401)
    expect(running).toBe(0)
  })
})

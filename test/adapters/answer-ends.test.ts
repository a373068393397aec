/**
 * All calls that are made for one answer end together, whatever they are to: real sockets that say nothing, or stop in
 * the middle, answer the real clients.
 */

import { createServer, type ServerResponse } from 'node:http'
import { createServer as createNetServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { accessWaitMs, answerEndsMs } from '../../functions/adapters/answer-ends.ts'
import { s3Archive, s3Client } from '../../functions/adapters/archive-s3.ts'
import { endingWithin, leftMs } from '../../functions/adapters/aws-post.ts'
import { isStoreAway, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { kmsWrapper } from '../../functions/adapters/kms.ts'
import { lambdaDoor, lambdaSealer } from '../../functions/adapters/lambda.ts'
import { postgresAt, postgresClient } from '../../functions/adapters/postgres.ts'
import { httpsSystems } from '../../functions/adapters/systems-https.ts'
import { readSettings } from '../../infra/settings.ts'
import { listen } from '../dynalite.ts'

let calls = 0
let answer: (response: ServerResponse) => unknown = () => undefined
const server = createServer((request, response) => {
  calls += 1
  request.resume().on('end', () => answer(response))
})
// A database that lets everybody in, and answers no query: `AuthenticationOk`, `ReadyForQuery`.
const open: Socket[] = []
const silent = createNetServer((socket) => {
  calls += 1
  open.push(socket)
  socket.on('error', () => undefined)
  socket.once('data', () => socket.write(Buffer.from('5200000008000000005a0000000549', 'hex')))
})
let endpoint = ''
let postgres: ReturnType<typeof postgresAt>
beforeAll(async () => {
  endpoint = await listen(server)
  // Read with the first call otherwise, which may take its time.
  await import('@aws-sdk/client-lambda')
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  postgres = postgresAt(`postgresql://comity@127.0.0.1:${Object(silent.address()).port}/comity`)
  for (const [name, value] of [
    ['AWS_REGION', 'local'],
    ['AWS_ACCESS_KEY_ID', 'local'],
    ['AWS_SECRET_ACCESS_KEY', 'local'],
    ['AWS_ENDPOINT_URL', endpoint],
  ] as const)
    vi.stubEnv(name, value)
})
afterEach(() => {
  calls = 0
  answer = () => undefined
})
afterAll(async () => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
  silent.close()
  for (const each of open) each.destroy()
  await postgres.end()
})

const hangs = () => undefined
const stops = (response: ServerResponse) =>
  response.writeHead(200, { etag: '"e"', 'content-length': 10 }).write('half')

describe('A call that is made for an answer', () => {
  // Kills: an end for each call alone, or none; a body that is waited for once its headers came; calls that go on behind.
  test.each([
    ['S3, which says nothing', hangs, () => s3Archive('log', s3Client(endpoint)).get('a/b')],
    ['S3, which stops', stops, () => s3Archive('log', s3Client(endpoint)).get('a/b')],
    ['KMS', hangs, () => kmsWrapper('alias/comity').unwrap(Buffer.from('x'))],
    ['the sealer', hangs, () => lambdaSealer('seal')('de')],
    ['PostgreSQL', hangs, () => rowsIn(postgresClient(postgres), 'T').get({ pk: { S: 'a' } })],
  ])('to %s ends with it, and a further one is not sent', async (_, comes, act) => {
    answer = comes
    const began = performance.now()
    await endingWithin(300, async () => {
      const first = await act().catch((error: unknown) => error)
      const sent = calls
      const second = await act().catch((error: unknown) => error)
      expect([first, second].map(isStoreAway)).toEqual([true, true])
      expect([sent > 0, calls]).toEqual([true, sent])
    })
    expect(performance.now() - began).toBeLessThan(1500)
  })

  // Kills: an outer end that an inner one puts off.
  test('ends with the answer around it, however long it may take itself', () => {
    endingWithin(100, () => endingWithin(10_000, () => expect(leftMs()).toBeLessThan(101)))
    endingWithin(10_000, () => endingWithin(100, () => expect(leftMs()).toBeLessThan(101)))
  })

  // Kills: a holder's own system that is waited for until Lambda ends the call.
  test('to a holder’s own system ends with it', async () => {
    const slow = httpsSystems(() => new Promise(() => undefined))
    const system = { address: 'https://holder.test' }
    const began = performance.now()
    expect(await endingWithin(100, () => slow.ask(system, 'x', 10_000))).toEqual({
      refused: 'no-such-name',
    })
    expect(performance.now() - began).toBeLessThan(1500)
  })
})

describe('What somebody signed on a page', () => {
  // Kills: an act that goes on in Access after its officer was told that there was no answer.
  test('is not sent where Access could end later than the page', async () => {
    const sent = endingWithin(accessWaitMs - 1, () => lambdaDoor('access')({}))
    expect(isStoreAway(await sent.catch((error: unknown) => error))).toBe(true)
    expect(calls).toBe(0)
  })

  // Kills: a call that is not sent again where nobody took it.
  test('is sent again where Access had no instance left', async () => {
    answer = (response) => {
      if (calls === 1)
        return response.writeHead(429, { 'x-amzn-errortype': 'TooManyRequestsException' }).end('{}')
      return response.end('{"statusCode":201}')
    }
    const came = endingWithin(answerEndsMs.console, () => lambdaDoor('access')({}))
    expect(await came).toEqual({ statusCode: 201 })
    expect(calls).toBe(2)
  })

  // Kills: a page that gives up on an act that is then entered; an answer that Lambda or an HTTP API cuts off.
  test('ends in Access before the page gives up, and the page before its own time is over', () => {
    const { functions } = readSettings(() => undefined)
    const { access, console } = functions
    // Room for an instance that has to start, and for the page around it.
    expect(accessWaitMs).toBeGreaterThanOrEqual(answerEndsMs.access + 2000)
    expect(answerEndsMs.console).toBeGreaterThanOrEqual(accessWaitMs + 5000)
    expect(access.timeoutSeconds * 1000).toBeGreaterThanOrEqual(answerEndsMs.access + 2000)
    expect(console.timeoutSeconds * 1000).toBeGreaterThanOrEqual(answerEndsMs.console + 2000)
  })
})

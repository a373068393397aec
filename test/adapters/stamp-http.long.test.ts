/** The client of a time-stamping authority, against servers on loopback that say anything. */

import { createServer, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { httpAuthority } from '../../functions/adapters/stamp-http.ts'
import { listen } from '../dynalite.ts'
import { answerOf, type Errs, makeAuthority } from '../ledger/authority.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

const authority = makeAuthority()
const { certificate } = authority.trusted
const note = Buffer.from('comity.test/de/2026\n3\nroot\n\n— comity.test/de/2026 AAAA\n')
const at = '2026-11-25T09:00:00Z'

/** The number of a request as `stampRequest` writes it: before `certReq`, which is last. */
const nonceIn = (request: Buffer) => request.subarray(-11, -3)

/** A client of a server that answers a request so, and what it was sent. */
async function asking(
  answer: (request: Buffer, path: string) => { status?: number; body: Uint8Array | 'never' },
  policy?: string,
) {
  const sent: { type: string | undefined; body: Buffer }[] = []
  const server = createServer(async (request, response) => {
    const sentBody = await buffer(request)
    sent.push({ type: request.headers['content-type'], body: sentBody })
    const { status = 200, body } = answer(sentBody, request.url ?? '')
    if (body !== 'never') response.writeHead(status, { location: '/elsewhere' }).end(body)
  })
  servers.push(server)
  const client = httpAuthority({ url: await listen(server), certificate, policy })
  return { stamp: () => client.stamp(note), sent }
}
/** One that stamps, erring as said. */
const stamping = (errs: Errs = {}, by = authority) =>
  asking((request) => ({
    body: answerOf(by.stamp(note, at, { nonce: nonceIn(request), ...errs })),
  }))

describe('An authority asked over HTTP', () => {
  test('is sent a request for this note and its rules, and is believed', async () => {
    const { stamp, sent } = await asking(
      (request) => ({ body: answerOf(authority.stamp(note, at, { nonce: nonceIn(request) })) }),
      '1.2.3.4.1',
    )
    const stamped = await stamp()
    expect(stamped).toMatchObject({ kind: 'stamped', ms: Date.parse(at) })
    const [{ type, body } = { type: '', body: Buffer.alloc(0) }] = sent
    expect(type).toBe('application/timestamp-query')
    expect(body.toString('hex')).toContain('06042a030401')
    await stamp()
    expect(nonceIn(sent[1]?.body ?? body)).not.toEqual(nonceIn(body))
  })

  // Kills: each check of an answer dropped, one at a time.
  test.each([
    [
      'another request',
      stamping({ nonce: Buffer.alloc(8, 0x41) }),
      'its token answers another request',
    ],
    [
      'no request at all',
      stamping({ nonce: Buffer.alloc(0) }),
      'its token answers another request',
    ],
    [
      'for other bytes',
      stamping({ imprint: Buffer.alloc(32) }),
      'its authority stamped other bytes than this checkpoint',
    ],
    [
      'by another',
      stamping({}, makeAuthority()),
      'its token is not by the authority that is expected',
    ],
    [
      'with a refusal',
      asking(() => ({ body: answerOf(undefined, 2) })),
      'it refused, with status 2',
    ],
    ['with a page', asking(() => ({ body: Buffer.from('<html>') })), 'its answer is no time stamp'],
    [
      'that it does not know us',
      asking(() => ({ status: 403, body: Buffer.from('') })),
      'it answered 403',
    ],
  ])('is not believed that answers %s', async (_, client, why) => {
    expect(await (await client).stamp()).toEqual({ kind: 'refused', why })
  })

  test('is not believed under other rules than are expected', async () => {
    const { stamp } = await asking(
      (request) => ({ body: answerOf(authority.stamp(note, at, { nonce: nonceIn(request) })) }),
      '1.2.3.4.9',
    )
    expect(await stamp()).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/the authority that is expected/),
    })
  })

  // Kills: an answer that is waited for, or read, for ever.
  test.each([
    ['fails', asking(() => ({ status: 503, body: Buffer.from('') })), 'it answered 503'],
    ['has enough of us', asking(() => ({ status: 429, body: Buffer.from('') })), 'it answered 429'],
    ['sends too much', asking(() => ({ body: Buffer.alloc(40_000) })), 'its answer is too long'],
    [
      'sends us elsewhere',
      asking((_, path) => ({ status: path === '/elsewhere' ? 200 : 302, body: Buffer.from('') })),
      'it could not be reached',
    ],
    ['says nothing', asking(() => ({ body: 'never' })), 'no answer within 5000 ms'],
    [
      'is not there',
      Promise.resolve({
        stamp: () => httpAuthority({ url: 'http://127.0.0.1:9', certificate }).stamp(note),
      }),
      'it could not be reached',
    ],
  ])('is away that %s', async (_, client, why) => {
    expect(await (await client).stamp()).toEqual({ kind: 'away', why })
  })

  test('must have a certificate that can be read', () => {
    expect(() => httpAuthority({ url: 'http://127.0.0.1', certificate: 'AAAA' })).toThrow(
      'couldn’t use a time-stamping authority: its certificate is none in base64',
    )
  })
})

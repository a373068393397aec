/** The client of a witness, against servers on loopback that say anything. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { httpWitness } from '../../functions/adapters/witness-http.ts'
import { cosignText, signatureLine, signText, writeVkey } from '../../functions/ledger/note.ts'
import { listen } from '../dynalite.ts'
import { type Key, keyOf, leavesOf, noteOf, proofFrom } from './signed-log.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown

/** A client of a witness that answers as `handler` does. */
async function asking(handler: Handler) {
  const server = createServer(async (request, response) => {
    handler(request, response, await text(request))
  })
  servers.push(server)
  return httpWitness(writeVkey(witness.key), await listen(server))
}
const answering = (status: number, body: string, type = 'text/plain') =>
  asking((_, response) => response.writeHead(status, { 'content-type': type }).end(body))

const witness = keyOf('witness.test/w1', 4)
const log = keyOf('comity.test/de/2026', 1)
const note = await noteOf(log, leavesOf(7))
const textOf = (written: string) => written.slice(0, written.indexOf('\n\n') + 1)
const lineOf = async ({ key, signing }: Key, written = note, seconds = 5) =>
  signatureLine(await cosignText(textOf(written), key, seconds, signing.sign))
const mine = await lineOf(witness)

describe('A witness asked over HTTP', () => {
  // Kills: a body that another witness’s server would not read.
  test('is sent what the specification says', async () => {
    const sent: unknown[] = []
    const client = await asking(({ method, url }, response, body) => {
      sent.push(method, url, body)
      response.end(mine)
    })
    const proof = await proofFrom(3, leavesOf(7))
    expect(await client.add(3, proof, note)).toEqual({ kind: 'cosigned', line: mine })
    const lines = proof.map((each) => Buffer.from(each).toString('base64')).join('\n')
    expect(sent).toEqual(['POST', '/add-checkpoint', `old 3\n${lines}\n\n${note}`])
    await client.add(0, [], note)
    expect(sent[5]).toBe(`old 0\n\n${note}`)
  })

  // Kills: a line that is passed on unverified; the first line taken, whoever’s it is.
  test('is believed for its own cosignature of this very checkpoint, and for nothing else', async () => {
    const other = await lineOf(keyOf('witness.test/w2', 4))
    const among = await answering(200, `${other}${mine}${other}`)
    expect(await among.add(0, [], note)).toEqual({ kind: 'cosigned', line: mine })
    const { key, signing } = witness
    const untimed = signatureLine(await signText(textOf(note), { ...key, type: 1 }, signing.sign))
    const none = [
      '',
      other,
      await lineOf(keyOf('witness.test/w1', 4)),
      await lineOf(witness, await noteOf(log, leavesOf(8))),
      await lineOf(witness, note, 0),
      untimed,
      note.slice(note.indexOf('\n\n') + 2),
      mine.replace('witness.test/w1', 'witness.test/w2'),
    ]
    for (const line of none)
      expect(await (await answering(200, line)).add(0, [], note)).toEqual({
        kind: 'refused',
        why: 'no line of its answer is its cosignature',
      })
  })

  // Kills: an answer that is put under the checkpoint before it was read.
  test('adds nothing to a checkpoint but lines of signatures', async () => {
    const bodies = [mine.trimEnd(), `\n${mine}`, `${mine}\n${mine}`, `x\n${mine}`, '\0', '<html>']
    for (const body of bodies)
      expect([body, await (await answering(200, body)).add(0, [], note)]).toEqual([
        body,
        { kind: 'refused', why: 'its answer is not lines of signatures' },
      ])
  })

  // Kills: a size that is read from anything.
  test('says which size it has, in the type and form that the specification gives', async () => {
    const size = 'text/x.tlog.size'
    const stale = async (body: string, type = size) =>
      (await answering(409, body, type)).add(3, [], note)
    expect(await stale('5\n')).toEqual({ kind: 'stale', size: 5 })
    expect(await stale('0\n', `${size}; charset=utf-8`)).toEqual({ kind: 'stale', size: 0 })
    for (const body of ['', '5', '05\n', '-1\n', '5.0\n', '9007199254740993\n', '5\n5\n', 'five\n'])
      expect([body, await stale(body)]).toEqual([
        body,
        { kind: 'refused', why: 'it named no size' },
      ])
    expect(await stale('5\n', 'text/plain')).toEqual({ kind: 'refused', why: 'it answered 409' })
  })

  // Kills: the words of another server in our own log.
  test('may refuse or be away, and what it says of that is not repeated', async () => {
    const say = 'Erika Mustermann'
    for (const status of [201, 204, 400, 403, 404, 413, 422])
      expect(await (await answering(status, status === 204 ? '' : say)).add(0, [], note)).toEqual({
        kind: 'refused',
        why: `it answered ${status}`,
      })
    for (const status of [429, 500, 503])
      expect(await (await answering(status, say)).add(0, [], note)).toEqual({
        kind: 'away',
        why: `it answered ${status}`,
      })
  })

  // Kills: no limit of time or length; redirects that are followed.
  test('is away if it cannot be reached, is silent, never ends, or sends us elsewhere', async () => {
    let isFollowed = false
    const trap = await asking(() => {
      isFollowed = true
    })
    expect(trap.vkey).toBe(writeVkey(witness.key))
    const address = servers.at(-1)?.address()
    const port = typeof address === 'object' ? address?.port : 0
    const elsewhere = await asking((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
    )
    const unreachable = { kind: 'away', why: 'it could not be reached' }
    expect(await elsewhere.add(0, [], note)).toEqual(unreachable)
    expect(isFollowed).toBe(false)

    const cut = await asking((request) => request.socket.destroy())
    expect(await cut.add(0, [], note)).toEqual(unreachable)

    const long = { kind: 'away', why: 'its answer is too long' }
    const endless = await asking((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(mine.repeat(20)));
      }
      response.on('drain', more)
      more()
    })
    expect(await endless.add(0, [], note)).toEqual(long)

    const late = { kind: 'away', why: 'no answer within 2000 ms' }
    const silent = await asking(() => undefined)
    const slow = await asking((_, response) => response.write(mine))
    expect(await Promise.all([silent.add(0, [], note), slow.add(0, [], note)])).toEqual([
      late,
      late,
    ])
  })

  test('is not configured with a key that is no witness’s', () => {
    expect(() => httpWitness(writeVkey(log.key), 'http://127.0.0.1')).toThrow(
      'couldn’t use comity.test/de/2026: its key is a log’s',
    )
    expect(() => httpWitness('nonsense', 'http://127.0.0.1')).toThrow('couldn’t use a witness: ')
  })
})

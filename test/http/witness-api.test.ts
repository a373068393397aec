/** A witness over HTTP: status codes, types and limits of C2SP tlog-witness. */

import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { type WitnessEvent, witnessApi } from '../../functions/http/witness-api.ts'
import { keyOf, leavesOf, noteOf, proofFrom } from '../adapters/signed-log.ts'
import { startDynalite } from '../dynalite.ts'

const store = await startDynalite()
afterAll(() => store.close())
const witness = keyOf('witness.test/w1', 4)
const log = keyOf('comity.test/de/2026', 1)
const now = () => new Date('2026-11-25T09:00:00.999Z')

function fresh(memory = dynamodbMemory(store.client, store.tables.signatures, randomUUID())) {
  const events: WitnessEvent[] = []
  const logKey = (origin: string) => (origin === log.key.name ? log.key : undefined)
  const app = witnessApi({ ...witness, memory, logKey }, now, (event) => events.push(event))
  const post = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
    app.request('/add-checkpoint', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
  return { app, post, events }
}

const bodyOf = async (from: number, size: number, tale = 'a') => {
  const proof = await proofFrom(from, leavesOf(size, tale))
  const lines = proof.map((each) => `${Buffer.from(each).toString('base64')}\n`)
  return `old ${from}\n${lines.join('')}\n${await noteOf(log, leavesOf(size, tale))}`
}
const said = async (response: Response) => [response.status, await response.text()]

describe('A witness over HTTP', () => {
  // Kills: the wrong status for any answer; a stale answer without its own media type.
  test('answers with the status codes of the specification', async () => {
    const { post, events } = fresh()
    const cosigned = await post(await bodyOf(0, 5))
    expect(cosigned.status).toBe(200)
    expect(await cosigned.text()).toMatch(/^— witness\.test\/w1 [A-Za-z0-9+/]{102}==\n$/)

    const stale = await post(await bodyOf(0, 6))
    expect(stale.headers.get('content-type')).toBe('text/x.tlog.size')
    expect(await said(stale)).toEqual([409, '5\n'])

    const stranger = await noteOf(keyOf('comity.test/fr/2026', 1), leavesOf(5))
    expect((await post(`old 0\n\n${stranger}`)).status).toBe(404)
    const unsigned = await noteOf(keyOf(log.key.name, 1), leavesOf(5))
    expect((await post(`old 5\n\n${unsigned}`)).status).toBe(403)
    expect((await post(`old 6\n\n${await noteOf(log, leavesOf(5))}`)).status).toBe(400)
    expect((await post('old 5\n')).status).toBe(400)
    expect(events).toEqual([])

    const forked = await post(await bodyOf(5, 6, 'b'))
    expect(await said(forked)).toEqual([
      422,
      'the proof does not lead from the tree of 5 to this one\n',
    ])
    const evidence = await noteOf(log, leavesOf(6, 'b'))
    const why = 'the proof does not lead from the tree of 5 to this one'
    expect(events).toEqual([{ event: 'inconsistent', why, evidence }])
  })

  // Kills: the time rounded up, which would be a cosignature of the future.
  test('says the second in which it was asked', async () => {
    const { post } = fresh()
    const line = await (await post(await bodyOf(0, 5))).text()
    const bytes = Buffer.from(line.split(' ')[2] ?? '', 'base64')
    expect(bytes.readBigUInt64BE(4)).toBe(BigInt(Date.parse('2026-11-25T09:00:00Z') / 1000))
  })

  // Kills: a limit that trusts what the caller says of the length.
  test('reads no body that is longer than any it could cosign', async () => {
    const { post } = fresh()
    const long = 'x'.repeat(140_000)
    expect(await said(await post(long, { 'content-length': '140000' }))).toEqual([
      413,
      'the body is too long\n',
    ])
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 10_000
        controller.enqueue(Buffer.alloc(10_000, 'x'))
      },
    })
    expect((await post(endless)).status).toBe(413)
    expect(sent).toBeLessThan(300_000)
  })

  test('reads no body that is not UTF-8', async () => {
    const { post } = fresh()
    const bytes = Buffer.concat([Buffer.from(await bodyOf(0, 5)), Buffer.of(0xff)])
    expect(await said(await post(bytes))).toEqual([400, 'the body is not UTF-8\n'])
  })

  test('answers nothing else', async () => {
    const { app } = fresh()
    expect((await app.request('/add-checkpoint')).status).toBe(404)
    expect((await app.request('/sign-subtree', { method: 'POST', body: 'x' })).status).toBe(404)
  })

  // Kills: an answer that tells what went wrong inside.
  test('signs nothing while its memory is away, and says so to its operator alone', async () => {
    const away = dynamodbMemory(store.client, 'no-such-table', 'w1')
    const { post, events } = fresh(away)
    const answer = await post(await bodyOf(0, 5))
    expect(await said(answer)).toEqual([500, 'the witness failed; nothing was signed\n'])
    expect(events).toEqual([{ event: 'failed', why: 'ResourceNotFoundException' }])
  })
})

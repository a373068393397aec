/** `comity bridge` between an old system and a gateway that a test plays; as processes, in `bridge.long.test.ts`. */

import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { answerQuestions } from '../../functions/client/answer-questions.ts'
import { startBridge } from '../../functions/client/bridge.ts'
import { keptIds } from '../../functions/client/kept-ids.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import { freePort, removeFolders, temporaryFolder } from '../demo/process.ts'
import { listen } from '../dynalite.ts'

/** What the gateway was sent, and what it does with the next call. */
type Call = {
  readonly jti: string
  readonly sub: string
  readonly body: string
  readonly at: number
}
type Act = (response: ServerResponse) => void
const calls: Call[] = []
const acts: Act[] = []
const says =
  (status: number, body: object, headers: Record<string, string> = {}): Act =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))

let gateway: Server
let port: number
let restart: () => Promise<void>
let stop = () => {}
const home = temporaryFolder()
const folder = join(home, 'folder')
const lines: object[] = []

beforeAll(async () => {
  gateway = createServer(async (incoming: IncomingMessage, response) => {
    const { jti = '', sub = '' } = decodeJwt(String(incoming.headers.authorization).slice(7))
    calls.push({ jti, sub, body: await text(incoming), at: performance.now() })
    const act = acts.shift() ?? says(201, { outcome: 'deny' })
    act(response)
  })
  const url = await listen(gateway)
  const key = await agencyKey(home, 'FR-SPOC')
  port = await freePort()
  const log = (line: object) => void lines.push(line)
  restart = async () => {
    stop()
    const ids = keptIds(join(home, 'state'))
    const sending = { agency: 'FR-SPOC', url, key, ids, log, forMs: 5000 }
    stop = await startBridge(sending, 'officer-7', `127.0.0.1:${port}`, folder)
  }
  await restart()
})
afterEach(() => {
  calls.length = 0
  acts.length = 0
})
afterAll(async () => {
  stop()
  gateway.closeAllConnections()
  gateway.close()
  await removeFolders()
})

const question = JSON.stringify({ subject: 'Anton Beispiel' })

/** Asks as an old system does. `node:http` sends the `Host` that a test wants; `fetch` does not. */
async function ask(
  headers: Record<string, string>,
  { method = 'POST', path = '/v1/access-requests', body = question } = {},
) {
  const call = request({ port, host: '127.0.0.1', method, path, headers, agent: false })
  call.end(method === 'GET' ? undefined : body)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: JSON.parse(await text(response)) }
}

test('An answer is the gateway’s own, of a call that the agency’s officer signed', async () => {
  acts.push(says(201, { outcome: 'redact' }))
  const answer = await ask({ 'idempotency-key': 'A-1', 'comity-officer': 'officer-3' })
  expect(answer).toEqual({ status: 201, body: { outcome: 'redact' } })
  expect(calls).toMatchObject([{ sub: 'officer-3', body: question }])
})

// Kills: an id that is kept in memory alone, or a fresh one for each try.
test('A question that is repeated after the bridge started anew is the same call', async () => {
  await ask({ 'idempotency-key': 'A-2' })
  await restart()
  await ask({ 'idempotency-key': 'A-2' })
  expect(calls).toHaveLength(2)
  expect(calls[1]?.jti).toBe(calls[0]?.jti)
})

// Kills: a bridge that comes again at once; one that follows a redirection with the signature.
test('The bridge comes again as the same call, not before it is told to, and never elsewhere', async () => {
  const elsewhere: string[] = []
  const other = createServer((incoming) => void elsewhere.push(incoming.url ?? '')).listen(0)
  const { port: otherPort } = other.address() as AddressInfo
  const moved = { location: `http://127.0.0.1:${otherPort}/` }
  acts.push(says(429, {}, { 'retry-after': '1' }), says(307, {}, moved), says(503, {}))
  expect(await ask({ 'idempotency-key': 'A-3' })).toMatchObject({ status: 201 })
  other.close()
  expect(new Set(calls.map(({ jti }) => jti)).size).toBe(1)
  expect(calls).toHaveLength(4)
  expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThan(990)
  expect(elsewhere).toEqual([])
})

test('A refusal reaches the old system as the gateway said it', async () => {
  const problem = { code: 'invalid-request', errors: [{ pointer: '/holder', detail: 'none' }] }
  acts.push(says(422, problem))
  expect(await ask({ 'idempotency-key': 'A-4' })).toEqual({ status: 422, body: problem })
})

test('Looking needs no number, and is never taken for a question', async () => {
  acts.push(says(200, { id: 'x' }))
  const looked = await ask({}, { method: 'GET', path: '/v1/access-requests?jti=x' })
  expect(looked).toEqual({ status: 200, body: { id: 'x' } })
})

const post = '/v1/access-requests'
test.each([
  ['has no number', {}, {}, 400, 'key-missing'],
  ['comes from a page in a browser', { origin: 'https://evil.example' }, {}, 403, 'not-from-here'],
  ['comes by another name of this machine', { host: 'evil.example' }, {}, 403, 'not-from-here'],
  ['is an officer’s decision', {}, { path: '/v1/attestations' }, 404, 'no-such-call'],
  ['would change a record', {}, { method: 'PUT', path: post }, 404, 'no-such-call'],
  ['is too long', { 'idempotency-key': 'B' }, { body: 'x'.repeat(16_385) }, 413, 'body-too-large'],
])(
  'A question that %s is not sent, and the old system reads why',
  async (_, headers, call, status, code) => {
    expect(await ask(headers as Record<string, string>, call)).toMatchObject({
      status,
      body: { code },
    })
    expect(calls).toEqual([])
  },
)

// Kills: an id by its number alone, under which the gateway answers the question of before.
test('Another question under a number that is taken is not sent', async () => {
  await ask({ 'idempotency-key': 'A-5' })
  const other = await ask({ 'idempotency-key': 'A-5' }, { body: '{}' })
  expect(other).toMatchObject({ status: 422, body: { code: 'key-reused' } })
  expect(calls).toHaveLength(1)
})

const asFile = (name: string, body: string) => {
  writeFileSync(join(folder, `${name}.tmp`), body)
  renameSync(join(folder, `${name}.tmp`), join(folder, 'in', `${name}.json`))
}
const out = (name: string) => join(folder, 'out', `${name}.json`)
const answeredFile = (name: string) =>
  vi.waitFor(() => JSON.parse(readFileSync(out(name), 'utf8')), { timeout: 30_000, interval: 10 })

test('A question in a file is answered by a file, and leaves nothing behind', async () => {
  acts.push(says(201, { outcome: 'release' }))
  asFile('4711', question)
  expect(await answeredFile('4711')).toEqual({ outcome: 'release' })
  await expect.poll(() => readdirSync(join(folder, 'doing'))).toEqual([])
  expect(readdirSync(join(folder, 'in'))).toEqual([])
})

test('A second question of a name waits until the first answer is collected, and is a call of its own', async () => {
  asFile('4712', question)
  await answeredFile('4712')
  asFile('4712', '{"another":1}')
  asFile('4713', question)
  await answeredFile('4713')
  expect(existsSync(join(folder, 'in', '4712.json'))).toBe(true)
  renameSync(out('4712'), join(folder, 'collected'))
  await answeredFile('4712')
  expect(calls.map(({ body }) => body)).toContain('{"another":1}')
  expect(new Set(calls.map(({ jti }) => jti)).size).toBe(3)
})

// Kills: an answer that is out while its question is still there, which a kill then answers a second time.
test('An answer comes out once nothing of its question is left, or at the next start', async () => {
  const both = new Worker(
    `const { existsSync } = require('node:fs'), { parentPort, workerData: [a, b] } = require('node:worker_threads')
    const look = () => (existsSync(b) ? parentPort.postMessage(existsSync(a)) : setImmediate(look))
    look()`,
    { eval: true, workerData: [join(folder, 'doing', '4714.json'), out('4714')] },
  )
  await once(both, 'online')
  asFile('4714', question)
  expect(await once(both, 'message')).toEqual([false])
  writeFileSync(join(folder, 'doing', '.4715.json.answer'), '{"outcome":"deny"}')
  asFile('4715', '{"another":2}')
  await restart()
  expect(await answeredFile('4715')).toEqual({ outcome: 'deny' })
  expect(existsSync(join(folder, 'in', '4715.json'))).toBe(true)
})

// Kills: a bridge that follows a link to what only it may read, or waits for a pipe or a folder.
test('What is no file is no question', async () => {
  writeFileSync(join(home, 'secret'), 'secret')
  symlinkSync(join(home, 'secret'), join(folder, 'in', 'link.json'))
  mkdirSync(join(folder, 'in', 'folder.json'))
  asFile('4716', question)
  await answeredFile('4716')
  expect(calls.map(({ body }) => body)).toEqual([question])
  expect(readdirSync(join(folder, 'in')).toSorted()).toContain('link.json')
})

// Kills: polls without a pause while the holder's system is slow, which use up the calls that its answer needs.
test('The bridge of a holder asks for further questions now and then while one is being answered', async () => {
  let polls = 0
  const over = performance.now() + 1500
  // The only way to end it.
  const log = ({ event, why }: Readonly<Record<string, string | number>>) => {
    if (performance.now() > over && (event === 'answered' || why === 'over'))
      throw new Error('over')
  }
  const keys = join(home, 'gateway.jwks.json')
  writeFileSync(keys, '{"keys":[]}')
  const key = await agencyKey(home, 'FR-SPOC')
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  const waiting = says(200, { questions: ['slow'] })
  acts.push(
    ...Array.from({ length: 100 }, () => (response: ServerResponse) => {
      polls += 1
      waiting(response)
    }),
  )
  const sending = {
    agency: 'FR-SPOC',
    url,
    key,
    ids: keptIds(join(home, 'answers')),
    log,
    forMs: 10,
  }
  const of = { sending, officer: 'system-1', system: `${url}/`, keys, state: home }
  await expect(answerQuestions(of)).rejects.toThrow('over')
  expect(polls).toBeGreaterThan(1)
  expect(polls).toBeLessThan(7)
})

// Kills: a bridge that removes whatever is old in the folder that it was given.
test('Ids are removed after thirty days, and nothing else that is in their folder', async () => {
  await ask({ 'idempotency-key': 'A-6' })
  const ids = readdirSync(join(home, 'state'))
  writeFileSync(join(home, 'state', 'questions.ndjson'), '{}')
  mkdirSync(join(home, 'state', 'kept'), { recursive: true })
  for (const each of readdirSync(join(home, 'state'))) utimesSync(join(home, 'state', each), 0, 0)
  await restart()
  expect(ids).not.toEqual([])
  expect(readdirSync(join(home, 'state')).toSorted()).toEqual(['kept', 'questions.ndjson'])
})

test('The bridge’s own log names no person, no number and no file', () => {
  const words = JSON.stringify(lines.map((line) => ({ ...line, jti: '' })))
  expect(words).toContain('"event":"answered"')
  expect(words).not.toMatch(/Anton|A-[1-5]|4711|officer|Bearer|jti=x/)
})

/** `comity bridge`: signs and sends what an old system asks in plain HTTP, or by files in a folder. */

import { isUtf8 } from 'node:buffer'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { bytesUpTo } from '../adapters/bytes-up-to.ts'
import { bodyBytesMax } from '../decision/request.ts'
import { faultOf } from '../failure.ts'
import { misuse } from '../terminal/exit.ts'
import { writeWhole } from '../terminal/files.ts'
import { answerQuestions } from './answer-questions.ts'
import { evaluation, evaluations, json } from './authzen.ts'
import { digest, keptIds, lockState } from './kept-ids.ts'
import type { Gateway } from './profile.ts'
import { asAgency, type Calling, callerOf, keyIn, mayPass } from './send.ts'
import {
  ownProblem,
  type Sending,
  type SentAnswer,
  sendUntilAnswered,
  type ToSend,
} from './until-answered.ts'

/** How long an old system waits for an answer by HTTP, ms: what it does not get, it asks for again. */
const httpMs = 120_000
/** How many calls are on their way at once. Ours: one agency's system has tens of clerks. */
const callsMax = 64
/** How often the folder is looked at, and how long a question rests after a failure, ms. */
const lookMs = 250
const restMs = 10_000
const sweepMs = 3_600_000

type Options = Calling & {
  readonly listen?: string
  readonly folder?: string
  readonly answers?: string
  readonly gatewayKeys?: string
  readonly state: string
}

/** Adds `comity bridge`. */
export function addBridge(program: Command, gateway: Gateway): void {
  asAgency(program.command('bridge'), gateway)
    .description(
      'Sign for a system that cannot, in the agency’s own network: what it asks, or answers.',
    )
    .option('--listen <address>', 'where it asks by HTTP; 127.0.0.1:8790 if nothing else is named')
    .option('--folder <folder>', 'where it asks by files: in/NAME.json becomes out/NAME.json')
    .option('--answers <url>', 'the holder’s own system, which is asked what the gateway asks')
    .option('--gateway-keys <file>', 'with --answers, the gateway’s public keys, as a JWK Set')
    .option('--state <folder>', 'where ids of calls are kept', join(gateway.data, 'bridge'))
    .action((options: Options) => bridge(options, gateway))
}

async function bridge(options: Options, gateway: Gateway): Promise<void> {
  const { folder, state, answers: system, gatewayKeys: keys } = options
  const isAsked = folder ?? system
  const { listen = isAsked === undefined ? '127.0.0.1:8790' : undefined } = options
  const { agency, officer, url, key } = callerOf(options, gateway)
  const print = options.json ? console.log : console.error
  const log = (line: object) => print(JSON.stringify({ at: new Date(), ...line }))
  const sending = { agency, url, key: keyIn(key), ids: keptIds(state), log, forMs: httpMs }
  lockState(state)
  await startBridge(sending, officer, listen, folder)
  const serves = [listen, folder, system].filter((each) => each !== undefined)
  if (options.json) log({ event: 'serving', agency, serves })
  else console.log(`The bridge of ${agency} serves ${serves.join(' and ')}`)
  // Whatever is on its way is on disk, and is asked again.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0))
  if (system !== undefined) await answerQuestions({ sending, officer, system, keys, state })
}

type Answering = (call: ToSend) => Promise<SentAnswer>

/** Serves an old system by HTTP at an address (`127.0.0.1:8790`), in a folder, or both. Returns how to stop. */
export async function startBridge(
  sending: Sending & { readonly ids: ReturnType<typeof keptIds> },
  officer: string,
  listen: string | undefined,
  folder: string | undefined,
): Promise<() => void> {
  const { ids, log } = sending
  let calls = 0
  const answer = async (call: ToSend): Promise<SentAnswer> => {
    if (calls >= callsMax) return ownProblem(503, 'queue-full', 'Too many calls at once', 1)
    calls += 1
    return sendUntilAnswered(call, sending)
      .catch(({ message }) => ownProblem(500, 'bridge-failed', `The bridge failed: ${message}`))
      .finally(() => {
        calls -= 1
      })
  }
  const server = listen === undefined ? undefined : await serve(listen, officer, answer)
  const look = folder === undefined ? () => undefined : inFolder(folder, officer, answer, log)
  ids.sweep()
  const timers = [setInterval(look, lookMs), setInterval(ids.sweep, sweepMs)]
  return () => {
    server?.close().closeAllConnections()
    for (const timer of timers) clearInterval(timer)
  }
}

async function serve(address: string, officer: string, answer: Answering): Promise<Server> {
  const [host, port] = address.split(/:(?=\d{1,5}$)/)
  if (host === undefined || host === '' || port === undefined)
    throw misuse('couldn’t listen: write an address as 127.0.0.1:8790')
  const server = createServer({ requestTimeout: 10_000 }, async (request, response) => {
    const called = await callIn(request, officer, address, answer).catch(() => undefined)
    if (called === undefined) return response.destroy()
    const { status, type, body, file, headers, retryAfter } =
      'status' in called ? called : await answer(called)
    // AuthZEN section 10.1.12.
    const id = request.headers['x-request-id']
    if (typeof id === 'string') response.setHeader('x-request-id', id)
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
    return response.writeHead(status, { ...headers, 'content-type': type }).end(file ?? body)
  })
  server.maxConnections = 2 * callsMax
  try {
    await once(server.listen(Number(port), host), 'listening')
  } catch (error) {
    throw misuse(`couldn’t listen on ${address}: ${faultOf(error)}`)
  }
  return server
}

/** What an old system may do: ask, and look. What an officer decides, he signs with his own means. */
const asks = '/v1/access-requests'
const evaluates = '/access/v1/evaluation'
const looks = /^\/v1\/(access-requests|events|disclosures|policies|vocabulary)([/?]|$)/

async function callIn(
  request: IncomingMessage,
  officer: string,
  address: string,
  answer: Answering,
): Promise<SentAnswer | ToSend> {
  const { method, url: path = '', headers } = request
  // A page in a browser of this machine must not ask: it sends one of these, or names another host.
  const isPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  if (isPage || headers.host !== address)
    return ownProblem(403, 'not-from-here', `Only a program may ask, and must call it ${address}`)
  const acting = String(headers['comity-officer'] ?? officer)
  if (method === 'GET' && path === '/.well-known/authzen-configuration')
    return json({
      policy_decision_point: `http://${address}`,
      access_evaluation_endpoint: `http://${address}${evaluates}`,
      access_evaluations_endpoint: `http://${address}${evaluates}s`,
    })
  if (method === 'POST' && (path === evaluates || path === `${evaluates}s`)) {
    if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) return notJson
    const body = await bytesUpTo(bodyBytesMax, request)
    if (body === undefined) return tooLarge
    const evaluated = path === evaluates ? evaluation : evaluations
    return isUtf8(body) ? evaluated(body.toString('utf8'), answer) : notUtf8
  }
  if (method === 'GET' && looks.test(path)) return { officer: acting, method, path }
  if (method !== 'POST' || path !== asks)
    return ownProblem(404, 'no-such-call', `Only POST ${asks} and looks with GET go this way`)
  const name = headers['idempotency-key']
  const missing = 'Add Idempotency-Key: this question’s number in your system, the same on a retry'
  if (typeof name !== 'string' || !/^[\x20-\x7e]{1,128}$/.test(name))
    return ownProblem(400, 'key-missing', missing)
  const body = await bytesUpTo(bodyBytesMax, request)
  if (body === undefined) return tooLarge
  return { name: `key ${name}`, officer: acting, method, path, body }
}

/** An error of AuthZEN is a string. */
const notJson = {
  status: 400,
  type: 'text/plain',
  body: 'the content type is not application/json',
} as const
const notUtf8 = { status: 400, type: 'text/plain', body: 'the body is not UTF-8' } as const
const tooLarge = ownProblem(413, 'body-too-large', 'Send 16 KB at most')

/** What the file of an answer ends with that is not out yet. */
const answered = '.answer'

/**
 * Answers each `in/NAME.json` by `out/NAME.json` whenever it is called. A question is moved to `doing` first, and
 * stays there until its answer is durable, so that after a kill it is asked again as the same call. While an
 * earlier answer of its name is not collected, it waits.
 */
function inFolder(
  folder: string,
  officer: string,
  answer: Answering,
  log: Sending['log'],
): () => Promise<void> {
  const at = (place: string, file = '') => join(folder, place, file)
  for (const place of ['in', 'doing', 'out'])
    fs.mkdirSync(at(place), { recursive: true, mode: 0o700 })
  // A link would lead to what only the bridge may read; a pipe would stop it.
  const names = (place: string) =>
    fs
      .readdirSync(at(place), { withFileTypes: true })
      .flatMap((each) => (each.isFile() && /^[^.].*\.json$/.test(each.name) ? [each.name] : []))
  const ask = async (file: string): Promise<void> => {
    const isTooLarge = fs.statSync(at('doing', file)).size > bodyBytesMax
    const body = isTooLarge ? Buffer.of() : fs.readFileSync(at('doing', file))
    const name = `file ${file} ${digest(body)}`
    const told = isTooLarge
      ? ownProblem(413, 'body-too-large', 'Write 16 KB at most')
      : await answer({ name, officer, method: 'POST', path: asks, body })
    if (mayPass(told.status)) return pause(restMs)
    // It comes out last: a question that was left would be answered again after a kill, to whoever asks another
    // under its name by then.
    writeWhole(at('doing', `.${file}${answered}`), told.body)
    fs.rmSync(at('doing', file))
    comesOut(file)
  }
  const comesOut = (file: string) =>
    fs.renameSync(at('doing', `.${file}${answered}`), at('out', file))
  for (const each of fs.readdirSync(at('doing')).filter((name) => name.endsWith(answered))) {
    const file = each.slice(1, -answered.length)
    if (!fs.existsSync(at('doing', file))) comesOut(file)
  }
  const failed = ({ code = 'unknown' }: NodeJS.ErrnoException): Promise<void> => {
    log({ event: 'folder-failed', why: code })
    return pause(restMs)
  }
  const busy = new Set<string>()
  const look = async (): Promise<void> => {
    const doing = names('doing')
    const fresh = names('in').filter((file) => !fs.existsSync(at('out', file)))
    for (const file of fresh.filter((each) => !doing.includes(each)).slice(0, callsMax)) {
      fs.renameSync(at('in', file), at('doing', file))
      doing.push(file)
    }
    for (const file of doing.filter((each) => !busy.has(each)).slice(0, callsMax)) {
      busy.add(file)
      void ask(file)
        .catch(failed)
        .then(() => busy.delete(file))
    }
  }
  return () => look().catch(failed)
}

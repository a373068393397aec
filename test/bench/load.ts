/**
 * Load on a server: calls made before the clock starts, on so many connections at once. By wrk where there is
 * one, since a client in Node takes the processor that it means to measure; else by a process in Node.
 */

import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { examples } from '../../functions/demo/demonstration.ts'
import type { AgencyKeyFile } from '../../functions/demo/keys.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { percentile } from './figures.ts'
import { child, end, message } from './processes.ts'

/** A call as it goes over the wire; `authorization` is empty if there is none. */
export type Prepared = { readonly authorization: string; readonly body: string }

/** What loads. */
export const client = spawnSync('wrk', ['-v']).error === undefined ? 'wrk' : 'a process in Node'

/** What came back: requests, what they took in ms, and how long all of it lasted. */
export type Measured = {
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

/** Where access requests go. */
export const path = '/v1/access-requests'

/** Requests of the three examples in turn, each of a case of its own. */
export async function signedCalls(
  count: number,
  keys: ReadonlyMap<string, AgencyKeyFile>,
  origin: string,
): Promise<readonly Prepared[]> {
  const bodies = examples.map((example) => ({
    ...example,
    bodyOf: (n: number) => JSON.stringify({ ...example.request, caseReference: `CASE-${n}` }),
  }))
  const calls: Prepared[] = []
  for (let n = 0; n < count; n++) {
    const example = bodies[n % bodies.length]
    const key = keys.get(example?.agency ?? '')
    if (example === undefined || key === undefined) throw new Error('an example has no key')
    const { agency, officer } = example
    const body = example.bodyOf(n)
    const jti = crypto.randomUUID()
    const bytes = Buffer.from(body)
    const authorization = await signCall(
      { method: 'POST', url: `${origin}${path}`, body: bytes },
      key,
      {
        agency,
        officer,
        audience: origin,
        iat: Math.floor(Date.now() / 1000),
        jti,
      },
    )
    calls.push({ authorization, body })
  }
  return calls
}

/** Sends calls for so many seconds, each once. Throws if one was refused, or if they did not last. */
export async function load(
  url: string,
  calls: readonly Prepared[],
  connections: number,
  seconds: number,
  folder: string,
): Promise<Measured> {
  const file = join(folder, 'calls')
  writeFileSync(
    file,
    calls.map(({ authorization, body }) => `${authorization}\t${body}\n`).join(''),
  )
  const measured = await (client === 'wrk' ? byWrk : byProcess)(url, file, connections, seconds)
  if (measured.requests >= calls.length)
    throw new Error(`the bench had only ${calls.length} calls for ${seconds} s`)
  return measured
}

async function byWrk(url: string, file: string, connections: number, seconds: number) {
  const threads = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s']
  const script = join(import.meta.dirname, 'load.lua')
  const of = [...threads, '-s', script, url, '--', file, String(connections)]
  const { stdout } = await promisify(execFile)('wrk', of)
  const { refused, ...measured } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  if (refused > 0) throw new Error(`${refused} calls were refused, or lost`)
  return measured as Measured
}

async function byProcess(url: string, file: string, connections: number, seconds: number) {
  const process = child('load-process.ts', [url, file, String(connections), String(seconds)])
  const measured = (await message(process)) as Measured
  await end(process)
  return measured
}

/** Sends calls from this process, each connection one after the other, until time is up. */
export async function send(
  url: string,
  calls: readonly Prepared[],
  connections: number,
  seconds: number,
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latenciesMs: number[] = []
  const start = performance.now()
  let next = 0
  const each = async () => {
    for (;;) {
      const call = calls[next]
      if (call === undefined || performance.now() - start > seconds * 1000) return
      next += 1
      const sent = performance.now()
      await sendOne(url, agent, call)
      latenciesMs.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: connections }, each))
  const lasted = (performance.now() - start) / 1000
  agent.destroy()
  const [p50, p99, worst] = [0.5, 0.99, 1].map((part) => percentile(latenciesMs, part))
  return {
    ...{ requests: latenciesMs.length, seconds: lasted },
    ...{ p50: p50 ?? 0, p99: p99 ?? 0, worst: worst ?? 0 },
  }
}

async function sendOne(url: string, agent: Agent, { authorization, body }: Prepared) {
  const signed = authorization === '' ? {} : { authorization }
  const headers = { ...signed, 'content-type': 'application/json' }
  const call = request(url, { method: 'POST', agent, headers })
  call.end(body)
  const [response] = await once(call, 'response')
  const said = await text(response)
  if (response.statusCode >= 400) throw new Error(`answered ${response.statusCode}: ${said}`)
}

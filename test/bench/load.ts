/** Load on a gateway: signed requests, from this process, on so many connections at once. */

import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { signCall } from '../../functions/identity/sign.ts'
import { examples } from '../../functions/local/demonstration.ts'
import type { AgencyKeyFile } from '../../functions/local/keys.ts'

/** A call as it goes over the wire; signed before the clock starts. */
export type Signed = { readonly authorization: string; readonly body: Buffer }

/** What came back. */
export type Measured = { readonly seconds: number; readonly latenciesMs: readonly number[] }

const path = '/v1/access-requests'

/** Requests of the three examples in turn, each of a case of its own. */
export async function signedCalls(
  count: number,
  keys: ReadonlyMap<string, AgencyKeyFile>,
  origin: string,
): Promise<readonly Signed[]> {
  const bodies = examples.map((example) => ({
    ...example,
    bodyOf: (n: number) =>
      Buffer.from(JSON.stringify({ ...example.request, caseReference: `CASE-${n}` })),
  }))
  const calls: Signed[] = []
  for (let n = 0; n < count; n++) {
    const example = bodies[n % bodies.length]
    const key = keys.get(example?.agency ?? '')
    if (example === undefined || key === undefined) throw new Error('an example has no key')
    const { agency, officer } = example
    const body = example.bodyOf(n)
    const jti = crypto.randomUUID()
    const authorization = await signCall({ method: 'POST', url: `${origin}${path}`, body }, key, {
      agency,
      officer,
      audience: origin,
      iat: Math.floor(Date.now() / 1000),
      jti,
    })
    calls.push({ authorization, body })
  }
  return calls
}

/** Sends calls, each connection one after the other, until all are answered or time is up. */
export async function load(
  port: number,
  calls: readonly Signed[],
  connections: number,
  msMax: number,
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latenciesMs: number[] = []
  const start = performance.now()
  let next = 0
  const client = async () => {
    for (;;) {
      const call = calls[next]
      if (call === undefined || performance.now() - start > msMax) return
      next += 1
      const sent = performance.now()
      await send(port, agent, call)
      latenciesMs.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  const seconds = (performance.now() - start) / 1000
  agent.destroy()
  return { seconds, latenciesMs }
}

function send(port: number, agent: Agent, { authorization, body }: Signed): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers })
    call.once('error', reject)
    call.once('response', (response) => {
      text(response).then((body) => {
        if (response.statusCode === 201) resolve()
        else reject(new Error(`answered ${response.statusCode}: ${body}`))
      }, reject)
    })
    call.end(body)
  })
}

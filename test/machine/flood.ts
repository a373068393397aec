/** Callers who sign nothing, many at once: what anybody can send to a machine. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { signCall } from '../../functions/identity/sign.ts'
import { origin } from './site.ts'

/** A kind of unsigned call: what is sent again and again on each connection. */
export type Unsigned = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | 'never-ends'
}

/** A token that names a key of an agency, as anybody can write one who saw a call of it. */
export async function copiedKey(data: string, agency: string): Promise<string> {
  const key = JSON.parse(readFileSync(join(data, 'agencies', `${agency}.json`), 'utf8'))
  const claims = { agency, officer: 'nobody', audience: origin, iat: Math.floor(Date.now() / 1000) }
  const call = { method: 'POST', url: `${origin}/v1/access-requests`, body: undefined }
  const signed = await signCall(call, key, {
    ...claims,
    jti: randomBytes(16).toString('base64url'),
  })
  const [header, payload] = signed.replace('Bearer ', '').split('.')
  return `${header}.${payload}.${randomBytes(64).toString('base64url')}`
}

/** The dearest bodies: the largest that is read before a signature, and one that never comes. */
export const bodies = (token: string): Readonly<Record<string, Unsigned>> => {
  const [method, path] = ['POST', '/v1/access-requests']
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    'a copied key and the largest body': {
      ...{ method, path, headers, body: Buffer.alloc(16_384, ' ') },
    },
    'a body that never ends': { method, path, headers, body: 'never-ends' },
    'a document': { method: 'GET', path: '/openapi.json', headers: {}, body: Buffer.of() },
  }
}

/** Sends it on so many connections to a port of this machine until told to stop; gives how many were answered. */
export function flood(port: number, atOnce: number, { body, ...how }: Unsigned, address?: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const headers = { ...how.headers, ...(address !== undefined && { 'x-real-ip': address }) }
  let [isOver, answered] = [false, 0]
  const once = () =>
    new Promise<void>((resolve) => {
      const call = request({ host: '127.0.0.1', port, agent, ...how, headers })
      call.on('response', (response) => {
        answered += 1
        response.resume().on('close', resolve)
      })
      call.on('error', () => resolve())
      if (body === 'never-ends') {
        call.flushHeaders()
        call.write(' ')
      } else call.end(body)
    })
  const connection = async () => {
    while (!isOver) await once()
  }
  const all = Array.from({ length: atOnce }, connection)
  return async (): Promise<number> => {
    isOver = true
    agent.destroy()
    await Promise.all(all)
    return answered
  }
}

/**
 * What each call costs before anybody is trusted: the CPU of this process, without the line, from a request to its
 * answer. What a signature lets in is not among it: of signed calls, what is refused.
 */

import { randomBytes } from 'node:crypto'
import { accessApi } from '../../functions/http/access-api.ts'
import { openCalls, signedCalls } from '../../functions/http/routes.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { cpuMs } from './figures.ts'
import { keyedAgencies, origin } from './gateway-process.ts'
import { memoryWorld } from './memory-world.ts'

/** Most that a call may cost before trust, ms of CPU. */
export const beforeTrustMaxMs = 2
const [warmUp, rounds] = [30, 200]

/** A call of the API, and what it costs unsigned. */
type Cost = { readonly name: string; readonly ms: number }

/** What each open call costs, and each signed one of which the key is copied, with the largest body that is read. */
export async function costsBeforeTrust(): Promise<readonly Cost[]> {
  const { keys, registered } = await keyedAgencies()
  const app = accessApi(await memoryWorld(origin, registered), () => undefined)
  const [[agency, key] = []] = keys
  if (agency === undefined || key === undefined) throw new Error('no agency')
  const costs: Cost[] = []
  for (const name of [...openCalls, ...signedCalls]) {
    const [method = '', route = ''] = name.split(' ')
    const url = `${origin}${route.replaceAll(/:\w+/g, 'x')}`
    const claims = { agency, officer: 'x', audience: origin, iat: Math.floor(Date.now() / 1000) }
    const signed = await signCall({ method, url, body: undefined }, key, {
      ...claims,
      jti: 'x'.repeat(22),
    })
    const headers = {
      authorization: `${signed.split('.', 2).join('.')}.${randomBytes(64).toString('base64url')}`,
    }
    const hasBody = method !== 'GET' && method !== 'DELETE'
    const body = hasBody ? Buffer.alloc(16_384, ' ') : undefined
    const once = async () => {
      await app.fetch(new Request(url, { method, headers, ...(body && { body }) }))
    }
    for (let i = 0; i < warmUp; i++) await once()
    const before = cpuMs()
    for (let i = 0; i < rounds; i++) await once()
    costs.push({ name, ms: (cpuMs() - before) / rounds })
  }
  return costs
}

/** Why a call was refused: told to whoever signed it with a registered key, and to nobody else. */

import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimFixes } from '../../functions/identity/claims.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { requestOf } from '../answer/people.ts'
import { type Gateway, origin, problemOf, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const path = '/v1/access-requests'
const body = Buffer.from(JSON.stringify(requestOf()))

/** A call as an agency signed it, and sent otherwise. */
async function sent(
  agency: string,
  signed: { readonly url?: string; readonly method?: string; readonly at?: number } = {},
  bytes = body,
): Promise<Response> {
  const key = gateway.keys.get(agency)
  if (key === undefined) throw new Error(`there is no key of ${agency}`)
  const { url = `${origin}${path}`, method = 'POST', at = gateway.clock.now.getTime() } = signed
  const jti = 'j'.repeat(22)
  const claims = { agency, officer: 'officer-1', audience: origin, iat: Math.floor(at / 1000), jti }
  const authorization = await signCall({ method, url, body }, key, claims)
  const headers = { authorization, 'content-type': 'application/json' }
  return gateway.app.request(`${origin}${path}`, { method: 'POST', headers, body: bytes })
}

describe('Whoever signed with a registered key', () => {
  // Kills: a claim that is named wrongly, or not at all.
  test.each([
    ['exp', { at: Date.parse('2026-11-25T08:00:00Z') }],
    ['iat', { at: Date.parse('2026-11-25T10:00:00Z') }],
    ['htm', { method: 'PUT' }],
    ['htu', { url: `${origin}${path}?a=1` }],
  ])('is told that `%s` is wrong, and what it must be', async (claim, signed) => {
    const response = await sent('FR-SPOC', signed)
    const says = response.headers.get('www-authenticate')
    const { status, code, errors } = await problemOf(response)
    expect({ status, code }).toEqual({ status: 401, code: 'unauthorized' })
    expect(errors.map(({ pointer }) => pointer)).toEqual([`/${claim}`])
    expect(says).toBe(
      `Bearer error="invalid_token", error_description="${claim}: ${errors[0]?.detail}"`,
    )
  })

  test('is told that the body is not the one that was signed', async () => {
    const { errors } = await problemOf(await sent('FR-SPOC', {}, Buffer.from('{}')))
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/request_body_sha256'])
  })

  // RFC 6750 section 3: error_description has no character outside these.
  test('is told so in characters that the header may have', () => {
    for (const [claim, fix] of Object.values(claimFixes))
      expect(`${claim}: ${fix}`).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })
})

describe('Whoever did not', () => {
  // Kills: an answer by which agencies and keys can be searched for.
  test('is told nothing, and the same whether or not agency and key exist', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const { kty = '', crv = '', x = '', y = '', d = '' } = await exportJWK(privateKey)
    const own = gateway.keys.get('FR-SPOC')?.kid ?? ''
    const told = await Promise.all(
      [
        ['FR-SPOC', own],
        ['FR-SPOC', 'no-such-key'],
        ['FR-NOBODY', own],
      ].map(async ([agency = '', kid = '']) => {
        const key = { kid, alg: 'ES256' as const, privateJwk: { kty, crv, x, y, d } }
        const url = `${origin}${path}`
        // Wrong in its claims as well: it was signed an hour ago.
        const iat = Math.floor(gateway.clock.now.getTime() / 1000) - 3600
        const claims = { agency, officer: 'o', audience: origin, iat, jti: 'j'.repeat(22) }
        const authorization = await signCall({ method: 'POST', url, body }, key, claims)
        const headers = { authorization, 'content-type': 'application/json' }
        const response = await gateway.app.request(url, { method: 'POST', headers, body })
        const { traceId: _, ...rest } = Object(await response.json())
        return { rest, says: response.headers.get('www-authenticate'), status: response.status }
      }),
    )
    for (const each of told) expect(each).toEqual(told[0])
    expect(told[0]).toMatchObject({ status: 401, says: 'Bearer' })
    expect(told[0]?.rest).not.toHaveProperty('errors')
  })
})

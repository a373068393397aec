/** What holds for every call, tried on calls at random. Each property names a mutant it kills. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../functions/identity/claims.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { type IncomingCall, verifyCall } from '../../functions/identity/signature.ts'
import { castAt, pairs, registerOf } from './cast.ts'
import { honestClaims, honestHeader, signed } from './forge.ts'

const now = 1_800_000_000
const audience = 'https://gateway.comity.example'
const world = { audience, now, agency: registerOf(castAt(now)) }

const text = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength })
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const honestCall = fc.record({
  kid: fc.constantFrom('desk' as const, 'vault' as const),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  path: text(`${letters}/-`, 0, 40),
  query: fc.option(text(`${letters}=&%`, 0, 40), { nil: undefined }),
  body: fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined }),
  officer: text(`${letters}._-`, 1, 64),
  jti: text(`${letters}_-`, 22, 64),
  iat: fc.integer({ min: now - 200, max: now + 30 }),
  lifetimeSeconds: fc.integer({ min: 196, max: 300 }),
})
type Honest = typeof honestCall extends fc.Arbitrary<infer T> ? T : never

async function sign(honest: Honest): Promise<IncomingCall> {
  const { kid, method, path, query, body, officer, jti, iat, lifetimeSeconds } = honest
  const url = `${audience}/${path}${query === undefined ? '' : `?${query}`}`
  const authorization = await signCall(
    { method, url, body },
    { kid, alg: pairs[kid].alg, privateJwk: pairs[kid].privateJwk },
    { agency: 'DE-TESTBKA', officer, audience, iat, exp: iat + lifetimeSeconds, jti },
  )
  return { method, url, authorization, body }
}

const damage = fc.record({
  part: fc.constantFrom('token' as const, 'body' as const, 'method' as const, 'url' as const),
  at: fc.nat(),
  flip: fc.integer({ min: 1, max: 127 }),
})

const flipped = (text: string, at: number, flip: number) => {
  const bytes = Buffer.from(text)
  const place = at % bytes.length
  bytes.writeUInt8(bytes.readUInt8(place) ^ flip, place)
  return bytes.toString()
}

function damaged(
  call: IncomingCall,
  { part, at, flip }: { part: string; at: number; flip: number },
): IncomingCall {
  const { authorization = '', body } = call
  switch (part) {
    case 'token':
      return { ...call, authorization: `Bearer ${flipped(authorization.slice(7), at, flip)}` }
    case 'method':
      return { ...call, method: flipped(call.method, at, flip) }
    case 'url':
      return { ...call, url: flipped(call.url, at, flip) }
    default: {
      if (body === undefined || body === 'unread' || body.length === 0)
        return { ...call, body: Uint8Array.of(flip) }
      const changed = body.map((byte, index) => (index === at % body.length ? byte ^ flip : byte))
      return { ...call, body: changed }
    }
  }
}

describe('For every call', () => {
  // Kills: an officer without `_` or a call id from 23 characters refused; `iat < now + 30`.
  test('what an agency signs is what the gateway reads', () =>
    fc.assert(
      fc.asyncProperty(honestCall, async (honest) => {
        const call = await sign(honest)
        expect(await verifyCall(call, world)).toMatchObject({
          verified: {
            agency: { id: 'DE-TESTBKA' },
            officer: honest.officer,
            kid: honest.kid,
            jti: honest.jti,
            iat: honest.iat,
            exp: honest.iat + honest.lifetimeSeconds,
            bodyDigest: digestOf(honest.body),
            jws: call.authorization?.slice('Bearer '.length),
          },
        })
      }),
    ))

  // Kills: no comparison of `htm`, of `htu` or of the digest; `htu` compared without its query, or
  // with `new URL(…)`'s idea of the address; a digest asked for only when one is claimed.
  test('one byte changed in token, body, method or address is enough to be refused', () =>
    fc.assert(
      fc.asyncProperty(honestCall, damage, async (honest, change) => {
        const call = damaged(await sign(honest), change)
        expect(await verifyCall(call, world)).toHaveProperty('refused')
      }),
      { numRuns: 1000 },
    ))

  // Kills: the alphabet checked instead of the canonical text, as jose itself does: the last
  // character of a signature has four bits to spare.
  test('no other text of the same signature bytes is taken', () =>
    fc.assert(
      fc.asyncProperty(honestCall, fc.integer({ min: 1, max: 15 }), async (honest, bits) => {
        const call = await sign(honest)
        const alphabet = `${letters}-_`
        const { authorization = '' } = call
        const last = alphabet.charAt(alphabet.indexOf(authorization.slice(-1)) ^ bits)
        const other = { ...call, authorization: authorization.slice(0, -1) + last }
        expect(await verifyCall(other, world)).toEqual({ refused: 'token-not-compact-jws' })
      }),
    ))

  // Kills: `strictObject` loosened to `object` in either schema.
  test('a member more in header or claims is refused, whatever its name and value', () =>
    fc.assert(
      fc.asyncProperty(fc.string(), fc.jsonValue(), fc.boolean(), async (name, value, inHeader) => {
        const stage = { audience, now, method: 'GET', url: audience, body: new Uint8Array() }
        const claims = honestClaims(stage)
        fc.pre(!Object.hasOwn(inHeader ? honestHeader : claims, name))
        const more = (object: object) =>
          Object.assign(Object.create(null), object, { [name]: value })
        const token = inHeader
          ? signed(more(honestHeader), claims)
          : signed(honestHeader, more(claims))
        const call = { ...stage, authorization: `Bearer ${token}` }
        expect(await verifyCall(call, world)).toHaveProperty('refused')
      }),
    ))

  // Kills: no `catch` around the UTF-8 decoder, which throws at what is not UTF-8.
  test('whatever stands in Authorization is refused and breaks nothing', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.json({ maxDepth: 3 }).map((json) => Buffer.from(json).toString('base64url')),
      fc.constant(Buffer.from(JSON.stringify(honestHeader)).toString('base64url')),
      fc.string(),
    )
    const token = fc.array(part, { maxLength: 5 }).map((parts) => `Bearer ${parts.join('.')}`)
    return fc.assert(
      fc.asyncProperty(fc.oneof(token, fc.string()), async (authorization) => {
        const call = { method: 'GET', url: audience, authorization, body: undefined }
        expect(await verifyCall(call, world)).toHaveProperty('refused')
      }),
      { numRuns: 1000 },
    )
  })
})

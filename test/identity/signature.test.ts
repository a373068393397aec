/** Who gets in, and at which edges. Who does not is in `hostile.test.ts`. */

import { describe, expect, test, vi } from 'vitest'
import { type IncomingCall, verifyCall } from '../../functions/identity/signature.ts'
import { castAt, officer, pairs, registerOf } from './cast.ts'
import { callsOf } from './counted-crypto.ts'
import {
  bytes32,
  claiming,
  honestClaims,
  honestHeader,
  numberOf,
  p256Order,
  resigned,
  type Stage,
  signed,
} from './forge.ts'

const now = 1_800_000_000
const stage: Stage = {
  audience: 'https://gateway.comity.example',
  now,
  method: 'POST',
  url: 'https://gateway.comity.example/v1/access-requests?trace=1',
  body: Buffer.from('{"holder":"FR-TESTPJ"}'),
}
const agencies = castAt(now)
const world = { audience: stage.audience, now, agency: registerOf(agencies) }
const callWith = (authorization: string, changes: Partial<IncomingCall> = {}): IncomingCall => ({
  method: stage.method,
  url: stage.url,
  body: stage.body,
  authorization,
  ...changes,
})
const verify = (authorization: string, changes: Partial<IncomingCall> = {}, at = now) =>
  verifyCall(callWith(authorization, changes), { ...world, now: at })

describe('A signed call', () => {
  test('is known by its agency, officer, key and id, and by the bytes that were signed', async () => {
    const token = signed(honestHeader, honestClaims(stage))
    expect(await verify(`Bearer ${token}`)).toEqual({
      verified: {
        agency: agencies[0],
        officer,
        kid: 'desk',
        jti: honestClaims(stage).jti,
        iat: now,
        exp: now + 60,
        bodyDigest: honestClaims(stage).request_body_sha256,
        signingInput: token.slice(0, token.lastIndexOf('.')),
        jws: token,
      },
    })
  })

  test.each([
    ['EdDSA', 'as RFC 8037 calls it'],
    ['Ed25519', 'as RFC 9864 calls it'],
  ])('may be signed with Ed25519, %s, %s', async (alg) => {
    const header = { ...honestHeader, alg, kid: 'vault' }
    const token = signed(header, honestClaims(stage), pairs.vault)
    expect(await verify(`Bearer ${token}`)).toMatchObject({ verified: { kid: 'vault' } })
  })

  test.each([
    ['no body', undefined],
    ['an empty body', new Uint8Array()],
  ])('with %s has no digest', async (_, body) => {
    const authorization = claiming(stage, { request_body_sha256: undefined })
    expect(await verify(authorization, { body })).toMatchObject({
      verified: { bodyDigest: undefined },
    })
  })

  test('may write the scheme in any case', async () => {
    const token = signed(honestHeader, honestClaims(stage))
    expect(await verify(`bEARER ${token}`)).toHaveProperty('verified')
  })

  test('may have the shortest and the longest officer and call id', async () => {
    for (const [sub, jti] of [
      ['k', '-'.repeat(22)],
      ['k'.repeat(64), '_'.repeat(64)],
    ])
      expect(await verify(claiming(stage, { sub, jti }))).toMatchObject({
        verified: { officer: sub, jti },
      })
  })

  test('holds from 30 s before its time of issue until 5 s after its end, and no longer', async () => {
    const authorization = claiming(stage, { iat: now, exp: now + 300 })
    expect(await verify(authorization, {}, now - 31)).toMatchObject({ refused: 'issued-in-future' })
    expect(await verify(authorization, {}, now - 30)).toHaveProperty('verified')
    expect(await verify(authorization, {}, now + 304)).toHaveProperty('verified')
    expect(await verify(authorization, {}, now + 305)).toMatchObject({ refused: 'expired' })
  })

  test('may use a key from its first second to its last', async () => {
    const at = (kid: 'coming' | 'rotated', when: number) => {
      const changes = { iat: when, exp: when + 60 }
      const claims = { ...honestClaims(stage), ...changes }
      const token = signed({ ...honestHeader, kid }, claims, pairs[kid])
      return verify(`Bearer ${token}`, {}, when)
    }
    expect(await at('rotated', now - 1)).toHaveProperty('verified')
    expect(await at('rotated', now)).toEqual({ refused: 'key-expired' })
    expect(await at('coming', now)).toEqual({ refused: 'key-not-yet-valid' })
    expect(await at('coming', now + 1)).toHaveProperty('verified')
  })

  test('does not get in by a clock that cannot tell the time', async () => {
    const token = signed(honestHeader, honestClaims(stage))
    expect(await verify(`Bearer ${token}`, {}, Number.NaN)).toEqual({
      refused: 'key-not-yet-valid',
    })
  })

  test('does not get in as an agency that a kind look-up found under another name', async () => {
    const kind = async () => agencies[0]
    const token = signed(honestHeader, { ...honestClaims(stage), iss: 'DE-TESTBK' })
    const call = callWith(`Bearer ${token}`)
    expect(await verifyCall(call, { ...world, agency: kind })).toEqual({
      refused: 'agency-unknown',
    })
  })

  test('and the twin of its ES256 signature are one call: only the last part of the text differs', async () => {
    // FIPS 186-5 has no low-s rule and HSMs follow none, so the twin cannot be refused. It gives
    // its maker nothing: what is recorded and compared is (agency, jti) and what was signed.
    const token = signed(honestHeader, honestClaims(stage))
    const twin = resigned(token, (rs) =>
      Buffer.concat([rs.subarray(0, 32), bytes32(p256Order - numberOf(rs.subarray(32)))]),
    )
    expect(twin).not.toBe(token)
    const [one, two] = [await verify(`Bearer ${token}`), await verify(`Bearer ${twin}`)]
    if (!('verified' in one && 'verified' in two)) throw new Error('both signatures are good')
    expect({ ...two.verified, jws: token }).toEqual(one.verified)
  })

  test('is answered with a fault, not a refusal, when the register cannot be read', async () => {
    const call = callWith(`Bearer ${signed(honestHeader, honestClaims(stage))}`)
    const agency = async () => {
      throw new Error('the register is away')
    }
    await expect(verifyCall(call, { ...world, agency })).rejects.toThrow('the register is away')
  })
})

describe('Whoever times our answers', () => {
  const by = (alg: string, kid: string, iss: string, pair = pairs.nobody) =>
    signed({ ...honestHeader, alg, kid }, { ...honestClaims(stage), iss }, pair)

  // Kills the mutant that returns `signer.refused` before verifying against the decoy.
  test.each([
    ['a good call', by('ES256', 'desk', 'DE-TESTBKA', pairs.desk)],
    ['an unknown agency', by('ES256', 'desk', 'XX-NOBODY')],
    ['an unknown agency with Ed25519', by('Ed25519', 'desk', 'XX-NOBODY')],
    ['an unknown key', by('ES256', 'nobody', 'DE-TESTBKA')],
    ['a revoked key', by('ES256', 'stolen', 'DE-TESTBKA')],
    ['a key of another algorithm', by('EdDSA', 'desk', 'DE-TESTBKA')],
    ['a suspended agency', by('ES256', 'desk', 'IT-TESTPS')],
    ['a wrong signature', by('ES256', 'desk', 'DE-TESTBKA')],
  ])('sees one look-up and one verification for %s', async (_, token) => {
    const verification = callsOf('verify')
    const agency = vi.fn(world.agency)
    await verifyCall(callWith(`Bearer ${token}`), { ...world, agency })
    expect(verification).toHaveBeenCalledTimes(1)
    expect(agency).toHaveBeenCalledTimes(1)
  })

  test('sees a key imported once, however many calls it signs', async () => {
    const imports = callsOf('createPublicKey')
    const fresh = { ...world, agency: registerOf(castAt(now)) }
    for (const jti of ['a', 'b', 'c'])
      expect(
        await verifyCall(callWith(claiming(stage, { jti: jti.repeat(22) })), fresh),
      ).toHaveProperty('verified')
    expect(imports).toHaveBeenCalledTimes(1)
  })
})

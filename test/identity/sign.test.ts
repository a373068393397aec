/** What a client puts on the wire. */

import { describe, expect, test } from 'vitest'
import { signCall } from '../../functions/identity/sign.ts'
import { officer, pairs } from './cast.ts'

const claims = {
  agency: 'DE-TESTBKA',
  officer,
  audience: 'https://gateway.comity.example',
  iat: 1_800_000_000,
  jti: '0123456789abcdefghijkl',
}
const call = { method: 'POST', url: 'https://gateway.comity.example/v1/access-requests' }
const vault = { kid: 'vault', alg: 'EdDSA', privateJwk: pairs.vault.privateJwk } as const
const desk = { kid: 'desk', alg: 'ES256', privateJwk: pairs.desk.privateJwk } as const

const partsOf = (authorization: string) =>
  authorization
    .replace(/^Bearer /, '')
    .split('.')
    .slice(0, 2)
    .map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()))

describe('An agency that signs a call', () => {
  test('says what the gateway asks for, and nothing else', async () => {
    const body = Buffer.from('{}')
    expect(partsOf(await signCall({ ...call, body }, desk, claims))).toEqual([
      { alg: 'ES256', typ: 'comity-request+jwt', kid: 'desk' },
      {
        iss: 'DE-TESTBKA',
        sub: officer,
        aud: claims.audience,
        iat: claims.iat,
        exp: claims.iat + 300,
        jti: claims.jti,
        htm: 'POST',
        htu: call.url,
        request_body_sha256: 'RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o',
      },
    ])
  })

  test('may ask for a shorter life', async () => {
    const exp = claims.iat + 30
    expect(partsOf(await signCall(call, desk, { ...claims, exp }))[1]).toMatchObject({ exp })
  })

  test.each([
    ['without a body', undefined],
    ['with an empty body', new Uint8Array()],
  ])('%s claims no digest', async (_, body) => {
    expect(partsOf(await signCall({ ...call, body }, desk, claims))[1]).not.toHaveProperty(
      'request_body_sha256',
    )
  })

  test('writes the same bytes today as ever: Ed25519 signs without chance', async () => {
    expect(await signCall(call, vault, claims)).toMatchInlineSnapshot(
      `"Bearer eyJhbGciOiJFZERTQSIsInR5cCI6ImNvbWl0eS1yZXF1ZXN0K2p3dCIsImtpZCI6InZhdWx0In0.eyJpc3MiOiJERS1URVNUQktBIiwic3ViIjoiay5tYWllciIsImF1ZCI6Imh0dHBzOi8vZ2F0ZXdheS5jb21pdHkuZXhhbXBsZSIsImlhdCI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDAwMzAwLCJqdGkiOiIwMTIzNDU2Nzg5YWJjZGVmZ2hpamtsIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vZ2F0ZXdheS5jb21pdHkuZXhhbXBsZS92MS9hY2Nlc3MtcmVxdWVzdHMifQ.Dj8DIhupuAPVivK12a2BmAJJPzoa6Ms4lf7XdhGfykdM0JClupb7vAnXkEpWU9RXWKW2argMQAi3V_ewmuVICQ"`,
    )
  })

  test('does not sign with a key of another kind', async () => {
    await expect(signCall(call, { ...desk, alg: 'EdDSA' }, claims)).rejects.toThrow()
  })
})

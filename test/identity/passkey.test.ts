/** A call by a passkey: whose act it is, and what is nobody's act. */

import { describe, expect, test } from 'vitest'
import { officerRoles } from '../../functions/identity/officers.ts'
import type { Agency, OfficerPasskey } from '../../functions/identity/register.ts'
import { verifyCall } from '../../functions/identity/signature.ts'
import { assertionPart, faultOfAssertion } from '../../functions/policy/passkey.ts'
import { assertionOver, callByPasskey, passkeyOf } from './authenticator.ts'
import { castAt, officer, pairs, registerOf } from './cast.ts'
import { honestClaims, honestHeader, type Stage, signed } from './forge.ts'

const now = 1_800_000_000
const stage: Stage = {
  audience: 'https://gateway.comity.example',
  now,
  method: 'POST',
  url: 'https://gateway.comity.example/v1/access-requests/x/responses',
  body: Buffer.from('{"what":"refuse","text":"Not by this office."}'),
}
const path = '/v1/access-requests/x'
const [agency] = castAt(now) as [Agency]
const own = passkeyOf(officer)
const other = passkeyOf('k.other')
const officers = [officer, 'k.other'].map((id) => ({ id, may: ['attest' as const] }))
const calling = (authorization: string, changes: Partial<Agency> = {}, call: object = {}) =>
  verifyCall(
    { method: 'POST', url: stage.url, body: stage.body, authorization, ...call },
    {
      ...{ audience: stage.audience, now },
      agency: registerOf([{ ...agency, officers, passkeys: [own.key, other.key], ...changes }]),
    },
  )
const call = (...of: Parameters<typeof callByPasskey>) => `Bearer ${callByPasskey(...of)}`
const claims = honestClaims(stage)
const revoked = { ...own.key, status: 'revoked' } as OfficerPasskey

describe('A call by a passkey', () => {
  test.each(['ES256', 'EdDSA'] as const)('is its officer’s own, by %s', async (alg) => {
    const passkey = passkeyOf(officer, alg)
    const answer = await calling(call(passkey, claims), { passkeys: [passkey.key] })
    expect(answer).toMatchObject({
      verified: { officer, kid: passkey.entered.kid, jti: claims.jti },
    })
  })

  // Each kills the check that it names, in `policy/passkey.ts` or `signature.ts`.
  test.each([
    ['of another text', { challenge: 'A'.repeat(43) }, 'assertion-of-another-text'],
    ['of another site', { origin: 'https://evil.example' }, 'assertion-of-another-site'],
    ['for another RP', { rpId: 'evil.example' }, 'assertion-of-another-site'],
    ['by somebody who was not verified', { flags: 0x01 }, 'officer-not-verified'],
    ['by nobody who was there', { flags: 0x04 }, 'officer-not-verified'],
    ['that made a passkey', { type: 'webauthn.create' }, 'assertion-malformed'],
    ['within a page of another site', { client: { crossOrigin: true } }, 'assertion-malformed'],
    [
      'below another site',
      { client: { topOrigin: 'https://evil.example' } },
      'assertion-malformed',
    ],
    ['with an extension', { flags: 0x85, more: Buffer.from([0xa0]) }, 'assertion-malformed'],
    ['backed up, but never to be', { flags: 0x15 }, 'assertion-malformed'],
  ] as const)('is none %s', async (_, doing, refused) => {
    expect(await calling(call(own, claims, doing))).toEqual({ refused })
  })

  test.each([
    ['of another officer', call(other, claims), {}, 'passkey-of-another-officer'],
    ['of an officer who is ended', call(own, claims), { officers: [] }, 'officer-not-named'],
    [
      'of an agency that names nobody',
      call(own, claims),
      { officers: undefined },
      'officer-not-named',
    ],
    ['that was revoked', call(own, claims), { passkeys: [revoked] }, 'key-revoked'],
    ['of another agency', call(own, claims), { passkeys: [] }, 'key-unknown'],
    [
      'with the signature of another passkey',
      call({ ...own, pair: other.pair }, claims),
      {},
      'signature-wrong',
    ],
    [
      'of the type of an agency’s call',
      call(own, claims, { head: { typ: 'comity-request+jwt' } }),
      {},
      'key-unknown',
    ],
  ] as const)('is none by a passkey %s', async (_, authorization, changes, refused) => {
    expect(await calling(authorization, changes as Partial<Agency>)).toMatchObject({ refused })
  })

  // Kills: a passkey that opens to its officer whatever the agency's own keys may call.
  test.each([
    ['asks, and is named to release alone', 'POST', '/v1/access-requests', ['release']],
    ['looks at what would leave, and is named to ask', 'POST', `${path}/proposal`, ['ask']],
    ['vouches, and is named to ask', 'POST', '/v1/attestations', ['ask']],
    ['deletes a record of the agency', 'DELETE', '/v1/records/R-1', officerRoles],
    ['writes one', 'PUT', '/v1/records/R-1', officerRoles],
    ['reads what left', 'GET', '/v1/disclosures', officerRoles],
    ['looks at the log', 'GET', '/v1/decisions', officerRoles],
    ['takes back, and is named to ask', 'DELETE', '/v1/attestations/x', ['ask', 'desk']],
  ] as const)('is none where its officer %s', async (_, method, called, may) => {
    const url = `https://gateway.comity.example${called}`
    const made = call(own, { ...honestClaims({ ...stage, method, url }) })
    const named = { officers: [{ id: officer, may: [...may] }] }
    expect(await calling(made, named, { method, url })).toEqual({ refused: 'call-not-of-officer' })
  })

  test('is its officer’s to ask, once named for it', async () => {
    const url = 'https://gateway.comity.example/v1/access-requests'
    const made = call(own, honestClaims({ ...stage, url }))
    const named = { officers: [{ id: officer, may: ['ask' as const] }] }
    expect(await calling(made, named, { url })).toMatchObject({ verified: { officer } })
  })

  // Kills: one list of keys for both, in which a passkey's key signs as the agency for any officer.
  test('is none by a JWS of a passkey’s key, nor by a passkey’s type over an agency’s key', async () => {
    const asAgency = signed({ ...honestHeader, kid: own.entered.kid }, claims, own.pair)
    expect(await calling(`Bearer ${asAgency}`)).toMatchObject({ refused: 'key-unknown' })
    const asPasskey = callByPasskey({ ...own, pair: pairs.desk }, claims, { head: { kid: 'desk' } })
    expect(await calling(`Bearer ${asPasskey}`)).toMatchObject({ refused: 'key-unknown' })
  })

  test('binds body, address and time, as any call does', async () => {
    const good = call(own, claims)
    const body = Buffer.from('{"what":"refuse","text":"Something else."}')
    expect(await calling(good, {}, { body })).toMatchObject({ refused: 'digest-wrong' })
    const url = stage.url.replace('/x/', '/y/')
    expect(await calling(good, {}, { url })).toMatchObject({ refused: 'address-wrong' })
    const late = call(own, { ...claims, iat: now - 400, exp: now - 100 })
    expect(await calling(late)).toMatchObject({ refused: 'expired' })
  })
})

describe('An assertion', () => {
  const text = 'header.payload'
  const part = assertionOver(text, own.pair)
  const read = () => JSON.parse(Buffer.from(part, 'base64url').toString())
  const withSignature = (change: (signature: Buffer) => Buffer) => {
    const signature = change(Buffer.from(read().signature, 'base64url')).toString('base64url')
    return faultOfAssertion(text, assertionPart({ ...read(), signature }), own.key)
  }

  test('holds as it was made', async () => {
    expect(await faultOfAssertion(text, part, own.key)).toBeUndefined()
  })

  test.each([
    ['a byte after it', (of: Buffer) => Buffer.concat([of, Buffer.from([0])])],
    ['another length', (of: Buffer) => Buffer.concat([Buffer.from([0x30, 0x81]), of.subarray(1)])],
    [
      'a number with a zero too many',
      (of: Buffer) =>
        Buffer.concat([
          Buffer.from([0x30, (of[1] ?? 0) + 1, 2, (of[3] ?? 0) + 1, 0]),
          of.subarray(4),
        ]),
    ],
    ['r and s as a JWS has them', () => Buffer.alloc(64, 1)],
  ])('has its signature in one form of DER: not with %s', async (_, change) => {
    expect(await withSignature(change)).toBe('signature-wrong')
  })

  test.each([
    ['with a member more', () => assertionPart({ ...read(), userHandle: 'AA' })],
    ['without one', () => assertionPart({ ...read(), signature: undefined })],
    ['that is no JSON', () => Buffer.from('{').toString('base64url')],
    ['of no base64url', () => '+'],
    [
      'with a name twice in what the browser says',
      () => {
        const twice = `{"type":"webauthn.get","type":"webauthn.get","challenge":"","origin":""}`
        return assertionPart({
          ...read(),
          clientDataJSON: Buffer.from(twice).toString('base64url'),
        })
      },
    ],
  ])('is malformed %s', async (_, made) => {
    expect(await faultOfAssertion(text, made(), own.key)).toBe('assertion-malformed')
  })
})

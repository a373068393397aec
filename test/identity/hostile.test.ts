/** Who does not get in, each refused for its own reason. */

import { describe, expect, test } from 'vitest'
import {
  type CallRefusal,
  type OfficerRefusal,
  verifyCall,
} from '../../functions/identity/signature.ts'
import type { AssertionFault } from '../../functions/policy/passkey.ts'
import { castAt, registerOf } from './cast.ts'
import { honestClaims, honestHeader, type Stage, signed } from './forge.ts'
import { hostileCalls } from './hostile.ts'

const stage: Stage = {
  audience: 'https://gateway.comity.example',
  now: 1_800_000_000,
  method: 'POST',
  url: 'https://gateway.comity.example/v1/access-requests',
  body: Buffer.from('{"holder":"FR-TESTPJ"}'),
}
const { audience, now, method, url } = stage
const world = { audience, now, agency: registerOf(castAt(now)) }
const hostile = hostileCalls(stage)

describe('The gateway refuses', () => {
  test.each(hostile.map((each) => [each.says, each] as const))('%s', async (_, each) => {
    const { authorization, body, code } = each
    expect(await verifyCall({ method, url, authorization, body }, world)).toMatchObject({
      refused: code,
    })
  })

  test.each([
    ['a call sent by another method', { method: 'PUT' }, 'method-wrong'],
    [
      'a call sent to another address',
      { url: 'https://gateway.comity.example/v1/records/1' },
      'address-wrong',
    ],
    [
      'a call with its query cut off',
      { url: 'https://gateway.comity.example/v1/access-requests?' },
      'address-wrong',
    ],
    [
      'a call sent with another body',
      { body: Buffer.from('{"holder":"IT-TESTPS"}') },
      'digest-wrong',
    ],
  ] as const)('%s', async (_, changes, code) => {
    const authorization = `Bearer ${signed(honestHeader, honestClaims(stage))}`
    const call = { method, url, authorization, body: stage.body, ...changes }
    expect(await verifyCall(call, world)).toMatchObject({ refused: code })
  })
})

describe('The hostile calls', () => {
  test('meet every refusal there is', () => {
    const met = new Set(hostile.map(({ code }) => code))
    expect(Object.keys(every).filter((code) => !new Set<string>(met).has(code))).toEqual([])
  })

  test('have each a name of its own', () => {
    const names = hostile.map(({ says }) => says)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('can nearly all be sent by an HTTP client', () => {
    for (const { authorization, sendable } of hostile)
      if (sendable && authorization !== undefined)
        expect(() => new Headers({ authorization })).not.toThrow()
    expect(hostile.filter(({ sendable }) => !sendable).map(({ says }) => says)).toEqual([
      'a newline inside the signature',
      'a newline after the token',
    ])
  })
})

/** The codes are what the security log is searched by: a new or lost one fails to compile. */
const every = {
  'credentials-missing': true,
  'credentials-oversized': true,
  'scheme-not-bearer': true,
  'token-not-compact-jws': true,
  'header-not-strict-json': true,
  'header-not-closed': true,
  'algorithm-not-allowed': true,
  'type-wrong': true,
  'key-id-malformed': true,
  'payload-not-strict-json': true,
  'issuer-malformed': true,
  'agency-unknown': true,
  'key-unknown': true,
  'algorithm-not-of-key': true,
  'key-revoked': true,
  'key-not-yet-valid': true,
  'key-expired': true,
  'agency-suspended': true,
  'key-unusable': true,
  'signature-wrong': true,
  'claims-not-closed': true,
  'officer-malformed': true,
  'audience-malformed': true,
  'issued-at-malformed': true,
  'expiry-malformed': true,
  'call-id-malformed': true,
  'method-malformed': true,
  'address-malformed': true,
  'digest-malformed': true,
  'audience-wrong': true,
  'lifetime-wrong': true,
  'issued-in-future': true,
  expired: true,
  'method-wrong': true,
  'address-wrong': true,
  'digest-missing': true,
  'digest-without-body': true,
  'digest-wrong': true,
} as const satisfies Record<Exclude<CallRefusal, OfPasskey>, true>
/** What only calls by passkeys meet: see `passkey.long.test.ts`. */
type OfPasskey = Exclude<AssertionFault, 'signature-wrong'> | OfficerRefusal

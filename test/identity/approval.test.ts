/** An approval counts for exactly one act, by another office, another person and another key. */

import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  type ApprovalRefusal,
  actDigest,
  signApproval,
  verifyApproval,
} from '../../functions/identity/approval.ts'
import type { Agency, AgencyKey } from '../../functions/identity/register.ts'
import { pairFrom } from './cast.ts'

const now = Date.parse('2026-11-25T09:00:00Z') / 1000
const day = 86_400

const pairs = {
  holder: pairFrom('ES256', 'approval holder'),
  office: pairFrom('ES256', 'approval office'),
  vault: pairFrom('EdDSA', 'approval vault'),
}

const keyOf = (pair: keyof typeof pairs, changes: Partial<AgencyKey> = {}): AgencyKey => ({
  kid: pair,
  alg: pairs[pair].alg,
  status: 'active',
  from: '2026-01-01T00:00:00Z',
  // A cast: the pairs of the tests have the members of such keys.
  jwk: pairs[pair].jwk as AgencyKey['jwk'],
  ...changes,
})

const agencyOf = (id: string, changes: Partial<Agency>): Agency => ({
  id,
  name: id,
  jurisdiction: 'DE',
  authorityType: 'administrative',
  status: 'active',
  timeZone: 'Europe/Berlin',
  channels: [],
  cannotHonour: [],
  attests: [],
  holdsRecords: false,
  requestsPerMinute: 1,
  keys: [],
  ...changes,
})

const holder = agencyOf('DE-POL', { holdsRecords: true, keys: [keyOf('holder')] })
const office = agencyOf('DE-DPO', { role: 'approver', keys: [keyOf('office'), keyOf('vault')] })
const act = { act: 'erase', subjects: ['b', 'a'], ground: 'She asked — “at once”.', jti: 'x' }

type Changes = {
  readonly office?: Partial<Agency>
  readonly holder?: Partial<Agency>
  readonly officer?: string
  readonly at?: number
  readonly act?: typeof act
}

const verdict = async (jws: string, changes: Changes = {}) => {
  const registered = { ...office, ...changes.office }
  return verifyApproval(
    jws,
    changes.act ?? act,
    { agency: { ...holder, ...changes.holder }, officer: changes.officer ?? 'officer-1' },
    {
      now: changes.at ?? now,
      agency: async (id) => [registered, holder].find((each) => each.id === id),
    },
  )
}

const signed = (
  by: Partial<Parameters<typeof signApproval>[2]> = {},
  pair: keyof typeof pairs = 'office',
) =>
  signApproval(
    act,
    { kid: pair, alg: pairs[pair].alg, privateJwk: pairs[pair].privateJwk },
    { agency: 'DE-DPO', officer: 'dpo-1', iat: now, ...by },
  )

const refuses = async (jws: string, why: ApprovalRefusal, changes: Changes = {}) =>
  expect(await verdict(jws, changes)).toEqual({ refused: why })

describe('An approval', () => {
  test.each(['office', 'vault'] as const)(
    'counts, signed with either kind of key: %s',
    async (pair) => {
      expect(await verdict(await signed({}, pair))).toEqual({
        approver: { agency: 'DE-DPO', officer: 'dpo-1', kid: pair },
      })
    },
  )

  test('counts for seven days, and no moment longer', async () => {
    const jws = await signed()
    expect(await verdict(jws, { at: now + 7 * day - 1 })).toHaveProperty('approver')
    await refuses(jws, 'expired', { at: now + 7 * day })
    await refuses(await signed({ exp: now + 7 * day + 1 }), 'lifetime-wrong')
    await refuses(await signed({ exp: now }), 'lifetime-wrong')
    await refuses(await signed({ iat: now + 31 }), 'issued-in-future')
    await refuses(jws, 'issued-in-future', { at: Number.NaN })
  })

  // Kills: whoever signs for the office, though it named its officers; who they are, told before the signature.
  test('of an office that has named its officers counts from one whom it named to approve', async () => {
    const officers = [{ id: 'dpo-1', may: ['approve' as const] }]
    expect(await verdict(await signed(), { office: { officers } })).toHaveProperty('approver')
    for (const named of [[], [{ id: 'dpo-1', may: ['attest' as const] }]])
      await refuses(await signed(), 'officer-not-named', { office: { officers: named } })
    await refuses(await signed({ officer: 'dpo-2' }), 'officer-not-named', { office: { officers } })
    const forged = (await signed({ officer: 'dpo-2' })).replace(/.{4}$/, 'AAAA')
    await refuses(forged, 'signature-wrong', { office: { officers } })
  })

  // Kills: any office of the register; one of another country; one that was suspended.
  test('is of another agency, an approver of the same jurisdiction', async () => {
    const jws = await signed()
    await refuses(await signed({ agency: 'DE-POL' }, 'holder'), 'same-agency')
    await refuses(await signed({ agency: 'DE-XXX' }), 'approver-unknown')
    await refuses(jws, 'another-jurisdiction', { office: { jurisdiction: 'GB' } })
    await refuses(jws, 'may-not-approve', { office: { role: 'auditor' } })
    await refuses(jws, 'may-not-approve', { office: { status: 'suspended' } })
  })

  // Kills: two keys that are one; two people who are one.
  test('is with another key and by another person', async () => {
    const shared = { keys: [keyOf('holder'), keyOf('office', { kid: 'ours' })] }
    await refuses(await signed(), 'same-key', { holder: shared })
    await refuses(await signed({ officer: 'officer-1' }), 'same-person')
  })

  // Kills: a key that need not be valid when it signed, or when the act comes.
  test('is with a key that the register lists, valid then and now', async () => {
    const jws = await signed()
    const key = (changes: Partial<AgencyKey>) => ({
      office: { keys: [keyOf('office', changes)] },
    })
    await refuses(jws, 'key-unknown', key({ kid: 'other' }))
    await refuses(jws, 'key-unknown', key({ alg: 'EdDSA' }))
    await refuses(jws, 'key-revoked', key({ status: 'revoked' }))
    await refuses(jws, 'key-not-valid', key({ from: '2026-11-25T09:00:01Z' }))
    await refuses(jws, 'key-not-valid', key({ until: '2026-11-25T08:59:59Z' }))
    const another = key({ jwk: pairFrom('ES256', 'another').jwk as AgencyKey['jwk'] })
    await refuses(jws, 'signature-wrong', another)
  })

  // Kills: a digest of some of the members; one that depends on their order.
  test('is of exactly this act, in whichever order it is written', async () => {
    const jws = await signed()
    const { jti, ...rest } = act
    expect(await verdict(jws, { act: { jti, ...rest } })).toHaveProperty('approver')
    for (const changes of [
      { act: 'hold' },
      { subjects: ['a', 'b'] },
      { ground: 'Another.' },
      { jti: 'y' },
      { more: '' },
    ])
      await refuses(jws, 'another-act', { act: { ...act, ...changes } })
  })

  test('does not hold with any one of its bits another', async () => {
    const [head = '', payload = '', signature = ''] = (await signed()).split('.')
    const flipped = Buffer.from(signature, 'base64url')
    flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20)
    await refuses(`${head}.${payload}.${flipped.toString('base64url')}`, 'signature-wrong')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const later = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp - 1 }))
    await refuses(`${head}.${later.toString('base64url')}.${signature}`, 'signature-wrong')
  })

  // Kills: a call's own signature, or any other token, that passes for an approval.
  test('is of its own type, with its own members and no other', async () => {
    const { privateJwk } = pairs.office
    const token = (header: object, claims: object) =>
      new SignJWT({
        iss: 'DE-DPO',
        sub: 'dpo-1',
        iat: now,
        exp: now + 60,
        act_sha256: actDigest(act),
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'comity-approval+jwt', kid: 'office', ...header })
        .sign(privateJwk)
    expect(await verdict(await token({}, {}))).toHaveProperty('approver')
    await refuses(await token({ typ: 'comity-request+jwt' }, {}), 'malformed')
    await refuses(await token({ cty: 'x' }, {}), 'malformed')
    await refuses(await token({}, { aud: 'x' }), 'malformed')
    await refuses(await token({}, { exp: undefined }), 'malformed')
    for (const text of ['', 'a.b.c', 'a.b.c.d', `${await signed()}.x`, '{}'])
      await refuses(text, 'malformed')
  })
})

// Kills: members in the order of the text; an escaping of one's own.
test('The digest of an act is that of its canonical JSON (RFC 8785)', () => {
  const text = fc.string({ unit: 'grapheme' })
  const name = fc.stringMatching(/^[a-zA-Z_]{1,8}$/)
  const acts = fc.dictionary(name, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 6 })
  const isCanonical = fc.property(acts, (each) => {
    const expected = createHash('sha256')
      .update(String(canonicalize(each)))
      .digest('base64url')
    expect(actDigest(each)).toBe(expected)
  })
  fc.assert(isCanonical)
})

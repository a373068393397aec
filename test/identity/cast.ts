/** The agencies that the tests of identity play with, and their keys: the same on every run. */

import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
} from 'node:crypto'
import * as z from 'zod'
import { type Agency, type AgencyKey, agencySchema } from '../../functions/identity/register.ts'

export type Pair = {
  readonly alg: AgencyKey['alg']
  readonly privateJwk: Record<string, string>
  readonly jwk: Record<string, string>
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const strings = z.record(z.string(), z.string())

/** A key pair that anyone can make again from its name: no secret of ours. */
export function pairFrom(alg: AgencyKey['alg'], name: string): Pair {
  const d = createHash('sha256').update(`${alg} ${name}`).digest()
  const privateKey = alg === 'ES256' ? p256(d) : ed25519(d)
  const publicKey = createPublicKey(privateKey)
  return {
    alg,
    privateJwk: strings.parse(privateKey.export({ format: 'jwk' })),
    jwk: strings.parse(publicKey.export({ format: 'jwk' })),
    privateKey,
    publicKey,
  }
}

export function p256(d: Buffer): KeyObject {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(d)
  const point = curve.getPublicKey()
  const text = (bytes: Buffer) => bytes.toString('base64url')
  const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))] as const
  const key = { kty: 'EC', crv: 'P-256', x, y, d: text(d) }
  return createPrivateKey({ format: 'jwk', key })
}

export function ed25519(d: Buffer): KeyObject {
  // RFC 8410 §7: the fixed start of a PKCS #8 Ed25519 key.
  const start = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat([start, d]) })
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()

const agency = (id: string, status: Agency['status'], keys: readonly unknown[]) =>
  agencySchema.parse({
    id,
    name: `The ${id} of the tests`,
    jurisdiction: id.slice(0, 2),
    authorityType: 'police',
    status,
    timeZone: 'Europe/Berlin',
    channels: [],
    cannotHonour: [],
    attests: [],
    holdsRecords: false,
    requestsPerMinute: 60_000,
    keys,
  })

export const officer = 'k.maier'

/** Key pairs by what they are in `castAt`; two agencies have a key called `desk`. */
export const pairs = {
  desk: pairFrom('ES256', 'DE-TESTBKA desk'),
  vault: pairFrom('EdDSA', 'DE-TESTBKA vault'),
  stolen: pairFrom('ES256', 'DE-TESTBKA stolen'),
  rotated: pairFrom('ES256', 'DE-TESTBKA rotated'),
  coming: pairFrom('ES256', 'DE-TESTBKA coming'),
  otherDesk: pairFrom('ES256', 'FR-TESTPJ desk'),
  otherOnly: pairFrom('ES256', 'FR-TESTPJ only'),
  suspended: pairFrom('ES256', 'IT-TESTPS desk'),
  nobody: pairFrom('ES256', 'nobody'),
} as const

/** Three agencies as of `now`: one in good standing with a key of every kind, another, a suspended. */
export function castAt(now: number): readonly Agency[] {
  const key = (kid: string, { alg, jwk }: Pair, changes: object = {}) => ({
    kid,
    alg,
    jwk,
    status: 'active',
    from: iso(now - 86_400),
    ...changes,
  })
  const { desk, vault } = pairs
  return [
    agency('DE-TESTBKA', 'active', [
      key('desk', desk, { until: iso(now + 86_400) }),
      key('vault', vault),
      key('stolen', pairs.stolen, { status: 'revoked' }),
      key('rotated', pairs.rotated, { until: iso(now - 1) }),
      key('coming', pairs.coming, { from: iso(now + 1) }),
      key('off-curve', { ...desk, jwk: { ...desk.jwk, y: desk.jwk.x ?? '' } }),
      key('mislabelled', { ...vault, alg: 'ES256' }),
    ]),
    agency('FR-TESTPJ', 'active', [key('desk', pairs.otherDesk), key('only', pairs.otherOnly)]),
    agency('IT-TESTPS', 'suspended', [key('desk', pairs.suspended)]),
  ]
}

export const registerOf = (agencies: readonly Agency[]) => async (id: string) =>
  agencies.find((agency) => agency.id === id)

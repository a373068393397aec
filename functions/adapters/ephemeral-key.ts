/** A key that signs while a function starts, and is gone then. */

import { generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto'

/** Its public half, and how it signs a text: ES256 (RFC 7518 §3.4), base64url. */
export type EphemeralKey = {
  readonly jwk: JsonWebKey
  readonly sign: (text: string) => string
}

/** Makes one. */
export function ephemeralKey(): EphemeralKey {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    jwk: publicKey.export({ format: 'jwk' }),
    sign: (text) =>
      sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  }
}

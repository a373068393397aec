/** An agency's signature on a call: the counterpart of `signature.ts`. */

import { type JWK, type JWTPayload, SignJWT } from 'jose'
import { digestOf, lifetimeSecondsMax } from './claims.ts'
import type { AgencyKey } from './register.ts'
import { callType } from './token.ts'

/** A key that signs: in hand, or elsewhere, such as in a hardware module that gives a signature (RFC 7518 §3.4). */
export type CallKey = { readonly kid: string; readonly alg: AgencyKey['alg'] } & (
  | { readonly privateJwk: JWK }
  | { readonly sign: (input: Uint8Array) => Promise<Uint8Array> }
)

/** A compact JWS of a JWT (RFC 7515 §7.1). */
export async function signedJwt(payload: JWTPayload, typ: string, key: CallKey): Promise<string> {
  const header = { alg: key.alg, typ, kid: key.kid }
  if ('privateJwk' in key)
    return new SignJWT(payload).setProtectedHeader(header).sign(key.privateJwk)
  const parts = [header, payload].map((each) => Buffer.from(JSON.stringify(each)))
  const input = parts.map((each) => each.toString('base64url')).join('.')
  const signature = await key.sign(Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/**
 * The `Authorization` of a call, as `verifyCall` expects it.
 * The bytes of `body` and the text of `url` must be sent exactly as given here. `jti` is 22 to 64 random
 * characters of base64url, new for each call and the same for its retries.
 * `exp` is 300 s after `iat` unless given.
 */
export async function signCall(
  call: { readonly method: string; readonly url: string; readonly body?: Uint8Array | undefined },
  key: CallKey,
  claims: {
    readonly agency: string
    readonly officer: string
    readonly audience: string
    /** Seconds since the epoch, as is `exp`. */
    readonly iat: number
    readonly jti: string
    readonly exp?: number | undefined
  },
): Promise<string> {
  const { agency: iss, officer: sub, audience: aud, iat, jti, exp } = claims
  const digest = digestOf(call.body)
  const payload = {
    iss,
    sub,
    aud,
    iat,
    exp: exp ?? iat + lifetimeSecondsMax,
    jti,
    htm: call.method,
    htu: call.url,
    ...(digest === undefined ? {} : { request_body_sha256: digest }),
  }
  return `Bearer ${await signedJwt(payload, callType, key)}`
}

/** An agency's signature on a call: the counterpart of `signature.ts`. */

import { type JWK, SignJWT } from 'jose'
import { digestOf, lifetimeSecondsMax } from './claims.ts'
import type { AgencyKey } from './register.ts'
import { callType } from './token.ts'

/**
 * The `Authorization` of a call, as `verifyCall` expects it.
 * The bytes of `body` and the text of `url` must be sent exactly as given here. `jti` is 22 to 64 random
 * characters of base64url, new for each call and the same for its retries.
 * `exp` is 300 s after `iat` unless given.
 */
export async function signCall(
  call: { readonly method: string; readonly url: string; readonly body?: Uint8Array | undefined },
  key: { readonly kid: string; readonly alg: AgencyKey['alg']; readonly privateJwk: JWK },
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
  const jwt = await new SignJWT({
    iss,
    sub,
    aud,
    iat,
    exp: exp ?? iat + lifetimeSecondsMax,
    jti,
    htm: call.method,
    htu: call.url,
    ...(digest === undefined ? {} : { request_body_sha256: digest }),
  })
    .setProtectedHeader({ alg: key.alg, typ: callType, kid: key.kid })
    .sign(key.privateJwk)
  return `Bearer ${jwt}`
}

/** Reads the token of a call strictly: refuses whatever two readers could understand differently. */

import * as z from 'zod'
import { valueIn } from '../policy/json.ts'
import { passkeyType } from '../policy/passkey.ts'

/** RFC 8725 §3.11: a type of our own, so that no other token of ours is taken for a call. */
export const callType = 'comity-request+jwt'

const header = z.strictObject({
  /** RFC 8725 §3.1. `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) name one algorithm. */
  alg: z.enum(['ES256', 'EdDSA', 'Ed25519']),
  typ: z.enum([callType, passkeyType]),
  kid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
})
/** A call's protected header (RFC 7515 §4). */
export type Header = Readonly<z.infer<typeof header>>

const headerFaults = {
  alg: 'algorithm-not-allowed',
  typ: 'type-wrong',
  kid: 'key-id-malformed',
} as const satisfies Record<keyof Header, string>

/** Why the `Authorization` has no token that could be verified. */
export type TokenRefusal =
  | 'credentials-missing'
  | 'credentials-oversized'
  | 'scheme-not-bearer'
  | 'token-not-compact-jws'
  | 'header-not-strict-json'
  | 'header-not-closed'
  | (typeof headerFaults)[keyof Header]
  | 'payload-not-strict-json'

/** A well-formed token, which anyone could have made. */
export type Token = {
  readonly header: Header
  /** JSON without duplicate names, not believed before the signature is checked. */
  readonly payload: unknown
  /** `header.payload`, the bytes that were signed (RFC 7515 §5.1). */
  readonly signingInput: string
  /** The third part, base64url: a JWS signature, or the assertion of a passkey. */
  readonly signature: string
  readonly jws: string
}

/** Longest `Authorization` that is read, characters. One of ours needs about 700; by a passkey, about 1,500. */
const authorizationLengthMax = 3072

/**
 * The compact JWS (RFC 7515 §3.1) in an `Authorization: Bearer` (RFC 6750 §2.1), unverified.
 * Its header has exactly `alg`, `typ` and `kid`, so it cannot bring a key, an address to fetch one from, or a
 * rule of its own.
 */
export function readToken(
  authorization: string | undefined,
): Token | { readonly refused: TokenRefusal } {
  if (authorization === undefined) return { refused: 'credentials-missing' }
  if (authorization.length > authorizationLengthMax) return { refused: 'credentials-oversized' }
  // RFC 9110 §11.1: the scheme's case does not matter.
  if (!/^bearer /i.test(authorization)) return { refused: 'scheme-not-bearer' }
  const jws = authorization.slice('Bearer '.length)

  const [protectedHeader, payload, signature, ...more] = jws.split('.')
  if (!isCanonical(protectedHeader) || !isCanonical(payload) || !isCanonical(signature))
    return { refused: 'token-not-compact-jws' }
  if (more.length > 0) return { refused: 'token-not-compact-jws' }

  const headerJson = strictJson(protectedHeader)
  if (headerJson === undefined) return { refused: 'header-not-strict-json' }
  const read = header.safeParse(headerJson.value)
  if (!read.success) return { refused: firstFault(read.error, headerFaults, 'header-not-closed') }

  const payloadJson = strictJson(payload)
  if (payloadJson === undefined) return { refused: 'payload-not-strict-json' }
  return {
    header: read.data,
    payload: payloadJson.value,
    signingInput: `${protectedHeader}.${payload}`,
    signature,
    jws,
  }
}

/** The refusal for the first wrong member, in the order of the schema. */
export function firstFault<Code extends string>(
  { issues }: z.ZodError,
  codes: Readonly<Record<string, Code>>,
  notClosed: Code,
): Code {
  // An extra member is reported first: most forgeries begin with one.
  if (issues.some(({ code }) => code === 'unrecognized_keys')) return notClosed
  return codes[String(issues[0]?.path[0])] ?? notClosed
}

/**
 * One text per byte sequence (RFC 4648 §3.5): no padding, no white space, no other alphabet, no stray bits
 * after the last byte. Decoders accept all of these; encoders write none.
 */
const isCanonical = (part: string | undefined): part is string =>
  part !== undefined && part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part

/** Keeps a byte order mark, so that the parser sees and refuses it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function strictJson(part: string): { readonly value: unknown } | undefined {
  try {
    const value = valueIn(utf8.decode(Buffer.from(part, 'base64url')))
    return value === undefined ? undefined : { value }
  } catch {
    return undefined // not UTF-8
  }
}

/** The claims in a call's token: a closed list, checked against this call, here and now. */

import { hash } from 'node:crypto'
import * as z from 'zod'
import { agencySchema } from './register.ts'
import { firstFault } from './token.ts'

/**
 * Longest life of a signature, s. It covers a caller's slow clock and a retry; after it, a copy is useless.
 */
export const lifetimeSecondsMax = 300
/** How far a caller's clock may be ahead of ours, s. */
export const aheadSecondsMax = 30
/** How long after its end a signature still counts, s: for the time that a call is under way. */
const lateSecondsMax = 5

const agencyId = agencySchema.shape.id
const seconds = z.int().nonnegative()

const claims = z.strictObject({
  iss: agencyId,
  sub: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  /** RFC 7519 §4.1.3 allows a list; one name leaves no doubt for whom the call was meant. */
  aud: z.string(),
  iat: seconds,
  exp: seconds,
  /** 22 characters of base64url hold the 128 bits that keep two calls from the same id. */
  jti: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
  htm: z.string(),
  htu: z.string(),
  request_body_sha256: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
})
/** The claims of a call, each well formed. */
type Claims = Readonly<z.infer<typeof claims>>

const claimFaults = {
  iss: 'issuer-malformed',
  sub: 'officer-malformed',
  aud: 'audience-malformed',
  iat: 'issued-at-malformed',
  exp: 'expiry-malformed',
  jti: 'call-id-malformed',
  htm: 'method-malformed',
  htu: 'address-malformed',
  request_body_sha256: 'digest-malformed',
} as const satisfies Record<keyof Claims, string>

/** Why the signed claims are not those of this call. */
export type ClaimRefusal =
  | 'claims-not-closed'
  | (typeof claimFaults)[keyof Claims]
  | 'audience-wrong'
  | 'lifetime-wrong'
  | 'issued-in-future'
  | 'expired'
  | 'method-wrong'
  | 'address-wrong'
  | 'digest-missing'
  | 'digest-without-body'
  | 'digest-wrong'

/** Which claim is wrong, and what it must be: for whoever signed the call with a registered key. */
export const claimFixes: Readonly<Record<ClaimRefusal, readonly [claim: string, fix: string]>> = {
  'claims-not-closed': [
    '',
    'the claims are iss, sub, aud, iat, exp, jti, htm, htu and, with a body, request_body_sha256, and no others',
  ],
  'issuer-malformed': ['iss', 'the id of the agency, such as DE-BKA'],
  'officer-malformed': ['sub', 'the id of the officer: 1 to 64 of A-Z a-z 0-9 . _ -'],
  'audience-malformed': ['aud', 'one text: the origin of this gateway'],
  'issued-at-malformed': ['iat', 'seconds since 1970, a whole number'],
  'expiry-malformed': ['exp', 'seconds since 1970, a whole number'],
  'call-id-malformed': ['jti', '22 to 64 of A-Z a-z 0-9 _ -, the same again for a retry'],
  'method-malformed': ['htm', 'the method of the call, such as POST'],
  'address-malformed': ['htu', 'the whole address of the call, with its query'],
  'digest-malformed': [
    'request_body_sha256',
    'the SHA-256 of the body in base64url, 43 characters',
  ],
  'audience-wrong': [
    'aud',
    'it must be the origin of this gateway, as /openapi.json has it under servers',
  ],
  'lifetime-wrong': ['exp', `it must be after iat, by ${lifetimeSecondsMax} seconds at most`],
  'issued-in-future': [
    'iat',
    `it is more than ${aheadSecondsMax} seconds ahead of this gateway: set your clock`,
  ],
  expired: ['exp', 'it is over: sign anew, with the same jti if the call is a retry'],
  'method-wrong': ['htm', 'it must be the method of this call'],
  'address-wrong': [
    'htu',
    'it must be the address of this call, with its query, as this gateway is reached',
  ],
  'digest-missing': ['request_body_sha256', 'a call with a body needs it'],
  'digest-without-body': ['request_body_sha256', 'the call has no body: leave it out'],
  'digest-wrong': [
    'request_body_sha256',
    'it is not of the bytes that came: sign exactly what you send',
  ],
}

/** The claims, if they are exactly ours and each is well formed. They are not compared with the call yet. */
export function readClaims(payload: unknown): Claims | { readonly refused: ClaimRefusal } {
  const read = claims.safeParse(payload)
  return read.success
    ? read.data
    : { refused: firstFault(read.error, claimFaults, 'claims-not-closed') }
}

const claimant = z.looseObject({ iss: agencyId })

/** The claimed issuer, to look up its keys. No other claim is read before the signature is checked. */
export const claimedIssuer = (payload: unknown): string | undefined =>
  claimant.safeParse(payload).data?.iss

/** The first claim that does not fit this call, at this gateway, now. The digest is left out of a body not read yet. */
export function faultOfClaims(
  { aud, iat, exp, htm, htu, request_body_sha256: claimed }: Claims,
  call: {
    readonly method: string
    readonly url: string
    readonly body: Uint8Array | 'unread' | undefined
  },
  { audience, now }: { readonly audience: string; readonly now: number },
): ClaimRefusal | undefined {
  if (aud !== audience) return 'audience-wrong'
  const lifetimeSeconds = exp - iat
  if (lifetimeSeconds <= 0 || lifetimeSeconds > lifetimeSecondsMax) return 'lifetime-wrong'
  // Written so that a clock of NaN lets nothing through.
  if (!(iat <= now + aheadSecondsMax)) return 'issued-in-future'
  if (!(exp > now - lateSecondsMax)) return 'expired'
  if (htm !== call.method) return 'method-wrong'
  if (htu !== call.url) return 'address-wrong'
  return call.body === 'unread' ? undefined : faultOfDigest(claimed, call.body)
}

/** Why a body is not the one that was signed; undefined if it is. */
export function faultOfDigest(
  claimed: string | undefined,
  body: Uint8Array | undefined,
): ClaimRefusal | undefined {
  const digest = digestOf(body)
  if (claimed === digest) return undefined
  if (claimed === undefined) return 'digest-missing'
  return digest === undefined ? 'digest-without-body' : 'digest-wrong'
}

/** base64url of SHA-256 of the exact bytes; an empty body counts as none. */
export const digestOf = (body: Uint8Array | undefined): string | undefined =>
  body === undefined || body.length === 0 ? undefined : hash('sha256', body, 'base64url')

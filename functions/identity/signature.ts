/** The signature on a call: which agency made it, for which officer, and that it signs this call. */

import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import {
  type ClaimRefusal,
  claimedIssuer,
  claimFixes,
  faultOfClaims,
  readClaims,
} from './claims.ts'
import type { Agency, AgencyKey } from './register.ts'
import { type Header, readToken, type Token, type TokenRefusal } from './token.ts'

/** The parts of an incoming call that a signature binds. */
export type IncomingCall = {
  readonly method: string
  /** Canonical absolute URL, as the agency addressed the gateway, with its query. */
  readonly url: string
  readonly authorization: string | undefined
  readonly body: Uint8Array | undefined
}

/**
 * A call that binds an agency.
 * To tell whether two calls are one, compare `agency`, `jti` and what was signed, never `jws`: an ES256
 * signature (r, s) has a twin (r, n − s) that anyone can compute and that is equally valid.
 */
export type Verified = {
  readonly agency: Agency
  readonly officer: string
  readonly kid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  readonly bodyDigest: string | undefined
  /** `header.payload`, the bytes that were signed (RFC 7515 §5.1). */
  readonly signingInput: string
  readonly jws: string
}

/** Why a call was refused: for the security log. Only whoever signed with a registered key is told, too. */
export type CallRefusal = TokenRefusal | SignerRefusal | SignatureRefusal | ClaimRefusal

type SignerRefusal =
  | 'agency-unknown'
  | 'key-unknown'
  | 'algorithm-not-of-key'
  | 'key-revoked'
  | 'key-not-yet-valid'
  | 'key-expired'
  | 'agency-suspended'
type SignatureRefusal = 'key-unusable' | 'signature-wrong'

/**
 * Decides whether an agency of the register signed exactly this call, for this gateway, now.
 *
 * Takes `Authorization: Bearer` with a compact JWS of type `comity-request+jwt`: `alg` ES256, or EdDSA or
 * Ed25519 for a key that the register lists as EdDSA. Its claims are those of a JWT (RFC 7519 §4.1), DPoP's
 * `htm` and `htu` (RFC 9449 §4.2), here with the query, and `request_body_sha256`. Where an RFC leaves a
 * choice, this takes the stricter one.
 *
 * The refusal names the first check that failed, with `fix` once the signature of a registered key holds:
 * nobody else learns what is wrong, so that nobody can search for agencies and keys. A well-formed token costs one look-up and one signature
 * verification, whether or not its agency and key exist; the register makes a look-up cost the same for both.
 * Replay is not checked here: the function that records the call compares `jti`. Rejects only if
 * `world.agency` does.
 */
export async function verifyCall(
  call: IncomingCall,
  world: {
    readonly audience: string
    /** Seconds since the epoch. */
    readonly now: number
    readonly agency: (id: string) => Promise<Agency | undefined>
  },
): Promise<{ readonly verified: Verified } | Refusal> {
  const token = readToken(call.authorization)
  if ('refused' in token) return token
  const issuer = claimedIssuer(token.payload)
  if (issuer === undefined) return { refused: 'issuer-malformed' }

  const signer = findSigner(issuer, token.header, await world.agency(issuer), world.now)
  // INVARIANT (one verification per token): the time taken does not tell who is in the register.
  const jwk = 'refused' in signer ? decoys[token.header.alg] : signer.key.jwk
  const fault = await faultOfSignature(token, jwk)
  if ('refused' in signer) return signer
  if (fault !== undefined) return { refused: fault }

  const claims = readClaims(token.payload)
  if ('refused' in claims) return fixed(claims.refused)
  const refused = faultOfClaims(claims, call, world)
  if (refused !== undefined) return fixed(refused)

  const { sub: officer, jti, iat, exp, request_body_sha256: bodyDigest } = claims
  const { agency, key } = signer
  const { signingInput, jws } = token
  return {
    verified: { agency, officer, kid: key.kid, jti, iat, exp, bodyDigest, signingInput, jws },
  }
}

type Refusal = {
  readonly refused: CallRefusal
  /** Which claim is wrong, and what it must be. */
  readonly fix?: (typeof claimFixes)[ClaimRefusal]
}

const fixed = (refused: ClaimRefusal): Refusal => ({ refused, fix: claimFixes[refused] })

/** The key that the issuer itself registered under this id, if it may sign now. */
function findSigner(
  issuer: string,
  { kid, alg }: Header,
  agency: Agency | undefined,
  now: number,
): { readonly agency: Agency; readonly key: AgencyKey } | { readonly refused: SignerRefusal } {
  // Compared again, since a look-up may be looser than `===` about case or form.
  if (agency?.id !== issuer) return { refused: 'agency-unknown' }
  const key = agency.keys.find((key) => key.kid === kid)
  if (key === undefined) return { refused: 'key-unknown' }
  // RFC 8725 §3.1: the register says what a key is for; the token only repeats it.
  if (key.alg !== registeredAs[alg]) return { refused: 'algorithm-not-of-key' }
  if (key.status !== 'active') return { refused: 'key-revoked' }
  // Written so that a clock of NaN lets nothing through.
  if (!(secondsOf(key.from) <= now)) return { refused: 'key-not-yet-valid' }
  if (key.until !== undefined && !(now <= secondsOf(key.until))) return { refused: 'key-expired' }
  if (agency.status !== 'active') return { refused: 'agency-suspended' }
  return { agency, key }
}

const registeredAs = {
  ES256: 'ES256',
  EdDSA: 'EdDSA',
  Ed25519: 'EdDSA',
} as const satisfies Record<Header['alg'], AgencyKey['alg']>

const secondsOf = (instant: string) => Date.parse(instant) / 1000

/** Checks the signature (RFC 7515 §5.2). ES256 is r and s, 32 bytes each (RFC 7518 §3.4). */
async function faultOfSignature(
  { jws, signingInput, header: { alg } }: Token,
  jwk: AgencyKey['jwk'],
): Promise<SignatureRefusal | undefined> {
  const isCurve = alg === 'ES256'
  if (isCurve !== (jwk.kty === 'EC')) return 'key-unusable'
  const signature = Buffer.from(jws.slice(signingInput.length + 1), 'base64url')
  try {
    const key = { key: keyOf(jwk), dsaEncoding: 'ieee-p1363' } as const
    const input = Buffer.from(signingInput)
    // On a thread of its own, so that other calls go on meanwhile.
    const isSigned = await new Promise((resolve, reject) =>
      verify(isCurve ? 'sha256' : null, input, key, signature, (error, held) =>
        error === null ? resolve(held) : reject(error),
      ),
    )
    return isSigned ? undefined : 'signature-wrong'
  } catch {
    return 'key-unusable'
  }
}

/** The key of a JWK, read once for as long as the JWK lives. Throws for what is no point of its curve. */
function keyOf(jwk: AgencyKey['jwk']): KeyObject {
  const key = keys.get(jwk) ?? createPublicKey({ key: jwk, format: 'jwk' })
  keys.set(jwk, key)
  return key
}

const keys = new WeakMap<AgencyKey['jwk'], KeyObject>()

/**
 * Keys of no agency, to verify against when there is no other: the examples of RFC 7515 §A.3 and RFC 8037
 * §A.2. Their private halves are printed there, which is harmless: without an agency, only a refusal can
 * follow.
 */
const ed25519Decoy = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
} as const
const decoys: Readonly<Record<Header['alg'], AgencyKey['jwk']>> = {
  ES256: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
  EdDSA: ed25519Decoy,
  Ed25519: ed25519Decoy,
}

/** The signature on a call: which agency made it, for which officer, and that it signs this call. */

import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type AssertionFault, faultOfAssertion, passkeyType } from '../policy/passkey.ts'
import { ofJws } from '../policy/signed.ts'
import {
  type ClaimRefusal,
  claimedIssuer,
  claimFixes,
  faultOfClaims,
  readClaims,
} from './claims.ts'
import { maySignByPasskey } from './passkey-calls.ts'
import type { Agency, AgencyKey, OfficerPasskey } from './register.ts'
import { type Header, readToken, type Token, type TokenRefusal } from './token.ts'

/** The parts of an incoming call that a signature binds. */
export type IncomingCall = {
  readonly method: string
  /** Canonical absolute URL, as the agency addressed the gateway, with its query. */
  readonly url: string
  readonly authorization: string | undefined
  /** `unread` if it is read once the signature holds: the caller then asks `faultOfDigest` about it. */
  readonly body: Uint8Array | 'unread' | undefined
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
export type CallRefusal =
  | TokenRefusal
  | SignerRefusal
  | SignatureRefusal
  | OfficerRefusal
  | ClaimRefusal

type SignerRefusal =
  | 'agency-unknown'
  | 'key-unknown'
  | 'algorithm-not-of-key'
  | 'key-revoked'
  | 'key-not-yet-valid'
  | 'key-expired'
  | 'agency-suspended'
type SignatureRefusal = 'key-unusable' | 'signature-wrong' | AssertionFault
/** Why a passkey's call is not its officer's. */
export type OfficerRefusal =
  | 'passkey-of-another-officer'
  | 'officer-not-named'
  | 'call-not-of-officer'

/**
 * Decides whether an agency of the register signed exactly this call, for this gateway, now.
 *
 * Takes `Authorization: Bearer` with a compact JWS of type `comity-request+jwt`: `alg` ES256, or EdDSA or
 * Ed25519 for a key that the register lists as EdDSA. Its claims are those of a JWT (RFC 7519 §4.1), DPoP's
 * `htm` and `htu` (RFC 9449 §4.2), here with the query, and `request_body_sha256`. Where an RFC leaves a
 * choice, this takes the stricter one.
 * A call of type `comity-request+passkey` is the same but for its third part: what a passkey of the officer gave in a
 * browser over the same text (`policy/passkey.ts`). It binds that officer alone, while the agency names them, and it is
 * one of the few calls of `passkey-calls.ts` or none.
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
  const key = 'refused' in signer ? undefined : signer.key
  const fault = await faultOfSignature(token, key)
  if ('refused' in signer) return signer
  if (fault !== undefined) return { refused: fault }

  const claims = readClaims(token.payload)
  if ('refused' in claims) return fixed(claims.refused)
  const refused = faultOfClaims(claims, call, world)
  if (refused !== undefined) return fixed(refused)

  const { sub: officer, jti, iat, exp, request_body_sha256: bodyDigest } = claims
  const { agency } = signer
  const { kid } = token.header
  const { signingInput, jws } = token
  const notTheirs = faultOfOfficer(officer, signer, call)
  if (notTheirs !== undefined) return { refused: notTheirs }
  return { verified: { agency, officer, kid, jti, iat, exp, bodyDigest, signingInput, jws } }
}

/** A passkey signs for its own officer alone, as long as the agency names them, and what it named them for. */
function faultOfOfficer(
  officer: string,
  { agency, key }: Signer,
  { method, url }: Pick<IncomingCall, 'method' | 'url'>,
): OfficerRefusal | undefined {
  if (!isPasskey(key)) return undefined
  if (key.passkey.officer !== officer) return 'passkey-of-another-officer'
  const named = agency.officers?.find(({ id }) => id === officer)
  if (named === undefined) return 'officer-not-named'
  const path = new URL(url).pathname
  return maySignByPasskey(named, { method, path }) ? undefined : 'call-not-of-officer'
}

const isPasskey = (key: AgencyKey | OfficerPasskey): key is OfficerPasskey => 'passkey' in key

type Refusal = {
  readonly refused: CallRefusal
  /** Which claim is wrong, and what it must be. */
  readonly fix?: (typeof claimFixes)[ClaimRefusal]
}

const fixed = (refused: ClaimRefusal): Refusal => ({ refused, fix: claimFixes[refused] })

type Signer = { readonly agency: Agency; readonly key: AgencyKey | OfficerPasskey }

/** The key that the issuer itself registered under this id for calls of this type, if it may sign now. */
function findSigner(
  issuer: string,
  { kid, alg, typ }: Header,
  agency: Agency | undefined,
  now: number,
): Signer | { readonly refused: SignerRefusal } {
  // Compared again, since a look-up may be looser than `===` about case or form.
  if (agency?.id !== issuer) return { refused: 'agency-unknown' }
  const own = typ === passkeyType ? (agency.passkeys ?? []) : agency.keys
  const key = own.find((key) => key.kid === kid)
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

/**
 * Checks the signature (RFC 7515 §5.2), against a decoy if there is no key. ES256 is r and s, 32 bytes each (RFC 7518
 * §3.4).
 */
async function faultOfSignature(
  { signature, signingInput, header: { alg, typ } }: Token,
  own: AgencyKey | OfficerPasskey | undefined,
): Promise<SignatureRefusal | undefined> {
  const jwk = own?.jwk ?? decoys[alg]
  const isCurve = alg === 'ES256'
  if (isCurve !== (jwk.kty === 'EC')) return 'key-unusable'
  if (typ === passkeyType) {
    const decoy = { alg: registeredAs[alg], jwk, passkey: nowhere }
    return faultOfAssertion(
      signingInput,
      signature,
      own !== undefined && isPasskey(own) ? own : decoy,
    )
  }
  try {
    const key = keyOf(jwk)
    const input = Buffer.from(signingInput)
    const signed = Buffer.from(signature, 'base64url')
    // On this thread: to have another do it costs as much again.
    const isSigned = verify(isCurve ? 'sha256' : null, input, key, signed)
    return isSigned ? undefined : 'signature-wrong'
  } catch {
    return 'key-unusable'
  }
}

/** The key of a JWK, read once for as long as the JWK lives. Throws for what is no point of its curve. */
function keyOf(jwk: AgencyKey['jwk']): KeyObject {
  const key = keys.get(jwk) ?? ofJws(createPublicKey({ key: jwk, format: 'jwk' }))
  keys.set(jwk, key)
  return key
}

const keys = new WeakMap<AgencyKey['jwk'], KeyObject>()

/** The site of no passkey. */
const nowhere = { origin: 'https://nowhere.invalid' }

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

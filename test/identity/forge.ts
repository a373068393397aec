/** A workshop for tokens that no honest client makes: every byte can be chosen. */

import { sign } from 'node:crypto'
import { digestOf } from '../../functions/identity/claims.ts'
import type { CallRefusal } from '../../functions/identity/signature.ts'
import { officer, type Pair, pairs } from './cast.ts'

/** The call that every hostile token pretends to be, and the gateway it is sent to. */
export type Stage = {
  readonly audience: string
  readonly now: number
  readonly method: string
  readonly url: string
  readonly body: Uint8Array
}

/** A forged call; its body is the stage's where it is not said. */
export type Forgery = readonly [
  code: CallRefusal,
  says: string,
  authorization: string | undefined,
  body?: Uint8Array | 'none',
]

/** A JSON value, or the exact text or bytes to put in its place. */
export type Part = object | string | Uint8Array

const bytesOf = (part: Part) =>
  part instanceof Uint8Array
    ? Buffer.from(part)
    : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part))

export const base64url = (part: Part) => bytesOf(part).toString('base64url')

export const honestHeader = { alg: 'ES256', typ: 'comity-request+jwt', kid: 'desk' }

export const honestClaims = (stage: Stage) => ({
  iss: 'DE-TESTBKA',
  sub: officer,
  aud: stage.audience,
  iat: stage.now,
  exp: stage.now + 60,
  jti: '0123456789abcdefghijkl',
  htm: stage.method,
  htu: stage.url,
  request_body_sha256: digestOf(stage.body),
})

/** RFC 7515 §5.1, with the signature in the form of RFC 7518 §3.4 or RFC 8037 §3.1. */
export function signed(header: Part, claims: Part, { alg, privateKey }: Pair = pairs.desk): string {
  return signedText(`${base64url(header)}.${base64url(claims)}`, { alg, privateKey })
}

/** As `signed`, when even the base64url is to be chosen. */
export function signedText(
  input: string,
  { alg, privateKey }: Pick<Pair, 'alg' | 'privateKey'> = pairs.desk,
): string {
  const signature = sign(alg === 'ES256' ? 'sha256' : null, Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

/** A token of the honest claims with some changed; `undefined` leaves one out. */
export const claiming = (stage: Stage, changes: object) =>
  `Bearer ${signed(honestHeader, { ...honestClaims(stage), ...changes })}`

/** The token with its signature's bytes changed. */
export function resigned(token: string, change: (signature: Buffer) => Uint8Array): string {
  const [header, payload, signature] = token.split('.')
  const changed = change(Buffer.from(signature ?? '', 'base64url'))
  return `${header}.${payload}.${base64url(changed)}`
}

/** The text with its last character's lowest bit changed: other text, same bytes. */
export function strayBits(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.slice(-1)) ^ 1)
}

/** Order of P-256's base point (FIPS 186-5, SP 800-186 §3.2.1.3). */
export const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
/** Order of Ed25519's base point (RFC 8032 §5.1). */
export const ed25519Order = 2n ** 252n + 27742317777372353535851937790883648493n

export const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
export const bytes32 = (n: bigint) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex')

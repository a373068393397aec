/** Statements that people sign, and the checking of their signatures. */

import {
  createPrivateKey,
  createPublicKey,
  hash,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import * as z from 'zod'
import type { Certificate } from './certificate.ts'
import { readOnce } from './json.ts'
import type { ReleaseKey, Sealer } from './sealers.ts'

/** What a person's key is for. */
export const keyRoles = ['registrar', 'legal', 'data-protection', 'release'] as const

/** A signer's private key file. */
export const sealingKeySchema = z.strictObject({
  kid: z.string(),
  role: z.enum(keyRoles).optional(),
  jwk: z.looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    d: z.string(),
  }),
})
export type SealingKey = z.infer<typeof sealingKeySchema>

/** The kind of statement signed, so that a signature of one kind cannot serve for another. */
export type Kind =
  | 'comity-seal+jws'
  | 'comity-suspension+jws'
  | 'comity-set+jws'
  | 'comity-floor+jws'
  | 'comity-register+jws'
  | 'comity-key+jws'

/** Who signed, and when; and by which certificate, if not by a key. */
export type Signature<By extends Signatory = Sealer> = {
  readonly by: By
  readonly at: string
  readonly certificate?: Certificate
}

/** Valid signatures. `completeAt` is the time of the last one, once both roles have signed. */
export type SignedBoth = { readonly signatures: readonly Signature[]; readonly completeAt?: string }

const encode = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** A private key that may sign: a sealer's or a registrar's, or an agency's, which may be P-256. */
export type StatementKey = { readonly kid: string; readonly jwk: Readonly<Record<string, unknown>> }

/** The public half of such a key. */
export type PublicKey = {
  readonly kid: string
  readonly jwk:
    | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
    | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
}

/** The thumbprint of a key (RFC 7638 §3): a digest of what it cannot be without, in the order of the names. */
export function thumbprintOf(
  { kty, crv, x, ...more }: PublicKey['jwk'],
  encoding: 'base64url' | 'hex' = 'base64url',
): string {
  const y = 'y' in more ? { y: more.y } : {}
  return hash('sha256', JSON.stringify({ crv, kty, x, ...y }), encoding)
}

/** Whoever may sign: by the key of this id, if there is one. */
export type Signatory = { readonly kid: string; readonly jwk?: PublicKey['jwk'] | undefined }

/** How a key signs (RFC 8037 §3.1; RFC 7518 §3.4). The key decides, never the header. */
const schemeOf = (kty: unknown) =>
  kty === 'EC'
    ? ({ alg: 'ES256', hash: 'sha256' } as const)
    : ({ alg: 'EdDSA', hash: null } as const)

/** What a signature is over (RFC 7515 §5.1). */
const signingInputOf = (header: string, text: string) => Buffer.from(`${header}.${encode(text)}`)

/**
 * The key, for signatures in the form of JWS: of ES256 r and s, 32 bytes each (RFC 7518 §3.4). The key itself says
 * so: to be given `{ key, dsaEncoding }`, Node throws and catches two errors at each call, which take as long as
 * signing.
 */
export const ofJws = (key: KeyObject): KeyObject =>
  Object.assign(key, { dsaEncoding: 'ieee-p1363' })

/**
 * Signs a text: a JWS (RFC 7515) with Ed25519 (RFC 8037) or ES256, its payload detached (Appendix F), since
 * the text is stored beside it. A signer later than the statement's own time gives the time in `signedAt` of
 * the header.
 */
export function signStatement(
  typ: Kind,
  text: string,
  { kid, jwk }: StatementKey,
  signedAt?: string,
): string {
  const { alg, hash } = schemeOf(jwk.kty)
  const header = encode(JSON.stringify({ alg, kid, typ, signedAt }))
  const key = ofJws(createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }))
  const bytes = sign(hash, signingInputOf(header, text), key)
  return `${header}..${encode(bytes)}`
}

/**
 * A fake signature in the form of this key’s (Ed25519). It is not valid, and finding that out costs as much
 * as checking a valid one.
 */
export const unmade = (typ: Kind, { kid }: Pick<PublicKey, 'kid'>): string =>
  [
    encode(JSON.stringify({ alg: 'EdDSA', kid, typ })),
    '',
    // Below the order of the group (RFC 8032 §5.1.7), or it would be refused before any work is done.
    encode(new Uint8Array(64).fill(11)),
  ].join('.')

/** The public keys behind these signatures; of who has none, the certificate. */
export const keysOf = (signatures: readonly Signature<Sealer | ReleaseKey>[]) =>
  new Set(
    signatures.map(({ by }) => by.jwk?.x ?? ('certificate' in by ? by.certificate : undefined)),
  )

/** Whether a legal and a data-protection sealer signed: two people by their names, with two different keys. */
export const isByBoth = (signatures: readonly Signature[]): boolean =>
  signatures.some((a) =>
    signatures.some(
      (b) => a.by.role !== b.by.role && a.by.name !== b.by.name && keysOf([a, b]).size === 2,
    ),
  )

/** Why a statement with more than one signature does not count. */
export const notByBoth =
  'it needs two people, a legal and a data-protection sealer, with two different keys'

/** The later of two moments. */
export const later = (a: string, b: string): string => (Date.parse(a) < Date.parse(b) ? b : a)

/** The signatures that are valid over exactly this text, by one of these keys. */
export const signaturesOver = <By extends Signatory>(
  typ: Kind,
  text: string,
  began: string,
  jwss: readonly string[],
  keys: readonly By[],
): readonly Signature<By>[] =>
  jwss.flatMap((each) => {
    const signed = signerOf(typ, text, each, keys)
    return signed === undefined ? [] : [{ by: signed.by, at: signed.at ?? began }]
  })

const headerSchema = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256']),
  kid: z.string(),
  typ: z.string(),
  signedAt: z.iso.datetime().optional(),
})

/**
 * Which of these keys signed exactly this text; undefined if none did. `at` is when, if later than the time
 * in the statement.
 */
export function signerOf<Key extends Signatory>(
  typ: Kind,
  text: string,
  jws: string,
  keys: readonly Key[],
): { readonly by: Key; readonly at: string | undefined } | undefined {
  const [header = '', payload, signature = '', ...more] = jws.split('.')
  if (more.length > 0 || payload !== '') return undefined
  const { data } = headerSchema.safeParse(json(header), readOnce)
  const by = keys.find(({ kid }) => kid === data?.kid)
  if (data === undefined || data.typ !== typ || by?.jwk === undefined) return undefined
  const { alg, hash } = schemeOf(by.jwk.kty)
  if (data.alg !== alg) return undefined
  const key = keyObjectOf(by.jwk)
  if (key === undefined) return undefined
  const bytes = Buffer.from(signature, 'base64url')
  return verify(hash, signingInputOf(header, text), key, bytes)
    ? { by, at: data.signedAt }
    : undefined
}

/** Imported keys, remembered because one person signs hundreds of files. */
const keyObjects = new WeakMap<PublicKey['jwk'], KeyObject>()

/** Imports a key; undefined if it is invalid, such as a point off its curve: no signature by it is valid. */
function keyObjectOf(jwk: PublicKey['jwk']): KeyObject | undefined {
  try {
    const key = keyObjects.get(jwk) ?? ofJws(createPublicKey({ key: jwk, format: 'jwk' }))
    keyObjects.set(jwk, key)
    return key
  } catch {
    return undefined
  }
}

function json(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** The roles of sealers in words. */
const roleWords = { legal: 'legal', 'data-protection': 'data protection' } as const

/** The roles that have signed, such as `legal`. */
export const signedBy = ({ signatures }: SignedBoth): string =>
  signatures.map(({ by }) => roleWords[by.role]).join(' and ')

/** The role that has not signed yet, of a statement with one signature. */
export const missingRole = ({ signatures }: SignedBoth): string =>
  roleWords[signatures[0]?.by.role === 'legal' ? 'data-protection' : 'legal']

/** Statements that people sign, and what the signatures of sealers come to. */

import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import type { Sealer } from './policy.ts'

/** What is signed: plain texts, of which `path` says whose folder it is about. */
export type Statement = { readonly path: string } & Readonly<Record<string, string>>

/** A sealer's private key file. */
export const sealingKeySchema = z.strictObject({
  kid: z.string(),
  jwk: z.looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    d: z.string(),
  }),
})
export type SealingKey = z.infer<typeof sealingKeySchema>

/** What kind of statement is signed, so that no signature serves for another. */
export type Kind = 'comity-seal+jws' | 'comity-suspension+jws' | 'comity-register+jws'

/** Who signed, and when. */
export type Signature = { readonly by: Sealer; readonly at: string }

/** Good signatures; `completeAt` is the moment of the last, once both roles have signed. */
export type Signed = { readonly signatures: readonly Signature[]; readonly completeAt?: string }

const encode = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')
const payloadOf = (statement: object): string => encode(canonicalize(statement) ?? '')

/** A private key that may sign: that of a sealer or a registrar, or an agency's, which may be P-256. */
export type StatementKey = { readonly kid: string; readonly jwk: Readonly<Record<string, unknown>> }

/** The public half of such a key. */
export type PublicKey = {
  readonly kid: string
  readonly jwk:
    | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
    | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
}

/** How a key signs (RFC 8037 §3.1; RFC 7518 §3.4): the key says, never the header. */
const schemeOf = (kty: unknown) =>
  kty === 'EC'
    ? ({ alg: 'ES256', hash: 'sha256' } as const)
    : ({ alg: 'EdDSA', hash: null } as const)

/**
 * One signature: a compact JWS (RFC 7515) with Ed25519 (RFC 8037) or ES256. Who signs later than the
 * moment in the statement says when, in `signedAt` of the header.
 */
export function signStatement(
  typ: Kind,
  statement: object,
  { kid, jwk }: StatementKey,
  signedAt?: string,
): string {
  const { alg, hash } = schemeOf(jwk.kty)
  const header = encode(JSON.stringify({ alg, kid, typ, signedAt }))
  const signingInput = `${header}.${payloadOf(statement)}`
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
  const bytes = sign(hash, Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' })
  return `${signingInput}.${encode(bytes)}`
}

/**
 * A signature that nobody made, of the form of this key’s (Ed25519): it does not hold, and finding that
 * out costs what checking a good one does.
 */
export const unmade = (typ: Kind, statement: object, { kid }: Pick<PublicKey, 'kid'>): string =>
  [
    encode(JSON.stringify({ alg: 'EdDSA', kid, typ })),
    payloadOf(statement),
    // Below the order of the group (RFC 8032 §5.1.7), or it would be refused before any of the work.
    encode(new Uint8Array(64).fill(11)),
  ].join('.')

/**
 * Checks the signatures under a statement that was first signed at `began`. Each must be of a sealer
 * trusted for its folder; from two on, a legal and a data-protection sealer with different keys.
 */
export function checkSignatures(
  typ: Kind,
  statement: Statement,
  began: string,
  jwss: readonly string[],
  sealers: readonly Sealer[],
): Signed | { readonly wrong: string } {
  const folder = statement.path.split('/')[0] ?? ''
  const signatures = jwss
    .map((each) => signatureOf(typ, statement, began, each, sealers))
    .filter((each) => each !== undefined)
    .filter(({ by: { folders } }) => folders.includes('*') || folders.includes(folder))
  if (signatures.length < jwss.length)
    return { wrong: 'a signature is not of a sealer trusted here for it' }
  if (signatures.length < 2) return { signatures }
  const roles = new Set(signatures.map(({ by }) => by.role))
  const keys = new Set(signatures.map(({ by }) => by.jwk.x))
  if (roles.size < 2 || keys.size < 2)
    return { wrong: 'it needs a legal and a data-protection sealer, with two different keys' }
  const moments = signatures.map(({ at }) => at)
  if (moments.some((at) => Date.parse(at) < Date.parse(began)))
    return { wrong: 'a signature is older than what it signs' }
  return { signatures, completeAt: moments.reduce(later) }
}

const later = (a: string, b: string): string => (Date.parse(a) < Date.parse(b) ? b : a)

const headerSchema = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256']),
  kid: z.string(),
  typ: z.string(),
  signedAt: z.iso.datetime().optional(),
})

/** The signature over exactly this statement, if it is one of a known sealer. */
function signatureOf(
  typ: Kind,
  statement: Statement,
  began: string,
  jws: string,
  sealers: readonly Sealer[],
): Signature | undefined {
  const signed = signerOf(typ, statement, jws, sealers)
  return signed && { by: signed.by, at: signed.at ?? began }
}

/**
 * Whose signature over exactly this statement it is, of these keys; undefined if it is none of theirs.
 * `at` is when it was made, if that is later than the moment in the statement.
 */
export function signerOf<Key extends PublicKey>(
  typ: Kind,
  statement: object,
  jws: string,
  keys: readonly Key[],
): { readonly by: Key; readonly at: string | undefined } | undefined {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.')
  if (more.length > 0 || payload !== payloadOf(statement)) return undefined
  const { data } = headerSchema.safeParse(json(header))
  const by = keys.find(({ kid }) => kid === data?.kid)
  if (data === undefined || data.typ !== typ || by === undefined) return undefined
  const { alg, hash } = schemeOf(by.jwk.kty)
  if (data.alg !== alg) return undefined
  return holds(by.jwk, hash, `${header}.${payload}`, signature)
    ? { by, at: data.signedAt }
    : undefined
}

/** Whether a signature holds. One by a key that is none, such as a point off its curve, does not. */
function holds(
  jwk: PublicKey['jwk'],
  hash: 'sha256' | null,
  signingInput: string,
  signature: string,
): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const bytes = Buffer.from(signature, 'base64url')
    return verify(hash, Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' }, bytes)
  } catch {
    return false
  }
}

function json(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** The roles of sealers as people call them. */
export const roleWords = { legal: 'legal', 'data-protection': 'data protection' } as const

/** `legal`, or who else has signed. */
export const signedBy = ({ signatures }: Signed): string =>
  signatures.map(({ by }) => roleWords[by.role]).join(' and ')

/** Whose signature is still missing under one that has one. */
export const missingRole = ({ signatures }: Signed): string =>
  roleWords[signatures[0]?.by.role === 'legal' ? 'data-protection' : 'legal']

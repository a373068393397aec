/** Statements that people sign, and what their signatures come to. */

import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import * as z from 'zod'
import type { ReleaseKey, Sealer } from './policy.ts'

/** A private key file of whoever signs. */
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
export type Kind = 'comity-seal+jws' | 'comity-suspension+jws' | 'comity-set+jws'

/** Who signed, and when. */
export type Signature<By extends ReleaseKey = Sealer> = { readonly by: By; readonly at: string }

/** Good signatures; `completeAt` is the moment of the last, once both roles have signed. */
export type Signed = { readonly signatures: readonly Signature[]; readonly completeAt?: string }

const encode = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')

/**
 * One signature over a text: a JWS (RFC 7515) with Ed25519 (RFC 8037), its payload detached (Appendix F),
 * since the text stands beside it. Who signs later than the moment in the statement says when, in
 * `signedAt` of the header.
 */
export function signStatement(
  typ: Kind,
  text: string,
  { kid, jwk }: SealingKey,
  signedAt?: string,
): string {
  const header = encode(JSON.stringify({ alg: 'EdDSA', kid, typ, signedAt }))
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
  return `${header}..${encode(sign(null, Buffer.from(`${header}.${encode(text)}`), key))}`
}

/**
 * Checks the signatures under a statement of a folder that was first signed at `began`. Each must be of
 * a sealer trusted for that folder; from two on, a legal and a data-protection sealer with different keys.
 */
export function checkSignatures(
  typ: Kind,
  {
    text,
    folder,
    began,
  }: { readonly text: string; readonly folder: string; readonly began: string },
  jwss: readonly string[],
  sealers: readonly Sealer[],
): Signed | { readonly wrong: string } {
  const trusted = sealers.filter(({ folders }) => folders.includes('*') || folders.includes(folder))
  const signatures = signaturesOver(typ, text, began, jwss, trusted)
  if (signatures.length < jwss.length)
    return { wrong: 'a signature is not of a sealer trusted here for it' }
  if (signatures.length < 2) return { signatures }
  const roles = new Set(signatures.map(({ by }) => by.role))
  if (roles.size < 2 || keysOf(signatures).size < 2)
    return { wrong: 'it needs a legal and a data-protection sealer, with two different keys' }
  const moments = signatures.map(({ at }) => at)
  if (moments.some((at) => Date.parse(at) < Date.parse(began)))
    return { wrong: 'a signature is older than what it signs' }
  return { signatures, completeAt: moments.reduce(later) }
}

/** The keys with which signatures were made. */
export const keysOf = (signatures: readonly Signature<ReleaseKey>[]): ReadonlySet<string> =>
  new Set(signatures.map(({ by }) => by.jwk.x))

/** The later of two moments. */
export const later = (a: string, b: string): string => (Date.parse(a) < Date.parse(b) ? b : a)

/** Those of the signatures that are good ones over exactly this text, by one of these keys. */
export const signaturesOver = <By extends ReleaseKey>(
  typ: Kind,
  text: string,
  began: string,
  jwss: readonly string[],
  keys: readonly By[],
): readonly Signature<By>[] =>
  jwss.map((each) => signatureOf(typ, text, began, each, keys)).filter((each) => each !== undefined)

const headerSchema = z.strictObject({
  alg: z.literal('EdDSA'),
  kid: z.string(),
  typ: z.string(),
  signedAt: z.iso.datetime().optional(),
})

function signatureOf<By extends ReleaseKey>(
  typ: Kind,
  text: string,
  began: string,
  jws: string,
  keys: readonly By[],
): Signature<By> | undefined {
  const [header = '', payload, signature = '', ...more] = jws.split('.')
  if (more.length > 0 || payload !== '') return undefined
  const { data } = headerSchema.safeParse(json(header))
  const by = keys.find(({ kid }) => kid === data?.kid)
  if (data === undefined || data.typ !== typ || by === undefined) return undefined
  const key = publicKeys.get(by) ?? createPublicKey({ key: by.jwk, format: 'jwk' })
  publicKeys.set(by, key)
  const bytes = Buffer.from(signature, 'base64url')
  if (!verify(null, Buffer.from(`${header}.${encode(text)}`), key, bytes)) return undefined
  return { by, at: data.signedAt ?? began }
}

/** The keys of those whose signatures were looked at: one person signs hundreds of files. */
const publicKeys = new WeakMap<ReleaseKey, KeyObject>()

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

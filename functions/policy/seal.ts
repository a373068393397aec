/** Seals: two people's signatures that make a policy file count. */

import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import type { Fault } from './book.ts'
import { type Seal, type Sealer, sealerSchema, sealSchema } from './policy.ts'

/** What a sealer signs: which bytes, when, and why. */
export type SealedContent = Pick<Seal, 'path' | 'sha256' | 'sealedAt' | 'why'>

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

const typ = 'comity-seal+jws'
const encode = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')
const payloadOf = ({ path, sha256, sealedAt, why }: SealedContent): string =>
  encode(canonicalize({ path, sha256, sealedAt, why }) ?? '')

/** One signature of a seal: a compact JWS (RFC 7515) with Ed25519 (RFC 8037). */
export function signSeal(content: SealedContent, { kid, jwk }: SealingKey): string {
  const header = encode(JSON.stringify({ alg: 'EdDSA', kid, typ }))
  const signingInput = `${header}.${payloadOf(content)}`
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
  return `${signingInput}.${encode(sign(null, Buffer.from(signingInput), key))}`
}

/** When a path with a digest was sealed; undefined for a draft and for a changed file. */
export type SealedAt = (path: string, digest: string) => string | undefined

/**
 * Checks seals against the sealers that a deployment trusts. A seal counts with the signatures of a
 * legal and a data-protection sealer, two different keys, both registered for the folder.
 */
export function checkSeals(
  seals: unknown,
  sealers: unknown,
): { readonly sealedAt: SealedAt; readonly faults: readonly Fault[] } {
  const faults: Fault[] = []
  const fault = (place: string, code: string, message: string) =>
    faults.push({ path: 'seals.json', place, code, message })
  const known = z.array(sealerSchema).safeParse(sealers)
  const stated = z.array(sealSchema).safeParse(seals)
  if (!known.success) fault('', 'sealers', 'sealers.json is not a list of sealers')
  if (!stated.success) fault('', 'seals', 'seals.json is not a list of seals')
  const good = new Map<string, Seal>()
  for (const [i, seal] of (stated.data ?? []).entries()) {
    const wrong = wrongWith(seal, known.data ?? [])
    if (wrong !== undefined)
      fault(`/${i}`, 'seal', `the seal of ${seal.path} does not count: ${wrong}`)
    else if (good.has(seal.path)) fault(`/${i}`, 'seal', `${seal.path} is sealed twice`)
    else good.set(seal.path, seal)
  }
  const sealedAt: SealedAt = (path, digest) => {
    const seal = good.get(path)
    if (seal === undefined) return undefined
    if (seal.sha256 === digest) return seal.sealedAt
    faults.push({
      path,
      place: '',
      code: 'changed',
      message: 'the file changed after it was sealed; undo the change, or write a new version',
    })
    return undefined
  }
  return { sealedAt, faults }
}

/** Why a seal does not count, or undefined. */
function wrongWith(seal: Seal, sealers: readonly Sealer[]): string | undefined {
  const folder = seal.path.split('/')[0] ?? ''
  const signers = seal.signatures.map((each) => signerOf(each, seal, sealers))
  const counting = signers.filter(
    (signer) =>
      signer !== undefined && (signer.folders.includes('*') || signer.folders.includes(folder)),
  )
  const roles = new Set(counting.map((signer) => signer?.role))
  const keys = new Set(counting.map((signer) => signer?.jwk.x))
  if (counting.length < signers.length) return 'a signature is not of a sealer trusted here for it'
  if (roles.size < 2 || keys.size < 2)
    return 'it needs a legal and a data-protection sealer, with two different keys'
  return undefined
}

const headerSchema = z.strictObject({
  alg: z.literal('EdDSA'),
  kid: z.string(),
  typ: z.literal(typ),
})

/** The sealer who made a signature over exactly this seal. */
function signerOf(jws: string, seal: Seal, sealers: readonly Sealer[]): Sealer | undefined {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.')
  if (more.length > 0 || payload !== payloadOf(seal)) return undefined
  const parsed = headerSchema.safeParse(json(header))
  const sealer = parsed.success ? sealers.find(({ kid }) => kid === parsed.data.kid) : undefined
  if (sealer === undefined) return undefined
  const key = createPublicKey({ key: sealer.jwk, format: 'jwk' })
  const bytes = Buffer.from(signature, 'base64url')
  return verify(null, Buffer.from(`${header}.${payload}`), key, bytes) ? sealer : undefined
}

function json(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

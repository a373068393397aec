/** Who may seal and release, and what a seal says. */

import * as z from 'zod'
import { linkSchema } from './chain.ts'
import { sentence } from './sentence.ts'

const file = {
  path: z.string().regex(/^[a-z0-9/.-]+\.json$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
}

/** Why somebody signs a statement. */
export const whySchema = sentence

/** Changes in a version that no case notices, and why both signers accept that. */
const unnoticed = z.strictObject({
  why: sentence,
  changes: z.array(z.string().min(1).max(1000)).min(1).max(1000),
})

/** What two people state on a file: that it counts, or from when it no longer does. */
const sealBodySchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('seal'),
    ...file,
    why: sentence,
    unnoticed: unnoticed.optional(),
  }),
  z.strictObject({ act: z.literal('retire'), ...file, from: z.iso.datetime(), why: sentence }),
])
export type SealBody = z.infer<typeof sealBodySchema>

/** A signature on a seal: a JWS, or what a person's own program made, in DER (`attached.ts`). */
const sealSignature = z.union([z.string(), z.strictObject({ cms: z.base64().max(87_380) })])
export type SealSignature = z.infer<typeof sealSignature>

/** A statement of the chain `policies/<folder>/seals.json`, before anybody has signed it. */
export const sealLinkSchema = linkSchema(sealBodySchema)

/** The same, signed. */
export const sealSchema = sealLinkSchema.extend({
  /** Those of two different sealers over the statement. With only one, it does not count yet. */
  signatures: z.array(sealSignature).min(1).max(4),
})
export type Seal = z.infer<typeof sealSchema>

/** The public half of a key that signs law. */
export const sealingJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  // The one way to write 32 bytes: keys are compared as they are written.
  x: z.string().regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/),
})

/** `policies/sealers.json`: who may seal what. A deployment brings its own. */
export const sealerSchema = z
  .strictObject({
    kid: z.string().min(1).max(64),
    name: z.string().min(1).max(120),
    role: z.enum(['legal', 'data-protection']),
    /** Folders of `policies/` that this person may seal; `*` for all. */
    folders: z.array(z.string()).min(1),
    /** The key that signs here; and the certificate of whoever signs in a program of their own, DER in base64. */
    jwk: sealingJwk.optional(),
    certificate: z.base64().max(16_000).optional(),
  })
  .refine(({ jwk, certificate }) => jwk !== undefined || certificate !== undefined, {
    path: ['jwk'],
    message: 'a sealer has a key (`jwk`), a `certificate`, or both',
  })
export type Sealer = z.infer<typeof sealerSchema>

/** `policies/release-keys.json`: the keys with which a deployment signs the set of its law. */
export const releaseKeySchema = z.strictObject({
  kid: z.string().min(1).max(64),
  name: z.string().min(1).max(120),
  jwk: sealingJwk,
  /** For a key that no longer signs: since when. The floors that it signed before still stand. */
  leftAt: z.iso.datetime().optional(),
})
export type ReleaseKey = z.infer<typeof releaseKeySchema>

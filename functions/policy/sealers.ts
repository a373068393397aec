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

/** A statement of the chain `policies/<folder>/seals.json`. */
export const sealSchema = linkSchema(sealBodySchema).extend({
  /** JWS of two different sealers over the statement. With only one, it does not count yet. */
  signatures: z.array(z.string()).min(1).max(4),
})
export type Seal = z.infer<typeof sealSchema>

/** `policies/sealers.json`: who may seal what. A deployment brings its own. */
export const sealerSchema = z.strictObject({
  kid: z.string().min(1).max(64),
  name: z.string().min(1).max(120),
  role: z.enum(['legal', 'data-protection']),
  /** Folders of `policies/` that this key may seal; `*` for all. */
  folders: z.array(z.string()).min(1),
  jwk: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
})
export type Sealer = z.infer<typeof sealerSchema>

/** `policies/release-keys.json`: the keys with which a deployment signs the set of its law. */
export const releaseKeySchema = sealerSchema.pick({ kid: true, name: true, jwk: true }).extend({
  /** For a key that no longer signs: since when. The floors that it signed before still stand. */
  leftAt: z.iso.datetime().optional(),
})
export type ReleaseKey = z.infer<typeof releaseKeySchema>

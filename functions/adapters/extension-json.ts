/** What the sealer sends to the signer and what the signer answers, as JSON with bytes in base64url. */

import * as z from 'zod'
import { holderOf } from '../ledger/looks-log.ts'
import type { Extension, Signer } from '../log-ports.ts'

/** Most hashes of a proof between two sizes of 53 bits (RFC 6962 §2.1.2). */
const proofMax = 64
/** Longest note, characters: a checkpoint with one signature has fewer than 1,000. */
const noteMax = 4096

const hash = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'a hash is 32 bytes in base64url')
  .transform((text) => Uint8Array.from(Buffer.from(text, 'base64url')))
const size = z.int().min(0)

/** What a signer accepts: extensions of this gateway's logs, and of no other log. */
export const extensionSchema = (gateway: string) =>
  z.strictObject({
    log: z
      .string()
      .max(200)
      .refine((log) => holderOf(log, gateway) !== undefined, 'it is no log of this gateway'),
    size,
    root: hash,
    from: size,
    proof: z.array(hash).max(proofMax),
  })

/** An extension as JSON. */
export const extensionJson = ({ root, proof, ...rest }: Extension) => ({
  ...rest,
  root: base64url(root),
  proof: proof.map(base64url),
})

/** What a signer answers. */
export const signingSchema: z.ZodType<Awaited<ReturnType<Signer['sign']>>> = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('signed'), note: z.string().max(noteMax) }),
    z.strictObject({ kind: z.literal('stale'), size }),
    z.strictObject({ kind: z.literal('refused'), why: z.string().max(noteMax) }),
  ],
)

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** The register: which agencies take part, what they are, and the keys with which they sign. */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { enumOf } from '../policy/policy.ts'
import { officerSchema } from './officers.ts'

const instant = z.iso.datetime()
/** ISO 3166-1 alpha-2, or INTERPOL, EUROPOL. */
export const jurisdiction = z.string().regex(/^([A-Z]{2}|INTERPOL|EUROPOL)$/)
/** A public key as entered. Private members are refused. */
export const newKeySchema = z.strictObject({
  kid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  alg: z.enum(['ES256', 'EdDSA']),
  from: instant,
  until: instant.optional(),
  /** The channel that it signs on; absent if its agency has only one channel. */
  channel: enumOf('request.channel').optional(),
  jwk: z.union([
    z.strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
    }),
    z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
  ]),
})
/** A public key with which an agency signs, and whether it still does. */
const key = newKeySchema.extend({
  status: z.enum(['active', 'revoked']),
  /** Since when others may have had it. Nothing leaves because of what it vouched for from then on. */
  compromisedSince: instant.optional(),
})
export type AgencyKey = z.infer<typeof key>

/** How to reach a holder's own system. Nothing reads it yet. */
const system = z.strictObject({
  /** Its address, without a path. */
  address: z.url({ protocol: /^https$/ }),
  /** The private CA of its certificate, PEM; absent if a public CA signs it. */
  ca: z.string().startsWith('-----BEGIN CERTIFICATE-----').max(8000).optional(),
  /** The networks it answers from, such as `198.51.100.0/24` (RFC 4632). */
  network: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .max(10)
    .optional(),
})

/** An agency as registered. */
export const agencySchema = z.strictObject({
  id: agencyId,
  name: z.string().min(2).max(160),
  jurisdiction,
  authorityType: enumOf('requester.authorityType'),
  status: z.enum(['active', 'suspended']),
  /** IANA time zone of its days. */
  timeZone: z.string(),
  channels: z.array(enumOf('request.channel')),
  /** Codes of the duties that its own law forbids it to keep. */
  cannotHonour: z.array(z.string()),
  /**
   * The holders for whose requests it may attest facts, and which facts. It attests for itself only if
   * listed. `*` stands for every fact that an office of its kind may vouch for, and no other.
   */
  attests: z.array(z.strictObject({ holder: agencyId, facts: z.array(z.string()) })),
  /** Whether it keeps records in this gateway. */
  holdsRecords: z.boolean(),
  /** Offices whose decisions it may enter, naming the digest of a document each time. */
  entersFor: z.array(agencyId).optional(),
  /** Offices that it succeeded: it may withdraw what they attested. */
  succeeds: z.array(agencyId).optional(),
  /** For a holder: hours that its officer's decision to release stands. */
  releaseHours: z.int().min(1).max(72).optional(),
  requestsPerMinute: z.int().positive(),
  /**
   * What it may do instead of asking and answering, for its own jurisdiction: look at the log, approve what
   * needs two, or edit policies. Nobody has two roles.
   */
  role: z.enum(['auditor', 'approver', 'legal-editor']).optional(),
  /**
   * The officers that it named. Once it has named any, nobody else decides for it; until then, anybody for
   * whom it signs may.
   */
  officers: z.array(officerSchema).optional(),
  /** The origin of the gateway that serves its records, for callers that ask another gateway. */
  gateway: z
    .url({ protocol: /^https$/ })
    .regex(/^https:\/\/[^/?#@]+$/, 'an origin such as https://gateway.example')
    .optional(),
  /** Its own system, if it has one. */
  system: system.optional(),
  /** Revoked keys stay, to check what they signed. */
  keys: z.array(key).max(100),
})
export type Agency = z.infer<typeof agencySchema>

/** The channel of a key: its own, or the only one of its agency; otherwise undefined. */
export function channelOfKey({ keys, channels }: Agency, kid: string): string | undefined {
  const own = keys.find((key) => key.kid === kid)?.channel
  return own ?? (channels.length === 1 ? channels[0] : undefined)
}

/** The register: which agencies take part, what they are, and the keys with which they sign. */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { enumOf } from '../policy/policy.ts'
import { officerSchema } from './officers.ts'

const instant = z.iso.datetime()
/** ISO 3166-1 alpha-2, or INTERPOL, EUROPOL. */
export const jurisdiction = z.string().regex(/^([A-Z]{2}|INTERPOL|EUROPOL)$/)
/** A public key as it is entered. Private members are refused. */
export const newKeySchema = z.strictObject({
  kid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  alg: z.enum(['ES256', 'EdDSA']),
  from: instant,
  until: instant.optional(),
  /** The channel that it signs on; absent for an agency that is on one channel alone. */
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
/** A public key that an agency signs with, and whether it still does. */
const key = newKeySchema.extend({
  status: z.enum(['active', 'revoked']),
  /** Since when others may have had it: what it vouched for from then on lets nothing go. */
  compromisedSince: instant.optional(),
})
export type AgencyKey = z.infer<typeof key>

/** How a holder's own system is reached, once the gateway asks it; nothing reads it yet. */
const system = z.strictObject({
  /** Where it answers, without a path. */
  address: z.url({ protocol: /^https$/ }),
  /** The private CA that signs its certificate, PEM; absent where a public one does. */
  ca: z.string().startsWith('-----BEGIN CERTIFICATE-----').max(8000).optional(),
  /** The networks that it answers from, such as `198.51.100.0/24` (RFC 4632). */
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
  /** IANA time zone in which its days are counted. */
  timeZone: z.string(),
  channels: z.array(enumOf('request.channel')),
  /** Codes of duties that its own law forbids it to keep. */
  cannotHonour: z.array(z.string()),
  /**
   * Whose requests it may attest facts for, and which; an agency is not its own attester unless listed.
   * `*` stands for every fact that an office of its kind may vouch for, and for no other.
   */
  attests: z.array(z.strictObject({ holder: agencyId, facts: z.array(z.string()) })),
  /** Whether it keeps records in this gateway. */
  holdsRecords: z.boolean(),
  /** Offices whose decisions it may enter, each with the digest of a document. */
  entersFor: z.array(agencyId).optional(),
  /** Offices that it took over: it may withdraw what they vouched for. */
  succeeds: z.array(agencyId).optional(),
  /** Of a holder: for how many hours its officer's decision to release stands. */
  releaseHours: z.int().min(1).max(72).optional(),
  requestsPerMinute: z.int().positive(),
  /**
   * What it may do beside asking and answering, for its own jurisdiction: look at the log, approve
   * what needs two, edit policies. Nobody has two of them.
   */
  role: z.enum(['auditor', 'approver', 'legal-editor']).optional(),
  /**
   * Those whom it named, once it has named any: then nobody else decides anything for it. Until then every
   * officer does for whom it signs.
   */
  officers: z.array(officerSchema).optional(),
  /** The origin of the gateway that serves its records, for whoever asks another. */
  gateway: z
    .url({ protocol: /^https$/ })
    .regex(/^https:\/\/[^/?#@]+$/, 'an origin such as https://gateway.example')
    .optional(),
  /** Where its own system is, for a holder that has one. */
  system: system.optional(),
  /** Revoked ones stay: what they signed is still to be checked. */
  keys: z.array(key).max(100),
})
export type Agency = z.infer<typeof agencySchema>

/** The channel of a key: its own, or the only one that its agency is on. Otherwise it is not known. */
export function channelOfKey({ keys, channels }: Agency, kid: string): string | undefined {
  const own = keys.find((key) => key.kid === kid)?.channel
  return own ?? (channels.length === 1 ? channels[0] : undefined)
}

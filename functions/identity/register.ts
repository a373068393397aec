/** The register: which agencies take part, what they are, and the keys with which they sign. */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { enumOf, partyPattern } from '../policy/fact-types.ts'
import { passkeySchema } from '../policy/passkey.ts'
import { dutySchema } from './duty.ts'
import { officerSchema } from './officers.ts'

const instant = z.iso.datetime()
/** ISO 3166-1 alpha-2, or a body. */
export const jurisdiction = z.string().regex(partyPattern)
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

/** A passkey as entered: it signs calls of one officer, in a browser, and nothing else. */
export const newPasskeySchema = newKeySchema.extend({ passkey: passkeySchema })
export type NewPasskey = z.infer<typeof newPasskeySchema>
/** A passkey of an officer, and whether it still signs. */
const passkey = key.extend({ passkey: passkeySchema })
export type OfficerPasskey = z.infer<typeof passkey>

/** Where a server is, and no place on it. */
const origin = z
  .url({ protocol: /^https$/ })
  .regex(/^https:\/\/[^/?#@]+$/, 'an origin such as https://gateway.example')

/**
 * A holder's own system. With an address, the gateway asks it there; without one, it fetches its questions, by
 * `comity bridge`.
 */
const system = z.strictObject({
  /** Its address, without a path: nothing else of one would be used. */
  address: origin.optional(),
  /** The private CA of its certificate, PEM; absent if a public CA signs it. */
  ca: z.string().startsWith('-----BEGIN CERTIFICATE-----').max(8000).optional(),
  /**
   * The networks that its address must be in, such as `198.51.100.0/24` (RFC 4632). Without it, any public address;
   * a private one only if a network named here lies within private ones.
   */
  network: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .max(10)
    .optional(),
})

/** A time that a holder sets itself: hours by the clock, or working days to the end of the last. */
const ownTimeSchema = z.union([
  z.strictObject({ hours: z.int().min(1).max(720) }),
  z.strictObject({ workingDays: z.int().min(1).max(60) }),
])

/** Whether an agency only plays one, for tests of systems, as `DE-TEST` does. `prod` knows none. */
export const isTestPartner = (id: string): boolean => id.split('-').slice(1).includes('TEST')

/** An agency as registered. */
export const agencySchema = z.strictObject({
  id: agencyId.refine(
    (id) => !id.includes('-EXT-'),
    '`EXT` is for authorities that have not joined',
  ),
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
  /** Offices that it succeeded: it may take back what they attested. */
  succeeds: z.array(agencyId).optional(),
  /** For a holder: hours that its officer's decision to release stands. */
  releaseHours: z.int().min(1).max(72).optional(),
  /** Its public holidays. */
  holidays: z.array(z.iso.date()).max(200).optional(),
  /** Whom to phone, and when somebody is there. */
  duty: dutySchema.optional(),
  /** For a holder: offices that vouch for its requests beside itself, in the order in which they are asked. */
  offices: z.array(agencyId).max(8).optional(),
  /** For a holder: its own times to answer where no law names one, by how urgent a request is. */
  answerWithin: z.partialRecord(enumOf('request.urgency'), ownTimeSchema).optional(),
  /**
   * For a holder: for how many persons one officer may ask it in one case before an officer of its own confirms
   * each further answer. Its own choice; without it there is no bound.
   */
  personsPerCase: z.int().min(1).max(1000).optional(),
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
  gateway: origin.optional(),
  /** Its own system, if it has one. */
  system: system.optional(),
  /** Revoked keys stay, to check what they signed. */
  keys: z.array(key).max(100),
  /** Passkeys of its officers. They sign an officer’s calls and nothing else, so they stand apart from its keys. */
  passkeys: z.array(passkey).max(500).optional(),
})
export type Agency = z.infer<typeof agencySchema>

/** Everything that signs calls for an agency: its keys, and its officers’ passkeys. */
export const callKeysOf = ({
  keys,
  passkeys = [],
}: Pick<Agency, 'keys' | 'passkeys'>): readonly (AgencyKey | OfficerPasskey)[] => [
  ...keys,
  ...passkeys,
]

/** The passkeys with which an officer signs by now. */
export const passkeysOf = (
  { passkeys = [] }: Pick<Agency, 'passkeys'>,
  officer: string,
): readonly OfficerPasskey[] =>
  passkeys.filter((each) => each.status === 'active' && each.passkey.officer === officer)

/** The channel of a key: its own, or the only one of its agency; otherwise undefined. */
export function channelOfKey(agency: Agency, kid: string): string | undefined {
  const own = callKeysOf(agency).find((key) => key.kid === kid)?.channel
  return own ?? (agency.channels.length === 1 ? agency.channels[0] : undefined)
}

/**
 * Whether who signs second, for another office, is surely who signed first: by a key that both have, or by one login.
 * What needs two people is not done by one in two offices.
 */
export function isSamePerson(second: Signer & { readonly kid: string }, first: Signer): boolean {
  if (second.agency.id === first.agency.id) return false
  const key = second.agency.keys.find(({ kid }) => kid === second.kid)
  const [login, other] = [second, first].map(
    ({ agency, officer }) => agency.officers?.find(({ id }) => id === officer)?.login,
  )
  return (
    first.agency.keys.some(({ jwk }) => jwk.x === key?.jwk.x) ||
    (login !== undefined && login.iss === other?.iss && login.sub === other.sub)
  )
}

/** Who signs for an agency. */
type Signer = { readonly agency: Agency; readonly officer: string }

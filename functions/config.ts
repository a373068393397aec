/** The configuration of each door, from its environment: one type each, checked at start. */

import * as z from 'zod'
import { openAddress } from './adapters/store-address.ts'
import { tables } from './adapters/tables.ts'
import { ComityError } from './failure.ts'
import { agreedSchema, faultOfHolds, holdsSchema } from './identity/holds.ts'
import { hasDemonstration, type Registrar, registrarsSchema } from './identity/registrars.ts'
import { gatewayPattern } from './ledger/looks-log.ts'
import { tipSchema } from './policy/chain.ts'
import { readOnce } from './policy/json.ts'

const text = z.string().min(1)

/** A whole number, written as one: what is left empty is not 0. */
export const whole = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number)

const tableNames = Object.fromEntries(
  Object.values(tables).map(({ variable }) => [variable, text]),
) as Readonly<Record<(typeof tables)[keyof typeof tables]['variable'], typeof text>>

/** A value written as JSON. */
export const json = z.string().transform((written, context) => {
  try {
    return JSON.parse(written) as unknown
  } catch {
    context.addIssue('it is not JSON')
    return z.NEVER
  }
})

/** For every door that reads the register. */
const registrars = {
  /** The first registrars, as JSON, `[{"kid":"…","name":"…","jwk":{…}}]`: the root of all agencies and keys. */
  COMITY_REGISTRARS: json.pipe(registrarsSchema),
  /** The least tip of their chain, `{"number":2,"digest":"…"}`: an older table is refused. */
  COMITY_REGISTER_FLOOR: json.pipe(tipSchema).optional(),
  /** The deployment; only `dev` accepts registrars whose private keys everybody knows. */
  COMITY_ENVIRONMENT: text.optional(),
}
const isTrusted = (given: {
  readonly COMITY_REGISTRARS: readonly Registrar[]
  readonly COMITY_ENVIRONMENT?: string | undefined
}) => given.COMITY_ENVIRONMENT === 'dev' || !hasDemonstration(given.COMITY_REGISTRARS)
const known = {
  path: ['COMITY_REGISTRARS'],
  message: 'everybody has the private keys of the demonstration: only `dev` takes them',
}

const originSchema = z
  .url()
  .regex(/^https?:\/\/[^/]+$/, 'an origin such as https://gateway.example')

const some = {
  /** The gateway's name in log names. */
  COMITY_GATEWAY: z.string().regex(gatewayPattern),
  /** Another DynamoDB than AWS's own. */
  COMITY_DYNAMODB_ENDPOINT: z.url({ abort: true }).optional(),
}

/** What every door that serves records is told. */
export const gateway = z.object({
  ...tableNames,
  ...some,
  ...registrars,
  /** The address of the gateway that callers sign for, without a path. */
  COMITY_ORIGIN: originSchema,
  /** How long a matter can be asked again with its attestations, days; `matterDaysMax` at most. */
  COMITY_MATTER_DAYS: whole.pipe(z.int().min(1).max(90)).optional(),
  /** Whose records it serves, `DE` or `DE,FR`; all if absent. In `prod`, one. */
  COMITY_HOLDS: holdsSchema.optional(),
  /** The sentence that lets a gateway in `prod` serve several jurisdictions. */
  COMITY_HOLDS_AGREED: agreedSchema.optional(),
})

/** Checks a door that serves records: that it may trust its registrars, and may serve its jurisdictions. */
export const checked = <Door extends typeof gateway>(door: Door) =>
  door.refine(isTrusted, known).superRefine((given, context) => {
    const { COMITY_ENVIRONMENT, COMITY_HOLDS, COMITY_HOLDS_AGREED } = given as Config
    const isAgreed = COMITY_HOLDS_AGREED !== undefined
    const message = faultOfHolds(COMITY_ENVIRONMENT, COMITY_HOLDS, isAgreed)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['COMITY_HOLDS'], message })
  })

/** The keys that signed the law in the function's bundle: SHA-256 of what `digestOfKeys` digests. */
export const lawKeys = { COMITY_LAW_KEYS: z.string().regex(/^[0-9a-f]{64}$/) }

const access = gateway.extend({
  ...lawKeys,
  /** The KMS key that wraps the gateway's secrets. */
  COMITY_KMS_KEY: text,
  /** The bucket of sealed logs; without it, nothing can be proved. */
  COMITY_ARCHIVE: text.optional(),
})

/**
 * A time-stamping authority (RFC 3161) as JSON, `{"url":"https://…","certificate":"<base64 of DER>"}`, with
 * `policy`, an object identifier, if its tokens must follow certain rules. Without an authority, nothing is
 * stamped.
 */
export const stamps = json.pipe(
  z.strictObject({
    url: openAddress({ protocol: /^https?$/ }),
    certificate: z.base64().min(1),
    policy: z
      .string()
      .regex(/^[0-2](\.\d+)+$/)
      .optional(),
  }),
)

/**
 * The login providers of the console (OpenID Connect), `{"iss":"https://login.example","name":"…","clientId":"…"}`
 * each. A change of their order changes where people come back to.
 */
export const logins = z
  .array(
    z.strictObject({
      iss: z
        .url({ protocol: /^https?$/, abort: true })
        .refine(
          (iss) => new URL(iss).protocol === 'https:' || new URL(iss).hostname === 'localhost',
          'a login provider is asked by TLS alone: https://…',
        ),
      name: z.string().min(1).max(60),
      clientId: z.string().min(1).max(200),
    }),
  )
  .max(5)

/** Witnesses of the log, and where they are asked. */
export const witnesses = z.array(z.strictObject({ vkey: text, url: openAddress() }))

const log = {
  COMITY_KMS_KEY: text,
  COMITY_ARCHIVE: text,
  /** The KMS key that signs checkpoints. */
  COMITY_CHECKPOINT_KEY: text,
  /** Witnesses as JSON, `[{"vkey":"…","url":"https://…"}]`; and how many must cosign. */
  COMITY_WITNESSES: json.pipe(witnesses),
  COMITY_QUORUM: whole,
}

const looks = gateway.extend({ ...lawKeys, ...log })

const audit = looks.extend({
  /** The function that seals. */
  COMITY_SEAL_FUNCTION: text,
})

const seal = z.object({
  ...some,
  ...log,
  ...registrars,
  COMITY_ATTESTATIONS_TABLE: text,
  COMITY_DECISIONS_TABLE: text,
  COMITY_KEYS_TABLE: text,
  COMITY_LOOKUPS_TABLE: text,
  COMITY_REGISTER_TABLE: text,
  COMITY_SEALING_TABLE: text,
  /** The function that signs. */
  COMITY_SIGN_FUNCTION: text,
  COMITY_STAMPS: stamps.optional(),
})

const sign = z.object({
  ...some,
  COMITY_SIGNATURES_TABLE: text,
  COMITY_CHECKPOINT_KEY: text,
})

const console = looks.extend({
  COMITY_LOGINS: json.pipe(logins),
  /** The KMS key with which the console proves to a login provider who asks. */
  COMITY_LOGIN_KEY: text,
  /** The address of the API for agencies, which acts are signed for, and the function that answers there. */
  COMITY_ACCESS_ORIGIN: originSchema,
  COMITY_ACCESS_FUNCTION: text,
})

/** What a door that looks at the log is told. */
export type LookConfig = z.infer<typeof looks>
/** The configuration of every door that answers agencies or auditors. */
export type Config = z.infer<typeof gateway>

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads a gateway's configuration; throws with every fault at once, as the functions below do. */
export const readConfig = (environment: Environment): Config => read(checked(gateway), environment)

/** The configuration of the door for agency systems. */
export const readAccessConfig = (environment: Environment) => read(checked(access), environment)

/** The configuration of the door for auditors. */
export const readAuditConfig = (environment: Environment) => read(checked(audit), environment)

/** The configuration of the console. */
export const readConsoleConfig = (environment: Environment) => read(checked(console), environment)

/** The configuration of the sealer. */
export const readSealConfig = (environment: Environment) =>
  read(seal.refine(isTrusted, known), environment)

/** The time-stamping authority of the gateway on one machine, if one is named. */
export const readStampConfig = (environment: Environment) =>
  read(z.object({ COMITY_STAMPS: stamps.optional() }), environment).COMITY_STAMPS

/** The configuration of the signer. */
export const readSignConfig = (environment: Environment) => read(sign, environment)

/** Reads a door’s configuration by its schema; throws with every fault at once. */
export function read<T>(schema: z.ZodType<T>, environment: Environment): T {
  const result = schema.safeParse(environment, { ...readOnce, error: inWords })
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new ComityError(`couldn’t start: ${faults.join('; ')}`)
}

/**
 * What is wrong with a value, where its schema has no sentence of its own. Never says the value, nor a name that was
 * given: either may be a secret in the wrong place.
 */
function inWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'it is not set' : `it has to be of type ${issue.expected}`
    case 'invalid_format':
      return issue.format === 'url'
        ? 'it is no address such as https://gateway.example'
        : `it is not of the form ${issue.pattern ?? issue.format}`
    case 'invalid_value':
      return `it has to be one of ${issue.values.join(', ')}`
    case 'too_small':
      return issue.origin === 'number'
        ? `it has to be ${issue.minimum} at least`
        : `it is empty, or shorter than ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'number'
        ? `it has to be ${issue.maximum} at most`
        : `it is longer than ${issue.maximum}`
    case 'unrecognized_keys':
      return 'nothing has this name here; leave it out'
    default:
      return 'it is not of the form that infra/README.md and infra/MACHINES.md show'
  }
}

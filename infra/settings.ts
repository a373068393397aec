/** What differs between deployments: one type, read from the context and checked. */

import * as z from 'zod'
import { matterDaysMax } from '../functions/answer/ask/matter.ts'
import { usualInstances } from '../functions/cli/doctor/usual-instances.ts'
import { logins } from '../functions/config.ts'
import { agreedSchema, faultOfHolds, holdsSchema } from '../functions/identity/holds.ts'
import {
  demonstrationRegistrars,
  hasDemonstration,
  registrarsSchema,
} from '../functions/identity/registrars.ts'
import { tipSchema } from '../functions/policy/chain.ts'
import { suggest } from '../functions/policy/suggest.ts'

const name = z.string().regex(/^[a-z0-9.-]+$/, 'lower-case letters, digits, dot, hyphen')
/** On the command line, numbers come as text. */
const count = z.coerce.number().int().min(1)

/** A list comes as one from `cdk.json`, and as text from the command line. */
function fromText(given: unknown): unknown {
  if (typeof given !== 'string') return given ?? []
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}

/** An id of EC2, such as `subnet-0a1b2c3d`. */
const idOf = (kind: string) =>
  z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `an id such as ${kind}-0a1b2c3d`)

const yesOrNo = z.preprocess(
  (given) => (typeof given === 'string' ? fromText(given) : given),
  z.boolean('true or false'),
)

type Limits = { readonly timeoutSeconds: readonly [number, number, number] }

/** Memory and time of a function; of its time, the least, what is usual, and the most. */
const size = ({ timeoutSeconds: [least, usual, most] }: Limits) =>
  z.strictObject({
    memoryMb: count.min(256).max(10_240).default(512),
    timeoutSeconds: count.min(least).max(most).default(usual),
  })

/** The same of a function that answers callers. */
const door = ({ instances, ...limits }: Limits & { readonly instances: number }) =>
  size(limits)
    .extend({
      instancesMax: count.default(instances),
      provisioned: z.coerce.number().int().min(0).default(0),
    })
    .refine(({ provisioned, instancesMax }) => provisioned <= instancesMax, {
      message: 'more would be kept warm than there may be at a time: raise `instancesMax`, too',
      path: ['provisioned'],
    })
    .prefault({})

/** The sentence that a deployment in `prod` must state if no witness need cosign. */
export const unwitnessed = 'nobody but its operator vouches that all are shown one log'

/** Sets of Regions in which DynamoDB has a second one agree to each write. A table stays in one set. */
const regionSets = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-central-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
]
const inOneSet = (regions: readonly string[]) =>
  new Set(regions).size === 3 &&
  regionSets.some((set) => regions.every((region) => set.includes(region)))

const versionOfFile = /^s3:\/\/([a-z0-9.-]+)\/([^?]+)\?versionId=([^&?]+)$/
const truststore = z
  .string()
  .regex(
    versionOfFile,
    'one version of a file in S3, s3://bucket/key?versionId=…, so that whoever is trusted changes by a deployment alone',
  )
  .transform((uri) => {
    const [, bucket = '', key = '', version = ''] = versionOfFile.exec(uri) ?? []
    return { bucket, key, version }
  })

const shape = {
  /** Part of the stack's name. */
  environment: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,20}$/)
    .default('dev'),
  /**
   * Three Regions, `eu-central-1,eu-west-1,eu-west-3`: that of the stack, that of the replicas, and a
   * third that only witnesses writes. To be said at the first deployment: tables must be empty for it.
   */
  regions: z
    .preprocess(
      (given) => (typeof given === 'string' ? given.split(',') : given),
      z.array(z.string()).refine(inOneSet, {
        message: `name three different Regions of one of these sets: ${regionSets.map((set) => set.join(', ')).join('; ')}`,
      }),
    )
    .transform(([home = '', replica = '', witness = '']) => ({ home, replica, witness }))
    .optional(),
  /** The gateway's name in log names: the same for ever, once there are entries. */
  gateway: name.optional(),
  /** A domain of one's own and its certificate in ACM; without them, the address that AWS gives. */
  domain: name.optional(),
  certificate: z.string().startsWith('arn:').optional(),
  /** The same for auditors, who call another address. */
  auditDomain: name.optional(),
  auditCertificate: z.string().startsWith('arn:').optional(),
  /** Whose certificates callers must show, for each door: one version of a file of CAs in S3. */
  truststore: truststore.optional(),
  auditTruststore: truststore.optional(),
  /**
   * What each function has, `{"access":{"memoryMb":1024,"instancesMax":40,"provisioned":2}}`: memory, how long a call
   * may take, most instances at a time, and how many are kept warm, which is paid for by the hour.
   */
  functions: z.preprocess(
    (given) => (given === undefined ? {} : fromText(given)),
    z.strictObject({
      // Longer than the store is waited for, shorter than the API waits, which is 30 s.
      // A door ends its calls to the store 2 s before the least (`answer-ends.ts`).
      access: door({ timeoutSeconds: [15, 15, 29], instances: usualInstances.access }),
      audit: door({ timeoutSeconds: [29, 29, 29], instances: usualInstances.audit }),
      console: door({ timeoutSeconds: [29, 29, 29], instances: usualInstances.console }),
      // Parts of the stream, the clock and an act on a subject may call at once.
      seal: size({ timeoutSeconds: [60, 60, 300] })
        .extend({ instancesMax: count.min(2).default(usualInstances.seal) })
        .prefault({}),
      // The sealer waits for 10 s. One instance: it is asked a few times a minute.
      sign: size({ timeoutSeconds: [5, 10, 10] }).prefault({}),
    }),
  ),
  /**
   * Whether these instances are reserved: the account's other functions can then not take them, nor a function
   * more. AWS leaves 100 of an account unreserved, and a new account has fewer. A trial reserves none.
   */
  reserveInstances: yesOrNo.optional(),
  /**
   * A private network in which functions run, `{"vpc":"vpc-…","subnets":["subnet-…","subnet-…"],
   * "securityGroups":["sg-…"],"routeTables":["rtb-…"],"proxy":"http://proxy.internal:3128"}`: subnets of two zones
   * at least. The stack makes the ways to AWS, unless `endpoints` is false; through the proxy go witnesses and stamps.
   */
  network: z.preprocess(
    (given) => (typeof given === 'string' ? fromText(given) : given),
    z
      .strictObject({
        vpc: idOf('vpc'),
        subnets: z.array(idOf('subnet')).min(2, 'subnets of two zones at least').max(16),
        securityGroups: z.array(idOf('sg')).min(1).max(5),
        routeTables: z.array(idOf('rtb')).max(20).default([]),
        endpoints: z.boolean().default(true),
        proxy: z
          .url({ protocol: /^https?$/ })
          .refine((proxy) => new URL(proxy).username === '', 'without a name or password')
          .optional(),
      })
      .refine(({ endpoints, routeTables }) => !endpoints || routeTables.length > 0, {
        message: 'name those of the subnets, by which DynamoDB and S3 are reached',
        path: ['routeTables'],
      })
      .optional(),
  ),
  /** Calls a second, over all agencies, and how many more may come at once. */
  callsPerSecond: count.default(100),
  callsAtOnce: count.default(200),
  /** How long one call in ten goes to a new build, before all do; 0 is all at once. */
  canaryMinutes: z.coerce
    .string()
    .pipe(z.enum(['0', '5', '10', '15', '30'], 'one of 0, 5, 10, 15 and 30'))
    .optional(),
  /**
   * Whose records it serves: `DE`. In `prod` one jurisdiction alone: no state lets the operator of another see
   * its records, unless `holdsAgreed` says in so many words that these do.
   */
  holds: z
    .preprocess((given) => (Array.isArray(given) ? given.join() : given), holdsSchema)
    .optional(),
  holdsAgreed: agreedSchema.optional(),
  /** For how many days what is attested of a matter counts when it is asked again. */
  matterDays: count.max(matterDaysMax).default(matterDaysMax),
  /** For how many days nobody can remove what is archived. Outside `dev`, nobody can shorten it later. */
  archiveDays: count.max(36_500).optional(),
  /** Witnesses of the log, `[{"vkey":"…","url":"https://…"}]`, and how many must cosign a checkpoint. */
  witnesses: z.preprocess(
    fromText,
    z.array(z.strictObject({ vkey: z.string().min(1), url: z.url({ protocol: /^https$/ }) })),
  ),
  quorum: z.coerce.number().int().min(0).default(0),
  /** The sentence without which `prod` asks for a quorum. */
  quorumAgreed: z.literal(unwitnessed, `say it in so many words: “${unwitnessed}”`).optional(),
  /**
   * The first registrars, `[{"kid":"…","name":"…","jwk":{"kty":"OKP","crv":"Ed25519","x":"…"}}]`: three at
   * least. Later ones follow by statements that two of those before sign, without a deployment.
   */
  registrars: z.preprocess(
    (given) => (given === undefined ? demonstrationRegistrars : fromText(given)),
    registrarsSchema,
  ),
  /**
   * How far the chain of registrars has come at least, as `comity agency registrars show` says: functions
   * refuse a register that was put back to before. Outside a trial, raise it with each deployment.
   */
  registerFloor: z.preprocess(
    (given) => (typeof given === 'string' ? fromText(given) : given),
    tipSchema.optional(),
  ),
  /**
   * A time-stamping authority, `{"url":"https://…","certificate":"<DER in base64>"}`: its own certificate or that
   * of a CA above it; with `"policy":"1.2.3"`, under these rules alone. The variables of a function hold 4 KB.
   */
  stamps: z
    .preprocess(
      fromText,
      z.strictObject({
        url: z.url({ protocol: /^https$/ }),
        certificate: z.base64().max(2500),
        policy: z
          .string()
          .regex(/^[0-2](\.\d+)+$/)
          .optional(),
      }),
    )
    .optional(),
  /**
   * Login providers of the console, `[{"iss":"https://login.example","name":"Police login","clientId":"comity"}]`.
   * Without any there is no console.
   */
  logins: z.preprocess(fromText, logins),
  /** Whom alarms go to; whoever else must be woken subscribes to the topic. */
  alarmEmail: z.email().optional(),
}

const together = 'a domain needs a certificate, and a certificate a domain'
const unreached =
  'at the address that AWS gives, nobody is asked for a certificate: give a domain of your own, too'

const schema = z
  .strictObject(shape)
  .refine(({ domain, certificate }) => (domain === undefined) === (certificate === undefined), {
    message: together,
    path: ['certificate'],
  })
  .refine((each) => (each.auditDomain === undefined) === (each.auditCertificate === undefined), {
    message: together,
    path: ['auditCertificate'],
  })
  .refine((each) => each.truststore === undefined || each.domain !== undefined, {
    message: unreached,
    path: ['truststore'],
  })
  .refine((each) => each.auditTruststore === undefined || each.auditDomain !== undefined, {
    message: unreached,
    path: ['auditTruststore'],
  })
  .refine(({ environment, archiveDays }) => environment === 'dev' || archiveDays !== undefined, {
    message: 'say for how many days nobody may remove what is archived: it is for good',
    path: ['archiveDays'],
  })
  .refine(({ environment, registrars }) => environment === 'dev' || !hasDemonstration(registrars), {
    message:
      'name three registrars of your own: everybody has the private keys of the demonstration, which only `dev` takes',
    path: ['registrars'],
  })
  .superRefine(({ environment, holds, holdsAgreed }, context) => {
    const message = faultOfHolds(environment, holds, holdsAgreed !== undefined)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['holds'], message })
  })
  .refine(
    ({ environment, quorum, quorumAgreed }) =>
      environment !== 'prod' || quorum > 0 || quorumAgreed !== undefined,
    {
      message: `name witnesses that others run and how many must cosign, or say as \`quorumAgreed\`: “${unwitnessed}”`,
      path: ['quorum'],
    },
  )
  .refine(({ quorum, witnesses }) => quorum <= witnesses.length, {
    message: 'there are fewer witnesses, so that no checkpoint would ever be published',
    path: ['quorum'],
  })
  .transform((each) => ({
    ...each,
    gateway: each.gateway ?? `comity.${each.environment}`,
    archiveDays: each.archiveDays ?? 1,
    reserveInstances: each.reserveInstances ?? each.environment !== 'dev',
    canaryMinutes: each.canaryMinutes ?? (each.environment === 'dev' ? '0' : '10'),
  }))

/** The settings of one deployment. */
export type Settings = Readonly<z.infer<typeof schema>>

/** A file of certificates in S3, as it was at one time. */
export type Truststore = NonNullable<Settings['truststore']>

/** Reads the settings from the context (`cdk deploy -c environment=test`); throws with every fault. */
export function readSettings(context: (name: string) => unknown): Settings {
  const given = Object.keys(shape)
    .map((name) => [name, context(name)] as const)
    .filter(([, value]) => value !== undefined)
  const result = schema.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Error(`couldn’t read the settings: ${faults.join('; ')}`)
}

/**
 * Refuses a setting that there is not: `-c env=prod`, left aside, would deploy a trial. What CDK keeps in
 * the context beside settings is no single word.
 */
export function refuseUnknown(names: readonly string[]): void {
  const known = Object.keys(shape)
  const unknown = names.filter((name) => /^\w+$/.test(name) && !known.includes(name))
  if (unknown.length === 0) return
  const faults = unknown.map((name) => `there is no setting \`${name}\`${suggest(name, known)}`)
  throw new Error(
    `couldn’t read the settings: ${faults.join('; ')} (infra/settings.ts has them all)`,
  )
}

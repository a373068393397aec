/** The configuration of a gateway on machines of one’s own, from the environment, checked at start. */

import { isAbsolute } from 'node:path'
import * as z from 'zod'
import { isThisMachine } from '../adapters/dynamodb.ts'
import { isPkcs11 } from '../adapters/pkcs11.ts'
import { openAddress, postgresAddress } from '../adapters/store-address.ts'
import { tables } from '../adapters/tables.ts'
import {
  checked,
  type Environment,
  gateway,
  json,
  lawKeys,
  logins,
  read,
  stamps,
  whole,
  witnesses,
} from '../config.ts'

/** Where to listen. */
const address = z
  .string()
  .regex(/^[^\s:/]+:\d{1,5}$/, 'an address such as 127.0.0.1:9464')
  .transform((written) => {
    const [host = '', port = ''] = written.split(':')
    return { host, port: Number(port) }
  })
  .refine(({ port }) => port <= 65_535, 'a port is 65535 at most')

const folder = z.string().refine(isAbsolute, 'a folder by its whole path, such as /var/lib/comity')

/** A key that a hardware module has (RFC 7512). */
const moduleKey = z
  .string()
  .refine(isPkcs11, 'a key of a module: pkcs11:token=T;object=O?module-path=M&pin-source=FILE')
  .optional()

/** The sentence without which nothing is sent to another machine in the open. */
const ownNetwork = 'whoever can listen on this network may read and change what is sent there'

/**
 * Whether an address is by plain HTTP where it may not be: on another machine, unless that is told, and at a public
 * number even then.
 */
function isInTheOpen(url: string, isTold: boolean): boolean {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'http:' || isThisMachine(url)) return false
  const isNumber = /^[\d.]+$|^\[/.test(hostname)
  const isPrivateNumber = /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.|^\[f[cd]/.test(hostname)
  return !isTold || (isNumber && !isPrivateNumber)
}

/** The sentence without which a gateway in `prod` needs a witness. */
const alone = 'nobody outside vouches that all are shown one log'

/** A door on machines of one’s own. Tables have the names of `adapters/tables.ts` unless told. */
const machine = gateway.extend({
  ...lawKeys,
  /** A folder that all machines share, or `s3://BUCKET`. */
  COMITY_ARCHIVE: z
    .string()
    .refine(
      (given) => isAbsolute(given) || /^s3:\/\/[a-z0-9.-]+$/.test(given),
      'a folder by its whole path, or s3://BUCKET',
    ),
  /** An S3 other than AWS’s own. */
  COMITY_S3_ENDPOINT: openAddress({ protocol: /^https?$/ }).optional(),
  /** The sentence that lets store, S3 and witnesses be on another machine of a private network without TLS. */
  COMITY_PLAIN_HTTP_AGREED: z
    .literal(ownNetwork, `say it in so many words: “${ownNetwork}”`)
    .optional(),
  /**
   * The store, `postgresql://comity@localhost/comity`, if it is PostgreSQL. The password is where `libpq` has it:
   * PGPASSWORD or PGPASSFILE.
   */
  COMITY_POSTGRES: postgresAddress.optional(),
  /** Most connections of this process: of all machines and commands together fewer than the server's `max_connections`. */
  COMITY_POSTGRES_CONNECTIONS: whole.pipe(z.int().min(2).max(500)).default(20),
  /**
   * How long a call waits for a connection, ms. More helps behind a slow line or a pooler; an answer has some 27 s, and
   * each of its calls may be sent four times.
   */
  COMITY_POSTGRES_CONNECT_MS: whole.pipe(z.int().min(100).max(5000)).default(1000),
  /** The folder of the keys that are in no module: `master.key` and `checkpoint.pem`, the same on every machine. */
  COMITY_KEYS: folder,
  /** The key that wraps the secrets, and that of the checkpoints, where a hardware module has them. */
  COMITY_MASTER_KEY: moduleKey,
  COMITY_CHECKPOINT_KEY: moduleKey,
  /** The folder of the law; the one that was shipped if absent. */
  COMITY_POLICIES: folder.optional(),
  COMITY_WITNESSES: json.pipe(witnesses).default([]),
  COMITY_QUORUM: whole.default(0),
  /** The sentence that lets a gateway in `prod` publish without witnesses. */
  COMITY_QUORUM_AGREED: z.literal(alone, `say it in so many words: “${alone}”`).optional(),
  COMITY_STAMPS: stamps.optional(),
  /** Login providers of the console, as JSON; there is no console without. */
  COMITY_LOGINS: json.pipe(logins).default([]),
  /**
   * The header in which whatever ends TLS says from which address a browser calls, `x-real-ip`: it must set it anew.
   * It is believed from a proxy of `COMITY_PROXIES` alone; without it, whoever calls by a proxy counts as that proxy.
   */
  COMITY_ADDRESS_HEADER: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'a header in lower case, such as x-real-ip')
    .optional(),
  /** From which addresses whatever ends TLS calls: what is on this machine, unless others are named. */
  COMITY_PROXIES: json.pipe(z.array(z.union([z.ipv4(), z.ipv6()]))).default(['127.0.0.1', '::1']),
  /** For how many days copies of the store can bring back what was removed, except keys; 0 without copies. */
  COMITY_BACKUP_DAYS: whole.pipe(z.int().max(3650)),
  /** Whether it seals, stamps and looks at what is due; some machine must. One that does not only answers. */
  COMITY_SEALS: z.enum(['yes', 'no']).default('yes'),
  /** Where agencies and auditors call, behind whatever ends TLS. */
  COMITY_LISTEN: address.default({ host: '127.0.0.1', port: 8787 }),
  /** Where metrics are read; nowhere if absent. */
  COMITY_METRICS: address.optional(),
})

/** The configuration of a gateway on machines of one’s own. */
export function readMachineConfig(environment: Environment) {
  const door = checked(machine).superRefine((given, context) => {
    for (const [name, message] of faultsOf(given, environment))
      context.addIssue({ code: 'custom', path: [name], message })
  })
  return read(door, { ...localNames, ...environment })
}

const localNames = Object.fromEntries(
  Object.values(tables).map(({ variable, localName }) => [variable, localName]),
)

/** Without these, the SDK would look for an account where there is none, on the network. */
const account = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

/** What is wrong although each value is well formed: the variable, and a sentence. */
function faultsOf(
  given: z.infer<typeof machine>,
  environment: Environment,
): readonly (readonly [string, string])[] {
  const { COMITY_DYNAMODB_ENDPOINT: store, COMITY_QUORUM: quorum } = given
  const isFar =
    (store !== undefined && !isThisMachine(store)) || given.COMITY_ARCHIVE.startsWith('s3:')
  const isTold = given.COMITY_ENVIRONMENT !== 'prod' || given.COMITY_QUORUM_AGREED !== undefined
  const unset = isFar ? account.filter((each) => !environment[each]) : []
  return [
    ...((store === undefined) === (given.COMITY_POSTGRES === undefined)
      ? [['COMITY_DYNAMODB_ENDPOINT', 'name one store: here, or in COMITY_POSTGRES'] as const]
      : []),
    ...(given.COMITY_ENVIRONMENT === undefined
      ? [['COMITY_ENVIRONMENT', 'name the deployment, such as prod'] as const]
      : []),
    // Only `prod` is held to witnesses and to one state.
    ...(given.COMITY_ENVIRONMENT !== 'prod' && /^prod/i.test(given.COMITY_ENVIRONMENT ?? '')
      ? [['COMITY_ENVIRONMENT', 'write `prod`: by another name nothing of it is checked'] as const]
      : []),
    ...(quorum > given.COMITY_WITNESSES.length
      ? [['COMITY_QUORUM', 'there are fewer witnesses: no checkpoint would be published'] as const]
      : []),
    ...(quorum === 0 && !isTold
      ? [
          [
            'COMITY_QUORUM',
            `name witnesses and how many must cosign, or say in COMITY_QUORUM_AGREED: “${alone}”`,
          ] as const,
        ]
      : []),
    ...openOnes(given).map(
      (name) =>
        [
          name,
          `use https, or, on a private network, say in COMITY_PLAIN_HTTP_AGREED: “${ownNetwork}”`,
        ] as const,
    ),
    ...unset.map(
      (name) => [name, 'it is not set, and a store on another machine asks who calls'] as const,
    ),
  ]
}

/** The variables that name an address in the open. */
function openOnes(given: z.infer<typeof machine>): readonly string[] {
  const { COMITY_DYNAMODB_ENDPOINT: store, COMITY_S3_ENDPOINT: archive } = given
  const isTold = given.COMITY_PLAIN_HTTP_AGREED !== undefined
  const addresses = {
    COMITY_DYNAMODB_ENDPOINT: store === undefined ? [] : [store],
    COMITY_S3_ENDPOINT: archive === undefined ? [] : [archive],
    COMITY_WITNESSES: given.COMITY_WITNESSES.map(({ url }) => url),
  }
  return Object.entries(addresses)
    .filter(([, urls]) => urls.some((url) => isInTheOpen(url, isTold)))
    .map(([name]) => name)
}

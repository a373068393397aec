/** Puts everything outside together from one configuration. Each door hands it to the wings. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Config } from '../config.ts'
import { findingCache } from '../decision/finding-cache.ts'
import { isTestPartner } from '../identity/register.ts'
import type { Archive } from '../log-ports.ts'
import type { Law, Register, World } from '../ports.ts'
import { dynamodbActMarks } from './attestation-marks.ts'
import { dynamodbAttestations } from './attestations-dynamodb.ts'
import { dynamodbMarks } from './chains-dynamodb.ts'
import { dynamodb, isStoreAway } from './dynamodb.ts'
import { dynamodbLedger } from './ledger-dynamodb.ts'
import { dynamodbPersonsAsked } from './persons-dynamodb.ts'
import { drawing } from './random.ts'
import type { rareStores } from './rare-stores.ts'
import { dynamodbRecords } from './records-dynamodb.ts'
import { dynamodbRefusals } from './refusals-dynamodb.ts'
import { dynamodbRegister } from './register-dynamodb.ts'
import { dynamodbSealing } from './sealing-dynamodb.ts'
import { type OpenSecrets, openSecrets, type Wrapper } from './secrets.ts'
import { dynamodbSubjectKeys } from './subject-keys-dynamodb.ts'
import { tableNames } from './tables.ts'

/**
 * What differs between doors: the law, or how to get it while the secrets are opened; how secrets are wrapped,
 * which build this is, what time it is.
 */
export type Surroundings = {
  readonly law: Law | (() => Promise<Law>)
  readonly wrapper: Wrapper
  readonly build: string
  /** The stores that most answers do not need: at hand, or read once they are asked. */
  readonly stores: typeof rareStores
  readonly now?: () => Date
  readonly client?: DynamoDBClient
  /** For a door that makes the secrets: the table with a copy of them. */
  readonly secretsCopy?: string
  /** The archive of sealed entries. Without it nothing can be proved. */
  readonly archive?: Pick<Archive, 'get'>
  /** Is given the same world over no store: nothing is there or kept, no entry is durable. Waited for, whatever comes of it. */
  readonly rehearse?: (world: World) => Promise<unknown>
  readonly rowChanged?: World['rowChanged']
}

/** The world of a running instance. Throws if the secrets cannot be opened. */
export async function makeWorld(
  config: Config,
  { law: given, wrapper, client, secretsCopy, rehearse, ...around }: Surroundings,
): Promise<World> {
  const store = client ?? dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
  const register = registerOn(store, config, around.now)
  // Reads and checks the registrars. If they do not hold now, each call finds that out, and says so.
  const looked = rehearse && register.agency('XX-NONE').catch(() => undefined)
  const [secrets, held] = await Promise.all([
    openSecrets(store, tableNames(config).keys, wrapper, secretsCopy),
    typeof given === 'function' ? given() : given,
  ])
  const world = worldOn(store, config, { secrets, law: held, register }, around)
  if (rehearse === undefined) return world
  // Without the name of its set, which nothing enters.
  const { book } = await held.now()
  const law = { ...held, now: async () => ({ book }) }
  const nowhere = worldOn(noStore, config, { secrets, law }, around)
  // What fails in it costs the first call some time, and is no reason not to answer.
  await Promise.all([rehearse(overNoStore(nowhere)).catch(() => undefined), looked])
  return world
}

/** Finds nothing, and keeps nothing of what it is given. A cast: adapters call `send` alone. */
const noStore = { send: async () => ({}) } as unknown as DynamoDBClient

/** INVARIANT (no entry, no release): what no store has written is not durable, so nothing is sent. */
const overNoStore = (world: World): World => ({
  ...world,
  ledger: { ...world.ledger, append: async () => ({ kind: 'unavailable', why: 'no store' }) },
})

/** The world on a store, once its secrets are opened. */
function worldOn(
  store: DynamoDBClient,
  config: Config,
  held: { readonly secrets: OpenSecrets; readonly law: Law; readonly register?: Register },
  {
    build,
    stores,
    now = clock,
    archive = noArchive,
    rowChanged,
  }: Pick<Surroundings, 'build' | 'stores' | 'now' | 'archive' | 'rowChanged'>,
): World {
  const { secrets, law, register = registerOn(store, config, now) } = held
  const names = tableNames(config)
  const later = stores(store, names, secrets.question, now)
  const sealing = dynamodbSealing(store, names.sealing)
  return {
    gateway: config.COMITY_GATEWAY,
    origin: config.COMITY_ORIGIN,
    build,
    now,
    random: drawing(),
    isStoreAway,
    law,
    register,
    holder: dynamodbRecords(store, names.records, secrets.pseudonym),
    attestations: dynamodbAttestations(
      store,
      names.attestations,
      dynamodbActMarks(store, names.decisions, (place) => secrets.pseudonym('marks', place)),
    ),
    inbox: later.inbox,
    events: later.events,
    reviews: later.reviews,
    handovers: later.handovers,
    systems: later.systems,
    questions: later.questions,
    duties: later.duties,
    responses: later.responses,
    files: later.files,
    filesGiven: later.filesGiven,
    messages: later.messages,
    lookups: later.lookups,
    ...(config.COMITY_HOLDS === undefined ? {} : { holds: config.COMITY_HOLDS }),
    ...(config.COMITY_MATTER_DAYS === undefined ? {} : { matterDays: config.COMITY_MATTER_DAYS }),
    refusals: dynamodbRefusals(store, names.attestations),
    personsAsked: dynamodbPersonsAsked(store, names.attestations),
    findings: findingCache(),
    subjectKeys: dynamodbSubjectKeys(store, names.keys, secrets.wrapKey),
    ledger: dynamodbLedger(store, names.decisions),
    sealed: {
      placeOf: sealing.placeOf,
      marked: async (log) => (await sealing.head(log)).marked,
      get: archive.get,
    },
    secrets,
    ...(rowChanged && { rowChanged }),
  }
}

const clock = () => new Date()

/** The register of a store, as the deployment's registrars pin it. */
function registerOn(store: DynamoDBClient, config: Config, now = clock): Register {
  const { register, decisions } = tableNames(config)
  return registerIn(
    config.COMITY_ENVIRONMENT,
    dynamodbRegister(
      store,
      register,
      now,
      config.COMITY_REGISTRARS,
      config.COMITY_REGISTER_FLOOR,
      dynamodbMarks(store, decisions),
    ),
  )
}

/** INVARIANT (no tests in `prod`): there a test partner is nobody, whatever registrars signed. */
const registerIn = (environment: string | undefined, register: Register): Register => {
  if (environment !== 'prod') return register
  return {
    ...register,
    // It is looked for all the same, since a name costs the same.
    async agency(id) {
      const found = await register.agency(id)
      return isTestPartner(id) ? undefined : found
    },
    all: async (malformed) =>
      (await register.all(malformed)).filter(({ id }) => !isTestPartner(id)),
  }
}

const noArchive: Pick<Archive, 'get'> = { get: async () => undefined }

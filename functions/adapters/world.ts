/** Puts everything outside together from one configuration. Each door hands it to the wings. */

import { randomBytes } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Config } from '../config.ts'
import { remembering } from '../decision/memo.ts'
import { isTestPartner } from '../identity/register.ts'
import type { Archive } from '../log-ports.ts'
import type { Law, Register, World } from '../ports.ts'
import { dynamodbAttestations } from './attestations-dynamodb.ts'
import { dynamodbMarks } from './chains-dynamodb.ts'
import { dynamodb, isStoreAway } from './dynamodb.ts'
import { dynamodbEvents } from './events-dynamodb.ts'
import { dynamodbFiles } from './files-dynamodb.ts'
import {
  dynamodbDeliveries,
  dynamodbDuties,
  dynamodbFilesGiven,
  dynamodbInbox,
  dynamodbResponses,
  dynamodbReviews,
} from './inbox-dynamodb.ts'
import { dynamodbLedger } from './ledger-dynamodb.ts'
import { dynamodbLookups } from './lookups-dynamodb.ts'
import { dynamodbPersonsAsked } from './persons-dynamodb.ts'
import { dynamodbQuestions } from './questions-dynamodb.ts'
import { dynamodbRecords } from './records-dynamodb.ts'
import { dynamodbRefusals } from './refusals-dynamodb.ts'
import { dynamodbRegister } from './register-dynamodb.ts'
import { dynamodbSealing } from './sealing-dynamodb.ts'
import { openSecrets, type Wrapper } from './secrets.ts'
import { dynamodbSubjectKeys } from './subject-keys-dynamodb.ts'
import { httpsSystems } from './systems-https.ts'
import { tableNames } from './tables.ts'
import { dynamodbTellings } from './tellings-dynamodb.ts'

/**
 * What differs between doors: the law, or how to get it while the secrets are opened; how secrets are wrapped,
 * which build this is, what time it is.
 */
export type Surroundings = {
  readonly law: Law | (() => Promise<Law>)
  readonly wrapper: Wrapper
  readonly build: string
  readonly now?: () => Date
  readonly client?: DynamoDBClient
  /** For a door that makes the secrets: the table with a copy of them. */
  readonly secretsCopy?: string
  /** The archive of sealed entries. Without it nothing can be proved. */
  readonly archive?: Pick<Archive, 'get'>
}

/** The world of a running instance. Throws if the secrets cannot be opened. */
export async function makeWorld(
  config: Config,
  {
    law,
    wrapper,
    build,
    now = () => new Date(),
    client,
    secretsCopy,
    archive = noArchive,
  }: Surroundings,
): Promise<World> {
  const store = client ?? dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
  const names = tableNames(config)
  const sealing = dynamodbSealing(store, names.sealing)
  const [secrets, held] = await Promise.all([
    openSecrets(store, names.keys, wrapper, secretsCopy),
    typeof law === 'function' ? law() : law,
  ])
  return {
    gateway: config.COMITY_GATEWAY,
    origin: config.COMITY_ORIGIN,
    build,
    now,
    random: (bytes) => randomBytes(bytes),
    isStoreAway,
    law: held,
    register: registerIn(
      config.COMITY_ENVIRONMENT,
      dynamodbRegister(
        store,
        names.register,
        now,
        config.COMITY_REGISTRARS,
        config.COMITY_REGISTER_FLOOR,
        dynamodbMarks(store, names.decisions),
      ),
    ),
    holder: dynamodbRecords(store, names.records, secrets.pseudonym),
    attestations: dynamodbAttestations(store, names.attestations),
    inbox: dynamodbInbox(store, names.attestations),
    events: dynamodbEvents(store, names.attestations),
    reviews: dynamodbReviews(store, names.attestations),
    deliveries: dynamodbDeliveries(store, names.attestations),
    systems: httpsSystems(),
    questions: dynamodbQuestions(store, names.records, secrets.question, now),
    duties: dynamodbDuties(store, names.attestations),
    responses: dynamodbResponses(store, names.attestations),
    files: dynamodbFiles(store, names.records),
    filesGiven: dynamodbFilesGiven(store, names.attestations),
    tellings: dynamodbTellings(store, names.attestations),
    lookups: dynamodbLookups(store, names.lookups),
    ...(config.COMITY_HOLDS === undefined ? {} : { holds: config.COMITY_HOLDS }),
    ...(config.COMITY_MATTER_DAYS === undefined ? {} : { matterDays: config.COMITY_MATTER_DAYS }),
    refusals: dynamodbRefusals(store, names.attestations),
    personsAsked: dynamodbPersonsAsked(store, names.attestations),
    memo: remembering(),
    subjectKeys: dynamodbSubjectKeys(store, names.keys, secrets.wrapKey),
    ledger: dynamodbLedger(store, names.decisions),
    sealed: {
      placeOf: sealing.placeOf,
      marked: async (log) => (await sealing.head(log)).marked,
      get: archive.get,
    },
    secrets,
  }
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

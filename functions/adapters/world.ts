/** Puts everything outside together from one configuration. Each door hands it to the wings. */

import { randomBytes } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Config } from '../config.ts'
import type { Archive } from '../log-ports.ts'
import type { Law, World } from '../ports.ts'
import { dynamodbAttestations } from './attestations-dynamodb.ts'
import { dynamodbMarks } from './chains-dynamodb.ts'
import { dynamodb, isStoreAway } from './dynamodb.ts'
import { dynamodbInbox, dynamodbReviews } from './inbox-dynamodb.ts'
import { dynamodbLedger } from './ledger-dynamodb.ts'
import { dynamodbRecords } from './records-dynamodb.ts'
import { dynamodbRefusals } from './refusals-dynamodb.ts'
import { dynamodbRegister } from './register-dynamodb.ts'
import { dynamodbSealing } from './sealing-dynamodb.ts'
import { openSecrets, type Wrapper } from './secrets.ts'
import { dynamodbSubjectKeys } from './subject-keys-dynamodb.ts'
import { tableNames } from './tables.ts'

/** What differs between doors: the law, how secrets are wrapped, which build this is, what time it is. */
export type Surroundings = {
  readonly law: Law
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
  const secrets = await openSecrets(store, names.keys, wrapper, secretsCopy)
  return {
    gateway: config.COMITY_GATEWAY,
    origin: config.COMITY_ORIGIN,
    build,
    now,
    random: (bytes) => randomBytes(bytes),
    isStoreAway,
    law,
    register: dynamodbRegister(
      store,
      names.register,
      now,
      config.COMITY_REGISTRARS,
      config.COMITY_REGISTER_FLOOR,
      dynamodbMarks(store, names.decisions),
    ),
    holder: dynamodbRecords(store, names.records, secrets.pseudonym),
    attestations: dynamodbAttestations(store, names.attestations),
    inbox: dynamodbInbox(store, names.attestations),
    reviews: dynamodbReviews(store, names.attestations),
    ...(config.COMITY_HOLDS === undefined ? {} : { holds: config.COMITY_HOLDS }),
    ...(config.COMITY_MATTER_DAYS === undefined ? {} : { matterDays: config.COMITY_MATTER_DAYS }),
    refusals: dynamodbRefusals(store, names.attestations),
    subjectKeys: dynamodbSubjectKeys(store, names.keys, secrets.wrapKey),
    ledger: dynamodbLedger(store, names.decisions),
    sealed: { placeOf: dynamodbSealing(store, names.sealing).placeOf, get: archive.get },
    secrets,
  }
}

const noArchive: Pick<Archive, 'get'> = { get: async () => undefined }

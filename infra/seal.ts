/** The sealer: a function that is told of entries by the stream of the ledger, and by a clock. */

import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as Target } from 'aws-cdk-lib/aws-events-targets'
import type { Role } from 'aws-cdk-lib/aws-iam'
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { writeArchive } from './archive.ts'
import { lettersOf } from './borders.ts'
import type { Bundle } from './bundle.ts'
import {
  allow,
  type Live,
  makeFunction,
  namesOf,
  rootsOf,
  type Stores,
  sizeOf,
  type Uses,
} from './function.ts'
import type { Settings } from './settings.ts'

/** What the function works with. */
export type Means = {
  readonly role: Role
  readonly bundle: Bundle
  readonly stores: Stores
  readonly archive: Bucket
  readonly signer: Live
  /** What it is told of the log: its keys, its archive, its witnesses, and who stamps its checkpoints. */
  readonly log: Readonly<Record<string, string>>
}

const uses = {
  decisions: ['BatchGetItem'],
  keys: ['BatchGetItem', 'Query'],
  // Denials for those who could change them, what was refused, and nothing that anybody vouches for.
  attestations: { actions: ['PutItem'], keys: lettersOf('attestations', 'seal', 'writes') },
  register: ['Scan'],
  sealing: ['BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem'],
  lookups: ['BatchWriteItem', 'DeleteItem', 'GetItem', 'Query', 'UpdateItem'],
} as const satisfies Uses

/** Records in one call: as many as a manifest has room for without making a call too long. */
const recordsAtOnce = 1000
/** How long entries wait for others, to be sealed with them: their receipts promise 60 s. */
const batchingWindow = Duration.seconds(20)
/** After these, records of a stream, which keeps them a day, are given up: the clock finds them. */
const recordAge = Duration.hours(1)
const retriesMax = 10

/** Deploys the sealer. */
export function sealer(scope: Construct, settings: Settings, means: Means): Live {
  const { gateway, stamps } = settings
  const { role, bundle, stores, archive, signer, log } = means
  const { decisions } = stores
  const { tableStreamArn } = decisions
  if (tableStreamArn === undefined) throw new Error('couldn’t deploy: the ledger has no stream')
  const abandoned = new Queue(scope, 'Abandoned', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  })
  const seals = makeFunction(scope, 'Seal', {
    says: 'Seals entries into the log',
    role,
    bundle,
    after: [signer],
    // No further step is begun in the last third of its time.
    size: sizeOf(settings, 'seal'),
    stores,
    uses,
    rights: [
      allow('FindUnsealed', 'dynamodb', ['Query'], `${decisions.tableArn}/index/sweep`),
      allow(
        'HearOfEntries',
        'dynamodb',
        ['DescribeStream', 'GetRecords', 'GetShardIterator'],
        tableStreamArn,
      ),
      allow('FindStream', 'dynamodb', ['ListStreams'], `${decisions.tableArn}/stream/*`),
      allow('GiveUp', 'sqs', ['SendMessage'], abandoned.queueArn),
      allow('AskForSignatures', 'lambda', ['InvokeFunction'], signer.functionArn),
      ...writeArchive(archive),
    ],
    environment: {
      ...namesOf(stores, ['attestations', 'decisions', 'keys', 'lookups', 'register', 'sealing']),
      ...log,
      ...rootsOf(settings),
      COMITY_GATEWAY: gateway,
      COMITY_SIGN_FUNCTION: signer.functionArn,
    },
  })
  // The next minute is another try.
  seals.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
  new EventSourceMapping(scope, 'Stream', {
    target: seals,
    eventSourceArn: tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: recordsAtOnce,
    maxBatchingWindow: batchingWindow,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    maxRecordAge: recordAge,
    retryAttempts: retriesMax,
    // What is sent there says which records, and nothing of what is in them.
    onFailure: { bind: () => ({ destination: abandoned.queueArn }) },
  })
  new Rule(scope, 'Clock', {
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new Target(seals, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  })
  // A call of its own, which nothing that is sealed waits for.
  if (stamps !== undefined)
    new Rule(scope, 'StampClock', {
      schedule: Schedule.rate(Duration.minutes(15)),
      targets: [
        new Target(seals, {
          event: RuleTargetInput.fromObject({ stamp: true }),
          retryAttempts: 0,
          maxEventAge: Duration.minutes(15),
        }),
      ],
    })
  return seals
}

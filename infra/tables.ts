/** The tables of a deployment: those of `functions/adapters/tables.ts`, kept safe. */

import { RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  CfnGlobalTable,
  MultiRegionConsistency,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import {
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  type Role,
} from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { type Table, type TableName, tables } from '../functions/adapters/tables.ts'
import type { Stores } from './function.ts'
import { replicationRole } from './key.ts'
import type { TableReplicas } from './replica.ts'

/** Who alone writes where, and where replicas are, if anywhere. */
export type Means = {
  /** A trial can be rolled back and thrown away whole; elsewhere nobody deletes a table at one stroke. */
  readonly protectedFromDeletion: boolean
  readonly entries: readonly Role[]
  readonly signatures: Role
  readonly replicas: TableReplicas | undefined
}

/** Every table, under a key of ours, here and where it is replicated. */
export function dataTables(scope: Construct, key: Key, means: Means): Stores {
  const { protectedFromDeletion, entries, signatures, replicas } = means
  const make = (name: TableName, more: Partial<TablePropsV2> = {}) =>
    makeTable(scope, name, key, replicas, { deletionProtection: protectedFromDeletion, ...more })
  const replication = replicas === undefined ? [] : [replicationRole]
  return {
    decisions: make('decisions', {
      // For the sealer, which is told of each new entry.
      dynamoStream: StreamViewType.NEW_IMAGE,
      resourcePolicy: appendOnly(entries, replication),
    }),
    keys: make('keys'),
    records: make('records'),
    attestations: make('attestations'),
    register: make('register'),
    sealing: make('sealing'),
    signatures: make('signatures', { resourcePolicy: memoryOf(signatures, replication) }),
    lookups: make('lookups'),
    // Of its Region alone: tables that agree on each write remove nothing by themselves. Lost, people log in again.
    sessions: makeTable(scope, 'sessions', key, undefined, {
      deletionProtection: protectedFromDeletion,
      timeToLiveAttribute: tables.sessions.endsAt,
    }),
  }
}

function makeTable(
  scope: Construct,
  name: TableName,
  key: Key,
  replicas: TableReplicas | undefined,
  more: Partial<TablePropsV2>,
): TableV2 {
  const { hash, range, indexes = [], backupDays: days }: Table = tables[name]
  // The id is for ever: a table of another id is another table, without the data.
  const made = new TableV2(scope, `${name[0]?.toUpperCase()}${name.slice(1)}`, {
    partitionKey: text(hash),
    ...(range === undefined ? {} : { sortKey: text(range) }),
    globalSecondaryIndexes: indexes.map((index) => ({
      indexName: index.name,
      partitionKey: text(index.hash),
      sortKey: text(index.range),
      projectionType: ProjectionType.KEYS_ONLY,
    })),
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification:
      days === 0
        ? { pointInTimeRecoveryEnabled: false }
        : { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: days },
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...more,
    ...(replicas === undefined
      ? { encryption: TableEncryptionV2.awsManagedKey() }
      : replicated(key, replicas, more)),
  })
  const { defaultChild } = made.node
  if (!(defaultChild instanceof CfnGlobalTable)) throw new Error(`couldn’t encrypt table ${name}`)
  // `TableEncryptionV2.customerManagedKey` wants to know the region, which such a stack need not.
  if (replicas === undefined)
    defaultChild.addPropertyOverride('Replicas.0.SSESpecification.KMSMasterKeyId', key.keyArn)
  // A stream would hold for a day what was erased; replicas that agree on each write need none.
  if (more.dynamoStream === undefined)
    defaultChild.addPropertyDeletionOverride('StreamSpecification')
  return made
}

/** Writes are answered once another Region has them, too: no entry that was answered for is lost. */
const replicated = (
  key: Key,
  { region, witness, keyArn }: TableReplicas,
  more: Partial<TablePropsV2>,
) => ({
  encryption: TableEncryptionV2.customerManagedKey(key, { [region]: keyArn }),
  multiRegionConsistency: MultiRegionConsistency.STRONG,
  replicas: [
    {
      region,
      ...(more.resourcePolicy === undefined ? {} : { resourcePolicy: more.resourcePolicy }),
    },
  ],
  witnessRegion: witness,
})

const text = (name: string) => ({ name, type: AttributeType.STRING })

/** Every way to change or remove an item, other than putting one in its place. */
const changes = [
  'BatchWriteItem',
  'DeleteItem',
  'PartiQLDelete',
  'PartiQLInsert',
  'PartiQLUpdate',
  'UpdateItem',
]

/**
 * INVARIANT (append-only): nobody changes or removes an entry, and nobody but these writes one,
 * whatever IAM lets them. IAM cannot make a `PutItem` conditional: that a writer overwrote an entry is
 * seen by its hash. DynamoDB itself must be let replicate, or no write would be answered.
 */
const appendOnly = (writers: readonly Role[], replication: readonly string[]): PolicyDocument =>
  new PolicyDocument({
    statements: [
      deny('AppendOnly', changes, unless(replication)),
      deny('OnlyWriters', ['PutItem'], unless([...arnsOf(writers), ...replication])),
    ],
  })

/** Whoever could set a signer's memory back could have it sign a second tree beside the first. */
const memoryOf = (signer: Role, replication: readonly string[]): PolicyDocument =>
  new PolicyDocument({
    statements: [
      deny('NoneForgotten', changes, unless(replication)),
      deny('OnlyTheSigner', ['PutItem'], unless([...arnsOf([signer]), ...replication])),
    ],
  })

const arnsOf = (roles: readonly Role[]) => roles.map(({ roleArn }) => roleArn)

const unless = (arns: readonly string[]) =>
  arns.length === 0 ? {} : { ArnNotEquals: { 'aws:PrincipalArn': arns } }

const deny = (
  sid: string,
  actions: readonly string[],
  conditions: Readonly<Record<string, unknown>> = {},
): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: actions.map((action) => `dynamodb:${action}`),
    // In a table's policy, `*` is the table itself.
    resources: ['*'],
    conditions,
  })

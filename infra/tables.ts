/** The tables of a deployment: those of `functions/adapters/tables.ts`, kept safe. */

import { RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  CfnGlobalTable,
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

/**
 * How many days a table can be turned back, at most 35. The keys and the look-up table have none: a
 * copy of them would keep alive what an erasure destroyed. That of the records is short: it holds
 * erased ones, too.
 */
const backupDays = {
  decisions: 35,
  keys: 0,
  records: 7,
  attestations: 35,
  register: 35,
  sealing: 35,
  signatures: 35,
  lookups: 0,
} as const satisfies Readonly<Record<TableName, number>>

/** Every table, under a key of ours; `writer` alone writes entries. */
export const dataTables = (
  scope: Construct,
  key: Key,
  writer: Role,
): Readonly<Record<TableName, TableV2>> => ({
  decisions: makeTable(scope, 'decisions', key, {
    // For the sealer, which is told of each new entry.
    dynamoStream: StreamViewType.NEW_IMAGE,
    resourcePolicy: appendOnly(writer),
  }),
  keys: makeTable(scope, 'keys', key),
  records: makeTable(scope, 'records', key),
  attestations: makeTable(scope, 'attestations', key),
  register: makeTable(scope, 'register', key),
  sealing: makeTable(scope, 'sealing', key),
  signatures: makeTable(scope, 'signatures', key),
  lookups: makeTable(scope, 'lookups', key),
})

function makeTable(
  scope: Construct,
  name: TableName,
  key: Key,
  more: Partial<TablePropsV2> = {},
): TableV2 {
  const { hash, range, indexes = [] }: Table = tables[name]
  const days = backupDays[name]
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
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification:
      days === 0
        ? { pointInTimeRecoveryEnabled: false }
        : { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: days },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    ...more,
  })
  // `TableEncryptionV2.customerManagedKey` wants to know the region, which this stack need not.
  const { defaultChild } = made.node
  if (!(defaultChild instanceof CfnGlobalTable)) throw new Error(`couldn’t encrypt table ${name}`)
  defaultChild.addPropertyOverride('Replicas.0.SSESpecification.KMSMasterKeyId', key.keyArn)
  return made
}

const text = (name: string) => ({ name, type: AttributeType.STRING })

/**
 * INVARIANT (append-only): nobody changes or removes an entry, and nobody else writes one, whatever
 * IAM lets them. IAM cannot make a `PutItem` conditional: that the writer overwrote an entry is seen
 * by its hash and in the stream.
 */
const appendOnly = (writer: Role): PolicyDocument =>
  new PolicyDocument({
    statements: [
      deny('AppendOnly', [
        'BatchWriteItem',
        'DeleteItem',
        'PartiQLDelete',
        'PartiQLInsert',
        'PartiQLUpdate',
        'UpdateItem',
      ]),
      deny('OneWriter', ['PutItem'], { ArnNotEquals: { 'aws:PrincipalArn': writer.roleArn } }),
    ],
  })

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

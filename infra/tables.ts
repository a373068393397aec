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
import type { Stores } from './function.ts'

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

/** Who alone writes where. */
export type Writers = { readonly entries: readonly Role[]; readonly signatures: Role }

/** Every table, under a key of ours. */
export const dataTables = (scope: Construct, key: Key, writers: Writers): Stores => ({
  decisions: makeTable(scope, 'decisions', key, {
    // For the sealer, which is told of each new entry.
    dynamoStream: StreamViewType.NEW_IMAGE,
    resourcePolicy: appendOnly(writers.entries),
  }),
  keys: makeTable(scope, 'keys', key),
  records: makeTable(scope, 'records', key),
  attestations: makeTable(scope, 'attestations', key),
  register: makeTable(scope, 'register', key),
  sealing: makeTable(scope, 'sealing', key),
  signatures: makeTable(scope, 'signatures', key, { resourcePolicy: memoryOf(writers.signatures) }),
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
 * seen by its hash.
 */
const appendOnly = (writers: readonly Role[]): PolicyDocument =>
  new PolicyDocument({
    statements: [deny('AppendOnly', changes), deny('OnlyWriters', ['PutItem'], unless(writers))],
  })

/** Whoever could set a signer's memory back could have it sign a second tree beside the first. */
const memoryOf = (signer: Role): PolicyDocument =>
  new PolicyDocument({
    statements: [
      deny('NoneForgotten', changes),
      deny('OnlyTheSigner', ['PutItem'], unless([signer])),
    ],
  })

const unless = (roles: readonly Role[]) => ({
  ArnNotEquals: { 'aws:PrincipalArn': roles.map(({ roleArn }) => roleArn) },
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

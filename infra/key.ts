/** The keys of a deployment. Their policies, and nothing else, say who may use them. */

import { Aws, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccountRootPrincipal,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
  type Role,
} from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { secretsContext } from '../functions/adapters/wrapper-kms.ts'

/** Encrypts the tables, through DynamoDB and in no other way. */
export function tablesKey(scope: Construct, reader: Role): Key {
  const throughDynamoDb = {
    StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com` },
  }
  const use = [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ]
  return makeKey(scope, 'TablesKey', 'Encrypts the tables of Comity', [
    allow('TheFunction', reader, use, throughDynamoDb),
    // Who makes or restores a table lends DynamoDB the key; IAM must let them, too.
    allow(
      'WhoeverMakesTables',
      new AccountRootPrincipal(),
      [...use, 'kms:CreateGrant'],
      throughDynamoDb,
    ),
  ])
}

/** Wraps the gateway's secrets: for the function alone, and for that alone. */
export const secretsKey = (scope: Construct, opener: Role): Key =>
  makeKey(scope, 'SecretsKey', 'Wraps the secrets of Comity', [
    allow('TheFunction', opener, ['kms:Decrypt', 'kms:Encrypt'], {
      StringEquals: Object.fromEntries(
        Object.entries(secretsContext).map(([name, value]) => [
          `kms:EncryptionContext:${name}`,
          value,
        ]),
      ),
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(secretsContext) },
    }),
  ])

const makeKey = (scope: Construct, id: string, description: string, uses: PolicyStatement[]): Key =>
  new Key(scope, id, {
    description,
    enableKeyRotation: true,
    // Without the key, nothing that it encrypted can be read again.
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new PolicyDocument({
      statements: [allow('Administration', new AccountRootPrincipal(), administration), ...uses],
    }),
  })

/** Everything that manages a key, and nothing that uses it. */
const administration = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
]

const allow = (
  sid: string,
  principal: IPrincipal,
  actions: string[],
  conditions: Readonly<Record<string, unknown>> = {},
): PolicyStatement =>
  // In a key's policy, `*` is the key itself.
  new PolicyStatement({ sid, principals: [principal], actions, resources: ['*'], conditions })

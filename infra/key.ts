/** The keys of a deployment. Their policies, and nothing else, say who may use them. */

import { Aws, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccountRootPrincipal,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
  type Role,
} from 'aws-cdk-lib/aws-iam'
import { Key, type KeyProps, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { secretsContext } from '../functions/adapters/wrapper-kms.ts'

/** Encrypts the tables, through DynamoDB and in no other way. */
export function tablesKey(scope: Construct, readers: readonly Role[]): Key {
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
    allow('TheFunctions', readers, use, throughDynamoDb),
    // Who makes or restores a table lends DynamoDB the key; IAM must let them, too.
    allow(
      'WhoeverMakesTables',
      [new AccountRootPrincipal()],
      [...use, 'kms:CreateGrant'],
      throughDynamoDb,
    ),
  ])
}

/** Wraps the gateway's secrets, and nothing else: one makes them at its first start, others open them. */
export function secretsKey(scope: Construct, maker: Role, openers: readonly Role[]): Key {
  const withContext = {
    StringEquals: Object.fromEntries(
      Object.entries(secretsContext).map(([name, value]) => [
        `kms:EncryptionContext:${name}`,
        value,
      ]),
    ),
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(secretsContext) },
  }
  return makeKey(scope, 'SecretsKey', 'Wraps the secrets of Comity', [
    allow('TheMaker', [maker], ['kms:Decrypt', 'kms:Encrypt'], withContext),
    allow('TheOpeners', openers, ['kms:Decrypt'], withContext),
  ])
}

/** Signs checkpoints: for the signer alone. Others may know its public half. */
export const checkpointKey = (scope: Construct, signer: Role, readers: readonly Role[]): Key =>
  makeKey(
    scope,
    'CheckpointKey',
    'Signs checkpoints of Comity',
    [
      allow('TheSigner', [signer], ['kms:Sign'], {
        // Ed25519 itself and nothing that looks like it.
        StringEquals: {
          'kms:MessageType': 'RAW',
          'kms:SigningAlgorithm': 'ED25519_SHA_512',
        },
      }),
      allow('WhoeverVerifies', [signer, ...readers], ['kms:GetPublicKey']),
    ],
    // KMS turns no such key: whoever pinned the public half would not know the next one.
    {
      enableKeyRotation: false,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
    },
  )

const makeKey = (
  scope: Construct,
  id: string,
  description: string,
  uses: PolicyStatement[],
  more: KeyProps = { enableKeyRotation: true },
): Key =>
  new Key(scope, id, {
    description,
    // Without the key, nothing that it encrypted can be read again.
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new PolicyDocument({
      statements: [allow('Administration', [new AccountRootPrincipal()], administration), ...uses],
    }),
    ...more,
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
  principals: readonly IPrincipal[],
  actions: string[],
  conditions: Readonly<Record<string, unknown>> = {},
): PolicyStatement =>
  // In a key's policy, `*` is the key itself.
  new PolicyStatement({ sid, principals: [...principals], actions, resources: ['*'], conditions })

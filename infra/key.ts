/**
 * The keys of a deployment. Their policies, and nothing else, say who may use them.
 *
 * Those of the secrets and of the checkpoints can be replicated to another Region, always: KMS lets
 * nobody decide so later, and with a key that is bound to a Region all that it wrapped would be lost.
 * Nobody may replicate them, though, but to the Region that the settings name.
 */

import { Aws, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccountRootPrincipal,
  AnyPrincipal,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
  type Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam'
import { Key, type KeyProps, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { secretsContext } from '../functions/adapters/kms.ts'
import type { Door } from './bundle.ts'

/** The role in which DynamoDB, and nobody else, writes from one Region to another. */
export const replicationRole = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication`

/** Encrypts the tables of a Region, through DynamoDB and in no other way. */
export function tablesKey(scope: Construct, readers: readonly Role[], replicated: boolean): Key {
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
  return makeKey(scope, 'TablesKey', 'Encrypts the tables of Comity', { enableKeyRotation: true }, [
    ...(readers.length > 0 ? [allow('TheFunctions', readers, use, throughDynamoDb)] : []),
    // Who makes or restores a table lends DynamoDB the key; IAM must let them, too.
    allow(
      'WhoeverMakesTables',
      [new AccountRootPrincipal()],
      [...use, 'kms:CreateGrant'],
      throughDynamoDb,
    ),
    ...(replicated
      ? [
          allow('Replication', [new AnyPrincipal()], use, {
            StringEquals: { 'aws:PrincipalArn': replicationRole },
          }),
        ]
      : []),
  ])
}

/** Who may use a key: the functions, by their doors. Not every deployment has a console. */
export type Users = Readonly<Record<Exclude<Door, 'console'>, IPrincipal>> & {
  readonly console?: IPrincipal | undefined
}

/** Those of some functions that there are. */
const thereOf = (...users: readonly (IPrincipal | undefined)[]): readonly IPrincipal[] =>
  users.filter((each) => each !== undefined)

/** Wraps the gateway's secrets, and nothing else. */
export const secretsKey = (scope: Construct, users: Users, regions: KeyRegions | undefined): Key =>
  makeKey(
    scope,
    'SecretsKey',
    'Wraps the secrets of Comity',
    { enableKeyRotation: true, multiRegion: true },
    [...useOfSecrets(users), ...movesBetween(regions)],
  )

/** One makes the secrets at its first start, others open them. */
export function useOfSecrets({ access, audit, console, seal }: Users): readonly PolicyStatement[] {
  const withContext = {
    StringEquals: Object.fromEntries(
      Object.entries(secretsContext).map(([name, value]) => [
        `kms:EncryptionContext:${name}`,
        value,
      ]),
    ),
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(secretsContext) },
  }
  return [
    allow('TheMaker', [access], ['kms:Decrypt', 'kms:Encrypt'], withContext),
    allow('TheOpeners', thereOf(audit, console, seal), ['kms:Decrypt'], withContext),
  ]
}

/** Signs checkpoints. */
export const checkpointKey = (
  scope: Construct,
  users: Users,
  regions: KeyRegions | undefined,
): Key =>
  makeKey(
    scope,
    'CheckpointKey',
    'Signs checkpoints of Comity',
    {
      // KMS turns no such key: whoever pinned the public half would not know the next one.
      enableKeyRotation: false,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      multiRegion: true,
    },
    [...useOfCheckpoints(users), ...movesBetween(regions)],
  )

/** The signer alone signs. Others may know the public half: the account lets whoever pins it for verifiers. */
export const useOfCheckpoints = ({
  audit,
  console,
  seal,
  sign,
}: Users): readonly PolicyStatement[] => [
  allow('TheSigner', [sign], ['kms:Sign'], {
    // Ed25519 itself and nothing that looks like it.
    StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
  }),
  allow('WhoeverVerifies', thereOf(sign, audit, console, seal, new AccountRootPrincipal()), [
    'kms:GetPublicKey',
  ]),
]

/** Proves to login providers that the console asks. The account may know the public half, to tell them. */
export const loginKey = (scope: Construct, console: Role): Key =>
  makeKey(
    scope,
    'LoginKey',
    'Proves who asks the login providers of Comity',
    // KMS turns no such key: a provider would not know the next one.
    { enableKeyRotation: false, keySpec: KeySpec.ECC_NIST_P256, keyUsage: KeyUsage.SIGN_VERIFY },
    [
      allow('TheConsole', [console], ['kms:Sign'], {
        StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ECDSA_SHA_256' },
      }),
      allow('WhoeverTellsProviders', [new AccountRootPrincipal()], ['kms:GetPublicKey']),
    ],
  )

/** Encrypts alarms on their way: AWS's own key of SNS would not let CloudWatch write to the topic. */
export const alarmsKey = (scope: Construct, teller: Role): Key =>
  makeKey(scope, 'AlarmsKey', 'Encrypts the alarms of Comity', { enableKeyRotation: true }, [
    allow(
      'TheAlarms',
      [new ServicePrincipal('cloudwatch.amazonaws.com')],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    ),
    allow('TheTeller', [teller], ['kms:Decrypt', 'kms:GenerateDataKey']),
  ])

/** Where a key is, and where its replica is: either may become the primary one. */
export type KeyRegions = { readonly home: string; readonly replica: string }

/**
 * An administrator may have the key in these two Regions, and in no further, and say which is the primary
 * one: KMS asks for that right in the policies of both keys.
 */
export const movesBetween = (regions: KeyRegions | undefined): readonly PolicyStatement[] => {
  if (regions === undefined) return []
  const named = [regions.home, regions.replica]
  const root = [new AccountRootPrincipal()]
  return [
    allow('Replica', root, ['kms:ReplicateKey'], {
      StringEquals: { 'kms:ReplicaRegion': named },
    }),
    allow('Promotion', root, ['kms:UpdatePrimaryRegion'], {
      StringEquals: { 'kms:PrimaryRegion': named },
    }),
  ]
}

const makeKey = (
  scope: Construct,
  id: string,
  description: string,
  kind: KeyProps,
  uses: readonly PolicyStatement[],
): Key =>
  new Key(scope, id, {
    description,
    // Without the key, nothing that it encrypted can be read again: it stays, unless its making is rolled back.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    policy: keyPolicy(uses),
    ...kind,
  })

/** The policy of a key: administrators manage it, and these use it. */
export const keyPolicy = (uses: readonly PolicyStatement[]): PolicyDocument =>
  new PolicyDocument({
    statements: [allow('Administration', [new AccountRootPrincipal()], administration), ...uses],
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

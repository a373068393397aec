/** Where sealed logs are kept: a bucket in which nothing is replaced or removed. */

import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AnyPrincipal,
  Effect,
  Policy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { allow } from './function.ts'
import type { Settings } from './settings.ts'

/** The bucket of the archive; `writer` alone writes there, and S3 copies what it wrote to `copy`, if there is one. */
export function archiveBucket(
  scope: Construct,
  settings: Settings,
  { writer, copy }: { readonly writer: Role; readonly copy: ArchiveCopy | undefined },
): Bucket {
  const bucket = lockedBucket(scope, 'Archive', settings)
  const objects = bucket.arnForObjects('*')
  const checkpoints = bucket.arnForObjects('*/checkpoint')
  const statements = [
    noneRemoved(objects),
    deny('OneWriter', ['PutObject'], {
      resources: [objects],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': writer.roleArn } },
    }),
    // An upload in parts has no condition either, and so is denied, too.
    deny('WrittenOnce', ['PutObject'], {
      notResources: [checkpoints],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
    deny('CheckpointsInOrder', ['PutObject'], {
      resources: [checkpoints],
      conditions: { Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' } },
    }),
  ]
  for (const statement of statements) bucket.addToResourcePolicy(statement)
  if (copy !== undefined) copyTo(copy, bucket)
  return bucket
}

/** The copy of an archive in another Region: the bucket there, and the name of the role that S3 copies in. */
export type ArchiveCopy = {
  readonly bucketArn: string
  readonly bucketName: string
  readonly roleName: string
}

/** The bucket of the copy, in the stack of its Region. Nobody writes there but S3, in that role, and nobody removes. */
export function copyBucket(scope: Construct, settings: Settings, roleName: string): Bucket {
  const bucket = lockedBucket(scope, 'ArchiveCopy', settings)
  const objects = bucket.arnForObjects('*')
  const role = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${roleName}`
  const statements = [
    noneRemoved(objects),
    deny('NoWriter', ['PutObject', 'ReplicateDelete'], { resources: [objects] }),
    deny('CopiesAlone', ['ReplicateObject', 'ReplicateTags'], {
      resources: [objects],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': role } },
    }),
  ]
  for (const statement of statements) bucket.addToResourcePolicy(statement)
  return bucket
}

/** The rule by which S3 copies; its metrics go by this name. */
export const copyRule = 'all'

/** Has S3 copy every version, with its lock, within 15 minutes as a rule; that one is hidden is not copied. */
function copyTo({ bucketArn, roleName }: ArchiveCopy, bucket: Bucket): void {
  const { stack } = bucket
  const role = new Role(stack, 'CopyRole', {
    // A name that the policy of the bucket there can know before the role is made.
    roleName,
    assumedBy: new ServicePrincipal('s3.amazonaws.com'),
  })
  new Policy(stack, 'CopyRights', {
    roles: [role],
    statements: [
      allow('SeeWhatToCopy', 's3', ['GetReplicationConfiguration', 'ListBucket'], bucket.bucketArn),
      allow(
        'ReadVersions',
        's3',
        [
          ...['GetObjectLegalHold', 'GetObjectRetention', 'GetObjectVersionAcl'],
          ...['GetObjectVersionForReplication', 'GetObjectVersionTagging'],
        ],
        bucket.arnForObjects('*'),
      ),
      allow('WriteCopies', 's3', ['ReplicateObject', 'ReplicateTags'], `${bucketArn}/*`),
    ],
  })
  const { defaultChild } = bucket.node
  if (!(defaultChild instanceof CfnBucket)) throw new Error('couldn’t copy the archive')
  const within = { minutes: 15 }
  defaultChild.replicationConfiguration = {
    role: role.roleArn,
    rules: [
      {
        ...{ id: copyRule, status: 'Enabled', priority: 1, filter: { prefix: '' } },
        deleteMarkerReplication: { status: 'Disabled' },
        destination: {
          bucket: bucketArn,
          replicationTime: { status: 'Enabled', time: within },
          metrics: { status: 'Enabled', eventThreshold: within },
        },
      },
    ],
  }
}

/**
 * A bucket of which every version is locked. S3 encrypts it with keys of its own: it holds no personal data,
 * and with a key of ours whoever schedules the key's deletion removes, in a week, what Object Lock keeps for
 * years.
 */
function lockedBucket(
  scope: Construct,
  id: string,
  { environment, archiveDays }: Settings,
): Bucket {
  const kept = Duration.days(archiveDays)
  return new Bucket(scope, id, {
    versioned: true,
    objectLockEnabled: true,
    // In a trial, whoever lifts the policy below may still remove what it made; elsewhere nobody may.
    objectLockDefaultRetention:
      environment === 'dev'
        ? ObjectLockRetention.governance(kept)
        : ObjectLockRetention.compliance(kept),
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  })
}

const noneRemoved = (objects: string): PolicyStatement =>
  deny('NoneRemoved', ['DeleteObject', 'DeleteObjectVersion'], { resources: [objects] })

/** To read it, and to tell what is not there from what one may not see. */
export const readArchive = (bucket: Bucket): readonly PolicyStatement[] => [
  allow('ReadArchive', 's3', ['GetObject'], bucket.arnForObjects('*')),
  allow('MissNothing', 's3', ['ListBucket'], bucket.bucketArn),
]

/** To write it, for the one who may. */
export const writeArchive = (bucket: Bucket): readonly PolicyStatement[] => [
  ...readArchive(bucket),
  allow('WriteArchive', 's3', ['PutObject'], bucket.arnForObjects('*')),
]

const deny = (
  sid: string,
  actions: readonly string[],
  about: {
    readonly resources?: string[]
    readonly notResources?: string[]
    readonly conditions?: Readonly<Record<string, unknown>>
  },
): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: actions.map((action) => `s3:${action}`),
    ...about,
  })

/** Where sealed logs are kept: a bucket in which nothing is replaced or removed. */

import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { allow } from './function.ts'
import type { Settings } from './settings.ts'

/**
 * The bucket of the archive; `writer` alone writes there. S3 encrypts it with keys of its own: it holds
 * no personal data, and with a key of ours whoever schedules the key's deletion removes, in a week,
 * what Object Lock keeps for years.
 */
export function archiveBucket(scope: Construct, settings: Settings, writer: Role): Bucket {
  const { environment, archiveDays } = settings
  const kept = Duration.days(archiveDays)
  const bucket = new Bucket(scope, 'Archive', {
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
    removalPolicy: RemovalPolicy.RETAIN,
  })
  const objects = bucket.arnForObjects('*')
  const checkpoints = bucket.arnForObjects('*/checkpoint')
  const statements = [
    deny('NoneRemoved', ['DeleteObject', 'DeleteObjectVersion'], { resources: [objects] }),
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
  return bucket
}

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

/**
 * Who changes what protects the log: the account's trail (CloudTrail) tells it, and people hear of it at once.
 * Whoever may change a policy can lift what it forbids; that it was done is not left for them to tell.
 */

import type { Stack } from 'aws-cdk-lib'
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { Policy, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { allow, type Stores } from './function.ts'

/** What is protected by policies of its own. */
export type Protected = {
  readonly keys: readonly Key[]
  readonly stores: Stores
  readonly archive: Bucket
  readonly functions: readonly IFunction[]
}

/** The heading of its section in RUNBOOK.md. */
export const changedHeading = 'What protects the log was changed'

/** Calls of one service, by their names in the trail, and where it names what they change. */
type Changes = {
  readonly id: string
  readonly service: string
  /** A function's calls end with the day of their version: `AddPermission20150331v2`. */
  readonly calls: readonly (string | { readonly prefix: string })[]
  readonly about: Readonly<Record<string, unknown>>
  /** Whether deployments, which do it each time, are left out. */
  readonly byHandAlone?: true
}

/** Most tables in a rule: EventBridge takes 2048 characters of a pattern, and each table is in it by name and three times by ARN. */
const tablesMax = 4

const partsOf = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / tablesMax) }, (_, i) =>
    all.slice(i * tablesMax, (i + 1) * tablesMax),
  )

const tableChanges = (i: number, some: readonly Stores[keyof Stores][]): Changes => ({
  id: `TableChanged${i === 0 ? '' : i + 1}`,
  service: 'dynamodb',
  calls: [
    ...['DeleteResourcePolicy', 'DeleteTable', 'PutResourcePolicy'],
    ...['UpdateContinuousBackups', 'UpdateTable', 'UpdateTimeToLive'],
    // A copy of all of it, and a copy of every change from now on.
    ...['ExportTableToPointInTime', 'EnableKinesisStreamingDestination'],
  ],
  about: {
    $or: [
      { requestParameters: { resourceArn: some.map(({ tableArn }) => tableArn) } },
      { requestParameters: { tableArn: some.map(({ tableArn }) => tableArn) } },
      {
        requestParameters: {
          tableName: some.flatMap(({ tableName, tableArn }) => [tableName, tableArn]),
        },
      },
    ],
  },
})

const changesOf = ({ keys, stores, archive, functions }: Protected): readonly Changes[] => {
  // Calls take a name or an ARN, and the trail shows what was given.
  const named = functions.flatMap(({ functionName, functionArn }) => [
    functionName,
    { prefix: functionArn },
  ])
  return [
    {
      id: 'KeyChanged',
      service: 'kms',
      calls: [
        // A grant lets somebody use a key past its policy.
        ...['CancelKeyDeletion', 'CreateGrant', 'DisableKey', 'EnableKey', 'PutKeyPolicy'],
        ...['ReplicateKey', 'ScheduleKeyDeletion', 'UpdatePrimaryRegion'],
      ],
      about: { resources: { ARN: keys.map(({ keyArn }) => keyArn) } },
    },
    ...partsOf(Object.values(stores)).map((some, i) => tableChanges(i, some)),
    {
      id: 'ArchiveChanged',
      service: 's3',
      calls: [
        ...['DeleteBucket', 'DeleteBucketPolicy', 'DeleteBucketReplication', 'PutBucketAcl'],
        ...['PutBucketObjectLockConfiguration', 'PutBucketOwnershipControls', 'PutBucketPolicy'],
        ...['PutBucketLifecycle', 'PutBucketPublicAccessBlock', 'PutBucketReplication'],
        ...['DeleteBucketPublicAccessBlock', 'PutBucketVersioning'],
      ],
      about: { requestParameters: { bucketName: [archive.bucketName] } },
    },
    {
      id: 'FunctionLetIn',
      service: 'lambda',
      calls: ['AddPermission', 'RemovePermission'].map((prefix) => ({ prefix })),
      about: { requestParameters: { functionName: named } },
    },
    {
      id: 'FunctionChanged',
      service: 'lambda',
      calls: [
        ...['DeleteFunction', 'UpdateAlias', 'UpdateEventSourceMapping', 'UpdateFunctionCode'],
        ...['UpdateFunctionConfiguration'],
      ].map((prefix) => ({ prefix })),
      about: { requestParameters: { functionName: named } },
      byHandAlone: true,
    },
  ]
}

/** Who alone deploys: CloudFormation, and CodeDeploy, which shifts callers. */
const deployers = ['cloudformation.amazonaws.com', 'codedeploy.amazonaws.com']

/** The role in which EventBridge tells the topic. */
export const tellerRole = (stack: Stack): Role =>
  new Role(stack, 'TellerRole', { assumedBy: new ServicePrincipal('events.amazonaws.com') })

/** Has people told of each such call that the trail shows, done or refused. */
export function watchTrail(
  stack: Stack,
  whole: Protected,
  { topic, role, link }: { readonly topic: Topic; readonly role: Role; readonly link: string },
): void {
  const rights: readonly PolicyStatement[] = [
    allow('TellPeople', 'sns', ['Publish'], topic.topicArn),
  ]
  new Policy(stack, 'TellerRights', { roles: [role], statements: [...rights] })
  const field = (name: string) => EventField.fromPath(`$.detail.${name}`)
  const message = RuleTargetInput.fromText(
    `${changedHeading} (${stack.stackName}): ${field('eventName')} by ${field('userIdentity.arn')} at ${field('eventTime')}, event ${field('eventID')}. See ${link}.`,
  )
  const target = new SnsTopic(topic, { message, role: role.withoutPolicyUpdates() })
  for (const { id, service, calls, about, byHandAlone } of changesOf(whole))
    new Rule(stack, id, {
      eventPattern: {
        source: [`aws.${service}`],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: [`${service}.amazonaws.com`],
          eventName: [...calls],
          ...about,
          ...(byHandAlone && {
            userIdentity: { invokedBy: [{ exists: false }, { 'anything-but': deployers }] },
          }),
        },
      },
      targets: [target],
    })
}

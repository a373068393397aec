/** Who is told when somebody changes what protects the log, as the account's trail shows it. */

import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { changedHeading } from '../../infra/trail.ts'
import { runbookOf } from '../../infra/watch.ts'
import { constructOf, functionOf, names, synthesise } from './deployment.ts'
import { targetsOf } from './event-pattern.ts'
import { may, roleOf } from './iam.ts'
import { account, idOf, ofType, region, resourceOf } from './template.ts'

const { resources, end } = synthesise()
afterAll(end)

/** A call as CloudTrail hands it to EventBridge; `more` is what the service says of it. */
const event = (service: string, eventName: string, more: object) => ({
  source: `aws.${service}`,
  'detail-type': 'AWS API Call via CloudTrail',
  account,
  region,
  detail: {
    eventSource: `${service}.amazonaws.com`,
    eventName,
    userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::${account}:assumed-role/Admin/x` },
    ...more,
  },
})
const tells = (service: string, eventName: string, more: object) =>
  targetsOf(resources, event(service, eventName, more)).length

const keys = ['TablesKey', 'SecretsKey', 'CheckpointKey', 'AlarmsKey']
/** As KMS writes it into the trail, whatever name of the key the caller gave. */
const ofKey = (construct: string) => ({
  requestParameters: { keyId: 'alias/whatever' },
  resources: [{ ARN: `arn:${idOf(resources, construct)}`, accountId: account }],
})

describe('People are told', () => {
  // Kills: a key that is left out; a call that ends a key or changes who may use it.
  test.each(keys)(
    'that somebody schedules the deletion of a key or changes its policy: %s',
    (key) => {
      for (const call of ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'CreateGrant'])
        expect(tells('kms', call, ofKey(key)), call).toBe(1)
      // What everybody does all day, and to keys of others.
      expect(tells('kms', 'Decrypt', ofKey(key))).toBe(0)
      const others = { resources: [{ ARN: 'arn:aws:kms:eu-central-1:1:key/other' }] }
      expect(tells('kms', 'ScheduleKeyDeletion', others)).toBe(0)
    },
  )

  // Kills: a table that is left out; one that is known by its name alone, or by its ARN alone.
  test.each(names)('that somebody changes the policy of a table, or deletes it: %s', (name) => {
    const id = idOf(resources, constructOf(name))
    for (const call of ['PutResourcePolicy', 'DeleteResourcePolicy'])
      expect(tells('dynamodb', call, { requestParameters: { resourceArn: `arn:${id}` } })).toBe(1)
    for (const call of [
      'DeleteTable',
      'UpdateTable',
      'UpdateContinuousBackups',
      'UpdateTimeToLive',
    ])
      for (const tableName of [id, `arn:${id}`])
        expect(tells('dynamodb', call, { requestParameters: { tableName } })).toBe(1)
    expect(tells('dynamodb', 'UpdateTable', { requestParameters: { tableName: 'Other' } })).toBe(0)
  })

  // Kills: a copy of a whole table, or of each change of it, that nobody hears of.
  test.each(names)('that somebody has a table copied: %s', (name) => {
    const id = idOf(resources, constructOf(name))
    const exported = { requestParameters: { tableArn: `arn:${id}` } }
    expect(tells('dynamodb', 'ExportTableToPointInTime', exported)).toBe(1)
    for (const tableName of [id, `arn:${id}`]) {
      const streamed = { requestParameters: { tableName } }
      expect(tells('dynamodb', 'EnableKinesisStreamingDestination', streamed)).toBe(1)
    }
    const other = { requestParameters: { tableArn: 'arn:aws:dynamodb:eu-central-1:1:table/Other' } }
    expect(tells('dynamodb', 'ExportTableToPointInTime', other)).toBe(0)
  })

  test('that somebody changes the policy of the archive, its lock or its copies', () => {
    const bucketName = idOf(resources, 'Archive')
    for (const call of [
      ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketObjectLockConfiguration'],
      ...['PutBucketVersioning', 'DeleteBucketReplication', 'PutBucketLifecycle', 'DeleteBucket'],
    ]) {
      expect(tells('s3', call, { requestParameters: { bucketName } }), call).toBe(1)
      expect(tells('s3', call, { requestParameters: { bucketName: 'other' } }), call).toBe(0)
    }
  })

  // Kills: names of calls without the day of their version; a function known by its name alone.
  test.each(Object.values(functionOf))('that somebody lets others call a function: %s', (name) => {
    const id = idOf(resources, name)
    for (const functionName of [id, `arn:${id}`, `arn:${id}:live`])
      for (const call of ['AddPermission20150331v2', 'RemovePermission20150331v2'])
        expect(tells('lambda', call, { requestParameters: { functionName } }), call).toBe(1)
  })

  // Kills: mail about every function at every deployment; silence about a change by hand.
  test('that somebody changes a function, unless it is a deployment', () => {
    const requestParameters = { functionName: idOf(resources, 'Sign') }
    const by = (invokedBy: string) => ({ requestParameters, userIdentity: { invokedBy } })
    for (const call of ['UpdateFunctionCode20150331v2', 'UpdateFunctionConfiguration20150331v2']) {
      expect(tells('lambda', call, { requestParameters })).toBe(1)
      expect(tells('lambda', call, by('cloudformation.amazonaws.com'))).toBe(0)
      expect(tells('lambda', call, by('AWS Internal'))).toBe(1)
    }
    expect(tells('kms', 'PutKeyPolicy', { ...ofKey('SecretsKey'), ...by('cloudformation') })).toBe(
      1,
    )
  })

  test('by the topic of alarms: what was done, by whom, when, and where to read on', () => {
    const [target] = targetsOf(resources, event('kms', 'PutKeyPolicy', ofKey('CheckpointKey')))
    const { Arn, RoleArn, InputTransformer } = z
      .looseObject({
        Arn: z.string(),
        RoleArn: z.string(),
        InputTransformer: z.object({
          InputTemplate: z.string(),
          InputPathsMap: z.record(z.string(), z.string()),
        }),
      })
      .parse(target)
    expect(Arn).toBe(idOf(resources, 'Alarms'))
    expect(RoleArn).toBe(`arn:${idOf(resources, 'TellerRole')}`)
    expect(Object.values(InputTransformer.InputPathsMap).sort()).toEqual([
      '$.detail.eventID',
      '$.detail.eventName',
      '$.detail.eventTime',
      '$.detail.userIdentity.arn',
    ])
    expect(InputTransformer.InputTemplate).toContain(runbookOf(changedHeading))
  })
})

// Kills: a pattern that EventBridge does not take, so that the deployment fails: 2048 characters unless the quota was raised.
test('Each pattern is short enough, with the longest names that a deployment may have', () => {
  const stack = `Comity-${'e'.repeat(21)}`
  for (const { properties } of ofType(resources, 'AWS::Events::Rule')) {
    const pattern = JSON.stringify(properties.EventPattern ?? {})
    const deployed = pattern
      .replaceAll('"arn:', `"arn:aws:dynamodb:ap-southeast-1:${account}:table/arn:`)
      .replaceAll(/(arn:)?\b(\w+[0-9A-F]{8})"/g, `${stack}-$2-ABCDEFGHIJKLM"`)
    expect(deployed.length, pattern.slice(0, 80)).toBeLessThanOrEqual(2048)
  }
})

// Kills: a topic or key that EventBridge may not use, so that the rule matches and nobody hears of it.
test('Whoever tells may publish there and encrypt it, and do nothing else', () => {
  const teller = roleOf(resources, 'TellerRole')
  expect(teller.statements).toEqual([
    expect.objectContaining({ Action: ['sns:Publish'], Resource: [idOf(resources, 'Alarms')] }),
  ])
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'])
    for (const on of keys) expect(may(teller, { action, on }, resources)).toBe(on === 'AlarmsKey')
  expect(resourceOf(resources, 'Alarms').properties.KmsMasterKeyId).toBe(
    `arn:${idOf(resources, 'AlarmsKey')}`,
  )
})

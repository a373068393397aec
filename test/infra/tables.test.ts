/** The tables and their keys where a second Region holds them, too, and what no table has. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { constructOf, names as everyName, logins, synthesise } from './deployment.ts'
import { administrator, may, type Principal, policyOf, roleOf } from './iam.ts'
import { account, idOf, type Resources, resourceOf, resourcesOf } from './template.ts'

const alone = synthesise()
afterAll(alone.end)

const [home, elsewhere, witness] = ['eu-central-1', 'eu-west-1', 'eu-west-3']
const app = newApp()
const regions = `${home},${elsewhere},${witness}`
const stack = comityStack(
  app,
  readSettings((name) => ({ logins, regions })[name]),
  alone.made,
)
const stackOf = (part: string) => {
  const found = app.node.findChild(`Comity-dev-${part}`)
  if (!(found instanceof Stack)) throw new Error(`${part} is no stack`)
  return found
}
const resources = resourcesOf(stack)
const tablesKey = resourcesOf(stackOf('TablesKey'))
const keys = resourcesOf(stackOf('Keys'))
const copied = resourcesOf(stackOf('Archive'))

/** What the stack here tells the ones there. */
const outputs = z
  .record(
    z.string(),
    z.looseObject({ Value: z.object({ 'Fn::GetAtt': z.array(z.string()).optional() }) }),
  )
  .parse(Template.fromStack(stack).toJSON().Outputs)

/** The role in which DynamoDB writes from one Region to another, as its documentation names it. */
const replication: Principal = {
  ...administrator,
  arn: `arn:aws:iam::${account}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication`,
}

/** Those that hold more than who is logged in. */
const names = everyName.filter((name) => name !== 'sessions')

const tableSchema = z.looseObject({
  Replicas: z.array(
    z.looseObject({
      Region: z.unknown(),
      DeletionProtectionEnabled: z.boolean(),
      PointInTimeRecoverySpecification: z.unknown(),
      SSESpecification: z.object({ KMSMasterKeyId: z.string() }),
    }),
  ),
})
const tableOf = (of: Resources, name: (typeof names)[number]) =>
  tableSchema.parse(resourceOf(of, constructOf(name)).properties)

/** The stack as one replica of a table sees it: by its own policy. */
function by(replica: string, name: (typeof names)[number]): Resources {
  const id = idOf(resources, constructOf(name))
  const table = tableOf(resources, name)
  const Replicas = table.Replicas.filter(({ Region }) => Region === replica)
  return new Map(resources).set(id, {
    type: 'AWS::DynamoDB::GlobalTable',
    properties: { ...table, Replicas },
    deletionPolicy: undefined,
  })
}

describe('A table in two Regions', () => {
  // Kills: replicas that agree later, so that an entry is answered for and lost with the Region.
  test.each(names)('answers a write once another Region has it: %s', (name) => {
    const { MultiRegionConsistency, GlobalTableWitnesses, Replicas } = tableOf(resources, name)
    expect(MultiRegionConsistency).toBe('STRONG')
    expect(Replicas.map(({ Region }) => Region).sort()).toEqual([home, elsewhere])
    expect(GlobalTableWitnesses).toEqual([{ Region: witness }])
  })

  // Kills: one key for both, which the other Region could not use without this one.
  test.each(names)('is in each encrypted with the customer’s key of that Region: %s', (name) => {
    const keyOf = tableOf(resources, name).Replicas.map(
      ({ Region, SSESpecification }) => [Region, SSESpecification.KMSMasterKeyId] as const,
    )
    const there = new RegExp(`^${elsewhere}/Comity-dev-TablesKey/.*TablesKey`)
    expect(Object.fromEntries(keyOf)).toEqual({
      [home]: `arn:${idOf(resources, 'TablesKey')}`,
      [elsewhere]: expect.stringMatching(there),
    })
  })

  test.each(names)('is as safe there as it is here: %s', (name) => {
    const [one, other] = tableOf(resources, name).Replicas
    const [single] = tableOf(alone.resources, name).Replicas
    for (const replica of [one, other])
      for (const kept of ['DeletionProtectionEnabled', 'PointInTimeRecoverySpecification'] as const)
        expect(replica?.[kept]).toEqual(single?.[kept])
  })

  // Kills: the stream that CDK gives to every table with replicas, in which erased items stay a day.
  test('has a stream only if it has one in one Region', () => {
    const streamed = (of: Resources) =>
      names.filter((name) => tableOf(of, name).StreamSpecification !== undefined)
    expect(streamed(alone.resources)).toEqual(['decisions'])
    expect(streamed(resources)).toEqual(['decisions'])
  })

  // Kills: a policy on the first replica alone.
  test.each([home, elsewhere])('is append-only in each: %s', (region) => {
    const { arn } = alone.roles.access
    const writer = { ...administrator, arn }
    const asks = (name: 'decisions' | 'signatures', who: Principal) =>
      ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate'].filter((action) =>
        may(who, { action: `dynamodb:${action}`, on: constructOf(name) }, by(region, name)),
      )
    expect(asks('decisions', administrator)).toEqual([])
    expect(asks('decisions', writer)).toEqual(['PutItem'])
    expect(asks('signatures', writer)).toEqual([])
    expect(asks('signatures', { ...administrator, arn: alone.roles.sign.arn })).toEqual(['PutItem'])
  })

  // Kills: a policy that denies DynamoDB itself, after which every write is refused.
  test('lets DynamoDB replicate, and only where there are replicas', () => {
    for (const name of ['decisions', 'signatures'] as const)
      for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']) {
        const ask = { action: `dynamodb:${action}`, on: constructOf(name) }
        for (const region of [home, elsewhere])
          expect(may(replication, ask, by(region, name))).toBe(true)
        expect(may(replication, ask, alone.resources)).toBe(false)
      }
  })

  test('does nothing that such tables cannot: no transaction, no expiry, no local index', () => {
    const folder = join(import.meta.dirname, '../../functions')
    const code = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
    expect(code.join('\n')).not.toMatch(/Transact(Write|Get)|ExecuteTransaction|TimeToLive/)
    for (const name of names) {
      expect(tableOf(resources, name)).not.toHaveProperty('TimeToLiveSpecification')
      expect(tableOf(resources, name)).not.toHaveProperty('LocalSecondaryIndexes')
    }
  })
})

describe('The table of sessions', () => {
  // Kills: a table that agrees on each write, which removes nothing by itself; who was logged in, for ever.
  test('is of one Region alone, and forgets', () => {
    for (const of of [alone.resources, resources])
      expect(resourceOf(of, 'Sessions').properties).toMatchObject({
        Replicas: [{ SSESpecification: { KMSMasterKeyId: `arn:${idOf(of, 'TablesKey')}` } }],
        TimeToLiveSpecification: { AttributeName: 'ends', Enabled: true },
      })
  })
})

describe('The key of the tables there', () => {
  const uses = (who: Principal, context: Readonly<Record<string, string>>) =>
    ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:CreateGrant'].filter((action) =>
      may(who, { action, on: 'TablesKey', context }, tablesKey),
    )

  test('is used through DynamoDB of that Region, by whoever makes the tables', () => {
    const there = { 'kms:ViaService': `dynamodb.${home}.amazonaws.com` }
    expect(uses(administrator, there)).toContain('kms:CreateGrant')
    expect(uses(administrator, {})).toEqual([])
  })

  // Kills: a statement for anybody without its condition.
  test('is used by DynamoDB’s own role to replicate, and by nobody like it', () => {
    const other = `arn:aws:iam::${account}:role/AWSServiceRoleForDynamoDBReplication`
    expect(uses(replication, {})).toEqual(['kms:Decrypt', 'kms:GenerateDataKey'])
    expect(uses({ ...replication, arn: other }, {})).toEqual([])
    expect(may(replication, { action: 'kms:Decrypt', on: 'TablesKey' }, resources)).toBe(true)
    expect(may(replication, { action: 'kms:Decrypt', on: 'TablesKey' }, alone.resources)).toBe(
      false,
    )
  })
})

describe.each(['SecretsKey', 'CheckpointKey'])('The key that cannot be lost, %s', (key) => {
  const replicate = (of: Resources, to: string) =>
    may(
      administrator,
      { action: 'kms:ReplicateKey', on: key, context: { 'kms:ReplicaRegion': to } },
      of,
    )

  // Kills: `multiRegion` for those with several Regions alone: KMS changes it for no key that exists.
  test('can always be had in another Region, but nobody may before the settings say which', () => {
    expect(resourceOf(alone.resources, key).properties.MultiRegion).toBe(true)
    expect(resourceOf(resources, key).properties.MultiRegion).toBe(true)
    for (const to of [elsewhere, witness, 'us-east-1']) {
      expect(replicate(alone.resources, to)).toBe(false)
      expect(replicate(resources, to)).toBe(to === elsewhere)
    }
  })

  // Kills: a primary key that stays where it is for good, and can never be deleted there.
  test('becomes the primary one in the other Region, and back, as the policies of both allow', () => {
    const mayMove = (of: Resources, to: string) =>
      may(
        administrator,
        { action: 'kms:UpdatePrimaryRegion', on: key, context: { 'kms:PrimaryRegion': to } },
        of,
      )
    for (const to of [home, elsewhere, witness]) {
      expect(mayMove(resources, to)).toBe(to !== witness)
      expect(mayMove(replicaOf(key), to)).toBe(to !== witness)
      expect(mayMove(alone.resources, to)).toBe(false)
    }
  })

  // Kills: a replica with the policy that KMS gives by default, by which the account may use it.
  test('is used there by whom it is used here, in the same way', () => {
    const replica = keys.get(key)
    expect(replica?.type).toBe('AWS::KMS::ReplicaKey')
    expect(replica?.deletionPolicy).toBe('RetainExceptOnCreate')
    expect(asHere(String(replica?.properties.PrimaryKeyArn))).toBe(`arn:${idOf(resources, key)}`)
    expect(policyOf(replicaOf(key), key)).toEqual(policyOf(resources, key))
  })
})

/** What the stack there was told, as the stack here names it. */
const asHere = (told: string) =>
  told.replace(new RegExp(`^${home}/Comity-dev/(.*)`), (_, output: string) => {
    const { Value } = outputs[output] ?? {}
    return `arn:${Value?.['Fn::GetAtt']?.[0]}`
  })

/** The replica of a key, as if it were the key here. */
function replicaOf(key: string): Resources {
  const properties = JSON.parse(
    JSON.stringify(keys.get(key)?.properties, (_, each) =>
      typeof each === 'string' ? asHere(each) : each,
    ),
  )
  return new Map([[idOf(resources, key), { ...resourceOf(resources, key), properties }]])
}

describe('Several Regions', () => {
  test('are deployed in order: the key of the tables, the stack, the replicas of its keys', () => {
    expect(stack.dependencies).toEqual([stackOf('TablesKey'), stackOf('Archive')])
    expect(stackOf('Keys').dependencies).toEqual([stack])
    expect([stackOf('TablesKey').region, stack.region, stackOf('Keys').region]).toEqual([
      elsewhere,
      home,
      elsewhere,
    ])
  })

  test('bring no function and no role that carries something over', () => {
    const types = [tablesKey, keys, copied].flatMap((each) =>
      [...each.values()].map(({ type }) => type),
    )
    expect(types).toEqual([
      ...['AWS::KMS::Key', 'AWS::KMS::ReplicaKey', 'AWS::KMS::ReplicaKey'],
      ...['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
    ])
    const count = (of: Resources, type: string) =>
      [...of.values()].filter((each) => each.type === type).length
    expect(count(resources, 'AWS::Lambda::Function')).toBe(
      count(alone.resources, 'AWS::Lambda::Function'),
    )
    // Beside those of one Region, the one in which S3 copies.
    expect(count(resources, 'AWS::IAM::Role')).toBe(count(alone.resources, 'AWS::IAM::Role') + 1)
  })

  test.each([
    ['two', 'eu-central-1,eu-west-1'],
    ['one twice', 'eu-central-1,eu-west-1,eu-west-1'],
    ['some of two sets', 'eu-central-1,eu-west-1,us-east-1'],
    ['one where tables cannot agree', 'eu-central-1,eu-north-1,eu-west-1'],
  ])('that DynamoDB cannot have agree are refused, with those that it can: %s', (_, given) => {
    const read = () => readSettings((name) => (name === 'regions' ? given : undefined))
    expect(read).toThrow(/regions: name three different Regions .*eu-central-1, eu-west-1/)
  })
})

describe('The archive in two Regions', () => {
  const copies = roleOf(resources, 'CopyRole')
  const roleName = String(resourceOf(resources, 'CopyRole').properties.RoleName)
  const tls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' }
  /** Somebody whom IAM lets do everything, under the ARN of another. */
  const as = (arn: string): Principal => ({ ...administrator, arn })
  const copier = as(`arn:aws:iam::${account}:role/${roleName}`)
  const there = (who: Principal, action: string) =>
    may(who, { action: `s3:${action}`, on: 'ArchiveCopy', path: '/x', context: tls }, copied)
  const aBucketThere = expect.stringMatching(new RegExp(`^${elsewhere}/Comity-dev-Archive/`))

  // Kills: a copy of some files alone; a delete marker that hides the copy; a rule that is off.
  test('is copied whole, with its versions, within 15 minutes', () => {
    const { ReplicationConfiguration } = resourceOf(resources, 'Archive').properties
    expect(ReplicationConfiguration).toEqual({
      Role: `arn:${idOf(resources, 'CopyRole')}`,
      Rules: [
        {
          ...{ Id: 'all', Status: 'Enabled', Priority: 1, Filter: { Prefix: '' } },
          DeleteMarkerReplication: { Status: 'Disabled' },
          Destination: {
            Bucket: aBucketThere,
            ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
            Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
          },
        },
      ],
    })
    expect(resourceOf(alone.resources, 'Archive').properties).not.toHaveProperty(
      'ReplicationConfiguration',
    )
  })

  // Kills: a copy that anybody may remove before its time, so that it protects nothing.
  test('is locked there as it is here', () => {
    const { ReplicationConfiguration: _, ...here } = resourceOf(resources, 'Archive').properties
    const copy = resourceOf(copied, 'ArchiveCopy')
    expect(copy.properties).toEqual(here)
    expect(copy.deletionPolicy).toBe('RetainExceptOnCreate')
  })

  // Kills: a writer there whose files were never in the log; a role that S3 does not copy in.
  test('is written there by S3 alone, in one role, and removed by nobody', () => {
    expect(there(copier, 'ReplicateObject')).toBe(true)
    expect(there(administrator, 'ReplicateObject')).toBe(false)
    for (const who of [administrator, copier, as(alone.roles.seal.arn)])
      for (const action of ['PutObject', 'DeleteObject', 'DeleteObjectVersion', 'ReplicateDelete'])
        expect(there(who, action), action).toBe(false)
    expect(there(administrator, 'GetObject')).toBe(true)
  })

  test('lets whoever copies read versions with their locks, and write to no other bucket', () => {
    const reads = (action: string) =>
      may(copies, { action: `s3:${action}`, on: 'Archive', path: '/x', context: tls }, resources)
    for (const each of ['VersionForReplication', 'Retention', 'LegalHold'])
      expect(reads(`GetObject${each}`), each).toBe(true)
    for (const action of ['PutObject', 'DeleteObject', 'ReplicateObject'])
      expect(reads(action), action).toBe(false)
    const written = copies.statements.filter(({ Action }) => Action.includes('s3:ReplicateObject'))
    expect(written.flatMap(({ Resource }) => Resource)).toEqual([aBucketThere])
  })

  // Kills: a copy that fails for months without a word.
  test('rings if a file could not be copied', () => {
    expect(resourceOf(resources, 'ArchiveUncopied').properties).toMatchObject({
      ...{ Namespace: 'AWS/S3', MetricName: 'OperationsFailedReplication', Threshold: 1 },
      Dimensions: [
        { Name: 'DestinationBucket', Value: aBucketThere },
        { Name: 'RuleId', Value: 'all' },
        { Name: 'SourceBucket', Value: idOf(resources, 'Archive') },
      ],
    })
    expect(() => resourceOf(alone.resources, 'ArchiveUncopied')).toThrow('no ArchiveUncopied')
  })
})

describe('No table', () => {
  // Kills: Contributor Insights, which shows to whoever reads metrics the keys that are asked for most.
  test('tells CloudWatch the keys of its items', () => {
    const insights = JSON.stringify([...alone.resources.values(), ...resources.values()])
    expect(insights).not.toContain('ContributorInsights')
  })
})

/** What the template grants and keeps safe, read as AWS would. */

import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type TableName, tables } from '../../functions/adapters/tables.ts'
import { readConfig } from '../../functions/config.ts'
import { bundle } from '../../infra/bundle.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { administrator, may, policyOf, roleOf } from './iam.ts'
import { idOf, ofType, region, resourceOf, resourcesOf } from './template.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-stack-'))
afterAll(() => rmSync(folder, { recursive: true }))

const made = bundle('access', join(folder, 'access'))
const settings = readSettings(() => undefined)
const resources = resourcesOf(comityStack(newApp(), settings, made))
const access = roleOf(resources, 'AccessRole')

const names = Object.keys(tables) as readonly TableName[]
const constructOf = (name: TableName) => `${name[0]?.toUpperCase()}${name.slice(1)}`
const dynamodb = (action: string, table: TableName, who = access) =>
  may(who, { action: `dynamodb:${action}`, on: constructOf(table) }, resources)

const replica = z.looseObject({
  DeletionProtectionEnabled: z.boolean(),
  PointInTimeRecoverySpecification: z.looseObject({ PointInTimeRecoveryEnabled: z.boolean() }),
  SSESpecification: z.looseObject({ KMSMasterKeyId: z.string() }),
})
const tableSchema = z.looseObject({
  KeySchema: z.array(z.looseObject({ AttributeName: z.string(), KeyType: z.string() })),
  GlobalSecondaryIndexes: z
    .array(z.looseObject({ IndexName: z.string(), KeySchema: z.array(z.unknown()) }))
    .default([]),
  Replicas: z.tuple([replica]),
  SSESpecification: z.looseObject({ SSEEnabled: z.boolean(), SSEType: z.string() }),
  StreamSpecification: z.looseObject({ StreamViewType: z.string() }).optional(),
})
const tableOf = (name: TableName) =>
  tableSchema.parse(resourceOf(resources, constructOf(name)).properties)

/** Every way to change or remove an item that is there, other than putting one in its place. */
const changes = [
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLUpdate',
  'PartiQLDelete',
  'PartiQLInsert',
] as const

describe('The ledger', () => {
  test('the access function can write and read an entry', () => {
    expect(dynamodb('PutItem', 'decisions')).toBe(true)
    expect(dynamodb('GetItem', 'decisions')).toBe(true)
  })

  test.each(changes)('the access function cannot change or remove an entry by %s', (action) => {
    expect(dynamodb(action, 'decisions')).toBe(false)
  })

  test.each(changes)('nor can an administrator, by %s, whatever IAM lets them', (action) => {
    expect(dynamodb(action, 'decisions', administrator)).toBe(false)
    expect(dynamodb(action, 'records', administrator)).toBe(true)
  })

  test('the access function cannot list entries', () => {
    for (const action of [
      'Scan',
      'Query',
      'BatchGetItem',
      'PartiQLSelect',
      'ExportTableToPointInTime',
    ])
      expect(dynamodb(action, 'decisions'), action).toBe(false)
  })

  test('whoever seals entries is told of each', () => {
    expect(tableOf('decisions').StreamSpecification?.StreamViewType).toBe('NEW_IMAGE')
  })
})

describe('The tables', () => {
  test('the access function cannot remove a key, or change who takes part', () => {
    for (const action of [...changes, 'Scan']) expect(dynamodb(action, 'keys'), action).toBe(false)
    for (const action of [...changes, 'PutItem', 'Scan'])
      expect(dynamodb(action, 'register'), action).toBe(false)
  })

  test('no statement has a wildcard action, or is about everything', () => {
    const policies = [...names.map(constructOf), 'TablesKey', 'SecretsKey']
    const allowing = [
      ...access.statements,
      ...policies.flatMap((each) => policyOf(resources, each)),
    ]
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action)
    expect(allowing.filter((action) => action.includes('*'))).toEqual([])
    expect(access.statements.flatMap(({ Resource }) => Resource)).not.toContain('*')
  })

  test('every role and every statement was looked at', () => {
    expect(ofType(resources, 'AWS::IAM::Role')).toHaveLength(1)
    expect(ofType(resources, 'AWS::IAM::Policy')).toHaveLength(1)
  })

  test.each(names)('%s is encrypted with the key of the deployment', (name) => {
    const { SSESpecification, Replicas } = tableOf(name)
    expect(SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' })
    expect(Replicas[0].SSESpecification.KMSMasterKeyId).toBe(`arn:${idOf(resources, 'TablesKey')}`)
  })

  test.each(names)('%s is protected from deletion', (name) => {
    expect(tableOf(name).Replicas[0].DeletionProtectionEnabled).toBe(true)
    expect(resourceOf(resources, constructOf(name)).deletionPolicy).toBe('Retain')
  })

  test.each(names)('%s can be turned back, unless that would bring erased keys back', (name) => {
    const { PointInTimeRecoveryEnabled } =
      tableOf(name).Replicas[0].PointInTimeRecoverySpecification
    expect(PointInTimeRecoveryEnabled).toBe(name !== 'keys')
  })

  test.each(names)('%s has the keys and indexes that the adapters use', (name) => {
    const { KeySchema, GlobalSecondaryIndexes } = tableOf(name)
    const { hash, range, indexes = [] }: (typeof tables)[TableName] & Keyed = tables[name]
    expect(KeySchema).toEqual(keySchema(hash, range))
    expect(GlobalSecondaryIndexes).toMatchObject(
      indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.hash, index.range),
      })),
    )
  })

  test('their ids stay as they are: under another id is another table, without the data', () => {
    expect(names.map((name) => idOf(resources, constructOf(name)))).toEqual([
      'Decisions28C7D866',
      'Keys4E30B592',
      'Records091F6ECA',
      'Attestations800FF9F5',
      'Register34FE4340',
    ])
  })
})

type Keyed = {
  readonly range?: string
  readonly indexes?: readonly {
    readonly name: string
    readonly hash: string
    readonly range: string
  }[]
}
const keySchema = (hash: string, range: string | undefined) => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
]

describe('The keys', () => {
  const context = {
    'kms:EncryptionContext:purpose': 'comity secrets',
    'kms:EncryptionContextKeys': ['purpose'],
  }
  const uses = [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'ReEncryptFrom',
    'ReEncryptTo',
    'CreateGrant',
  ]
  const kms = (
    action: string,
    on: string,
    who: typeof access,
    said: Record<string, string | string[]>,
  ) => may(who, { action: `kms:${action}`, on, context: said }, resources)

  test('the access function may wrap and open secrets, with the context of the gateway', () => {
    expect(kms('Encrypt', 'SecretsKey', access, context)).toBe(true)
    expect(kms('Decrypt', 'SecretsKey', access, context)).toBe(true)
  })

  test('it may not with another context, with none, or with more', () => {
    for (const action of uses) {
      const other = { ...context, 'kms:EncryptionContext:purpose': 'another' }
      const more = { ...context, 'kms:EncryptionContextKeys': ['purpose', 'more'] }
      for (const said of [other, {}, more])
        expect(kms(action, 'SecretsKey', access, said), action).toBe(false)
    }
  })

  test('nobody else may use the key of secrets, whatever IAM lets them', () => {
    for (const action of uses)
      for (const said of [
        context,
        {},
        { ...context, 'kms:ViaService': `dynamodb.${region}.amazonaws.com` },
      ])
        expect(kms(action, 'SecretsKey', administrator, said), action).toBe(false)
  })

  test('the key of tables is used through DynamoDB only', () => {
    const through = { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` }
    expect(kms('Decrypt', 'TablesKey', access, through)).toBe(true)
    expect(kms('CreateGrant', 'TablesKey', access, through)).toBe(false)
    for (const action of uses)
      for (const who of [access, administrator])
        for (const said of [{}, { 'kms:ViaService': `s3.${region}.amazonaws.com` }])
          expect(kms(action, 'TablesKey', who, said), action).toBe(false)
  })

  test('both are renewed each year and outlive the stack', () => {
    for (const key of ['TablesKey', 'SecretsKey']) {
      const { properties, deletionPolicy } = resourceOf(resources, key)
      expect(properties.EnableKeyRotation).toBe(true)
      expect(deletionPolicy).toBe('Retain')
    }
  })
})

describe('The function', () => {
  const { properties } = resourceOf(resources, 'Access')

  test('its environment is a valid configuration', () => {
    const { Variables } = z
      .object({ Variables: z.record(z.string(), z.string()) })
      .parse(properties.Environment)
    const config = readConfig(Variables)
    expect(config.COMITY_DECISIONS_TABLE).toBe(idOf(resources, 'Decisions'))
    expect(config.COMITY_ORIGIN).toMatch(/^https:\/\/[^/]+$/)
    expect(config.COMITY_KMS_KEY).toBe(`arn:${idOf(resources, 'SecretsKey')}`)
    expect(readdirSync(made.folder)).toContain(config.COMITY_POLICIES)
    expect(Object.keys(Variables).filter((name) => !(name in config))).toEqual([])
  })

  test('it is the bundle, under its digest', () => {
    expect(properties.Description).toContain(made.digest)
    // CDK hashes the digest once more.
    expect(properties.Code).toMatchObject({ S3Key: `${hash('sha256', made.digest)}.zip` })
    expect(properties).toMatchObject({ Handler: 'index.handler', Runtime: 'nodejs24.x' })
  })

  test('it takes a share of the account that the settings name', () => {
    expect(properties.ReservedConcurrentExecutions).toBe(settings.instancesMax)
  })

  test('calls are limited, and the log of them says nothing of a caller', () => {
    const stage = z
      .looseObject({
        DefaultRouteSettings: z.record(z.string(), z.number()),
        AccessLogSettings: z.looseObject({ Format: z.string() }),
      })
      .parse(resourceOf(resources, 'Stage').properties)
    expect(stage.DefaultRouteSettings).toEqual({
      ThrottlingBurstLimit: settings.callsAtOnce,
      ThrottlingRateLimit: settings.callsPerSecond,
    })
    expect(stage.AccessLogSettings.Format).toContain('$context.requestId')
    expect(stage.AccessLogSettings.Format).not.toMatch(
      /path|sourceIp|userAgent|identity|authorizer/i,
    )
  })
})

describe('A deployment', () => {
  test('does not start with wrong settings, and says all that is wrong', () => {
    const given: Readonly<Record<string, unknown>> = { domain: 'a.example', instancesMax: 'many' }
    expect(() => readSettings((name) => given[name])).toThrow(/instancesMax.*/)
  })

  test('for more than a trial does not trust demonstration keys', () => {
    const prod = { ...settings, environment: 'prod' }
    expect(() => comityStack(newApp(), prod, made)).toThrow('trusts demonstration keys')
  })

  test('has the same bytes wherever it is built', () => {
    const again = bundle('access', join(folder, 'elsewhere/again'))
    expect(again).toEqual({ ...made, folder: again.folder })
    expect(readdirSync(again.folder, { recursive: true })).toEqual(
      readdirSync(made.folder, { recursive: true }),
    )
  })

  test('carries the policies without tests, pages or private keys', () => {
    const files = readdirSync(join(made.folder, 'policies'), { recursive: true, encoding: 'utf8' })
    expect(files).toContain('seals.json')
    expect(files.filter((file) => /test|README|FORMAT|demonstration/.test(file))).toEqual([])
    expect(readdirSync(made.folder).sort()).toEqual(['index.mjs', 'policies'])
  })

  test('is small: its code takes under 600 KB', () => {
    expect(made.bytes.code).toBeLessThan(600_000)
  })
})

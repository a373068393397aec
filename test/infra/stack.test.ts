/** What the template grants, and to whom, worked out as IAM would. */

import { afterAll, describe, expect, test } from 'vitest'
import type { TableName } from '../../functions/adapters/tables.ts'
import { constructOf, names, synthesise } from './deployment.ts'
import { administrator, may, type Principal, policyOf } from './iam.ts'
import { ofType, region } from './template.ts'

const { resources, access, end } = synthesise()
afterAll(end)

const dynamodb = (action: string, table: TableName, who: Principal = access) =>
  may(who, { action: `dynamodb:${action}`, on: constructOf(table) }, resources)

/** Every way to change or remove an item, other than putting one in its place. */
const changes = [
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLUpdate',
  'PartiQLDelete',
  'PartiQLInsert',
] as const
/** Every way to read items whose keys one does not know. */
const listings = ['Scan', 'Query', 'PartiQLSelect', 'ExportTableToPointInTime'] as const

describe('The ledger', () => {
  test('the access function can write and read an entry', () => {
    expect(dynamodb('PutItem', 'decisions')).toBe(true)
    expect(dynamodb('GetItem', 'decisions')).toBe(true)
  })

  test.each(changes)('the access function cannot update or delete an entry by %s', (action) => {
    expect(dynamodb(action, 'decisions')).toBe(false)
    const without = new Map(resources)
    for (const [id, { type, ...more }] of resources)
      if (type === 'AWS::DynamoDB::GlobalTable') without.set(id, { ...more, type, properties: {} })
    // Two things forbid it: the role does not grant it, whatever the table says.
    const ask = { action: `dynamodb:${action}`, on: 'Decisions' }
    expect(may(access, ask, without)).toBe(false)
  })

  test.each(changes)('nor can an administrator, by %s, whatever IAM lets them', (action) => {
    expect(dynamodb(action, 'decisions', administrator)).toBe(false)
    expect(dynamodb(action, 'records', administrator)).toBe(true)
  })

  test('nor can an administrator write one, or put another in its place', () => {
    expect(dynamodb('PutItem', 'decisions', administrator)).toBe(false)
    expect(dynamodb('GetItem', 'decisions', administrator)).toBe(true)
  })

  test.each(listings)('the access function cannot list entries by %s', (action) => {
    expect(dynamodb(action, 'decisions')).toBe(false)
  })
})

describe('The tables', () => {
  test('the access function cannot change or remove a key', () => {
    expect(changes.filter((action) => dynamodb(action, 'keys'))).toEqual([])
  })

  test('it cannot change who takes part', () => {
    const ways = [...changes, 'PutItem', ...listings]
    expect(ways.filter((action) => dynamodb(action, 'register'))).toEqual([])
  })

  test('no statement has a wildcard action, and none of the function is about everything', () => {
    const policies = [...names.map(constructOf), 'TablesKey', 'SecretsKey']
    const allowing = [...access.statements, ...policies.flatMap((id) => policyOf(resources, id))]
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action)
    expect(allowing.filter((action) => action.includes('*'))).toEqual([])
    const wide = access.statements
      .flatMap(({ Resource }) => Resource)
      .filter((on) => on.includes('*'))
    expect(wide).toEqual([])
  })

  test('no role or policy is there that was not looked at', () => {
    expect(ofType(resources, 'AWS::IAM::Role')).toHaveLength(1)
    expect(ofType(resources, 'AWS::IAM::Policy')).toHaveLength(1)
    expect(ofType(resources, 'AWS::IAM::ManagedPolicy')).toHaveLength(0)
    expect(ofType(resources, 'AWS::KMS::Key')).toHaveLength(2)
  })
})

describe('The keys', () => {
  const purpose = 'kms:EncryptionContext:purpose'
  const context = { [purpose]: 'comity secrets', 'kms:EncryptionContextKeys': ['purpose'] }
  const throughDynamoDb = { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` }
  /** Every way to use a key, or to let another use it. */
  const uses = [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'ReEncryptFrom',
    'ReEncryptTo',
    'CreateGrant',
  ]
  type Context = Readonly<Record<string, string | readonly string[]>>
  const allowed = (key: string, who: Principal, said: Context) =>
    uses.filter((use) => may(who, { action: `kms:${use}`, on: key, context: said }, resources))

  test('the access function may wrap and open secrets, with the context of the gateway', () => {
    expect(allowed('SecretsKey', access, context)).toEqual(['Decrypt', 'Encrypt'])
  })

  test('it may not with another context, with none, or with more', () => {
    expect(allowed('SecretsKey', access, { ...context, [purpose]: 'another' })).toEqual([])
    expect(allowed('SecretsKey', access, {})).toEqual([])
    const more = { ...context, 'kms:EncryptionContextKeys': ['purpose', 'more'] }
    expect(allowed('SecretsKey', access, more)).toEqual([])
  })

  test('nobody else may use the key of secrets, whatever IAM lets them', () => {
    for (const said of [context, {}, { ...context, ...throughDynamoDb }])
      expect(allowed('SecretsKey', administrator, said)).toEqual([])
  })

  test('the key of tables is used through DynamoDB alone', () => {
    expect(allowed('TablesKey', access, throughDynamoDb)).toContain('Decrypt')
    expect(allowed('TablesKey', access, throughDynamoDb)).not.toContain('CreateGrant')
    for (const who of [access, administrator])
      for (const said of [{}, context, { 'kms:ViaService': `s3.${region}.amazonaws.com` }])
        expect(allowed('TablesKey', who, said)).toEqual([])
  })
})

/** What the template grants, and to whom, worked out as IAM would. */

import { afterAll, describe, expect, test } from 'vitest'
import type { TableName } from '../../functions/adapters/tables.ts'
import { constructOf, functionOf, names, synthesise } from './deployment.ts'
import { administrator, may, type Principal, policyOf, roleOf } from './iam.ts'
import { idOf, ofType, region } from './template.ts'

const { resources, roles, end } = synthesise()
const { access, audit, console, seal, sign } = roles
afterAll(end)

type Context = Readonly<Record<string, string | readonly string[]>>
const dynamodb = (action: string, table: TableName, who: Principal, path?: string) =>
  may(
    who,
    {
      action: `dynamodb:${action}`,
      on: constructOf(table),
      ...(path === undefined ? {} : { path }),
    },
    resources,
  )

/** Every way to change or remove an item, other than putting one in its place. */
const changes = [
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLUpdate',
  'PartiQLDelete',
  'PartiQLInsert',
] as const
const writes = [...changes, 'PutItem']
/** Every way to read items whose keys one does not know. */
const listings = ['Scan', 'Query', 'PartiQLSelect', 'ExportTableToPointInTime'] as const
const reads = [...listings, 'GetItem', 'BatchGetItem']
const byName = Object.entries(roles)

/** What somebody may do of all this with a table. */
const usesOf = (who: Principal, table: TableName) =>
  [...writes, ...reads].filter((action) => dynamodb(action, table, who)).sort()

describe('The ledger', () => {
  test('those who answer calls write and read entries; the sealer reads them', () => {
    for (const who of [access, audit, console])
      expect(usesOf(who, 'decisions')).toEqual(['BatchGetItem', 'GetItem', 'PutItem'])
    expect(usesOf(seal, 'decisions')).toEqual(['BatchGetItem'])
  })

  // Kills: the table's policy without one of the three writers, or with anyone.
  test('whatever IAM lets them, nobody else writes an entry', () => {
    for (const { arn } of [seal, sign, administrator])
      expect(dynamodb('PutItem', 'decisions', { ...administrator, arn })).toBe(false)
    for (const { arn } of [access, audit, console])
      expect(dynamodb('PutItem', 'decisions', { ...administrator, arn })).toBe(true)
  })

  test.each(byName)('the function of the door %s cannot update or delete an entry', (_, role) => {
    const without = new Map(resources)
    for (const [id, { type, ...more }] of resources)
      if (type === 'AWS::DynamoDB::GlobalTable') without.set(id, { ...more, type, properties: {} })
    for (const action of changes) {
      expect(dynamodb(action, 'decisions', role)).toBe(false)
      // Two things forbid it: the role does not grant it, whatever the table says.
      expect(may(role, { action: `dynamodb:${action}`, on: 'Decisions' }, without)).toBe(false)
    }
  })

  test.each(changes)('nor can anyone by %s, whatever IAM lets them', (action) => {
    for (const { arn } of [administrator, access, audit, console])
      expect(dynamodb(action, 'decisions', { ...administrator, arn })).toBe(false)
    expect(dynamodb(action, 'records', administrator)).toBe(true)
  })

  test('an administrator can read entries', () => {
    expect(dynamodb('GetItem', 'decisions', administrator)).toBe(true)
  })

  test.each(byName)('the function of the door %s cannot list entries', (_, role) => {
    expect(listings.filter((action) => dynamodb(action, 'decisions', role))).toEqual([])
  })

  test('the sealer alone finds entries by their time, and hears of new ones', () => {
    const may = (who: Principal) => [
      dynamodb('Query', 'decisions', who, '/index/sweep'),
      dynamodb('GetRecords', 'decisions', who, '/stream/label'),
    ]
    expect(may(seal)).toEqual([true, true])
    for (const other of [access, audit, console, sign]) expect(may(other)).toEqual([false, false])
  })
})

describe('The tables', () => {
  test('one function alone changes or removes a key, but those of files: the one in which two offices erase', () => {
    expect(usesOf(audit, 'keys')).toEqual([
      'BatchGetItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'Query',
      'Scan',
      'UpdateItem',
    ])
    expect(usesOf(access, 'keys')).toEqual(['GetItem', 'PutItem', 'Query', 'UpdateItem'])
    const updates = (key: string) => {
      const context = { 'dynamodb:LeadingKeys': [key] }
      return may(
        access,
        { action: 'dynamodb:UpdateItem', on: constructOf('keys'), context },
        resources,
      )
    }
    expect(['K#DE#files.x', 'K#DE#x', 'KID#x', 'SECRETS'].filter(updates)).toEqual(['K#DE#files.x'])
    expect(usesOf(seal, 'keys')).toEqual(['BatchGetItem', 'Query'])
    expect(usesOf(sign, 'keys')).toEqual([])
  })

  test('the signer reaches no table but its memory, which nobody else can write', () => {
    for (const table of names)
      expect(usesOf(sign, table)).toEqual(table === 'signatures' ? ['GetItem', 'PutItem'] : [])
    for (const who of [access, audit, console, seal]) expect(usesOf(who, 'signatures')).toEqual([])
    expect(writes.filter((action) => dynamodb(action, 'signatures', administrator))).toEqual([])
    const signing = { ...administrator, arn: sign.arn }
    expect(writes.filter((action) => dynamodb(action, 'signatures', signing))).toEqual(['PutItem'])
  })

  test('where entries are sealed is the sealer’s to say, and others look one up', () => {
    expect(usesOf(seal, 'sealing')).toEqual([
      'BatchGetItem',
      'BatchWriteItem',
      'GetItem',
      'PutItem',
    ])
    expect(usesOf(access, 'sealing')).toEqual(['GetItem'])
    expect(usesOf(audit, 'sealing')).toEqual(['GetItem'])
  })

  test('what auditors find is filed by the sealer, and taken away by an erasure', () => {
    const filing = ['BatchWriteItem', 'DeleteItem', 'GetItem', 'Query', 'UpdateItem']
    expect(usesOf(seal, 'lookups')).toEqual(filing)
    expect(usesOf(audit, 'lookups')).toEqual(['BatchGetItem', ...filing])
    // The clock at that door finds by it who got what has changed since.
    expect(usesOf(access, 'lookups')).toEqual(['BatchGetItem', 'Query'])
  })

  test.each(byName)('the function of the door %s cannot change who takes part', (_, role) => {
    expect(writes.filter((action) => dynamodb(action, 'register', role))).toEqual([])
  })

  // Kills: a function of pages that erases, attests, or changes who is logged in elsewhere.
  test('the console looks: beside entries of looks it writes sessions, which nobody else reads', () => {
    const written = names.filter((table) => writes.some((each) => dynamodb(each, table, console)))
    // Of attestations, rows of inboxes alone.
    expect(written).toEqual(['decisions', 'keys', 'attestations', 'sessions'])
    expect(usesOf(console, 'keys')).not.toContain('DeleteItem')
    const put = (key: string) =>
      may(
        console,
        {
          action: 'dynamodb:PutItem',
          on: 'Attestations',
          context: { 'dynamodb:LeadingKeys': [key] },
        },
        resources,
      )
    expect(['O#seen#1', 'A#DE-POL#request#1', 'P#1', 'SECRETS'].map(put)).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(usesOf(console, 'sessions')).toEqual(['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'])
    for (const who of [access, audit, seal, sign]) expect(usesOf(who, 'sessions')).toEqual([])
  })

  test('what holders keep is touched by the access function alone', () => {
    for (const role of [audit, console, seal, sign]) expect(usesOf(role, 'records')).toEqual([])
  })

  // Kills: a sealer that could vouch for a fact, or an auditor's door that could; the copy of the secrets.
  test('what offices vouch for is said by way of the access function alone', () => {
    const rights = (who: Principal, key: string) =>
      [...writes, ...reads].filter((action) => {
        const context = { 'dynamodb:LeadingKeys': [key] }
        return may(who, { action: `dynamodb:${action}`, on: 'Attestations', context }, resources)
      })
    const [said, waits, person, copy] = ['A#DE-POL#request#1', 'O#DE-POL', 'P#1', 'SECRETS']
    for (const key of [said, waits, person])
      expect(rights(access, key).sort()).toEqual([
        'DeleteItem',
        'GetItem',
        'PutItem',
        'Query',
        'UpdateItem',
      ])
    expect(rights(seal, waits)).toEqual(['PutItem'])
    for (const key of [said, person, copy]) expect(rights(seal, key)).toEqual([])
    // It takes an erased person out of what was said.
    for (const key of [said, person])
      expect(rights(audit, key)).toEqual(['UpdateItem', 'DeleteItem', 'Query'])
    // An auditor sees what is due.
    expect(rights(audit, waits)).toEqual(['Query', 'GetItem'])
    expect(rights(audit, copy)).toEqual([])
    expect(usesOf(sign, 'attestations')).toEqual([])
  })

  test('no statement has a wildcard action, and none of a function is about all data', () => {
    const policies = [
      ...names.map(constructOf),
      'TablesKey',
      'SecretsKey',
      'CheckpointKey',
      'AlarmsKey',
      'Archive',
    ]
    const own = Object.values(roles).flatMap(({ statements }) => statements)
    const allowing = [...own, ...policies.flatMap((id) => policyOf(resources, id))]
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action)
    expect(allowing.filter((action) => action.includes('*'))).toEqual([])
    const wide = own.flatMap(({ Resource }) => Resource).filter((on) => on.includes('*'))
    // The objects of the one bucket, and the streams of the one table.
    const archive = `arn:${idOf(resources, 'Archive')}/*`
    const streams = `arn:${idOf(resources, 'Decisions')}/stream/*`
    expect(wide.sort()).toEqual([archive, archive, archive, archive, archive, streams])
  })

  test('no role or policy is there that was not looked at', () => {
    // Those of the five functions, of whoever shifts callers to a new version, and of who tells people of changes.
    expect(ofType(resources, 'AWS::IAM::Role')).toHaveLength(7)
    expect(ofType(resources, 'AWS::IAM::Policy')).toHaveLength(7)
    expect(ofType(resources, 'AWS::IAM::ManagedPolicy')).toHaveLength(0)
    expect(ofType(resources, 'AWS::KMS::Key')).toHaveLength(5)
    expect(ofType(resources, 'AWS::S3::Bucket')).toHaveLength(1)
    expect(ofType(resources, 'AWS::S3::BucketPolicy')).toHaveLength(1)
    expect(ofType(resources, 'AWS::SNS::TopicPolicy')).toHaveLength(1)
  })
})

describe('The archive', () => {
  const tls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' }
  const fresh = { ...tls, 's3:if-none-match': '*' }
  const s3 = (
    action: string,
    who: Principal,
    context: Context = tls,
    path = '/l/de/2026/tile/0/000',
  ) => may(who, { action: `s3:${action}`, on: 'Archive', path, context }, resources)
  const checkpoint = '/l/de/2026/checkpoint'

  test('is read by all but the signer, and written by the sealer alone', () => {
    for (const who of [access, audit, console, seal]) expect(s3('GetObject', who)).toBe(true)
    expect(s3('GetObject', sign)).toBe(false)
    expect(s3('PutObject', seal, fresh)).toBe(true)
    for (const who of [access, audit, console, sign, administrator])
      expect(s3('PutObject', who, fresh)).toBe(false)
    expect(s3('PutObject', { ...administrator, arn: access.arn }, fresh)).toBe(false)
  })

  // Kills: a policy that asks for one condition where it needs the other.
  test('takes a file only where none is, from the sealer, too', () => {
    expect(s3('PutObject', seal)).toBe(false)
    expect(s3('PutObject', seal, { ...tls, 's3:if-match': '"a"' })).toBe(false)
  })

  test('takes a checkpoint in place of the one that the sealer has read', () => {
    expect(s3('PutObject', seal, { ...tls, 's3:if-match': '"a"' }, checkpoint)).toBe(true)
    expect(s3('PutObject', seal, fresh, checkpoint)).toBe(true)
    expect(s3('PutObject', seal, tls, checkpoint)).toBe(false)
    const kept = '/l/de/2026/checkpoints/5'
    expect(s3('PutObject', seal, { ...tls, 's3:if-match': '"a"' }, kept)).toBe(false)
  })

  test('lets nobody remove anything, whatever IAM lets them', () => {
    for (const who of [...Object.values(roles), administrator])
      for (const action of ['DeleteObject', 'DeleteObjectVersion'])
        expect(s3(action, who)).toBe(false)
  })

  test('is reached by TLS of our days alone', () => {
    for (const context of [
      { ...tls, 'aws:SecureTransport': 'false' },
      { ...tls, 's3:TlsVersion': '1.1' },
    ])
      for (const who of [access, administrator]) expect(s3('GetObject', who, context)).toBe(false)
  })
})

describe('The functions', () => {
  const invokes = (who: Principal) =>
    Object.values(functionOf).flatMap((on) =>
      ['', ':live', ':1']
        .filter((path) => may(who, { action: 'lambda:InvokeFunction', on, path }, resources))
        .map((path) => `${on}${path}`),
    )

  // Kills: a right over the function itself, by which a version could be called that is not out.
  test('the sealer may ask the signer, an act on a person the sealer, and the console the API, as it is out', () => {
    expect(byName.map(([door, role]) => [door, invokes(role)])).toEqual([
      ['access', []],
      ['audit', ['Seal:live']],
      ['console', ['Access:live']],
      ['seal', ['Sign:live']],
      ['sign', []],
    ])
  })

  const release = roleOf(resources, 'ReleaseRole')

  // Kills: AWS's own policy for CodeDeploy, which is over every function and many objects.
  test('whoever shifts callers may point the doors’ alias to another version, and look at alarms', () => {
    expect(release.statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [
        ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
        ['Access', 'Audit', 'Console', 'Access:live', 'Audit:live', 'Console:live'].map((path) =>
          path.replace(/^\w+/, (on) => `arn:${idOf(resources, on)}`),
        ),
      ],
      [['cloudwatch:DescribeAlarms'], ['*']],
    ])
    expect(invokes(release)).toEqual([])
    for (const table of names) expect(usesOf(release, table)).toEqual([])
  })

  test('each role is taken up by the one service that it is for', () => {
    const trusted = ofType(resources, 'AWS::IAM::Role').map(
      ({ properties }) => properties.AssumeRolePolicyDocument,
    )
    const by = (Service: string) => ({
      Version: '2012-10-17',
      Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service } }],
    })
    const lambda = by('lambda.amazonaws.com')
    expect(trusted.slice(0, 5)).toEqual(Array(5).fill(lambda))
    expect(trusted.slice(5)).toEqual([by('events.amazonaws.com'), by('codedeploy.amazonaws.com')])
  })
})

describe('The keys', () => {
  const purpose = 'kms:EncryptionContext:purpose'
  const context = { [purpose]: 'comity secrets', 'kms:EncryptionContextKeys': ['purpose'] }
  const throughDynamoDb = { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` }
  const ed25519 = { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' }
  /** Every way to use a key, or to let another use it. */
  const uses = [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GetPublicKey',
    'ReEncryptFrom',
    'ReEncryptTo',
    'Sign',
    'CreateGrant',
  ]
  const allowed = (key: string, who: Principal, said: Context) =>
    uses.filter((use) => may(who, { action: `kms:${use}`, on: key, context: said }, resources))

  // Kills: `kms:Sign` for the readers of the public half, or for the account.
  test('the signer alone signs checkpoints, whatever IAM lets others', () => {
    expect(allowed('CheckpointKey', sign, ed25519)).toEqual(['GetPublicKey', 'Sign'])
    expect(allowed('CheckpointKey', sign, { ...ed25519, 'kms:MessageType': 'DIGEST' })).toEqual([
      'GetPublicKey',
    ])
    for (const who of [audit, console, seal])
      expect(allowed('CheckpointKey', who, ed25519)).toEqual(['GetPublicKey'])
    expect(allowed('CheckpointKey', access, ed25519)).toEqual([])
  })

  // Kills: a public half that nobody of the account can read, so that nobody can pin it for verifiers.
  test('whoever IAM lets may read the public half of what signs checkpoints, and do no more with it', () => {
    expect(allowed('CheckpointKey', administrator, ed25519)).toEqual(['GetPublicKey'])
    const nobody = { ...administrator, statements: [] }
    expect(allowed('CheckpointKey', nobody, ed25519)).toEqual([])
  })

  test('the access function wraps and opens secrets, auditors’ and the sealer open them', () => {
    expect(allowed('SecretsKey', access, context)).toEqual(['Decrypt', 'Encrypt'])
    for (const who of [audit, console, seal])
      expect(allowed('SecretsKey', who, context)).toEqual(['Decrypt'])
    expect(allowed('SecretsKey', sign, context)).toEqual([])
  })

  // Kills: a key with which another function, or whoever administers the account, could pass for the console.
  test('the console alone proves who asks a login provider, and the account tells the public half', () => {
    const es256 = { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ECDSA_SHA_256' }
    expect(allowed('LoginKey', console, es256)).toEqual(['Sign'])
    expect(allowed('LoginKey', administrator, es256)).toEqual(['GetPublicKey'])
    for (const who of [access, audit, seal, sign])
      expect(allowed('LoginKey', who, es256)).toEqual([])
  })

  test('they may not with another context, with none, or with more', () => {
    const more = { ...context, 'kms:EncryptionContextKeys': ['purpose', 'more'] }
    for (const who of [access, audit, console, seal])
      for (const said of [{ ...context, [purpose]: 'another' }, {}, more])
        expect(allowed('SecretsKey', who, said)).toEqual([])
  })

  test('nobody else may use the key of secrets, whatever IAM lets them', () => {
    for (const said of [context, {}, { ...context, ...throughDynamoDb }])
      expect(allowed('SecretsKey', administrator, said)).toEqual([])
  })

  test('the key of tables is used through DynamoDB alone', () => {
    for (const who of Object.values(roles)) {
      expect(allowed('TablesKey', who, throughDynamoDb)).toContain('Decrypt')
      expect(allowed('TablesKey', who, throughDynamoDb)).not.toContain('CreateGrant')
    }
    for (const who of [...Object.values(roles), administrator])
      for (const said of [{}, context, { 'kms:ViaService': `s3.${region}.amazonaws.com` }])
        expect(allowed('TablesKey', who, said)).toEqual([])
  })
})

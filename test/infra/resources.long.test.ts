/** What the template keeps safe, and how the function is set up. */

import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readLaw } from '../../functions/adapters/carried-law.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { type Table, tables } from '../../functions/adapters/tables.ts'
import {
  readAccessConfig,
  readAuditConfig,
  readConsoleConfig,
  readSealConfig,
  readSignConfig,
} from '../../functions/config.ts'
import { agreed } from '../../functions/identity/holds.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { run } from '../../functions/policy/read-book.ts'
import { bundle, bundleCode, type Door } from '../../infra/bundle.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import {
  constructOf,
  functionOf,
  logins,
  names,
  ownRegistrars,
  prod,
  standIns,
  synthesise,
  tableOf,
} from './deployment.ts'
import { idOf, ofType, resourceOf, resourcesOf } from './template.ts'

const policies = join(import.meta.dirname, '../../policies')
const { folder, made, settings, resources, end } = synthesise()
afterAll(end)
/** The stack with other settings. */
const deployed = (given: Readonly<Record<string, string>>) =>
  resourcesOf(
    comityStack(
      newApp(),
      readSettings((name) => ({ logins, ...given })[name]),
      made,
    ),
  )
const inProd = deployed(prod)

describe('Every table', () => {
  test.each(names)('is encrypted with the customer’s key: %s', (name) => {
    const { SSESpecification, replica } = tableOf(resources, name)
    expect(SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' })
    expect(replica.SSESpecification.KMSMasterKeyId).toBe(`arn:${idOf(resources, 'TablesKey')}`)
  })

  // Kills: a trial that cannot be rolled back; a table that goes with its stack, or at one stroke.
  test.each(names)('stays when the stack goes, and beyond a trial is protected: %s', (name) => {
    expect(tableOf(resources, name).replica.DeletionProtectionEnabled).toBe(false)
    expect(tableOf(inProd, name).replica.DeletionProtectionEnabled).toBe(true)
    for (const each of [resources, inProd])
      expect(tableOf(each, name).deletionPolicy).toBe('RetainExceptOnCreate')
  })

  test.each(names)('can be turned back, unless that brought erased keys back: %s', (name) => {
    const { PointInTimeRecoverySpecification: recovery } = tableOf(resources, name).replica
    expect(recovery.PointInTimeRecoveryEnabled).toBe(
      !['keys', 'lookups', 'sessions'].includes(name),
    )
  })

  test.each(names)('has the keys and indexes that its adapters use: %s', (name) => {
    const { KeySchema, GlobalSecondaryIndexes } = tableOf(resources, name)
    const { hash, range, indexes = [] }: Table = tables[name]
    expect(KeySchema).toEqual(keySchema(hash, range))
    expect(GlobalSecondaryIndexes).toEqual(
      indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.hash, index.range),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    )
  })

  test('keeps its id for ever: under another id is another table, without the data', () => {
    expect(names.map((name) => idOf(resources, constructOf(name)))).toEqual([
      'Decisions28C7D866',
      'Keys4E30B592',
      'Records091F6ECA',
      'Attestations800FF9F5',
      'Register34FE4340',
      'Sealing9E2B8D60',
      'SignaturesE4D05494',
      'LookupsB57DA6B6',
      'Sessions8896A56D',
    ])
  })
})

const keySchema = (hash: string, range: string | undefined) => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
]

describe('The rest of the stack', () => {
  test('whoever seals entries will be told of each', () => {
    const { StreamSpecification } = tableOf(resources, 'decisions')
    expect(StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' })
  })

  test.each(['TablesKey', 'SecretsKey'])('is encrypted by a key that turns: %s', (key) => {
    const { properties, deletionPolicy } = resourceOf(resources, key)
    expect(properties.EnableKeyRotation).toBe(true)
    expect(deletionPolicy).toBe('RetainExceptOnCreate')
  })

  test('checkpoints are signed by a key that stays what whoever verifies has pinned', () => {
    const { properties, deletionPolicy } = resourceOf(resources, 'CheckpointKey')
    expect(properties).toMatchObject({
      EnableKeyRotation: false,
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
    })
    expect(deletionPolicy).toBe('RetainExceptOnCreate')
  })

  test.each(['Stage', 'AuditStage'])('limits calls, and logs nothing of a caller: %s', (stage) => {
    const limits = z.record(z.string(), z.number())
    const { DefaultRouteSettings, RouteSettings, AccessLogSettings } = z
      .looseObject({
        DefaultRouteSettings: limits,
        RouteSettings: z.record(z.string(), limits),
        AccessLogSettings: z.looseObject({ Format: z.string() }),
      })
      .parse(resourceOf(resources, stage).properties)
    expect(DefaultRouteSettings).toEqual({
      ThrottlingBurstLimit: settings.callsAtOnce,
      ThrottlingRateLimit: settings.callsPerSecond,
    })
    // Documents, which nobody signs for, have limits of their own, and leave all of theirs to signed calls.
    expect(Object.keys(RouteSettings)).toContain(
      stage === 'Stage' ? 'GET /openapi.json' : 'GET /audit/openapi.json',
    )
    for (const each of Object.values(RouteSettings))
      expect(each).toEqual({
        ThrottlingBurstLimit: settings.callsAtOnce / 10,
        ThrottlingRateLimit: settings.callsPerSecond / 10,
      })
    const { Format } = AccessLogSettings
    expect(Format).toContain('$context.requestId')
    expect(Format).not.toMatch(/path|sourceIp|userAgent|identity|authorizer/i)
  })
})

describe('The archive', () => {
  const lockOf = (of: typeof resources) => resourceOf(of, 'Archive').properties

  test('keeps every version of every object, encrypted, and stays when the stack goes', () => {
    const { properties, deletionPolicy } = resourceOf(resources, 'Archive')
    expect(properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
    expect(deletionPolicy).toBe('RetainExceptOnCreate')
  })

  test('lets a trial remove what it made, and beyond a trial nobody anything', () => {
    const retention = (Mode: string, Days: number) => ({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode, Days } } },
    })
    expect(lockOf(resources)).toMatchObject(retention('GOVERNANCE', 1))
    expect(lockOf(inProd)).toMatchObject(retention('COMPLIANCE', 3650))
  })
})

describe('The sealer', () => {
  test('hears of whatever happens to an entry, brings again what failed, and gives up before the stream does', () => {
    const { properties } = resourceOf(resources, 'Stream')
    // That one was overwritten or removed it must hear, too.
    expect(properties).not.toHaveProperty('FilterCriteria')
    expect(properties).toMatchObject({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 3600,
      StartingPosition: 'TRIM_HORIZON',
      DestinationConfig: { OnFailure: { Destination: `arn:${idOf(resources, 'Abandoned')}` } },
    })
  })

  test('is called by a clock, too, each minute', () => {
    expect(resourceOf(resources, 'Clock').properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
    })
    const [permission] = ofType(resources, 'AWS::Lambda::Permission').filter(
      ({ properties }) => properties.Principal === 'events.amazonaws.com',
    )
    expect(permission?.properties).toMatchObject({
      FunctionName: `arn:${idOf(resources, 'Seal')}:live`,
      SourceArn: `arn:${idOf(resources, 'Clock')}`,
    })
  })

  test('has a neighbour that is called each minute to look at what is due', () => {
    const { ScheduleExpression, State, Targets } = resourceOf(resources, 'DueClock').properties
    expect([ScheduleExpression, State]).toEqual(['rate(1 minute)', 'ENABLED'])
    expect(Targets).toEqual([
      expect.objectContaining({
        Input: '{"tick":true}',
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
      }),
    ])
  })
})

describe.each(Object.keys(functionOf) as Door[])('The function of the door %s', (door) => {
  const { properties } = resourceOf(resources, functionOf[door])
  const { Variables } = z
    .object({ Variables: z.record(z.string(), z.string()) })
    .parse(properties.Environment)
  const readers = {
    access: readAccessConfig,
    audit: readAuditConfig,
    console: readConsoleConfig,
    seal: readSealConfig,
    sign: readSignConfig,
  }

  test('has an environment that is a valid configuration, and nothing else in it', () => {
    expect(Object.keys(readers[door](Variables)).sort()).toEqual(Object.keys(Variables).sort())
  })

  test('is the bundle, and says which', () => {
    expect(properties.Description).toContain(made[door].digest)
    // CDK hashes the digest once more.
    expect(properties.Code).toMatchObject({ S3Key: `${hash('sha256', made[door].digest)}.zip` })
  })

  // Kills: a reserve in a trial, for which a new account has no room; none in prod.
  test('takes nothing of the account in a trial, and beyond it no more than it was let', () => {
    const most = { access: 20, audit: 5, console: 5, seal: 5, sign: 1 }
    const reserved = (of: typeof resources) =>
      resourceOf(of, functionOf[door]).properties.ReservedConcurrentExecutions
    expect(reserved(resources)).toBeUndefined()
    expect(reserved(inProd)).toBe(most[door])
    expect(reserved(deployed({ ...prod, reserveInstances: 'false' }))).toBeUndefined()
  })

  // Kills: a setting that goes to another function, or to none.
  test('has the memory and the time that the settings give it', () => {
    const usual = { access: 15, audit: 29, console: 29, seal: 60, sign: 10 }
    expect(properties).toMatchObject({ MemorySize: 512, Timeout: usual[door] })
    const timeoutSeconds = { access: 20, audit: 29, console: 29, seal: 120, sign: 8 }[door]
    const given = { [door]: { memoryMb: 1769, timeoutSeconds } }
    const sized = deployed({ functions: JSON.stringify(given) })
    for (const [each, id] of Object.entries(functionOf))
      expect(resourceOf(sized, id).properties).toMatchObject(
        each === door ? { MemorySize: 1769, Timeout: timeoutSeconds } : { MemorySize: 512 },
      )
  })
})

describe('Instances that are kept warm', () => {
  const warm = { access: { instancesMax: 40, provisioned: 2 } }

  // Kills: warm instances of the function, which the alias that is called does not use.
  test('are those of what callers call, and there are none unless the settings say so', () => {
    const kept = (of: typeof resources, id: string) =>
      resourceOf(of, `${id}Live`).properties.ProvisionedConcurrencyConfig
    const warmed = deployed({ functions: JSON.stringify(warm) })
    expect(kept(warmed, 'Access')).toEqual({ ProvisionedConcurrentExecutions: 2 })
    for (const id of ['Audit', 'Seal', 'Sign']) expect(kept(warmed, id)).toBeUndefined()
    expect(kept(inProd, 'Access')).toBeUndefined()
  })
})

describe('A function', () => {
  test.each([
    ['COMITY_DECISIONS_TABLE', 'Decisions'],
    ['COMITY_ARCHIVE', 'Archive'],
  ])('is told by %s of what the stack made', (variable, construct) => {
    for (const door of ['access', 'audit', 'console', 'seal'] as const)
      expect(resourceOf(resources, functionOf[door]).properties.Environment).toMatchObject({
        Variables: { [variable]: idOf(resources, construct) },
      })
  })

  test('is told of the witnesses that the settings name', () => {
    const witnesses = [{ vkey: 'w.example+1+AA', url: 'https://w.example' }]
    const given = readSettings(
      (name) => ({ witnesses: JSON.stringify(witnesses), quorum: '1' })[name],
    )
    const witnessed = resourcesOf(comityStack(newApp(), given, made))
    for (const door of ['Audit', 'Seal'])
      expect(resourceOf(witnessed, door).properties.Environment).toMatchObject({
        Variables: { COMITY_WITNESSES: JSON.stringify(witnesses), COMITY_QUORUM: '1' },
      })
  })
})

describe('Where the settings name a time-stamping authority', () => {
  const stamps = { url: 'https://stamps.example', certificate: 'AAAA', policy: '1.2.3' }
  const given = readSettings((name) => ({ logins, stamps: JSON.stringify(stamps) })[name])
  const stamped = resourcesOf(comityStack(newApp(), given, made))
  const toldOf = (all: typeof resources, door: Door) =>
    z
      .looseObject({ Variables: z.looseObject({ COMITY_STAMPS: z.string().optional() }) })
      .parse(resourceOf(all, functionOf[door]).properties.Environment).Variables.COMITY_STAMPS

  // Kills: an authority that whoever answers calls knows; a sealer that was never told to stamp.
  test('the sealer alone knows it, and a clock of its own has it stamp', () => {
    const doors = Object.keys(functionOf) as Door[]
    expect(doors.filter((door) => toldOf(stamped, door))).toEqual(['seal'])
    expect(toldOf(stamped, 'seal')).toBe(JSON.stringify(stamps))
    expect(resourceOf(stamped, 'StampClock').properties).toMatchObject({
      ScheduleExpression: 'rate(15 minutes)',
      Targets: [{ Input: '{"stamp":true}', RetryPolicy: { MaximumRetryAttempts: 0 } }],
    })
  })

  test('and where they do not, nothing is stamped', () => {
    expect(toldOf(resources, 'seal')).toBeUndefined()
    expect(() => resourceOf(resources, 'StampClock')).toThrow()
  })
})

describe('A deployment', () => {
  const refused = (given: Readonly<Record<string, string>>) => () =>
    readSettings((name) => given[name])

  test('with wrong settings is refused, with all that is wrong', () => {
    expect(refused({ environment: 'Dev!', callsAtOnce: 'many' })).toThrow(
      /environment: .*callsAtOnce: /,
    )
  })

  // Kills: a size that AWS refuses after minutes, or with which a call is cut off before its answer.
  test.each([
    ['{"access":{"memoryMb":64}}', 'functions.access.memoryMb: '],
    ['{"access":{"timeoutSeconds":30}}', 'functions.access.timeoutSeconds: '],
    ['{"access":{"timeoutSeconds":5}}', 'functions.access.timeoutSeconds: '],
    ['{"seal":{"timeoutSeconds":30}}', 'functions.seal.timeoutSeconds: '],
    ['{"seal":{"instancesMax":1}}', 'functions.seal.instancesMax: '],
    ['{"sign":{"instancesMax":2}}', 'functions.sign: Unrecognized key: "instancesMax"'],
    ['{"audit":{"provisioned":6}}', 'functions.audit.provisioned: more would be kept warm'],
    ['{"acces":{}}', 'functions: Unrecognized key: "acces"'],
    ['many', 'functions: '],
  ])('gives no function a size with which it fails: %s', (functions, why) => {
    expect(refused({ functions })).toThrow(why)
  })

  // Kills: a log in prod that nobody vouches for, because nobody thought of it.
  test('has witnesses in prod, or says in so many words that it has none', () => {
    const { quorumAgreed, ...silent } = prod
    expect(refused(silent)).toThrow('quorum: name witnesses that others run')
    expect(refused({ ...silent, quorumAgreed: 'yes' })).toThrow(
      'quorumAgreed: say it in so many words',
    )
    expect(refused({ ...silent, quorumAgreed })).not.toThrow()
    const witnesses = '[{"vkey":"w.example+1+AA","url":"https://w.example"}]'
    expect(refused({ ...silent, witnesses })).toThrow('quorum: name witnesses')
    expect(refused({ ...silent, witnesses, quorum: '1' })).not.toThrow()
    expect(refused({ quorum: '0' })).not.toThrow()
  })

  test('says for how long the archive is locked, since nobody can shorten that', () => {
    expect(refused({ environment: 'prod' })).toThrow('archiveDays: say for how many days')
  })

  test.each([
    [{ witnesses: '[{"vkey":' }, 'witnesses: '],
    [{ witnesses: '[{"vkey":"w","url":"http://w.example"}]' }, 'witnesses.0.url: '],
    [{ quorum: '1' }, 'quorum: there are fewer witnesses'],
    [{ stamps: '{"url":"http://s.example","certificate":"AAAA"}' }, 'stamps.url: '],
    [{ stamps: '{"url":"https://s.example"}' }, 'stamps.certificate: '],
  ])('asks no witness that cannot be asked: %o', (given, why) => {
    expect(refused(given)).toThrow(why)
  })

  test('with domains of its own is called for by those alone', () => {
    const given = {
      domain: 'comity.example',
      certificate: 'arn:aws:acm:eu-central-1:1:certificate/1',
      auditDomain: 'audit.comity.example',
      auditCertificate: 'arn:aws:acm:eu-central-1:1:certificate/2',
    }
    const own = resourcesOf(comityStack(newApp(), { ...settings, ...given }, made))
    const originOf = (door: string) => resourceOf(own, door).properties.Environment
    for (const api of ['Api', 'AuditApi'])
      expect(resourceOf(own, api).properties.DisableExecuteApiEndpoint).toBe(true)
    expect(originOf('Access')).toMatchObject({
      Variables: { COMITY_ORIGIN: 'https://comity.example' },
    })
    expect(originOf('Audit')).toMatchObject({
      Variables: { COMITY_ORIGIN: 'https://audit.comity.example' },
    })
  })

  // Kills: a setting that no function is told; one that is longer than a matter lasts.
  test('lets a deployment say for how long a matter may be asked again, 90 days at most', () => {
    const daysOf = (days: object) => {
      const own = resourcesOf(comityStack(newApp(), { ...settings, ...days }, made))
      const { Environment } = resourceOf(own, 'Access').properties
      return Environment
    }
    expect(daysOf({})).toMatchObject({ Variables: { COMITY_MATTER_DAYS: '90' } })
    expect(daysOf({ matterDays: 7 })).toMatchObject({ Variables: { COMITY_MATTER_DAYS: '7' } })
    expect(refused({ matterDays: '91' })).toThrow('matterDays: ')
  })

  // Kills: a setting that one of the two doors is not told; one for several that need not be said.
  test('serves the records of one state in prod, or of those that agreed', () => {
    const { holds: _, ...unsaid } = prod
    expect(refused(unsaid)).toThrow('holds: name the jurisdiction whose records it serves')
    expect(refused({ ...prod, holds: 'DE,FR' })).toThrow('holds: name one jurisdiction, or say')
    expect(refused({ ...prod, holds: 'DE,FR', holdsAgreed: 'yes' })).toThrow(
      'holdsAgreed: say it in so many words',
    )
    expect(refused({ ...prod, holds: 'DE,FR', holdsAgreed: agreed })).not.toThrow()
    expect(refused(prod)).not.toThrow()
    expect(refused({ ...prod, holds: 'Germany' })).toThrow('holds.0: ')
    const given = { ...settings, holds: ['DE', 'FR'], holdsAgreed: agreed as typeof agreed }
    const own = resourcesOf(comityStack(newApp(), given, made))
    for (const door of ['Access', 'Audit'])
      expect(resourceOf(own, door).properties.Environment).toMatchObject({
        Variables: { COMITY_HOLDS: 'DE,FR', COMITY_HOLDS_AGREED: agreed },
      })
  })

  test('beyond a trial does not trust demonstration keys', () => {
    // Kills: keys that are known by their name: whoever takes them over may call them anything.
    for (const file of ['legal', 'data-protection', 'release-1', 'release-2']) {
      const { jwk } = JSON.parse(
        readFileSync(join(policies, `demonstration-keys/${file}.json`), 'utf8'),
      )
      const trusting = standIns(join(folder, 'trusting'), ['somebody’s own', jwk.x])
      const prod = () => comityStack(newApp(), { ...settings, environment: 'prod' }, trusting)
      expect(prod, file).toThrow('trusts demonstration keys')
    }
  })

  // Kills: registrars of the demonstration known by what they are called.
  test('beyond a trial takes no registrar whose private key everybody has, whatever it is called', () => {
    const [first, second, third] = z.array(z.looseObject({})).parse(JSON.parse(ownRegistrars))
    const { jwk } = demonstrationRegistrars[0] ?? {}
    const named = { kid: 'a-ministry-2026', name: 'Ministry', jwk }
    const mixed = JSON.stringify([first, second, named])
    const { registrars: _, ...unsaid } = prod
    for (const given of [unsaid, { ...unsaid, registrars: mixed }])
      expect(refused(given)).toThrow('registrars: name three registrars of your own')
    expect(refused(prod)).not.toThrow()
    expect(refused({ environment: 'dev', registrars: mixed })).not.toThrow()
    expect(refused({ registrars: JSON.stringify([first, second]) })).toThrow('at least three')
    expect(refused({ registrars: JSON.stringify([first, second, second, third]) })).toThrow(
      'a key of their own',
    )
    // How far their chain has come goes to whoever reads the register.
    const floor = { number: 2, digest: 'ab'.repeat(32) }
    const floored = comityStack(newApp(), { ...settings, registerFloor: floor }, made)
    for (const door of ['Access', 'Audit', 'Seal'])
      expect(resourceOf(resourcesOf(floored), door).properties.Environment).toMatchObject({
        Variables: { COMITY_REGISTER_FLOOR: JSON.stringify(floor) },
      })
    expect(refused({ registerFloor: '{"number":2}' })).toThrow('registerFloor.digest: ')
    // Nor does a function start with them that was told so past the settings.
    const { Variables } = z
      .object({ Variables: z.record(z.string(), z.string()) })
      .parse(resourceOf(resources, 'Access').properties.Environment)
    const start = (changes: object) => () => readAccessConfig({ ...Variables, ...changes })
    expect(start({})).not.toThrow()
    for (const environment of ['prod', undefined])
      expect(start({ COMITY_ENVIRONMENT: environment })).toThrow(
        'COMITY_REGISTRARS: everybody has the private keys',
      )
    const own = { COMITY_REGISTRARS: ownRegistrars, COMITY_HOLDS: 'DE' }
    expect(start({ COMITY_ENVIRONMENT: 'prod', ...own })).not.toThrow()
  })
})

describe('The bundle', () => {
  const bundled = bundle('access', join(folder, 'bundled'))

  test('has the same bytes wherever it is built', () => {
    const again = bundle('access', join(folder, 'elsewhere/again'))
    expect(again).toEqual({ ...bundled, folder: again.folder })
  })

  // Kills: another folder; a law that was not checked.
  test('carries the law as it was checked, and nothing else beside the code', () => {
    const beside = readdirSync(bundled.folder).filter((file) => !file.endsWith('.mjs'))
    expect(beside).toEqual(['law.json.br'])
    const { book } = readLaw(join(bundled.folder, 'law.json.br'), bundled.keys.digest, true)
    expect(book).toEqual(run(lawToRun(policies)).book)
  })

  test('leaves the clients of the SDK for later', () => {
    expect(bundled.bytes.later).toBeGreaterThan(500_000)
  })

  /**
   * What was accepted last of each function, in KB: its code that is read at the start, and its law. Whoever
   * makes one larger by a twentieth, or smaller, says so here.
   */
  const accepted = { access: 555, audit: 800, console: 1046, seal: 603, sign: 145 } as const

  // Kills: a bound that is kept by a bundle with nothing in it.
  test.each(Object.entries(accepted))('%s is as large as was accepted', (door, kilobytes) => {
    const { start } = bundleCode(`functions/${door}.ts`, join(folder, 'sizes', door))
    const law = ['access', 'audit', 'console'].includes(door) ? bundled.bytes.law : 0
    expect((start + law) / 1000).toBeLessThan(kilobytes * 1.05)
    expect((start + law) / 1000).toBeGreaterThan(kilobytes * 0.95)
  })
})

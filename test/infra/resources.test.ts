/** What the template keeps safe, and how the function is set up. */

import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type Table, tables } from '../../functions/adapters/tables.ts'
import { readConfig } from '../../functions/config.ts'
import { bundle } from '../../infra/bundle.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { constructOf, names, synthesise, tableOf } from './deployment.ts'
import { idOf, resourceOf, resourcesOf } from './template.ts'

const { folder, made, settings, resources, end } = synthesise()
afterAll(end)

describe('Every table', () => {
  test.each(names)('is encrypted with the customer’s key: %s', (name) => {
    const { SSESpecification, replica } = tableOf(resources, name)
    expect(SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' })
    expect(replica.SSESpecification.KMSMasterKeyId).toBe(`arn:${idOf(resources, 'TablesKey')}`)
  })

  test.each(names)('is protected from deletion: %s', (name) => {
    const { replica, deletionPolicy } = tableOf(resources, name)
    expect(replica.DeletionProtectionEnabled).toBe(true)
    expect(deletionPolicy).toBe('Retain')
  })

  test.each(names)('can be turned back, unless that brought erased keys back: %s', (name) => {
    const { PointInTimeRecoverySpecification: recovery } = tableOf(resources, name).replica
    expect(recovery.PointInTimeRecoveryEnabled).toBe(!['keys', 'lookups'].includes(name))
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
    expect(deletionPolicy).toBe('Retain')
  })

  test('limits calls, and logs nothing of a caller', () => {
    const { DefaultRouteSettings, AccessLogSettings } = z
      .looseObject({
        DefaultRouteSettings: z.record(z.string(), z.number()),
        AccessLogSettings: z.looseObject({ Format: z.string() }),
      })
      .parse(resourceOf(resources, 'Stage').properties)
    expect(DefaultRouteSettings).toEqual({
      ThrottlingBurstLimit: settings.callsAtOnce,
      ThrottlingRateLimit: settings.callsPerSecond,
    })
    const { Format } = AccessLogSettings
    expect(Format).toContain('$context.requestId')
    expect(Format).not.toMatch(/path|sourceIp|userAgent|identity|authorizer/i)
  })
})

describe('The access function', () => {
  const { properties } = resourceOf(resources, 'Access')

  test('has an environment that is a valid configuration, and nothing else in it', () => {
    const { Variables } = z
      .object({ Variables: z.record(z.string(), z.string()) })
      .parse(properties.Environment)
    const config = readConfig(Variables)
    expect(config).toEqual(Variables)
    expect(config.COMITY_DECISIONS_TABLE).toBe(idOf(resources, 'Decisions'))
    expect(config.COMITY_KMS_KEY).toBe(`arn:${idOf(resources, 'SecretsKey')}`)
    expect(readdirSync(made.folder)).toContain(config.COMITY_POLICIES)
  })

  test('is the bundle, and says which', () => {
    expect(properties.Description).toContain(made.digest)
    // CDK hashes the digest once more.
    expect(properties.Code).toMatchObject({ S3Key: `${hash('sha256', made.digest)}.zip` })
  })

  test('takes no more of the account than the settings let it', () => {
    expect(properties.ReservedConcurrentExecutions).toBe(settings.instancesMax)
  })
})

describe('A deployment', () => {
  test('with wrong settings is refused, with all that is wrong', () => {
    const given: Readonly<Record<string, string>> = { environment: 'Dev!', instancesMax: 'many' }
    expect(() => readSettings((name) => given[name])).toThrow(/environment: .*instancesMax: /)
  })

  test('with a domain of its own is called for by that domain alone', () => {
    const given = {
      domain: 'comity.example',
      certificate: 'arn:aws:acm:eu-central-1:1:certificate/1',
    }
    const own = resourcesOf(comityStack(newApp(), { ...settings, ...given }, made))
    expect(resourceOf(own, 'Api').properties.DisableExecuteApiEndpoint).toBe(true)
    expect(resourceOf(own, 'Access').properties.Environment).toMatchObject({
      Variables: { COMITY_ORIGIN: 'https://comity.example' },
    })
  })

  test('beyond a trial does not trust demonstration keys', () => {
    const trusting = join(folder, 'trusting')
    mkdirSync(join(trusting, 'policies'), { recursive: true })
    writeFileSync(
      join(trusting, 'policies/sealers.json'),
      '[{ "kid": "demonstration-legal-2026" }]',
    )
    const prod = () =>
      comityStack(newApp(), { ...settings, environment: 'prod' }, { ...made, folder: trusting })
    expect(prod).toThrow('trusts demonstration keys')
  })
})

describe('The bundle', () => {
  test('has the same bytes wherever it is built', () => {
    const again = bundle('access', join(folder, 'elsewhere/again'))
    expect(again).toEqual({ ...made, folder: again.folder })
  })

  test('carries the policies without tests, pages or private keys', () => {
    expect(readdirSync(made.folder).sort()).toEqual(['index.mjs', 'policies'])
    const files = readdirSync(join(made.folder, 'policies'), { recursive: true, encoding: 'utf8' })
    expect(files).toEqual(
      expect.arrayContaining(['seals.json', 'sealers.json', 'suspensions.json']),
    )
    expect(files.filter((file) => /test|README|FORMAT|demonstration|schema/.test(file))).toEqual([])
  })

  test('has under 600 KB of code', () => {
    expect(made.bytes.code).toBeLessThan(600_000)
  })
})

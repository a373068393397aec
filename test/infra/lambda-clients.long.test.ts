/** A bundle reaches DynamoDB and KMS without the SDK, and by it where a call does not go well at once. */

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { kmsWrapper } from '../../functions/adapters/kms.ts'
import { bundleCode } from '../../infra/bundle.ts'
import { type Fault, type Line, startFaults } from '../adapters/faults.ts'
import { freshId } from '../adapters/make.ts'
import { listen, type Store, startDynalite } from '../dynalite.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-reached-'))
let reached: typeof import('./reached.ts')
let store: Store
let table: string
let line: Line | undefined
let bytes: ReturnType<typeof bundleCode>
beforeAll(async () => {
  store = await startDynalite()
  table = store.tables.attestations
  bytes = bundleCode('test/infra/reached.ts', folder)
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAINVENTED')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'invented')
  reached = await import(join(folder, 'index.mjs'))
}, 60_000)
afterEach(async () => {
  await line?.cut()
  line = undefined
})
afterAll(async () => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
  await store.close()
})

const itemOf = () => ({ pk: { S: freshId() }, sk: { S: 'a' }, bytes: { B: Buffer.from('bytes') } })
const through = async (plan: Parameters<typeof startFaults>[1]) => {
  line = await startFaults(store.endpoint, plan)
  return { rows: reached.rowsIn(reached.dynamodb(line.endpoint), table), line }
}

describe('A bundle', () => {
  // Kills: a client of the SDK among what a start reads.
  test('reads nothing of the SDK at its start', () => {
    expect(bytes.start).toBeLessThan(100_000)
    expect(bytes.later).toBeGreaterThan(200_000)
  })

  // Kills: bytes of a batch that stay base64; keys of a batch that are sent as they are.
  test('writes, reads, changes, lists and removes items one by one and in batches, each by one call', async () => {
    const { rows, line } = await through(() => 'none')
    const [one, two, three] = [itemOf(), itemOf(), itemOf()]
    const keyOf = ({ pk, sk }: ReturnType<typeof itemOf>) => ({ pk, sk })
    expect(await rows.putNew(one)).toBe(true)
    expect(await rows.putNew(one)).toBe(false)
    await rows.putAll([two, three])
    expect(await rows.get(keyOf(one))).toEqual(one)
    const all = await rows.getEach([one, two, three, itemOf()].map(keyOf))
    expect(all).toHaveLength(3)
    expect(all).toEqual(expect.arrayContaining([one, two, three]))
    const values = { ':more': { SS: ['x'] } }
    expect(await rows.update(keyOf(one), 'SET more = :more', { values })).toBe(true)
    expect(await rows.all(one.pk.S)).toEqual([{ ...one, more: { SS: ['x'] } }])
    expect(await rows.remove(keyOf(one))).toBe(true)
    expect(await rows.get(keyOf(one))).toBeUndefined()
    expect(line.calls.map(({ operation }) => operation)).toEqual([
      ...['PutItem', 'PutItem', 'BatchWriteItem', 'GetItem', 'BatchGetItem'],
      ...['UpdateItem', 'Query', 'DeleteItem', 'GetItem'],
    ])
  })

  // Kills: a fault that ends a call which the SDK would have sent again; an answer that is waited for for ever.
  test.each<Fault>(['dropped', 'answer-lost', 'throttled', 'failed', 'failed-applied', 'hangs'])(
    'has the SDK send again a call that was %s',
    async (fault) => {
      const { rows, line } = await through(({ index }) => (index === 0 ? fault : 'none'))
      const item = itemOf()
      await rows.put(item)
      expect(await rows.get({ pk: item.pk, sk: item.sk })).toEqual(item)
      expect(line.calls.map(({ operation }) => operation)).toEqual([
        'PutItem',
        'PutItem',
        'GetItem',
      ])
    },
  )

  // Kills: a sleep of an instance, after which its first call waits until the SDK is read.
  test('sends once more by itself what went into a connection that had been closed', async () => {
    const agents: unknown[] = []
    const used = new WeakSet<object>()
    const server = createServer((request, response) => {
      agents.push(request.headers['user-agent'])
      if (used.has(request.socket)) return void request.socket.destroy()
      used.add(request.socket)
      request.resume().on('end', () => response.end('{}'))
    })
    const rows = reached.rowsIn(reached.dynamodb(await listen(server)), table)
    for (let i = 0; i < 3; i++) expect(await rows.get(itemOf())).toBeUndefined()
    server.close()
    server.closeAllConnections()
    expect(agents).toHaveLength(4)
    // The SDK says who it is.
    expect(new Set(agents)).toEqual(new Set([undefined]))
  })

  // Kills: a condition that the SDK finds not to hold, and that is taken for a fault.
  test('is told by the SDK, too, that a condition does not hold', async () => {
    const { rows } = await through(({ index }) => (index === 0 ? 'answer-lost' : 'none'))
    expect(await rows.putNew(itemOf())).toBe(false)
  })

  test('says in the SDK’s own errors that the store is away', async () => {
    const rows = reached.rowsIn(reached.dynamodb('http://127.0.0.1:1'), table)
    const error = await rows.put(itemOf()).catch((each: unknown) => each)
    expect(reached.isStoreAway(error)).toBe(true)
  })

  // Kills: an address made up for a region whose services are elsewhere, or where the environment says another.
  test.each([
    ['eu-central-1', {}, 'https://dynamodb.eu-central-1.amazonaws.com/'],
    ['us-gov-west-1', {}, 'https://dynamodb.us-gov-west-1.amazonaws.com/'],
    ['cn-north-1', {}, undefined],
    ['us-iso-east-1', {}, undefined],
    ['us-isob-east-1', {}, undefined],
    ['eu-isoe-west-1', {}, undefined],
    ['eusc-de-east-1', {}, undefined],
    ['us-east-1', { AWS_USE_FIPS_ENDPOINT: 'true' }, undefined],
    ['us-east-1', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, undefined],
    ['us-east-1', { AWS_ENDPOINT_URL: 'http://here:81' }, 'http://here:81/'],
    [
      'us-east-1',
      { AWS_ENDPOINT_URL: 'http://here:81', AWS_ENDPOINT_URL_DYNAMODB: 'http://there:82/' },
      'http://there:82/',
    ],
  ] as const)(
    'in %s with %o goes to %s, or asks the SDK where',
    async (region, environment, wanted) => {
      const { reached: reachedBy } = await import('../../infra/lambda-aws.ts')
      const by = reachedBy('dynamodb', {}, { AWS_REGION: region, ...environment })
      const { protocol, hostname, port, path } = by?.place ?? {}
      const at = by && `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`
      expect(at).toBe(wanted)
    },
  )
})

describe('Secrets that a bundle has KMS wrap', () => {
  const key = 'alias/comity'
  const calls: string[] = []
  let failing = 0
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    calls.push(`${request.headers['content-type']} ${operation}`)
    if (failing-- > 0) return void response.writeHead(500).end('{}')
    const { Plaintext, CiphertextBlob } = JSON.parse(body)
    const said =
      operation === 'Encrypt' ? { CiphertextBlob: Plaintext } : { Plaintext: CiphertextBlob }
    response.end(JSON.stringify(said))
  })
  beforeAll(async () => vi.stubEnv('AWS_ENDPOINT_URL_KMS', await listen(server)))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  // Kills: bytes that stay base64, or are sent as a list of numbers.
  test('come back as they were, by the calls of the SDK', async () => {
    const secret = Buffer.from('a secret of nobody')
    const wrapper = reached.kmsWrapper(key)
    expect(Buffer.from(await wrapper.unwrap(await wrapper.wrap(secret)))).toEqual(secret)
    const own = calls.splice(0)
    const sdk = kmsWrapper(key, new KMSClient({}))
    expect(Buffer.from(await sdk.unwrap(await sdk.wrap(secret)))).toEqual(secret)
    expect(own).toEqual(calls.splice(0))
  })

  test('are sent again by the SDK when KMS fails', async () => {
    failing = 1
    const secret = Buffer.from('a secret of nobody')
    expect(Buffer.from(await reached.kmsWrapper(key).unwrap(secret))).toEqual(secret)
    expect(calls.splice(0)).toHaveLength(2)
  })
})

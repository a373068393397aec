/** The short way to DynamoDB does what the SDK does. */

import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endingWithin } from '../../functions/adapters/aws-post.ts'
import { dynamodb, isStoreAway, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { signerFor } from '../../functions/adapters/signature-v4.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { type Fault, startFaults } from './faults.ts'
import { freshId } from './make.ts'

let store: Store
let table: string
beforeAll(async () => {
  store = await startDynalite()
  table = store.tables.attestations
})
afterAll(() => store.close())

// The cases of AWS's own test suite that are a `POST` without a query (`aws-sig-v4-test-suite`).
describe('A call is signed as AWS checks it', () => {
  const token =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
  const form = 'application/x-www-form-urlencoded'
  test.each([
    {
      name: 'post-vanilla',
      signed: 'host;x-amz-date',
      signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    },
    {
      name: 'post-header-key-sort',
      headers: { 'my-header1': 'value1' },
      signed: 'host;my-header1;x-amz-date',
      signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    },
    {
      name: 'post-header-value-case',
      headers: { 'my-header1': 'VALUE1' },
      signed: 'host;my-header1;x-amz-date',
      signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
    },
    {
      name: 'post-sts-header-before',
      sessionToken: token,
      signed: 'host;x-amz-date;x-amz-security-token',
      signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    },
    {
      name: 'post-x-www-form-urlencoded',
      headers: { 'content-type': form },
      body: 'Param1=value1',
      signed: 'content-type;host;x-amz-date',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    },
    {
      name: 'post-x-www-form-urlencoded-parameters',
      headers: { 'content-type': `${form}; charset=utf8` },
      body: 'Param1=value1',
      signed: 'content-type;host;x-amz-date',
      signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
    },
  ])('$name', ({ headers = {}, body = '', sessionToken, signed, signature }) => {
    const credentials = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      sessionToken,
    }
    const sign = signerFor('us-east-1', 'service')
    const call = { headers: { ...headers, host: 'example.amazonaws.com' }, path: '/', body }
    // Another day's key before it, which must not be used again.
    sign(credentials, call, new Date('2015-08-29T12:36:00Z'))
    const { authorization } = sign(credentials, call, new Date('2015-08-30T12:36:00Z'))
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    )
  })
})

const Key = (sk = freshId()) => ({ pk: { S: 'short way' }, sk: { S: sk } })

describe('The short way', () => {
  /** A client on the short way: its first call went the SDK's. */
  const short = async (endpoint = store.endpoint) => {
    const client = dynamodb(endpoint)
    await client.send(new GetItemCommand({ TableName: table, Key: Key('none') }))
    return client
  }
  const long = () =>
    new DynamoDBClient({
      endpoint: store.endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })

  // Kills: bytes that stay base64, or become a list of numbers; a value of some type that is lost.
  test('writes and reads every value as the SDK does', async () => {
    const [own, sdk] = [await short(), long()]
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 })
    const text = fc.string({ minLength: 1, unit: 'grapheme' })
    const flat = fc.oneof(
      text.map((S) => ({ S })),
      fc.integer().map((N) => ({ N: String(N) })),
      bytes.map((B) => ({ B })),
      bytes.map((B) => ({ BS: [B] })),
      text.map((each) => ({ SS: [each] })),
      fc.boolean().map((BOOL) => ({ BOOL })),
      fc.constant({ NULL: true as const }),
    )
    const value = fc.oneof(
      flat,
      fc.array(flat, { maxLength: 3 }).map((L) => ({ L })),
      fc.dictionary(text, flat, { maxKeys: 3 }).map((M) => ({ M })),
    )
    const plain = (of: unknown): unknown => {
      if (of instanceof Uint8Array) return Buffer.from(of).toString('hex')
      if (Array.isArray(of)) return of.map(plain)
      if (typeof of !== 'object' || of === null) return of
      return Object.fromEntries(Object.entries(of).map(([name, each]) => [name, plain(each)]))
    }
    await fc.assert(
      fc.asyncProperty(value, value, async (one, other) => {
        const key = Key()
        const item = { TableName: table, Key: key, ConsistentRead: true }
        const query = {
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk = :sk',
          ExpressionAttributeValues: { ':pk': key.pk, ':sk': key.sk },
        }
        await own.send(new PutItemCommand({ TableName: table, Item: { ...key, one } }))
        const updated = await own.send(
          new UpdateItemCommand({
            ...{ TableName: table, Key: key, UpdateExpression: 'SET #other = :other' },
            ExpressionAttributeNames: { '#other': 'other' },
            ExpressionAttributeValues: { ':other': other },
            ReturnValues: 'ALL_NEW',
          }),
        )
        const got = (await own.send(new GetItemCommand(item))).Item
        const found = (await own.send(new QueryCommand(query))).Items
        const wanted = (await sdk.send(new GetItemCommand(item))).Item
        expect(plain(wanted)).toEqual(plain({ ...key, one, other }))
        for (const each of [updated.Attributes, got, found?.[0]])
          expect(plain(each)).toEqual(plain(wanted))
        await own.send(new DeleteItemCommand({ TableName: table, Key: key }))
        expect((await sdk.send(new GetItemCommand(item))).Item).toBeUndefined()
      }),
      { numRuns: 25 },
    )
    for (const each of [own, sdk]) each.destroy()
  })

  // Kills: a condition that fails and is taken for a store that is away, or sent again.
  test('says that a condition does not hold as the SDK does', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = await short(line.endpoint)
    const put = () =>
      client.send(
        new PutItemCommand({
          ...{ TableName: table, Item: item },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      )
    const item = Key()
    await put()
    const before = line.calls.length
    const error = await put().catch((each: unknown) => each)
    expect(error).toMatchObject({ name: 'ConditionalCheckFailedException', $fault: 'client' })
    expect(isStoreAway(error)).toBe(false)
    expect(line.calls.length - before).toBe(1)
    client.destroy()
    await line.cut()
  })

  // Kills: a fault that ends a call which the SDK would have sent again.
  test.each<Fault>([
    ...(['dropped', 'answer-lost', 'throttled', 'failed', 'failed-applied'] as const),
    ...(['answered-nothing', 'answered-null', 'answered-elsewhere'] as const),
  ])('leaves a call that was %s to the SDK', async (fault) => {
    const line = await startFaults(store.endpoint, ({ index }) => (index === 1 ? fault : 'none'))
    const client = await short(line.endpoint)
    const Item = { ...Key(), said: { S: 'once' } }
    await client.send(new PutItemCommand({ TableName: table, Item }))
    expect(line.calls.map(({ operation }) => operation)).toEqual(['GetItem', 'PutItem', 'PutItem'])
    const { pk, sk } = Item
    const got = await client.send(new GetItemCommand({ TableName: table, Key: { pk, sk } }))
    expect(got.Item).toEqual(Item)
    client.destroy()
    await line.cut()
  })

  // INVARIANT (no entry, no release). Kills: a write that nobody answered, taken for done; a look that nobody answered,
  // taken for nothing that is there; either taken for a fault of ours, so that nobody sends the call again.
  test.each<Fault>(['answered-nothing', 'answered-null', 'answered-elsewhere'])(
    'and the SDK take %s for no answer, of whatever call',
    async (fault) => {
      let is: Fault = 'none'
      const line = await startFaults(store.endpoint, () => is)
      for (const client of [await short(line.endpoint), dynamodb(line.endpoint)]) {
        is = fault
        const rows = rowsIn(client, table)
        const [Item, before] = [Key(), line.calls.length]
        for (const act of [
          () => rows.putNew(Item),
          () => rows.update(Item, 'SET said = :said', { values: { ':said': { S: 'once' } } }),
          () => rows.remove(Item),
          () => rows.putAll([Item]),
          () => rows.get(Item),
          () => rows.getEach([Item]),
          () => rows.all('short way'),
          async () => (await rows.scan().next()).value,
        ]) {
          const error = await act().catch((each: unknown) => each)
          expect([String(act), error instanceof Error, isStoreAway(error)]).toEqual([
            String(act),
            true,
            true,
          ])
        }
        expect(line.calls.length - before).toBeGreaterThanOrEqual(8 * 3)
        client.destroy()
        is = 'none'
      }
      await line.cut()
    },
  )

  // Kills: an end for each call alone, after which an answer of many calls comes too late; calls that go on behind it.
  test('ends with all other calls of an answer, and a further one is not sent', async () => {
    let is: Fault = 'none'
    const line = await startFaults(store.endpoint, () => is)
    const rows = rowsIn(await short(line.endpoint), table)
    is = 'hangs'
    const began = performance.now()
    const errors = await endingWithin(300, async () => {
      const first = await rows.get(Key()).catch((each: unknown) => each)
      const sent = line.calls.length
      const second = await rows.putNew(Key()).catch((each: unknown) => each)
      expect(line.calls).toHaveLength(sent)
      return [first, second]
    })
    expect(performance.now() - began).toBeLessThan(1500)
    expect(errors.map(isStoreAway)).toEqual([true, true])
    is = 'none'
    expect(await rows.get(Key())).toBeUndefined()
    await line.cut()
  })

  test('tells faults of ours in the SDK’s own errors', async () => {
    const client = await short()
    const error = await client
      .send(new GetItemCommand({ TableName: 'no-such-table', Key: Key() }))
      .catch((each: unknown) => each)
    expect(error).toMatchObject({ name: 'ResourceNotFoundException', $fault: 'client' })
    client.destroy()
  })
})

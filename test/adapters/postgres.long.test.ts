/** PostgreSQL does what DynamoDB does, as far as the adapters ask for it: the embedded store is the measure. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import { plainEnvironment, root } from '../demo/process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { startPglite } from '../pglite.ts'

let stores: readonly Store[]
beforeAll(async () => {
  stores = await Promise.all([startDynalite(), startPglite()])
})
afterAll(async () => {
  for (const each of stores) await each.close()
})

/** The conditions and changes that the adapters write, in every form. */
const conditions = [
  undefined,
  'attribute_not_exists(pk)',
  'attribute_exists(pk)',
  'attribute_not_exists(ts) OR ts <= :ts OR putTs <= :ts',
  'attribute_not_exists(ts) OR ts < :ts OR (ts = :ts AND attribute_exists(held))',
  'attribute_not_exists(pk) OR #n <> :n OR ts > :ts',
  '#n = :n AND ts >= :ts',
  'NOT contains(acts, :ts)',
  'NOT (attribute_not_exists(held) AND attribute_not_exists(ts))',
  'begins_with(held, :ts) OR ts > :other',
]
const changes = [
  'SET ts = :ts, #n = :n REMOVE held',
  'SET held = if_not_exists(held, :ts)',
  'ADD acts :acts',
  'ADD acts :acts DELETE putActs :acts',
  'DELETE acts :acts',
  'SET putTs = :ts, held = :bytes REMOVE ts ADD putActs :acts',
  'REMOVE #n, putTs',
]
// Not beyond U+FFFF: there the embedded store compares UTF-16, and DynamoDB, and we, UTF-8.
const texts = fc.constantFrom('a', 'ab', 'b', 'ä', 'Ω', '\uFFFD', '~')
const valuesOf = fc.record({
  ':ts': texts.map((S) => ({ S })),
  ':other': texts.map((S) => ({ S })),
  ':n': fc.integer({ min: -1, max: 11 }).map((n) => ({ N: String(n) })),
  ':acts': fc.uniqueArray(texts, { minLength: 1 }).map((SS) => ({ SS })),
  ':bytes': fc.uint8Array({ minLength: 1, maxLength: 4 }).map((B) => ({ B })),
})
const step = fc.record({
  kind: fc.constantFrom('put', 'update', 'delete'),
  key: texts,
  condition: fc.constantFrom(...conditions),
  change: fc.constantFrom(...changes),
  values: valuesOf,
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Only the names and values that an expression has: DynamoDB refuses others. */
function termsOf(expressions: readonly (string | undefined)[], values: Step['values']) {
  const all = expressions.join(' ')
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(all))
  return {
    ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
    ...(all.includes('#n') && { ExpressionAttributeNames: { '#n': 'n' } }),
  }
}

/** What a store makes of a step. */
async function done({ client, tables }: Store, pk: string, of: Step): Promise<string> {
  const { kind, key, condition, change, values } = of
  const Key = { pk: { S: pk }, sk: { S: key } }
  const base = { TableName: tables.records, ConditionExpression: condition }
  const { ':ts': ts, ':n': n, ':acts': acts } = values
  const command =
    kind === 'put'
      ? new PutItemCommand({
          ...base,
          Item: { ...Key, ts, n, acts },
          ...termsOf([condition], values),
        })
      : kind === 'delete'
        ? new DeleteItemCommand({ ...base, Key, ...termsOf([condition], values) })
        : new UpdateItemCommand({
            ...{ ...base, Key, UpdateExpression: change },
            ...termsOf([condition, change], values),
          })
  return (client as { send(command: unknown): Promise<unknown> }).send(command).then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof ConditionalCheckFailedException) return 'refused'
      throw error
    },
  )
}

/** An item with its sets in one order. */
const sorted = (item: Record<string, AttributeValue>) =>
  Object.fromEntries(
    Object.entries(item)
      .map(
        ([name, { SS, B, ...rest }]) =>
          [
            name,
            {
              ...rest,
              ...(SS && { SS: [...SS].sort() }),
              ...(B && { B: Buffer.from(B).toString('hex') }),
            },
          ] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
const under = (pk: string, { client, tables }: Pick<Store, 'client' | 'tables'>) =>
  rowsIn(client, tables.records).all(pk)

describe('A write to PostgreSQL', () => {
  // Kills: `<>` that does not hold of what is missing; texts in the order of a language; a set that stays empty.
  test('takes effect where it would in DynamoDB, and leaves the same', async () => {
    let runs = 0
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      async (steps) => {
        const pk = `P#${runs++}`
        for (const each of steps) {
          const [a, b] = await Promise.all(stores.map((store) => done(store, pk, each)))
          expect(b).toBe(a)
        }
        const [a, b] = await Promise.all(
          stores.map(async (store) => (await under(pk, store)).map(sorted)),
        )
        expect(b).toEqual(a)
      },
    )
    await fc.assert(property, { numRuns: Number(process.env.COMITY_RUNS ?? 200) > 1000 ? 400 : 60 })
  })

  // Kills: a write that judges by what it read, and replaces what another wrote since.
  test('loses no other: a hundred that each add to a set at once are all in it', async () => {
    const [, { client, tables } = await Promise.reject(new Error('no store'))] = stores
    const Key = { pk: { S: 'R' }, sk: { S: 'set' } }
    const add = (i: number) =>
      client.send(
        new UpdateItemCommand({
          ...{ TableName: tables.records, Key, UpdateExpression: 'ADD acts :a' },
          ExpressionAttributeValues: { ':a': { SS: [String(i)] } },
        }),
      )
    await Promise.all(Array.from({ length: 100 }, (_, i) => add(i)))
    const [item] = await under('R', { client, tables })
    expect(item?.acts?.SS).toHaveLength(100)
  })
})

describe('A page from PostgreSQL', () => {
  test('has what a page of DynamoDB has, from either end, and leads to the next', async () => {
    const keys = ['a', 'a0', 'b', 'B', 'ä', '\u{1F600}', '\uFFFD', '1', '10', '2']
    for (const { client, tables } of stores)
      for (const [i, sk] of keys.entries())
        await client.send(
          new PutItemCommand({
            TableName: tables.decisions,
            Item: { pk: { S: sk }, logShard: { S: 'L#0' }, ts: { S: String(i % 4) } },
          }),
        )
    const all = (read: (store: Store) => Promise<unknown>) => Promise.all(stores.map(read))
    const pages = async (client: DynamoDBClient, query: object) => {
      const found: unknown[] = []
      for (let next: Record<string, AttributeValue> | undefined; ; ) {
        const command = new QueryCommand({
          ...(query as { TableName: string }),
          ExclusiveStartKey: next,
        })
        const { Items = [], LastEvaluatedKey } = await client.send(command)
        // Within one moment, an index of DynamoDB has no order.
        found.push(Items.map(({ ts }) => ts))
        next = LastEvaluatedKey
        if (next === undefined) return found.flat()
      }
    }
    for (const ScanIndexForward of [true, false])
      for (const Limit of [1, 3, 100]) {
        const query = {
          IndexName: 'sweep',
          KeyConditionExpression: 'logShard = :l AND ts >= :from',
          ExpressionAttributeValues: { ':l': { S: 'L#0' }, ':from': { S: '1' } },
          ...{ ScanIndexForward, Limit },
        }
        const [a, b] = await all(({ client, tables }) =>
          pages(client, { ...query, TableName: tables.decisions }),
        )
        expect(b).toEqual(a)
      }
    const [a, b] = await all(async ({ client, tables }) => {
      const { Items = [] } = await client.send(
        new ScanCommand({
          TableName: tables.decisions,
          FilterExpression: 'begins_with(pk, :a) AND ts <> :t',
          ExpressionAttributeValues: { ':a': { S: 'a' }, ':t': { S: '1' } },
        }),
      )
      return Items.map(({ pk }) => pk?.S)
    })
    expect(b).toEqual(a)
  })
})

/** What the adapters promise, faults and races included, was tested on the embedded store. */
const files = [
  ...[
    'memory-dynamodb',
    'refusals-dynamodb',
    'sealing-dynamodb.long',
    'subject-keys-dynamodb.long',
  ],
  ...['register-dynamodb.long', 'ledger-dynamodb.long', 'records-dynamodb.long'],
]

test.each(files)('the promises of %s hold on PostgreSQL, too', async (file) => {
  const config = file.endsWith('.long') ? 'vitest.long.config.ts' : 'vitest.config.ts'
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', config]
  const child = spawn(process.execPath, [...vitest, `test/adapters/${file}.test.ts`], {
    cwd: root,
    env: { ...plainEnvironment, COMITY_TEST_STORE: 'pglite' },
  })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(said).toMatch(/Tests {2}\d+ passed/)
  expect(code, said).toBe(0)
})

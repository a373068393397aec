/** Access to DynamoDB: how long we wait for it, and how we read and write its items. */

import { setTimeout as pause } from 'node:timers/promises'
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  type ScanCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { ComityError, wasChanged } from '../failure.ts'
import { poster } from './aws-post.ts'
import { connectDirectly, handlerBy } from './dynamodb-direct.ts'
import type { RowKey } from './rows.ts'

/** An item of a table. */
export type TableItem = Readonly<Record<string, AttributeValue>>

/** The key of an item in a table that has a sort key. */
export type ItemKey = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } }

/** The key made of a partition key, which is of a declared kind, and a sort key. */
export const itemKey = (pk: RowKey, sk: string): ItemKey => keptKey(pk, sk)

/** A key as a row keeps it, which was made of a declared kind once. */
export const keptKey = (pk: string, sk: string): ItemKey => ({ pk: { S: pk }, sk: { S: sk } })

/** The key of an item. */
export const keyOfItem = (item: TableItem): ItemKey =>
  keptKey(textOf(item, 'pk'), textOf(item, 'sk'))

/** How long we wait for a connection and for an answer, ms; `endingWithin` says how long all calls of an answer may. */
const connectTimeoutMs = 1000
const requestTimeoutMs = 2000
/** Most attempts of the SDK, after one of the short way. */
const attemptsMax = 3

/**
 * A client. Without an endpoint it uses AWS's own DynamoDB, in the region that the environment names. The embedded
 * store's endpoint has its secret as a user name, which becomes the key that calls name.
 */
export function dynamodb(endpoint?: string): DynamoDBClient {
  const { username = '', origin } = endpoint === undefined ? {} : new URL(endpoint)
  const times = { connectionTimeout: connectTimeoutMs, requestTimeout: requestTimeoutMs }
  const post = poster(times)
  const client = new DynamoDBClient({
    maxAttempts: attemptsMax,
    // The middleware of a command is put together once, not at each call.
    cacheMiddleware: true,
    // A cast: of a call's parts it reads six. A bundle's own client reads the times.
    requestHandler: { ...times, ...handlerBy(post) } as never,
    ...(endpoint === undefined ? {} : { endpoint: username === '' ? endpoint : `${origin}/` }),
    ...(endpoint === undefined || !isThisMachine(endpoint) ? {} : noAccount(username || 'local')),
  })
  connectDirectly(client, post)
  return client
}

/** Whether an address is one of this machine alone. */
export const isThisMachine = (endpoint: string): boolean =>
  ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(endpoint).hostname)

/** An embedded store checks no signature, but the SDK insists on signing. */
const noAccount = (accessKeyId: string) => ({
  region: 'local',
  credentials: { accessKeyId, secretAccessKey: 'local' },
})

/**
 * Whether an error means that the store did not answer, or could not for now. The SDK marks its errors with
 * `$metadata`. An error whose `$fault` is not the server's is the fault of our call, except throttling.
 */
export const isStoreAway = (error: unknown): boolean =>
  error instanceof Error &&
  '$metadata' in error &&
  (!('$fault' in error) ||
    error.$fault === 'server' ||
    /Throttl|ThroughputExceeded/.test(error.name))

/** Whether a write took no effect since its condition did not hold. */
export const isRefused = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException'

/** True if a write took effect, false if its condition did not hold. Throws on any other failure. */
export const tookEffect = (write: Promise<unknown>): Promise<boolean> =>
  write.then(
    () => true,
    (error: unknown) => {
      if (isRefused(error)) return false
      throw error
    },
  )

/** The condition of a write, and what the names and values in its expressions stand for. */
type Terms = {
  readonly if?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: TableItem
}

const written = ({ if: condition, names, values }: Terms) => ({
  ConditionExpression: condition,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: values,
})

/** Which rows under a key, and how many; what its values stand for besides the key. */
type PageQuery = Partial<QueryCommandInput> & { readonly values?: TableItem }

/** The rows of a table. Reads give what was last written, and each write says whether it took effect. */
export type Rows = ReturnType<typeof rowsIn>

/** The rows of a table, as adapters read and write them. */
export const rowsIn = (client: DynamoDBClient, table: string) => {
  const put = (Item: TableItem, terms: Terms = {}): Promise<boolean> =>
    tookEffect(client.send(new PutItemCommand({ TableName: table, Item, ...written(terms) })))
  const page = (pk: string, { values, ...query }: PageQuery = {}) => {
    const under = rowsUnder(table, pk)
    const command = new QueryCommand({
      ...under,
      ConsistentRead: true,
      ...query,
      ExpressionAttributeValues: { ...under.ExpressionAttributeValues, ...values },
    })
    return client.send(command)
  }
  const pagesUnder = (pk: string, query?: PageQuery) =>
    pages((from) => page(pk, { ...query, ...from }))
  return {
    async get(Key: TableItem): Promise<TableItem | undefined> {
      const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true })
      return (await client.send(command)).Item
    },
    /** The rows that exist under these keys, whatever their number; no key twice. */
    async getEach(keys: readonly TableItem[]): Promise<readonly TableItem[]> {
      return (await inParts(keys, getAtOnce, (some) => getAll(client, table, some))).flat()
    },
    put,
    /** Puts a row only if there is none with its key. */
    putNew: (item: TableItem) => put(item, { if: 'attribute_not_exists(pk)' }),
    update(Key: TableItem, change: string, terms: Terms = {}): Promise<boolean> {
      const command = { TableName: table, Key, UpdateExpression: change, ...written(terms) }
      return tookEffect(client.send(new UpdateItemCommand(command)))
    },
    remove: (Key: TableItem, terms: Terms = {}): Promise<boolean> =>
      tookEffect(client.send(new DeleteItemCommand({ TableName: table, Key, ...written(terms) }))),
    /** One page of the rows under a partition key. `query` says which rows, and how many. */
    page,
    /** The rows that such a query finds, page after page. */
    pages: pagesUnder,
    /** All of them. */
    all: (pk: string, query?: PageQuery) => flat(pagesUnder(pk, query)),
    /** Every row of the table that a filter lets through, page after page. */
    async *scan(filter: Partial<ScanCommandInput> = {}): AsyncGenerator<readonly TableItem[]> {
      const all = { TableName: table, ConsistentRead: true, ...filter }
      const next = (from: From) => client.send(new ScanCommand({ ...all, ...from }))
      for await (const Items of pages(next)) if (Items.length > 0) yield Items
    },
    putAll: (items: readonly TableItem[]): Promise<void> => putAll(client, table, items),
  }
}

const rowsUnder = (table: string, pk: string) => ({
  TableName: table,
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': { S: pk } },
})

async function flat(all: AsyncIterable<readonly TableItem[]>): Promise<readonly TableItem[]> {
  const items: TableItem[] = []
  for await (const page of all) items.push(...page)
  return items
}

/** What a query finds, page after page. */
export const queryPages = (client: DynamoDBClient, query: QueryCommandInput) =>
  pages((from) => client.send(new QueryCommand({ ...query, ...from })))

/** Where a page goes on. */
type From = { readonly ExclusiveStartKey?: Record<string, AttributeValue> }
type Page = Pick<QueryCommandOutput, 'Items' | 'LastEvaluatedKey'>

async function* pages(next: (from: From) => Promise<Page>): AsyncGenerator<readonly TableItem[]> {
  for (let from: From | undefined = {}; from !== undefined; ) {
    const { Items = [], LastEvaluatedKey }: Page = await next(from)
    yield Items
    from = LastEvaluatedKey && { ExclusiveStartKey: LastEvaluatedKey }
  }
}

/** How many items DynamoDB gives at once. */
const getAtOnce = 100

/** The items that exist under these keys, as last written; at most 100 keys, no key twice. */
export async function getAll(
  client: DynamoDBClient,
  table: string,
  keys: readonly TableItem[],
): Promise<readonly TableItem[]> {
  const items: TableItem[] = []
  let left: TableItem[] = [...keys]
  while (left.length > 0) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
    )
    items.push(...(Responses?.[table] ?? []))
    // Asks again for what did not fit into one answer.
    left = UnprocessedKeys?.[table]?.Keys ?? []
  }
  return items
}

/** Puts items, replacing any under the same key; durable once it returns. No key twice. */
export async function putAll(
  client: DynamoDBClient,
  table: string,
  items: readonly TableItem[],
): Promise<void> {
  await inParts(items, putAtOnce, async (some) => {
    let left = some.map((Item) => ({ PutRequest: { Item } }))
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt > attemptsMax) throw new ComityError('couldn’t write: the store takes too little')
      // Full jitter, so that calls turned away together do not come back together.
      if (attempt > 0) await pause(Math.random() * waitMs * 2 ** (attempt - 1))
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
      )
      // A cast: the unprocessed items are among those that we sent.
      left = (UnprocessedItems?.[table] ?? []) as typeof left
    }
  })
}

/** How many parts of a batch are under way at once. */
const partsAtOnce = 8

/** Does `act` for every `size` of all, several at once. Returns what each came to, in order. */
export async function inParts<T, R>(
  all: readonly T[],
  size: number,
  act: (some: readonly T[]) => Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = []
  for (let at = 0; at < all.length; at += size * partsAtOnce) {
    const parts: (readonly T[])[] = []
    for (let from = at; from < Math.min(all.length, at + size * partsAtOnce); from += size)
      parts.push(all.slice(from, from + size))
    done.push(...(await Promise.all(parts.map(act))))
  }
  return done
}

/** How many items DynamoDB takes at once. */
const putAtOnce = 25
/** Longest wait before sending again what DynamoDB did not take, ms; doubles each time. */
const waitMs = 50

/** The item with the greatest sort key under a partition key, as last written. */
export async function newestOf(
  client: DynamoDBClient,
  table: string,
  pk: string,
): Promise<TableItem | undefined> {
  const newest = { ScanIndexForward: false, Limit: 1 }
  return (await rowsIn(client, table).page(pk, newest)).Items?.[0]
}

/** A text of an item. Throws if the item has no text of that name. */
export function textOf(item: TableItem, name: string): string {
  const text = item[name]?.S
  if (text === undefined) throw wasChanged(`couldn’t read an item: it has no text \`${name}\``)
  return text
}

/** Bytes of an item. Throws if the item has no bytes of that name. */
export function bytesOf(item: TableItem, name: string): Uint8Array {
  const bytes = item[name]?.B
  if (bytes === undefined) throw wasChanged(`couldn’t read an item: it has no bytes \`${name}\``)
  return bytes
}

/** A whole number of an item. Throws if the item has no such number of that name. */
export function numberOf(item: TableItem, name: string): number {
  const number = Number(item[name]?.N)
  if (!Number.isSafeInteger(number))
    throw wasChanged(`couldn’t read an item: it has no number \`${name}\``)
  return number
}

/** Reads a text of an item as JSON. No error quotes it, since it may be about people. */
export function jsonOf(item: TableItem, name: string): unknown {
  const text = textOf(item, name)
  try {
    return JSON.parse(text)
  } catch {
    throw wasChanged(`couldn’t read an item: its text \`${name}\` is not JSON`)
  }
}

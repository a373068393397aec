/**
 * PostgreSQL in place of DynamoDB: what the SDK's client would send over the network is done here instead, so that
 * every adapter, and every promise that was tested of it, stays as it is.
 *
 * A table of ours is a table there: key, item (DynamoDB's JSON as text), and the keys of its index. Each write is one
 * statement, and so happens whole or not at all: a condition is judged on what was read, and the write takes effect
 * only where that is still there, else it is judged anew. Reads give what was last committed.
 */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import pg from 'pg'
import { faultOf } from '../failure.ts'
import { inTime } from './aws-post.ts'
import { connectDirectly, handlerBy, type Post } from './dynamodb-direct.ts'
import { changed, changesIn, type WireItem } from './expressions.ts'
import {
  CallRefused,
  createTable,
  makeShapes,
  meantBy,
  named,
  page,
  putAll,
  read,
  rowOf,
  type SqlDatabase,
  shapeOf,
  type TableShape,
  type WireCall,
  write,
} from './postgres-rows.ts'

/** Most connections of one process, and how long we wait for one, ms, where settings say nothing. */
export const poolDefaults = { connections: 20, connectMs: 1000 }
/** How long we wait for a statement, ms. */
const statementMs = 2000

/**
 * The database at an address. A commit is on disk before it is answered, whatever the server's default is: an entry
 * is durable once its write is answered.
 */
export function postgresAt(
  address: string,
  { connections, connectMs } = poolDefaults,
): SqlDatabase & { end(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: address,
    max: connections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + connectMs,
    keepAlive: true,
    options: '-c synchronous_commit=on',
  })
  // A connection that breaks while nobody uses it is replaced; the next call says if none can be had.
  pool.on('error', () => undefined)
  return pool
}

/**
 * Why a database would lose what it answered, and what to set; undefined if it keeps that, as far as its settings say.
 * The server may be set not to wait for its disk, and what stands between may drop what `postgresAt` asks of a
 * connection: then the server's default counts (PostgreSQL, 20.5, 20.6 and 20.14 of its manual). Some of `tables` may be
 * there already, made by somebody else.
 */
export async function notOnDisk(
  database: SqlDatabase,
  tables: readonly string[],
): Promise<string | undefined> {
  const settings = ['fsync', 'full_page_writes', 'data_sync_retry', 'synchronous_commit']
  const named = [...settings, 'synchronous_standby_names'].map(
    (each) => `current_setting('${each}', true) AS ${each}`,
  )
  const { rows } = await database.query(`SELECT ${named.join(', ')}`)
  const { fsync, full_page_writes, synchronous_commit: commit, ...rest } = rows[0] ?? {}
  if (fsync !== 'on')
    return `\`fsync\` is \`${fsync}\`, so that nothing waits for the disk; set it to \`on\``
  // A page of which half was written is then mended by nothing that the log of the database has.
  if (full_page_writes !== 'on')
    return `\`full_page_writes\` is \`${full_page_writes}\`, so that a page half written takes with it what it had; set it to \`on\``
  // The system may have dropped what it could not write, and says so once.
  if (rest.data_sync_retry === 'on')
    return '`data_sync_retry` is `on`, so that what the disk refused once is taken for written; set it to `off`'
  const unlogged = await database.query(
    `SELECT relname FROM pg_class
     WHERE relpersistence = 'u' AND pg_table_is_visible(oid) AND relname = ANY($1)`,
    [tables],
  )
  const [table] = unlogged.rows
  if (table !== undefined)
    return `\`${table.relname}\` is unlogged, so that the server empties it after a crash; \`ALTER TABLE "${table.relname}" SET LOGGED\``
  if (commit === 'on' || commit === 'remote_apply') return undefined
  // These wait for the disk of this server; what they do not wait for is that of a standby.
  const isLocal = commit === 'local' || commit === 'remote_write'
  if (isLocal && rest.synchronous_standby_names === '') return undefined
  const lost = isLocal ? 'a standby that is promoted may lack it' : 'it is not on disk yet'
  return `\`synchronous_commit\` is \`${commit}\`, so that ${lost}; the gateway asks for \`on\`, which what stands between drops: let it pass \`options\` on, or \`ALTER ROLE … SET synchronous_commit = on\``
}

/** A client whose calls are done in a database; lines name it by its host where it fails. */
export function postgresClient(database: SqlDatabase, host = 'its host'): DynamoDBClient {
  const post = postgresPost(database, host)
  const client = new DynamoDBClient({
    // The SDK asks for a place, which is nowhere.
    ...{ endpoint: 'http://postgres.invalid', region: 'local' },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: { sign: async (request) => request },
    cacheMiddleware: true,
    // A cast: of a call's parts it reads two.
    requestHandler: handlerBy(post) as never,
  })
  connectDirectly(client, post)
  return client
}

/** What sends a client's calls: it does them in a database. */
export function postgresPost(database: SqlDatabase, host = 'its host') {
  const shapes = new Map<string, TableShape>()
  const calls = callsOn(database, async (table) => {
    const known = shapes.get(table) ?? (await shapeOf(database, table))
    shapes.set(table, known)
    return known
  })
  return async ({ headers, body }: Pick<Parameters<Post>[0], 'headers' | 'body'>) => {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
    const { status, said } = await inTime(() => answer(calls, operation, body, host))
    return { status, body: Buffer.from(JSON.stringify(said)) }
  }
}

async function answer(
  calls: ReturnType<typeof callsOn>,
  operation: string,
  body: string | Uint8Array,
  host: string,
) {
  try {
    const call = Object.entries(calls).find(([name]) => name === operation)?.[1]
    if (call === undefined) throw new CallRefused('UnknownOperationException')
    return { status: 200, said: await call(JSON.parse(Buffer.from(body).toString()) as WireCall) }
  } catch (error) {
    // What the database says may quote an item. The SDK takes any other failure for one that passes, and asks again.
    const type = error instanceof CallRefused ? error.type : 'InternalServerError'
    const said = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }
    if (error instanceof CallRefused) return { status: 400, said }
    // The SDK hands on what else is said; a line then has the code, an SQLSTATE as a rule, and nothing of the text.
    return { status: 500, said: { ...said, code: `${faultOf(error)} of PostgreSQL at ${host}` } }
  }
}

/** Each operation that is answered, by DynamoDB's name. */
const callsOn = (database: SqlDatabase, shapeOfTable: (table: string) => Promise<TableShape>) => ({
  CreateTable: (asked: WireCall) => createTable(database, asked),
  async DescribeTable({ TableName }: WireCall) {
    await shapeOfTable(TableName)
    return { Table: { TableName, TableStatus: 'ACTIVE' } }
  },
  async ListTables() {
    await database.query(makeShapes)
    const { rows } = await database.query('SELECT name FROM comity_shapes ORDER BY name')
    return { TableNames: rows.map(({ name }) => name) }
  },

  async GetItem({ TableName, Key = {} }: WireCall) {
    const item = await read(database, TableName, rowOf(Key, await shapeOfTable(TableName)))
    return item === undefined ? {} : { Item: JSON.parse(item) }
  },
  async PutItem(asked: WireCall) {
    const { TableName, Item = {}, ConditionExpression } = asked
    const shape = await shapeOfTable(TableName)
    if (ConditionExpression === undefined) await putAll(database, TableName, [rowOf(Item, shape)])
    else await write(database, asked, shape, Item, () => Item)
    return {}
  },
  async UpdateItem(asked: WireCall) {
    const { Key = {}, UpdateExpression = '', ReturnValues } = asked
    const changes = changesIn(UpdateExpression, meantBy(asked))
    const shape = await shapeOfTable(asked.TableName)
    const made = await write(database, asked, shape, Key, (item) => changed(item ?? Key, changes))
    return ReturnValues === 'ALL_NEW' ? { Attributes: made } : {}
  },
  async DeleteItem(asked: WireCall) {
    const { Key = {} } = asked
    await write(database, asked, await shapeOfTable(asked.TableName), Key, () => undefined)
    return {}
  },

  Query: async (asked: WireCall) => page(database, asked, await shapeOfTable(asked.TableName)),
  Scan: async (asked: WireCall) => page(database, asked, await shapeOfTable(asked.TableName)),

  async BatchGetItem({ RequestItems = {} }: WireCall) {
    const Responses: Record<string, unknown> = {}
    for (const [table, { Keys }] of Object.entries<{ Keys: readonly WireItem[] }>(RequestItems)) {
      const shape = await shapeOfTable(table)
      const keys = Keys.map((key) => rowOf(key, shape))
      const { rows } = await database.query(
        `SELECT item FROM ${named(table)} WHERE (pk, sk) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
        [keys.map(({ pk }) => pk), keys.map(({ sk }) => sk)],
      )
      Responses[table] = rows.map(({ item }) => JSON.parse(String(item)))
    }
    return { Responses, UnprocessedKeys: {} }
  },
  async BatchWriteItem({ RequestItems = {} }: WireCall) {
    type Put = { readonly PutRequest: { readonly Item: WireItem } }
    for (const [table, puts] of Object.entries<readonly Put[]>(RequestItems)) {
      const shape = await shapeOfTable(table)
      const rows = puts.map(({ PutRequest: { Item } }) => rowOf(Item, shape))
      await putAll(database, table, rows)
    }
    return { UnprocessedItems: {} }
  },
})

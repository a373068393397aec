/** The tables of a store on one machine. On AWS, the stack makes them. */

import {
  CreateTableCommand,
  type DynamoDBClient,
  paginateListTables,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { type Table, type TableName, type TableNames, tables } from './tables.ts'

/** Creates missing tables, for a store on one machine. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  await Promise.all(
    Object.entries(tables).map(([name, table]) =>
      // A cast, since `Object.entries` forgets the names of the keys.
      createTable(client, names[name as TableName], table),
    ),
  )
}

/** Creates a table if it is missing. */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  table: Table,
): Promise<void> {
  const { hash, range, indexes = [] } = table
  const keys = [{ hash, range }, ...indexes]
  const attributes = new Set(keys.flatMap((key) => [key.hash, key.range ?? key.hash]))
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((each) => ({
      AttributeName: each,
      AttributeType: 'S',
    })),
    KeySchema: keySchema(hash, range),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index.hash, index.range),
            Projection: { ProjectionType: 'KEYS_ONLY' as const },
          })),
        }),
  })
  await client.send(command).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error
  })
  await waitUntilTableExists(
    { client, maxWaitTime: 30, minDelay: 0.01, maxDelay: 1 },
    { TableName: name },
  )
}

const keySchema = (hash: string, range: string | undefined) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
]

/** The names of all tables of a store, which tells a hundred at a time. */
export async function tablesIn(client: DynamoDBClient): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { TableNames = [] } of paginateListTables({ client }, {}))
    names.push(...TableNames)
  return names
}

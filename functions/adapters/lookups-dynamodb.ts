/** The look-up table of auditors in DynamoDB. */

import { DeleteItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { AuditLine, LookupKey, LookupRow, Lookups } from '../log-ports.ts'
import { type Item, jsonOf, putAll } from './dynamodb.ts'
import { shardOf, shards } from './ledger-dynamodb.ts'

/** The look-up table, each key of it in as many parts as the index of a log. */
export const dynamodbLookups = (client: DynamoDBClient, table: string): Lookups => ({
  put: (rows) =>
    putAll(
      client,
      table,
      rows.map((row) => ({ ...placeOf(row), line: { S: JSON.stringify(row.line) } })),
    ),

  async remove(rows) {
    for (const row of rows)
      await client.send(new DeleteItemCommand({ TableName: table, Key: placeOf(row) }))
  },

  async list(key, { from, until, before }, limit) {
    const upTo = before ?? until ?? '~'
    const part = async (shard: number) => {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        ExpressionAttributeValues: {
          ':pk': { S: pkOf(key, shard) },
          ':from': { S: from ?? '0' },
          ':until': { S: upTo },
        },
        ScanIndexForward: false,
        // One more than asked: the bound itself is not part of the page.
        Limit: limit + 1,
        ConsistentRead: true,
      })
      return (await client.send(command)).Items ?? []
    }
    const parts = await Promise.all(Array.from({ length: shards }, (_, shard) => part(shard)))
    return parts
      .flat()
      .filter((item) => (item.sk?.S ?? '') < upTo)
      .sort((a, b) => ((a.sk?.S ?? '') < (b.sk?.S ?? '') ? 1 : -1))
      .slice(0, limit)
      .map(lineIn)
  },
})

const pkOf = ({ jurisdiction, by, value }: LookupKey, shard: number): string =>
  `${jurisdiction}#${by}#${value}#${shard}`

const placeOf = ({ key, line }: LookupRow) => ({
  pk: { S: pkOf(key, shardOf(line.id)) },
  sk: { S: `${line.ts}#${line.id}` },
})

// A cast, since only the sealer writes here.
const lineIn = (item: Item): AuditLine => jsonOf(item, 'line') as AuditLine

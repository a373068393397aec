/** The look-up table of auditors in DynamoDB. */

import { DeleteItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import type { AuditLine, LookupKey, LookupRow, Lookups } from '../log-ports.ts'
import { type Item, jsonOf, putAll, textOf } from './dynamodb.ts'
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

  async list(key, { from = '0', until, before }, limit) {
    const upTo = before ?? until ?? '~'
    if (from >= upTo) return []
    const part = async (shard: number): Promise<readonly Item[]> => {
      const query = {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        ExpressionAttributeValues: {
          ':pk': { S: pkOf(key, shard) },
          ':from': { S: from },
          ':until': { S: upTo },
        },
        ScanIndexForward: false,
        // One more than asked: the bound itself is not part of the page.
        Limit: limit + 1,
        ConsistentRead: true,
      }
      const items: Item[] = []
      // An answer has at most 1 MB, so that the lines asked for may take several.
      for await (const { Items = [] } of paginateQuery({ client }, query)) {
        items.push(...Items)
        if (items.length > limit) break
      }
      return items
    }
    const parts = await Promise.all(Array.from({ length: shards }, (_, shard) => part(shard)))
    return parts
      .flat()
      .filter((item) => textOf(item, 'sk') < upTo)
      .sort((a, b) => (textOf(a, 'sk') < textOf(b, 'sk') ? 1 : -1))
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

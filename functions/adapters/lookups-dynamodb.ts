/** The look-up table of auditors in DynamoDB. */

import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
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
    const more = async ({ pk, items, next }: Part): Promise<Part> => {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
          ExpressionAttributeValues: {
            ':pk': { S: pk },
            ':from': { S: from },
            ':until': { S: upTo },
          },
          ScanIndexForward: false,
          Limit: partOf(limit),
          ConsistentRead: true,
          ...(next && { ExclusiveStartKey: next }),
        }),
      )
      // The bound itself, which DynamoDB gives, too, is not part of the page.
      const inRange = Items.filter((item) => textOf(item, 'sk') < upTo)
      return { pk, items: [...items, ...inRange], next: LastEvaluatedKey }
    }

    let parts: readonly Part[] = await Promise.all(
      Array.from({ length: shards }, (_, shard) => more({ pk: pkOf(key, shard), items: [] })),
    )
    for (;;) {
      const found = parts
        .flatMap(({ items }) => items)
        .sort((a, b) => (textOf(a, 'sk') < textOf(b, 'sk') ? 1 : -1))
        .slice(0, limit)
      const oldest = found.length < limit ? '' : textOf(found.at(-1) ?? {}, 'sk')
      if (!parts.some((part) => mayHaveAfter(oldest, part))) return found.map(lineIn)
      parts = await Promise.all(
        parts.map((part) => (mayHaveAfter(oldest, part) ? more(part) : part)),
      )
    }
  },
})

/** One part of a key, as far as it was read, the newest first; `next` unless that is all of it. */
type Part = {
  readonly pk: string
  readonly items: readonly Item[]
  readonly next?: Record<string, AttributeValue> | undefined
}

/** Whether what was not read of a part yet may be newer than a place. */
const mayHaveAfter = (place: string, { next }: Part): boolean =>
  next !== undefined && textOf(next, 'sk') > place

/**
 * How many lines of a page to ask one part for at once. Chance puts a line into its part, so with three
 * standard deviations more than its share few pages need a second round; and one for the bound.
 */
const partOf = (limit: number): number =>
  Math.min(limit, Math.ceil((limit + 3 * Math.sqrt(limit * (shards - 1))) / shards)) + 1

const pkOf = ({ jurisdiction, by, value }: LookupKey, shard: number): string =>
  `${jurisdiction}#${by}#${value}#${shard}`

const placeOf = ({ key, line }: LookupRow) => ({
  pk: { S: pkOf(key, shardOf(line.id)) },
  sk: { S: `${line.ts}#${line.id}` },
})

// A cast, since only the sealer writes here.
const lineIn = (item: Item): AuditLine => jsonOf(item, 'line') as AuditLine

/** The rows that records are kept in: one item for each record, and index rows that lead to it. */

import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Agency } from '../identity/register.ts'
import { type Item, textOf, tookEffect } from './dynamodb.ts'

/** Most records read for one subject. */
const matchesMax = 25

/** The items of records: `held` is the record, `ts` the time of the last change. */
export const recordItems = (client: DynamoDBClient, table: string) => {
  const keyOf = (holder: Agency, id: string) => ({
    pk: { S: `R#${holder.id}#${id}` },
    sk: { S: 'record' },
  })
  return {
    async read(holder: Agency, id: string): Promise<Item | undefined> {
      const Key = keyOf(holder, id)
      const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true })
      return (await client.send(command)).Item
    },

    /** The item as changed; undefined if the condition did not hold. */
    async change(
      holder: Agency,
      id: string,
      UpdateExpression: string,
      ConditionExpression: string,
      values: Item,
      ts: string,
    ): Promise<Item | undefined> {
      const command = new UpdateItemCommand({
        TableName: table,
        Key: keyOf(holder, id),
        UpdateExpression,
        ConditionExpression,
        ExpressionAttributeValues: { ...values, ':ts': { S: ts } },
        ReturnValues: 'ALL_NEW',
      })
      try {
        return (await client.send(command)).Attributes ?? {}
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined
        throw error
      }
    },
  }
}

/** Index rows: from an identifier's pseudonym to a record, with the time of the change. */
export const indexRows = (client: DynamoDBClient, table: string) => {
  const keyOf = (way: string, id: string) => ({ pk: { S: way }, sk: { S: id } })
  return {
    async list(way: string): Promise<{ readonly ids: readonly string[]; readonly all: boolean }> {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: way } },
        Limit: matchesMax + 1,
        ConsistentRead: true,
      })
      const ids = ((await client.send(command)).Items ?? []).map((row) => textOf(row, 'sk'))
      return { ids: ids.slice(0, matchesMax), all: ids.length <= matchesMax }
    },

    async add(way: string, id: string, ts: string): Promise<void> {
      const command = new PutItemCommand({
        TableName: table,
        Item: { ...keyOf(way, id), ts: { S: ts } },
        ConditionExpression: 'attribute_not_exists(pk) OR ts < :ts',
        ExpressionAttributeValues: { ':ts': { S: ts } },
      })
      await tookEffect(client.send(command))
    },

    async remove(way: string, id: string, condition: string, ts: string): Promise<void> {
      const command = new DeleteItemCommand({
        TableName: table,
        Key: keyOf(way, id),
        ConditionExpression: condition,
        ExpressionAttributeValues: { ':ts': { S: ts } },
      })
      await tookEffect(client.send(command))
    },
  }
}

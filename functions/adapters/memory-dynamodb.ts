/** What a signer or a witness signed last, in DynamoDB. */

import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Memory } from '../log-ports.ts'
import { bytesOf, tookEffect } from './dynamodb.ts'

/** The memory of one that signs, named `of`. */
export const dynamodbMemory = (client: DynamoDBClient, table: string, of: string): Memory => ({
  async last(log) {
    const Key = keyOf(of, log)
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true })
    const { Item } = await client.send(command)
    return Item && { size: Number(Item.size?.N), root: bytesOf(Item, 'root') }
  },

  advance: (log, from, { size, root }) =>
    tookEffect(
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...keyOf(of, log), size: { N: String(size) }, root: { B: root } },
          ...(from === 0
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: '#size = :size',
                ExpressionAttributeNames: { '#size': 'size' },
                ExpressionAttributeValues: { ':size': { N: String(from) } },
              }),
        }),
      ),
    ),
})

const keyOf = (of: string, log: string) => ({ pk: { S: `${of}#${log}` } })

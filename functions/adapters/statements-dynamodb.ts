/** Numbered statements in DynamoDB: one row each, put only where none is. */

import { type DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb'
import type { Link } from '../policy/chain.ts'
import { type Item, jsonOf, queryAll, textOf, tookEffect } from './dynamodb.ts'

/** Digits of a number in a key, so that keys are in the order of numbers. */
const digits = 6

const keyOf = (chain: string, number: number) => ({
  pk: { S: chain },
  sk: { S: String(number).padStart(digits, '0') },
})

/**
 * What the rows of a chain say from a number on, in their order, as last written; nothing of it is checked.
 */
export async function readChain(
  client: DynamoDBClient,
  table: string,
  chain: string,
  from = 1,
): Promise<readonly unknown[]> {
  const { pk, sk } = keyOf(chain, from)
  const items = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :chain AND sk >= :from',
    ExpressionAttributeValues: { ':chain': pk, ':from': sk },
  })
  return items.map(statementIn)
}

/** What the rows of every chain say, by its name, in their order; nothing of it is checked. */
export async function readChains(
  client: DynamoDBClient,
  table: string,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const items: Item[] = []
  const scan = { TableName: table, ConsistentRead: true }
  for await (const page of paginateScan({ client }, scan)) items.push(...(page.Items ?? []))
  // In a scan, the rows of a chain come in their order, as they do in a query.
  const chains = Map.groupBy(items, (item) => textOf(item, 'pk'))
  return new Map([...chains].map(([chain, rows]) => [chain, rows.map(statementIn)]))
}

/** Puts a statement if there is none of its number, durably; whether it did. */
export const putStatement = (
  client: DynamoDBClient,
  table: string,
  statement: Link<unknown>,
): Promise<boolean> =>
  tookEffect(
    client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          ...keyOf(statement.chain, statement.number),
          statement: { S: JSON.stringify(statement) },
        },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  )

/** What a row says; undefined if that is no JSON. */
function statementIn(item: Item): unknown {
  try {
    return jsonOf(item, 'statement')
  } catch {
    return undefined
  }
}

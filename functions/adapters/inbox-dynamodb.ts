/** What waits for offices, and denials put before a person, in DynamoDB. */

import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Inbox, InboxRow, Review, Reviews } from '../ports.ts'
import { type Item, jsonOf, textOf, tookEffect } from './dynamodb.ts'

/** Denials, by holder and kind of office. Urgent ones are in a part of their own. */
export const dynamodbInbox = (client: DynamoDBClient, table: string): Inbox => {
  const part = async (pk: string, limit: number): Promise<readonly Item[]> => {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ScanIndexForward: false,
      Limit: limit,
      ConsistentRead: true,
    })
    return (await client.send(command)).Items ?? []
  }
  return {
    async put(row) {
      const item = { ...keyOf(row), requester: { S: row.requester } }
      const command = new PutItemCommand({
        TableName: table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      await tookEffect(client.send(command))
    },

    async list(holder, audience, limit) {
      const parts = await Promise.all(
        [true, false].map(async (urgent) =>
          (await part(partOf(holder, audience, urgent), limit)).map((item): InboxRow => {
            const [ts = '', eid = ''] = textOf(item, 'sk').split('#')
            const requester = textOf(item, 'requester')
            return { holder, audience, eid, ts, requester, urgent }
          }),
        ),
      )
      return parts.flat()
    },

    async remove(row) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(row) }))
    },
  }
}

const partOf = (holder: string, audience: string, urgent: boolean): string =>
  `O#${holder}#${audience}#${urgent ? 'urgent' : 'ordinary'}`

const keyOf = ({ holder, audience, urgent, ts, eid }: InboxRow) => ({
  pk: { S: partOf(holder, audience, urgent) },
  sk: { S: `${ts}#${eid}` },
})

const reviewSchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  answer: z.strictObject({ id: z.string(), office: z.string(), at: z.string() }).optional(),
})

/** Denials that were put before a person: one row each, made once. */
export const dynamodbReviews = (client: DynamoDBClient, table: string): Reviews => {
  const key = (eid: string) => ({ pk: { S: `R#${eid}` }, sk: { S: 'review' } })
  const get = async (eid: string): Promise<Review | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: key(eid), ConsistentRead: true })
    const { Item: item } = await client.send(command)
    if (item === undefined) return undefined
    const answer = item.answer === undefined ? {} : { answer: jsonOf(item, 'answer') }
    return reviewSchema.parse({ ...Object(jsonOf(item, 'review')), ...answer }) as Review
  }
  return {
    get,

    async ask(eid, review) {
      const command = new PutItemCommand({
        TableName: table,
        Item: { ...key(eid), review: { S: JSON.stringify(review) } },
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      await tookEffect(client.send(command))
      return (await get(eid)) ?? review
    },

    async answer(eid, answer) {
      const command = new UpdateItemCommand({
        TableName: table,
        Key: key(eid),
        UpdateExpression: 'SET answer = if_not_exists(answer, :answer)',
        ExpressionAttributeValues: { ':answer': { S: JSON.stringify(answer) } },
      })
      await client.send(command)
    },
  }
}

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
import { type Item, jsonOf, queryAll, textOf, tookEffect } from './dynamodb.ts'

/**
 * Denials, by holder and kind of office; in such a part by requester, those that are threats to life apart,
 * and by time.
 */
export const dynamodbInbox = (client: DynamoDBClient, table: string): Inbox => {
  const place = async (Item: Item, condition?: string, values?: Item): Promise<void> => {
    const command = new PutItemCommand({
      TableName: table,
      Item,
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    })
    await tookEffect(client.send(command))
  }

  /** Where a requester has more than `limit`, the rest of its rows is passed over, not read. */
  const newestOfEach = async (pk: string, limit: number): Promise<readonly Item[]> => {
    const items: Item[] = []
    // After every agency.
    let before = '~'
    let [whose, count] = ['', 0]
    for (;;) {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk < :before',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':before': { S: before } },
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
      })
      const { Items = [], LastEvaluatedKey } = await client.send(command)
      for (const item of Items) {
        before = textOf(item, 'sk')
        const own = before.slice(0, before.indexOf('#') + 3)
        count = own === whose ? count + 1 : 1
        whose = own
        if (count <= limit) items.push(item)
      }
      if (LastEvaluatedKey === undefined) return items
      if (count >= limit) before = whose
    }
  }

  /** Rows of before, of which there are only fewer: each ends when its matter does. */
  const earlier = async (holder: string, audience: string): Promise<readonly InboxRow[]> => {
    const parts = [true, false].map(async (urgent) => {
      const pk = earlierPart({ holder, audience, urgent })
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      })
      return items.map((item): InboxRow => {
        const [ts = '', eid = ''] = textOf(item, 'sk').split('#')
        return { holder, audience, eid, ts, requester: textOf(item, 'requester'), urgent }
      })
    })
    return (await Promise.all(parts)).flat()
  }

  return {
    put: (row) => place(keyOf(row), 'attribute_not_exists(pk)'),

    async list(holder, audience, limit) {
      const [before, items] = await Promise.all([
        earlier(holder, audience),
        newestOfEach(partOf({ holder, audience }), limit),
      ])
      const rows = items.map((item): InboxRow => {
        const [requester = '', kind, ts = '', eid = ''] = textOf(item, 'sk').split('#')
        const ended = item.ended === undefined ? {} : { ended: textOf(item, 'ended') }
        return { holder, audience, eid, ts, requester, urgent: kind === 'u', ...ended }
      })
      // One of before that has ended, or was put again, has a row of now as well.
      const distinct = new Map([...before, ...rows].map((row) => [`${row.ts}#${row.eid}`, row]))
      return [...distinct.values()]
    },

    end: (row, at) => place({ ...keyOf(row), ended: { S: at } }),

    async remove(row) {
      const keys = [keyOf(row), earlierKeyOf(row)]
      await Promise.all(
        keys.map((Key) => client.send(new DeleteItemCommand({ TableName: table, Key }))),
      )
    },

    decidedAgain: (matter, ts) =>
      place({ ...againKey(matter), ts: { S: ts } }, 'attribute_not_exists(ts) OR ts < :ts', {
        ':ts': { S: ts },
      }),

    async lastDecided(matter) {
      const Key = againKey(matter)
      const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true })
      const { Item } = await client.send(command)
      return Item && textOf(Item, 'ts')
    },
  }
}

const partOf = ({ holder, audience }: Pick<InboxRow, 'holder' | 'audience'>): string =>
  `O#${holder}#${audience}`

const keyOf = ({ requester, urgent, ts, eid, ...row }: InboxRow) => ({
  pk: { S: partOf(row) },
  sk: { S: `${requester}#${urgent ? 'u' : 'o'}#${ts}#${eid}` },
})

const againKey = (matter: string) => ({ pk: { S: `O#again#${matter}` }, sk: { S: 'again' } })

const earlierPart = (row: Pick<InboxRow, 'holder' | 'audience' | 'urgent'>): string =>
  `${partOf(row)}#${row.urgent ? 'urgent' : 'ordinary'}`

const earlierKeyOf = (row: InboxRow) => ({
  pk: { S: earlierPart(row) },
  sk: { S: `${row.ts}#${row.eid}` },
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

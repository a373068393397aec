/** The inbox of offices, and denials put before a person, in DynamoDB. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Inbox, InboxRow, Review, Reviews } from '../ports.ts'
import { itemKey, jsonOf, type Rows, rowsIn, type TableItem, textOf } from './dynamodb.ts'

/**
 * Denials, partitioned by holder and kind of office, and sorted by requester, then threats to life apart from
 * others, then by time.
 */
export const dynamodbInbox = (client: DynamoDBClient, table: string): Inbox => {
  const rows = rowsIn(client, table)
  return {
    async put(row) {
      await rows.putNew(keyOf(row))
    },

    async list(holder, audience, limit) {
      const [before, items] = await Promise.all([
        earlier(rows, holder, audience),
        newestOfEach(rows, partOf({ holder, audience }), limit),
      ])
      const found = items.map((item): InboxRow => {
        const [requester = '', kind, ts = '', eid = ''] = textOf(item, 'sk').split('#')
        const ended = item.ended === undefined ? {} : { ended: textOf(item, 'ended') }
        return { holder, audience, eid, ts, requester, urgent: kind === 'u', ...ended }
      })
      // A denial with an old row has a new row as well if it ended or was put again.
      const distinct = new Map([...before, ...found].map((row) => [`${row.ts}#${row.eid}`, row]))
      return [...distinct.values()]
    },

    async end(row, at) {
      await rows.put({ ...keyOf(row), ended: { S: at } })
    },

    async remove(row) {
      await Promise.all([keyOf(row), earlierKeyOf(row)].map((key) => rows.remove(key)))
    },

    async decidedAgain(matter, ts) {
      const at = { S: ts }
      const isLater = 'attribute_not_exists(ts) OR ts < :ts'
      await rows.put({ ...againKey(matter), ts: at }, { if: isLater, values: { ':ts': at } })
    },

    async lastDecided(matter) {
      const item = await rows.get(againKey(matter))
      return item && textOf(item, 'ts')
    },
  }
}

/** The newest `limit` rows of each requester and kind. Passes over the rest, mostly without reading it. */
async function newestOfEach(rows: Rows, pk: string, limit: number): Promise<readonly TableItem[]> {
  const items: TableItem[] = []
  // Sorts after every agency.
  let before = '~'
  let [whose, count] = ['', 0]
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await rows.page(pk, {
      KeyConditionExpression: 'pk = :pk AND sk < :before',
      values: { ':before': { S: before } },
      ScanIndexForward: false,
      Limit: limit,
    })
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

/** Rows in the old form. None are added any more, and each ends with its matter. */
async function earlier(rows: Rows, holder: string, audience: string): Promise<readonly InboxRow[]> {
  const parts = [true, false].map(async (urgent) => {
    const items = await rows.all(earlierPart({ holder, audience, urgent }))
    return items.map((item): InboxRow => {
      const [ts = '', eid = ''] = textOf(item, 'sk').split('#')
      return { holder, audience, eid, ts, requester: textOf(item, 'requester'), urgent }
    })
  })
  return (await Promise.all(parts)).flat()
}

const partOf = ({ holder, audience }: Pick<InboxRow, 'holder' | 'audience'>): string =>
  `O#${holder}#${audience}`

const keyOf = ({ requester, urgent, ts, eid, ...row }: InboxRow) =>
  itemKey(partOf(row), `${requester}#${urgent ? 'u' : 'o'}#${ts}#${eid}`)

const againKey = (matter: string) => itemKey(`O#again#${matter}`, 'again')

const earlierPart = (row: Pick<InboxRow, 'holder' | 'audience' | 'urgent'>): string =>
  `${partOf(row)}#${row.urgent ? 'urgent' : 'ordinary'}`

const earlierKeyOf = (row: InboxRow) => itemKey(earlierPart(row), `${row.ts}#${row.eid}`)

const reviewSchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  answer: z.strictObject({ id: z.string(), office: z.string(), at: z.string() }).optional(),
})

/** Denials put before a person: one row each, written once. */
export const dynamodbReviews = (client: DynamoDBClient, table: string): Reviews => {
  const rows = rowsIn(client, table)
  const key = (eid: string) => itemKey(`R#${eid}`, 'review')
  const get = async (eid: string): Promise<Review | undefined> => {
    const item = await rows.get(key(eid))
    if (item === undefined) return undefined
    const answer = item.answer === undefined ? {} : { answer: jsonOf(item, 'answer') }
    return reviewSchema.parse({ ...Object(jsonOf(item, 'review')), ...answer }) as Review
  }
  return {
    get,

    async ask(eid, review) {
      await rows.putNew({ ...key(eid), review: { S: JSON.stringify(review) } })
      return (await get(eid)) ?? review
    },

    async answer(eid, answer) {
      await rows.update(key(eid), 'SET answer = if_not_exists(answer, :answer)', {
        values: { ':answer': { S: JSON.stringify(answer) } },
      })
    },
  }
}

/** The look-up table of auditors in DynamoDB. */

import { randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { AuditLine, LookupKey, LookupRow, Lookups } from '../log-ports.ts'
import { type Item, jsonOf, putAll, textOf, tookEffect } from './dynamodb.ts'
import { shardOf, shards } from './ledger-dynamodb.ts'

/** The look-up table, each key of it in as many parts as the index of a log. */
export const dynamodbLookups = (client: DynamoDBClient, table: string): Lookups => {
  const put = (rows: readonly LookupRow[]) =>
    putAll(
      client,
      table,
      rows.map((row) => ({ ...placeOf(row), line: { S: JSON.stringify(row.line) } })),
    )
  return {
    put,

    remove: (rows) => removeRows(client, table, rows.map(placeOf)),

    async file(rows) {
      const byEntry = Map.groupBy(rows, ({ line }) => line.id)
      await putAll(
        client,
        table,
        [...byEntry].map(([eid, filed]) => noteOn(eid, filed)),
      )
      await put(rows)
    },

    async unfile(eids, at) {
      await putAll(
        client,
        table,
        [...new Set(eids)].map((eid) => ({
          pk: { S: duePk(shardOf(eid)) },
          sk: { S: `${at}#${eid}` },
        })),
      )
      await each(eids, (eid) => removeNoted(client, table, eid))
    },

    async clear(before) {
      const parts = await Promise.all(
        Array.from({ length: shards }, (_, shard) => dueIn(client, table, shard, before)),
      )
      await each(parts.flat(), async (due) => {
        await forget(client, table, due.sk.S.split('#')[1] ?? '')
        await removeRows(client, table, [due])
      })
      return parts.every(({ length }) => length < dueMax)
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
  }
}

/** Entries unfiled at once, and cleared in one go of each part. */
const [atOnce, dueMax] = [50, 100]

/** Does something with many, some of them at once. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += atOnce)
    await Promise.all(all.slice(at, at + atOnce).map(act))
}

async function removeRows(
  client: DynamoDBClient,
  table: string,
  places: readonly Place[],
): Promise<void> {
  for (const Key of places) await client.send(new DeleteItemCommand({ TableName: table, Key }))
}

/** Removes the rows that a note tells of; the note, if there is one. */
async function removeNoted(
  client: DynamoDBClient,
  table: string,
  eid: string,
): Promise<Item | undefined> {
  const read = new GetItemCommand({ TableName: table, Key: noteOf(eid), ConsistentRead: true })
  const { Item: note } = await client.send(read)
  if (note === undefined) return undefined
  const places = placesSchema.parse(jsonOf(note, 'places'))
  await removeRows(
    client,
    table,
    places.map(([pk, sk]) => ({ pk: { S: pk }, sk: { S: sk } })),
  )
  return note
}

/** The note goes only if it is the one that was read: whoever filed meanwhile wrote another. */
async function forget(client: DynamoDBClient, table: string, eid: string): Promise<void> {
  for (;;) {
    const note = await removeNoted(client, table, eid)
    if (note === undefined) return
    const remove = new DeleteItemCommand({
      TableName: table,
      Key: noteOf(eid),
      ConditionExpression: 'att = :att',
      ExpressionAttributeValues: { ':att': { S: textOf(note, 'att') } },
    })
    await tookEffect(client.send(remove))
  }
}

const placesSchema = z.array(z.tuple([z.string(), z.string()]))

/** A note of where rows of an entry are; each is another, so that it is seen when it was written again. */
const noteOn = (eid: string, rows: readonly LookupRow[]): Item => ({
  ...noteOf(eid),
  places: {
    S: JSON.stringify(rows.map((row) => placeOf(row)).map(({ pk, sk }) => [pk.S, sk.S])),
  },
  att: { S: randomUUID() },
})

/** Entries of a part that were unfiled before a moment. */
async function dueIn(
  client: DynamoDBClient,
  table: string,
  shard: number,
  before: string,
): Promise<readonly Place[]> {
  const query = new QueryCommand({
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND sk < :before',
    ExpressionAttributeValues: { ':pk': { S: duePk(shard) }, ':before': { S: before } },
    Limit: dueMax,
  })
  const { Items = [] } = await client.send(query)
  return Items.map((item) => ({ pk: { S: textOf(item, 'pk') }, sk: { S: textOf(item, 'sk') } }))
}

/** Where it says which entries were unfiled, and when. */
const duePk = (shard: number): string => `UNFILED#${shard}`

/** Where the rows of an entry are noted. */
const noteOf = (eid: string) => ({ pk: { S: `NOTE#${eid}` }, sk: { S: 'note' } })

type Place = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } }

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

const placeOf = ({ key, line }: LookupRow): Place => ({
  pk: { S: pkOf(key, shardOf(line.id)) },
  sk: { S: `${line.ts}#${line.id}` },
})

// A cast, since only the sealer writes here.
const lineIn = (item: Item): AuditLine => jsonOf(item, 'line') as AuditLine

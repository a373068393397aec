/** The look-up table of auditors in DynamoDB. */

import { randomUUID } from 'node:crypto'
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { AuditLine, LookupKey, LookupRow, Lookups } from '../log-ports.ts'
import {
  type ItemKey,
  itemKey,
  jsonOf,
  keyOfItem,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { shardOf, shards } from './ledger-dynamodb.ts'

/** The look-up table, each key of it in as many parts as the index of a log. */
export const dynamodbLookups = (client: DynamoDBClient, table: string): Lookups => {
  const rows = rowsIn(client, table)
  const put = (filed: readonly LookupRow[]) =>
    rows.putAll(filed.map((row) => ({ ...placeOf(row), line: { S: JSON.stringify(row.line) } })))
  return {
    put,

    remove: (filed) => removeRows(rows, filed.map(placeOf)),

    async file(filed) {
      const byEntry = Map.groupBy(filed, ({ line }) => line.id)
      await rows.putAll([...byEntry].map(([eid, of]) => noteOn(eid, of)))
      await put(filed)
    },

    async unfile(eids, at) {
      const due = [...new Set(eids)].map((eid) => itemKey(duePk(shardOf(eid)), `${at}#${eid}`))
      await rows.putAll(due)
      await each(eids, (eid) => removeNoted(rows, eid))
    },

    async clear(before) {
      const parts = await Promise.all(
        Array.from({ length: shards }, (_, shard) => dueIn(rows, shard, before)),
      )
      await each(parts.flat(), async (due) => {
        await forget(rows, due.sk.S.split('#')[1] ?? '')
        await rows.remove(due)
      })
      return parts.every(({ length }) => length < dueMax)
    },

    list: (key, { from = '0', until, before }, limit) =>
      list(rows, key, { from, upTo: before ?? until ?? '~' }, limit),
  }
}

/** The newest lines of a key, which is read part by part until no part can have a newer one. */
async function list(
  rows: Rows,
  key: LookupKey,
  { from, upTo }: { readonly from: string; readonly upTo: string },
  limit: number,
): Promise<readonly AuditLine[]> {
  if (from >= upTo) return []
  const more = async ({ pk, items, next }: Part): Promise<Part> => {
    const { Items = [], LastEvaluatedKey } = await rows.page(pk, {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
      values: { ':from': { S: from }, ':until': { S: upTo } },
      ScanIndexForward: false,
      Limit: partOf(limit),
      ...(next && { ExclusiveStartKey: next }),
    })
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
    parts = await Promise.all(parts.map((part) => (mayHaveAfter(oldest, part) ? more(part) : part)))
  }
}

/** Entries unfiled at once, and cleared in one go of each part. */
const [atOnce, dueMax] = [50, 100]

/** Does something with many, some of them at once. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += atOnce)
    await Promise.all(all.slice(at, at + atOnce).map(act))
}

async function removeRows(rows: Rows, places: readonly ItemKey[]): Promise<void> {
  for (const place of places) await rows.remove(place)
}

/** Removes the rows that a note tells of; the note, if there is one. */
async function removeNoted(rows: Rows, eid: string): Promise<TableItem | undefined> {
  const note = await rows.get(noteOf(eid))
  if (note === undefined) return undefined
  const places = placesSchema.parse(jsonOf(note, 'places'))
  await removeRows(
    rows,
    places.map(([pk, sk]) => itemKey(pk, sk)),
  )
  return note
}

/** The note goes only if it is the one that was read: whoever filed meanwhile wrote another. */
async function forget(rows: Rows, eid: string): Promise<void> {
  for (;;) {
    const note = await removeNoted(rows, eid)
    if (note === undefined) return
    await rows.remove(noteOf(eid), {
      if: 'att = :att',
      values: { ':att': { S: textOf(note, 'att') } },
    })
  }
}

const placesSchema = z.array(z.tuple([z.string(), z.string()]))

/** A note of where rows of an entry are; each is another, so that it is seen when it was written again. */
const noteOn = (eid: string, rows: readonly LookupRow[]): TableItem => ({
  ...noteOf(eid),
  places: {
    S: JSON.stringify(rows.map(placeOf).map(({ pk, sk }) => [pk.S, sk.S])),
  },
  att: { S: randomUUID() },
})

/** Entries of a part that were unfiled before a moment. */
async function dueIn(rows: Rows, shard: number, before: string): Promise<readonly ItemKey[]> {
  const { Items = [] } = await rows.page(duePk(shard), {
    KeyConditionExpression: 'pk = :pk AND sk < :before',
    values: { ':before': { S: before } },
    Limit: dueMax,
    ConsistentRead: false,
  })
  return Items.map(keyOfItem)
}

/** Where it says which entries were unfiled, and when. */
const duePk = (shard: number): string => `UNFILED#${shard}`

/** Where the rows of an entry are noted. */
const noteOf = (eid: string) => itemKey(`NOTE#${eid}`, 'note')

/** One part of a key, as far as it was read, the newest first; `next` unless that is all of it. */
type Part = {
  readonly pk: string
  readonly items: readonly TableItem[]
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

const placeOf = ({ key, line }: LookupRow): ItemKey =>
  itemKey(pkOf(key, shardOf(line.id)), `${line.ts}#${line.id}`)

// A cast, since only the sealer writes here.
const lineIn = (item: TableItem): AuditLine => jsonOf(item, 'line') as AuditLine

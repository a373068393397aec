/** The auditors' look-up table in DynamoDB. */

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

/** The look-up table. Each key has as many parts as the index of a log. */
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

/** The newest lines of a key. Reads on in each part until no part can have a newer line. */
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
    // DynamoDB also returns the bound itself, which is not part of the page.
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

/** How many entries to unfile at once, and how many of each part to clear in one go. */
const [atOnce, dueMax] = [50, 100]

/** Does `act` for all, `atOnce` at a time. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += atOnce)
    await Promise.all(all.slice(at, at + atOnce).map(act))
}

async function removeRows(rows: Rows, places: readonly ItemKey[]): Promise<void> {
  for (const place of places) await rows.remove(place)
}

/** Removes the rows that an entry's note lists; returns the note, if there is one. */
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

/** Removes an entry's rows and note, and starts again if somebody filed meanwhile and so wrote a new note. */
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

/** A note of where an entry's rows are. Each note has a random `att`, which shows if it was written again. */
const noteOn = (eid: string, rows: readonly LookupRow[]): TableItem => ({
  ...noteOf(eid),
  places: {
    S: JSON.stringify(rows.map(placeOf).map(({ pk, sk }) => [pk.S, sk.S])),
  },
  att: { S: randomUUID() },
})

/** The entries of a part that were unfiled before a moment. */
async function dueIn(rows: Rows, shard: number, before: string): Promise<readonly ItemKey[]> {
  const { Items = [] } = await rows.page(duePk(shard), {
    KeyConditionExpression: 'pk = :pk AND sk < :before',
    values: { ':before': { S: before } },
    Limit: dueMax,
    ConsistentRead: false,
  })
  return Items.map(keyOfItem)
}

/** The partition key of the list of unfiled entries, with the time of each. */
const duePk = (shard: number): string => `UNFILED#${shard}`

/** The key of the note of an entry's rows. */
const noteOf = (eid: string) => itemKey(`NOTE#${eid}`, 'note')

/** One part of a key, as far as it was read, newest first. `next` is absent once all of it is read. */
type Part = {
  readonly pk: string
  readonly items: readonly TableItem[]
  readonly next?: Record<string, AttributeValue> | undefined
}

/** Whether the unread rest of a part may have lines newer than a place. */
const mayHaveAfter = (place: string, { next }: Part): boolean =>
  next !== undefined && textOf(next, 'sk') > place

/**
 * How many lines of a page to ask of one part at once. Lines fall into parts by chance, so we ask for the
 * part's share and three standard deviations more: then few pages need a second round. One more is for the
 * bound.
 */
const partOf = (limit: number): number =>
  Math.min(limit, Math.ceil((limit + 3 * Math.sqrt(limit * (shards - 1))) / shards)) + 1

const pkOf = ({ jurisdiction, by, value }: LookupKey, shard: number): string =>
  `${jurisdiction}#${by}#${value}#${shard}`

const placeOf = ({ key, line }: LookupRow): ItemKey =>
  itemKey(pkOf(key, shardOf(line.id)), `${line.ts}#${line.id}`)

// A cast, since only the sealer and expiry write here, both from `LookupRow`s.
const lineIn = (item: TableItem): AuditLine => jsonOf(item, 'line') as AuditLine

/** Events by reader and log, in DynamoDB: a list of those that are filed together, beside the inboxes. */

import { hash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { EventRow, Events, FiledEvent } from '../inbox-ports.ts'
import {
  bytesOf,
  itemKey,
  jsonOf,
  keyOfItem,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/**
 * Events, partitioned by reader, and sorted by log, then by the place of the entry. A row for each log leads to
 * it; this process writes it once.
 */
export const dynamodbEvents = (client: DynamoDBClient, table: string): Events => {
  const rows = rowsIn(client, table)
  const known = new Set<string>()
  const lead = async (to: string, log: string) => {
    const name = `${to} ${log}`
    if (known.has(name)) return
    await rows.put(itemKey(partOf(to), `${logs}${log}`))
    known.add(name)
  }
  return {
    async file(filed) {
      const leads = new Map(filed.map(({ to, log }) => [`${to} ${log}`, { to, log }]))
      // The leads first, so that no event is where nobody looks.
      await Promise.all([...leads.values()].map(({ to, log }) => lead(to, log)))
      await Promise.all(listsOf(filed).map((list) => rows.put(list)))
    },

    async logs(to) {
      const { Items = [] } = await rows.page(partOf(to), {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :logs)',
        values: { ':logs': { S: logs } },
      })
      return Items.map((item) => textOf(item, 'sk').slice(logs.length))
    },

    async forget(to, log) {
      const { Items = [], LastEvaluatedKey } = await rows.page(partOf(to), {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :log)',
        values: { ':log': { S: `at#${log}#` } },
        Limit: forgottenAtOnce,
      })
      await Promise.all(Items.map((item) => rows.remove(keyOfItem(item))))
      if (LastEvaluatedKey !== undefined) return false
      // Last, so that whatever is left is found again.
      await rows.remove(itemKey(partOf(to), `${logs}${log}`))
      known.delete(`${to} ${log}`)
      return true
    },

    list: (to, log, range, limit) => listed(rows, { to, log }, range, limit),
  }
}

/** Whose events of which log. */
type Part = Pick<EventRow, 'to' | 'log'>
/** An event and the place of its entry, as a list has it. */
type Placed = readonly [index: number, event: FiledEvent]

/** A list is about places from its first one on, and fewer than so many further. */
const spanMax = 100
/** Most characters of the events of a list, JSON: an item holds 400 KB. */
const listMax = 200_000
/** Most bytes of a list, inflated. */
const inflatedMax = 1_000_000
/** How many rows are read at first: a list may have a page of events. */
const rowsAtFirst = 4

/** What is filed together: for each reader and log one list, or more where they are many. */
const listsOf = (filed: readonly EventRow[]): readonly TableItem[] =>
  [...Map.groupBy(filed, ({ to, log }) => `${to} ${log}`).values()].flatMap((of) => {
    const lists: EventRow[][] = []
    let length = 0
    for (const row of of.toSorted(inOrder)) {
      const [first] = lists.at(-1) ?? []
      length += JSON.stringify(row).length
      if (first === undefined || row.index - first.index >= spanMax || length > listMax) {
        lists.push([])
        length = JSON.stringify(row).length
      }
      lists.at(-1)?.push(row)
    }
    return lists.map(listOf)
  })

function listOf(rows: readonly EventRow[]): TableItem {
  const text = JSON.stringify(rows.map(({ index, event }): Placed => [index, event]))
  const { to = '', log = '', index = 0 } = rows[0] ?? {}
  // By its digest, so that what is filed again without an entry whose key is gone takes the place of nothing.
  const name = hash('sha256', text, 'base64url').slice(0, 22)
  const key = itemKey(partOf(to), `${placeOf(log, index)}#${listPrefix}${name}`)
  return { ...key, events: { B: deflateRawSync(text) } }
}

/**
 * Events from a place on, in order. Lists that begin before it are read, too; what an unread list may begin with is
 * left for the next page, and the events of one entry are never parted.
 */
async function listed(
  rows: Rows,
  of: Part,
  { from, until }: { readonly from: number; readonly until: number },
  limit: number,
): Promise<readonly EventRow[]> {
  const found = new Map<string, EventRow>()
  let next: TableItem | undefined
  let complete: readonly EventRow[] = []
  for (let at = rowsAtFirst; from < until; at *= 2) {
    const { Items = [], LastEvaluatedKey } = await rows.page(partOf(of.to), {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
      // No row is at the bound itself: a place has more behind it.
      values: {
        ':from': { S: placeOf(of.log, Math.max(0, from - spanMax + 1)) },
        ':until': { S: placeOf(of.log, until) },
      },
      Limit: at,
      ...(next && { ExclusiveStartKey: next }),
    })
    for (const row of Items.flatMap((item) => eventsIn(of, item)))
      if (row.index >= from && row.index < until) found.set(`${row.index} ${row.event.kind}`, row)
    next = LastEvaluatedKey
    const read = next === undefined ? until : indexOf(next)
    complete = [...found.values()].filter(({ index }) => index < read).sort(inOrder)
    if (next === undefined || complete.length >= limit) break
  }
  const last = complete[limit - 1]
  return complete.filter(({ index }, i) => i < limit || index === last?.index)
}

/** The events of a list; or the one of a row of an earlier build. */
function eventsIn(of: Part, item: TableItem): readonly EventRow[] {
  // Casts, since only the sealer writes here.
  if (item.events === undefined)
    return [{ ...of, index: indexOf(item), event: jsonOf(item, 'event') as FiledEvent }]
  const text = inflateRawSync(bytesOf(item, 'events'), { maxOutputLength: inflatedMax })
  const placed = JSON.parse(text.toString('utf8')) as readonly Placed[]
  return placed.map(([index, event]) => ({ ...of, index, event }))
}

/** By place, and of one entry by kind. */
const inOrder = (a: EventRow, b: EventRow): number =>
  a.index - b.index || (a.event.kind < b.event.kind ? -1 : Number(a.event.kind > b.event.kind))

/** How many rows one call removes. */
const forgottenAtOnce = 100

const partOf = (to: string): RowKey => rowKey(kinds.event, to)
/** What the rows that lead to logs begin with. */
const logs = 'log#'
/** What the name of a list begins with, behind its place. */
const listPrefix = '~'
/** The place of the entry that a row, or its first event, is of. */
const indexOf = (item: TableItem): number => Number(textOf(item, 'sk').split('#')[2])
/** Zero padded, so that places sort by number. */
const placeOf = (log: string, index: number): string =>
  `at#${log}#${String(index).padStart(12, '0')}`

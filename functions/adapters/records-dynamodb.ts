/** Records in DynamoDB, for holders that have no system of their own. */

import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import {
  type HeldRecord,
  identifiersFor,
  identifiersOf,
  type Subject,
  storedRecordSchema,
} from '../decision/record.ts'
import { ComityError, hasFailed, wasChanged } from '../failure.ts'
import type { Agency } from '../identity/register.ts'
import type { FoundRecord, Records, Secrets } from '../ports.ts'
import { isRefused, itemKey, jsonOf, keptKey, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/**
 * Records, found by the pseudonyms of their identifiers.
 *
 * INVARIANT (no record hides): a record that stands has an index row for each of its identifiers. A row too
 * many is harmless, since every hit is checked against the record itself. So rows are written before the record
 * and removed after it, and only a change later than the one that wrote a row removes it. `ways` is written
 * first of all and names every row there may be, so that after a crash the next change finds what to remove.
 */
export const dynamodbRecords = (
  client: DynamoDBClient,
  table: string,
  pseudonym: Secrets['pseudonym'],
): Records => {
  const kept = recordRows(client, table)
  const wayTo = (holder: Agency, identifier: string): string =>
    rowKey(kinds.identifier, holder.id, pseudonym(holder.jurisdiction, identifier))
  return {
    async find(holder, subject, atLastRead) {
      const ways = identifiersFor(subject).map((each) => wayTo(holder, each))
      const read = await candidates(kept, holder, subject, ways, atLastRead).catch(() => undefined)
      return read === undefined ? { kind: 'away' } : foundOf(read.items, subject, read.all)
    },

    get: async (holder, id) => recordIn(await kept.read(holder, id)),

    async last(holder, id) {
      const item = await kept.read(holder, id)
      if (item?.ts?.S === undefined) return undefined
      const { ts, putTs, erasedTs, applied, held } = item
      const corrected = applied?.SS ?? []
      return {
        ts: ts.S,
        putTs: putTs?.S,
        erasedTs: erasedTs?.S,
        corrected,
        isHeld: held !== undefined,
      }
    },

    put(holder, record, ts, mayFollow) {
      const ways = [...new Set(identifiersOf(record).map((each) => wayTo(holder, each)))]
      return put(kept, holder, { record, ways, ts }, mayFollow)
    },

    correct: (holder, id, by, change) => correct(kept, holder, id, by, change),

    async erase(holder, id, ts) {
      const gone = 'SET ts = :ts, erasedTs = :ts REMOVE held, putTs, applied'
      const changed = await kept.change(holder, id, gone, mayErase, {}, ts)
      if (changed === undefined) {
        const item = await kept.read(holder, id)
        return item?.held === undefined || (item.erasedTs?.S ?? '') >= ts
      }
      await forget(kept, holder, id, waysIn(changed), 'ts <= :ts', ts)
      return true
    },
  }
}

/** How often to retry a change of a record that another call changed meanwhile. */
const racesMax = 20

/** Most records to read for one subject. */
const matchesMax = 25

/**
 * The later change stands, but a correction does not outlive its record. If two changes have the same instant,
 * an erasure stands.
 */
const mayErase = 'attribute_not_exists(ts) OR ts <= :ts OR putTs <= :ts'
const mayReplace = 'attribute_not_exists(ts) OR ts < :ts OR (ts = :ts AND attribute_exists(held))'

type RecordRows = ReturnType<typeof recordRows>

/**
 * One item for each record (`held` is the record, `ts` the time of the last change), and index rows that lead
 * to it from the pseudonym of an identifier, each with the time of its change.
 */
const recordRows = (client: DynamoDBClient, table: string) => {
  const rows = rowsIn(client, table)
  const recordKey = (holder: Agency, id: string) =>
    itemKey(rowKey(kinds.record, holder.id, id), 'record')
  return {
    read: (holder: Agency, id: string) => rows.get(recordKey(holder, id)),

    /** Changes an item and returns it; undefined if the condition did not hold. */
    async change(
      holder: Agency,
      id: string,
      UpdateExpression: string,
      ConditionExpression: string,
      values: TableItem,
      ts: string,
    ): Promise<TableItem | undefined> {
      const command = new UpdateItemCommand({
        TableName: table,
        Key: recordKey(holder, id),
        UpdateExpression,
        ConditionExpression,
        ExpressionAttributeValues: { ...values, ':ts': { S: ts } },
        ReturnValues: 'ALL_NEW',
      })
      try {
        return (await client.send(command)).Attributes ?? {}
      } catch (error) {
        if (isRefused(error)) return undefined
        throw error
      }
    },

    /** The ids that a way leads to, and whether those are all of them. */
    async listWay(way: string) {
      const { Items = [] } = await rows.page(way, { Limit: matchesMax + 1 })
      const ids = Items.map((row) => textOf(row, 'sk'))
      return { ids: ids.slice(0, matchesMax), all: ids.length <= matchesMax }
    },

    addWay: (way: string, id: string, ts: string) =>
      rows.put(
        { ...keptKey(way, id), ts: { S: ts } },
        { if: 'attribute_not_exists(pk) OR ts < :ts', values: { ':ts': { S: ts } } },
      ),

    removeWay: (way: string, id: string, when: string, ts: string) =>
      rows.remove(keptKey(way, id), { if: when, values: { ':ts': { S: ts } } }),
  }
}

/** The records that may fit, and whether those are all of them. */
async function candidates(
  kept: RecordRows,
  holder: Agency,
  subject: Subject,
  ways: readonly string[],
  atLastRead: () => void = () => undefined,
) {
  const lists =
    'recordId' in subject
      ? [{ ids: [subject.recordId], all: true }]
      : await Promise.all(ways.map((way) => kept.listWay(way)))
  const ids = [...new Set(lists.flatMap((each) => each.ids))]
  // INVARIANT (a refusal tells nothing): a miss makes as many round trips as a hit.
  const toRead = ids.length === 0 ? ['none'] : ids
  atLastRead()
  return {
    items: await Promise.all(toRead.map((id) => kept.read(holder, id))),
    all: lists.every(({ all }) => all),
  }
}

/** Removes index rows, then their names from `ways`, unless a later change took them over. */
async function forget(
  kept: RecordRows,
  holder: Agency,
  id: string,
  ways: readonly string[],
  when: 'ts < :ts' | 'ts <= :ts',
  ts: string,
): Promise<void> {
  if (ways.length === 0) return
  await Promise.all(ways.map((way) => kept.removeWay(way, id, when, ts)))
  const superseded = 'attribute_not_exists(held) OR ts = :ts'
  const values = { ':ways': { SS: [...ways] } }
  await kept.change(holder, id, 'DELETE ways :ways', superseded, values, ts)
}

/** A record to put, and the rows that lead to it. */
type Put = {
  readonly record: HeldRecord
  readonly ways: readonly string[]
  readonly ts: string
}

async function put(
  kept: RecordRows,
  holder: Agency,
  what: Put,
  mayFollow: Parameters<Records['put']>[3],
): Promise<boolean> {
  const { record, ways, ts } = what
  for (let race = 0; race < racesMax; race++) {
    const item = mayFollow && (await kept.read(holder, record.id))
    // Once it was put, or another was put or the record erased later, order alone decides.
    const isOrdered = (item?.putTs?.S ?? '') >= ts || (item?.erasedTs?.S ?? '') >= ts
    if (mayFollow === undefined || isOrdered) {
      const isPut = await replace(kept, holder, what)
      // A later one stands, whose own rows are as late. Under an older one they stay: they may be that one's, too.
      if (!isPut) await forget(kept, holder, record.id, race > 0 ? ways : [], 'ts <= :ts', ts)
      return true
    }
    if ((item?.ts?.S ?? '') > ts || !mayFollow(readableIn(item))) return false
    if (await replace(kept, holder, what, item ?? {})) return true
  }
  throw new ComityError('couldn’t put a record: others kept changing it')
}

/** Puts a record unless something newer is there, or another record than was `seen`. Returns whether it did. */
async function replace(
  kept: RecordRows,
  holder: Agency,
  { record, ways, ts }: Put,
  seen?: TableItem,
): Promise<boolean> {
  const { id } = record
  const named = { ':ways': { SS: [...ways] } }
  if ((await kept.change(holder, id, 'ADD ways :ways', mayReplace, named, ts)) === undefined)
    return false
  await Promise.all(ways.map((way) => kept.addWay(way, id, ts)))
  const isStill = seen?.held === undefined ? 'attribute_not_exists(held)' : 'held = :seen'
  const condition = seen === undefined ? mayReplace : `(${mayReplace}) AND ${isStill}`
  const values = {
    ...named,
    ...(seen?.held === undefined ? {} : { ':seen': seen.held }),
    ':held': { S: JSON.stringify(record) },
  }
  const all = 'SET held = :held, ts = :ts, putTs = :ts REMOVE applied ADD ways :ways'
  const changed = await kept.change(holder, id, all, condition, values, ts)
  if (changed === undefined) {
    if (seen === undefined) await forget(kept, holder, id, ways, 'ts <= :ts', ts)
    return false
  }
  const dropped = waysIn(changed).filter((way) => !ways.includes(way))
  await forget(kept, holder, id, dropped, 'ts < :ts', ts)
  return true
}

async function correct(
  kept: RecordRows,
  holder: Agency,
  id: string,
  { eid, ts }: Parameters<Records['correct']>[2],
  change: (record: HeldRecord) => HeldRecord | undefined,
): Promise<boolean> {
  for (let race = 0; race < racesMax; race++) {
    const item = await kept.read(holder, id)
    const record = recordIn(item)
    if (item === undefined || record === undefined) return false
    // A record put later is what the holder wants now, and a repeated correction is already done.
    if (textOf(item, 'putTs') > ts || item.applied?.SS?.includes(eid)) return true
    const changed = change(record)
    if (changed === undefined) return false
    const seen = textOf(item, 'ts')
    const latest = [seen, ts].toSorted().at(-1) ?? ts
    const values = {
      ':seen': { S: textOf(item, 'held') },
      ':held': { S: JSON.stringify(changed) },
      ':eid': { SS: [eid] },
    }
    const unchanged = 'held = :seen AND ts <= :ts'
    const all = 'SET held = :held, ts = :ts ADD applied :eid'
    if (await kept.change(holder, id, all, unchanged, values, latest)) return true
  }
  throw new ComityError('couldn’t correct a record: others kept changing it')
}

/** The record among the index's hits, each checked against the record itself. */
function foundOf(
  items: readonly (TableItem | undefined)[],
  subject: Subject,
  all: boolean,
): FoundRecord {
  const wanted = identifiersFor(subject)
  const fitting = items
    .map(recordIn)
    .filter((record) => record !== undefined)
    .filter((record) => identifiersOf(record).some((each) => wanted.includes(each)))
  const [record] = fitting
  if (fitting.length > 1) return { kind: 'several', ids: fitting.map(({ id }) => id).sort() }
  // Rows that we did not read may lead to another record.
  if (!all) return { kind: 'away' }
  return record === undefined ? { kind: 'none' } : { kind: 'one', record }
}

/** The record, or that it cannot be read. */
function readableIn(item: TableItem | undefined): HeldRecord | 'unreadable' | undefined {
  try {
    return recordIn(item)
  } catch (error) {
    if (hasFailed(error, 'changed')) return 'unreadable'
    throw error
  }
}

function recordIn(item: TableItem | undefined): HeldRecord | undefined {
  if (item?.held === undefined) return undefined
  const { success, data } = storedRecordSchema().safeParse(jsonOf(item, 'held'))
  // The error does not quote the content, which is about a person.
  if (!success) throw wasChanged('couldn’t read a record: it has another form')
  return data
}

const waysIn = (item: TableItem): readonly string[] => item.ways?.SS ?? []

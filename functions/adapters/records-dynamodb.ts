/** Records in DynamoDB, for holders that have no system of their own. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  type HeldRecord,
  identifiersFor,
  identifiersOf,
  type Subject,
  storedRecordSchema,
} from '../decision/record.ts'
import { ComityError } from '../failure.ts'
import type { Agency } from '../identity/register.ts'
import type { FoundRecord, Records, Secrets } from '../ports.ts'
import { type Item, jsonOf, textOf } from './dynamodb.ts'
import { indexRows, recordItems } from './record-rows-dynamodb.ts'

/**
 * Records, found by the pseudonyms of their identifiers.
 *
 * INVARIANT (no record hides): a record that stands has an index row for each of its identifiers.
 * A row too many is harmless, since every hit is checked against the record itself; so rows are
 * written before the record and removed after it, and a row is removed only by a change that is
 * later than the one which wrote it. `ways`, written first of all, names every row there may be,
 * so that whoever comes after a crash finds what to remove.
 */
export const dynamodbRecords = (
  client: DynamoDBClient,
  table: string,
  pseudonym: Secrets['pseudonym'],
): Records => {
  const rows = indexRows(client, table)
  const items = recordItems(client, table)

  const wayTo = (holder: Agency, identifier: string): string =>
    `X#${holder.id}#${pseudonym(holder.jurisdiction, identifier)}`

  /** The ids that these ways lead to, each once, and whether these are all. */
  const listed = async (ways: readonly string[]) => {
    const lists = await Promise.all(ways.map((way) => rows.list(way)))
    return {
      ids: [...new Set(lists.flatMap(({ ids }) => ids))],
      all: lists.every(({ all }) => all),
    }
  }

  /** The records that may fit, and whether these are all. */
  const candidates = async (holder: Agency, subject: Subject) => {
    const { ids, all } =
      'recordId' in subject
        ? { ids: [subject.recordId], all: true }
        : await listed(identifiersFor(subject).map((each) => wayTo(holder, each)))
    // INVARIANT (a refusal tells nothing): no hit makes as many round trips as a hit.
    const toRead = ids.length === 0 ? ['none'] : ids
    return { items: await Promise.all(toRead.map((id) => items.read(holder, id))), all }
  }

  /** Removes rows, then their names from `ways`, unless a later change has taken over. */
  const forget = async (
    holder: Agency,
    id: string,
    ways: readonly string[],
    when: 'ts < :ts' | 'ts <= :ts',
    ts: string,
  ): Promise<void> => {
    if (ways.length === 0) return
    await Promise.all(ways.map((way) => rows.remove(way, id, when, ts)))
    const superseded = 'attribute_not_exists(held) OR ts = :ts'
    await items.change(
      holder,
      id,
      'DELETE ways :ways',
      superseded,
      { ':ways': { SS: [...ways] } },
      ts,
    )
  }

  return {
    async find(holder, subject) {
      const read = await candidates(holder, subject).catch(() => undefined)
      return read === undefined ? { kind: 'away' } : foundOf(read.items, subject, read.all)
    },

    async get(holder, id) {
      return recordIn(await items.read(holder, id))
    },

    async last(holder, id) {
      const item = await items.read(holder, id)
      if (item?.ts?.S === undefined) return undefined
      return { ts: item.ts.S, isHeld: item.held !== undefined }
    },

    async put(holder, record, ts) {
      const ways = [...new Set(identifiersOf(record).map((each) => wayTo(holder, each)))]
      const { id } = record
      const named = { ':ways': { SS: ways } }
      if ((await items.change(holder, id, 'ADD ways :ways', mayReplace, named, ts)) === undefined)
        return
      await Promise.all(ways.map((way) => rows.add(way, id, ts)))
      const values = { ...named, ':held': { S: JSON.stringify(record) } }
      const replace = 'SET held = :held, ts = :ts, putTs = :ts REMOVE applied ADD ways :ways'
      const changed = await items.change(holder, id, replace, mayReplace, values, ts)
      if (changed === undefined) return forget(holder, id, ways, 'ts <= :ts', ts)
      const dropped = waysIn(changed).filter((way) => !ways.includes(way))
      await forget(holder, id, dropped, 'ts < :ts', ts)
    },

    async correct(holder, id, { eid, ts }, change) {
      for (let race = 0; race < racesMax; race++) {
        const item = await items.read(holder, id)
        const record = recordIn(item)
        if (item === undefined || record === undefined) return false
        // A record that was put later holds what its holder wanted then; a repeat is done already.
        if (textOf(item, 'putTs') > ts || item.applied?.SS?.includes(eid)) return true
        const seen = textOf(item, 'ts')
        const latest = [seen, ts].toSorted().at(-1) ?? ts
        const values = {
          ':seen': { S: textOf(item, 'held') },
          ':held': { S: JSON.stringify(change(record)) },
          ':eid': { SS: [eid] },
        }
        const unchanged = 'held = :seen AND ts <= :ts'
        const corrected = 'SET held = :held, ts = :ts ADD applied :eid'
        const changed = await items.change(holder, id, corrected, unchanged, values, latest)
        if (changed !== undefined) return true
      }
      throw new ComityError('couldn’t correct a record: others kept changing it')
    },

    async erase(holder, id, ts) {
      const changed = await items.change(
        holder,
        id,
        'SET ts = :ts, erasedTs = :ts REMOVE held, putTs, applied',
        mayErase,
        {},
        ts,
      )
      if (changed === undefined) {
        const item = await items.read(holder, id)
        return item?.held === undefined || (item.erasedTs?.S ?? '') >= ts
      }
      await forget(holder, id, waysIn(changed), 'ts <= :ts', ts)
      return true
    },
  }
}

/** How often a correction is tried again on a record that another changed meanwhile. */
const racesMax = 20

/**
 * A later change stands, but a correction does not outlive its record; of two of one instant, an
 * erasure stands.
 */
const mayErase = 'attribute_not_exists(ts) OR ts <= :ts OR putTs <= :ts'
const mayReplace = 'attribute_not_exists(ts) OR ts < :ts OR (ts = :ts AND attribute_exists(held))'

/** Hits through the index, each checked against the record. */
function foundOf(
  items: readonly (Item | undefined)[],
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
  // Rows that were not looked into may lead to another record.
  if (!all) return { kind: 'away' }
  return record === undefined ? { kind: 'none' } : { kind: 'one', record }
}

function recordIn(item: Item | undefined): HeldRecord | undefined {
  if (item?.held === undefined) return undefined
  const { success, data } = storedRecordSchema.safeParse(jsonOf(item, 'held'))
  // No fault of the content is told: it would speak of a person.
  if (!success) throw new ComityError('couldn’t read a record: it has another form', 'changed')
  return data
}

const waysIn = (item: Item): readonly string[] => item.ways?.SS ?? []

/** The auditors' look-up table in DynamoDB. */

import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Tagged } from '../ledger/tags.ts'
import type { AuditLine, LookupKey, LookupRow, Lookups } from '../log-ports.ts'
import {
  type ItemKey,
  itemKey,
  keptKey,
  keyOfItem,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { shardOf, shards } from './ledger-dynamodb.ts'
import { count, recount, tally } from './lookup-counts.ts'
import {
  endOfSpan,
  isList,
  isListsPk,
  isPersonal,
  listsOf,
  listsPk,
  listsWith,
  placesInLists,
  type Range,
  takeOut,
} from './lookup-lists.ts'
import {
  type NotedPlace,
  noteIdAt,
  noteMore,
  noteOf,
  noteOn,
  pkOf,
  placeOf,
  placesIn,
  type RowsOfEntry,
  shownIn,
  shownOf,
  tagsIn,
  tagsNoted,
} from './lookup-note.ts'
import { isTagsKey, putTags, tagsBelow, takeTags } from './lookup-tags.ts'
import { kinds, rowKey } from './rows.ts'

/** The look-up table. */
export const dynamodbLookups = (client: DynamoDBClient, table: string): Lookups => {
  const rows = rowsIn(client, table)
  return {
    async file(filed, tagged = []) {
      const entries = byEntry(filed).map((of) => ({ of, places: of.filter(isPersonal) }))
      const noted = entries.flatMap(({ of, places }) => (places.length > 0 ? [of] : []))
      const tags = await tagsNoted(rows, noted, tagged)
      await rows.putAll(noted.map((of) => noteOn(of, tags.get(of[0].line.id) ?? [])))
      // Without a person's rows, since there are none or the key is gone: then a note still leads to them.
      const others = entries.filter(({ places }) => places.length === 0)
      await each(others, ({ of }) => {
        const values = { ':shown': shownOf(of) }
        return rows.update(noteOf(of[0].line.id), 'SET shown = :shown', { values })
      })
      await rows.putAll(filed.filter(isPersonal).map(placeOf))
      const log = filed[0]?.line.log
      if (log !== undefined) await putTags(rows, log, tagged)
    },

    put: (filed) => rows.putAll(listsOf(filed)),

    async note(going) {
      const shared = going.filter((row) => !isPersonal(row))
      await each(byEntry(shared), async (of) => {
        const lists = await Promise.all(of.map((row) => listsWith(rows, row)))
        const places = lists.flat().map(({ pk, sk }): NotedPlace => [pk.S, sk.S])
        await noteMore(rows, of[0].line.id, places)
      })
    },

    replace: (filed, tagged) => replace(rows, filed, tagged),

    async unfile(eids, at) {
      await rows.putAll(
        [...new Set(eids)].map((eid) => itemKey(duePk(shardOf(eid)), `${at}#${eid}`)),
      )
      await removeEach(rows, eids)
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

    count: (jurisdiction, { from = '0', until = '~' }) =>
      count(rows, jurisdiction, { from, upTo: until }),

    tags: tagsBelow(rows),

    recount: (filed, at) => recount(rows, filed, at),

    tally: (jurisdiction, at) => tally(rows, jurisdiction, at),
  }
}

const byEntry = (filed: readonly LookupRow[]): readonly RowsOfEntry[] =>
  // A cast: no group is empty.
  [...Map.groupBy(filed, ({ line }) => line.id).values()] as unknown as readonly RowsOfEntry[]

async function replace(
  rows: Rows,
  filed: readonly LookupRow[],
  tagged: readonly Tagged[],
): Promise<void> {
  const entries = byEntry(filed)
  const kept = new Set(filed.map((row) => JSON.stringify(placeOf(row))))
  await rows.putAll(filed.filter(isPersonal).map(placeOf))
  const eids = entries.map(([{ line }]) => line.id)
  // The note last, so that whoever begins again after a crash finds all that is to go.
  const tags = await removeEach(rows, eids, kept, tagged)
  await rows.putAll(entries.map((of) => noteOn(of, tags.get(of[0].line.id) ?? [])))
}

// How auditors find entries.

/** The newest lines of a key. */
async function list(
  rows: Rows,
  key: LookupKey,
  { from, upTo }: Range,
  limit: number,
): Promise<readonly AuditLine[]> {
  const lines: AuditLine[] = []
  for (let before = upTo; ; ) {
    const wanted = limit - lines.length
    const found = await newest(rows, key, { from, upTo: before }, wanted)
    lines.push(...(await linesAt(rows, key, found)))
    const last = found.at(-1)
    if (last === undefined || found.length < wanted || lines.length === limit) return lines
    before = last
  }
}

/** The newest places of a key. Reads on in each part until no part can have a newer one. */
async function newest(
  rows: Rows,
  key: LookupKey,
  range: Range,
  limit: number,
): Promise<readonly string[]> {
  if (range.from >= range.upTo) return []
  const parts = isPersonal({ key })
    ? shardPks(key).map((pk): Part => ({ pk, rows: partOf(limit), found: [] }))
    : [{ pk: listsPk(key.jurisdiction, key.by, key.value), rows: listsAtFirst, found: [] }]
  let read = await Promise.all(parts.map((part) => more(rows, part, range)))
  for (;;) {
    const all = new Set(read.flatMap(({ found }) => found))
    const found = [...all].sort().reverse().slice(0, limit)
    const oldest = found.length < limit ? '' : (found.at(-1) ?? '')
    if (!read.some((part) => mayHaveAfter(oldest, part))) return found
    read = await Promise.all(
      read.map((part) => (mayHaveAfter(oldest, part) ? more(rows, part, range) : part)),
    )
  }
}

/** Reads the next rows of a part, and each time twice as many. */
async function more(rows: Rows, part: Part, { from, upTo }: Range): Promise<Part> {
  const isLists = isListsPk(part.pk)
  const { Items = [], LastEvaluatedKey: next } = await rows.page(part.pk, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
    // A list also has entries older than its newest, by which it is sorted.
    values: { ':from': { S: from }, ':until': { S: isLists ? endOfSpan(upTo) : upTo } },
    ScanIndexForward: false,
    Limit: part.rows,
    ...(part.next && { ExclusiveStartKey: part.next }),
  })
  const found = isLists ? await placesInLists(rows, Items) : Items.map((item) => textOf(item, 'sk'))
  // DynamoDB also returns the bound itself, which is not part of the page.
  const inRange = found.filter((place) => place >= from && place < upTo)
  return { ...part, rows: part.rows * 2, found: [...part.found, ...inRange], next }
}

/** The lines of what was found. An entry without one for this jurisdiction is left out. */
async function linesAt(
  rows: Rows,
  { jurisdiction }: LookupKey,
  found: readonly string[],
): Promise<readonly AuditLine[]> {
  const eids = found.map((place) => place.split('#')[1] ?? '')
  const notes = new Map(
    (await rows.getEach(eids.map(noteOf))).map((note) => [
      textOf(note, 'pk').slice(noteIdAt),
      note,
    ]),
  )
  return eids.flatMap((eid) => {
    const note = notes.get(eid)
    return note?.shown === undefined ? [] : (shownIn(note)[jurisdiction] ?? [])
  })
}

/** How many entries to unfile at once, and how many of each part to clear in one go. */
const [atOnce, dueMax] = [50, 100]

/** Does `act` for all, `atOnce` at a time. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += atOnce)
    await Promise.all(all.slice(at, at + atOnce).map(act))
}

/** Removes the rows and tags that the notes of entries list, but those `kept`, and returns where the tags of each are. */
async function removeEach(
  rows: Rows,
  eids: readonly string[],
  kept: ReadonlySet<string> = new Set(),
  instead: readonly Tagged[] = [],
): Promise<ReadonlyMap<string, readonly ItemKey[]>> {
  const tags = new Map<string, Set<string>>()
  const places = new Map<string, readonly ItemKey[]>()
  await each(eids, async (eid) => {
    const own = tagsIn(await removeNoted(rows, eid, kept))
    places.set(eid, own)
    for (const key of own) {
      const name = JSON.stringify(key)
      tags.set(name, (tags.get(name) ?? new Set()).add(eid))
    }
  })
  // Entries that go together often have their tags in one item, which is written once for all of them.
  // A cast: the name of a key is the key.
  await each([...tags], ([key, some]) => takeTags(rows, JSON.parse(key) as ItemKey, some, instead))
  return places
}

/** Removes the rows that an entry's note lists, but no tags and none `kept`; returns the note, if it lists any. */
async function removeNoted(
  rows: Rows,
  eid: string,
  kept: ReadonlySet<string> = new Set(),
): Promise<TableItem | undefined> {
  const note = await rows.get(noteOf(eid))
  if (note?.places === undefined) return undefined
  for (const each of placesIn(note)) {
    const key = typeof each === 'string' ? keptKey(each, textOf(note, 'place')) : keptKey(...each)
    if (!isTagsKey(key) && !kept.has(JSON.stringify(key)))
      await (isList(key) ? takeOut(rows, key, eid) : rows.remove(key))
  }
  return note
}

/**
 * Removes an entry's rows, and what its note says of them, and starts again if somebody filed meanwhile and so
 * wrote a new note.
 */
async function forget(rows: Rows, eid: string): Promise<void> {
  for (;;) {
    const note = await removeNoted(rows, eid)
    if (note === undefined) return
    for (const key of tagsIn(note)) await takeTags(rows, key, new Set([eid]))
    const terms = { if: 'att = :att', values: { ':att': { S: textOf(note, 'att') } } }
    await (note.shown === undefined
      ? rows.remove(noteOf(eid), terms)
      : rows.update(noteOf(eid), 'REMOVE places, place, att', terms))
  }
}

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
const duePk = (shard: number) => rowKey(kinds.unfiled, String(shard))

/** One part of a key, as far as it was read. `next` is absent once all of it is read. */
type Part = {
  readonly pk: string
  /** How many rows to read next. */
  readonly rows: number
  readonly found: readonly string[]
  readonly next?: Record<string, AttributeValue> | undefined
}

/** Whether the unread rest of a part may have entries newer than a place. */
const mayHaveAfter = (place: string, { next }: Part): boolean =>
  next !== undefined && textOf(next, 'sk') > place

/**
 * How many rows of a page to ask of one part at once. Rows fall into parts by chance, so we ask for the
 * part's share and three standard deviations more: then few pages need a second round. One more is for the
 * bound.
 */
const partOf = (limit: number): number =>
  Math.min(limit, Math.ceil((limit + 3 * Math.sqrt(limit * (shards - 1))) / shards)) + 1

/** How many lists to ask for at first: each has many entries, unless the log is quiet. */
const listsAtFirst = 4

const shardPks = (key: LookupKey): readonly string[] =>
  Array.from({ length: shards }, (_, shard) => pkOf(key, shard))

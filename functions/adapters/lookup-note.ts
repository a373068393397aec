/** The note of an entry in the look-up table: what is shown of it, and where its rows and tags are. */

import { randomUUID } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import type { Tagged } from '../ledger/tags.ts'
import type { AuditLine, LookupKey, LookupRow } from '../log-ports.ts'
import {
  bytesOf,
  type ItemKey,
  itemKey,
  jsonOf,
  keptKey,
  type Rows,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { shardOf } from './ledger-dynamodb.ts'
import { isPersonal, placed } from './lookup-lists.ts'
import { isTagsKey, tagsKey } from './lookup-tags.ts'
import { kinds, prefixOf, type RowKey, rowKey } from './rows.ts'

/** The key of the note of an entry's rows. */
export const noteOf = (eid: string) => itemKey(rowKey(kinds.note, eid), 'note')
/** Where the id begins in it. */
export const noteIdAt = prefixOf(kinds.note).length

/** For each entry the items that have its tags: where they are put now or, if they are not, where a note tells of. */
export async function tagsNoted(
  rows: Rows,
  entries: readonly RowsOfEntry[],
  tagged: readonly Tagged[],
): Promise<ReadonlyMap<string, readonly ItemKey[]>> {
  const log = entries[0]?.[0].line.log ?? ''
  const put = new Map(tagged.map((each) => [each.eid, [tagsKey(log, each)]] as const))
  const others = entries.map(([{ line }]) => line.id).filter((eid) => !put.has(eid))
  const notes = await rows.getEach(others.map(noteOf))
  return new Map([
    ...put,
    ...notes.map((note) => [textOf(note, 'pk').slice(noteIdAt), tagsIn(note)] as const),
  ])
}

/** The items that have tags of the entry of a note. */
export const tagsIn = (note: TableItem | undefined): readonly ItemKey[] =>
  note?.places === undefined
    ? []
    : placesIn(note)
        .filter((each) => typeof each !== 'string')
        .map((each) => keptKey(...each))
        .filter(isTagsKey)

/** Rows of one entry, at least one. */
export type RowsOfEntry = readonly [LookupRow, ...LookupRow[]]

/** How often to try again after somebody else wrote the note meanwhile. */
const racesMax = 20

/** Adds to a note where further rows are that go with the key; what others add meanwhile stays. */
export async function noteMore(
  rows: Rows,
  eid: string,
  places: readonly NotedPlace[],
): Promise<void> {
  if (places.length === 0) return
  for (let race = 0; race < racesMax; race++) {
    const note = await rows.get(noteOf(eid))
    const noted = note?.places === undefined ? [] : placesIn(note)
    const all = new Set([...noted, ...places].map((each) => JSON.stringify(each)))
    const seen = note?.att === undefined ? {} : { ':seen': note.att }
    const isAdded = await rows.update(noteOf(eid), 'SET places = :places, att = :att', {
      if: note?.att === undefined ? 'attribute_not_exists(att)' : 'att = :seen',
      values: { ':places': { S: `[${[...all].join()}]` }, ':att': { S: randomUUID() }, ...seen },
    })
    if (isAdded) return
  }
  throw new ComityError(`couldn’t note where the rows of entry ${eid} are: others kept writing it`)
}

/** Partition keys of rows that all have the note's `place` as their sort key; or both keys of each row. */
const placesSchema = z.array(z.union([z.string(), z.tuple([z.string(), z.string()])]))
/** Where one row of a note is. */
export type NotedPlace = z.infer<typeof placesSchema>[number]

/** Where a note says that rows and tags are. */
export const placesIn = (note: TableItem): readonly NotedPlace[] =>
  placesSchema.parse(jsonOf(note, 'places'))

/**
 * The note of an entry: what is shown of it, and where its person's rows and its tags are. Each note has a random `att`, which
 * shows if it was written again.
 */
export const noteOn = (rows: RowsOfEntry, tags: readonly ItemKey[]): TableItem => ({
  ...noteOf(rows[0].line.id),
  places: {
    S: JSON.stringify([
      ...rows.filter(isPersonal).map((row) => placeOf(row).pk.S),
      ...tags.map(({ pk, sk }): NotedPlace => [pk.S, sk.S]),
    ]),
  },
  place: placeOf(rows[0]).sk,
  att: { S: randomUUID() },
  shown: shownOf(rows),
})

/** The line that each jurisdiction is shown of an entry. */
export const shownOf = (rows: RowsOfEntry) => {
  const lines = Object.fromEntries(rows.map(({ key, line }) => [key.jurisdiction, line]))
  return { B: deflateRawSync(JSON.stringify(lines)) }
}

/** Most bytes of what is shown of an entry. */
const shownBytesMax = 1_000_000

/** What a note says is shown, by jurisdiction; an error if it is larger than a note may say. */
export const shownIn = (note: TableItem): Readonly<Record<string, AuditLine | undefined>> => {
  const text = inflateRawSync(bytesOf(note, 'shown'), { maxOutputLength: shownBytesMax })
  // A cast, since only the sealer and expiry write here.
  return JSON.parse(text.toString('utf8')) as Readonly<Record<string, AuditLine>>
}

/** The partition key of a part of the rows by a key. */
export const pkOf = ({ jurisdiction, by, value }: LookupKey, shard: number): RowKey =>
  rowKey(kinds.line, jurisdiction, by, value, String(shard))

/** Where a row by a person or a case is. */
export const placeOf = ({ key, line }: LookupRow): ItemKey =>
  itemKey(pkOf(key, shardOf(line.id)), placed(line))

/**
 * Lists by which auditors find entries: for each batch that is sealed and each key that entries share, one list
 * instead of a row for each entry.
 */

import { hash } from 'node:crypto'
import type { AuditLine, LookupRow } from '../log-ports.ts'
import {
  bytesOf,
  type ItemKey,
  itemKey,
  keyOfItem,
  type Rows,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/** From a place (inclusive) up to a place (exclusive). A place is `<ts>#<eid>`. */
export type Range = { readonly from: string; readonly upTo: string }

/** The times between which a list's entries are: an aligned span, so that no list goes over midnight (UTC). */
export const spanMs = 600_000
/** The letters of a time that all times of one span have in common, and no others: up to the ten minutes. */
export const spanLength = '2026-11-28T17:5'.length

/** The jurisdiction and the span of a row: those that have them in common are in one list. */
const spanOf = ({ key, line }: LookupRow): string =>
  `${key.jurisdiction} ${Math.floor(Date.parse(line.ts) / spanMs)}`

/** The end of the span that a place is in. */
export const endOfSpan = (place: string): string => {
  const at = Date.parse(place.slice(0, 24))
  return Number.isNaN(at) ? place : new Date(at - (at % spanMs) + spanMs).toISOString()
}

/** Bytes of an entry in a list: its time, ms, and its id. */
const [timeBytes, idBytes] = [6, 32]
/** Bytes of an entry in a list by `all`. */
export const placedBytes = timeBytes + idBytes

/** The lists of entries: for each jurisdiction and each span, one by each key. */
export const listsOf = (filed: readonly LookupRow[]): readonly TableItem[] =>
  [...Map.groupBy(filed, spanOf).values()].flatMap(listsOfSpan)

/**
 * The lists of entries of one jurisdiction and one span: by `all`, their places, the newest first; by each
 * other key, a bit for each of those. Their sort key is the time of the newest, and a digest of all places, so
 * that other entries never take the place of these. The list by `all` also says what to count each entry as.
 */
function listsOfSpan(filed: readonly LookupRow[]): readonly TableItem[] {
  const lines = new Map(filed.map(({ line }) => [placed(line), line]))
  const places = [...lines.keys()].sort().reverse()
  const jurisdiction = filed[0]?.key.jurisdiction ?? ''
  const packedPlaces = Buffer.concat(places.map(packed))
  const sk = `${places[0]?.slice(0, 24)}#~${hash('sha256', packedPlaces, 'base64url')}`
  const list = (by: string, value: string, some: readonly AuditLine[]) => ({
    ...itemKey(listsPk(jurisdiction, by, value), sk),
    bits: {
      B: bitsOf(
        some.map((line) => places.indexOf(placed(line))),
        places.length,
      ),
    },
  })
  const others = filed.filter((row) => !isPersonal(row) && row.key.by !== 'all')
  const byKey = Map.groupBy(others, ({ key: { by, value } }) => listsPk(jurisdiction, by, value))
  const each = places.map((place) => countedAs(lines.get(place)))
  const kinds = [...new Set(each)]
  return [
    {
      ...itemKey(listsPk(jurisdiction, 'all', ''), sk),
      placed: { B: packedPlaces },
      // There are fewer than 256 kinds.
      countedAs: { B: Buffer.from(each.map((kind) => kinds.indexOf(kind))) },
      kinds: { S: `[${kinds.join()}]` },
    },
    ...[...byKey.values()].flatMap((rows) =>
      rows.slice(0, 1).map(({ key: { by, value } }) =>
        list(
          by,
          value,
          rows.map(({ line }) => line),
        ),
      ),
    ),
  ]
}

function bitsOf(positions: readonly number[], length: number): Buffer {
  const bits = Buffer.alloc(Math.ceil(length / 8))
  for (const at of positions) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7))
  return bits
}

function packed(place: string): Buffer {
  const [ts = '', eid = ''] = place.split('#')
  const bytes = Buffer.alloc(placedBytes)
  bytes.writeUIntBE(Date.parse(ts), 0, timeBytes)
  bytes.write(eid, timeBytes, 'base64url')
  return bytes
}

function unpacked(bytes: Uint8Array): readonly string[] {
  const all = Buffer.from(bytes)
  return Array.from({ length: all.length / placedBytes }, (_, i) => {
    const one = all.subarray(i * placedBytes, (i + 1) * placedBytes)
    const ts = new Date(one.readUIntBE(0, timeBytes)).toISOString()
    return `${ts}#${one.toString('base64url', timeBytes)}`
  })
}

/** The places in lists, which are bits over the places of the list by `all` beside each. */
export async function placesInLists(
  rows: Rows,
  lists: readonly TableItem[],
): Promise<readonly string[]> {
  const needed = lists
    .filter(({ bits }) => bits !== undefined)
    .map(keyOfItem)
    .map(besideIt)
  const beside = new Map(
    (await rows.getEach(needed)).map((item) => [
      textOf(item, 'sk'),
      unpacked(bytesOf(item, 'placed')),
    ]),
  )
  return lists.flatMap((item) => {
    if (item.bits === undefined) return unpacked(bytesOf(item, 'placed'))
    const bits = bytesOf(item, 'bits')
    const all = beside.get(textOf(item, 'sk')) ?? []
    return all.filter((_, at) => hasBit(bits, at))
  })
}

/** The key of the list by `all` beside a list. */
const besideIt = ({ pk, sk }: ItemKey): ItemKey =>
  itemKey(listsPk(pk.S.split('#')[0] ?? '', 'all', ''), sk.S)

/** The keys of the lists under a row's key that may have its entry. */
export async function listsWith(rows: Rows, { key, line }: LookupRow): Promise<readonly ItemKey[]> {
  const { jurisdiction, by, value } = key
  const { Items = [] } = await rows.page(listsPk(jurisdiction, by, value), {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
    values: { ':from': { S: placed(line) }, ':until': { S: endOfSpan(line.ts) } },
  })
  return Items.map(keyOfItem)
}

/** Takes an entry out of a list, and removes the list if it was the last. Leaves a list without it alone. */
export async function takeOut(rows: Rows, key: ItemKey, eid: string): Promise<void> {
  for (;;) {
    const [item, all] = await Promise.all([rows.get(key), rows.get(besideIt(key))])
    if (item?.bits === undefined || all === undefined) return
    const at = unpacked(bytesOf(all, 'placed')).findIndex((place) => place.endsWith(`#${eid}`))
    const bits = Buffer.from(bytesOf(item, 'bits'))
    if (at < 0 || !hasBit(bits, at)) return
    bits[at >> 3] = (bits[at >> 3] ?? 0) & ~(1 << (at & 7))
    const terms = { if: 'bits = :old', values: { ':old': item.bits } }
    const isLast = bits.every((each) => each === 0)
    const values = { ...terms.values, ':bits': { B: bits } }
    const took = isLast
      ? await rows.remove(key, terms)
      : await rows.update(key, 'SET bits = :bits', { ...terms, values })
    if (took) return
  }
}

const hasBit = (bits: Uint8Array, at: number): boolean =>
  ((bits[at >> 3] ?? 0) >> (at & 7)) % 2 === 1

/** What an entry is counted as, as JSON. */
export const countedAs = (line: AuditLine | undefined): string => {
  const { kind, outcome, standing, dryRun } = line ?? {}
  return JSON.stringify({ kind, outcome, standing, dryRun })
}

/** Whether a row is by a person or a case. */
export const isPersonal = ({ key: { by } }: Pick<LookupRow, 'key'>): boolean =>
  by === 'subject' || by === 'case'

const listsPart = '#lists'
/** Whether a partition key is one of lists. */
export const isListsPk = (pk: string): boolean => pk.endsWith(listsPart)
/** Whether a key is that of a list. */
export const isList = ({ pk }: ItemKey): boolean => isListsPk(pk.S)
/** The partition key of the lists of a key. */
export const listsPk = (jurisdiction: string, by: string, value: string): RowKey =>
  rowKey(kinds.list, jurisdiction, by, value)

/** The place of an entry in a list. */
export const placed = ({ ts, id }: AuditLine): string => `${ts}#${id}`

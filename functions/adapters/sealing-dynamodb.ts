/** The state of sealing in DynamoDB. A conditional write puts each manifest; all else follows from these. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { wasChanged } from '../failure.ts'
import type { Head, Placed, Sealing, Sweep } from '../log-ports.ts'
import {
  bytesOf,
  itemKey,
  numberOf,
  queryPages,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { shards } from './ledger-dynamodb.ts'
import { kinds, prefixOf, rowKey } from './rows.ts'

/** How many bytes an entry takes in a manifest: its id and the hash of its leaf. */
const placedBytes = 64

/** The state of sealing in a table. */
export const dynamodbSealing = (client: DynamoDBClient, table: string): Sealing => {
  const rows = rowsIn(client, table)
  const manifest = async (log: string, start: number) => {
    const item = await rows.get(manifestOf(log, start))
    return item === undefined ? undefined : unpacked(bytesOf(item, 'placed'))
  }

  return {
    async head(log) {
      const item = await rows.get(headOf(log))
      return item === undefined ? noHead : headIn(item)
    },

    advance(log, from, to) {
      return rows.put(
        { ...headOf(log), ...itemOf(to) },
        {
          if:
            from.size === 0 && from.marked === 0
              ? `attribute_not_exists(pk) OR (${isStill})`
              : isStill,
          names: { '#size': 'size' },
          values: {
            ':size': { N: String(from.size) },
            ':marked': { N: String(from.marked) },
            ':sweptUntil': { S: from.sweptUntil },
          },
        },
      )
    },

    manifest,

    async propose(log, start, placed) {
      const proposed = { ...manifestOf(log, start), placed: { B: packed(placed) } }
      if (await rows.putNew(proposed)) return placed
      const stands = await manifest(log, start)
      if (stands === undefined) throw wasChanged(`couldn’t read the manifest of ${log} at ${start}`)
      return stands
    },

    async placeOf(eid) {
      const item = await rows.get(sealOf(eid))
      return item && placeIn(item)
    },

    async placesOf(eids) {
      const items = await rows.getEach([...new Set(eids)].map(sealOf))
      return new Map(items.map((item) => [textOf(item, 'pk').slice(placeAt), placeIn(item)]))
    },

    mark: (log, start, eids) =>
      rows.putAll(
        eids.map((eid, i) => ({
          ...sealOf(eid),
          log: { S: log },
          ix: { N: String(start + i) },
        })),
      ),

    ...sparingOf(rows),
  }
}

/** What saves work: who marks a manifest, and from where to look. */
const sparingOf = (rows: Rows): Pick<Sealing, 'take' | 'looked' | 'look'> => ({
  take: (log, start, by, now, until) =>
    rows.put(
      {
        ...headOf(log, 'taken'),
        start: { N: String(start) },
        by: { S: by },
        until: { S: until.toISOString() },
      },
      {
        // What ends later than ours would was taken by a clock that is wrong.
        if: 'attribute_not_exists(pk) OR #start <> :start OR #by = :by OR #until < :now OR #until > :until',
        names: { '#start': 'start', '#by': 'by', '#until': 'until' },
        values: {
          ':start': { N: String(start) },
          ':by': { S: by },
          ':now': { S: now.toISOString() },
          ':until': { S: until.toISOString() },
        },
      },
    ),

  async looked(log) {
    const item = await rows.get(headOf(log, 'look'))
    return item === undefined ? '' : textOf(item, 'at')
  },

  async look(log, at) {
    await rows.put({ ...headOf(log, 'look'), at: { S: at } })
  },
})

const placeIn = (item: TableItem) => ({ log: textOf(item, 'log'), index: numberOf(item, 'ix') })

/** Entries by time, from the index of the decisions table. */
export const dynamodbSweep = (client: DynamoDBClient, table: string): Sweep => ({
  async since(log, from, limit) {
    const parts = await Promise.all(
      Array.from({ length: shards }, (_, shard) => part(`${log}#${shard}`, from, limit)),
    )
    // We have the oldest `limit` of each part, so the oldest `limit` of all are among them.
    return parts
      .flat()
      .sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : a.eid < b.eid ? -1 : 1))
      .slice(0, limit)

    async function part(logShard: string, since: string, most: number) {
      const found: { readonly eid: string; readonly ts: string }[] = []
      const query = {
        TableName: table,
        IndexName: 'sweep',
        KeyConditionExpression: 'logShard = :part AND ts >= :from',
        ExpressionAttributeValues: { ':part': { S: logShard }, ':from': { S: since } },
        Limit: most,
      }
      for await (const Items of queryPages(client, query)) {
        found.push(
          ...Items.map((item) => ({
            eid: textOf(item, 'pk').slice(entryAt),
            ts: textOf(item, 'ts'),
          })),
        )
        if (found.length >= most) break
      }
      return found.slice(0, most)
    }
  },
})

const isStill = '#size = :size AND marked = :marked AND sweptUntil = :sweptUntil'

const headOf = (log: string, part = 'head') => itemKey(rowKey(kinds.head, log), part)
/** Where the id of an entry begins in keys of its own, and of its place. */
const [entryAt, placeAt] = [prefixOf(kinds.entry).length, prefixOf(kinds.place).length]
const sealOf = (eid: string) => itemKey(rowKey(kinds.place, eid), 'seal')
/** Zero padded, so that manifests sort by number. */
const manifestOf = (log: string, start: number) =>
  itemKey(rowKey(kinds.manifest, log), String(start).padStart(12, '0'))

const noHead: Head = {
  size: 0,
  // RFC 6962 §2.1: the root of the empty tree is the hash of nothing.
  root: Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex'),
  frontier: [],
  marked: 0,
  filed: 0,
  sweptUntil: '',
}

const itemOf = ({ size, root, frontier, marked, filed, sweptUntil }: Head): TableItem => ({
  size: { N: String(size) },
  marked: { N: String(marked) },
  filed: { N: String(filed) },
  root: { B: root },
  frontier: { B: Buffer.concat(frontier) },
  sweptUntil: { S: sweptUntil },
})

const headIn = (item: TableItem): Head => ({
  size: numberOf(item, 'size'),
  marked: numberOf(item, 'marked'),
  // An earlier build marks a manifest as a whole, and writes none.
  filed: item.filed === undefined ? 0 : numberOf(item, 'filed'),
  root: bytesOf(item, 'root'),
  frontier: pieces(bytesOf(item, 'frontier'), 32),
  sweptUntil: textOf(item, 'sweptUntil'),
})

const packed = (placed: readonly Placed[]): Buffer =>
  Buffer.concat(placed.flatMap(({ eid, leafHash }) => [Buffer.from(eid, 'base64url'), leafHash]))

const unpacked = (bytes: Uint8Array): readonly Placed[] =>
  pieces(bytes, placedBytes).map((piece) => ({
    eid: Buffer.from(piece.subarray(0, 32)).toString('base64url'),
    leafHash: piece.subarray(32),
  }))

function pieces(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  if (bytes.length % length !== 0)
    throw wasChanged(`couldn’t read an item: ${bytes.length} bytes are not pieces of ${length}`)
  return Array.from({ length: bytes.length / length }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  )
}

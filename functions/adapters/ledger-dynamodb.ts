/** The ledger in DynamoDB: one conditional write for each entry, and no other write. */

import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { faultOf, wasChanged } from '../failure.ts'
import { type Entry, keptDigest, leafHash, readLeaf } from '../ledger/entry.ts'
import type { Appended, Durable, Ledger, Stored } from '../ports.ts'
import { bytesOf, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, prefixOf, rowKey } from './rows.ts'

/** How many parts the index of a log has, since one part takes 1,000 writes a second. */
export const shards = 4

/** The part of the index that an entry is in: the lowest bits of the first byte of its id. */
export const shardOf = (eid: string): number =>
  Buffer.from(eid.slice(0, 2), 'base64url').readUInt8() % shards

/** The ledger, in a table where no role may update or delete an item. */
export const dynamodbLedger = (client: DynamoDBClient, table: string): Ledger => {
  const find = (eid: string) => rowsIn(client, table).get(keyOf(eid))

  /** Finds out whether a write that failed, or whose answer was lost, took effect. */
  const settle = async (entry: Entry, why: string): Promise<Appended> => {
    const unavailable = { kind: 'unavailable', why: `couldn’t append entry: ${why}` } as const
    const item = await find(entry.leaf.eid).catch(() => undefined)
    if (item === undefined) return unavailable
    const stored = storedOf(item, entry.leaf.eid)
    return {
      kind: stored.attempt === entry.attempt ? 'durable' : 'already',
      entry: durable(stored),
    }
  }

  return {
    append(entry) {
      const command = new PutItemCommand({
        TableName: table,
        Item: itemOf(entry),
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      return client.send(command).then(
        () => ({ kind: 'durable', entry: durable(entry) }),
        (error: unknown) => settle(entry, faultOf(error)),
      )
    },

    async read(eid) {
      const item = await find(eid)
      return item === undefined ? undefined : durable(storedOf(item, eid))
    },

    async readAll(eids) {
      const items = await rowsIn(client, table).getEach([...new Set(eids)].map(keyOf))
      return new Map(
        items.map((item) => {
          const eid = textOf(item, 'pk').slice(prefixOf(kinds.entry).length)
          return [eid, durable(storedOf(item, eid))]
        }),
      )
    },
  }
}

const keyOf = (eid: string) => ({ pk: { S: rowKey(kinds.entry, eid) } })

const itemOf = ({ leaf, leafBytes, leafHash, attempt, ciphertext, kid }: Entry): TableItem => ({
  ...keyOf(leaf.eid),
  leaf: { B: leafBytes },
  lh: { B: leafHash },
  log: { S: leaf.log },
  att: { S: attempt },
  ev: { B: ciphertext },
  kid: { S: kid },
  ts: { S: leaf.ts },
  logShard: { S: `${leaf.log}#${shardOf(leaf.eid)}` },
})

/** Reads the entry in an item. Throws if it is not what was written under this id. */
function storedOf(item: TableItem, eid: string): Stored {
  const bytes = bytesOf(item, 'leaf')
  const hash = bytesOf(item, 'lh')
  if (!leafHash(bytes).equals(hash))
    throw wasChanged(`couldn’t read entry ${eid}: it was changed, its leaf has another hash`)
  const leaf = readLeaf(bytes, `entry ${eid}`)
  if (typeof leaf === 'string') throw wasChanged(`couldn’t read entry ${eid}: ${leaf}`)
  if (leaf.eid !== eid)
    throw wasChanged(`couldn’t read entry ${eid}: it was changed, its leaf is another’s`)
  const beside = {
    attempt: textOf(item, 'att'),
    ciphertext: bytesOf(item, 'ev'),
    kid: textOf(item, 'kid'),
  }
  if (leaf.kept !== undefined && leaf.kept !== keptDigest(beside))
    throw wasChanged(`couldn’t read entry ${eid}: it was changed, beside its leaf`)
  return { leaf, leafBytes: bytes, leafHash: hash, ...beside }
}

/**
 * INVARIANT (no entry, no release): the only cast that makes a `Durable`. It is used only for entries that the
 * store confirmed or returned by a consistent read.
 */
const durable = (stored: Stored): Durable => stored as Durable

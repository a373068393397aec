/** The ledger in DynamoDB: one conditional write for each entry, and never another. */

import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { type Entry, type Leaf, leafHash } from '../ledger/entry.ts'
import type { Appended, Durable, Ledger, Stored } from '../ports.ts'
import { bytesOf, faultOf, type Item, textOf } from './dynamodb.ts'

/** In how many parts the index of a log is split, since one part takes 1,000 writes a second. */
export const shards = 4

/** The part of its log's index that an entry is in: the lowest bits of the first byte of its id. */
export const shardOf = (eid: string): number =>
  Buffer.from(eid.slice(0, 2), 'base64url').readUInt8() % shards

/** The ledger in a table of which no role may update or delete an item. */
export const dynamodbLedger = (client: DynamoDBClient, table: string): Ledger => {
  const find = async (eid: string): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(eid), ConsistentRead: true })
    return (await client.send(command)).Item
  }

  /** What a write that failed, or whose answer was lost, has come to. */
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
      const { leaf, leafHash, attempt, sealed, kid } = entry
      const command = new PutItemCommand({
        TableName: table,
        Item: itemOf(entry),
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      return client.send(command).then(
        () => ({ kind: 'durable', entry: durable({ leaf, leafHash, attempt, sealed, kid }) }),
        (error: unknown) => settle(entry, faultOf(error)),
      )
    },

    async read(eid) {
      const item = await find(eid)
      return item === undefined ? undefined : durable(storedOf(item, eid))
    },
  }
}

const keyOf = (eid: string) => ({ pk: { S: `D#${eid}` } })

const itemOf = ({ leaf, leafBytes, leafHash, attempt, sealed, kid }: Entry): Item => ({
  ...keyOf(leaf.eid),
  leaf: { B: leafBytes },
  lh: { B: leafHash },
  log: { S: leaf.log },
  att: { S: attempt },
  ev: { B: sealed },
  kid: { S: kid },
  ts: { S: leaf.ts },
  logShard: { S: `${leaf.log}#${shardOf(leaf.eid)}` },
})

/** The entry in an item. Throws if it is not what was written under this id. */
function storedOf(item: Item, eid: string): Stored {
  const bytes = bytesOf(item, 'leaf')
  const hash = bytesOf(item, 'lh')
  if (!leafHash(bytes).equals(hash))
    throw new Error(`couldn’t read entry ${eid}: it was changed, its leaf has another hash`)
  // A cast, since the hash says that these are the bytes of a leaf that we made.
  const leaf = JSON.parse(Buffer.from(bytes).toString('utf8')) as Leaf
  if (leaf.v !== 1) throw new Error(`couldn’t read entry ${eid}: its version is not known here`)
  if (leaf.eid !== eid)
    throw new Error(`couldn’t read entry ${eid}: it was changed, its leaf is another’s`)
  return {
    leaf,
    leafHash: hash,
    attempt: textOf(item, 'att'),
    sealed: bytesOf(item, 'ev'),
    kid: textOf(item, 'kid'),
  }
}

/**
 * INVARIANT (no entry, no release): the one cast that makes a `Durable`, of what the store confirmed
 * or gave back by a consistent read.
 */
const durable = (stored: Stored): Durable => stored as Durable

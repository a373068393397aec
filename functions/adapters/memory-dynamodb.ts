/** The memory of what a signer or a witness signed last, in DynamoDB. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Memory } from '../log-ports.ts'
import { bytesOf, rowsIn, textOf } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** The memory of the signer or witness named `of`. */
export function dynamodbMemory(client: DynamoDBClient, table: string, of: string): Memory {
  const rows = rowsIn(client, table)
  const keyOf = (log: string) => ({ pk: { S: rowKey(kinds.signed, of, log) } })
  return {
    async last(log) {
      const item = await rows.get(keyOf(log))
      return item && { size: Number(item.size?.N), root: bytesOf(item, 'root') }
    },

    advance(log, from, { size, root }) {
      const item = { ...keyOf(log), size: { N: String(size) }, root: { B: root } }
      if (from === 0) return rows.putNew(item)
      return rows.put(item, {
        if: '#size = :size',
        names: { '#size': 'size' },
        values: { ':size': { N: String(from) } },
      })
    },
  }
}

/** Whatever the signer remembers: a name for each log, and few others. */
export async function logsSigned(
  client: DynamoDBClient,
  table: string,
): Promise<readonly string[]> {
  const own = rowKey(kinds.signed, 'signer', '')
  const found: string[] = []
  for await (const items of rowsIn(client, table).scan())
    found.push(...items.map((item) => textOf(item, 'pk')))
  return found.filter((pk) => pk.startsWith(own)).map((pk) => pk.slice(own.length))
}

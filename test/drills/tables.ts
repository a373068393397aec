/**
 * A table that is put back to an earlier moment, as point-in-time recovery does: every item as it was
 * then, and none that came later. `infra/DRILLS.md` says how that is done in the cloud.
 *
 *     const earlier = await copyOf(store, store.tables.sealing)
 *     ...
 *     await putBack(store, store.tables.sealing, earlier)        // or [], of a table without a backup
 */

import { DeleteItemCommand, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb'
import type { TableItem } from '../../functions/adapters/dynamodb.ts'
import type { Store } from '../dynalite.ts'

/** Every item of a table. */
export async function copyOf({ client }: Store, table: string): Promise<readonly TableItem[]> {
  const items: TableItem[] = []
  for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    items.push(...(page.Items ?? []))
  return items
}

/** Leaves exactly these items in a table. */
export async function putBack(
  store: Store,
  table: string,
  items: readonly TableItem[],
): Promise<void> {
  const { client } = store
  const there = (await copyOf(store, table)).map(({ pk, sk }) => ({
    ...(pk && { pk }),
    ...(sk && { sk }),
  }))
  const remove = (Key: TableItem) => client.send(new DeleteItemCommand({ TableName: table, Key }))
  const put = (each: TableItem) => client.send(new PutItemCommand({ TableName: table, Item: each }))
  await Promise.all(there.map(remove))
  await Promise.all(items.map(put))
}

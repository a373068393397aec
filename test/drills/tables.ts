/**
 * A table that is put back to an earlier moment, as point-in-time recovery does: every item as it was
 * then, and none that came later. `infra/DRILLS.md` says how that is done in the cloud.
 *
 *     const earlier = await copyOf(store, store.tables.sealing)
 *     ...
 *     await putBack(store, store.tables.sealing, earlier)        // or [], of a table without a backup
 */

import { rowsIn, type TableItem } from '../../functions/adapters/dynamodb.ts'
import { everything, type Store } from '../dynalite.ts'

/** Every item of a table. */
export const copyOf = ({ client }: Store, table: string): Promise<readonly TableItem[]> =>
  everything(rowsIn(client, table))

/** Leaves exactly these items in a table. */
export async function putBack(
  store: Store,
  table: string,
  items: readonly TableItem[],
): Promise<void> {
  const rows = rowsIn(store.client, table)
  const there = await copyOf(store, table)
  await Promise.all(
    there.map(({ pk, sk }) => rows.remove({ ...(pk && { pk }), ...(sk && { sk }) })),
  )
  await Promise.all(items.map((each) => rows.put(each)))
}

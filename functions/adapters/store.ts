/** The store of a gateway, for `serve` and for every command: PostgreSQL, or whatever speaks DynamoDB's API. */

import { ComityError } from '../failure.ts'
import { dynamodb } from './dynamodb.ts'

/** Where a store is: a database, or an address; with neither, DynamoDB in the cloud, by the environment. */
export type StorePlace = {
  readonly postgres?: string | undefined
  readonly endpoint?: string | undefined
  readonly pool?: { readonly connections: number; readonly connectMs: number }
}

/** Where a store is, without whatever else its address says. */
export function placeOf({ postgres, endpoint }: StorePlace): string {
  const { host, searchParams } = new URL(postgres ?? endpoint ?? 'https://dynamodb.amazonaws.com')
  return host || (searchParams.get('host') ?? '')
}

/** A client of such a store, which connects once it is asked. `expectDurable` throws if it may lose what it answered. */
export async function storeOf(place: StorePlace) {
  const { postgres, endpoint, pool } = place
  if (postgres === undefined) {
    const client = dynamodb(endpoint)
    return { client, expectDurable: async () => undefined, close: async () => client.destroy() }
  }
  // Whoever needs none starts without it.
  const { notOnDisk, postgresAt, postgresClient } = await import('./postgres.ts')
  const database = postgresAt(postgres, pool)
  const client = postgresClient(database, placeOf(place))
  return {
    client,
    async expectDurable(tables: readonly string[]) {
      const why = await notOnDisk(database, tables)
      if (why !== undefined)
        throw new ComityError(
          `the store at ${placeOf(place)} may lose what it answered if power fails: ${why}`,
        )
    },
    close: () => database.end(),
  }
}

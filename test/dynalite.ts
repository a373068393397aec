/**
 * A real store for tests: dynalite, over HTTP on 127.0.0.1 and a free port, with every table of a
 * gateway.
 *
 *     const store = await startDynalite()            // in memory; or startDynalite(folder), on disk
 *     const ledger = dynamodbLedger(store.client, store.tables.decisions)
 *     ...
 *     await store.close()                            // in `afterAll`; data in a folder stays there
 *
 * Starting takes about 50 ms; start one for each file of tests and use fresh ids in each test.
 * `store.client` waits as long as it takes, since client and store share a process that may be busy;
 * the time limits of a gateway are those of `dynamodb(store.endpoint)`.
 * What it does not do, tests do with `test/adapters/faults.ts`: it neither throttles nor loses answers.
 */

import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createTables } from '../functions/adapters/dynamodb.ts'
import { localTableNames, type TableNames } from '../functions/adapters/tables.ts'

// It has no types of its own.
const dynalite: (options: { readonly createTableMs: number; readonly path?: string }) => Server =
  createRequire(import.meta.url)('dynalite')

export type Store = {
  readonly client: DynamoDBClient
  /** Where it listens, for a further client: `dynamodb(store.endpoint)`. */
  readonly endpoint: string
  readonly tables: TableNames
  close(): Promise<void>
}

/** Starts a store, in memory or in a folder. */
export async function startDynalite(folder?: string): Promise<Store> {
  const server = dynalite({ createTableMs: 0, ...(folder === undefined ? {} : { path: folder }) })
  const endpoint = await listen(server)
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const tables = localTableNames()
  await createTables(client, tables)
  return {
    client,
    endpoint,
    tables,
    async close() {
      client.destroy()
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => (error instanceof Error ? reject(error) : resolve()))
      })
      server.closeAllConnections()
      await closed
    },
  }
}

/** The address of a server on this machine, once it listens there on a free port. */
export function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(`http://127.0.0.1:${address.port}`)
    })
  })
}

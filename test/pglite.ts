/**
 * PostgreSQL in this process (PGlite), in place of the store for tests: `COMITY_TEST_STORE=pglite` runs every test
 * that starts a store on it.
 */

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { PGlite } from '@electric-sql/pglite'
import { createTables } from '../functions/adapters/create-tables.ts'
import { postgresClient, postgresPost } from '../functions/adapters/postgres.ts'
import { localTableNames } from '../functions/adapters/tables.ts'
import { listen, rowsOf, type Store } from './dynalite.ts'

/** Starts a database in memory, or in a folder, with every table of a gateway; and a way to it over HTTP. */
export async function startPglite(folder?: string): Promise<Store> {
  const database = await PGlite.create(folder)
  const client = postgresClient(database)
  const post = postgresPost(database)
  const server = createServer(async (request, answer) => {
    // A cast: of the headers it reads one.
    const headers = request.headers as Record<string, string>
    const { status, body } = await post({ headers, body: await text(request) })
    answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body)
  })
  const endpoint = await listen(server)
  const tables = localTableNames()
  await createTables(client, tables)
  return {
    client,
    endpoint,
    tables,
    rows: rowsOf(client, tables),
    async close() {
      client.destroy()
      server.closeAllConnections()
      server.close()
      await database.close()
    },
  }
}

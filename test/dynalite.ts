/**
 * A real store for tests: dynalite in this process, and on 127.0.0.1 at a free port, with every table of a
 * gateway.
 *
 *     const store = await startDynalite()            // in memory; or startDynalite(folder), on disk
 *     const ledger = dynamodbLedger(store.client, store.tables.decisions)
 *     ...
 *     await store.close()                            // in `afterAll`; data in a folder stays there
 *
 * Starting takes about 50 ms; start one for each file of tests and use fresh ids in each test.
 * `store.client` gives its calls to the store without a line between them, unsigned, and waits as long as it
 * takes: sockets and signatures were a third of most tests. Lines, and the time limits of a gateway, are those
 * of `dynamodb(store.endpoint)`.
 * What it does not do, tests do with `test/adapters/faults.ts`: it neither throttles nor loses answers.
 */

import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createTables } from '../functions/adapters/create-tables.ts'
import { type Rows, rowsIn, type TableItem } from '../functions/adapters/dynamodb.ts'
import { localTableNames, type TableNames } from '../functions/adapters/tables.ts'

// It has no types of its own.
const dynalite: (options: { readonly createTableMs: number; readonly path?: string }) => Server =
  createRequire(import.meta.url)('dynalite')

export type Store = {
  readonly client: DynamoDBClient
  /** Where it listens, for a further client: `dynamodb(store.endpoint)`. */
  readonly endpoint: string
  readonly tables: TableNames
  /** The rows of each table, as an administrator can read and change them. */
  readonly rows: Readonly<Record<keyof TableNames, Rows & Everything>>
  close(): Promise<void>
}

type Everything = { everything(): Promise<readonly TableItem[]> }

/** All rows of a table. */
export async function everything({ scan }: Pick<Rows, 'scan'>): Promise<readonly TableItem[]> {
  const items: TableItem[] = []
  for await (const page of scan()) items.push(...page)
  return items
}

/** The rows of each table. */
export const rowsOf = (client: DynamoDBClient, tables: TableNames): Store['rows'] => {
  const all = Object.entries(tables).map(([name, table]) => {
    const rows = rowsIn(client, table)
    return [name, { ...rows, everything: () => everything(rows) }]
  })
  // A cast: it has a member for each table.
  return Object.fromEntries(all) as Store['rows']
}

/** Starts a store, in memory or in a folder. */
export async function startDynalite(folder?: string): Promise<Store> {
  if (process.env.COMITY_TEST_STORE === 'pglite')
    return (await import('./pglite.ts')).startPglite(folder)
  const server = dynalite({ createTableMs: 0, ...(folder === undefined ? {} : { path: folder }) })
  const endpoint = await listen(server)
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: { sign: async (request) => request },
    requestHandler: directlyTo(server),
  })
  const tables = localTableNames()
  await createTables(client, tables)
  return {
    client,
    endpoint,
    tables,
    rows: rowsOf(client, tables),
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

/** What dynalite looks for in a call; it checks no signature. */
const unsigned = { authorization: 'AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s' }

/** A call as the SDK hands it to whatever sends it. */
type Sent = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Gives calls to a store as its server does that has read them, each in a turn of its own. */
function directlyTo(server: Server) {
  return {
    async handle({ method, path: url, headers, body }: Sent) {
      await new Promise((resolve) => setImmediate(resolve))
      const call = { method, url, headers: { ...headers, ...unsigned, date: 'today' } }
      const incoming = Object.assign(new EventEmitter(), call)
      return new Promise((resolve) => {
        const answer: Record<string, string> = {}
        const outgoing = {
          statusCode: 200,
          setHeader(name: string, value: unknown) {
            answer[name.toLowerCase()] = String(value)
          },
          end(text: string) {
            const { statusCode } = outgoing
            resolve({ response: { statusCode, headers: answer, body: Buffer.from(text) } })
          },
        }
        server.emit('request', incoming, outgoing)
        // The SDK's own kind of bytes warns where it is taken for a text.
        incoming.emit('data', Buffer.from(typeof body === 'string' ? body : Uint8Array.from(body)))
        incoming.emit('end')
      })
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

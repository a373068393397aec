/**
 * A store on disk in which an agency was asked so many times, in a process of its own:
 * `node audit-store-process.ts FOLDER COUNT`. Tells its parent where it listens.
 *
 * A million writes over HTTP take minutes. So the rows are made by the adapter and their keys by
 * dynalite, as ever, but go into its database past HTTP, before it listens.
 */

import { hash } from 'node:crypto'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { BatchWriteItemCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodb, type TableItem } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import type { AuditLine, LookupKey, LookupRow } from '../../functions/log-ports.ts'
import { startDynalite } from '../dynalite.ts'

/** Who was asked, each time. */
export const asked = 'DE-POL'
/** Under what its entries are filed. */
export const askedKey: LookupKey = { jurisdiction: 'DE', by: 'agency', value: asked }

/** When entry `i` of so many was made, ms: they are spread over a year. */
export const madeAt = (i: number, count: number): number =>
  Date.UTC(2026, 0, 1) + Math.floor((i / count) * 365 * 86_400_000)

/** The line of entry `i` of so many. */
export const lineAt = (i: number, count: number): AuditLine => ({
  id: hash('sha256', String(i), 'base64url'),
  ts: new Date(madeAt(i, count)).toISOString(),
  kind: 'decision',
  side: 'holder',
  log: 'comity.bench/de/2026',
  hj: 'DE',
  aj: 'FR',
  holder: asked,
  agency: 'FR-SPOC',
  officer: `officer-${i % 50}`,
  purpose: 'prevention',
  outcome: 'redact',
  standing: 'open',
  rules: ['eu/exchange/seriousness', 'de/police/labels'],
  policies: ['eu/exchange@2024-12-12', 'eu/data@2018-05-06', 'de/police@2026-02-14'],
})

/** By what an entry is found here. */
const rowsOf = (line: AuditLine): readonly LookupRow[] => [
  { key: { ...askedKey, by: 'all', value: '' }, line },
  { key: askedKey, line },
  { key: { ...askedKey, by: 'subject', value: line.id.slice(0, 22) }, line },
]

/** Entries that are sealed together, and so are in one list. */
const sealedAtOnce = 50
/** Lines that are put at once, and those after which something is said. */
const atOnce = 5000
const saidAfter = 100_000

/** What we use of dynalite's own database, which has no types. */
type Database = {
  readonly db: { close(): Promise<void> }
  getTable(name: string, done: (error: unknown, table: unknown) => void): void
  getItemDb(name: string): {
    batch(
      writes: readonly { readonly type: 'put'; readonly key: string; readonly value: TableItem }[],
      done: (error: unknown) => void,
    ): void
  }
}
const {
  create,
  createKey,
}: {
  create(options: { readonly path: string }): Database
  createKey(item: TableItem, table: unknown): string
} = createRequire(import.meta.url)('dynalite/db')

if (import.meta.main) {
  const [, , folder = '', count = ''] = process.argv
  const { tables, close } = await startDynalite(folder)
  await close()
  await fill(folder, tables.lookups, Number(count))
  const { endpoint } = await startDynalite(folder)
  process.send?.(endpoint)
  process.once('disconnect', () => process.exit(0))
}

async function fill(folder: string, name: string, count: number): Promise<void> {
  const { db, getItemDb, getTable } = create({ path: folder })
  const table = await promisify(getTable)(name)
  const items = getItemDb(name)
  const write = promisify(items.batch)
  const lookups = dynamodbLookups(
    clientThat((all) =>
      write(all.map((value) => ({ type: 'put', key: createKey(value, table), value }))),
    ),
    name,
  )
  for (let at = 0; at < count; at += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) =>
      lineAt(at + i, count),
    )
    for (let i = 0; i < some.length; i += sealedAtOnce) {
      const rows = some.slice(i, i + sealedAtOnce).flatMap(rowsOf)
      await lookups.file(rows)
      await lookups.put(rows)
    }
    const done = at + some.length
    if (done % saidAfter === 0) console.error(`  ${done} of ${count} entries are in the store`)
  }
  await db.close()
}

/** An item as dynalite keeps it: bytes as they come over HTTP. */
function asKept(item: TableItem): TableItem {
  const kept = Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  )
  // A cast: a text in place of bytes, in its database alone.
  return kept as unknown as TableItem
}

/** A client that sends nothing, and gives to `write` what was to be written. */
function clientThat(write: (items: readonly TableItem[]) => Promise<void>): DynamoDBClient {
  const client = dynamodb('http://127.0.0.1')
  client.middlewareStack.add(
    () => async (args) => {
      // A cast: nothing else is sent by it.
      const { RequestItems = {} } = args.input as BatchWriteItemCommandInput
      await write(
        Object.values(RequestItems)
          .flatMap((all) => all ?? [])
          .map(({ PutRequest }) => PutRequest?.Item)
          .flatMap((item) => (item === undefined ? [] : [asKept(item)])),
      )
      return { response: {}, output: { $metadata: {} } }
    },
    { step: 'initialize' },
  )
  return client
}

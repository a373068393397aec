/**
 * Exports a gateway's logs word for word into a folder, so that they can be verified elsewhere.
 *
 * A log may grow meanwhile. So the export reads first what the gateway writes last (checkpoints, heads, marks,
 * tiles, manifests, entries): everything that a file refers to is in the files read after it.
 */

import { appendFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type AttributeValue,
  type DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb'
import { ComityError } from '../failure.ts'
import { newerIn, readLeaf } from '../ledger/entry.ts'
import { isLogName } from '../ledger/verify-files.ts'
import { fileArchive } from './archive-files.ts'
import { itemKey, rowsIn, type TableItem } from './dynamodb.ts'
import { kinds, prefixOf, rowKey } from './rows.ts'
import type { TableNames } from './tables.ts'

/** Where a gateway keeps its logs. */
export type LogStore = {
  readonly client: DynamoDBClient
  readonly tables: Pick<TableNames, 'decisions' | 'sealing'>
  /** The folder of its archive. */
  readonly archive: string
}

/** Opens the store of a gateway by its data folder. */
export type OpenStore = (data: string) => Promise<LogStore & { close(): Promise<void> }>

/** The gateway of this machine: its data folder, and what opens its store. */
export type LocalGateway = { readonly data: string; readonly openStore: OpenStore }

/** Whether there are tables to export. Rejects if the store does not answer. */
export async function hasLogs({ client, tables }: LogStore): Promise<boolean> {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}))
  return Object.values(tables).every((table) => TableNames.includes(table))
}

/** The keys that a gateway publishes, as they go into `keys.json`. */
export type PublishedKeys = { readonly logs: readonly string[] }

type Writer = ReturnType<typeof folderWriter>

/** How many logs have entries, how many have none, and how many entries there are. */
export type Exported = { readonly logs: number; readonly empty: number; readonly entries: number }

/** Writes an export into an empty folder. */
export async function exportLogs(
  store: LogStore,
  keys: PublishedKeys,
  at: Date,
  folder: string,
  progress: (entries: number) => void,
): Promise<Exported> {
  const writer = folderWriter(folder)
  // Logs without entries are exported, too, which shows that nobody took entries away.
  const names = keys.logs.map((vkey) => vkey.slice(0, vkey.indexOf('+')))
  const known = [...new Set([...names, ...(await archived(store.archive))])].filter(isLogName)
  for (const log of known) await copyCheckpoints(store.archive, log, folder)
  for (const log of known) await writeHead(store, log, writer)
  await writeSeals(store, known, writer)
  for (const log of known) await copyTiles(store.archive, log, folder)
  for (const log of known) await writePartials(store.archive, log, folder)
  for (const log of known) await writeManifests(store, log, writer)
  const { entries, logs, begun } = await writeEntries(store, known, writer, progress)
  const [gateway = ''] = (logs[0] ?? '').split('/')
  await writer.add('logs.json', [{ v: 1, gateway, at: at.toISOString(), logs }])
  await writer.add('keys.json', [keys])
  return { logs: begun, empty: logs.length - begun, entries }
}

/** The logs that have a folder in the archive. */
async function archived(archive: string): Promise<readonly string[]> {
  const foldersIn = async (path: string): Promise<readonly string[]> => {
    const all = await readdir(join(archive, path), { withFileTypes: true }).catch(() => [])
    return all.filter((each) => each.isDirectory()).map(({ name }) => join(path, name))
  }
  const below = async (paths: readonly string[]) => (await Promise.all(paths.map(foldersIn))).flat()
  const logs = await below(await below(await foldersIn('')))
  return logs.map((log) => log.replaceAll('\\', '/'))
}

async function copyCheckpoints(archive: string, log: string, folder: string): Promise<void> {
  // A checkpoint is published before it is stamped.
  for (const path of [`${log}/stamps`, `${log}/checkpoint`, `${log}/checkpoints`])
    await copy(join(archive, path), join(folder, path))
}

const copyTiles = (archive: string, log: string, folder: string): Promise<void> =>
  copy(join(archive, log, 'tile'), join(folder, log, 'tile'))

/** Writes the partial bundles that the archive has in parts: what a bundle gained each time that the log grew. */
async function writePartials(archive: string, log: string, folder: string): Promise<void> {
  const { get } = fileArchive(archive, () => '')
  const entries = join(log, 'tile/entries')
  const all = await readdir(join(archive, entries), { recursive: true }).catch(() => [])
  for (const path of all.map((each) => each.replaceAll('\\', '/'))) {
    const [, bundle, width] = /^((?:x\d{3}\/)*\d{3})\.d\/\d+-(\d+)$/.exec(path) ?? []
    if (bundle === undefined) continue
    const whole = `${log}/tile/entries/${bundle}.p/${width}`
    const bytes = await get(whole)
    if (bytes === undefined) continue
    await mkdir(dirname(join(folder, whole)), { recursive: true })
    await writeFile(join(folder, whole), bytes, { mode: 0o600 })
  }
}

/** Copies only files of the log, not those still being written. */
async function copy(from: string, to: string): Promise<void> {
  const isPart = (name: string) =>
    /^(checkpoints?|stamps|\d{4}-\d\d-\d\d|tile|entries|x?\d+|\d{3}\.p)$/.test(name)
  await cp(from, to, {
    recursive: true,
    filter: (path) => isPart(path.split(/[\\/]/).at(-1) ?? ''),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

async function writeHead({ client, tables }: LogStore, log: string, writer: Writer) {
  const item = await rowsIn(client, tables.sealing).get(itemKey(rowKey(kinds.head, log), 'head'))
  if (item === undefined) return
  const { size, root, frontier, marked, sweptUntil } = item
  const head = {
    size: Number(size?.N),
    root: b64(root),
    frontier: b64(frontier),
    marked: Number(marked?.N),
    sweptUntil: sweptUntil?.S ?? null,
  }
  await writer.add(`${log}/head.json`, [head])
}

async function writeSeals(store: LogStore, known: readonly string[], writer: Writer) {
  const filter = {
    FilterExpression: 'begins_with(pk, :seal)',
    ExpressionAttributeValues: { ':seal': { S: prefixOf(kinds.place) } },
  }
  for await (const items of rowsIn(store.client, store.tables.sealing).scan(filter)) {
    const byLog = Map.groupBy(items, ({ log }) => log?.S ?? '')
    for (const [log, some] of byLog)
      if (known.includes(log))
        await writer.add(
          `${log}/seals.ndjson`,
          some.map(({ pk, ix }) => ({
            eid: pk?.S?.slice(prefixOf(kinds.place).length),
            index: Number(ix?.N),
          })),
        )
  }
}

async function writeManifests({ client, tables }: LogStore, log: string, writer: Writer) {
  for await (const page of rowsIn(client, tables.sealing).pages(rowKey(kinds.manifest, log)))
    await writer.add(
      `${log}/manifests.ndjson`,
      page.map(({ sk, placed }) => ({ start: Number(sk?.S), placed: b64(placed) })),
    )
}

/** Exports every item unchanged, and validates nothing. */
async function writeEntries(
  store: LogStore,
  known: readonly string[],
  writer: Writer,
  progress: (entries: number) => void,
) {
  const begun = new Set<string>()
  let entries = 0
  for await (const all of rowsIn(store.client, store.tables.decisions).scan()) {
    // Every item but the marks of statements is an entry, or should be.
    const items = all.filter(({ pk }) => !pk?.S?.startsWith(prefixOf(kinds.mark)))
    for (const [log, some] of Map.groupBy(items, (item) => logOfItem(item) ?? known[0] ?? '')) {
      if (!isLogName(log))
        throw new ComityError('couldn’t export: there is an entry, and there is no log')
      begun.add(log)
      await writer.add(`${log}/entries.ndjson`, some.map(entryIn))
    }
    entries += items.length
    progress(entries)
  }
  return { entries, logs: [...new Set([...known, ...begun])].sort(), begun: begun.size }
}

/** The log that an item's leaf names, or else the one that the item names. */
function logOfItem({ leaf, log }: TableItem): string | undefined {
  const bytes = leaf?.B ?? new Uint8Array()
  // What a newer build wrote is exported as it is, where the item says.
  const read = newerIn(bytes) ?? readLeaf(bytes)
  const said = typeof read === 'string' ? undefined : read.log
  return [said, log?.S].find((each) => typeof each === 'string' && isLogName(each))
}

const entryIn = ({ pk, leaf, lh, ev, kid, att, ts, log, logShard }: TableItem) => ({
  eid: pk?.S?.slice(prefixOf(kinds.entry).length),
  leaf: b64(leaf),
  lh: b64(lh),
  ev: b64(ev),
  kid: kid?.S,
  att: att?.S,
  ts: ts?.S,
  log: log?.S,
  logShard: logShard?.S,
})

const b64 = (attribute: AttributeValue | undefined): string | undefined =>
  attribute?.B && Buffer.from(attribute.B).toString('base64url')

/** Writes into an export. */
const folderWriter = (folder: string) => ({
  /** Adds values to a file, one line for each. */
  async add(path: string, values: readonly unknown[]): Promise<void> {
    if (values.length === 0) return
    await mkdir(dirname(join(folder, path)), { recursive: true })
    const lines = values.map((value) => `${JSON.stringify(value)}\n`)
    await appendFile(join(folder, path), lines.join(''), { mode: 0o600 })
  },
})

/** `comity log export`: writes all that a gateway keeps of its logs to a folder, for anyone to verify. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { dynamodb } from '../adapters/dynamodb.ts'
import { exportLogs, type LogStore } from '../adapters/log-export.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'

/** Opens the store of a gateway by its data folder. */
export type OpenStore = (data: string) => Promise<LogStore & { close(): Promise<void> }>

/** Adds `export` to `comity log`. */
export function addLogExport(log: Command, data: string, openStore: OpenStore): void {
  log
    .command('export')
    .description('Write every log of a gateway into a folder, to be verified elsewhere.')
    .requiredOption('--out <folder>', 'a folder that is empty or not there')
    .option('--deployed <file>', 'a gateway in the cloud: its tables, archive and keys, as JSON')
    .addHelpText(
      'after',
      `
Without --deployed, the logs are those of the local gateway. Its file says
{ "decisions": "<table>", "sealing": "<table>", "archive": "<folder>", "keys": "<file>" }: a copy of the bucket
(aws s3 sync) and the pinned keys. The tables are read with the credentials of the environment.`,
    )
    .action(async ({ out, deployed }: { readonly out: string; readonly deployed?: string }) => {
      if (existsSync(out) && readdirSync(out).length > 0)
        throw new Failure(`couldn’t export to \`${out}\`: it is not empty`, exitCodes.usage)
      mkdirSync(out, { recursive: true, mode: 0o700 })
      const { logs, entries } =
        deployed === undefined
          ? await exportInto(out, data, openStore)
          : await exportFrom(out, readJson(deployed, deployedSchema))
      console.log(`${counted(logs, 'log')}, ${counted(entries, 'entry', 'entries')}: in ${out}`)
    })
}

/** The keys file that the local gateway wrote when it first started. */
const publishedSchema = z.looseObject({ logs: z.array(z.string()) })

/** Where a gateway in the cloud has its logs, and a copy of its archive. */
const deployedSchema = z.strictObject({
  decisions: z.string(),
  sealing: z.string(),
  archive: z.string(),
  keys: z.string(),
})

type Counts = { readonly logs: number; readonly entries: number }

function exportFrom(
  folder: string,
  { archive, keys, ...tables }: z.infer<typeof deployedSchema>,
): Promise<Counts> {
  const client = dynamodb()
  const close = async () => client.destroy()
  return write(folder, readJson(keys, publishedSchema), { client, tables, archive, close })
}

/** Exports the logs of the local gateway into an empty folder. */
export async function exportInto(
  folder: string,
  data: string,
  openStore: OpenStore,
): Promise<Counts> {
  const keys = readJson(join(data, 'trust.json'), publishedSchema)
  return write(folder, keys, await openStore(data))
}

async function write(
  folder: string,
  keys: z.infer<typeof publishedSchema>,
  store: Awaited<ReturnType<OpenStore>>,
): Promise<Counts> {
  const show = counter('entries exported')
  try {
    return await exportLogs(store, keys, new Date(), folder, show)
  } finally {
    show()
    await store.close()
  }
}

/** Shows a count on a terminal, ten times a second at most; without a count, clears it. */
export function counter(what: string): (count?: number) => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => undefined
  let last = 0
  return (count) => {
    if (count === undefined) return void stderr.write('\r\u001b[K')
    if (performance.now() - last < 100) return
    last = performance.now()
    stderr.write(`\r${count.toLocaleString('en')} ${what}`)
  }
}

/** `1 log`, `1,204 entries`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

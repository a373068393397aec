/** `comity log export`: writes all that a gateway keeps of its logs to a folder, for anyone to verify. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { dynamodb } from '../adapters/dynamodb.ts'
import { exportLogs, type OpenStore } from '../adapters/log-export.ts'
import type { Here } from '../proof/commands/log-verify.ts'
import { counted, counter } from '../terminal/counted.ts'
import { misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'

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
        throw misuse(`couldn’t export to \`${out}\`: it is not empty`)
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

/** The local gateway, as the commands that verify its logs take it. */
export const hereAt = (data: string, openStore: OpenStore): Here => ({
  data,
  exportInto: (folder) => exportInto(folder, data, openStore),
})

/** Exports the logs of the local gateway into an empty folder. */
async function exportInto(folder: string, data: string, openStore: OpenStore): Promise<Counts> {
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

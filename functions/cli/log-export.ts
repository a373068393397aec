/** `comity log export`: writes all that a gateway keeps of its logs to a folder, for anyone to verify. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { type Exported, exportLogs, type OpenStore } from '../adapters/log-export.ts'
import { storeOf } from '../adapters/store.ts'
import { type Deployed, deployedIn, needed } from '../client/deployed-store.ts'
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
    .option(
      '--deployed <file>',
      'a deployed gateway: its tables or database, archive and keys, as JSON',
    )
    .addHelpText(
      'after',
      `
Without --deployed, the logs are those of the local gateway. Its file says
{ "decisions": "<table>", "sealing": "<table>", "archive": "<folder>", "keys": "<file>" }: a copy of the bucket
(aws s3 sync) and the pinned keys. The tables are read with the credentials of the environment, or from the database that
"postgres" names.`,
    )
    .action(async ({ out, deployed }: { readonly out: string; readonly deployed?: string }) => {
      if (existsSync(out) && readdirSync(out).length > 0)
        throw misuse(`couldn’t export to \`${out}\`: it is not empty`)
      const named = deployedIn(deployed)
      mkdirSync(out, { recursive: true, mode: 0o700 })
      const { logs, empty, entries } =
        named === undefined
          ? await exportInto(out, data, openStore)
          : await exportFrom(out, named, deployed)
      const none = empty === 0 ? '' : `, and ${counted(empty, 'log')} without an entry`
      console.log(
        `${counted(logs, 'log')}, ${counted(entries, 'entry', 'entries')}${none}: in ${out}`,
      )
    })
}

/** The keys file that the local gateway wrote when it first started. */
const publishedSchema = z.looseObject({ logs: z.array(z.string()) })

async function exportFrom(
  folder: string,
  named: Deployed,
  file: string | undefined,
): Promise<Exported> {
  const { decisions, sealing } = named
  const published = readJson(needed(named, 'keys', file), publishedSchema)
  const archive = needed(named, 'archive', file)
  const { client, close } = await storeOf(named)
  return write(folder, published, { client, tables: { decisions, sealing }, archive, close })
}

/** The local gateway, as the commands that verify its logs take it. */
export const hereAt = (data: string, openStore: OpenStore): Here => ({
  data,
  exportInto: (folder) => exportInto(folder, data, openStore),
})

/** Exports the logs of the local gateway into an empty folder. */
async function exportInto(folder: string, data: string, openStore: OpenStore): Promise<Exported> {
  const keys = readJson(join(data, 'trust.json'), publishedSchema)
  return write(folder, keys, await openStore(data))
}

async function write(
  folder: string,
  keys: z.infer<typeof publishedSchema>,
  store: Awaited<ReturnType<OpenStore>>,
): Promise<Exported> {
  const show = counter('entries exported')
  try {
    return await exportLogs(store, keys, new Date(), folder, show)
  } finally {
    show()
    await store.close()
  }
}

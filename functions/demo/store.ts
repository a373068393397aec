/** The store of the local gateway for an operator's commands: the running gateway's, or opened here. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { dynamodb } from '../adapters/dynamodb.ts'
import { hasLogs, type LogStore } from '../adapters/log-export.ts'
import { localTableNames } from '../adapters/tables.ts'
import { Failure, misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'

/** What a running gateway says about its store, in `store.json` in its data folder. */
const runningSchema = z.strictObject({
  endpoint: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }),
})

/**
 * How long we wait for a store on this machine, ms. One that does not run refuses at once; one that runs may be busy,
 * and must not be taken for one that does not.
 */
const answerMs = 10_000

/** The store of the gateway with this data folder. The process does not end until it is closed. */
export async function openLocalStore(data: string): Promise<LogStore & { close(): Promise<void> }> {
  const running = await runningEndpoint(join(data, 'store.json'))
  const opened = running === undefined ? await openFolder(join(data, 'dynamodb')) : undefined
  const client = dynamodb(running ?? opened?.endpoint)
  const store = { client, tables: localTableNames(), archive: join(data, 'log') }
  const close = async () => {
    client.destroy()
    await opened?.close()
  }
  if (await answers(store)) return { ...store, close }
  await close()
  throw new Failure(
    `couldn’t read the logs in \`${data}\`: there are none, or a gateway that does not answer holds them`,
  )
}

/** Whether there are logs; not if the store does not answer. */
const answers = (store: LogStore): Promise<boolean> => hasLogs(store).catch(() => false)

/** The address of a running gateway's store; undefined if none is running. */
async function runningEndpoint(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined
  const { endpoint } = readJson(file, runningSchema)
  // Whatever it answers without its secret: one that does not run answers nothing.
  return fetch(new URL(endpoint).origin, { signal: AbortSignal.timeout(answerMs) }).then(
    () => endpoint,
    () => undefined,
  )
}

/** Opens the data of a gateway that does not run. */
async function openFolder(folder: string) {
  if (!existsSync(folder))
    throw misuse(`couldn’t find logs in \`${folder}\`; start the gateway once, or set COMITY_DATA`)
  // Imported only here, since it takes a while to load.
  const { openEmbedded } = await import('./embedded.ts')
  return openEmbedded(folder)
}

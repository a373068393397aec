/** What a gateway on machines of one's own keeps, where its settings say: its store, its archive, and its two keys. */

import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileArchive } from '../adapters/archive-files.ts'
import { tablesIn } from '../adapters/create-tables.ts'
import { expectOneRole } from '../adapters/keys-in-reach.ts'
import { placeOf, storeOf } from '../adapters/store.ts'
import { tableNames } from '../adapters/tables.ts'
import { ComityError, errorWords, faultOf } from '../failure.ts'
import type { Archive } from '../log-ports.ts'
import type { readMachineConfig } from './settings.ts'

type MachineConfig = ReturnType<typeof readMachineConfig>

/** Opens the store, with the tables that it has. Throws a sentence if none answers, or it may lose what it answered. */
export async function openStore(config: MachineConfig) {
  if (config.COMITY_ENVIRONMENT === 'prod')
    expectOneRole(true, [], [config.COMITY_KEYS, process.cwd()])
  const named = {
    ...{ postgres: config.COMITY_POSTGRES, endpoint: config.COMITY_DYNAMODB_ENDPOINT },
    pool: {
      connections: config.COMITY_POSTGRES_CONNECTIONS,
      connectMs: config.COMITY_POSTGRES_CONNECT_MS,
    },
  }
  const at = placeOf(named)
  const names = tableNames(config)
  const { client, close, expectDurable } = await storeOf(named)
  try {
    await expectDurable(Object.values(names))
    const there = await tablesIn(client)
    return { client, close, at, names, there, places: keyPlaces(config) }
  } catch (error) {
    await close()
    const why =
      error instanceof ComityError
        ? errorWords(error)
        : `no store answers at ${at} (${faultOf(error)})`
    throw new ComityError(`couldn’t start: ${why}`)
  }
}

/** Where the gateway's own keys are: files, or keys of a module. */
const keyPlaces = (config: MachineConfig) => ({
  master: config.COMITY_MASTER_KEY ?? join(config.COMITY_KEYS, 'master.key'),
  checkpoint: config.COMITY_CHECKPOINT_KEY ?? join(config.COMITY_KEYS, 'checkpoint.pem'),
})

/** The archive in a folder, which is made if `mayMake`, or in a bucket. */
export async function openArchive(
  { COMITY_ARCHIVE: place, COMITY_S3_ENDPOINT: endpoint }: MachineConfig,
  mayMake: boolean,
): Promise<Archive> {
  const [, bucket] = /^s3:\/\/(.+)$/.exec(place) ?? []
  if (bucket === undefined) {
    expectFolder(place, mayMake)
    return fileArchive(place, randomUUID)
  }
  const { s3Archive, s3Client } = await import('../adapters/archive-s3.ts')
  return s3Archive(bucket, s3Client(endpoint))
}

/** Throws a sentence unless files can be written into a folder. */
function expectFolder(folder: string, mayMake: boolean): void {
  try {
    if (mayMake) mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new ComityError(
      `couldn’t start: the folder of the archive, \`${folder}\`, can’t be written to (${faultOf(error)})`,
    )
  }
}

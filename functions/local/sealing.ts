/** The archive and the signer of the gateway on this machine, in its data folder. */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { fileArchive } from '../adapters/archive-files.ts'
import { fileCheckpointKey } from '../adapters/key-files.ts'
import { localTableNames } from '../adapters/tables.ts'
import type { SealWorld, Witness } from '../log-ports.ts'
import { sealWorld, vkeyOf } from '../machine/seal-world.ts'
import type { World } from '../ports.ts'

/** The archive and the key of the checkpoints. */
export function localLog(data: string) {
  const key = fileCheckpointKey(join(data, 'checkpoint.pem'))
  return { archive: fileArchive(join(data, 'log'), randomUUID), key, vkey: vkeyOf(key) }
}

/** The world of this machine's sealer. */
export const localSealWorld = (
  world: World,
  client: DynamoDBClient,
  log: ReturnType<typeof localLog>,
  witnesses: readonly Witness[],
  quorum: number,
): SealWorld => sealWorld(world, client, localTableNames(), { ...log, witnesses, quorum })

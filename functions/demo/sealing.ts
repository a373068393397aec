/** The archive and the key of checkpoints of the gateway on this machine, in its data folder. */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileArchive } from '../adapters/archive-files.ts'
import { fileCheckpointKey } from '../adapters/key-files.ts'
import { vkeyOf } from '../machine/seal-world.ts'

/** The archive and the key of the checkpoints. */
export function localLog(data: string) {
  const key = fileCheckpointKey(join(data, 'checkpoint.pem'))
  return { archive: fileArchive(join(data, 'log'), randomUUID), key, vkey: vkeyOf(key) }
}

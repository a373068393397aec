/** The key of the checkpoints on machines of one's own: the same on each, and never made a second time. */

import { existsSync } from 'node:fs'
import { fileCheckpointKey } from '../adapters/key-files.ts'
import { ComityError } from '../failure.ts'
import type { Memory } from '../log-ports.ts'
import type { SigningKey } from '../ports.ts'

/** The name under which the signer's memory keeps the key. No log has such an origin. */
const beginning = 'beginning'

/**
 * The key in a file. With `mayMake` it is made if there is none, and the memory keeps its public half. Throws if the
 * file is missing, or has another key than the one that signed so far: a second key would begin a second history.
 */
export async function checkpointKeyOf(
  file: string,
  memory: Memory,
  mayMake: boolean,
): Promise<SigningKey> {
  const known = await memory.last(beginning)
  if (!existsSync(file) && (known !== undefined || !mayMake))
    throw new ComityError(
      known === undefined
        ? `couldn’t start: there is no key of the checkpoints, \`${file}\`; run once with --create`
        : `couldn’t start: \`${file}\` is not there; copy it from a machine that has it`,
    )
  const key = fileCheckpointKey(file)
  const root = known?.root ?? key.publicKey
  if (known === undefined && !(await memory.advance(beginning, 0, { size: 1, root })))
    return checkpointKeyOf(file, memory, mayMake)
  if (Buffer.compare(root, key.publicKey) === 0) return key
  throw new ComityError(
    `couldn’t start: \`${file}\` is not the key that signs the checkpoints of this store; copy it from a machine that has it`,
  )
}

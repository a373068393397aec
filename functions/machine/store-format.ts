/** Which format a store has: what a version reads, and what it refuses by name. infra/FORMATS.md says each step. */

import { ComityError } from '../failure.ts'
import type { Memory } from '../log-ports.ts'

/** The format that this version writes, and the newest that it reads. 0 is a store from before formats were written. */
export const storeFormat = 1

/** The name under which the signer's memory keeps it. No log has such an origin. */
const named = 'format'

/** The format of a store. Throws a sentence if a newer version wrote it: nothing is wrong with the store then. */
export async function formatOf(memory: Memory): Promise<number> {
  const found = await memory.last(named)
  if (found === undefined || found.size <= storeFormat) return found?.size ?? 0
  const writer = Buffer.from(found.root).toString()
  throw new ComityError(
    `couldn’t go on: the store has format ${found.size}, and this version reads up to ${storeFormat}; run Comity ${writer} or later on it, or restore the store as it was before that version`,
    'newer',
  )
}

/** Has a store say the format of this version from now on; `version` is told to whoever cannot read it. Gives the one before. */
export async function writeFormat(memory: Memory, version: string): Promise<number> {
  const before = await formatOf(memory)
  const to = { size: storeFormat, root: Buffer.from(version) }
  if (before < storeFormat && !(await memory.advance(named, before, to)))
    return writeFormat(memory, version)
  return before
}

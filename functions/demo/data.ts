/** The folder with the data of a local gateway: whether it can be used, and by which build. */

import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ComityError, faultOf } from '../failure.ts'

/** Raised by whatever an earlier build could not read: a format of entries, a table, a file. */
export const dataFormat = 1

/**
 * Makes the folder if there is none, and notes the format of its data. Throws a sentence if it cannot be written to, or
 * if a newer build wrote it: this one would misread that, or damage it.
 */
export function openData(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    const file = join(folder, 'format')
    const written = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
    if (written === undefined) writeFileSync(file, `${dataFormat}\n`, { mode: 0o600 })
    else if (!(Number(written) <= dataFormat))
      throw new ComityError(
        `couldn’t start: the data in \`${folder}\` was written by a newer Comity (format ${written}, and this one reads ${dataFormat}); start that one, or set COMITY_DATA to another folder`,
      )
  } catch (error) {
    throw error instanceof ComityError ? error : notWritable(folder, error)
  }
}

/** Says that files cannot be read or written in the folder. */
export const notWritable = (folder: string, error: unknown): ComityError =>
  new ComityError(
    `couldn’t start: the data in \`${folder}\` can’t be read and written (${faultOf(error)}); set COMITY_DATA to a folder of yours`,
  )

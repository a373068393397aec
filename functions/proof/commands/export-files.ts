/** The files of an export, as `comity log export` wrote them into a folder. */

import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportFiles } from '../../ledger/verify-files.ts'

/** Longest line, characters. A longer line is read as an empty one. */
const lineMax = 4_194_304

/** The files of an export. Paths cannot leave its folder, since callers make them from checked names. */
export const folderFiles = (folder: string): ExportFiles => ({
  get: (path) => readFile(join(folder, path)).catch(ifMissing(undefined)),
  lines: (path) => linesOf(join(folder, path)),
  list: async (path) => {
    const all = await readdir(join(folder, path), { withFileTypes: true }).catch(ifMissing([]))
    return all.filter((each) => each.isFile()).map(({ name }) => name)
  },
})

/** The lines of a file. Only a newline ends a line, unlike in `readline`. */
async function* linesOf(path: string): AsyncIterable<string> {
  let [rest, isTooLong] = ['', false]
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        yield isTooLong || line.length > lineMax ? '' : line
        isTooLong = false
      }
      if (rest.length > lineMax) [rest, isTooLong] = ['', true]
    }
  } catch (error) {
    ifMissing(undefined)(error)
  }
  if (rest !== '' || isTooLong) yield isTooLong ? '' : rest
}

const ifMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return instead
    throw error
  }

/** An export of logs in a folder: how it is read, and how its files are written. */

import { createReadStream } from 'node:fs'
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExportFiles } from '../ledger/verify-files.ts'

/** Longest line that is read whole, characters; a longer one is read as an empty one. */
const lineMax = 4_194_304

/** The files of an export. Paths must stay inside it: they are made from names that were checked. */
export const folderFiles = (folder: string): ExportFiles => ({
  get: (path) => readFile(join(folder, path)).catch(ifMissing(undefined)),
  lines: (path) => linesOf(join(folder, path)),
  list: async (path) => {
    const all = await readdir(join(folder, path), { withFileTypes: true }).catch(ifMissing([]))
    return all.filter((each) => each.isFile()).map(({ name }) => name)
  },
})

/** Writes into an export. */
export const folderWriter = (folder: string) => ({
  /** Adds values to a file, a line for each. */
  async add(path: string, values: readonly unknown[]): Promise<void> {
    if (values.length === 0) return
    await mkdir(dirname(join(folder, path)), { recursive: true })
    const lines = values.map((value) => `${JSON.stringify(value)}\n`)
    await appendFile(join(folder, path), lines.join(''), { mode: 0o600 })
  },
})

/** Lines end in a newline and in nothing else, unlike those of `readline`. */
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

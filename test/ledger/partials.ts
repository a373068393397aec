/** Partial bundles whole, as an export has them, from what bundles gained. */

import type { GetFile, LogFile } from '../../functions/ledger/tiles.ts'

/** The same files, each gain with what its bundle had before: `.d/5-9` is `.p/9`. */
export const withPartials = (
  files: readonly LogFile[],
  get: GetFile,
): Promise<readonly LogFile[]> =>
  Promise.all(
    files.map(async (file) => {
      const [, bundle, from, to] = /^(.+)\.d\/(\d+)-(\d+)$/.exec(file.path) ?? []
      if (bundle === undefined) return file
      const before = from === '0' ? Buffer.alloc(0) : await get(`${bundle}.p/${from}`)
      if (before === undefined) throw new Error(`there is no ${bundle}.p/${from}`)
      return { path: `${bundle}.p/${to}`, bytes: Buffer.concat([before, file.bytes]) }
    }),
  )

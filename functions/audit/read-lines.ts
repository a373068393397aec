/** Reads rows of auditors, a bounded number of them. */

import type { AuditLine, LookupKey, Lookups } from '../log-ports.ts'

/** What is read: rows of a key, of which those that are wanted count. */
export type Reading = {
  readonly key: LookupKey
  readonly range: Parameters<Lookups['list']>[1]
  readonly wanted: (line: AuditLine) => boolean
  readonly limit: number
  readonly readMax: number
}

/** Lines asked of the store at once: as many as the longest page has. */
const chunkMax = 200

/**
 * The first `limit` lines that are wanted, of at most `readMax`; `reached` is the place of the last
 * one read, unless there are no more.
 */
export async function readLines(
  lookups: Lookups,
  { key, range, wanted, limit, readMax }: Reading,
): Promise<{ readonly lines: readonly AuditLine[]; readonly reached?: string }> {
  const lines: AuditLine[] = []
  let { before } = range
  for (let left = readMax; left > 0; ) {
    const chunk = Math.min(left, Math.max(limit, 50), chunkMax)
    const found = await lookups.list(key, { ...range, ...(before && { before }) }, chunk)
    for (const line of found) {
      before = `${line.ts}#${line.id}`
      if (!wanted(line)) continue
      lines.push(line)
      if (lines.length === limit) return { lines, reached: before }
    }
    if (found.length < chunk) return { lines }
    left -= found.length
  }
  return { lines, ...(before === undefined ? {} : { reached: before }) }
}

/** The range of a question, from the place on where the page before it ended. */
export const rangeOf = (
  { from, until }: { readonly from?: string | undefined; readonly until?: string | undefined },
  before?: string,
): Reading['range'] => ({
  ...(from === undefined ? {} : { from }),
  ...(until === undefined ? {} : { until }),
  ...(before === undefined ? {} : { before }),
})

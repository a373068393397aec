/**
 * Checks the time that each entry says against the times at which witnesses saw the log: it must not
 * be after the first tree that has the entry, nor long before one that has it not.
 */

import { seenAt } from './verify-checkpoints.ts'
import { sealWithinMs } from './verify-findings.ts'
import type { Rebuilt } from './verify-sealing.ts'

/** How far the clock of an entry may be ahead of that of a witness, ms. */
const clocksMs = 5000

/** Names entries that were back-dated or post-dated. */
export function checkTimes(
  { log, entries, checkpoints, now, report }: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
): void {
  const spans = spansOf(checkpoints.map((each) => ({ size: each.size, ms: seenAt(each) })))
  for (const [entry, { ms, line }] of entries) {
    if (ms === undefined) continue
    const index = indexOf.get(entry)
    const span = index === undefined ? undefined : spanOf(index, spans)
    const where = {
      file: `${log}/entries.ndjson`,
      line,
      entry,
      ...(index === undefined ? {} : { index }),
    }
    if (ms > (span?.until ?? now) + clocksMs)
      report('post-dated', where, 'it says a later time than the tree that has it')
    else if (span && ms < span.from - sealWithinMs)
      report('back-dated', where, 'it says a time at which the log had long been seen without it')
  }
}

/** Entries below a size, and above that of the span before: between when they must have been made. */
type Span = { readonly size: number; readonly from: number; readonly until: number }

/**
 * A checkpoint that was seen shortly before does not count against an entry: after an outage, many
 * are made at once.
 */
function spansOf(
  checkpoints: readonly { readonly size: number; readonly ms: number | undefined }[],
): readonly Span[] {
  const spans: Span[] = []
  for (const { size, ms } of checkpoints) {
    if (ms === undefined || size <= (spans.at(-1)?.size ?? 0)) continue
    const before = spans.findLast(({ until }) => until <= ms - sealWithinMs)
    spans.push({ size, from: before?.until ?? 0, until: ms })
  }
  return spans
}

/** The first span whose size is above the index. */
function spanOf(index: number, spans: readonly Span[]): Span | undefined {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((spans[middle]?.size ?? 0) > index) high = middle
    else low = middle + 1
  }
  return spans[low]
}

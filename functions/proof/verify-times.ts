/**
 * Checks the time that each entry says against the times at which witnesses saw the log: it must not
 * be after the first tree that has the entry, nor long before one that has it not. One that is, is *late* if
 * its agency's own signature covers that time and it was sealed within hours; else nothing explains it. What the
 * gateway enters by itself is late by its own word: that shows no time, and is no fault.
 */

import { type Calls, keyCovering } from './verify-calls.ts'
import { seenAt } from './verify-checkpoints.ts'
import { sealWithinMs } from './verify-findings.ts'
import type { Rebuilt } from './verify-sealing.ts'
import type { TrustFile, UsedKey } from './verify-trust.ts'

/** How far the clock of an entry may be ahead of that of a witness, ms. */
const clocksMs = 5000
/** Longest that an entry may have waited and be merely late, ms. */
export const lateMaxMs = 6 * 3_600_000

/** What people hold of the calls, and whose keys count. */
export type Called = {
  /** Undefined where no calls were given: then nothing is said of why an entry is late. */
  readonly calls: Calls | undefined
  readonly trust: Pick<TrustFile, 'agencies' | 'sources'>
}

/**
 * Names entries that are post-dated, late or unexplained; gives the keys of agencies by which it was found
 * out that they are late.
 */
export async function checkTimes(
  { log, entries, checkpoints, now, report }: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
  { calls, trust }: Called,
): Promise<readonly UsedKey[]> {
  const spans = spansOf(checkpoints.map((each) => ({ size: each.size, ms: seenAt(each) })))
  const keys: UsedKey[] = []
  for (const [entry, { ms, line, own, req = '' }] of entries) {
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
    if (span === undefined || ms >= span.from - sealWithinMs) continue
    const waited = `it says a time ${delayOf(span.until - ms)} before the tree that has it, when the log had long been seen without it`
    const jws = calls?.get(entry)
    const key = jws && (await keyCovering(jws, { eid: entry, req, ms }, trust))
    if (span.until - ms > lateMaxMs) report('unexplained', where, `${waited}: hours too long`)
    else if (own)
      report('late', where, `${waited}; the gateway made it by itself, and says so alone`)
    else if (calls === undefined)
      report(
        'late',
        where,
        `${waited}; its agency’s signed call would show whether it was made then`,
      )
    else if (!key)
      report('unexplained', where, `${waited}, and no signed call of its agency shows it`)
    else {
      keys.push(key)
      report('late', where, `${waited}; its agency’s signed call is of that time`)
    }
  }
  return keys
}

/** `95 s`, `16 min`, `3 h`. */
function delayOf(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
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

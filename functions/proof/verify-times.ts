/**
 * Checks each entry's stated time against the times at which witnesses saw the log. It must not be after the
 * first tree that includes the entry, nor long before a tree that does not. An entry stated long before is
 * *late* if its agency's own signature covers the time and it was sealed within hours; otherwise it is
 * unexplained. The gateway's own entries, and looks on pages, are late by its word alone: that proves no time,
 * and is no fault.
 */

import * as z from 'zod'
import { type EnteredCall, readCall, wrongCall } from '../ledger/agency-call.ts'
import { hash, readExactly } from '../ledger/verify-files.ts'
import { seenAt } from './verify-checkpoints.ts'
import { clocksMs, type findingList, sealWithinMs } from './verify-findings.ts'
import type { HeldFile } from './verify-memory.ts'
import type { Rebuilt } from './verify-sealing.ts'
import { type TrustFile, type UsedKey, wordOf } from './verify-trust.ts'

/** Longest time that an entry may have waited and count as merely late, ms. */
const lateMaxMs = 6 * 3_600_000

/** The calls that people hold, and the keys that count. */
type Called = {
  /** Undefined if no calls were given; then nothing is said on why an entry is late. */
  readonly calls: Calls | undefined
  readonly trust: Pick<TrustFile, 'agencies' | 'sources'>
}

/**
 * Reports entries that are post-dated, late or unexplained. Returns the agencies' keys that showed entries to
 * be merely late.
 */
export async function checkTimes(
  { log, entries, checkpoints, now, report }: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
  { calls, trust }: Called,
): Promise<readonly UsedKey[]> {
  const spans = spansOf(checkpoints.map((each) => ({ size: each.size, ms: seenAt(each) })))
  const keys: UsedKey[] = []
  for (const [entry, { ms, line, own, called }] of entries) {
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
    const key = jws && called && (await keyCovering(jws, { ...called, eid: entry, ms }, trust))
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

/**
 * The entries below `size` and above the size of the span before, and the times between which they must have
 * been made.
 */
type Span = { readonly size: number; readonly from: number; readonly until: number }

/**
 * Makes the spans. A checkpoint seen only shortly before does not count against an entry: after an outage,
 * many are made at once.
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

// Signed calls that people hold are an agency's own word on when it called. The operator of the gateway has
// every other key, including that of receipts, so nothing else shows that an entry is as old as it says.

/** A line in a file of calls: an entry, and the call that its agency signed (compact JWS). */
const callLine = z.strictObject({
  eid: z.string().refine((text) => hash.safeParse(text).success),
  jws: z.string(),
})

/** Signed calls by entry. */
export type Calls = ReadonlyMap<string, string>

/** Reads files of calls; reports malformed lines. */
export function readCalls(
  files: readonly HeldFile[],
  { reportOf }: ReturnType<typeof findingList>,
): Calls {
  const calls = new Map<string, string>()
  for (const { name, text } of files)
    for (const [i, line] of text.split('\n').entries()) {
      if (line === '') continue
      const call = readExactly(line, callLine)
      if (call !== undefined) calls.set(call.eid, call.jws)
      else reportOf(null)('form', { file: name, line: i + 1 }, 'the line is not a call')
    }
  return calls
}

/**
 * The pinned key of a call that shows its entry to be made at its stated time; undefined if there is none.
 */
async function keyCovering(
  jws: string,
  entered: EnteredCall,
  trust: Pick<TrustFile, 'agencies' | 'sources'>,
): Promise<UsedKey | undefined> {
  const call = readCall(jws)
  if (call === undefined) return undefined
  const agency = trust.agencies?.find(({ id }) => id === call.claims.iss)
  const key = agency?.keys.find(({ kid }) => kid === call.head.kid)
  if ((await wrongCall(call, entered, key)) !== undefined) return undefined
  const name = `${call.claims.iss}/${call.head.kid}`
  return { use: 'agency', key: name, word: wordOf(name, trust) }
}

/**
 * Checks the time stamps of checkpoints. What one proves is that every entry of that tree was there before
 * its time, by the word of an authority that neither the gateway nor its witnesses have anything to do with.
 */

import { dayOf, isBy, readStampFile, type Stamp, stampOf } from '../ledger/time-stamp.ts'
import { type SignedCheckpoint, seenAt } from './verify-checkpoints.ts'
import type { Rebuilt } from './verify-sealing.ts'
import { authorityKey, type TrustFile, type UsedKey, wordOf } from './verify-trust.ts'

/** How far the clock of an entry may be ahead of that of an authority, ms. */
export const stampClocksMs = 5000
/** How long after it was seen a checkpoint may be stamped, ms: one is a day, and one may be missed. */
const stampWithinMs = 48 * 3_600_000

/** A stamp that counts: the first `size` entries were there before `at`. */
export type CountedStamp = {
  readonly size: number
  readonly at: string
  /** The authority as the trust file names it, and its key there with whose word that is. */
  readonly authority: string
  readonly key: UsedKey
}

/** What the stamps of a log came to. */
export type StampsOfLog = {
  /** Those that count, by day. */
  readonly counted: readonly CountedStamp[]
  /** How many are by authorities that the verifier does not name: they count for nothing. */
  readonly unnamed: number
}

/** The authority of a trust file that made a stamp, as what counts by it; undefined if it names none. */
export function countedBy(
  stamp: Stamp,
  size: number,
  { authorities = [], sources }: Pick<TrustFile, 'authorities' | 'sources'>,
): CountedStamp | undefined {
  const by = authorities.find((each) => isBy(each, stamp))
  if (by === undefined) return undefined
  const key = authorityKey(by)
  return {
    size,
    at: new Date(stamp.ms).toISOString(),
    authority: by.name,
    key: { use: 'authority', key, word: wordOf(key, { sources }) },
  }
}

/** Names stamps that are none, that came late, or that came before entries of their tree. */
export async function checkStamps(
  rebuilt: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
  trust: Pick<TrustFile, 'authorities' | 'sources'>,
): Promise<StampsOfLog> {
  const { files, log, checkpoints, report } = rebuilt
  const counted: CountedStamp[] = []
  const stamped = new Set<number>()
  const first = firstAfter(rebuilt, indexOf)
  let unnamed = 0
  for (const name of (await files.list(`${log}/stamps`)).toSorted()) {
    const file = `${log}/stamps/${name}`
    const kept = readStampFile((await files.get(file)) ?? new Uint8Array())
    if (kept === undefined) {
      report('form', { file }, 'it is not a stamp')
      continue
    }
    const note = await files.get(`${log}/checkpoints/${kept.size}`)
    const read = note
      ? stampOf(kept.token, note)
      : { wrong: `there is no checkpoint of ${kept.size} entries` }
    const wrong = 'wrong' in read ? read.wrong : otherDay(read.stamp, name)
    if ('wrong' in read || wrong !== undefined) {
      report('stamp-invalid', { file }, wrong ?? '')
      continue
    }
    const checkpoint = checkpoints.find((each) => each.file.endsWith(`/checkpoints/${kept.size}`))
    // What is wrong with a checkpoint that does not count was said.
    if (checkpoint === undefined) continue
    const counts = countedBy(read.stamp, kept.size, trust)
    if (counts === undefined) unnamed += 1
    else {
      counted.push(counts)
      if (!stamped.has(kept.size)) checkLate(read.stamp, checkpoint)
      stamped.add(kept.size)
      const entry = first(kept.size, read.stamp.ms + stampClocksMs)
      if (entry !== undefined)
        report('stamp-early', { file, ...entry }, 'an entry that it covers says a later time')
    }

    function checkLate({ ms }: Stamp, of: SignedCheckpoint): void {
      const seen = seenAt(of)
      if (seen !== undefined && ms - seen > stampWithinMs)
        report('stamp-late', { file }, `its checkpoint was seen ${daysOf(ms - seen)} before`)
    }
  }
  return { counted, unnamed }
}

const otherDay = ({ ms }: Stamp, name: string): string | undefined =>
  dayOf(ms) === name ? undefined : `its authority made it on ${dayOf(ms)}`

/** `49 h`, `9 days`. */
const daysOf = (ms: number): string => {
  const hours = Math.floor(ms / 3_600_000)
  return hours < 96 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

/** Finds the first entry of a tree of some size that says a time after one, ms. */
function firstAfter({ entries }: Rebuilt, indexOf: ReadonlyMap<string, number>) {
  const timed = [...entries]
    .flatMap(([entry, { ms }]) => {
      const index = indexOf.get(entry)
      return ms === undefined || index === undefined ? [] : [{ entry, index, ms }]
    })
    .sort((a, b) => a.index - b.index)
  return (size: number, ms: number): { entry: string; index: number } | undefined => {
    const found = timed.find((each) => each.index >= size || each.ms > ms)
    return found === undefined || found.index >= size
      ? undefined
      : { entry: found.entry, index: found.index }
  }
}

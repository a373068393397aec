/**
 * Checks the time stamps of checkpoints. Each proves that every entry of that tree existed before its time,
 * by the word of an authority independent of the gateway and its witnesses.
 */

import { dayOf, isBy, readStampFile, type Stamp, stampOf } from '../ledger/time-stamp.ts'
import { type SignedCheckpoint, seenAt } from './verify-checkpoints.ts'
import type { Rebuilt } from './verify-sealing.ts'
import { authorityKey, type TrustFile, type UsedKey, wordOf } from './verify-trust.ts'

/** How far an entry's clock may be ahead of an authority's, ms. */
export const stampClocksMs = 5000
/** How long after it was seen a checkpoint may be stamped, ms: stamps are daily, and one may be missed. */
const stampWithinMs = 48 * 3_600_000

/** A stamp that counts: the first `size` entries existed before `at`. */
export type CountedStamp = {
  readonly size: number
  readonly at: string
  /** The authority's name in the trust file; and its key there, with who vouches for it. */
  readonly authority: string
  readonly key: UsedKey
}

/** The result for the stamps of a log. */
export type StampsOfLog = {
  /** The stamps that count, by day. */
  readonly counted: readonly CountedStamp[]
  /** How many are by authorities that the verifier does not name, and so do not count. */
  readonly unnamed: number
}

/** The counted stamp, if an authority in the trust file made it; otherwise undefined. */
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

/** Reports stamps that are invalid, late, or earlier than entries of their tree. */
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
    // A checkpoint that does not count was reported already.
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

/** Finds the first entry, in a tree of some size, that states a later time than `ms`. */
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

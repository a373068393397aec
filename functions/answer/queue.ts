/** In which order denials come before an office: each requester gets its turn, whatever another files. */

import type { InboxRow } from '../ports.ts'

/** A denial in the queue. */
export type Queued = Pick<InboxRow, 'holder' | 'eid' | 'requester' | 'ts'> & {
  /** Its rows that have not ended, one for each kind of office; without any it only keeps its turn. */
  readonly waiting: readonly InboxRow[]
  readonly place: Place
}

/** A place in a queue, which nobody has twice: the turn, 0 for a threat to life and else 1, whose turn it is. */
export type Place = readonly [turn: number, ordinary: number, requester: string]

/** So many threats to life of each requester come before all else; its further ones take turns with the rest. */
const threatsFirst = 5

/**
 * The queue as it was at a moment: requesters take turns, the newest denial of each first. What is filed later
 * stands in none of its turns, and what has ended since keeps its own, so that nothing moves before the place
 * that a page ended at. `urgent` is the requester's own word, so it puts few denials first, and no more.
 */
export function queueAt(at: string, rows: readonly InboxRow[]): readonly Queued[] {
  const there = rows.filter(({ ts, ended }) => ts <= at && (ended === undefined || ended >= at))
  const denials = [...Map.groupBy(there, ({ holder, eid }) => `${holder} ${eid}`).values()]
    .map((ofOne) => ofOne.sort(newestFirst))
    .sort(([a], [b]) => (a === undefined || b === undefined ? 0 : newestFirst(a, b)))
  const turns = new Map<string, number>()
  return denials
    .flatMap(([newest, ...others]): readonly Queued[] => {
      if (newest === undefined) return []
      const all = [newest, ...others]
      const { holder, eid, requester, ts } = newest
      const isUrgent = all.some(({ urgent }) => urgent)
      const whose = `${requester} ${isUrgent}`
      const turn = turns.get(whose) ?? 0
      turns.set(whose, turn + 1)
      const place = [isUrgent ? turn - threatsFirst : turn, isUrgent ? 0 : 1, requester] as const
      const waiting = all.filter(({ ended }) => ended === undefined)
      return [{ holder, eid, requester, ts, waiting, place }]
    })
    .sort((a, b) => compare(a.place, b.place))
}

const newestFirst = (a: InboxRow, b: InboxRow): number =>
  `${a.ts} ${a.eid}` < `${b.ts} ${b.eid}` ? 1 : -1

/** Below 0 if `a` comes first. */
export function compare(a: Place, b: Place): number {
  const byTurn = a[0] - b[0] || a[1] - b[1]
  return byTurn !== 0 ? byTurn : a[2] < b[2] ? -1 : Number(a[2] > b[2])
}

/** The place before all others. */
export const beginning: Place = [Number.NEGATIVE_INFINITY, 0, '']

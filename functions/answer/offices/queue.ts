/** The order in which an office sees denials: each requester gets its turn, however many another files. */

import type { InboxRow } from '../../inbox-ports.ts'

/** A denial in the queue. */
export type Queued = Pick<InboxRow, 'holder' | 'eid' | 'requester' | 'ts'> & {
  /** Its rows that have not ended, one for each kind of office. Without any, it only keeps its turn. */
  readonly waiting: readonly InboxRow[]
  readonly place: Turn
}

/** A unique place in a queue: the turn; 0 for a threat to life, else 1; and whose turn it is. */
export type Turn = readonly [turn: number, ordinary: number, requester: string]

/**
 * Each requester's first threats to life, this many, come before all else; further ones take turns with the
 * rest.
 */
const threatsFirst = 5

/**
 * The queue as it was at the moment `at`: requesters take turns, the newest denial of each first. A denial
 * filed later has no turn, and one that has ended since keeps its own, so that nothing moves ahead of where a
 * page ended. The requester itself states `urgent`, so it only moves a few of its denials ahead.
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

/** Negative if `a` comes first. */
export function compare(a: Turn, b: Turn): number {
  const byTurn = a[0] - b[0] || a[1] - b[1]
  return byTurn !== 0 ? byTurn : a[2] < b[2] ? -1 : Number(a[2] > b[2])
}

/** The place before every other. */
export const beginning: Turn = [Number.NEGATIVE_INFINITY, 0, '']

/** At most so many denials of one requester that are due soon are moved to the front of a page. */
const soonFirst = 5

/**
 * The denials of a page, each requester's first threats to life before what is due by `soon`, and that before the
 * rest; otherwise as they were. Only the order changes, so that a cursor after the page stays what it is.
 */
export function pressingFirst<
  T extends {
    readonly requester: string
    readonly answerBy?: string | undefined
    readonly place: Turn
  },
>(page: readonly T[], soon: string): readonly T[] {
  const counts = new Map<string, number>()
  const rankOf = ({ requester, answerBy, place: [turn] }: T): number => {
    if (turn < 0) return 0
    if (answerBy === undefined || answerBy > soon) return 2
    const count = (counts.get(requester) ?? 0) + 1
    counts.set(requester, count)
    return count <= soonFirst ? 1 : 2
  }
  return page
    .map((each) => ({ each, rank: rankOf(each) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ each }) => each)
}

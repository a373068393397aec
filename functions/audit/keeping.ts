/** Why what the log keeps of a person may not be erased yet: nobody erases the proof of his own act alone. */

import { endOf, matterIn } from '../answer/matter.ts'
import { decisionIn } from '../answer/opened.ts'
import { keptUntil, type Period } from '../policy/retention.ts'
import type { World } from '../ports.ts'
import type { OpenEntry } from './entries-about.ts'

/** What an erasure would take too early, unless a court or the supervisory authority orders it. */
export type Keeping = {
  /** Entries by which something left, which the law of the holder keeps for some years. */
  readonly disclosures: number
  /** Denials that may still be asked again. */
  readonly open: number
  /** The last day on which any of them is kept; absent where no list says how long. */
  readonly until?: string
  /** The article that keeps disclosures, where the list names one. */
  readonly cites?: string
}

/**
 * What of these entries is kept on a day, undefined if nothing: disclosures younger than the period
 * (without one, all of them), and matters that are not over (LED art. 25).
 */
export function keepingOf(
  entries: readonly OpenEntry[],
  period: Period | undefined,
  world: Pick<World, 'now' | 'matterDays'>,
): Keeping | undefined {
  const now = world.now()
  const today = now.toISOString().slice(0, 10)
  const endsOf = ({ stored }: OpenEntry) =>
    period === undefined ? undefined : keptUntil(period.yearsMin, stored.leaf.ts)
  const disclosures = entries
    .filter(isDisclosure)
    .map(endsOf)
    .filter((end) => !(end && end < today))
  const open = openMatters(entries)
    .map((matter) => endOf(matter, world))
    .filter((end) => end >= now.getTime())
    .map((end) => new Date(end).toISOString().slice(0, 10))
  if (disclosures.length + open.length === 0) return undefined
  const ends = [...disclosures, ...open]
  const until = ends.includes(undefined) ? undefined : ends.toSorted().at(-1)
  return {
    disclosures: disclosures.length,
    open: open.length,
    ...(until === undefined ? {} : { until }),
    ...(period === undefined || disclosures.length === 0 ? {} : { cites: period.cites }),
  }
}

/** What it takes to erase it before, in one sentence for whoever asked. */
export function keepingSays({ disclosures, open, until, cites }: Keeping): string {
  const what = [
    ...(disclosures === 0 ? [] : [`what left by ${many(disclosures, 'entry', 'entries')}`]),
    ...(open === 0 ? [] : [`${many(open, 'matter', 'matters')} that can still be asked again`]),
  ].join(', and ')
  const by = cites === undefined ? '' : ` (${cites})`
  const long = until === undefined ? 'for a time that no list of the law says' : `until ${until}`
  return `the log keeps ${what}, ${long}${by}; before that an order of the supervisory authority or of a court is needed, named in \`order\` by its reference and the digest of its document`
}

/**
 * Denials that were put before a person who has not answered, by their ids. A review is answered by an
 * agency of the holder; the entry of the one who asked names the same denial.
 */
export function unanswered(entries: readonly OpenEntry[]): readonly string[] {
  const callers = new Map(entries.map(({ stored, opened }) => [stored.leaf.eid, callerIn(opened)]))
  const reviews = entries.filter(({ stored }) => stored.leaf.t === 'review')
  const byDenial = Map.groupBy(reviews, ({ stored }) => stored.leaf.previous ?? '')
  return [...byDenial]
    .filter(([denial, all]) => all.every(({ opened }) => callerIn(opened) === callers.get(denial)))
    .map(([denial]) => denial)
}

const callerIn = ({ values }: OpenEntry['opened']): string | undefined =>
  'call' in values ? values.call.agency : undefined

/** Whether anything left by an entry, as its leaf says. */
export const isDisclosure = ({ stored: { leaf } }: OpenEntry): boolean =>
  leaf.t === 'decision' && leaf.out !== 'deny' && !leaf.dryRun

/** The matters of which an answer that was not asked again is a denial that somebody could still change. */
function openMatters(entries: readonly OpenEntry[]) {
  const decisions = entries.filter(({ stored: { leaf } }) => leaf.t === 'decision' && !leaf.dryRun)
  // By what they name and not by their times, which clocks gave that may differ.
  const askedAgain = new Set(decisions.map(({ stored }) => stored.leaf.previous))
  const open = decisions.filter(
    ({ stored: { leaf } }) => leaf.standing === 'open' && !askedAgain.has(leaf.eid),
  )
  const matters = open.flatMap(({ stored, opened }) => {
    const decided = decisionIn(opened)
    return decided === undefined ? [] : [matterIn(stored, decided)]
  })
  return [...new Map(matters.map((each) => [each.id, each])).values()]
}

const many = (n: number, one: string, more: string): string => `${n} ${n === 1 ? one : more}`

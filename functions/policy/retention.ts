/** How long a holder's law requires and allows its log to keep what it says of a disclosure. */

import type { Book } from './book.ts'
import { entriesOn, inForce } from './history.ts'
import type { RetentionYears } from './policy.ts'

/** The list of these periods, below `lists/`. */
export const retentionList = 'log-retention'

/** The period of a holder’s jurisdiction on a day, with its source. */
export type Period = RetentionYears & { readonly cites: string }

/**
 * The period of a jurisdiction at a moment, from the sealed list. Undefined if the list has none, or the law is not
 * held: then nothing expires, and nothing is old enough to be erased without an order. What the law of now would keep
 * and that of before would not is gone for ever; what it would not keep goes once the law is held again.
 */
export function periodOf(book: Book, jurisdiction: string, at: string): Period | undefined {
  if (book.unheld) return undefined
  const list = inForce(book, at, at).listVersions.find(({ id }) => id === retentionList)
  const periods = (list === undefined ? [] : entriesOn(list, at)).flatMap((member) =>
    'value' in member && member.value === jurisdiction && member.kept !== undefined
      ? [{ ...member.kept, cites: member.cites, from: member.from }]
      : [],
  )
  return periods.sort((a, b) => (a.from < b.from ? 1 : -1))[0]
}

/**
 * The first quarter still kept at a moment (`2027-Q1`) if `years` whole years are kept; earlier ones are not.
 */
export const keptFrom = (years: number, at: string): string =>
  `${String(Number(at.slice(0, 4)) - years).padStart(4, '0')}-Q1`

/** The last day on which something from `ts` is kept: the end of the year `years` years later. */
export const keptUntil = (years: number, ts: string): string =>
  `${Number(ts.slice(0, 4)) + years}-12-31`

/**
 * Items that are judged alike, and those that are judged beside what is held, so that how much is judged
 * shows nothing of the record.
 */

import type { Item } from './facts.ts'

/**
 * How many kinds of items are judged at least, whatever is held. A record of no more kinds costs what
 * none costs; each kind beyond costs its own.
 */
export const kindsJudged = 8

/** All that a judgement of an item rests on: two that have it in common are judged alike. */
export const kindOf = ({ id: _, ...rest }: Item): string => JSON.stringify(rest)

/**
 * Items that nobody holds, each of a kind of its own, of the classes that are looked for. As with most
 * that are held, all is known of them; and they stay, each for a reason that is not told.
 */
export const standIns = (classes: readonly string[], count: number): readonly Item[] =>
  Array.from({ length: classes.length === 0 ? 0 : count }, (_, i) => ({
    id: String(i),
    facts: { ...kept, 'item.class': classes[i % classes.length], 'item.yearsSinceEvent': i },
  }))

const kept = {
  'item.role': 'suspect',
  'item.minor': false,
  'item.ageAtEvent': 35,
  'item.origin': 'holder',
  'item.originConsent': 'own-data',
  'item.system': 'national',
  'item.obtainedUnder': 'none',
  'item.indicatesOffence': 'not-asked',
  'item.quality': 'verified',
  'item.status': 'review-overdue',
  'item.youthRecord': 'none',
  'item.redescribed': false,
  'item.foundAgainst': false,
} as const

/**
 * Items that are judged alike, and what is judged beside them, so that how much is judged shows nothing
 * of the record.
 */

import type { Item } from './facts.ts'

/**
 * How many kinds of items a fetched record is judged as having, at least. Up to so many, a record costs
 * what none costs; beyond, each costs its own.
 */
export const shapesJudged = 8

/** What a judgement rests on: equal for two items, they are judged alike. The id is not part of it. */
export const shapeOf = ({ id: _, ...rest }: Item): string => JSON.stringify(rest)

/**
 * Items that nobody holds, each of a shape of its own: of the classes that are looked for, in turn. All
 * of such an item is known, as most is of one that is held, so that it costs as much.
 */
export const standIns = (classes: readonly string[], count: number): readonly Item[] =>
  classes.length === 0
    ? []
    : Array.from({ length: Math.max(0, count) }, (_, i) => ({
        id: `beside:${i}`,
        facts: {
          ...ordinary,
          'item.class': classes[i % classes.length],
          'item.yearsSinceEvent': i,
        },
      }))

const ordinary = {
  'item.role': 'suspect',
  'item.minor': false,
  'item.ageAtEvent': 35,
  'item.origin': 'holder',
  'item.originConsent': 'own-data',
  'item.system': 'national',
  'item.quality': 'verified',
  'item.status': 'active',
  'item.youthRecord': 'none',
  'item.redescribed': false,
} as const

/** How long the law of a holder lets the log keep what it says of people: `policies/retention.json`. */

import * as z from 'zod'
import { confidences } from './policy.ts'

/** The file. There is no period but those in it. */
export const retentionSchema = z.strictObject({
  notice: z.string(),
  periods: z.array(
    z.strictObject({
      jurisdiction: z.string().regex(/^([A-Z]{2}|INTERPOL|EUROPOL)$/),
      /** The first day on which this holds; a later period of the same jurisdiction takes over. */
      from: z.iso.date(),
      says: z.string().min(8),
      /** Kept until the end of the year that is so many after the one of the entry. */
      yearsAfter: z.int().min(0).max(100),
      cites: z.string().min(2),
      confidence: z.enum(Object.keys(confidences) as [keyof typeof confidences]),
    }),
  ),
})
/** The period of a jurisdiction from a day on. */
export type Period = z.infer<typeof retentionSchema>['periods'][number]

/** The period of a jurisdiction on a day; undefined where there is none, and nothing expires. */
export const periodOf = (
  periods: readonly Period[],
  jurisdiction: string,
  day: string,
): Period | undefined =>
  periods
    .filter((each) => each.jurisdiction === jurisdiction && each.from <= day)
    .sort((a, b) => (a.from < b.from ? 1 : -1))[0]

/** The first quarter that has not expired on a day (`2027-Q1`): everything before it has. */
export const keptFrom = ({ yearsAfter }: Period, day: string): string =>
  `${String(Number(day.slice(0, 4)) - yearsAfter).padStart(4, '0')}-Q1`

/** What evidence can be asked for, and as of which checkpoints it is answered. */

import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'
import { logOf } from '../ledger/entry.ts'
import { isLogName } from '../ledger/verify-files.ts'
import type { AuditWorld } from '../log-ports.ts'
import { purposeSchema, type Refused } from './look.ts'
import { type PublishedHead, publishedHead } from './sealed-entries.ts'

/** Most entries of one bundle. */
export const entriesMax = 100
/** The year of the first log. */
const firstYear = 2026

const pseudonym = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym of POST /v1/pseudonyms')

/** The body of `POST /v1/evidence`. */
export const evidenceSchema = z
  .strictObject({
    purpose: purposeSchema,
    case: pseudonym.optional(),
    subject: pseudonym.optional(),
    entries: z.array(entryIdSchema).min(1).max(entriesMax).optional(),
    at: z
      .record(
        z.string().refine(isLogName, 'the name of a log, such as comity.example/de/2026'),
        z.int().nonnegative(),
      )
      .refine((at) => Object.keys(at).length <= 20, 'at most 20 logs')
      .optional()
      .describe('Sizes of checkpoints by log, and then of these logs alone; else the newest.'),
  })
  .refine(
    ({ case: ofCase, subject, entries }) =>
      [ofCase, subject, entries].filter((each) => each !== undefined).length === 1,
    { message: 'ask for one of `case`, `subject` and `entries`', path: ['entries'] },
  )
export type EvidenceQuestion = z.infer<typeof evidenceSchema>

/** Checkpoints by log. */
export type Heads = Map<string, PublishedHead>

/**
 * The checkpoints as of which a question is answered: those asked for, or else the newest of the
 * asker's own logs; those of others join as entries are found there.
 */
export async function headsFor(
  { at, entries }: EvidenceQuestion,
  jurisdiction: string,
  world: AuditWorld,
): Promise<Heads | Refused> {
  const heads: Heads = new Map()
  for (const [log, size] of Object.entries(at ?? {})) {
    const head = await publishedHead(log, world, size)
    if (head === undefined)
      return { kind: 'invalid', pointer: '/at', detail: 'a log has no checkpoint of this size' }
    heads.set(log, head)
  }
  if (at !== undefined || entries !== undefined) return heads
  for (let year = firstYear; year <= world.now().getUTCFullYear(); year++) {
    const head = await publishedHead(logOf(world.gateway, jurisdiction, String(year)), world)
    if (head !== undefined) heads.set(head.log, head)
  }
  return heads
}

/** Small bodies and queries that only a route reads. */

import * as z from 'zod'
import { scopeSchema } from '../decision/attestation.ts'
import { freeText } from '../decision/free-text.ts'
import { entryIdSchema } from '../decision/request.ts'

/** The body of an objection. Without a `scope` it reaches as far as the attestation. */
export const objectionSchema = z.strictObject({
  scope: scopeSchema.optional(),
  ground: freeText(600).min(8).describe('Why. Shown to the holder’s side alone.'),
})
/** The body that adds a person: a request of the case in which they were asked for. */
export const personSchema = z.strictObject({ request: entryIdSchema })
/** The body that asks a person to review a denial, or answers that. */
export const reviewSchema = z.strictObject({
  ground: freeText(2000).min(8).describe('Why. Shown to the holder’s side alone.'),
})
/** Where a page of an inbox begins. */
export const afterSchema = z.strictObject({
  after: z.string().max(300).optional().describe('`next` of the page before.'),
})

/** How long to wait for a question, s: less than a call may take. */
export const waitSchema = z.strictObject({
  wait: z.coerce.number().int().min(0).max(8).default(0).describe('Seconds to wait for the first.'),
})

/** The answer to an act: its entry. */
export const done = z.strictObject({ id: z.string(), receipt: z.string() })
/** The answer to a recall. */
export const recalled = done.extend({
  says: z.string().optional().describe('That what was wrong counts as before, and what ends it.'),
})
/** The answer to whoever takes back or doubts. */
export const ended = done.extend({
  says: z
    .string()
    .optional()
    .describe(
      'What this does not do, and what does: what rested on an attestation is not recalled.',
    ),
})

/** What the document says no more of than that it is an object. */
export const anything = z.looseObject({})

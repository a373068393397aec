/** What a holder's own system is asked, as the gateway signs it, and what the system answers. */

import * as z from 'zod'
import { onFirstUse } from '../policy/first-use.ts'
import { storedText } from './free-text.ts'
import { isAbout, recordId, recordSchema, type Subject, subjectOf } from './record.ts'

/** How long the gateway waits for a holder's own system, s. Ours: a call may take 15 s in all. */
export const questionSeconds = 4
/** Longest answer, bytes. Ours: a record of 100 items at their longest has less. */
export const answerBytesMax = 256 * 1024

/** A question. It names whom and which classes, and no more of the request than the id of its entry. */
export const questionSchema = onFirstUse(() =>
  z.strictObject({
    v: z.literal(1),
    id: z.string(),
    /** The gateway's origin, and the holder. */
    iss: z.string(),
    aud: z.string(),
    /** The entry that the answer becomes part of. */
    entry: z.string(),
    nonce: z.string(),
    /** Seconds since the epoch; from `exp` on no answer is taken. */
    iat: z.int(),
    exp: z.int(),
    subject: subjectOf(storedText),
    classes: z.array(z.string()),
  }),
)
export type Question = z.infer<ReturnType<typeof questionSchema>>

/** The body of `POST /v1/questions/{id}`. Fewer than all that fit may not be said to be one. */
export const systemAnswerSchema = onFirstUse(() => {
  /** The digest that an answer names. */
  const question = z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, 'base64url of the SHA-256 of the question as it was signed')
    .describe('base64url of the SHA-256 of the question as it was signed (all three parts).')
  return z.discriminatedUnion('found', [
    z.strictObject({ question, found: z.literal('none').describe('No record fits.') }),
    z.strictObject({
      question,
      found: z.literal('one').describe('One record fits.'),
      record: recordSchema().describe('The record, with items of the classes asked for.'),
    }),
    z.strictObject({
      question,
      found: z.literal('several').describe('More than one record fits.'),
      ids: z
        .array(recordId)
        .min(2)
        .max(25)
        .refine((ids) => new Set(ids).size === ids.length, 'each record once')
        .describe('The ids of all that fit.'),
    }),
  ])
})
export type SystemAnswer = z.infer<ReturnType<typeof systemAnswerSchema>>

/** What is wrong with an answer that no schema can see: where, and what to do. */
type AnswerFault = { readonly pointer: string; readonly detail: string }

/** The fault of an answer to a question about `subject` and `classes`, whose digest is `digest`. */
export function faultOfAnswer(
  answer: SystemAnswer,
  { subject, classes }: { readonly subject: Subject; readonly classes: readonly string[] },
  digest: string,
): AnswerFault | undefined {
  if (answer.question !== digest)
    return { pointer: '/question', detail: 'it is the digest of another question' }
  if (answer.found === 'none') return undefined
  if (answer.found === 'several')
    return 'recordId' in subject
      ? { pointer: '/found', detail: 'one record has this id, or none' }
      : undefined
  const { record } = answer
  if (!isAbout(record, subject))
    return { pointer: '/record', detail: 'it has no identifier that was asked for' }
  const other = record.items.findIndex((item) => !classes.includes(item.class))
  return other < 0
    ? undefined
    : {
        pointer: `/record/items/${other}/class`,
        detail: 'it was not asked for: leave the item out',
      }
}

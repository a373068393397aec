/** What a holder may do to what the log keeps of people, as it is sent. */

import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'

const sentence = z
  .string()
  .min(8)
  .max(600)
  .regex(/^\P{Cc}*$/u, 'no control characters')

const why = {
  ground: sentence.describe('Why, without a name.'),
  cites: z.array(z.string().min(2).max(120)).max(10),
  jti: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,64}$/)
    .describe('That of the call which carries the act: an approval serves one call.'),
  approval: z
    .string()
    .max(2048)
    .describe('Compact JWS of an approver over the digest of all other members.'),
}

const subjects = z
  .array(z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym of POST /v1/subject-pseudonyms'))
  .min(1)
  .max(20)

/** Who orders that something goes which the law still keeps. It is kept with the act, and certified. */
export const orderSchema = z
  .strictObject({
    by: z.enum(['supervisory-authority', 'court']),
    reference: z
      .string()
      .min(2)
      .max(120)
      .regex(/^\P{Cc}*$/u, 'no control characters')
      .describe('By what that office finds it, without a name.'),
    documentDigest: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .describe('base64url SHA-256 of the document.'),
  })
  .describe('Who orders it, where the law still keeps what would go.')
export type Order = z.infer<typeof orderSchema>

/** The body of `POST /v1/subject-acts`. */
export const subjectActSchema = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('erase'), subjects, order: orderSchema.optional(), ...why }),
  z.strictObject({ act: z.enum(['restrict', 'hold']), subjects, ...why }),
  z.strictObject({
    act: z.literal('lift'),
    ends: entryIdSchema.describe('The hold or restriction that ends.'),
    ...why,
  }),
  z.strictObject({
    act: z.literal('expire'),
    before: z
      .string()
      .regex(/^\d{4}-Q[1-4]$/, 'a quarter such as 2027-Q1')
      .describe('What is of an earlier quarter expires, as far as the period of the law is over.'),
    ...why,
  }),
])
export type SubjectAct = z.infer<typeof subjectActSchema>

/** What an act is called. */
export type ActName = SubjectAct['act']

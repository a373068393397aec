/** The shape of what an agency is told, for whoever reads or describes it. Whoever answers does not read this file. */

import * as z from 'zod'
import { keptFileSchema } from '../../decision/record.ts'
import { agencyId, classSchema, entryIdSchema } from '../../decision/request.ts'
import { languageTags } from '../../policy/language.ts'
import { confidence } from '../../policy/sentence.ts'

const language = z.enum(languageTags).describe('The language, as a BCP 47 tag (RFC 5646).')

const translation = z
  .union([
    z.strictObject({ language, says: z.string(), confidence: confidence.optional() }),
    z.strictObject({ language, none: z.string() }),
  ])
  .optional()
  .describe(
    'Where `Accept-Language` asks for it: the sentence in that language, as the sealed policy has it or the gateway of its own, and how well that was checked; or that it has none. The entry keeps the English.',
  )

const reason = z.strictObject({
  code: z.string().describe('Stable and kebab-case.'),
  rule: z.string().describe('The rule, by policy and id; `comity/…` for the gateway itself.'),
  says: z.string(),
  cites: z.array(z.string()),
  confidence: confidence.describe(
    'How well the citation was checked: V read, V~ second-hand, M and M? by counsel.',
  ),
  translation,
})

const todo = z.strictObject({
  alternative: z.int().describe('Steps with one number are needed together.'),
  fact: z.string(),
  to: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  by: z.enum(['holder-officer', 'holder-ministry', 'originator']),
  due: z.string().optional(),
  ask: z
    .array(agencyId)
    .optional()
    .describe('Whom to phone, by ids of `offices`, in the order in which they are asked.'),
  classes: z
    .array(z.string())
    .optional()
    .describe('What the step frees, where several classes were asked for.'),
})

const office = z.strictObject({
  id: agencyId,
  name: z.string(),
  telephone: z.string().optional().describe('Of its duty desk, where it has one.'),
  languages: z.array(z.string()).optional().describe('ISO 639-1, the best first.'),
  onDuty: z.boolean().optional().describe('Whether somebody is there at the time of the answer.'),
})

const obligation = z.strictObject({
  code: z.string(),
  text: z.string(),
  translation,
  onWhom: z.enum(['requester', 'holder']),
  cites: z.array(z.string()),
  value: z.string().optional(),
  due: z.string().optional(),
})

/** A decision as told, which the receipt confirms. */
export const replySchema = z.strictObject({
  id: entryIdSchema,
  outcome: z.enum(['release', 'redact', 'deny']),
  standing: z
    .enum(['open', 'final'])
    .optional()
    .describe(
      '`open`: not decided yet, somebody can still supply what is missing. Of a `redact` it is said of what did not leave.',
    ),
  dryRun: z.literal(true).optional(),
  decidedAt: z.iso.datetime(),
  /** Absent in answers from before grounds reserved decisions to a person. */
  decidedBy: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('rule') }),
      z.strictObject({ kind: z.literal('officer'), office: agencyId, attestation: entryIdSchema }),
    ])
    .optional()
    .describe('Whether a rule decided alone, or a named officer of the holder.'),
  matter: entryIdSchema
    .optional()
    .describe(
      'The first request of the matter; ask again with the id of this answer as `previous`.',
    ),
  holder: agencyId,
  receivedBy: z
    .strictObject({
      way: z.string(),
      number: z.string(),
      from: z.strictObject({ id: agencyId, name: z.string(), jurisdiction: z.string() }),
    })
    .optional()
    .describe('It came by another way. Who asks is the word of the officer who entered it.'),
  deliverBy: z
    .string()
    .optional()
    .describe('The data leaves by this way: an officer of the holder sends it.'),
  provided: z
    .strictObject({ to: agencyId })
    .optional()
    .describe('Nobody asked: the holder provides it, and this agency may collect it.'),
  reasons: z.array(reason),
  missing: z.array(z.string()),
  todo: z.array(todo),
  todoComplete: z
    .literal(false)
    .optional()
    .describe(
      'There are more remedies, or may be: six are listed at most, and the search has a bound.',
    ),
  policies: z.array(z.strictObject({ id: z.string(), version: z.string(), digest: z.string() })),
  obligations: z.array(obligation),
  handling: z.array(z.string()),
  classes: z
    .partialRecord(classSchema, z.enum(['released', 'not released']))
    .describe(
      'Of each class asked for, whether something of it left; of a dry run, whether it would.',
    ),
  answerBy: z.string().optional().describe('When what is open is due.'),
  dueBy: z
    .enum(['law', 'holder'])
    .optional()
    .describe('Whose time `answerBy` is: the law’s, or the holder’s own where no law names one.'),
  dueUnder: z.array(z.string()).optional().describe('The articles, where it is the law’s time.'),
  offices: z
    .array(office)
    .optional()
    .describe('Whom to phone about what is open; `ask` of each step says who for which.'),
})
export type Reply = z.infer<typeof replySchema>

/** An item as it leaves. */
export const disclosedItemSchema = z.strictObject({
  id: z.string(),
  element: z.string(),
  class: classSchema,
  treatment: z.enum(['release', 'generalise', 'mask', 'pseudonymise', 'withhold']),
  value: z.union([z.string(), z.number(), z.record(z.string(), z.string()), keptFileSchema]),
})

/** The whole answer. */
export const answerSchema = replySchema.extend({
  records: z.array(z.strictObject({ items: z.array(disclosedItemSchema) })),
  receipt: z.string().describe('Compact JWS; its key is in /.well-known/jwks.json.'),
})
export type AnswerBody = z.infer<typeof answerSchema>

/** Who reads what an office answers otherwise than by a statement. */
export const whoReads =
  'Whoever asked here reads it beside the answer. Whoever asked by a letter or another way does not: send it to them by that way.'

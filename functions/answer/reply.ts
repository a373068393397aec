/** What an agency is told: the answer to an access request, without the data that leaves. */

import * as z from 'zod'
import type { Decision } from '../decision/decide.ts'
import type { Disclosure } from '../decision/disclose.ts'
import { agencyId, classSchema, entryIdSchema } from '../decision/request.ts'
import { confidences } from '../policy/policy.ts'

/** The result of a request. All but `answered` leave the gateway without data. */
export type Answered =
  | { readonly kind: 'answered'; readonly first: boolean; readonly body: AnswerBody }
  /** The record has changed since: the decision stands, but nothing leaves. */
  | { readonly kind: 'record-changed'; readonly reply: Reply; readonly receipt: string }
  /** The entry about the person is kept as evidence only: nothing of it is given again. */
  | {
      readonly kind: 'restricted'
      readonly decision: Partial<Pick<Reply, 'id' | 'decidedAt' | 'outcome' | 'standing'>>
      readonly receipt: string
    }
  | { readonly kind: 'jti-reused' }
  | { readonly kind: 'erased' }
  /** The caller is an auditor, an approver or a legal editor. */
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'no-such-holder' }
  /** Another gateway serves the holder’s records; `gateway` is its origin, if the register has it. */
  | { readonly kind: 'served-elsewhere'; readonly gateway: string | undefined }
  /** `previous` is not a request that this one may ask again. */
  | { readonly kind: 'another-matter' }
  /** The signing key belongs to another channel than the request names. */
  | { readonly kind: 'another-channel'; readonly channel: string }
  | { readonly kind: 'unavailable'; readonly why: string }

const reason = z.strictObject({
  code: z.string().describe('Stable and kebab-case.'),
  rule: z.string().describe('The rule, by policy and id; `comity/…` for the gateway itself.'),
  says: z.string(),
  cites: z.array(z.string()),
  confidence: z
    .enum(Object.keys(confidences) as [keyof typeof confidences, ...(keyof typeof confidences)[]])
    .describe('How well the citation was checked: V read, V~ second-hand, M and M? by counsel.'),
})

const todo = z.strictObject({
  alternative: z.int().describe('Steps with one number are needed together.'),
  fact: z.string(),
  to: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  by: z.enum(['holder-officer', 'holder-ministry', 'originator']),
  due: z.string().optional(),
})

const obligation = z.strictObject({
  code: z.string(),
  text: z.string(),
  onWhom: z.enum(['requester', 'holder']),
  cites: z.array(z.string()),
  value: z.string().optional(),
  due: z.string().optional(),
})

/** A decision as told, which the receipt confirms. */
export const replySchema = z.strictObject({
  id: entryIdSchema,
  outcome: z.enum(['release', 'redact', 'deny']),
  standing: z.enum(['open', 'final']).optional(),
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
  reasons: z.array(reason),
  missing: z.array(z.string()),
  todo: z.array(todo),
  todoComplete: z
    .literal(false)
    .optional()
    .describe('There may be other remedies: the search for them has a bound, and met it.'),
  policies: z.array(z.strictObject({ id: z.string(), version: z.string(), digest: z.string() })),
  obligations: z.array(obligation),
  handling: z.array(z.string()),
  classes: z.partialRecord(classSchema, z.enum(['released', 'not released'])),
  answerBy: z.string().optional(),
})
export type Reply = z.infer<typeof replySchema>

/** An item as it leaves. */
export const disclosedItemSchema = z.strictObject({
  id: z.string(),
  element: z.string(),
  class: classSchema,
  treatment: z.enum(['release', 'generalise', 'mask', 'pseudonymise', 'withhold']),
  value: z.union([z.string(), z.number(), z.record(z.string(), z.string())]),
})

/** The whole answer. */
export const answerSchema = replySchema.extend({
  records: z.array(z.strictObject({ items: z.array(disclosedItemSchema) })),
  receipt: z.string().describe('Compact JWS; its key is in /.well-known/jwks.json.'),
})
export type AnswerBody = z.infer<typeof answerSchema>

/** Makes the reply from a told decision and its disclosure. */
export function replyOf(
  about: {
    readonly id: string
    readonly at: string
    readonly holder: string
    readonly classes: readonly string[]
    readonly dryRun: boolean
    readonly matter: string
    /** The officer's decision that released it. */
    readonly released: { readonly id: string; readonly decidedBy: string } | undefined
  },
  told: Decision,
  disclosure: Disclosure,
): Reply {
  const left = new Set(disclosure.items.map((item) => item.class))
  const { outcome, standing, reasons, missing, todo: steps, policies, obligations, answerBy } = told
  return {
    id: about.id,
    outcome,
    ...(standing === undefined ? {} : { standing }),
    ...(about.dryRun ? { dryRun: true as const } : {}),
    decidedAt: about.at,
    decidedBy:
      about.released === undefined
        ? { kind: 'rule' }
        : {
            kind: 'officer',
            office: about.released.decidedBy,
            attestation: about.released.id,
          },
    matter: about.matter,
    holder: about.holder,
    reasons: reasons.map((each) => ({ ...each, cites: [...each.cites] })),
    missing: [...missing],
    todo: steps.map((step) => ({ ...step, to: mutable(step.to) })),
    ...(told.todoComplete === undefined ? {} : { todoComplete: told.todoComplete }),
    policies: [...policies],
    obligations: obligations.map((each) => {
      const due = each.due ?? (each.code === 'O-DEL' ? disclosure.deleteBy : undefined)
      return { ...each, cites: [...each.cites], ...(due === undefined ? {} : { due }) }
    }),
    handling: [...disclosure.handling],
    classes: Object.fromEntries(
      about.classes.map((each) => [each, left.has(each) ? 'released' : 'not released']),
    ),
    ...(answerBy === undefined ? {} : { answerBy }),
  }
}

type Value = string | number | boolean
const mutable = (to: Value | readonly string[]): Value | string[] =>
  typeof to === 'object' ? [...to] : to

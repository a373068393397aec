/** What an agency is told: the answer to an access request, without the data that leaves. */

import * as z from 'zod'
import type { Decision } from '../decision/decide.ts'
import type { Disclosure } from '../decision/disclose.ts'
import { keptFileSchema } from '../decision/record.ts'
import { agencyId, classSchema, entryIdSchema } from '../decision/request.ts'
import { languageTags } from '../policy/language.ts'
import { confidences } from '../policy/sentence.ts'

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
  /** Who is to have what is provided unasked is no agency that could ask. */
  | { readonly kind: 'no-such-recipient' }
  /** Something else would leave than the officer was shown. */
  | { readonly kind: 'not-as-shown' }
  /** Another gateway serves the holder’s records; `gateway` is its origin, if the register has it. */
  | { readonly kind: 'served-elsewhere'; readonly gateway: string | undefined }
  /** `previous` is not a request that this one may ask again. */
  | { readonly kind: 'another-matter' }
  /** The signing key belongs to another channel than the request names. */
  | { readonly kind: 'another-channel'; readonly channel: string }
  | { readonly kind: 'unavailable'; readonly why: string }

const language = z.enum(languageTags).describe('The language, as a BCP 47 tag (RFC 5646).')
const confidence = z.enum(
  Object.keys(confidences) as [keyof typeof confidences, ...(keyof typeof confidences)[]],
)

const reason = z.strictObject({
  code: z.string().describe('Stable and kebab-case.'),
  rule: z.string().describe('The rule, by policy and id; `comity/…` for the gateway itself.'),
  says: z.string(),
  cites: z.array(z.string()),
  confidence: confidence.describe(
    'How well the citation was checked: V read, V~ second-hand, M and M? by counsel.',
  ),
  translation: z
    .union([
      z.strictObject({ language, says: z.string(), confidence: confidence.optional() }),
      z.strictObject({ language, none: z.string() }),
    ])
    .optional()
    .describe(
      'Where `Accept-Language` asks for it: the sentence as the sealed policy has it in that language, and how well that was checked; or that it has none. The entry keeps `says`.',
    ),
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
  classes: z.partialRecord(classSchema, z.enum(['released', 'not released'])),
  answerBy: z.string().optional().describe('When an open denial is due.'),
  dueBy: z
    .enum(['law', 'holder'])
    .optional()
    .describe('Whose time `answerBy` is: the law’s, or the holder’s own where no law names one.'),
  dueUnder: z.array(z.string()).optional().describe('The articles, where it is the law’s time.'),
  offices: z
    .array(office)
    .optional()
    .describe('Whom to phone about an open denial; `ask` of each step says who for which.'),
})
export type Reply = z.infer<typeof replySchema>

/** When an answer is due. `dueUnder` has the articles, where it is the law's time. */
export type Due = Pick<Reply, 'dueUnder'> & {
  readonly answerBy: string
  readonly dueBy: NonNullable<Reply['dueBy']>
}

/** When an open denial was told to be due. Older ones were told of the law's time alone. */
export const dueIn = ({ standing, answerBy, dueBy = 'law', dueUnder }: Reply): Due | undefined =>
  standing !== 'open' || answerBy === undefined
    ? undefined
    : { answerBy, dueBy, ...(dueUnder && { dueUnder }) }

/** What a denial says of whom to phone: for each step the ids of offices, and each office once. */
export type ToPhone = {
  readonly ask: readonly (readonly string[])[]
  readonly offices: NonNullable<Reply['offices']>
}

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

/** Makes the reply from a told decision and its disclosure. */
export function replyOf(
  about: {
    readonly id: string
    readonly at: string
    readonly holder: string
    readonly classes: readonly string[]
    readonly dryRun: boolean
    readonly matter: string
    readonly received: Reply['receivedBy']
    readonly deliverBy: Reply['deliverBy']
    readonly provided: Reply['provided']
    /** The officer's decision that released it. */
    readonly released: { readonly id: string; readonly decidedBy: string } | undefined
    /** Of an open denial. */
    readonly waits: { readonly due: Due; readonly phone: ToPhone } | undefined
    /** When a duty is due, by the calendar of whoever owes it. */
    readonly dutyDue: (of: Decision['obligations'][number]) => string | undefined
  },
  told: Decision,
  disclosure: Disclosure,
): Reply {
  const left = new Set(disclosure.items.map((item) => item.class))
  const { outcome, standing, reasons, missing, todo: steps, policies, obligations } = told
  const { due, phone } = about.waits ?? {}
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
    ...(about.received && { receivedBy: about.received }),
    ...(about.deliverBy && { deliverBy: about.deliverBy }),
    ...(about.provided && { provided: about.provided }),
    // The same objects as decided, so that the entry finds at once what was told of them. Casts: none is changed.
    reasons: reasons as Reply['reasons'],
    missing: [...missing],
    todo: steps.map(({ due: _, ...step }, i) => ({
      ...{ ...step, to: mutable(step.to) },
      ...(due && { due: due.answerBy }),
      ...(phone?.ask[i]?.length ? { ask: [...phone.ask[i]] } : {}),
    })),
    ...(told.todoComplete === undefined ? {} : { todoComplete: told.todoComplete }),
    policies: [...policies],
    obligations: obligations.filter(isOwed).map((each) => {
      const due = about.dutyDue(each) ?? (each.code === 'O-DEL' ? disclosure.deleteBy : undefined)
      const told = due === each.due ? each : { ...each, due }
      return told as Reply['obligations'][number]
    }),
    handling: [...disclosure.handling],
    classes: Object.fromEntries(
      about.classes.map((each) => [each, left.has(each) ? 'released' : 'not released']),
    ),
    ...due,
    ...(phone?.offices.length ? { offices: [...phone.offices] } : {}),
  }
}

/** Duties are of what leaves, and what leaves was answered. */
export const isOwed = ({ code }: Decision['obligations'][number]): boolean => code !== 'O-ANSWER'

type Value = string | number | boolean
const mutable = (to: Value | readonly string[]): Value | string[] =>
  typeof to === 'object' ? [...to] : to

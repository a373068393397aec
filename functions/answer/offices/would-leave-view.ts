/** What an officer is shown: all that would leave, and all that stays, with reasons. */

import * as z from 'zod'
import { releaseSchema } from '../../decision/attestation.ts'
import { subjectSchema } from '../../decision/record.ts'
import {
  type AccessRequest,
  accessRequestSchema,
  agencyId,
  entryIdSchema,
} from '../../decision/request.ts'
import { isOwed } from '../reply/reply.ts'
import { disclosedItemSchema, replySchema } from '../reply/reply-schema.ts'
import { claimsIn, unaskedSchema } from './request-view.ts'
import type { WouldLeave } from './would-leave.ts'

const { purpose, offence, stage, classes, urgency, necessity } = accessRequestSchema.shape
const described = z.strictObject({
  purpose,
  offence,
  stage,
  classes,
  urgency,
  necessity,
  unasked: unaskedSchema.optional(),
})

/** The answer to `POST /v1/access-requests/{id}/proposal`. */
export const wouldLeaveViewSchema = z.strictObject({
  id: entryIdSchema.describe('The entry of this look.'),
  matter: entryIdSchema,
  holder: agencyId,
  requester: agencyId,
  caseReference: z.string(),
  subject: subjectSchema,
  asked: described,
  earlier: z
    .array(
      z.strictObject({
        request: entryIdSchema,
        decidedAt: z.iso.datetime(),
        asked: described.optional().describe('Absent where the log says it no more.'),
      }),
    )
    .describe('Refusals of this person in this case that described the matter otherwise.'),
  against: z
    .array(
      z.strictObject({
        id: entryIdSchema.describe('The attestation or objection: who made it may take it back.'),
        office: agencyId,
        enteredAt: z.iso.datetime(),
        facts: z.array(
          z.strictObject({
            fact: z.string(),
            value: z
              .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
              .optional()
              .describe('Absent where the fact is doubted.'),
          }),
        ),
      }),
    )
    .describe(
      'What offices found against a disclosure about this person in this case, or doubt, whatever ' +
        'request it was said of and by whatever identifier the person was asked for there.',
    ),
  match: z.enum(['none', 'one', 'several', 'away', 'unseen']),
  candidates: z
    .array(z.string())
    .describe('Of several records that fit, their ids: send one as `record`.'),
  outcome: replySchema.shape.outcome,
  tells: z
    .literal(true)
    .optional()
    .describe(
      'Whoever asked was told that nothing is held: a release tells them that you hold somebody.',
    ),
  items: z
    .array(disclosedItemSchema.extend({ rules: z.array(z.string()) }))
    .describe('What would leave, as it would leave, with the rules that let it, or treat it so.'),
  kept: z
    .array(
      z.strictObject({
        id: z.string(),
        element: disclosedItemSchema.shape.element.optional(),
        class: disclosedItemSchema.shape.class.optional(),
        value: disclosedItemSchema.shape.value.nullable(),
        treatment: disclosedItemSchema.shape.treatment,
        rules: z.array(z.string()),
      }),
    )
    .describe(
      'What would stay, with the rules that keep it; without its element and class where no record was read.',
    ),
  unseen: classes
    .min(0)
    .optional()
    .describe(
      'Classes of which nothing was looked at: they may not leave on what is known, whatever is held.',
    ),
  reasons: replySchema.shape.reasons,
  missing: replySchema.shape.missing,
  todo: replySchema.shape.todo.describe('What would still be missing.'),
  obligations: replySchema.shape.obligations,
  shown: releaseSchema.shape.shown.describe(
    'Names exactly these items: repeat it in the decision to release them.',
  ),
  pass: z
    .string()
    .optional()
    .describe(
      'Opens the pictures among the items on the pages of the console, to the same officer, for a quarter of an hour. A retry is not told it.',
    ),
  receipt: z.string(),
})
export type WouldLeaveView = z.infer<typeof wouldLeaveViewSchema>

/** What was asked, without who asked and about whom: an officer sees earlier descriptions beside this one. */
const descriptionOf = (request: AccessRequest) => {
  const { purpose, classes, urgency, necessity } = request
  return { purpose, classes, urgency, necessity, ...claimsIn(request) }
}

/** Makes the answer. */
export function viewOf(look: WouldLeave) {
  const { id, receipt, pass, considering, considered, isFirstWord, earlier } = look
  const { request, requester, holder, matter } = considering
  const { seen, disclosure, against, shown } = considered
  const { decision } = seen
  const kept = decision.items.filter(
    ({ id: item }) => !disclosure.items.some((each) => each.id === item),
  )
  const unseen = considered.judgement.items.flatMap(({ treatment, known }) => {
    const of = request.classes.find((each) => each === known.get('item.class'))
    return treatment.kind === 'withhold' && of !== undefined ? [of] : []
  })
  const held = (item: string) => seen.record?.items.find((each) => each.id === item)
  return {
    id,
    matter,
    holder: holder.id,
    requester: requester.id,
    caseReference: request.caseReference,
    subject: request.subject,
    asked: descriptionOf(request),
    earlier: earlier.map((each) => ({
      request: each.id,
      decidedAt: each.ts,
      ...(each.request === undefined ? {} : { asked: descriptionOf(each.request) }),
    })),
    against: against.map(({ id: of, office, enteredAt, facts }) => {
      return { id: of, office, enteredAt, facts }
    }),
    match: seen.match,
    candidates: seen.candidates,
    outcome: decision.outcome,
    ...(isFirstWord && disclosure.items.length > 0 && { tells: true as const }),
    items: disclosure.items.map((item) => ({
      ...item,
      rules: [...(decision.items.find(({ id: of }) => of === item.id)?.rules ?? [])],
    })),
    kept: kept.map(({ id: item, treatment, rules }) => {
      const { element, class: of, value = null } = held(item) ?? {}
      const what = element === undefined || of === undefined ? {} : { element, class: of }
      return { id: item, ...what, value, treatment: treatment.kind, rules }
    }),
    ...(unseen.length > 0 && { unseen }),
    reasons: decision.reasons,
    missing: decision.missing,
    todo: decision.todo,
    obligations: decision.obligations.filter(isOwed),
    shown: shown(),
    ...(pass && { pass }),
    receipt,
  }
}

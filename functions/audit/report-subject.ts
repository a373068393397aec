/** The part of a report that may be handed to the person, in plain words. */

import * as z from 'zod'
import type { Reply } from '../answer/reply.ts'
import { classes as classWords, vocabulary } from '../policy/vocabulary.ts'
import { type AccessLaw, citeSchema } from './access-right.ts'
import type { Reported } from './may-be-told.ts'
import { type Leaving, leftIn } from './report-authority.ts'

/** Sentences, and the articles behind them. */
const saidSchema = z.strictObject({ says: z.array(z.string()), law: z.array(citeSchema) })

/** What may be handed to the person. It is the same whether or not anything was left out. */
export const forTheSubjectSchema = z.strictObject({
  requests: z.array(saidSchema).describe('The oldest first.'),
  closing: z.array(saidSchema),
})
/** What may be handed to the person. */
export type ForTheSubject = z.infer<typeof forTheSubjectSchema>

/** The report of entries that may be told, the oldest first; `nameOf` gives the name of an agency. */
export const forTheSubject = (
  told: readonly Reported[],
  law: AccessLaw,
  nameOf: (agency: string) => string,
): ForTheSubject => ({
  requests: told.flatMap((each) =>
    each.decision === undefined ? [] : [request(each.decision, leftIn(each), nameOf)],
  ),
  closing: [
    {
      says: [
        'Nothing more is said here. That neither confirms nor denies that there is more: the law may forbid to tell it, and then this answer is the same.',
      ],
      law: [...law.right, ...law.silence],
    },
    ...(law.check.length === 0
      ? []
      : [
          {
            says: ['You may ask the supervisory authority to check in your place.'],
            law: [...law.check],
          },
          {
            says: ['You may complain to the supervisory authority, and you may go to court.'],
            law: [...law.complaint, ...law.court],
          },
        ]),
  ],
})

const outcomes = {
  release: 'What was asked for was released.',
  redact: 'Part of it was released.',
  deny: 'It was refused, and nothing was released.',
} as const satisfies Readonly<Record<Reply['outcome'], string>>

const treatments = {
  release: 'as they are kept',
  generalise: 'made less precise',
  mask: 'partly hidden',
  pseudonymise: 'under a pseudonym',
} as const satisfies Readonly<Record<Leaving, string>>

function request(
  { request, opened }: NonNullable<Reported['decision']>,
  left: ReturnType<typeof leftIn>,
  nameOf: (agency: string) => string,
): z.infer<typeof saidSchema> {
  const { reply } = opened.told
  const when = `${reply.decidedAt.slice(0, 10)} at ${reply.decidedAt.slice(11, 16)} (UTC)`
  const purposes = vocabulary['request.purpose']
  const purpose = purposes?.type === 'enum' ? purposes.values[request.purpose] : undefined
  const kinds = request.classes.map((each) => classWords[each]).join('; ')
  const duties = reply.obligations.filter(({ onWhom }) => onWhom === 'requester')
  return {
    says: [
      `On ${when} ${nameOf(opened.call.agency)} asked ${nameOf(reply.holder)} about you, for ${purpose ?? request.purpose}: ${kinds}.`,
      reply.dryRun
        ? 'It only asked what the answer would be; nothing was looked up and nothing was released.'
        : outcomes[reply.outcome],
      ...left.map((each) => {
        const how = each.treatment === undefined ? '' : `, ${treatments[each.treatment]}`
        return `Released: ${classWords[each.class]}${how}.`
      }),
      ...duties.map(({ text, due }) => (due === undefined ? text : `${text} (${due})`)),
    ],
    law: reply.reasons.flatMap(({ cites, confidence }) =>
      cites.map((cite) => ({ cite, confidence })),
    ),
  }
}

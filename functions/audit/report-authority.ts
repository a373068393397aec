/** The part of a report that is for the authority alone: every entry, and what was left out and why. */

import * as z from 'zod'
import { classSchema } from '../decision/request.ts'
import type { Treatment } from '../decision/treatment.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import {
  type AccessLaw,
  type Because,
  citeSchema,
  citesOf,
  type Ground,
  grounds,
} from './access-right.ts'
import type { Reported } from './may-be-told.ts'

/** A treatment with which something leaves. */
export type Leaving = Exclude<Treatment['kind'], 'withhold'>

const leftSchema = z.strictObject({
  class: classSchema,
  treatment: z
    .enum(['release', 'generalise', 'mask', 'pseudonymise'])
    .optional()
    .describe('Absent on the requester’s side.'),
})

const articles = z.array(citeSchema)

const leftOutSchema = z.strictObject({
  ground: z.enum(Object.keys(grounds) as [Ground, ...Ground[]]),
  says: z.string(),
  law: articles,
})

/** Everything, for the authority. */
export const forTheAuthoritySchema = z.strictObject({
  told: z.int().describe('How many entries the other part tells.'),
  leftOut: z.record(z.string(), z.int()).describe('How many it does not, by ground.'),
  entries: z.array(
    z.looseObject({
      id: z.string(),
      ts: z.string(),
      kind: z.string(),
      told: z.boolean(),
      leftOut: z.array(leftOutSchema),
      restricted: z.literal(true).optional(),
      classes: z.array(classSchema).optional(),
      stage: z.string().optional(),
      caseReference: z.string().optional(),
      left: z.array(leftSchema).optional(),
      law: articles.optional(),
      duties: z.array(z.string()).optional(),
    }),
  ),
  says: z.array(z.string()),
  law: articles,
})
/** Everything, for the authority. */
export type ForTheAuthority = z.infer<typeof forTheAuthoritySchema>

/** What left with an answer: classes and treatments, never values. */
export function leftIn({ decision, sight }: Reported): z.infer<typeof leftSchema>[] {
  if (decision === undefined) return []
  const { told, items } = decision.opened
  if (told.reply.dryRun) return []
  if (sight === 'own-side')
    return decision.request.classes
      .filter((each) => told.reply.classes[each] === 'released')
      .map((each) => ({ class: each }))
  const classes = new Map(items.map(({ id, facts }) => [id, facts['item.class']]))
  const left = told.decided.flatMap(({ id, treatment: { kind } }) =>
    kind === 'withhold' ? [] : [{ class: classSchema.parse(classes.get(id)), treatment: kind }],
  )
  return [...new Map(left.map((each) => [JSON.stringify(each), each])).values()]
}

/** An entry with the grounds on which it is left out. */
export type Judged = { readonly entry: Reported; readonly against: readonly Ground[] }

/** The authority’s part; `notes` are sentences of this report. */
export function forTheAuthority(
  judged: readonly Judged[],
  named: ReadonlyMap<string, Because>,
  law: AccessLaw,
  notes: readonly string[],
): ForTheAuthority {
  const told = judged.filter(({ against }) => against.length === 0)
  const byGround = Map.groupBy(
    judged.flatMap(({ against }) => against),
    (ground) => ground,
  )
  const shared = told.filter(({ entry: { stored } }) => stored.leaf.hj !== stored.leaf.aj)
  return {
    told: told.length,
    leftOut: Object.fromEntries([...byGround].map(([ground, all]) => [ground, all.length])),
    entries: judged.map((each) => lineIn(each, named, law)),
    says: [
      ...notes,
      ...(shared.length === 0
        ? []
        : [
            `${shared.length} of the entries that are told are another jurisdiction’s matter, too: hear it before you tell them.`,
          ]),
      'Make sure who asks before you hand anything over: the report goes by an identifier alone.',
      'What was erased is not found, and what was entered in the last minute may not be.',
      'An article marked M, M? or V~ was not read at its source: counsel must check it.',
    ],
    law: [...law.right, ...law.log],
  }
}

function lineIn(
  { entry, against }: Judged,
  named: ReadonlyMap<string, Because>,
  law: AccessLaw,
): ForTheAuthority['entries'][number] {
  const { stored, opened, decision, isRestricted, sight } = entry
  const line = lineOf(stored, opened, sight === 'whole' ? 'holder' : 'requester')
  const leftOut = against.map((ground) => ({
    ground,
    says: grounds[ground][0],
    law: [...citesOf(ground, named.get(stored.leaf.eid), law)],
  }))
  return {
    ...line,
    told: against.length === 0,
    leftOut,
    ...(isRestricted ? { restricted: true as const } : {}),
    ...(decision === undefined ? {} : askedIn(entry, decision)),
  }
}

function askedIn(entry: Reported, { request, opened }: NonNullable<Reported['decision']>) {
  const { told, decision } = opened
  const { reasons } = entry.sight === 'whole' ? decision : told.reply
  return {
    classes: request.classes,
    stage: request.stage,
    caseReference: request.caseReference,
    left: leftIn(entry),
    law: reasons.flatMap(({ cites, confidence }) => cites.map((cite) => ({ cite, confidence }))),
    duties: told.reply.obligations.map(({ onWhom, text, due }) =>
      [`${onWhom}: ${text}`, ...(due === undefined ? [] : [`(${due})`])].join(' '),
    ),
  }
}

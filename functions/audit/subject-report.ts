/** What the log has about a person: one part that may be handed to them, and all of it for the authority. */

import * as z from 'zod'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { identifierOf, type Subject, subjectSchema } from '../decision/record.ts'
import { classSchema, entryIdSchema } from '../decision/request.ts'
import type { Treatment } from '../decision/treatment.ts'
import { authorize } from '../identity/authorize.ts'
import { canonicalBytes, digestOf } from '../ledger/evidence.ts'
import type { AuditWorld, LookupKey } from '../log-ports.ts'
import { classes as classWords, vocabulary } from '../policy/vocabulary.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import { entriesAbout, entriesMax, isFiledUnder, type Readable, readFor } from './entries-about.ts'
import {
  type Asker,
  invalid,
  type LookRead,
  type Purpose,
  purposeSchema,
  quarterHour,
} from './look.ts'
import { readLines } from './read-lines.ts'
import {
  type AccessLaw,
  accessLaw,
  type Because,
  becauseSchema,
  certainlyAbout,
  citeSchema,
  citesOf,
  type Ground,
  grounds,
  leftOut,
  type Reported,
  reported,
} from './subject-access.ts'

/** The body of `POST /v1/subject-reports`. */
export const subjectReportSchema = z.strictObject({
  purpose: purposeSchema,
  subject: subjectSchema,
  restrictions: z
    .array(z.strictObject({ entry: entryIdSchema, because: becauseSchema }))
    .max(100)
    .optional()
    .describe('Entries of which the controller says that they must not be told, and why.'),
})
/** Sentences, and the articles behind them. */
const saidSchema = z.strictObject({ says: z.array(z.string()), law: z.array(citeSchema) })

/** What may be handed to the person. It does not show whether anything was left out. */
const forTheSubjectSchema = z.strictObject({
  requests: z.array(saidSchema).describe('The oldest first.'),
  closing: z.array(saidSchema),
})
type ForTheSubject = z.infer<typeof forTheSubjectSchema>

/** A treatment under which the item leaves. */
type Leaving = Exclude<Treatment['kind'], 'withhold'>

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
const forTheAuthoritySchema = z.strictObject({
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
type ForTheAuthority = z.infer<typeof forTheAuthoritySchema>

/** Both parts of a report. */
export const bothPartsSchema = z.strictObject({
  forTheSubject: forTheSubjectSchema,
  forTheAuthority: forTheAuthoritySchema,
})

/** Reports on a person, given one identifier. The look is entered under that person's key. */
export async function reportSubject(
  { purpose, subject, restrictions = [] }: z.infer<typeof subjectReportSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<
  LookRead<{ readonly forTheSubject: ForTheSubject; readonly forTheAuthority: ForTheAuthority }>
> {
  const { jurisdiction } = asker
  const at = world.now().toISOString()
  const question = { subject, restrictions }
  const isThis = isThisLook({ purpose, question: { action: asker.action, ...question } }, asker, at)
  const found = await everythingAbout(subject, purpose, asker, isThis, world)
  const identifier = identifierOf(subject)
  const look = { question, subject: identifier }
  if (found === undefined) return { ...look, shown: [], instead: tooMuch }
  const { entries, isShared } = found
  const shown = entries.map(({ stored }) => stored.leaf.eid)

  const named = new Map(restrictions.map(({ entry, because }) => [entry, because]))
  const elsewhere = restrictions.filter(({ entry }) => !shown.includes(entry)).length
  const pseudonym = world.secrets.pseudonym(jurisdiction, identifier)
  const telling = {
    named,
    isIncomplete: elsewhere > 0,
    isCertain: certainlyAbout(pseudonym, isShared, entries),
  }
  const judged = entries.map((entry) => ({ entry, against: leftOut(entry, telling) }))
  const told = judged.flatMap(({ entry, against }) => (against.length === 0 ? [entry] : []))
  const law = accessLaw(jurisdiction, at, (await world.law.now()).book)
  const notes = [
    ...(isShared
      ? ['This identifier fits several people: ask by a record or a document instead.']
      : []),
    ...(elsewhere > 0
      ? [`${elsewhere} of the entries that you named are not in this report: nothing is told.`]
      : []),
  ]
  const answer = {
    forTheSubject: forTheSubject(told, law, await namesIn(told, world)),
    forTheAuthority: forTheAuthority(judged, named, law, notes),
  }
  return { ...look, shown, answer }
}

const tooMuch = invalid('/subject', 'there are more entries about them than one report has')

/** Whether an entry is this same look, from before: a report leaves itself out, so that it stays the same. */
const isThisLook =
  (look: Readonly<Record<'purpose' | 'question', unknown>>, { id, officer }: Asker, at: string) =>
  ({ stored: { leaf }, opened }: Readable): boolean => {
    if (opened?.kind !== 'consultation') return false
    const { call, consultation } = opened.values
    const { purpose, question } = consultation
    return (
      quarterHour(leaf.ts) === quarterHour(at) &&
      call.agency === id &&
      call.officer === officer &&
      digestOf(canonicalBytes({ purpose, question })) === digestOf(canonicalBytes(look))
    )
  }

/** Every entry about a person that the asker may see, oldest first; undefined if there are too many. */
async function everythingAbout(
  subject: Subject,
  purpose: Purpose,
  asker: Asker,
  isThis: (entry: Readable) => boolean,
  world: AuditWorld,
): Promise<{ readonly entries: readonly Reported[]; readonly isShared: boolean } | undefined> {
  const { jurisdiction } = asker
  const pseudonym = (identifier: string) => world.secrets.pseudonym(jurisdiction, identifier)
  const given = pseudonym(identifierOf(subject))
  // The holder's acts on a record are kept under a pseudonym of their own.
  const kept = 'recordId' in subject ? [pseudonym(`kept:${subject.recordId}`)] : []
  const held = await entriesAbout(jurisdiction, [given, ...kept], world)
  const own = { jurisdiction, by: 'subject', value: given } as const
  const asked = await askedElsewhere(own, asker, world)
  if (held === undefined || asked.length > entriesMax) return undefined
  const read = async (ids: readonly string[], sight: Reported['sight']) => {
    const stored = [...(await world.ledger.readAll(ids)).values()]
    return (await readFor(purpose, stored, world))
      .filter((each) => !each.isErased && !isThis(each))
      .filter((each) => sight === 'whole' || isFiledUnder(each, own, world))
      .map((each) => reported(each, sight))
  }
  const entries = [...(await read(held.all, 'whole')), ...(await read(asked, 'own-side'))]
  return { entries: entries.sort(byTime), isShared: held.about.shared > 0 }
}

const byTime = ({ stored: { leaf: a } }: Reported, { stored: { leaf: b } }: Reported): number =>
  `${a.ts}#${a.eid}` < `${b.ts}#${b.eid}` ? -1 : 1

/** Ids of what agencies of the asker's jurisdiction asked other jurisdictions by this identifier. */
async function askedElsewhere(
  key: LookupKey,
  asker: Asker,
  world: AuditWorld,
): Promise<readonly string[]> {
  const { lines } = await readLines(world.lookups, {
    ...{ key, range: {}, limit: entriesMax + 1, readMax: Number.POSITIVE_INFINITY },
    wanted: ({ hj, aj }) =>
      authorize(asker, 'report-subject', { holder: hj, requester: aj }) === 'own-side',
  })
  return lines.map(({ id }) => id)
}

/** The names of the agencies in these entries. An agency no longer registered goes by its id. */
async function namesIn(
  entries: readonly Reported[],
  { register }: AuditWorld,
): Promise<(agency: string) => string> {
  const ids = entries.flatMap(({ decision }) =>
    decision === undefined ? [] : [decision.opened.call.agency, decision.opened.matter.holder],
  )
  const names = new Map(
    await Promise.all(
      [...new Set(ids)].map(async (id) => [id, (await register.agency(id))?.name ?? id] as const),
    ),
  )
  return (agency) => names.get(agency) ?? agency
}

/** The person's part: the entries that may be told, oldest first. `nameOf` gives an agency's name. */
const forTheSubject = (
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
  const from = reply.receivedBy?.from
  const asker = from ? `${from.name} (${from.jurisdiction})` : nameOf(opened.call.agency)
  const when = `${reply.decidedAt.slice(0, 10)} at ${reply.decidedAt.slice(11, 16)} (UTC)`
  const purposes = vocabulary['request.purpose']
  const purpose = purposes?.type === 'enum' ? purposes.values[request.purpose] : undefined
  const kinds = request.classes.map((each) => classWords[each]).join('; ')
  const duties = reply.obligations.filter(({ onWhom }) => onWhom === 'requester')
  return {
    says: [
      reply.provided === undefined
        ? `On ${when} ${asker} asked ${nameOf(reply.holder)} about you, for ${purpose ?? request.purpose}: ${kinds}.`
        : `On ${when} ${asker} decided, unasked, on giving ${nameOf(reply.provided.to)} data about you, for ${purpose ?? request.purpose}: ${kinds}.`,
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

/** What left with an answer, as classes and treatments, never values. */
function leftIn({ decision, sight }: Reported): z.infer<typeof leftSchema>[] {
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

/** An entry, and the grounds on which it is left out. */
type Judged = { readonly entry: Reported; readonly against: readonly Ground[] }

/** The authority’s part. `notes` are sentences about this report. */
function forTheAuthority(
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

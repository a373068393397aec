/** What the log has of a person: what may be handed to them, and all of it for the authority. */

import * as z from 'zod'
import type { SignedCall } from '../answer/signed-call.ts'
import { identifierOf, type Subject, subjectSchema } from '../decision/record.ts'
import { entryIdSchema } from '../decision/request.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { entryId } from '../ledger/entry.ts'
import type { AuditWorld } from '../log-ports.ts'
import { type AccessLaw, accessLaw, becauseSchema } from './access-right.ts'
import { type Consulted, consult, type Purpose, purposeSchema } from './consult.ts'
import { entriesAbout, entriesMax } from './entries-about.ts'
import type { NotShown } from './list-decisions.ts'
import { certainlyAbout, leftOut, type Reported, reported } from './may-be-told.ts'
import { readLines } from './read-lines.ts'
import { readFor } from './readable.ts'
import { type ForTheAuthority, forTheAuthority, forTheAuthoritySchema } from './report-authority.ts'
import { type ForTheSubject, forTheSubject, forTheSubjectSchema } from './report-subject.ts'

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
type Asked = z.infer<typeof subjectReportSchema>

/** Both parts of a report. */
export const bothPartsSchema = z.strictObject({
  forTheSubject: forTheSubjectSchema,
  forTheAuthority: forTheAuthoritySchema,
})

/** What became of asking for a report. */
export type ReportedOn =
  | {
      readonly kind: 'reported'
      readonly consulted: Consulted
      readonly forTheSubject: ForTheSubject
      readonly forTheAuthority: ForTheAuthority
    }
  /** There are more entries than one report has. */
  | { readonly kind: 'too-much' }
  | NotShown

/** Reports on a person, by one identifier of theirs; the look is kept under their own key. */
export async function reportSubject(
  call: SignedCall,
  { purpose, subject, restrictions = [] }: Asked,
  world: AuditWorld,
): Promise<ReportedOn> {
  const { jurisdiction } = call.agency
  if (authorize(actorOf(call), 'report-subject', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const found = await everythingAbout(subject, purpose, call, world)
  const entries = found?.entries ?? []
  const ids = entries.map(({ stored }) => stored.leaf.eid)
  const identifier = identifierOf(subject)
  const question = { action: 'report-subject', subject, restrictions }
  const look = { purpose, question, shown: ids, subject: identifier }
  const consulted = await consult(call, jurisdiction, look, world)
  if (consulted.kind !== 'recorded') return consulted
  if (found === undefined) return { kind: 'too-much' }

  const named = new Map(restrictions.map(({ entry, because }) => [entry, because]))
  const elsewhere = restrictions.filter(({ entry }) => !ids.includes(entry)).length
  const pseudonym = world.secrets.pseudonym(jurisdiction, identifier)
  const telling = {
    named,
    isIncomplete: elsewhere > 0,
    isCertain: certainlyAbout(pseudonym, found.isShared, entries),
  }
  const judged = entries.map((entry) => ({ entry, against: leftOut(entry, telling) }))
  const told = judged.flatMap(({ entry, against }) => (against.length === 0 ? [entry] : []))
  const law: AccessLaw = accessLaw(jurisdiction, consulted.ts, (await world.law.now()).book)
  const notes = [
    ...(found.isShared
      ? ['This identifier fits several people: ask by a record or a document instead.']
      : []),
    ...(elsewhere > 0
      ? [`${elsewhere} of the entries that you named are not in this report: nothing is told.`]
      : []),
  ]
  return {
    kind: 'reported',
    consulted,
    forTheSubject: forTheSubject(told, law, await namesIn(told, world)),
    forTheAuthority: forTheAuthority(judged, named, law, notes),
  }
}

/** Every entry about a person that the office may see, the oldest first; undefined if there are too many. */
async function everythingAbout(
  subject: Subject,
  purpose: Purpose,
  call: SignedCall,
  world: AuditWorld,
): Promise<{ readonly entries: readonly Reported[]; readonly isShared: boolean } | undefined> {
  const { jurisdiction } = call.agency
  const pseudonym = (identifier: string) => world.secrets.pseudonym(jurisdiction, identifier)
  const given = pseudonym(identifierOf(subject))
  // What its holder did to a record is kept under a name of its own.
  const kept = 'recordId' in subject ? [pseudonym(`kept:${subject.recordId}`)] : []
  const held = await entriesAbout(jurisdiction, [given, ...kept], world)
  const asked = await askedElsewhere(given, actorOf(call), world)
  if (held === undefined || asked.length > entriesMax) return undefined
  const own = entryId(call.agency.id, call.jti)
  const read = async (ids: readonly string[], sight: Reported['sight']) => {
    const stored = await world.ledger.readAll(ids.filter((id) => id !== own))
    const readable = await readFor(purpose, [...stored.values()], world)
    return readable.flatMap((each) => (each.isErased ? [] : [reported(each, sight)]))
  }
  const entries = [...(await read(held.about.entries, 'whole')), ...(await read(asked, 'own-side'))]
  return { entries: entries.sort(byTime), isShared: held.about.shared > 0 }
}

const byTime = ({ stored: { leaf: a } }: Reported, { stored: { leaf: b } }: Reported): number =>
  `${a.ts}#${a.eid}` < `${b.ts}#${b.eid}` ? -1 : 1

/** Ids of what agencies of the own jurisdiction asked others by this very identifier. */
async function askedElsewhere(
  pseudonym: string,
  asker: Agency,
  world: AuditWorld,
): Promise<readonly string[]> {
  const { lines } = await readLines(world.lookups, {
    key: { jurisdiction: asker.jurisdiction, by: 'subject', value: pseudonym },
    range: {},
    wanted: ({ hj, aj }) =>
      authorize(asker, 'report-subject', { holder: hj, requester: aj }) === 'own-side',
    limit: entriesMax + 1,
    readMax: Number.POSITIVE_INFINITY,
  })
  return lines.map(({ id }) => id)
}

/** The names of the agencies in these entries; the id of one that is not registered any more. */
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

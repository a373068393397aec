/** What the log has of a person: what may be handed to them, and all of it for the authority. */

import * as z from 'zod'
import { identifierOf, type Subject, subjectSchema } from '../decision/record.ts'
import { entryIdSchema } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import { canonicalBytes, digestOf } from '../ledger/evidence.ts'
import type { AuditWorld } from '../log-ports.ts'
import { type AccessLaw, accessLaw, becauseSchema } from './access-right.ts'
import { entriesAbout, entriesMax } from './entries-about.ts'
import {
  type Asker,
  type Purpose,
  purposeSchema,
  quarterHour,
  type Read,
  type Refused,
} from './look.ts'
import { certainlyAbout, leftOut, type Reported, reported } from './may-be-told.ts'
import { readLines } from './read-lines.ts'
import { type Readable, readFor } from './readable.ts'
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
/** Both parts of a report. */
export const bothPartsSchema = z.strictObject({
  forTheSubject: forTheSubjectSchema,
  forTheAuthority: forTheAuthoritySchema,
})

/** Reports on a person, by one identifier of theirs; the look is kept under their own key. */
export async function reportSubject(
  { purpose, subject, restrictions = [] }: z.infer<typeof subjectReportSchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<
  Read<{ readonly forTheSubject: ForTheSubject; readonly forTheAuthority: ForTheAuthority }>
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
  const law: AccessLaw = accessLaw(jurisdiction, at, (await world.law.now()).book)
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

const tooMuch: Refused = {
  kind: 'invalid',
  pointer: '/subject',
  detail: 'there are more entries about them than one report has',
}

/**
 * Whether an entry is of this very look, made when it was answered before: a report does not report itself, or
 * no two would be the same.
 */
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

/** Every entry about a person that the office may see, the oldest first; undefined if there are too many. */
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
  // What its holder did to a record is kept under a name of its own.
  const kept = 'recordId' in subject ? [pseudonym(`kept:${subject.recordId}`)] : []
  const held = await entriesAbout(jurisdiction, [given, ...kept], world)
  const asked = await askedElsewhere(given, asker, world)
  if (held === undefined || asked.length > entriesMax) return undefined
  const read = async (ids: readonly string[], sight: Reported['sight']) => {
    const stored = await world.ledger.readAll(ids)
    const readable = await readFor(purpose, [...stored.values()], world)
    return readable.flatMap((each) =>
      each.isErased || isThis(each) ? [] : [reported(each, sight)],
    )
  }
  const entries = [...(await read(held.about.entries, 'whole')), ...(await read(asked, 'own-side'))]
  return { entries: entries.sort(byTime), isShared: held.about.shared > 0 }
}

const byTime = ({ stored: { leaf: a } }: Reported, { stored: { leaf: b } }: Reported): number =>
  `${a.ts}#${a.eid}` < `${b.ts}#${b.eid}` ? -1 : 1

/** Ids of what agencies of the own jurisdiction asked others by this very identifier. */
async function askedElsewhere(
  pseudonym: string,
  asker: Asker,
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

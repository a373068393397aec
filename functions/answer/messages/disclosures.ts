/** What left of a holder's records, to whom, and the duties that it took on itself by that. */

import * as z from 'zod'
import { agencyId, classSchema, entryIdSchema } from '../../decision/request.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { EventRow, NamedDuty } from '../../inbox-ports.ts'
import type { Durable, World } from '../../ports.ts'
import { type Recorded, record } from '../entries/act.ts'
import { type Opened, open } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import { cursorAt, placeOfCursor } from '../reply/cursor.ts'
import { replySchema } from '../reply/reply-schema.ts'
import { toAgency } from './event-kinds.ts'
import { dutySchema, eventsCursorMax, rowsAfter } from './events.ts'

const fetchSchema = z.strictObject({
  item: z.string().meta({ description: 'The item whose file it is.', examples: ['7'] }),
  at: z.iso
    .datetime()
    .meta({ description: 'When it was fetched.', examples: ['2026-11-25T09:00:00.000Z'] }),
  entry: entryIdSchema,
})

const disclosure = z.strictObject({
  request: entryIdSchema,
  matter: entryIdSchema.optional(),
  at: z.iso.datetime(),
  requester: agencyId.optional(),
  receivedFrom: z.string().optional().describe('Who asked, where the request came by another way.'),
  classes: z.array(classSchema).describe('The classes of which something left.'),
  what: z
    .strictObject({
      record: z.string().optional(),
      items: z.array(z.strictObject({ id: z.string(), treatment: z.string() })),
      caseReference: z.string(),
      purpose: z.string(),
    })
    .optional()
    .describe('Absent once the entry was erased, or while it is kept as evidence only.'),
  files: z
    .array(fetchSchema)
    .optional()
    .describe('Files that were fetched, each time. Absent where none was, and with `what`.'),
  delivery: z
    .strictObject({ by: z.string(), number: z.string(), sentAt: z.iso.datetime() })
    .optional()
    .describe('How it left, where it left by another way and your officer has said so.'),
  duties: z.array(
    dutySchema.extend({
      text: z.string().optional(),
      cites: replySchema.shape.obligations.element.shape.cites.optional(),
      done: z
        .strictObject({ at: z.iso.datetime(), entry: entryIdSchema })
        .optional()
        .describe('When an officer of yours said that it is done, and the entry that says so.'),
    }),
  ),
})
type Disclosed = z.infer<typeof disclosure>

/** A page of disclosures. */
export const disclosuresPageSchema = z.strictObject({
  disclosures: z.array(disclosure),
  next: z.string().describe('The cursor with which to ask for what comes after.'),
  more: z.boolean().describe('Whether there may be more already, even after a page that is empty.'),
})

/** Where a page of disclosures begins. */
export const disclosuresQuerySchema = z.strictObject({
  after: z.string().max(eventsCursorMax).optional().describe('`next` of the page before.'),
})

/** What left of the agency's own records after a cursor, in the order of its events. */
export async function disclosuresAfter(
  agency: Agency,
  after: string | undefined,
  world: World,
): Promise<
  | z.infer<typeof disclosuresPageSchema>
  | { readonly kind: 'wrong-cursor' }
  | { readonly kind: 'not-your-role' }
> {
  const own = { holder: agency.jurisdiction, keeper: agency.id }
  if (authorize(agency, 'read-disclosures', own) === undefined) return { kind: 'not-your-role' }
  const bound = { agency: agency.id, question: { action: 'read-disclosures' } }
  const place = after === undefined ? '{}' : placeOfCursor(after, bound, world.secrets)
  if (place === undefined) return { kind: 'wrong-cursor' }
  // A cast: only this function's own places are in cursors that we gave.
  const read = JSON.parse(place) as Readonly<Record<string, number>>
  const { rows, places, more } = await rowsAfter([toAgency(agency.id)], read, world)
  const left = rows.filter(({ event }) => event.kind === 'disclosed')
  const entries = await world.ledger.readAll(left.map(({ event }) => event.entry))
  const disclosures = left.map((row) => disclosedBy(row, entries.get(row.event.entry), world))
  return {
    disclosures: await Promise.all(disclosures),
    next: cursorAt(JSON.stringify(places), bound, world.secrets),
    more,
  }
}

/** What the entry says beyond its event, as far as it opens. */
async function disclosedBy(
  { event }: EventRow,
  stored: Durable | undefined,
  world: World,
): Promise<Disclosed> {
  const [opened, done, sent, given] = await Promise.all([
    stored && open(stored, world),
    world.duties.of(event.entry),
    world.handovers.get(event.entry),
    world.filesGiven.of(event.entry),
  ])
  const duties = opened === undefined ? event.duties : ownDuties(opened)
  return disclosure.parse({
    request: event.entry,
    at: event.at,
    classes: event.classes,
    ...(event.matter && { matter: event.matter }),
    ...(event.requester && { requester: event.requester }),
    ...(opened && whatLeft(opened)),
    ...(opened &&
      given.length > 0 && { files: given.map(({ item, at, id }) => ({ item, at, entry: id })) }),
    // Its number is an officer’s own words, and may name the person.
    ...(opened && sent && { delivery: { by: sent.by, number: sent.number, sentAt: sent.sentAt } }),
    duties: (duties ?? []).map((duty) => {
      const kept = done.find((each) => isSameDuty(each, duty))
      return { ...duty, ...(kept && { done: { at: kept.at, entry: kept.id } }) }
    }),
  })
}

const whatLeft = ({ told, matter }: Opened) => ({
  ...(told.reply.receivedBy && { receivedFrom: told.reply.receivedBy.from.name }),
  what: {
    ...(told.recordId !== null && { record: told.recordId }),
    items: told.decided
      .filter(({ treatment }) => treatment.kind !== 'withhold')
      .map(({ id, treatment }) => ({ id, treatment: treatment.kind })),
    caseReference: matter.caseReference,
    purpose: matter.purpose,
  },
})

const ownDuties = ({ told: { reply } }: Opened) =>
  reply.obligations
    .filter(({ onWhom }) => onWhom === 'holder')
    .map(({ onWhom: _, ...duty }) => duty)

/** Whether two duties are one: their codes, and their values where they have any. */
export const isSameDuty = (a: NamedDuty, b: NamedDuty): boolean =>
  a.code === b.code && (a.value ?? '') === (b.value ?? '')

/** The body that says a duty is done: its code, and its value if it has one. */
export const dutyDoneSchema = dutySchema.omit({ due: true })

/** The result of saying that a duty is done. */
export type DutyDone =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
    }
  /** It is no request of this holder's that was answered. */
  | { readonly kind: 'no-such-request' }
  | { readonly kind: 'no-such-duty' }
  /** Another call said so already. */
  | { readonly kind: 'already-done' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** An officer of the holder says that a duty of its own on an answer is done, once. */
export async function keepDuty(
  call: SignedCall,
  request: string,
  duty: z.infer<typeof dutyDoneSchema>,
  world: World,
): Promise<DutyDone> {
  const stored = await world.ledger.read(request)
  if (stored?.leaf.t !== 'decision' || stored.leaf.dryRun) return { kind: 'no-such-request' }
  const opened = await open(stored, world)
  const { hj: jurisdiction } = stored.leaf
  const of = { holder: jurisdiction, keeper: opened?.matter.holder ?? '' }
  if (opened === undefined || authorize(actorOf(call), 'keep-duty', of) === undefined)
    return { kind: 'no-such-request' }
  const own = ownDuties(opened).find((each) => isSameDuty(each, duty))
  if (own === undefined) return { kind: 'no-such-duty' }
  const id = idOf(call)
  const before = (await world.duties.of(request)).find((each) => isSameDuty(each, duty))
  if (before !== undefined && before.id !== id) return { kind: 'already-done' }
  const subject = { pseudonym: opened.subject.asked }
  const says = { duty: { code: duty.code, ...(duty.value && { value: duty.value }) } }
  const recorded = await record('duty', call, jurisdiction, subject, says, world, request)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt, ts: at, said } = recorded
  const stands = await world.duties.put(request, { ...said.duty, id, at })
  return stands.id === id ? { kind: 'done', first, id, receipt } : { kind: 'already-done' }
}

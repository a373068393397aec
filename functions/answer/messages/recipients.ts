/** What became of what left: a holder says it of its own system's records, sees who was told, and they answer. */

import * as z from 'zod'
import { recordId } from '../../decision/record.ts'
import { agencyId, entryIdSchema } from '../../decision/request.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { MessageSent } from '../../inbox-ports.ts'
import type { World } from '../../ports.ts'
import { type Recorded, record } from '../entries/act.ts'
import { openAny } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import {
  type ChangedItems,
  type ChangeKind,
  changeKinds,
  type Message,
  type MessageKind,
} from '../entries/values.ts'
import { idOf } from '../entries/writer.ts'
import { isKeeper } from '../records/records.ts'
import { isFirstMessage } from '../reminders/inbox-rows.ts'
import { cursorAt, placeOfCursor } from '../reply/cursor.ts'

const kind = z.enum(changeKinds)

/** The body of `POST /v1/corrections`. */
export const changeSchema = z.strictObject({
  record: recordId.describe('As your system answers with it.'),
  became: kind.describe('What became of it there.'),
  items: z
    .array(recordId)
    .min(1)
    .max(100)
    .optional()
    .describe('Ids of the items; all of the record, if left out.'),
})

type Entered = {
  readonly kind: 'done'
  readonly first: boolean
  readonly id: string
  readonly receipt: string
}
type NotEntered = Exclude<Recorded, { readonly kind: 'recorded' }>

/** The result of saying what became of a record. */
export type ChangeResult = Entered | { readonly kind: 'not-a-holder' } | NotEntered

/**
 * A holder says what became of items of a record in its own system, after it did so there: whoever got them is
 * told. Of records that are kept here, the change itself says it.
 */
export async function sayChanged(
  call: SignedCall,
  { record: id, became, items }: z.infer<typeof changeSchema>,
  world: World,
): Promise<ChangeResult> {
  const { agency } = call
  if (!isKeeper(agency) || agency.system === undefined) return { kind: 'not-a-holder' }
  const changed: readonly ChangedItems[] = [{ how: became, ...(items && { items }) }]
  const what = became === 'erased' ? 'erase' : 'correct'
  const act = { what, recordId: id, changed, own: true } as const
  const recorded = await record('record', call, agency.jurisdiction, `kept:${id}`, { act }, world)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt } = recorded
  return { kind: 'done', first, id: idOf(call), receipt }
}

/** The body by which whoever was told says what it did. */
export const didSchema = z.strictObject({
  did: kind.describe(
    'What you did with what you got. Of what was corrected, any; else what the notice says, or stricter; ' +
      'what must be kept as evidence is restricted, not erased.',
  ),
})

/** What may be done with what became of something: as it says, or what protects the person as well. */
const mayDo = {
  corrected: ['corrected', 'restricted', 'erased'],
  restricted: ['restricted', 'erased'],
  // Dir. (EU) 2016/680 art. 16(3)(b): what must be kept as evidence is restricted instead.
  erased: ['erased', 'restricted'],
} as const satisfies Readonly<Record<ChangeKind, readonly ChangeKind[]>>

/** The result of saying so. */
export type NoticeAnswered =
  | Entered
  /** It tells this agency of nothing, or its entry was erased. */
  | { readonly kind: 'no-such-notice' }
  | { readonly kind: 'not-as-told'; readonly may: readonly ChangeKind[] }
  /** Another call said so already. */
  | { readonly kind: 'already-done' }
  | NotEntered

/** Whoever was told what became of something says, by a signed call, what it did with it: once. */
export async function answerNotice(
  call: SignedCall,
  notice: string,
  { did }: z.infer<typeof didSchema>,
  world: World,
): Promise<NoticeAnswered> {
  const found = await messageOf(notice, world)
  const of = { holder: found?.jurisdiction ?? '', owner: found?.said.to ?? '' }
  if (found === undefined || authorize(actorOf(call), 'answer-notice', of) === undefined)
    return { kind: 'no-such-notice' }
  const { said, pseudonym, jurisdiction } = found
  const may: readonly ChangeKind[] =
    said.what === 'recalled' ? mayDo[said.ask ?? 'erased'] : mayDo[said.what]
  if (!may.includes(did)) return { kind: 'not-as-told', may }
  const id = idOf(call)
  const row = { cause: said.cause, to: said.to, id: notice }
  const before = await world.messages.done(row)
  if (before !== undefined && before.id !== id) return { kind: 'already-done' }
  const says = { duty: { code: did, value: said.request } }
  const recorded = await record('duty', call, jurisdiction, { pseudonym }, says, world, notice)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt, ts: at } = recorded
  const stands = await world.messages.did(row, { did, id, at })
  return stands.id === id ? { kind: 'done', first, id, receipt } : { kind: 'already-done' }
}

/** What a notice tells, if it opens and is the first of its change. */
export async function messageOf(
  notice: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<
  | {
      readonly said: Message & { readonly what: MessageKind }
      readonly pseudonym: string
      readonly jurisdiction: string
    }
  | undefined
> {
  const stored = await world.ledger.read(notice)
  if (stored?.leaf.t !== 'notice') return undefined
  const opened = await openAny(stored, world)
  if (opened?.kind !== 'notice') return undefined
  const { notice: said, subject } = opened.values
  if (!('cause' in said) || !isFirstMessage(said)) return undefined
  return { said, pseudonym: subject.asked, jurisdiction: stored.leaf.hj }
}

const told = z.strictObject({
  id: entryIdSchema.describe('The notice.'),
  what: z.enum([...changeKinds, 'recalled']).describe('What became of it.'),
  to: agencyId,
  request: entryIdSchema,
  items: z.array(z.string()).describe('Ids of the items of that answer.'),
  at: z.iso.datetime().describe('When they were told.'),
  due: z.iso.datetime(),
  done: z
    .strictObject({
      did: kind.describe('What was done with it.'),
      at: z.iso.datetime(),
      entry: entryIdSchema,
    })
    .optional()
    .describe('What they say that they did, and the entry that says so; missing until they do.'),
})

/** A page of who was told. */
export const recipientsPageSchema = z.strictObject({
  id: entryIdSchema,
  complete: z
    .boolean()
    .describe('Whether all answers were looked through. Answers that were on their way follow.'),
  told: z.array(told),
  signed: z
    .strictObject({ by: agencyId, at: z.iso.datetime().describe('When it signed.') })
    .optional()
    .describe('Of a recall: who signed it for data protection; nobody is told before.'),
  next: z.string().describe('The cursor with which to ask for what comes after.'),
  more: z.boolean().describe('Whether there is more already.'),
})

/** Where a page of who was told begins. */
export const recipientsQuerySchema = z.strictObject({
  after: z.string().max(400).optional().describe('`next` of the page before.'),
})

/** Most rows of a page. */
const pageMax = 100

/** Who was told of a change or a recall by its holder, and who did as asked, by recipient. */
export async function recipientsOf(
  agency: Agency & { readonly officer?: string },
  kindOf: 'record' | 'recall',
  cause: string,
  after: string | undefined,
  world: World,
): Promise<
  | z.infer<typeof recipientsPageSchema>
  | { readonly kind: 'wrong-cursor' }
  | { readonly kind: 'no-such-change' }
> {
  const stored = await world.ledger.read(cause)
  const opened = stored && (await openAny(stored, world))
  const kinds = kindOf === 'recall' ? ['recall'] : ['record', 'erasure', 'restriction']
  const isOfKind = opened !== undefined && 'call' in opened.values && kinds.includes(opened.kind)
  const of = { holder: stored?.leaf.hj ?? '', keeper: isOfKind ? opened.values.call.agency : '' }
  const mayRead =
    authorize(agency, 'read-disclosures', of) !== undefined ||
    // Whoever signs a recall sees what it reached.
    (opened?.kind === 'recall' && authorize(agency, 'sign-for-data-protection', of) !== undefined)
  if (!isOfKind || !mayRead) return { kind: 'no-such-change' }
  const bound = { agency: agency.id, question: { action: 'read-told', cause } }
  const place = after === undefined ? undefined : placeOfCursor(after, bound, world.secrets)
  if (after !== undefined && place === undefined) return { kind: 'wrong-cursor' }
  // A cast: only this function's own places are in cursors that we gave.
  const from =
    place === undefined ? undefined : (JSON.parse(place) as Pick<MessageSent, 'to' | 'id'>)
  const [rows, search, signed] = await Promise.all([
    world.messages.of(cause, from, pageMax),
    world.messages.search(cause),
    kindOf === 'recall' ? world.messages.signed(cause) : undefined,
  ])
  const last = rows.at(-1) ?? from
  const at = last && { to: last.to, id: last.id }
  return {
    id: cause,
    // An act on what the log keeps tells everybody before it takes effect.
    complete: ['erasure', 'restriction'].includes(opened.kind) || (search?.round ?? 0) > 0,
    ...(signed && { signed: { by: signed.office, at: signed.at } }),
    told: rows.map(({ cause: _, done, ...row }) =>
      told.parse({ ...row, ...(done && { done: { did: done.did, at: done.at, entry: done.id } }) }),
    ),
    next: at === undefined ? (after ?? '') : cursorAt(JSON.stringify(at), bound, world.secrets),
    more: rows.length === pageMax,
  }
}

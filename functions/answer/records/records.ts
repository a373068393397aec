/** Records of holders without a system of their own: creates, corrects, restricts and erases them. */

import * as z from 'zod'
import {
  distinctIds,
  type HeldRecord,
  type RecordItem,
  recordId,
  recordItemSchema,
  recordSchema,
  repeatedIds,
  storedItemSchema,
  storedRecordSchema,
} from '../../decision/record.ts'
import { type Warning, warningsOf } from '../../decision/warnings.ts'
import { hasFailed } from '../../failure.ts'
import { authorize } from '../../identity/authorize.ts'
import { isServed } from '../../identity/holds.ts'
import type { Agency } from '../../identity/register.ts'
import { canonical } from '../../ledger/canonical.ts'
import { inForce } from '../../policy/history.ts'
import type { LastChanged, World } from '../../ports.ts'
import { type Recorded, record } from '../entries/act.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { type ChangedItems, changeKinds, type RecordAct } from '../entries/values.ts'
import { idOf, lost } from '../entries/writer.ts'
import { tells } from '../reminders/inbox-rows.ts'
import { changingContents, contentsOf, dropContents, unknownContent } from './contents.ts'

/** The body of `PUT /v1/records/{id}`: the whole record, without its id. */
export const keptSchema = recordSchema().omit({ id: true })

/** The body of `PATCH /v1/records/{id}`: the fields to correct, by item; `status` restricts an item. */
export const correctionSchema = z.strictObject({
  items: correctionsOf(recordItemSchema()).superRefine(distinctIds),
})

/** The body of a `PUT` as an entry may hold it, perhaps from before the rules for ids and text. */
export const storedKeptSchema = storedRecordSchema().omit({ id: true })
/** The same for a `PATCH`. */
export const storedCorrectionSchema = z.strictObject({ items: correctionsOf(storedItemSchema()) })

function correctionsOf(item: ReturnType<typeof recordItemSchema>) {
  return z
    .array(item.partial().extend({ id: recordId }))
    .min(1)
    .max(100)
}

/** The result of a change to a record. */
export type Kept =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
      /** When it was entered. */
      readonly ts: string
    }
  | { readonly kind: 'not-a-holder' }
  | { readonly kind: 'no-such-record' }
  | { readonly kind: 'no-such-item'; readonly index: number }
  | { readonly kind: 'repeated-ids' }
  /** The item names a content that none of the record has. */
  | { readonly kind: 'no-such-content'; readonly index: number }
  /** A newer record stands: the entry says what was asked, not that it was done. */
  | { readonly kind: 'not-erased'; readonly id: string; readonly receipt: string }
  /** Another change came between: the same. */
  | { readonly kind: 'overtaken'; readonly id: string; readonly receipt: string }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/**
 * Creates or replaces a record. Warns of items that will not leave, by the law at the time of the entry.
 *
 * INVARIANT (no change is lost unsaid): it replaces the record that was read, so that it undoes no other change and names
 * no content that another change destroyed.
 */
export async function keep(
  call: SignedCall,
  id: string,
  body: z.infer<typeof keptSchema>,
  world: World,
): Promise<{ readonly kept: Kept; readonly warnings: readonly Warning[] }> {
  const held = mayKeep(call.agency, world) ? await readable(call, id, world) : undefined
  const items = held === 'unreadable' ? [] : (held?.items ?? [])
  const index = unknownContent(body.items, items)
  // A retry of a call that is entered changes nothing any more.
  if (index !== undefined && (await world.ledger.read(idOf(call))) === undefined)
    return { kept: { kind: 'no-such-content', index }, warnings: [] }
  // Of what cannot be read, all of it changes.
  const changed =
    held === 'unreadable' ? [{ how: 'corrected' } as const] : changesOf(items, body.items)
  const mayFollow = (now: Readable) => index === undefined && textOf(now) === textOf(held)
  const kept = await act(call, id, { what: 'put', changed }, world, async ({ ts }) => {
    const put = () => world.holder.put(call.agency, { id, ...body }, ts, mayFollow)
    return changeWithContents(call, id, contentsOf(items), put, world)
  })
  if (kept.kind !== 'done') return { kept, warnings: [] }
  const { book } = await world.law.now()
  const { elements } = inForce(book, kept.ts, kept.ts)
  return { kept, warnings: warningsOf(body, elements, call.agency.jurisdiction) }
}

/** A record, if there is one. */
type Readable = HeldRecord | 'unreadable' | undefined

async function readable({ agency }: SignedCall, id: string, { holder }: World): Promise<Readable> {
  try {
    return await holder.get(agency, id)
  } catch (error) {
    if (hasFailed(error, 'changed')) return 'unreadable'
    throw error
  }
}

const textOf = (record: Readable): string =>
  typeof record === 'object' ? canonical(record) : String(record)

/** Corrects or restricts items of a record. */
export async function correct(
  call: SignedCall,
  id: string,
  { items }: z.infer<typeof correctionSchema>,
  world: World,
): Promise<Kept> {
  if (!mayKeep(call.agency, world)) return { kind: 'not-a-holder' }
  const held = await world.holder.get(call.agency, id)
  if (held === undefined) return { kind: 'no-such-record' }
  const index = items.findIndex((each) => !held.items.some((item) => item.id === each.id))
  if (index >= 0) return { kind: 'no-such-item', index }
  if (repeatedIds(held.items).size > 0) return { kind: 'repeated-ids' }
  const unknown = unknownContent(items, held.items)
  if (unknown !== undefined) return { kind: 'no-such-content', index: unknown }
  const change = corrected({ items })
  const changed = changesOf(held.items, change(held).items)
  // Another change may have come since: what it corrects may be gone, and the content that it names.
  const ifThere = (now: HeldRecord) =>
    items.every((each) => now.items.some((item) => item.id === each.id)) &&
    unknownContent(items, now.items) === undefined
      ? change(now)
      : undefined
  return act(call, id, { what: 'correct', changed }, world, async (entry) => {
    const put = () => world.holder.correct(call.agency, id, entry, ifThere)
    return changeWithContents(call, id, contentsOf(held.items), put, world)
  })
}

/**
 * Changes a record, and destroys those of the contents that it had which it does not name any more. Returns whether it
 * was changed.
 */
async function changeWithContents(
  { agency }: SignedCall,
  id: string,
  had: readonly string[],
  change: () => Promise<boolean>,
  world: World,
): Promise<boolean> {
  const both = async () => {
    const isChanged = await change()
    await dropContents(agency, id, had, world)
    return isChanged
  }
  return had.length === 0 ? both() : changingContents(agency, id, world, both)
}

/** A holder that answers from a system of its own keeps none here: nobody would look at them. */
export const mayKeep = (agency: Agency, { holds }: World): boolean =>
  isServed(agency, holds) && isKeeper(agency) && agency.system === undefined

/** Whether an agency keeps records, here or in a system of its own. */
export const isKeeper = (agency: Agency): boolean =>
  authorize(agency, 'keep-record', { holder: agency.jurisdiction, keeper: agency.id }) !== undefined

/** The record after a correction. */
export const corrected =
  ({ items }: z.infer<typeof correctionSchema>) =>
  (record: HeldRecord): HeldRecord => ({
    ...record,
    items: record.items.map((item) => {
      const changes = items.find((each) => each.id === item.id)
      return changes === undefined ? item : storedItemSchema().parse({ ...item, ...changes })
    }),
  })

/**
 * Erases a record with all its look-ups and files, or reports that it did not. Makes no entry for a record that is not
 * there.
 */
export async function erase(call: SignedCall, id: string, world: World): Promise<Kept> {
  if (!isKeeper(call.agency)) return { kind: 'not-a-holder' }
  // A retry continues from its entry, or from one that was sealed and lost, even though the record is gone.
  const eid = idOf(call)
  const isKnown =
    (await world.holder.last(call.agency, id))?.isHeld ||
    (await world.ledger.read(eid)) !== undefined ||
    (await lost(eid, world)) !== undefined
  if (!isKnown) return { kind: 'no-such-record' }
  return act(call, id, { what: 'erase' }, world, ({ ts }) => eraseAll(call.agency, id, ts, world))
}

/** Erases a record, and destroys the contents of its files. Returns whether it is gone. */
export async function eraseAll(
  agency: Agency,
  id: string,
  ts: string,
  world: World,
): Promise<boolean> {
  // Noted though there may be none: one that comes meanwhile would outlive a crash.
  return changingContents(agency, id, world, async () => {
    const isGone = await world.holder.erase(agency, id, ts)
    if (isGone) await dropContents(agency, id, undefined, world)
    return isGone
  })
}

/**
 * The time by which a change is ordered among those of its record.
 *
 * INVARIANT (no clock decides): a change comes after what stood when it was entered, however far behind the
 * clock was that timed its entry.
 */
export const placeOf = (ts: string, { after }: RecordAct): string =>
  after === undefined ? ts : new Date(Date.parse(after) + 1).toISOString()

/**
 * Has the clock look for whoever gets told of a change that a retry is about to make, however long ago it was entered:
 * whoever asked since then got what it changes. Before it is made, so that a crash leaves nobody untold.
 */
async function triedAgain(eid: string, { id }: Agency, world: World): Promise<void> {
  const at = world.now().toISOString()
  await world.messages.retry(eid, at)
  await world.inbox.watch({ holder: id, requester: id, eid, at })
}

/**
 * Whether a record was changed as an entry says, by what the record shows: the entry is made before the change, which may
 * then be refused, or crash. A later change of the whole record hides whether it was.
 */
export function changeOf(
  eid: string,
  ts: string,
  act: RecordAct,
  last: LastChanged | undefined,
): 'made' | 'waits' | 'hidden' {
  const place = placeOf(ts, act)
  const { putTs = '', erasedTs = '', corrected: made = [] } = last ?? {}
  const shown = act.what === 'put' ? putTs : act.what === 'erase' ? erasedTs : ''
  if (shown === place || made.includes(eid)) return 'made'
  // What puts or erases the whole record later leaves no trace of what was before.
  const whole = act.what === 'erase' || erasedTs > putTs ? erasedTs : putTs
  return whole < place ? 'waits' : 'hidden'
}

/** Makes the entry, then the effect. A retry repeats the effect, which undoes nothing newer. */
export async function act(
  call: SignedCall,
  id: string,
  { what, file, changed = [] }: Pick<RecordAct, 'what' | 'file' | 'changed'>,
  world: World,
  effect: (
    entry: { readonly eid: string; readonly ts: string },
    said: RecordAct,
  ) => Promise<boolean>,
): Promise<Kept> {
  // A holder whose records this gateway no longer serves may still erase what is left of them.
  const may = what === 'erase' ? isKeeper(call.agency) : mayKeep(call.agency, world)
  if (!may) return { kind: 'not-a-holder' }
  // Not the name of a request's subject: otherwise its key would show that the record is kept.
  const subject = `kept:${id}`
  const last = await world.holder.last(call.agency, id)
  const isBehind = last !== undefined && last.ts >= world.now().toISOString()
  const said: RecordAct = {
    ...{ what, recordId: id },
    ...(file && { file }),
    ...(isBehind ? { after: last.ts } : {}),
    ...(changed.length > 0 ? { changed } : {}),
  }
  const recorded = await record(
    'record',
    call,
    call.agency.jurisdiction,
    subject,
    { act: said },
    world,
  )
  if (recorded.kind !== 'recorded') return recorded
  const { first, ts, receipt } = recorded
  const eid = idOf(call)
  const { act: entered } = recorded.said
  const mayStillMake = !first && changeOf(eid, ts, entered, last) === 'waits'
  if (mayStillMake && tells(entered)) await triedAgain(eid, call.agency, world)
  const isDone = await effect({ eid, ts: placeOf(ts, entered) }, entered)
  // INVARIANT (nobody is told of a change that was not made): the entry says what was asked. A retry may do it after all.
  if (!isDone || !first) await world.messages.refuse(eid, !isDone)
  return isDone
    ? { kind: 'done', first, id: eid, receipt, ts }
    : { kind: what === 'erase' ? 'not-erased' : 'overtaken', id: eid, receipt }
}

/** How an item stands once it may not be used, but is kept. */
const restrictedStates: readonly string[] = ['blocked', 'under-review']

/** What became of the items that there were, as whoever got them is to be told. */
export function changesOf(
  before: readonly RecordItem[],
  after: readonly RecordItem[],
): readonly ChangedItems[] {
  const changes = before.map((old) => ({
    id: old.id,
    hows: becameOf(
      old,
      after.find(({ id }) => id === old.id),
    ),
  }))
  return changeKinds
    .map((how) => ({ how, items: changes.filter(({ hows }) => hows.includes(how)) }))
    .filter(({ items }) => items.length > 0)
    .map(({ how, items }) => ({ how, items: items.map(({ id }) => id) }))
}

/** What became of an item. One that was restricted and stayed as it was otherwise is not corrected. */
function becameOf(old: RecordItem, now: RecordItem | undefined): readonly ChangedItems['how'][] {
  if (now === undefined) return ['erased']
  const isOther = old.status !== now.status
  const isRestricted = isOther && restrictedStates.includes(now.status)
  const isAsItWas = canonical({ ...old, status: now.status }) === canonical(now)
  const isCorrected = !isAsItWas || (isOther && !isRestricted)
  return [
    ...(isCorrected ? (['corrected'] as const) : []),
    ...(isRestricted ? (['restricted'] as const) : []),
  ]
}

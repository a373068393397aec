/** A holder with no system of its own keeps records here: creates, corrects, restricts, erases. */

import * as z from 'zod'
import {
  distinctIds,
  type HeldRecord,
  recordId,
  recordItemSchema,
  recordSchema,
  repeatedIds,
  storedItemSchema,
  storedRecordSchema,
} from '../decision/record.ts'
import { type Warning, warningsOf } from '../decision/warnings.ts'
import { authorize } from '../identity/authorize.ts'
import { isServed } from '../identity/holds.ts'
import type { Agency } from '../identity/register.ts'
import { inForce } from '../policy/history.ts'
import type { World } from '../ports.ts'
import { idOf, lost } from './enter.ts'
import { type Recorded, record } from './record-act.ts'
import type { RecordAct } from './said.ts'
import type { SignedCall } from './signed-call.ts'

/** The body of `PUT /v1/records/{id}`: the whole record, without its id. */
export const keptRecordSchema = recordSchema.omit({ id: true })

/** The body of `PATCH /v1/records/{id}`: by item, the fields to correct; `status` restricts one. */
export const correctionSchema = z.strictObject({
  items: correctionsOf(recordItemSchema).superRefine(distinctIds),
})

/** The body of a `PUT` as an entry may hold it since before the rules for ids and text. */
export const storedKeptSchema = storedRecordSchema.omit({ id: true })
/** And that of a `PATCH`. */
export const storedCorrectionSchema = z.strictObject({ items: correctionsOf(storedItemSchema) })

function correctionsOf(item: typeof recordItemSchema) {
  return z
    .array(item.partial().extend({ id: recordId }))
    .min(1)
    .max(100)
}

/** What became of a change to a record. */
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
  /** A record stands that was put later; the entry says what was asked, not that it was done. */
  | { readonly kind: 'not-erased'; readonly id: string; readonly receipt: string }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** Creates or replaces a record; gives what of it will not leave, by the law when it was entered. */
export async function keep(
  call: SignedCall,
  id: string,
  body: z.infer<typeof keptRecordSchema>,
  world: World,
): Promise<{ readonly kept: Kept; readonly warnings: readonly Warning[] }> {
  const kept = await act(call, id, 'put', world, async ({ ts }) => {
    await world.holder.put(call.agency, { id, ...body }, ts)
    return true
  })
  if (kept.kind !== 'done') return { kept, warnings: [] }
  const { book } = await world.law.now()
  const { elements } = inForce(book, kept.ts, kept.ts)
  return { kept, warnings: warningsOf(body.items, elements, call.agency.jurisdiction) }
}

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
  return act(call, id, 'correct', world, async (entry) => {
    await world.holder.correct(call.agency, id, entry, corrected({ items }))
    return true
  })
}

const mayKeep = (agency: Agency, { holds }: World): boolean =>
  isServed(agency, holds) && isKeeper(agency)

const isKeeper = (agency: Agency): boolean =>
  authorize(agency, 'keep-record', { holder: agency.jurisdiction, keeper: agency.id }) !== undefined

/** What a correction makes of a record. */
export const corrected =
  ({ items }: z.infer<typeof correctionSchema>) =>
  (record: HeldRecord): HeldRecord => ({
    ...record,
    items: record.items.map((item) => {
      const changes = items.find((each) => each.id === item.id)
      return changes === undefined ? item : storedItemSchema.parse({ ...item, ...changes })
    }),
  })

/**
 * Erases a record, with every way to find it, or says that it did not; of one that is not there nothing
 * is entered.
 */
export async function erase(call: SignedCall, id: string, world: World): Promise<Kept> {
  if (!isKeeper(call.agency)) return { kind: 'not-a-holder' }
  // A retry goes on from the entry that stands, or that was sealed and is lost, though the record is gone.
  const eid = idOf(call)
  const isKnown =
    (await world.holder.last(call.agency, id))?.isHeld ||
    (await world.ledger.read(eid)) !== undefined ||
    (await lost(eid, world)) !== undefined
  if (!isKnown) return { kind: 'no-such-record' }
  return act(call, id, 'erase', world, ({ ts }) => world.holder.erase(call.agency, id, ts))
}

/**
 * When a change takes its place among those of its record.
 *
 * INVARIANT (no clock decides): a change comes after what stood when it was entered, however far behind
 * the clock is that its entry has its time from.
 */
export const placeOf = (ts: string, { after }: RecordAct): string =>
  after === undefined ? ts : new Date(Date.parse(after) + 1).toISOString()

/** The entry first; a retry takes effect again, which undoes nothing newer. */
async function act(
  call: SignedCall,
  id: string,
  what: 'put' | 'correct' | 'erase',
  world: World,
  effect: (entry: { readonly eid: string; readonly ts: string }) => Promise<boolean>,
): Promise<Kept> {
  // Of one whose records are served no longer, too: what is left of them goes when it says so.
  const may = what === 'erase' ? isKeeper(call.agency) : mayKeep(call.agency, world)
  if (!may) return { kind: 'not-a-holder' }
  // Another name than a request's subject has: else its key would show that the record is kept.
  const subject = `kept:${id}`
  const last = await world.holder.last(call.agency, id)
  const isBehind = last !== undefined && last.ts >= world.now().toISOString()
  const said: RecordAct = { what, recordId: id, ...(isBehind ? { after: last.ts } : {}) }
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
  const isDone = await effect({ eid, ts: placeOf(ts, recorded.said.act) })
  return isDone
    ? { kind: 'done', first, id: eid, receipt, ts }
    : { kind: 'not-erased', id: eid, receipt }
}

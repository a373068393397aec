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
import type { Agency } from '../identity/register.ts'
import { entryId } from '../ledger/entry.ts'
import { inForce } from '../policy/history.ts'
import type { World } from '../ports.ts'
import { lost } from './lost.ts'
import { type Recorded, record } from './record-act.ts'
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
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** Creates or replaces a record; gives what of it will not leave, by the law when it was entered. */
export async function keep(
  call: SignedCall,
  id: string,
  body: z.infer<typeof keptRecordSchema>,
  world: World,
): Promise<{ readonly kept: Kept; readonly warnings: readonly Warning[] }> {
  const kept = await act(call, id, 'put', world, ({ ts }) =>
    world.holder.put(call.agency, { id, ...body }, ts),
  )
  if (kept.kind !== 'done') return { kept, warnings: [] }
  const { elements } = inForce(world.book, kept.ts, kept.ts)
  return { kept, warnings: warningsOf(body.items, elements, call.agency.jurisdiction) }
}

/** Corrects or restricts items of a record. */
export async function correct(
  call: SignedCall,
  id: string,
  { items }: z.infer<typeof correctionSchema>,
  world: World,
): Promise<Kept> {
  if (!mayKeep(call.agency)) return { kind: 'not-a-holder' }
  const held = await world.holder.get(call.agency, id)
  if (held === undefined) return { kind: 'no-such-record' }
  const index = items.findIndex((each) => !held.items.some((item) => item.id === each.id))
  if (index >= 0) return { kind: 'no-such-item', index }
  if (repeatedIds(held.items).size > 0) return { kind: 'repeated-ids' }
  return act(call, id, 'correct', world, async (entry) => {
    await world.holder.correct(call.agency, id, entry, corrected({ items }))
  })
}

const mayKeep = (agency: Agency): boolean =>
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

/** Erases a record, with every way to find it; of one that is not there nothing is entered. */
export async function erase(call: SignedCall, id: string, world: World): Promise<Kept> {
  if (!mayKeep(call.agency)) return { kind: 'not-a-holder' }
  // A retry goes on from the entry that stands, or that was sealed and is lost, though the record is gone.
  const eid = entryId(call.agency.id, call.jti)
  const isKnown =
    (await world.holder.has(call.agency, id)) ||
    (await world.ledger.read(eid)) !== undefined ||
    (await lost(eid, world)) !== undefined
  if (!isKnown) return { kind: 'no-such-record' }
  return act(call, id, 'erase', world, ({ ts }) => world.holder.erase(call.agency, id, ts))
}

/** The entry first; a retry takes effect again, which undoes nothing newer. */
async function act(
  call: SignedCall,
  id: string,
  what: 'put' | 'correct' | 'erase',
  world: World,
  effect: (entry: { readonly eid: string; readonly ts: string }) => Promise<void>,
): Promise<Kept> {
  if (!mayKeep(call.agency)) return { kind: 'not-a-holder' }
  // Another name than a request's subject has: else its key would show that the record is kept.
  const subject = `kept:${id}`
  const recorded = await record(
    'record',
    call,
    call.agency.jurisdiction,
    subject,
    { act: { what, recordId: id } },
    world,
  )
  if (recorded.kind !== 'recorded') return recorded
  const eid = entryId(call.agency.id, call.jti)
  await effect({ eid, ts: recorded.ts })
  return {
    kind: 'done',
    first: recorded.first,
    id: eid,
    receipt: recorded.receipt,
    ts: recorded.ts,
  }
}

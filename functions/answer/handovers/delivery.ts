/**
 * The handover of an answer by another way than this gateway: an officer of the holder makes the package, sends it, and
 * says by which number it left.
 */

import type { AccessRequest, Delivery } from '../../decision/request.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import type { World } from '../../ports.ts'
import { sendAgain } from '../answer.ts'
import { type AnsweredBefore, stillLeaves } from '../ask/still-leaves.ts'
import { type Recorded, record, recordLook } from '../entries/act.ts'
import { open, openKept, requestIn } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import type { Answered } from '../reply/reply.ts'
import type { AnswerBody } from '../reply/reply-schema.ts'

/** What does not happen, and why. */
type NotDone =
  /** It is none of this holder that leaves by another way. */
  { readonly kind: 'no-such-request' } | Exclude<Recorded, { readonly kind: 'recorded' }>

/** The result of making a package. */
export type Packed =
  | { readonly kind: 'packed'; readonly body: AnswerBody; readonly request: AccessRequest }
  | Exclude<Answered, { readonly kind: 'answered' }>
  | NotDone

/**
 * The package of a decision: what the requester is told, with the data that leaves. Data leaves by it for the first
 * time, so it is decided once more: if anything else would leave now, or its matter was decided again, nothing
 * does, and the request is to be asked anew. Making a package is an entry, before it is shown.
 */
export async function pack(call: SignedCall, id: string, world: World): Promise<Packed> {
  const found = await deliverable(call, id, world, openKept)
  if (found === undefined) return { kind: 'no-such-request' }
  const { stored, opened, holder } = found
  const leaves = await stillLeaves(found, { entry: idOf(call) }, world)
  if (leaves.kind !== 'leaves') return leaves
  const { exchange } = leaves
  const question = { action: 'make-package', id }
  const look = { purpose: 'delivery', question, shown: [id], exchange }
  const of = [holder.jurisdiction, opened.subject.asked] as const
  const recorded = await recordLook(call, of, look, world)
  if (recorded.kind !== 'recorded') return recorded
  return {
    kind: 'packed',
    request: requestIn(opened),
    body: await sendAgain(opened.told.reply, leaves, stored, world),
  }
}

/** The result of saying that an answer left. */
export type Delivered =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
    }
  | NotDone

/** An officer of the holder says by which way and number an answer left. */
export async function deliver(
  call: SignedCall,
  id: string,
  delivery: Delivery,
  world: World,
): Promise<Delivered> {
  const found = await deliverable(call, id, world)
  if (found === undefined) return { kind: 'no-such-request' }
  const { opened, holder } = found
  const own = idOf(call)
  const subject = { pseudonym: opened.subject.asked }
  const { jurisdiction } = holder
  const recorded = await record('delivery', call, jurisdiction, subject, { delivery }, world, id)
  if (recorded.kind !== 'recorded') return recorded
  const { said, first, receipt } = recorded
  await world.handovers.put(id, { id: own, ...said.delivery })
  return { kind: 'done', first, id: own, receipt }
}

/** A decision of the caller's own as holder that leaves by another way; otherwise undefined. */
async function deliverable(
  call: SignedCall,
  id: string,
  world: World,
  opening = open,
): Promise<AnsweredBefore | undefined> {
  const stored = await world.ledger.read(id)
  if (stored?.leaf.t !== 'decision' || stored.leaf.dryRun) return undefined
  const opened = await opening(stored, world)
  const holder = call.agency
  if (opened === undefined || opened.matter.holder !== holder.id) return undefined
  const of = { holder: stored.leaf.hj, keeper: holder.id }
  if (authorize(actorOf(call), 'deliver', of) === undefined) return undefined
  const { receivedBy, deliverBy } = requestIn(opened)
  return receivedBy === undefined && deliverBy === undefined
    ? undefined
    : { stored, opened, holder }
}

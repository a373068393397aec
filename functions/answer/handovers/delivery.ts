/**
 * The handover of an answer by another way than this gateway: an officer of the holder makes the package, sends it, and
 * says by which number it left.
 */

import { type Disclosure, nothingLeaves } from '../../decision/disclose.ts'
import type { Obligation } from '../../decision/duties.ts'
import type { AccessRequest, Delivery } from '../../decision/request.ts'
import { noesOn } from '../../decision/reserved.ts'
import { actorOf, asOffice, authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import { commitment } from '../../ledger/entry.ts'
import { receiptPayload } from '../../ledger/receipt.ts'
import type { Durable, FoundRecord, World } from '../../ports.ts'
import { sendWhole } from '../answer.ts'
import type { Considering } from '../ask/background.ts'
import { consider } from '../ask/consideration.ts'
import { matterIn } from '../ask/matter.ts'
import { requesterIn } from '../ask/requester.ts'
import { type Recorded, record, recordLook } from '../entries/act.ts'
import { type Opened, open, requestIn } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import { channelIn } from '../offices/would-leave.ts'
import { type Answered, isOwed } from '../reply/reply.ts'
import type { AnswerBody } from '../reply/reply-schema.ts'

/** A decision that leaves by another way. */
type Deliverable = {
  readonly stored: Durable
  readonly opened: Opened
  readonly holder: Agency
}

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
  const found = await deliverable(call, id, world)
  if (found === undefined) return { kind: 'no-such-request' }
  const { stored, opened, holder } = found
  const leaves = await stillLeaves(found, idOf(call), world)
  if (leaves === undefined) {
    const receipt = await world.secrets.receipt(receiptPayload(stored.leaf, stored.leafHash))
    return { kind: 'record-changed', reply: opened.told.reply, receipt }
  }
  const { exchange } = leaves
  const question = { action: 'make-package', id }
  const look = { purpose: 'delivery', question, shown: [id], exchange }
  const of = [holder.jurisdiction, opened.subject.asked] as const
  const recorded = await recordLook(call, of, look, world)
  if (recorded.kind !== 'recorded') return recorded
  return {
    kind: 'packed',
    request: requestIn(opened),
    body: await sendWhole(opened.told.reply, leaves.disclosure, stored, world),
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

/** What leaves by a package, and what was signed if the holder's own system was asked. */
type Leaves = { readonly disclosure: Disclosure; readonly exchange?: FoundRecord['exchange'] }

/**
 * What leaves by a decision, if it is the last of its matter and would be decided alike now, by the law as it is now,
 * with no duty that its answer does not tell.
 * Nothing does between agencies of which one may no longer ask, or answer.
 * With `then`, by what was vouched for at that instant, without what was taken back since, or refused.
 */
export async function stillLeaves(
  { stored, opened, holder }: Deliverable,
  entry: string,
  world: World,
  then: Partial<Pick<Considering, 'vouchedAt' | 'supposed'>> = {},
): Promise<Leaves | undefined> {
  const { reply, paySalt } = opened.told
  const { id: matter } = matterIn(stored, opened)
  const again = await world.inbox.lastDecided(matter)
  if (again !== undefined && again > reply.decidedAt) return undefined
  if (await world.messages.isRecalled(stored.leaf.eid)) return undefined
  if (!Object.values(reply.classes).includes('released')) return { disclosure: nothingLeaves }
  const requester = await requesterIn(opened, world)
  if (requester === undefined || !(await mayStillDeal(opened, holder, world))) return undefined
  const at = world.now().toISOString()
  const about = { request: requestIn(opened), requester, holder, entry, matter, at, ...then }
  const channel = channelIn(opened.facts.facts)
  const law = await world.law.now()
  const { disclosure, seen, facts } = await consider({ ...about, channel, law }, world)
  // What let it leave may have been an officer's word, which reaches no answer that came later.
  const leaving = seen.items.filter(({ id }) => disclosure.items.some((each) => each.id === id))
  const heard = noesOn(opened.facts.facts, opened.items)
  if (!noesOn(facts, leaving).every((each) => heard.includes(each))) return undefined
  const isTold = ({ code, value }: Obligation) =>
    reply.obligations.some((each) => each.code === code && each.value === value)
  const areTold = seen.told.obligations.filter(isOwed).every(isTold)
  return areTold && commitment({ salt: paySalt, value: disclosure }) === stored.leaf.pay
    ? { disclosure, ...(seen.exchange && { exchange: seen.exchange }) }
    : undefined
}

/** Whether the holder may still answer, and whoever called still ask: a suspension takes both away at once. */
async function mayStillDeal(
  { call }: Opened,
  holder: Agency,
  { register }: Pick<World, 'register'>,
): Promise<boolean> {
  const { jurisdiction, id: keeper } = holder
  const caller = await register.agency(call.agency)
  return (
    authorize(holder, 'answer-requests', { holder: jurisdiction, keeper }) !== undefined &&
    caller !== undefined &&
    authorize(asOffice(caller), 'ask', { holder: jurisdiction, owner: caller.id }) !== undefined
  )
}

/** A decision of the caller's own as holder that leaves by another way; otherwise undefined. */
async function deliverable(
  call: SignedCall,
  id: string,
  world: World,
): Promise<Deliverable | undefined> {
  const stored = await world.ledger.read(id)
  if (stored?.leaf.t !== 'decision' || stored.leaf.dryRun) return undefined
  const opened = await open(stored, world)
  const holder = call.agency
  if (opened === undefined || opened.matter.holder !== holder.id) return undefined
  const of = { holder: stored.leaf.hj, keeper: holder.id }
  if (authorize(actorOf(call), 'deliver', of) === undefined) return undefined
  const { receivedBy, deliverBy } = requestIn(opened)
  return receivedBy === undefined && deliverBy === undefined
    ? undefined
    : { stored, opened, holder }
}

/**
 * What a holder gives unasked (Dir. (EU) 2023/977 art. 7): decided as if the recipient had asked, by the law of
 * the holder, as an entry like any answer's. The recipient collects it by its own signed call.
 */

import { type Provision, requestOfProvision } from '../../decision/request.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import { channelOfKey } from '../../identity/register.ts'
import type { World } from '../../ports.ts'
import { answer, askingBy, sendAgain } from '../answer.ts'
import { decision, supposed } from '../ask/attestations.ts'
import { consider } from '../ask/consideration.ts'
import { refusedRequests } from '../ask/refusals.ts'
import { requesterId } from '../ask/requester.ts'
import { isOtherChannel, stillLeaves } from '../ask/still-leaves.ts'
import { recordLook } from '../entries/act.ts'
import { openKept } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import { resourceOf } from '../offices/attestation.ts'
import type { WouldLeave } from '../offices/would-leave.ts'
import type { Answered } from '../reply/reply.ts'
import type { AnswerBody } from '../reply/reply-schema.ts'

/** How long a provision can be collected, days. Ours: long enough for an office that is closed for a week. */
export const collectDays = 14

/** The result of a provision, or what would leave by it. */
type Provided = Answered | { readonly kind: 'seen'; readonly wouldLeave: WouldLeave }

/**
 * Gives unasked what the officer was shown, or shows it. The entry says all; its data leaves only to the
 * recipient. The officer's call is the decision to release if he may decide so; else what the law reserves to
 * a person stays, open.
 */
export async function provide(
  call: SignedCall,
  provision: Provision,
  world: World,
): Promise<Provided> {
  const request = requestOfProvision(provision)
  const release: Parameters<typeof askingBy>[3] = ({ holder, ...about }) =>
    authorize(actorOf(call), 'decide-release', resourceOf(holder, [decision])) &&
    supposed(call, [decision], { ...about, holder: holder.id })
  const { shown } = provision
  if (shown !== undefined) return answer(call, request, world, { shown, release })
  const asking = await askingBy(call, request, world, release)
  if (asking.kind !== 'asking') return asking
  const { officer: _, ...considering } = asking.about
  const considered = await consider(considering, world)
  const { exchange } = considered.seen
  const question = { action: 'see-provision', to: provision.to }
  const look = { purpose: 'lawfulness', question, shown: [], exchange }
  const of = [asking.holder.jurisdiction, considered.asked] as const
  const recorded = await recordLook(call, of, look, world)
  if (recorded.kind !== 'recorded') return recorded
  const { receipt } = recorded
  const earlier = await refusedRequests(considered.earlier, world)
  const id = considering.entry
  return {
    kind: 'seen',
    wouldLeave: { id, receipt, considering, considered, isFirstWord: false, earlier },
  }
}

/** The result of collecting a provision. */
export type Collected =
  | { readonly kind: 'collected'; readonly body: AnswerBody }
  /** It is none to this agency, or nothing left by it, or its person was erased since. */
  | { readonly kind: 'no-such-provision' }
  | { readonly kind: 'too-late' }
  | Exclude<Answered, { readonly kind: 'answered' }>

/**
 * The data of a provision, to its recipient, as often as needed until it is too late. Each call is an entry before
 * anything leaves. If something else would leave by now, nothing does.
 */
export async function collect(call: SignedCall, id: string, world: World): Promise<Collected> {
  const stored = await world.ledger.read(id)
  const opened = stored && (await openKept(stored, world))
  if (stored === undefined || opened === undefined) return { kind: 'no-such-provision' }
  const { reply } = opened.told
  // It must be in words that it is a provision: an answer is given to nobody again.
  const owner = reply.provided === undefined ? {} : { owner: requesterId(opened) }
  const of = { holder: stored.leaf.hj, ...owner }
  const isOwn = reply.outcome !== 'deny' && authorize(call.agency, 'collect', of) !== undefined
  const holder = isOwn ? await world.register.agency(reply.holder) : undefined
  if (holder === undefined) return { kind: 'no-such-provision' }
  const ageMs = world.now().getTime() - Date.parse(reply.decidedAt)
  if (ageMs > collectDays * 86_400_000) return { kind: 'too-late' }
  const channel = channelOfKey(call.agency, call.kid)
  if (isOtherChannel(channel, opened)) return { kind: 'another-channel', channel }
  const leaves = await stillLeaves({ stored, opened, holder }, { entry: idOf(call) }, world)
  if (leaves.kind !== 'leaves') return leaves
  const { exchange } = leaves
  const question = { action: 'collect-provision', id }
  const look = { purpose: 'delivery', question, shown: [id], exchange }
  const about = [stored.leaf.hj, opened.subject.asked] as const
  const recorded = await recordLook(call, about, look, world, id)
  if (recorded.kind !== 'recorded') return recorded
  // Before anything leaves, so that whoever has it is told what becomes of it.
  await world.messages.collect(id)
  return { kind: 'collected', body: await sendAgain(reply, leaves, stored, world) }
}

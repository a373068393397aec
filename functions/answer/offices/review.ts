/**
 * The requester puts a denial before an officer of the holder, once, and the officer answers. Whoever asked may put it
 * there, and of the officers who did not, only those whom the agency named to run its shift (`desk`): else a colleague
 * could use up the one review of hers. The agency's own key may for any officer, since it answers for whom it signs.
 */

import { actorOf, authorize } from '../../identity/authorize.ts'
import { isPasskeyWithout } from '../../identity/passkey-calls.ts'
import type { Review } from '../../inbox-ports.ts'
import type { World } from '../../ports.ts'
import { rememberEntry } from '../ask/refusals.ts'
import { type Recorded, record } from '../entries/act.ts'
import { open, openAny, requestIn } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import { reviewRow } from '../reminders/inbox-rows.ts'
import { decidable } from './would-leave.ts'

/** The result of asking for a review, or of answering one. */
export type Reviewed =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
    }
  | { readonly kind: 'no-such-request' }
  /** It was put before an officer already, or the officer has answered. */
  | { readonly kind: 'already-reviewed' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/**
 * The requester puts its own denial before an officer of the holder, or that officer answers with a ground.
 * An answer lifts no rule: the requester learns that an officer looked, and nothing more.
 */
export async function review(
  call: SignedCall,
  id: string,
  ground: string,
  world: World,
): Promise<Reviewed> {
  const asked = await world.reviews.get(id)
  return (
    (await ask(call, id, ground, asked, world)) ??
    (await answer(call, id, ground, asked, world)) ?? { kind: 'no-such-request' }
  )
}

async function ask(
  call: SignedCall,
  id: string,
  ground: string,
  asked: Review | undefined,
  world: World,
): Promise<Reviewed | undefined> {
  const stored = await world.ledger.read(id)
  const isDenial = stored?.leaf.t === 'decision' && stored.leaf.out === 'deny'
  const opened = isDenial && !stored.leaf.dryRun ? await open(stored, world) : undefined
  if (stored === undefined || opened === undefined) return undefined
  // Who enters what came by another way, or provides unasked, is the holder: there is nobody to put it before.
  const { receivedBy, provided } = requestIn(opened)
  if (receivedBy !== undefined || provided !== undefined) return undefined
  const of = { holder: stored.leaf.hj, owner: opened.call.agency }
  if (authorize(call.agency, 'ask-for-review', of) === undefined) return undefined
  // INVARIANT (a refusal tells nothing): a colleague's denial is as one that does not exist.
  if (call.officer !== opened.call.officer && isPasskeyWithout(call, 'desk')) return undefined
  // Whoever may put it there knows that it is a denial.
  await rememberEntry(stored, opened, world)
  const own = idOf(call)
  if (asked !== undefined && asked.id !== own) return { kind: 'already-reviewed' }
  const subject = { pseudonym: opened.subject.asked }
  const values = { review: { ground, holder: opened.matter.holder } }
  const recorded = await record('review', call, stored.leaf.hj, subject, values, world, id)
  if (recorded.kind !== 'recorded') return recorded
  const { ts, first, receipt } = recorded
  const stands = await world.reviews.ask(id, { id: own, at: ts })
  if (stands.id !== own) return { kind: 'already-reviewed' }
  await world.inbox.put(reviewRow(id, ts, opened))
  return { kind: 'done', first, id: own, receipt }
}

async function answer(
  call: SignedCall,
  id: string,
  ground: string,
  asked: Review | undefined,
  world: World,
): Promise<Reviewed | undefined> {
  const found = asked && (await decidable(id, actorOf(call), world))
  if (asked === undefined || found === undefined) return undefined
  const own = idOf(call)
  if (asked.answer !== undefined && asked.answer.id !== own) return { kind: 'already-reviewed' }
  const { holder, opened } = found
  const subject = { pseudonym: opened.subject.asked }
  const values = { review: { ground, to: opened.call.agency } }
  const recorded = await record('review', call, holder.jurisdiction, subject, values, world, id)
  if (recorded.kind !== 'recorded') return recorded
  const { ts: at, first, receipt } = recorded
  await world.reviews.answer(id, { id: own, office: call.agency.id, at })
  return { kind: 'done', first, id: own, receipt }
}

/** Who put a denial before an officer, when and why, as far as that entry opens; undefined if nobody did. */
export async function objectionTo(
  id: string,
  world: Pick<World, 'reviews' | 'ledger' | 'subjectKeys'>,
): Promise<
  { readonly at: string; readonly officer?: string; readonly ground?: string } | undefined
> {
  const asked = await world.reviews.get(id)
  if (asked === undefined) return undefined
  const stored = await world.ledger.read(asked.id)
  const opened = stored && (await openAny(stored, world))
  if (opened?.kind !== 'review') return { at: asked.at }
  const { call, review } = opened.values
  return { at: asked.at, officer: call.officer, ground: review.ground }
}

/** An officer of the holder sees what would leave on a request, and why. */

import * as z from 'zod'
import { releaseSchema, statementsSchema } from '../../decision/attestation.ts'
import type { BuiltIn } from '../../decision/reasons.ts'
import { isKeptFile } from '../../decision/record.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import { passDigest } from '../../ledger/file.ts'
import type { World } from '../../ports.ts'
import { decision, supposed } from '../ask/attestations.ts'
import type { Considering } from '../ask/background.ts'
import { consider } from '../ask/consideration.ts'
import type { Considered } from '../ask/decision.ts'
import { matterIn } from '../ask/matter.ts'
import { refusedRequests } from '../ask/refusals.ts'
import { requesterIn } from '../ask/requester.ts'
import { requestOf } from '../ask/scope.ts'
import { channelIn } from '../ask/still-leaves.ts'
import { type Recorded, recordLook } from '../entries/act.ts'
import { open, requestIn } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import type { Reply } from '../reply/reply-schema.ts'
import { resourceOf } from './attestation.ts'
import { isToldOf } from './inbox.ts'

/** What the officer would vouch for, take out and pick. On the wire, what would leave is a `proposal`. */
export const wouldLeaveSchema = z.strictObject({
  facts: statementsSchema.optional(),
  record: releaseSchema.shape.record,
  takenOut: releaseSchema.shape.takenOut,
})
type WouldLeaveBody = z.infer<typeof wouldLeaveSchema>

/** What would leave if the officer decided so. */
export type WouldLeave = {
  readonly id: string
  readonly receipt: string
  /** What opens the pictures of this look, as the answer to this call alone says; a retry is not told it again. */
  readonly pass?: string
  readonly considering: Considering
  readonly considered: Considered
  /** Whoever asked was told that nothing is held that may be given: a release tells them otherwise. */
  readonly isFirstWord: boolean
  /** Earlier refusals, with what was asked then, the newest first. */
  readonly earlier: Awaited<ReturnType<typeof refusedRequests>>
}

/** The result of asking what would leave. */
type Look =
  | { readonly kind: 'seen'; readonly wouldLeave: WouldLeave }
  | { readonly kind: 'no-such-request' }
  | { readonly kind: 'may-not-attest' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/**
 * Shows what would leave if an officer released a request now. The look is entered before anything is shown.
 */
export async function seeWouldLeave(
  call: SignedCall,
  id: string,
  body: WouldLeaveBody,
  world: World,
): Promise<Look> {
  const found = await decidable(id, actorOf(call), world)
  if (found === undefined) return { kind: 'no-such-request' }
  const { opened, holder } = found
  const own = idOf(call)
  const looked = await considerLook(call, own, body, found, world)
  if (looked === undefined) return { kind: 'may-not-attest' }
  const { considering, considered, facts } = looked
  const { at } = considering
  const pass = Buffer.from(world.random(32)).toString('base64url')
  const pictures = picturesIn(considered, pass)
  const { exchange } = considered.seen
  const question = { action: 'see-proposal', id, facts: facts.map(({ fact }) => fact), ...pictures }
  const look = { purpose: 'lawfulness', question, shown: [id], exchange }
  const of = [holder.jurisdiction, opened.subject.asked] as const
  const recorded = await recordLook(call, of, look, world)
  if (recorded.kind !== 'recorded') return recorded
  const { receipt, first } = recorded
  if (isToldOf(call.agency.id, opened)) await world.inbox.seen(id, call.agency.id, at)
  const earlier = await refusedRequests(considered.earlier, world)
  const opens = first && pictures !== undefined ? { pass } : {}
  const isFirstWord = saysNothing(opened.told.reply)
  const wouldLeave = { id: own, receipt, ...opens, considering, considered, isFirstWord, earlier }
  return { kind: 'seen', wouldLeave }
}

const saysNothing = ({ reasons }: Reply): boolean =>
  reasons.some(({ code }) => code === ('nothing-transmissible' satisfies BuiltIn))

/** What would leave now if an officer decided as they say, under the entry of their look; undefined if they may not. */
export async function considerLook(
  by: Parameters<typeof supposed>[0],
  entry: string,
  body: WouldLeaveBody,
  { stored, opened, holder, requester }: Decidable,
  world: World,
) {
  const facts = [decision, ...(body.facts ?? []).filter(({ fact }) => fact !== decision.fact)]
  if (authorize(actorOf(by), 'decide-release', resourceOf(holder, facts)) === undefined)
    return undefined
  const at = world.now().toISOString()
  const matter = matterIn(stored, opened).id
  const considering = {
    ...{ request: requestIn(opened), requester, holder, entry, matter, at },
    channel: channelIn(opened.facts.facts),
    law: await world.law.now(),
    supposed: supposed(by, facts, { id: entry, holder: holder.id, matter, at }),
    choice: { record: body.record, takenOut: body.takenOut },
  }
  return { facts, considering, considered: await consider(considering, world) }
}

type Decidable = NonNullable<Awaited<ReturnType<typeof decidable>>>

/**
 * The pictures that a look shows, by their commitments, the record that has them, and the digest of what opens them:
 * `picture.ts` goes by these. Undefined where it shows none.
 */
function picturesIn({ seen, disclosure }: Considered, pass: string) {
  const pictures = disclosure.items.flatMap(({ id: item, value }) => {
    if (!isKeptFile(value)) return []
    const { salt: _, ...file } = value
    return [{ ...file, item }]
  })
  return seen.record === undefined || pictures.length === 0
    ? undefined
    : { record: seen.record.id, pictures, pass: passDigest(pass) }
}

/** A request that an agency’s officers may decide on, with both agencies; otherwise undefined. */
export async function decidable(id: string, agency: Agency, world: World) {
  for (const { holder: keeper } of agency.attests) {
    const holder = await world.register.agency(keeper)
    if (holder === undefined) continue
    if (authorize(agency, 'decide-release', resourceOf(holder, [decision])) === undefined) continue
    const found = await requestOf(id, holder.id, world, open)
    const requester = found && (await requesterIn(found.opened, world))
    if (found !== undefined && requester !== undefined) return { ...found, holder, requester }
  }
  return undefined
}

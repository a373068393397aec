/** Whether a request may be asked at all: who asks whom, in which matter, and by which law. */

import type { AccessRequest } from '../../decision/request.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import { isServed } from '../../identity/holds.ts'
import type { Agency } from '../../identity/register.ts'
import type { KeptAttestation, World } from '../../ports.ts'
import { lawIn } from '../entries/law.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { enterRegistered } from '../entries/statements.ts'
import type { Answered } from '../reply/reply.ts'
import type { Considering } from './background.ts'
import { type AskedAgain, askedAgain } from './matter.ts'
import { requesterOf } from './requester.ts'

/** A question that may be considered. */
export type MayAsk = {
  readonly kind: 'asking'
  readonly holder: Agency
  readonly matter: AskedAgain
  readonly about: Considering
}

/** Who asks, under which entry, and the channel of the key that signs. */
export type WhoAsks = Pick<SignedCall, 'agency' | 'officer'> &
  Pick<Considering, 'entry' | 'channel'>

/** Why nobody may ask; with its holder, if it could be asked once. */
export type NotAsking = {
  readonly kind: 'not-asking'
  readonly why: Exclude<Answered, { readonly kind: 'answered' }>
  readonly holder?: Agency
}

/** Who asks whom, in which matter and by which law; or why nobody may. */
export async function askingAs(
  { agency, officer, entry, channel: ofKey }: WhoAsks,
  request: AccessRequest,
  world: World,
  release?: Release,
): Promise<MayAsk | NotAsking> {
  const not = (why: NotAsking['why']): NotAsking => ({ kind: 'not-asking', why })
  const holder = await world.register.agency(request.holder)
  if (holder === undefined) return not({ kind: 'no-such-holder' })
  const of = { holder: holder.jurisdiction, keeper: holder.id, owner: agency.id }
  if (authorize(actorOf({ agency, officer }), actionOf(request), of) === undefined)
    return not({ kind: 'not-your-role' })
  const requester = await requesterOf(request, agency, world)
  if (requester === undefined) return not({ kind: 'no-such-recipient' })
  const at = world.now().toISOString()
  if (isBornLater(request, at)) return not({ kind: 'born-later' })
  const to = request.provided && (await world.register.agency(request.provided.to))
  // The answer rests on both, and neither of them on the other.
  const [behind, law] = await Promise.all([
    enterRegistered([agency, ...(to ? [to] : []), holder], at, world),
    lawIn(holder.jurisdiction, at, world),
  ])
  if (behind !== undefined) return not(behind)
  if ('kind' in law) return not(law)
  // The channel of what came by another way is the officer's word, too; what is provided unasked leaves by the
  // channel of the key that collects it, which is held to this one then.
  const channel = isAsked(request) ? ofKey : request.channel
  const matter = await matterOfCall(request, agency, entry, at, world)
  const refused = refusedBefore(request, holder, channel, matter, world)
  if (refused !== undefined || matter === undefined)
    return { ...not(refused ?? { kind: 'another-matter' }), holder }
  const supposed = release?.({ id: entry, holder, matter: matter.id, at })
  const about = {
    ...{ request, requester, holder, channel, at, law, officer, entry },
    matter: matter.id,
    isNew: matter.id === entry,
    ...(supposed && { supposed }),
  }
  return { kind: 'asking', holder, matter, about }
}

/** The decision to release that a provision is, if its officer may decide so. */
export type Release = (
  about: Pick<Considering, 'matter' | 'at' | 'holder'> & { readonly id: string },
) => KeptAttestation | undefined

/** Whether the agency asks for itself: nothing came to it by another way, and nothing is provided. */
export const isAsked = ({ receivedBy, provided }: AccessRequest): boolean =>
  receivedBy === undefined && provided === undefined

/** Whether the day of birth is yet to come, wherever one is. */
const isBornLater = ({ subject }: AccessRequest, at: string): boolean =>
  'birthDate' in subject && Date.parse(subject.birthDate) - Date.parse(at) > dayMs

const dayMs = 86_400_000

const actionOf = ({ receivedBy, provided }: AccessRequest) =>
  provided !== undefined ? 'provide' : receivedBy !== undefined ? 'enter-received' : 'ask'

/** The matter of a call: its own, or that of the request which it asks again. */
const matterOfCall = async (
  request: AccessRequest,
  agency: Agency,
  eid: string,
  at: string,
  world: World,
): Promise<AskedAgain | undefined> =>
  request.previous === undefined ? { id: eid, since: at } : askedAgain(request, agency, at, world)

function refusedBefore(
  request: AccessRequest,
  holder: Agency,
  channel: string | undefined,
  matter: AskedAgain | undefined,
  { holds }: World,
): NotAsking['why'] | undefined {
  if (!isServed(holder, holds)) return { kind: 'served-elsewhere', gateway: holder.gateway }
  const of = { holder: holder.jurisdiction, keeper: holder.id }
  if (authorize(holder, 'answer-requests', of) === undefined) return { kind: 'no-such-holder' }
  if (channel !== undefined && channel !== request.channel)
    return { kind: 'another-channel', channel }
  return matter === undefined ? { kind: 'another-matter' } : undefined
}

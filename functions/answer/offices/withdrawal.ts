/** An office takes back what it said: an attestation, an objection, or its refusal of an open denial. */

import { actorOf, authorize } from '../../identity/authorize.ts'
import { isBeyondPasskey } from '../../identity/passkey-calls.ts'
import type { World } from '../../ports.ts'
import { isInTime, matterIn } from '../ask/matter.ts'
import { asEntered } from '../ask/signed-acts.ts'
import { record } from '../entries/act.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import { isRemedied } from '../reminders/progress.ts'
import { isAskedAgain } from '../reminders/reminder.ts'
import { type AttestationDone, act, attestationResource, recallsNothing } from './attestation.ts'
import { mayTakeBack, type RefusedDenial, refusalIn } from './response.ts'

/**
 * Takes back an attestation, an objection or a refusal of the caller's own office: from then on it counts for no request.
 */
export async function takeBack(
  call: SignedCall,
  id: string,
  world: World,
): Promise<AttestationDone> {
  const attestation = await asEntered(await world.attestations.get(id), id, false, world)
  if (attestation === undefined) return endObjection(call, id, world)
  const holder = await world.register.agency(attestation.holder)
  if (holder === undefined) return { kind: 'no-such-attestation' }
  const of = { ...attestationResource(attestation, holder), owner: attestation.attester }
  if (authorize(actorOf(call), 'withdraw', of) === undefined) return { kind: 'no-such-attestation' }
  if (isBeyondPasskey(call, attestation.scope)) return { kind: 'may-not-attest' }
  const done = await act(
    'withdrawal',
    call,
    { attestation, holder, values: { attestation: id } },
    world,
    (by) => world.attestations.takeBack(attestation, by),
  )
  return done.kind === 'done' ? { ...done, says: recallsNothing(id) } : done
}

async function endObjection(call: SignedCall, id: string, world: World): Promise<AttestationDone> {
  const objection = await asEntered(await world.attestations.objection(id), id, true, world)
  const holder = objection && (await world.register.agency(objection.holder))
  if (objection === undefined) return endRefusal(call, id, world)
  if (holder === undefined) return { kind: 'no-such-attestation' }
  const vouched = objection.facts.map((fact) => ({ fact }))
  const of = { holder: holder.jurisdiction, owner: objection.agency, vouched }
  if (authorize(actorOf(call), 'end-objection', of) === undefined)
    return { kind: 'no-such-attestation' }
  if (isBeyondPasskey(call, objection.scope)) return { kind: 'may-not-attest' }
  const about = { attestation: { ...objection, attester: objection.agency }, holder }
  return act('withdrawal', call, { ...about, values: { attestation: id } }, world, (by) =>
    world.attestations.endObjection(objection, by),
  )
}

/**
 * The denial waits for the office again, and whoever asked is told. What was told before stands in the log. Of two officers
 * who do so at once, each has the entry of the call that they signed, since its id says which call it is; the first stands.
 */
async function endRefusal(call: SignedCall, id: string, world: World): Promise<AttestationDone> {
  const refusal = await refusalIn(id, world)
  if (refusal === undefined || !mayTakeBack(actorOf(call), refusal))
    return { kind: 'no-such-attestation' }
  const { request, opened, holder, office } = refusal
  const own = idOf(call)
  // Of two that an office made at once only one stands: whoever asked is not told that the other ended. One whose gateway
  // crashed before it was put is put now.
  const stands = await world.responses.put(request, { what: 'refuse', office, id, at: refusal.at })
  const { takenBack } = stands
  if (stands.id !== id || (takenBack !== undefined && takenBack.id !== own))
    return { kind: 'no-such-attestation' }
  const subject = { pseudonym: opened.subject.asked }
  const says = { attestation: id, refused: { request, to: refusal.to } }
  const recorded = await record('withdrawal', call, holder.jurisdiction, subject, says, world, id)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt, ts: at } = recorded
  await world.responses.takeBack(request, { refusal: id, id: own, at })
  return { kind: 'done', first, id: own, receipt, says: await whatWaits(refusal, world) }
}

/** What becomes of a denial by the end of its refusal: it may be asked, and answered, anew by then. */
async function whatWaits({ stored, opened }: RefusedDenial, world: World): Promise<string> {
  if (await isAskedAgain(stored, opened, world))
    return 'The same was asked again since, and decided anew: that answer stays as it is, and is in your inbox if it waits for your office.'
  if (!isInTime(matterIn(stored, opened), world.now().toISOString(), world))
    return 'The denial is too old to be asked again, so it waits for nobody.'
  return (await isRemedied(stored, opened, world))
    ? 'All that was missing is said by now, so the denial waits for nobody but whoever asked, who is told and may ask again.'
    : 'The denial waits for your office again, and whoever asked is told.'
}

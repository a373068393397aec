/**
 * What entries say takes effect again: after records or attestations were put back to an earlier moment.
 * What was erased or withdrawn since is erased and withdrawn again, what was entered is there again.
 */

import type { Countersignature } from '../decision/attestation.ts'
import { readCall } from '../ledger/agency-call.ts'
import type { EntryKind } from '../ledger/entry.ts'
import type { Durable, KeptObjection, World } from '../ports.ts'
import { entered, type SaidAttestation } from './attest.ts'
import { concerned, concerning } from './concerned.ts'
import { fileInInbox, reviewRow } from './inbox-rows.ts'
import {
  corrected,
  placeOf,
  type RecordAct,
  storedCorrectionSchema,
  storedKeptSchema,
} from './keep.ts'
import { requestIn } from './matter.ts'
import type { About } from './opened.ts'
import { type Opened, type OpenedEntry, openAny, openKept } from './opened.ts'
import { caseOf, refusalOf } from './refused.ts'
import type { Call } from './signed-call.ts'

/** What became of entries. */
export type TakenAgain = {
  /** How many took effect again, or have none. */
  readonly done: number
  /** Ids of those that say nothing any more, since their person was erased: their holders must know. */
  readonly closed: readonly string[]
  /** Ids of those that could not take effect: they are gone, or what they change is not there. */
  readonly failed: readonly string[]
}

/**
 * Lets entries take effect again, the oldest first; whatever the order and however often, each takes
 * effect once and undoes nothing newer.
 */
export async function takeAgain(eids: readonly string[], world: World): Promise<TakenAgain> {
  const stored = await Promise.all(eids.map((eid) => world.ledger.read(eid)))
  const entries = stored.filter((entry) => entry !== undefined)
  const closed: string[] = []
  const failed = eids.filter((_, at) => stored[at] === undefined)
  for (const entry of entries.sort((a, b) => (a.leaf.ts < b.leaf.ts ? -1 : 1))) {
    const { eid, t, dryRun } = entry.leaf
    const hasEffect = effective.includes(t) && !dryRun
    const opened = hasEffect ? await openAny(entry, world) : undefined
    if (hasEffect && opened === undefined) closed.push(eid)
    else if (opened !== undefined && !(await effect(entry, opened, world))) failed.push(eid)
  }
  return { done: eids.length - closed.length - failed.length, closed, failed }
}

/** Kinds of entries that say something of what is kept beside the ledger. */
const effective: readonly EntryKind[] = [
  'decision',
  'record',
  'attestation',
  'withdrawal',
  'countersignature',
  'objection',
  'review',
  'erasure',
]

/** What the entries of acts say; an entry has the members of its kind. */
type Said = {
  readonly call: Call
  readonly act: RecordAct
}

/** Whether it took effect. */
async function effect(entry: Durable, opened: OpenedEntry, world: World): Promise<boolean> {
  const { t } = entry.leaf
  // Casts: an entry was made here.
  const said = opened.values as Said
  if (t === 'record') return onRecord(entry, said, opened.evidence.body, world)
  if (t === 'review') return onReview(entry, said, world)
  if (t === 'erasure') return onErasure(opened, world)
  if (t !== 'decision') return onAttestation(entry, opened, world)
  await fileInInbox(entry, opened, world.inbox)
  await onRefusal(entry, { ...opened.values, evidence: opened.evidence } as Opened, world)
  return true
}

/** What was refused is remembered again. */
async function onRefusal(
  { leaf: { hj } }: Durable,
  opened: Opened,
  { refusals, secrets }: World,
): Promise<void> {
  const request = requestIn(opened)
  const { agency } = opened.call
  const refusal = refusalOf(opened, agency, request, (each) => secrets.pseudonym(hj, each))
  if (refusal === undefined) return
  await refusals.put(opened.matter.holder, caseOf(agency, request), refusal)
}

/** What offices vouched for of the person goes again; keys and rows of the log are never put back. */
async function onErasure(opened: OpenedEntry, { attestations, now }: World): Promise<boolean> {
  const { about } = opened.values as { readonly about?: About }
  for (const owner of about?.owners ?? []) await attestations.forget(owner, now().toISOString())
  return true
}

/** The requester’s call asked for it; that of another agency answered. */
async function onReview(
  { leaf: { eid, ts, previous = '' } }: Durable,
  { call }: Said,
  { ledger, reviews, inbox, subjectKeys }: World,
): Promise<boolean> {
  const denial = await ledger.read(previous)
  const opened = denial && (await openKept(denial, { subjectKeys }))
  if (opened === undefined) return false
  if (opened.call.agency !== call.agency) {
    await reviews.answer(previous, { id: eid, office: call.agency, at: ts })
    return true
  }
  await reviews.ask(previous, { id: eid, at: ts })
  await inbox.put(reviewRow(previous, ts, opened))
  return true
}

/** What an entry says of attestations; one of an act on another has that other's id. */
type SaidOfAttestation = Said & {
  readonly attestation: SaidAttestation
  readonly person?: string
  readonly signature?: Countersignature
  readonly objection?: Omit<KeptObjection, 'id' | 'agency' | 'enteredBy' | 'enteredAt'> & {
    readonly ground: string
  }
}

async function onAttestation(
  { leaf: { eid, t, ts, previous = '' } }: Durable,
  opened: OpenedEntry,
  world: World,
): Promise<boolean> {
  const { attestations } = world
  const { call, attestation, person, signature, objection } = opened.values as SaidOfAttestation
  const kid = readCall(opened.evidence.jws)?.head.kid
  if (kid === undefined) return false
  const by = { agency: call.agency, kid, at: ts }
  if (t === 'attestation' && person === undefined) {
    const about = await concerned(attestation.scope, attestation.holder, world)
    await attestations.put(entered(attestation, eid, { ...call, kid }, ts, about))
    return true
  }
  const other = await attestations.get(previous)
  if (t === 'objection' && objection !== undefined) {
    const { ground: _, ...kept } = objection
    const { agency, officer: enteredBy } = call
    // As far as the attestation reaches, with the persons that were added to it; or as far as it says.
    const isAsFar = JSON.stringify(kept.scope) === JSON.stringify(other?.scope)
    const about = isAsFar && other ? other : await concerned(kept.scope, kept.holder, world)
    await attestations.object({
      ...kept,
      ...concerning(about),
      id: eid,
      agency,
      enteredBy,
      enteredAt: ts,
    })
    return true
  }
  if (other === undefined) {
    const ended = t === 'withdrawal' ? await attestations.objection(previous) : undefined
    if (ended !== undefined) await attestations.endObjection(ended, by)
    return ended !== undefined
  }
  if (t === 'withdrawal') await attestations.withdraw(other, by)
  else if (person !== undefined)
    await attestations.addPerson(other, person, JSON.parse(opened.evidence.body).request, by)
  else if (signature !== undefined) await attestations.sign(other, signature, by)
  return true
}
async function onRecord(
  { leaf }: Durable,
  { call, act }: Said,
  body: string,
  { register, holder }: World,
): Promise<boolean> {
  const agency = await register.agency(call.agency)
  if (agency === undefined) return false
  const { what, recordId } = act
  const [eid, ts] = [leaf.eid, placeOf(leaf.ts, act)]
  switch (what) {
    case 'put':
      await holder.put(agency, { id: recordId, ...storedKeptSchema.parse(JSON.parse(body)) }, ts)
      return true
    case 'correct': {
      const change = corrected(storedCorrectionSchema.parse(JSON.parse(body)))
      return holder.correct(agency, recordId, { eid, ts }, change)
    }
    case 'erase':
      await holder.erase(agency, recordId, ts)
      return true
  }
}

/**
 * Repeats the effects of entries after records or attestations were restored to an earlier moment. What was
 * erased or taken back since is so again; what was entered is there again.
 */

import { readCall } from '../../ledger/agency-call.ts'
import type { Leaf } from '../../ledger/entry.ts'
import type { Durable, World } from '../../ports.ts'
import { entered, objected } from '../ask/entered-acts.ts'
import { isBeyond } from '../ask/persons.ts'
import { requesterId } from '../ask/requester.ts'
import { concerned } from '../ask/scope.ts'
import { type Opened, type OpenedEntry, openAny, openKept, requestIn } from '../entries/reader.ts'
import type { Call } from '../entries/signed-call.ts'
import { didSchema, messageOf } from '../messages/recipients.ts'
import { withFile } from '../records/contents.ts'
import {
  corrected,
  eraseAll,
  placeOf,
  storedCorrectionSchema,
  storedKeptSchema,
} from '../records/records.ts'
import { fileInInbox, reviewRow } from '../reminders/inbox-rows.ts'

/** The result of repeating entries. */
export type TakenAgain = {
  /** How many took effect again, or have no effect. */
  readonly done: number
  /** Ids of entries whose person was erased, so that they say nothing any more: their holders must know. */
  readonly closed: readonly string[]
  /** Ids of entries that could not take effect: they are gone, or what they change is not there. */
  readonly failed: readonly string[]
}

/**
 * Repeats the effects of entries, the oldest first. In whatever order and however often, each takes effect
 * once and undoes nothing newer.
 */
export async function takeAgain(eids: readonly string[], world: World): Promise<TakenAgain> {
  const stored = await Promise.all(eids.map((eid) => world.ledger.read(eid)))
  const entries = stored.filter((entry) => entry !== undefined)
  const closed: string[] = []
  const failed = eids.filter((_, at) => stored[at] === undefined)
  for (const entry of entries.sort((a, b) => (a.leaf.ts < b.leaf.ts ? -1 : 1))) {
    if (!hasEffect(entry.leaf)) continue
    const { eid } = entry.leaf
    const opened = await openAny(entry, world)
    if (opened === undefined) closed.push(eid)
    else if (!(await effect(entry, opened, world))) failed.push(eid)
  }
  return { done: eids.length - closed.length - failed.length, closed, failed }
}

/** Whether an entry affects what is kept beside the ledger. */
const hasEffect = ({ t, dryRun, previous }: Leaf): boolean =>
  !dryRun &&
  !['restriction', 'hold', 'lift', 'set', 'statement'].includes(t) &&
  // Of looks, only that a provision was collected.
  (t !== 'consultation' || previous !== undefined)

/** Repeats the effect of an entry; false if it could not. */
async function effect(entry: Durable, opened: OpenedEntry, world: World): Promise<boolean> {
  switch (opened.kind) {
    case 'decision':
      await fileInInbox(entry, opened, world)
      await onDecision({ ...opened.values, evidence: opened.evidence }, world)
      return true
    case 'record':
      await fileInInbox(entry, opened, world)
      return onRecord(entry, opened, world)
    case 'recall':
    case 'notice':
    case 'consultation':
      await fileInInbox(entry, opened, world)
      return true
    case 'review':
      return onReview(entry, opened.values.call, world)
    case 'erasure':
      return onErasure(opened.values.about?.owners, world)
    case 'attestation':
    case 'objection':
    case 'withdrawal':
    case 'countersignature':
      if (opened.kind === 'countersignature' && opened.values.recalls !== undefined) {
        await fileInInbox(entry, opened, world)
        return true
      }
      return onAttestation(entry, opened, world)
    case 'delivery':
      await world.handovers.put(entry.leaf.previous ?? '', {
        id: entry.leaf.eid,
        ...opened.values.delivery,
      })
      return true
    case 'duty': {
      const { eid: id, ts: at, previous = '' } = entry.leaf
      const told = await messageOf(previous, world)
      if (told !== undefined) {
        const { cause, to } = told.said
        const { did } = didSchema.parse({ did: opened.values.duty.code })
        await world.messages.did({ cause, to, id: previous }, { did, id, at })
        return true
      }
      await world.duties.put(previous, { ...opened.values.duty, id, at })
      return true
    }
    case 'file': {
      const { eid: id, ts: at, previous = '' } = entry.leaf
      await world.filesGiven.put(previous, { item: opened.values.file.item, id, at })
      // Of a provision, so that whoever has a part of it is told; of another answer nobody reads it.
      await world.messages.collect(previous)
      return true
    }
    case 'response': {
      const { eid: id, ts: at, previous = '' } = entry.leaf
      const { call, response } = opened.values
      const { what } = response
      const stands = await world.responses.put(previous, { what, office: call.agency, id, at })
      // Another stands that is not taken back yet: once that is repeated, too, this one is put. A question is asked once.
      return what === 'ask-back' || stands.id === id
    }
    // Their only effect is in the log, which a restore does not put back.
    case 'restriction':
    case 'hold':
    case 'lift':
    case 'set':
    case 'statement':
      return true
  }
}

/** Remembers again whom an officer asked for. */
async function onDecision(opened: Opened, world: World): Promise<void> {
  const { call, subject, matter } = opened
  const holder = await world.register.agency(matter.holder)
  const asking = { requester: requesterId(opened), officer: call.officer, asked: subject.asked }
  if (holder !== undefined) await isBeyond(requestIn(opened), asking, holder, world)
}

/** Removes again what offices vouched for about the person. The log's keys and rows are never restored. */
async function onErasure(
  owners: readonly string[] = [],
  { attestations, now }: World,
): Promise<boolean> {
  for (const owner of owners) await attestations.forget(owner, now().toISOString())
  return true
}

/** The requester’s call asked for the review; another agency's call answered it. */
async function onReview(
  { leaf: { eid, ts, previous = '' } }: Durable,
  call: Call,
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

/** An entry about attestations. If it acts on another, its `previous` is that one's id. */
type OfAttestation = Extract<
  OpenedEntry,
  { readonly kind: 'attestation' | 'objection' | 'withdrawal' | 'countersignature' }
>

async function onAttestation(
  { leaf: { eid, ts, previous = '' } }: Durable,
  opened: OfAttestation,
  world: World,
): Promise<boolean> {
  const { attestations, responses } = world
  const { call } = opened.values
  const kid = readCall(opened.evidence.jws)?.head.kid
  if (kid === undefined) return false
  const by = { agency: call.agency, kid, at: ts, entry: eid }
  if (opened.kind === 'attestation' && 'attestation' in opened.values) {
    const { attestation } = opened.values
    const about = await concerned(attestation.scope, attestation.holder, world)
    await attestations.put(entered(attestation, eid, { ...call, kid }, ts, about))
    return true
  }
  if (opened.kind === 'withdrawal' && opened.values.refused !== undefined) {
    await responses.takeBack(opened.values.refused.request, { refusal: previous, id: eid, at: ts })
    return true
  }
  const other = await attestations.get(previous)
  if (opened.kind === 'objection') {
    const { objection } = opened.values
    // With the attestation's own scope, it reaches the persons added since; otherwise those that its scope
    // names.
    const isAsFar = JSON.stringify(objection.scope) === JSON.stringify(other?.scope)
    const about =
      isAsFar && other ? other : await concerned(objection.scope, objection.holder, world)
    await attestations.object(objected(objection, eid, call, ts, about))
    return true
  }
  if (other === undefined) {
    const ended = opened.kind === 'withdrawal' ? await attestations.objection(previous) : undefined
    if (ended !== undefined) await attestations.endObjection(ended, by)
    return ended !== undefined
  }
  if (opened.kind === 'withdrawal') await attestations.takeBack(other, by)
  else if (opened.kind === 'countersignature')
    await attestations.sign(other, opened.values.signature, by)
  else if ('person' in opened.values) {
    const { request } = JSON.parse(opened.evidence.body)
    await attestations.addPerson(other, opened.values.person, request, by)
  }
  return true
}

async function onRecord(
  { leaf }: Durable,
  { values: { call, act }, evidence: { body } }: Extract<OpenedEntry, { readonly kind: 'record' }>,
  world: World,
): Promise<boolean> {
  const { register, holder, files } = world
  const agency = await register.agency(call.agency)
  if (agency === undefined) return false
  const { what, recordId, own, file } = act
  if (own) return true
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
      await eraseAll(agency, recordId, ts, world)
      return true
    case 'file': {
      // A content is in no entry: if the restore lost it, its holder must send it again.
      const { digest = '' } = file ?? {}
      const isThere = await files.has({ holder: agency.id, record: recordId, digest })
      if (file === undefined || !isThere) return false
      return holder.correct(agency, recordId, { eid, ts }, withFile(file))
    }
  }
}

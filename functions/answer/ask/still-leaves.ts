/**
 * Whether data still leaves by a decision that stands: the one place that says so, for a retry, a package, a collection,
 * a file, and whatever else opens data again.
 */

import { type Disclosure, nothingLeaves } from '../../decision/disclose.ts'
import type { Obligation } from '../../decision/duties.ts'
import { noesOn } from '../../decision/reserved.ts'
import { asOffice, authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import { readCall } from '../../ledger/agency-call.ts'
import { commitment } from '../../ledger/entry.ts'
import { receiptPayload } from '../../ledger/receipt.ts'
import { dayIn } from '../../policy/history.ts'
import type { Durable, FoundRecord, World } from '../../ports.ts'
import { type Opened, requestIn } from '../entries/reader.ts'
import { type Answered, hasLeft, isOwed, leavesHere } from '../reply/reply.ts'
import { decision, supposed } from './attestations.ts'
import type { Considering } from './background.ts'
import { consider } from './consideration.ts'
import { matterIn } from './matter.ts'
import { requesterIn } from './requester.ts'

/** A decision that stands, opened even if it is kept as evidence only, and its holder. */
export type AnsweredBefore = {
  readonly stored: Durable
  readonly opened: Opened
  readonly holder: Agency
}

/** For what a decision is opened again. */
type Opening = {
  /** The entry of the call, by which a holder’s own system is asked. */
  readonly entry: string
  /** Whether it is the call that was decided, sent again: its decision stays whatever stops its data. */
  readonly isRetry?: true
  /** Whether that call would be refused by now. */
  readonly isRefused?: boolean
}

declare const asked: unique symbol

/**
 * What still leaves. INVARIANT (no more than would leave now): only `stillLeaves` makes one, and nothing that was answered
 * is given again without one.
 */
export type StillLeaves = {
  readonly kind: 'leaves'
  readonly disclosure: Disclosure
  /** What was signed if the holder’s own system was asked. */
  readonly exchange?: FoundRecord['exchange']
  readonly [asked]: true
}

/** What is told instead, whatever stopped it. */
type Changed = Extract<Answered, { readonly kind: 'record-changed' }>

/**
 * What still leaves by a decision: all that left by it, or nothing. It does if it would be decided alike now, by the law,
 * the register, the record and the word of each office as they are now, with no duty that its answer does not tell; and
 * if it was not recalled, its matter was not decided again and it is not kept as evidence only.
 */
export async function stillLeaves(
  before: AnsweredBefore,
  { entry, isRetry, isRefused }: Opening,
  world: World,
): Promise<StillLeaves | Changed> {
  const { stored, opened } = before
  const { reply } = opened.told
  // If no data left, the record is not read, as if none were held: a call can be repeated and timed.
  const gives = hasLeft(reply) && (!isRetry || leavesHere(reply))
  const now = gives ? await leavesNow(before, entry, world) : { disclosure: nothingLeaves }
  // INVARIANT (erased before it left): after the record was read, so that what came before that counts. Each stop is
  // read for whatever else stops it, so that the time it takes does not say which it was.
  const [key, isRecalled, last = ''] = await Promise.all([
    world.subjectKeys.openToAct(stored.kid),
    world.messages.isRecalled(stored.leaf.eid),
    world.inbox.lastDecided(matterIn(stored, opened).id),
  ])
  const isOver = isRecalled || last > reply.decidedAt || isRefused
  if (key === undefined || now === undefined || (isOver && (gives || !isRetry)))
    return changed(before, world)
  // A cast: the brand has no value.
  return { kind: 'leaves', ...now } as StillLeaves
}

/** That nothing leaves any more by a decision. */
export async function changed(
  { stored: { leaf, leafHash }, opened }: AnsweredBefore,
  { secrets }: Pick<World, 'secrets'>,
): Promise<Changed> {
  const receipt = await secrets.receipt(receiptPayload(leaf, leafHash))
  return { kind: 'record-changed', reply: opened.told.reply, receipt }
}

/** What would leave if it were decided now, if that is what left; undefined if not. */
async function leavesNow({ stored, opened, holder }: AnsweredBefore, entry: string, world: World) {
  const { reply, paySalt, recordId } = opened.told
  const requester = await requesterIn(opened, world)
  if (requester === undefined) return undefined
  // By a clock that is behind the one that decided, what counted then might not have begun.
  const [at = ''] = [world.now().toISOString(), reply.decidedAt].toSorted().slice(-1)
  const { id: matter } = matterIn(stored, opened)
  // Without the officer: whom he asks for is bounded when he asks, and this asks for nobody more.
  const about = { request: requestIn(opened), requester, holder, entry, matter, at }
  const channel = channelIn(opened.facts.facts)
  const [law, own] = await Promise.all([world.law.now(), releasedBy(opened, matter, at, world)])
  const { disclosure, seen, facts } = await consider({ ...about, ...own, channel, law }, world)
  // What let it leave may have been an officer's word, which reaches no answer that came later.
  const leaving = seen.items.filter(({ id }) => disclosure.items.some((each) => each.id === id))
  const heard = noesOn(opened.facts.facts, opened.items)
  const areHeard = noesOn(facts, leaving).every((each) => heard.includes(each))
  const isTold = ({ code, value }: Obligation) =>
    reply.obligations.some((each) => each.code === code && each.value === value)
  const areTold = seen.told.obligations.filter(isOwed).every(isTold)
  const today = dayIn(at, holder.timeZone)
  const isKept = (disclosure.deleteBy ?? today) >= today
  const isWhatLeft =
    seen.record?.id === recordId &&
    commitment({ salt: paySalt, value: disclosure }) === stored.leaf.pay
  if (!areHeard || !areTold || !isKept || !isWhatLeft) return undefined
  if (!(await mayStillDeal(opened, holder, world))) return undefined
  return { disclosure, ...(seen.exchange && { exchange: seen.exchange }) }
}

/** The decision to release that a provision was itself, if it was; it is in no store of attestations. */
async function releasedBy(
  { call, evidence, told: { reply } }: Opened,
  matter: string,
  at: string,
  { register }: Pick<World, 'register'>,
): Promise<Pick<Considering, 'supposed'>> {
  const agency = await register.agency(call.agency)
  const kid = readCall(evidence.jws)?.head.kid
  const isOwn = reply.decidedBy?.kind === 'officer' && reply.decidedBy.attestation === reply.id
  if (!isOwn || agency === undefined || kid === undefined) return {}
  const about = { id: reply.id, holder: agency.id, matter, at: reply.decidedAt }
  const act = supposed({ agency, officer: call.officer, kid }, [decision], about)
  // It stands as long as it can be collected.
  return { supposed: { ...act, until: new Date(Date.parse(at) + 1).toISOString() } }
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

/** The channel that a decision was made on. */
export const channelIn = (facts: Readonly<Record<string, unknown>>): string | undefined => {
  const channel = facts['request.channel']
  return typeof channel === 'string' ? channel : undefined
}

/**
 * Whether a key's channel, undefined if not known, is another than that by which an answer leaves. Of an answer that was
 * decided without knowing its channel, it may be unknown still.
 */
export const isOtherChannel = (channel: string | undefined, opened: Opened): boolean =>
  channel === undefined
    ? channelIn(opened.facts.facts) !== undefined
    : channel !== requestIn(opened).channel

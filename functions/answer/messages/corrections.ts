/**
 * Tells whoever got an item what became of it since, step by step as the clock has time, and reminds whoever has
 * not said that they acted (Dir. (EU) 2016/680 art. 7(3), 16(5) and (6)).
 */

import { identifierOf } from '../../decision/record.ts'
import type { Agency } from '../../identity/register.ts'
import type { EntryLists, Messages, Search } from '../../inbox-ports.ts'
import { entryId } from '../../ledger/entry.ts'
import type { Durable, Stored, World } from '../../ports.ts'
import { requesterId } from '../ask/requester.ts'
import { isAsItLeft } from '../ask/retry.ts'
import { decisionIn, type Opened, type OpenedEntry, openAny } from '../entries/reader.ts'
import type { ChangedItems, Message, MessageKind, Recall } from '../entries/values.ts'
import type { Unavailable } from '../entries/writer.ts'
import { changeOf } from '../records/records.ts'
import { isFirstMessage, isToSend } from '../reminders/inbox-rows.ts'
import { enterMissing, reminderId } from '../reminders/reminder.ts'
import { nextLookAt, owingTo } from '../reminders/schedule.ts'
import { restingOn } from './recall.ts'

/** What a look at something to tell did, and when to look again; not again without `next`. */
type Looked = { readonly entered: number; readonly next?: string }

/** What became of a change since its entry. */
type Tried = Awaited<ReturnType<Messages['tried']>>

/** How many entries are looked at before the place is kept; how long one look goes on, ms. */
const [atOnce, sliceMs] = [25, 4000]

/**
 * How long after the change all is looked through again, ms: an answer that was on its way is filed late. Such an
 * answer may be entered `aheadMs` after the change, by another instance's clock.
 */
const hourMs = 3_600_000
const roundsMs = [hourMs, 25 * hourMs]
/** How often all is looked through after that while what was recalled may still count, ms, and how many times. */
const [stillMs, stillRounds] = [7 * 86_400_000, 52]
const aheadMs = 60_000

/** The time to act, ms: ours, since the law says "without delay" and no number. */
const dueMs = 7 * 86_400_000

/** Which answers a change is about, and what is to be told of one. */
type Change = {
  readonly key: Parameters<EntryLists['list']>[0]
  readonly from?: string
  readonly until?: string
  /** How long whoever is told has to act, and what they must do, of a recall. */
  readonly dueMs: number
  readonly ask?: Recall['ask']
  toTell(stored: Durable, opened: Opened): Promise<readonly ItemsToTell[]>
}
type ItemsToTell = { readonly what: MessageKind; readonly items: readonly string[] }

/**
 * Tells on: looks for answers that gave what the entry of a change is about, from where the last look came to, and
 * enters a notice of each for whoever got it, once. The place is kept after every few, so that a crash loses none.
 */
export async function tellOn(
  cause: Durable,
  holder: Agency,
  now: string,
  world: World,
): Promise<Looked | Unavailable> {
  const { eid } = cause.leaf
  const [opened, tried] = await Promise.all([openAny(cause, world), world.messages.tried(eid)])
  const change = opened && (await changeIn(cause, opened, holder, tried, world))
  if (opened === undefined || change === undefined) return { entered: 0 }
  const made = await wasMade(cause, opened, holder, tried, world)
  if (made === 'refused') return { entered: 0 }
  const end = world.now().getTime() + sliceMs
  const last = await world.messages.search(eid)
  // A search from before it was last tried knows nothing of whoever asked in between.
  const search = last && last.begun >= (tried.at ?? '') ? last : { round: 0, begun: now }
  // A retry may still make it: whoever got something is told then, and not before.
  if (made === 'waits') return stillWaiting(eid, search, now, world)
  let [place, entered] = [search.place, 0]
  for (;;) {
    const { from, until } = change
    const range = {
      ...(from && { from }),
      ...(until && { until }),
      ...(place && { before: place }),
    }
    const found = await world.lookups.list(change.key, range, atOnce)
    const told = await tellEach(cause, found, change, world)
    if (typeof told !== 'number') return told
    entered += told
    const last = found.at(-1)
    if (last === undefined || found.length < atOnce) break
    place = `${last.ts}#${last.id}`
    await world.messages.keepSearch(eid, { ...search, place })
    if (world.now().getTime() >= end) return { entered, next: later(now, 1) }
  }
  await world.messages.keepSearch(eid, { round: search.round + 1, begun: search.begun })
  const afterMs = afterRound(search.round, change)
  if (afterMs === undefined) return { entered }
  const next = later(search.begun, afterMs)
  return { entered, next: next > now ? next : later(now, 1) }
}

/**
 * Whether the record was changed as the entry says. Where a later change hides which, it is taken to be made, since
 * whoever got what was wrong must be told.
 */
async function wasMade(
  { leaf: { eid, ts } }: Stored,
  opened: OpenedEntry,
  holder: Agency,
  { isRefused }: Tried,
  { holder: records }: World,
): Promise<'made' | 'waits' | 'refused'> {
  if (opened.kind !== 'record' || opened.values.act.own) return 'made'
  const { act } = opened.values
  const change = changeOf(eid, ts, act, await records.last(holder, act.recordId))
  if (change === 'made') return 'made'
  return isRefused ? 'refused' : change === 'waits' ? 'waits' : 'made'
}

/** Looks again each hour, for as long as an answer that was on its way is looked for. */
async function stillWaiting(
  eid: string,
  search: Search,
  now: string,
  { messages }: World,
): Promise<Looked> {
  await messages.keepSearch(eid, search)
  const next = later(now, hourMs)
  return next > later(search.begun, Math.max(...roundsMs)) ? { entered: 0 } : { entered: 0, next }
}

/**
 * When to look again after so many looks, ms since the first. A recall does not end what it is about: until somebody
 * suspends that or takes it back, more leaves by it.
 */
function afterRound(round: number, { until }: Change): number | undefined {
  const still = round - roundsMs.length
  if (still < 0) return roundsMs[round]
  return until === undefined && still < stillRounds ? (still + 1) * stillMs : undefined
}

const later = (from: string, ms: number): string => new Date(Date.parse(from) + ms).toISOString()

/** What the entry of a change says is to be told; undefined if it is of no change. */
async function changeIn(
  cause: Stored,
  opened: OpenedEntry,
  holder: Agency,
  { at: triedAt = '' }: Tried,
  world: World,
): Promise<Change | undefined> {
  if (opened.kind === 'recall') return recalled(opened.values.recall, cause, world)
  if (opened.kind !== 'record') return undefined
  const { hj: jurisdiction, ts } = cause.leaf
  const { what, recordId, own, changed } = opened.values.act
  const changes = changed ?? (what === 'erase' ? [{ how: 'erased' } as const] : [])
  const until = later(triedAt > ts ? triedAt : ts, aheadMs)
  const value = world.secrets.pseudonym(jurisdiction, identifierOf({ recordId }))
  return {
    key: { jurisdiction, by: 'subject', value },
    until,
    dueMs,
    async toTell(stored, answer) {
      const isOfRecord = answer.told.recordId === recordId && answer.matter.holder === holder.id
      if (!isOfRecord) return []
      // What was on its way then has what stands now, or what stood before.
      const isNear = stored.leaf.ts > later(ts, -aheadMs)
      if (own && stored.leaf.ts > ts) return []
      if (isNear && !own && (await isAsItLeft(stored, answer, holder, world))) return []
      const left = changes.flatMap((each) => leftOf(answer, each))
      // That system is not asked for a retry, which gave once more what it had answered then. What is still to be sent or
      // collected is given as it stands then.
      const { reply } = answer.told
      const isGiven = !isToSend(reply) && reply.provided === undefined
      if (own && isGiven && left.length > 0) await world.messages.keepIn(stored.leaf.eid)
      return left
    },
  }
}

/** What is to be told of a recall, once it is signed. */
async function recalled(
  { holder, cause, ask, days }: Recall,
  { leaf: { eid, hj } }: Stored,
  world: World,
): Promise<Change | undefined> {
  const resting = await restingOn(cause, hj, world)
  if (resting === undefined) return undefined
  // What is given of a record later has what stands then, and single answers are given once.
  const isOver = 'record' in cause || 'entries' in cause
  const signed = isOver ? await world.messages.signed(eid) : undefined
  const { key, from, isOf } = resting
  const items = 'items' in cause ? cause.items : undefined
  return {
    ...{ key, ask, dueMs: days * 86_400_000 },
    ...(from && { from }),
    ...(signed && { until: later(signed.at, aheadMs) }),
    async toTell(stored, answer) {
      if (answer.matter.holder !== holder || !(await isOf(stored, answer))) return []
      const left = itemsLeft(answer).filter((id) => items?.includes(id) ?? true)
      return left.length === 0 ? [] : [{ what: 'recalled', items: left }]
    },
  }
}

/** Of what changed, what an answer gave. */
function leftOf(answer: Opened, { how, items }: ChangedItems): readonly ItemsToTell[] {
  const left = itemsLeft(answer).filter((id) => items?.includes(id) ?? true)
  return left.length === 0 ? [] : [{ what: how, items: left }]
}

/** Ids of the items that left by an answer. */
const itemsLeft = ({ told }: Opened): readonly string[] =>
  told.decided.filter(({ treatment }) => treatment.kind !== 'withhold').map(({ id }) => id)

/** Enters what is to be told of some answers; returns how many notices that were. */
const tellEach = (
  cause: Stored,
  found: Awaited<ReturnType<EntryLists['list']>>,
  change: Change,
  world: World,
): Promise<number | Unavailable> => {
  const given = found.filter(({ outcome }) => outcome !== undefined && outcome !== 'deny')
  const eids = given.map(({ id }) => id)
  return enterEach(eids, world, async (stored, answer) => {
    const toTell = await change.toTell(stored, answer)
    const { caseReference } = answer.matter
    const by = { cause: cause.leaf.eid, caseReference, ...(change.ask && { ask: change.ask }) }
    const notices = await noticesOf(stored, answer, toTell, by, change.dueMs, world)
    const of = { ...stored.leaf, kid: stored.kid, asked: answer.subject.asked }
    return enterMissing(notices, of, () => world.subjectKeys.open(stored.kid), world)
  })
}

/**
 * Tells whoever got something by these answers that what the log keeps of its person is being erased or restricted, as
 * of a change of a record. Under the key of the act and without the case, since the answers' own keys may go now.
 * Returns how many notices were entered.
 */
export async function tellOfAct(
  act: string,
  how: 'erased' | 'restricted',
  eids: readonly string[],
  world: World,
): Promise<number | Unavailable> {
  const entry = await world.ledger.read(act)
  const opened = entry && (await openAny(entry, world))
  if (entry === undefined || opened === undefined || !('subject' in opened.values)) return 0
  const { asked } = opened.values.subject
  let entered = 0
  for (let at = 0; at < eids.length; at += atOnce) {
    const told = await enterEach(eids.slice(at, at + atOnce), world, async (stored, answer) => {
      const toTell = leftOf(answer, { how })
      const notices = await noticesOf(stored, answer, toTell, { cause: act }, dueMs, world)
      const of = { ...stored.leaf, kid: entry.kid, asked }
      return enterMissing(notices, of, () => world.subjectKeys.open(entry.kid), world)
    })
    if (typeof told !== 'number') return told
    entered += told
  }
  return entered
}

/** Enters for each of these answers by which something left; returns how many notices that were in all. */
async function enterEach(
  eids: readonly string[],
  world: World,
  enter: (stored: Durable, answer: Opened) => Promise<number | Unavailable>,
): Promise<number | Unavailable> {
  const entries = await world.ledger.readAll(eids)
  const told = [...entries.values()].map(async (stored) => {
    const { t, out, dryRun } = stored.leaf
    if (t !== 'decision' || out === 'deny' || dryRun) return 0
    // Also what is kept as evidence only: what was given of it is to be mended, too.
    const answer = decisionIn(await openAny(stored, world))
    return answer === undefined ? 0 : enter(stored, answer)
  })
  let entered = 0
  for (const each of await Promise.all(told)) {
    if (typeof each !== 'number') return each
    entered += each
  }
  return entered
}

/** The notices of what is to be told of an answer, by id. */
async function noticesOf(
  stored: Stored,
  answer: Opened,
  toTell: readonly ItemsToTell[],
  by: Pick<Message, 'cause' | 'caseReference' | 'ask'>,
  actMs: number,
  world: World,
): Promise<ReadonlyMap<string, Message>> {
  const { eid: request } = stored.leaf
  if (toTell.length === 0) return new Map()
  // Nothing has left of what nobody collected: it is kept in, or given as it stands then.
  if (answer.told.reply.provided && !(await world.messages.isCollected(request))) {
    if (by.ask) await world.messages.keepIn(request)
    return new Map()
  }
  const to = await recipientOf(stored, answer, world)
  const due = later(world.now().toISOString(), actMs)
  const of = { to, request, holder: answer.matter.holder, requester: requesterId(answer), due }
  return new Map(
    toTell.map(({ what, items }) => {
      const said: Message = { what, items, ...of, ...by }
      return [messageId(said), said] as const
    }),
  )
}

/** One for each answer, change and kind of it. */
const messageId = ({ cause, request, what }: Message): string =>
  entryId('comity telling', [cause, request, what].join('\u001f'))

/**
 * Whom to tell: the agency that called, or to which it was provided unasked; for an answer by another way that
 * nobody has said was sent, or to an authority that has not joined, the holder, whose officer tells them by that way.
 */
async function recipientOf(
  { leaf: { eid } }: Stored,
  { told: { reply }, call, matter }: Opened,
  { handovers }: World,
): Promise<string> {
  const isWaiting = reply.deliverBy !== undefined && (await handovers.get(eid)) === undefined
  return isWaiting ? matter.holder : (reply.provided?.to ?? call.agency)
}

/** Reminds whoever was told and has not acted, and the holder once it is overdue, each once. */
export async function remind(
  stored: Durable,
  now: string,
  world: World,
): Promise<Looked | Unavailable> {
  const opened = await openAny(stored, world)
  const notice = opened?.kind === 'notice' ? opened.values.notice : undefined
  if (opened?.kind !== 'notice' || notice === undefined) return { entered: 0 }
  if (!('cause' in notice) || !isFirstMessage(notice)) return { entered: 0 }
  const { eid: id, ts: from } = stored.leaf
  const { cause, to, due, holder, request } = notice
  if ((await world.messages.done({ cause, to, id })) !== undefined) return { entered: 0 }
  const chain = [...new Set([to, holder])].map((each) => ({ id: each, timeZone: 'UTC' }))
  const notices = owingTo(chain, { from, due, isUrgent: false }, now).map(({ what, to: whom }) => {
    const said: Message = { ...notice, what: what as Message['what'], to: whom, of: id }
    return [reminderId(id, { what, to: whom }, due), said] as const
  })
  const of = { ...stored.leaf, eid: request, kid: stored.kid, asked: opened.values.subject.asked }
  const key = () => world.subjectKeys.open(stored.kid)
  const entered = await enterMissing(new Map(notices), of, key, world)
  if (typeof entered !== 'number') return entered
  const next = nextLookAt({ from, due }, now)
  return { entered, ...(next && { next }) }
}

/** Rows of inboxes: which offices are asked about a decision, and why. */

import type { DecidedItem, Decision } from '../../decision/decide.ts'
import type { Item } from '../../decision/facts.ts'
import {
  bothOffices,
  type DueRow,
  type Inbox,
  type InboxRow,
  type MessageSent,
  type Messages,
  type RecallSigned,
} from '../../inbox-ports.ts'
import { factTypes } from '../../policy/fact-types.ts'
import type { Stored } from '../../ports.ts'
import { matterIn } from '../ask/matter.ts'
import { rememberEntry } from '../ask/refusals.ts'
import { requesterId } from '../ask/requester.ts'
import { decisionIn, type Opened, type OpenedEntry } from '../entries/reader.ts'
import type { Message, MessageKind, RecordAct, Values } from '../entries/values.ts'
import type { Reply } from '../reply/reply-schema.ts'
import { clockOf, firstLook, firstLookAt } from './schedule.ts'

/** The kind of office of the holder’s own officers. */
export const officer = 'holder-officer' as const

/**
 * The rows that follow from what the requester is told: the same for hit and no hit. They are written as soon
 * as the entry is durable.
 */
export const toldRows = (
  eid: string,
  ts: string,
  decided: About,
  told: Reply,
): readonly InboxRow[] => {
  const steps = told.standing === 'open' ? told.todo.map(({ by }) => by) : []
  const audiences = steps.filter((by) => by !== 'originator')
  const isForOfficer = forPerson(told).length > 0 || isToSend(told)
  return rowsFor([...audiences, ...(isForOfficer ? [officer] : [])], eid, ts, decided)
}

/**
 * The rows that rest on the record, for the holder's own officers and for the originator of an item: nobody
 * else may learn of a hit. They are written when the entry is sealed, so that their timing tells nothing.
 */
const untoldRows = (
  eid: string,
  ts: string,
  decided: About & { readonly decision: Decision; readonly items: readonly Item[] },
): readonly InboxRow[] => {
  const { decision, items } = decided
  const isOpen = decision.standing === 'open' && decision.todo.length > 0
  const originators = consentWaitedFor(decision.items, items)
  return rowsFor(
    [
      ...(isOpen || forPerson(decision).length > 0 ? [officer] : []),
      ...originators.map((origin) => `originator:${origin}`),
    ],
    eid,
    ts,
    decided,
  )
}

/** Every row of a decision, one for each kind of office. */
export function rowsOfDecision(
  { leaf: { eid, ts } }: Stored,
  decided: Values['decision'],
): readonly InboxRow[] {
  const rows = [...toldRows(eid, ts, decided, decided.told.reply), ...untoldRows(eid, ts, decided)]
  return [...new Map(rows.map((row) => [row.audience, row])).values()]
}

const rowsFor = (
  audiences: readonly string[],
  eid: string,
  ts: string,
  decided: About,
): readonly InboxRow[] =>
  [...new Set(audiences)].map((audience) => ({
    holder: decided.matter.holder,
    audience,
    eid,
    ts,
    requester: requesterId(decided),
    urgent: decided.facts.facts['request.urgency'] === 'imminent-threat-to-life',
  }))

/** Rows as they are kept: one for both kinds of offices of the holder. */
export function keptRows(rows: readonly InboxRow[]): readonly InboxRow[] {
  const own = rows.filter(({ audience }) => !audience.startsWith('originator:'))
  const [first] = own
  if (first === undefined || own.length < 2) return rows
  return [{ ...first, audience: bothOffices }, ...rows.filter((row) => !own.includes(row))]
}

/** When the clock first looks at a denial: from what was told alone, and at the same time as its rows. */
export function watchOf(eid: string, about: About, told: Reply): DueRow | undefined {
  const { matter, facts } = about
  const requester = requesterId(about)
  const clock = clockOf(told, facts.facts['request.urgency'])
  return clock && { holder: matter.holder, requester, eid, at: firstLook(clock) }
}

/** Where entries are put for those who must act. */
export type Filing = Parameters<typeof rememberEntry>[2] & {
  readonly inbox: Pick<Inbox, 'put' | 'watch' | 'decidedAgain'>
  readonly messages: Pick<Messages, 'put' | 'sign' | 'collect'>
}

/**
 * Puts a decision into the inboxes of all who could change it, remembers what it refused, and has the clock look
 * at what was told of something that left, and at what is to be told, for which a recall is noted as signed, and a
 * provision as collected; if the entry opens. Repeating it changes nothing.
 */
export async function fileInInbox(
  stored: Stored,
  opened: OpenedEntry | undefined,
  filing: Filing,
): Promise<void> {
  const { inbox, messages } = filing
  const { eid, ts, dryRun } = stored.leaf
  const notice = toldBy(stored, opened)
  if (notice !== undefined) {
    await messages.put(notice.row)
    await inbox.watch({
      holder: notice.holder,
      requester: notice.row.to,
      eid,
      at: firstLookAt({ from: ts, due: notice.row.due }),
    })
  }
  if (opened?.kind === 'countersignature' && opened.values.recalls !== undefined)
    await messages.sign(stored.leaf.previous ?? '', signedBy(stored.leaf, opened.values.call))
  if (opened?.kind === 'consultation' && stored.leaf.previous !== undefined)
    await messages.collect(stored.leaf.previous)
  const change = toTell(stored.leaf, opened, stored.leaf.previous)
  if (change !== undefined) await inbox.watch({ ...change, requester: change.holder, at: ts })
  const decided = decisionIn(opened)
  if (dryRun || decided === undefined) return
  // What was told first, as it was put when it was told.
  const told = toldRows(eid, ts, decided, decided.told.reply)
  const isTold = ({ audience }: InboxRow) => told.some((row) => row.audience === audience)
  const untold = rowsOfDecision(stored, decided).filter((row) => !isTold(row))
  const rows = [...keptRows(told), ...untold].map((row) => inbox.put(row))
  const watch = watchOf(eid, decided, decided.told.reply)
  await Promise.all([...rows, watch && inbox.watch(watch), rememberEntry(stored, decided, filing)])
  const { id } = matterIn(stored, decided)
  if (id !== eid) await inbox.decidedAgain(id, ts)
}

/** What is noted of a recall that data protection has signed. */
const signedBy = (
  { eid: id, ts: at }: Stored['leaf'],
  { agency: office }: Values['countersignature']['call'],
): RecallSigned => ({ id, office, at })

/** That an agency was told what became of something it got, and the holder; undefined for any other entry. */
function toldBy(
  { leaf: { eid: id, ts: at } }: Stored,
  opened: OpenedEntry | undefined,
): { readonly row: MessageSent; readonly holder: string } | undefined {
  const notice = opened?.kind === 'notice' ? opened.values.notice : undefined
  if (notice === undefined || !('cause' in notice) || !isFirstMessage(notice)) return undefined
  const { cause, to, request, items, due, what, holder } = notice
  return { row: { cause, id, at, what, to, request, items, due }, holder }
}

/** Whether a notice says what became of something, and does not remind of that. */
export const isFirstMessage = (
  notice: Message,
): notice is Message & { readonly what: MessageKind } => notice.of === undefined

/**
 * The entry of a change, or of a recall that was signed, which is to be told to whoever got what it is about, and its
 * holder; undefined if there is nothing to tell.
 */
const toTell = (
  { eid }: Stored['leaf'],
  opened: OpenedEntry | undefined,
  previous: string | undefined,
): Pick<DueRow, 'holder' | 'eid'> | undefined => {
  if (opened?.kind === 'countersignature' && previous !== undefined) {
    const { recalls: holder } = opened.values
    return holder === undefined ? undefined : { holder, eid: previous }
  }
  if (opened?.kind !== 'record') return undefined
  const { call, act } = opened.values
  return tells(act) ? { holder: call.agency, eid } : undefined
}

/** Whether a change of a record is to be told to whoever got an item of it. */
export const tells = ({ what, changed = [] }: RecordAct): boolean =>
  what === 'erase' || changed.length > 0

/** Whether an officer of the holder is to send an answer by another way, and say by which number it left. */
export const isToSend = ({ receivedBy, deliverBy, outcome }: Reply): boolean =>
  receivedBy !== undefined || (deliverBy !== undefined && outcome !== 'deny')

/** The row of a denial that the requester put before a person. */
export const reviewRow = (eid: string, ts: string, decided: About): InboxRow => ({
  holder: decided.matter.holder,
  audience: officer,
  eid,
  ts,
  requester: requesterId(decided),
  urgent: false,
})

/** The parts of a decision that a row is made of. */
type About = Pick<Opened, 'call' | 'matter' | 'facts'>

/** Why an officer of the holder is asked; empty for a final denial, which waits for nobody. */
export const forPerson = ({ standing, reasons }: Pick<Decision | Reply, 'standing' | 'reasons'>) =>
  (['human-decision', 'many-persons', 'answered-no', 'ambiguous-subject'] as const).filter(
    (each) => standing !== 'final' && reasons.some(({ code }) => code === each),
  )

/** The originators whose consent a withheld item waits for. */
export const consentWaitedFor = (
  decided: readonly DecidedItem[],
  items: readonly Item[],
): readonly string[] =>
  items.flatMap(({ id, facts }) => {
    const isKept = decided.some((each) => each.id === id && each.treatment.kind === 'withhold')
    const consent = facts['item.originConsent']
    const origin = facts['item.origin']
    return isKept && isOpenConsent(consent) && typeof origin === 'string' && origin !== 'holder'
      ? [origin]
      : []
  })

/** Whether an originator has not answered yet. */
export const isOpenConsent = (consent: unknown): boolean =>
  factTypes['item.originConsent']?.open?.includes(String(consent)) === true

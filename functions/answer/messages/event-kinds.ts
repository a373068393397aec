/** What agencies are told of an entry, whoever they are: one table, by kind of entry. */

import type { EventRow, FiledEvent } from '../../inbox-ports.ts'
import { readCall } from '../../ledger/agency-call.ts'
import type { EntryKind, Kek } from '../../ledger/entry.ts'
import { passkeyType } from '../../policy/passkey.ts'
import type { Stored, World } from '../../ports.ts'
import { matterIn } from '../ask/matter.ts'
import { requesterId } from '../ask/requester.ts'
import { entryIn, type OpenedEntry, openingsOf } from '../entries/reader.ts'
import type { Values } from '../entries/values.ts'
import { forPerson, isToSend, officer, rowsOfDecision } from '../reminders/inbox-rows.ts'

/** A reader: one agency. */
export const toAgency = (id: string): string => `agency#${id}`

/**
 * A reader: whoever is an office of this kind when it reads, so that an office is told what waits for it by the
 * register as it is then.
 */
export const toOffice = (holder: string, audience: string): string => `office#${holder}#${audience}`

/** Who is told, and what the event says beyond its entry. */
type EventTo = Pick<EventRow, 'to'> & { readonly event: Omit<FiledEvent, 'entry' | 'at'> }

/** By kind of entry. A kind that is not here tells nobody anything. */
const eventsBy: {
  readonly [K in EntryKind]?: (
    entry: Stored,
    said: Values[K],
    doubted?: OpenedEntry,
  ) => readonly EventTo[]
} = {
  decision: ofDecision,
  review: ofReview,
  response: ofResponse,
  withdrawal: ofWithdrawal,
  notice: ofNotice,
  objection: ofObjection,
}

/**
 * The events of an entry; none of a dry run, and none once its key was erased. The same entry always gives the
 * same events, at the same place of its log. An objection needs what it doubts (`doubtedIn`).
 */
export function eventsOf(
  entry: Stored,
  opened: OpenedEntry | undefined,
  index: number,
  doubted?: OpenedEntry,
): readonly EventRow[] {
  const { log, eid, ts, dryRun } = entry.leaf
  if (opened === undefined || dryRun) return []
  // A cast: the table has this function under this kind, so it takes what an entry of the kind says.
  const eventsIn = eventsBy[opened.kind] as
    | ((entry: Stored, said: OpenedEntry['values'], doubted?: OpenedEntry) => readonly EventTo[])
    | undefined
  const told = [...(eventsIn?.(entry, opened.values, doubted) ?? []), ...byPasskey(entry, opened)]
  return told.map(({ to, event }) => ({
    to,
    log,
    index,
    event: { ...event, entry: eid, at: ts },
  }))
}

/** What reads entries and keys many at a time. */
export type ManyAtOnce = {
  readonly ledger: Pick<World['ledger'], 'readAll'>
  readonly subjectKeys: Pick<World['subjectKeys'], 'openEach'>
}

/**
 * The entry that each of these objections doubts; undefined for other kinds, and where that opens no more. An entry of
 * before that was changed keeps no later one from being filed: checks of the log report it.
 */
export async function doubtedIn(
  entries: readonly (OpenedEntry | undefined)[],
  world: ManyAtOnce,
): Promise<readonly (OpenedEntry | undefined)[]> {
  const against = entries.map((each) =>
    each?.kind === 'objection' ? each.values.objection.against : undefined,
  )
  const ids = new Set(against.filter((id) => id !== undefined))
  if (ids.size === 0) return []
  const found = await world.ledger.readAll([...ids])
  const keks = await world.subjectKeys.openEach([...found.values()].map(({ kid }) => kid))
  const opened = [...found].map(([id, stored]) => {
    const kek = keks.get(stored.kid)
    return [id, kek && whatOpens(stored, kek)] as const
  })
  const doubted = new Map(opened)
  return against.map((id) => (id === undefined ? undefined : doubted.get(id)))
}

function whatOpens(stored: Stored, kek: Kek): OpenedEntry | undefined {
  try {
    const opened = openingsOf(stored, kek)
    return opened && entryIn(stored, opened)
  } catch {
    return undefined
  }
}

/**
 * A denial is told to the offices in whose inboxes it is, and a disclosure, or a duty by a denial, to the holder. What rests on the record
 * reaches the holder's own officers and an originator alone (`rowsOfDecision`).
 */
function ofDecision(entry: Stored, said: Values['decision']): readonly EventTo[] {
  const { reply } = said.told
  const { holder } = said.matter
  const about = {
    request: entry.leaf.eid,
    matter: matterIn(entry, said).id,
    holder,
    requester: requesterId(said),
  }
  const left = Object.entries(reply.classes).flatMap(([name, how]) =>
    how === 'released' ? [name] : [],
  )
  const duties = dutiesOfHolder(reply)
  const disclosed: EventTo = {
    to: toAgency(holder),
    event: { kind: 'disclosed', ...about, classes: left, duties },
  }
  // A denial, too, may oblige the holder, such as to give its reasons in time.
  const owed: EventTo = { to: toAgency(holder), event: { kind: 'duty-due', ...about, duties } }
  const isWaiting = reply.standing === 'open' || said.decision.standing === 'open'
  // What leaves in part is sent although the rest waits for a person.
  const isSending = isToSend(reply) && (!isWaiting || reply.outcome === 'redact')
  // Only what is told to be open looks the same for hit and no hit.
  const isOfRecord = reply.standing !== 'open'
  const waiting = rowsOfDecision(entry, said).flatMap(({ audience, urgent }) => {
    const event = (kind: 'answer-to-send' | 'denial-to-decide') => ({
      kind,
      ...(audience === officer && isOfRecord && { only: factsOfOfficer(said.decision) }),
      ...about,
      ...(urgent && { urgent }),
      ...(reply.answerBy !== undefined && { due: reply.answerBy }),
    })
    const toDecide = { to: toOffice(holder, audience), event: event('denial-to-decide') }
    // Only the holder sends an answer; to others it would tell that something left.
    if (audience !== officer || !isSending) return [toDecide]
    const toSend = { to: toAgency(holder), event: event('answer-to-send') }
    return isWaiting ? [toSend, toDecide] : [toSend]
  })
  const provided = (to: string): EventTo => ({
    to: toAgency(to),
    event: { kind: 'provided', ...about, classes: left },
  })
  // Who is to have what is provided unasked is told only of what leaves.
  if (reply.outcome !== 'deny')
    return [disclosed, ...(reply.provided ? [provided(reply.provided.to)] : []), ...waiting]
  return duties.length === 0 ? waiting : [owed, ...waiting]
}

/**
 * What a passkey signed is told to its officer's agency, whatever it was: a page could show one act and have another
 * signed, and whoever named the officer is to see which.
 */
function byPasskey({ leaf }: Stored, { evidence, values }: OpenedEntry): readonly EventTo[] {
  if (!('call' in values) || readCall(evidence.jws)?.head.typ !== passkeyType) return []
  const { agency, officer } = values.call
  const about = leaf.previous === undefined ? {} : { request: leaf.previous }
  return [{ to: toAgency(agency), event: { kind: 'acted-by-passkey', ...about, officer } }]
}

/** The facts for which an officer of the holder is asked. */
const factsOfOfficer = (decision: Values['decision']['decision']): readonly string[] => [
  ...decision.todo.filter(({ by }) => by === officer).map(({ fact }) => fact),
  ...(forPerson(decision).length > 0 ? ['release.decision'] : []),
]

/** Who put a denial before a person tells the holder's officers; their answer tells whoever asked. */
function ofReview({ leaf }: Stored, { call, review }: Values['review']): readonly EventTo[] {
  const about = leaf.previous === undefined ? {} : { request: leaf.previous }
  if (review.holder !== undefined) {
    const { holder } = review
    const event = { kind: 'review-asked', ...about, holder, requester: call.agency } as const
    return [{ to: toOffice(holder, officer), event }]
  }
  if (review.to === undefined) return []
  return [{ to: toAgency(review.to), event: { kind: 'reviewed', ...about, office: call.agency } }]
}

/** An office that refuses or asks back tells the requester, who reads its words beside the answer. */
function ofResponse({ leaf }: Stored, { call, response }: Values['response']): readonly EventTo[] {
  const about = leaf.previous === undefined ? {} : { request: leaf.previous }
  const kind = response.what === 'refuse' ? 'refused' : 'asked-back'
  return [{ to: toAgency(response.to), event: { kind, ...about, office: call.agency } }]
}

/** An office that takes its refusal back tells the requester; of other withdrawals they learn by asking again. */
function ofWithdrawal(_: Stored, { call, refused }: Values['withdrawal']): readonly EventTo[] {
  if (refused === undefined) return []
  const { request, to } = refused
  return [{ to: toAgency(to), event: { kind: 'taken-back', request, office: call.agency } }]
}

/**
 * An objection is told to the office whose word it doubts, to whoever entered that for it, and to the holder, who alone
 * recalls what left. They learn the matter if that is what was spoken of: of a doubt within a wider word an office sees a
 * matter only once it waits for it. Who doubts is not said, as on no page of theirs. Whoever got something is not told: a
 * doubt finds nothing wrong yet, as a recall does (Directive (EU) 2016/680 art. 7(3)).
 */
function ofObjection(
  _: Stored,
  { call, objection: { holder, against: cause } }: Values['objection'],
  doubted?: OpenedEntry,
): readonly EventTo[] {
  if (doubted?.kind !== 'attestation' || !('attestation' in doubted.values)) return []
  const { call: by, attestation } = doubted.values
  const { scope, decidedBy } = attestation
  const about = { holder, ...(scope.kind === 'matter' && { matter: scope.matter }), cause }
  return [...new Set([by.agency, decidedBy, holder])]
    .filter((id) => id !== call.agency)
    .map((id) => ({ to: toAgency(id), event: { kind: 'objected', ...about } }))
}

/**
 * A notice is told to whom it is addressed, to the holder, and to whoever asked. That something which left has
 * changed is told to whoever got it alone, until nobody there acts: then the holder is told so, too. That an alarm went off is
 * told to the office that set it.
 */
function ofNotice({ leaf }: Stored, { notice }: Values['notice']): readonly EventTo[] {
  if (notice.what === 'alarm') {
    // Who went over it is in the entry, which the office looks at.
    const set = leaf.previous === undefined ? {} : { cause: leaf.previous }
    return [{ to: toAgency(notice.to), event: { kind: 'alarm', to: notice.to, ...set } }]
  }
  if ('cause' in notice) {
    const { what: kind, to, request, holder, requester, due, cause, items, ask } = notice
    const about = { request, holder, requester, due, to, cause, items }
    const event = { kind, ...about, ...(ask && { ask }) }
    const isFirst = notice.of === undefined
    return [...new Set(isFirst ? [to] : [to, holder])].map((id) => ({ to: toAgency(id), event }))
  }
  const { what: kind, to, request, matter, holder, requester, due } = notice
  const event = { kind, request, matter, holder, requester, due, to }
  return [...new Set([to, holder, requester])].map((id) => ({ to: toAgency(id), event }))
}

/** The duties on a disclosure that are the holder's own. */
const dutiesOfHolder = ({ obligations }: Values['decision']['told']['reply']) =>
  obligations
    .filter(({ onWhom }) => onWhom === 'holder')
    .map(({ code, value, due }) => ({ code, ...(value && { value }), ...(due && { due }) }))

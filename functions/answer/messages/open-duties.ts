/** What an agency still owes: an answer on each change to what it got, and the duties of its own that are due. */

import type { Agency } from '../../identity/register.ts'
import type { EventRow } from '../../inbox-ports.ts'
import type { World } from '../../ports.ts'
import { openKept } from '../entries/reader.ts'
import { type MessageKind, messageKinds } from '../entries/values.ts'
import { collectDays } from '../handovers/provision.ts'
import { cursorAt, placeOfCursor } from '../reply/cursor.ts'
import { isSameDuty } from './disclosures.ts'
import { toAgency } from './event-kinds.ts'
import { rowsAfter } from './events.ts'

/** Something that somebody of the agency must still do. */
export type OpenDuties = {
  /** The request whose answer it is about. */
  readonly request: string
  /** When it must be done. */
  readonly due: string
  /** The agency's officer who asked, where it was the agency that asked, and the entry was not erased. */
  readonly officer?: string
} & (
  | {
      readonly kind: 'notice'
      readonly notice: string
      readonly what: MessageKind
      readonly ask?: 'restricted' | 'erased'
      readonly items: readonly string[]
      readonly holder: string
    }
  | { readonly kind: 'duty'; readonly code: string; readonly value?: string }
  /** A duty on what the agency got. Nobody says here that it was done. */
  | { readonly kind: 'condition'; readonly code: string; readonly text: string }
  /** Data that was provided unasked, and may be collected until it is due. */
  | { readonly kind: 'provision'; readonly holder: string }
)

/** Most pages of events that are read for one answer. */
const pagesMax = 10

/**
 * What is still owed, in the order of the agency's events, from a cursor on: the oldest first, since they press most.
 * It reads ten pages of events at most; `more` says that there are others behind `next`.
 */
export async function openDuties(
  agency: Agency,
  after: string | undefined,
  world: World,
): Promise<
  | { readonly owed: readonly OpenDuties[]; readonly next: string; readonly more: boolean }
  | { readonly kind: 'wrong-cursor' }
> {
  const bound = { agency: agency.id, question: { action: 'read-owed' } }
  const place = after === undefined ? '{}' : placeOfCursor(after, bound, world.secrets)
  if (place === undefined) return { kind: 'wrong-cursor' }
  // A cast: only this function's own places are in cursors that we gave.
  let places = JSON.parse(place) as Readonly<Record<string, number>>
  const owed: OpenDuties[] = []
  let more = true
  for (let page = 0; more && page < pagesMax; page += 1) {
    const read = await rowsAfter([toAgency(agency.id)], places, world)
    const found = await Promise.all(read.rows.map((row) => owedBy(row, agency, world)))
    owed.push(...found.flat())
    ;({ places, more } = read)
  }
  return { owed, next: cursorAt(JSON.stringify(places), bound, world.secrets), more }
}

/** What an event says that the agency must do, without what it has said that it did. */
async function owedBy(
  { event }: EventRow,
  agency: Agency,
  world: World,
): Promise<readonly OpenDuties[]> {
  const { kind, entry, request = entry, holder = '', due = '' } = event
  const what = messageKinds.find((each) => each === kind)
  if (what !== undefined) {
    const { cause = '', items = [], ask } = event
    // A reminder of one, or what somebody else was told, is not owed by itself.
    if (event.to !== agency.id) return []
    if ((await world.messages.done({ cause, to: agency.id, id: entry })) !== undefined) return []
    const officer = await officerOf(request, agency, world)
    const said = { request, due, what, items, holder, ...(ask && { ask }), ...officer }
    return [{ kind: 'notice', notice: entry, ...said }]
  }
  if (kind === 'provided') {
    const until = Date.parse(event.at) + collectDays * 86_400_000
    if (until < world.now().getTime()) return []
    return [{ kind: 'provision', request, holder, due: new Date(until).toISOString() }]
  }
  if (kind !== 'disclosed' && kind !== 'duty-due') return []
  const dated = (event.duties ?? []).filter((duty) => duty.due !== undefined)
  const done = dated.length === 0 ? [] : await world.duties.of(entry)
  return dated
    .filter((duty) => !done.some((each) => isSameDuty(each, duty)))
    .map(({ code, value, due: by = '' }) => ({
      ...{ kind: 'duty', request, due: by, code },
      ...(value && { value }),
    }))
}

/** Which officer of the agency asked for what something is about. */
async function officerOf(
  request: string,
  { id }: Agency,
  world: World,
): Promise<Pick<OpenDuties, 'officer'>> {
  const stored = await world.ledger.read(request)
  const opened = stored && (await openKept(stored, world))
  return opened?.call.agency === id ? { officer: opened.call.officer } : {}
}

/** What an agency is told without asking: its events in order, and hints of what is urgent. */

import * as z from 'zod'
import { agencyId, classSchema, entryIdSchema } from '../../decision/request.ts'
import { authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import { type EventRow, eventKinds, type FiledEvent, type InboxRow } from '../../inbox-ports.ts'
import { entryId, type Leaf } from '../../ledger/entry.ts'
import type { World } from '../../ports.ts'
import { type Office, officesOf } from '../offices/inboxes.ts'
import { cursorAt, placeOfCursor } from '../reply/cursor.ts'
import { toAgency, toOffice } from './event-kinds.ts'

/** A duty on a disclosure, as an event names it. */
export const dutySchema = z.strictObject({
  code: z.string(),
  value: z.string().optional(),
  due: z.string().optional(),
})

/** An event as its reader sees it: ids and codes alone. */
export const eventSchema = z.strictObject({
  id: entryIdSchema.describe('The same whenever and however often it is read.'),
  kind: z
    .enum(eventKinds)
    .describe('Later versions have more: pass over one that you do not know.'),
  entry: entryIdSchema.describe('The entry of the log that it follows from.'),
  at: z.iso.datetime().describe('When that was entered.'),
  request: entryIdSchema.optional(),
  matter: entryIdSchema.optional(),
  holder: agencyId.optional(),
  requester: agencyId.optional(),
  office: agencyId.optional().describe('The office that acted.'),
  officer: z.string().optional().describe('Your officer whose passkey signed.'),
  urgent: z.literal(true).optional().describe('The requester says that a life is in danger.'),
  due: z.iso.datetime().optional().describe('When somebody must have acted.'),
  to: agencyId.optional().describe('Who is reminded of an open denial, or told of it.'),
  classes: z.array(classSchema).optional().describe('The classes of which something left.'),
  duties: z.array(dutySchema).optional().describe('Duties of the holder’s own.'),
  cause: entryIdSchema
    .optional()
    .describe('The entry by which something that left has changed; your attestation, if doubted.'),
  items: z.array(z.string()).optional().describe('Ids of those items of the answer to `request`.'),
  ask: z.enum(['restricted', 'erased']).optional().describe('Of a recall: what you must do.'),
})

/** A page of events. */
export const eventsPageSchema = z.strictObject({
  events: z.array(eventSchema),
  hints: z
    .array(eventSchema)
    .describe(
      'Threats to life that are not sealed yet. Each comes as an event later, under the same id; as a hint it ' +
        'may come twice, or not at all.',
    ),
  next: z.string().describe('The cursor with which to ask for what comes after.'),
  more: z.boolean().describe('Whether there is more already.'),
})

/** An event as a later build may file it: of another kind, of another class, or asking for something else. */
export const laterEventShape = {
  ...eventSchema.shape,
  kind: z.string(),
  classes: z.array(z.string()).optional(),
  duties: z.array(z.object(dutySchema.shape)).optional(),
  ask: z.string().optional(),
}
/** What else it says is for readers of that build. */
const filedSchema = z.object(laterEventShape)
type ToldEvent = z.infer<typeof filedSchema>
type EventsPage = Omit<z.infer<typeof eventsPageSchema>, 'events' | 'hints'> & {
  readonly events: readonly ToldEvent[]
  readonly hints: readonly ToldEvent[]
}

/** Longest cursor, characters: it names a place for each log and kind of office. */
export const eventsCursorMax = 4000
/** Most events of a page, and most hints of one kind of office. */
const [eventsMax, hintsMax] = [100, 20]
/** A hint is given no later than this after its denial, ms: by then it is sealed, or people know that it is not. */
const hintMs = 3_600_000

/** How far a reader has read: the next place of each log by reader, and the time of the last hint. */
type Progress = {
  readonly places: Readonly<Record<string, number>>
  readonly hinted: string
}

/**
 * What comes after a cursor; from the beginning without one. Events are complete and come at least once: those of
 * one log in its order, and none is passed over that is filed later, since no log is read further than it is
 * marked (`Events`). What an agency reads as an office follows the register as it is now.
 */
export async function eventsAfter(
  agency: Agency,
  after: string | undefined,
  world: World,
): Promise<EventsPage | { readonly kind: 'wrong-cursor' } | { readonly kind: 'not-your-role' }> {
  const own = { holder: agency.jurisdiction, owner: agency.id }
  if (authorize(agency, 'read-events', own) === undefined) return { kind: 'not-your-role' }
  const bound = { agency: agency.id, question: { action: 'read-events' } }
  const place = after === undefined ? beginning : placeOfCursor(after, bound, world.secrets)
  if (place === undefined) return { kind: 'wrong-cursor' }
  // A cast: only this function's own places are in cursors that we gave.
  const { places, hinted } = JSON.parse(place) as Progress

  const offices = await officesOf(agency, world)
  const readers = [toAgency(agency.id), ...offices.map((of) => toOffice(of.holder, of.audience))]
  const { rows, places: to, more } = await rowsAfter(readers, places, world)
  const hints = await hintsAfter(hinted, agency, offices, world)
  const progress: Progress = { places: to, hinted: hints.at(-1)?.at ?? hinted }
  const events = rows
    .filter(({ event }) => isFor(agency, event))
    .map(({ event }) => toldTo(agency, event))
  return {
    events: [...new Map(events.map((event) => [event.id, event])).values()],
    hints: hints.map((event) => toldTo(agency, event)),
    next: cursorAt(JSON.stringify(progress), bound, world.secrets),
    more,
  }
}

/** The next rows of some readers, the places after them, and whether there is more. */
export async function rowsAfter(
  readers: readonly string[],
  places: Progress['places'],
  world: World,
): Promise<{
  readonly rows: readonly EventRow[]
  readonly places: Progress['places']
  readonly more: boolean
}> {
  const parts = await Promise.all(readers.map((to) => partsOf(to, places, world)))
  const { rows, rest } = firstOf(parts.flat())
  const read = rows.map((row) => [placeName(row, world), row.index + 1] as const)
  return { rows, places: { ...places, ...Object.fromEntries(read) }, more: rest > 0 }
}

const beginning = JSON.stringify({ places: {}, hinted: '' } satisfies Progress)

/** The name of a reader’s place in a log. Logs of one gateway begin alike. */
const placeName = ({ to, log }: Pick<EventRow, 'to' | 'log'>, { gateway }: World): string =>
  `${to} ${log.slice(gateway.length + 1)}`

/** Rows that come next for a reader, of each log: as many as a page could take, and one more. */
async function partsOf(
  to: string,
  places: Progress['places'],
  world: World,
): Promise<readonly (readonly EventRow[])[]> {
  const logs = await world.events.logs(to)
  return Promise.all(
    logs.map(async (log) => {
      // Before the rows, so that whatever it counts is among them.
      const until = await world.sealed.marked(log)
      const from = places[placeName({ to, log }, world)] ?? 0
      return world.events.list(to, log, { from, until }, eventsMax + 1)
    }),
  )
}

/** The first rows of all parts, each part in its order, by time among them; and how many are left. */
function firstOf(parts: readonly (readonly EventRow[])[]): {
  readonly rows: readonly EventRow[]
  readonly rest: number
} {
  const rows: EventRow[] = []
  const left = parts.map((part) => [...part])
  for (;;) {
    const [part] = left
      .filter(({ length }) => length > 0)
      .sort(([a], [b]) => (timeOf(a) < timeOf(b) ? -1 : 1))
    const [next] = part ?? []
    const last = rows.at(-1)
    // The events of one entry for one reader go together, since a place is that of an entry.
    const isSameEntry = next !== undefined && next.to === last?.to && next.index === last.index
    if (part === undefined || next === undefined || (rows.length >= eventsMax && !isSameEntry))
      return { rows, rest: left.flat().length }
    part.shift()
    rows.push(next)
  }
}

const timeOf = (row: EventRow | undefined): string => `${row?.event.at} ${row?.event.entry}`

/** Whether an event of an office is for this agency: what rests on the record, only for whoever may act on it. */
const isFor = ({ id, attests }: Agency, { holder, only }: FiledEvent): boolean =>
  only === undefined ||
  id === holder ||
  attests.some(
    (each) =>
      each.holder === holder && each.facts.some((fact) => fact === '*' || only.includes(fact)),
  )

/** The event as an agency sees it, with the id that it always has for that agency. */
const toldTo = (agency: Agency, { only: _, ...event }: FiledEvent): ToldEvent =>
  filedSchema.parse({
    id: entryId('comity event', [event.entry, event.kind, agency.id].join('\u001f')),
    ...event,
  })

/** Threats to life after a moment that no feed has yet: what the answer itself has put into inboxes. */
async function hintsAfter(
  hinted: string,
  agency: Agency,
  offices: readonly Office[],
  world: World,
): Promise<readonly FiledEvent[]> {
  const since = new Date(world.now().getTime() - hintMs).toISOString()
  const from = hinted > since ? hinted : since
  const lists = offices.map(({ holder, audience }) =>
    world.inbox.urgent(holder, audience, from, hintsMax),
  )
  const rows = (await Promise.all(lists)).flat().filter(({ ts }) => ts > hinted)
  const isFiled = await Promise.all(rows.map(({ eid }) => isInFeed(eid, world)))
  const fresh = rows.filter((_, at) => !isFiled[at]).sort((a, b) => (a.ts < b.ts ? -1 : 1))
  const entries = await world.ledger.readAll(fresh.map(({ eid }) => eid))
  return fresh.flatMap((row) => {
    const kind = kindOfHint(entries.get(row.eid)?.leaf)
    const isOther = kind === 'answer-to-send' && row.holder !== agency.id
    return kind === undefined || isOther ? [] : [hintOf(row, kind)]
  })
}

/** The kind of the event that will come, as far as what was told says it. */
const kindOfHint = (leaf: Leaf | undefined): FiledEvent['kind'] | undefined => {
  if (leaf?.standing === 'open') return 'denial-to-decide'
  return leaf === undefined || leaf.out === 'deny' ? undefined : 'answer-to-send'
}

async function isInFeed(eid: string, { sealed }: World): Promise<boolean> {
  const place = await sealed.placeOf(eid)
  return place !== undefined && place.index < (await sealed.marked(place.log))
}

const hintOf = (
  { eid, ts, holder, requester }: InboxRow,
  kind: FiledEvent['kind'],
): FiledEvent => ({
  kind,
  entry: eid,
  at: ts,
  request: eid,
  holder,
  requester,
  urgent: true,
})

/**
 * Decisions as events for an auditor's own system (CloudEvents 1.0), in the order of the log and complete: ids and
 * codes, and nobody's name.
 */

import * as z from 'zod'
import { cursorAt, placeOfCursor } from '../answer/reply/cursor.ts'
import { authorize } from '../identity/authorize.ts'
import { holderOf } from '../ledger/looks-log.ts'
import type { AuditWorld } from '../log-ports.ts'
import {
  type Asker,
  invalid,
  type LookRead,
  type NotShown,
  notFound,
  type Plain,
  purposeSchema,
} from './look.ts'
import { lineSchema } from './read-lines.ts'
import { linesIn, publishedHead, sealedEntries } from './sealed-entries.ts'

/** Most entries read for one page. */
const readMax = 100

/** What a pull may ask. */
export const decisionEventsQuerySchema = z.strictObject({
  purpose: purposeSchema,
  log: z.string().max(200).describe('Such as `comity.example/de/2026`.'),
  cursor: z
    .string()
    .max(200)
    .optional()
    .describe('`next` of the pull before; without it, from the first entry of the log.'),
})

const told = lineSchema.omit({ id: true, ts: true, kind: true, side: true, officer: true })
const gone = z.literal(true).optional()

const cloudEvent = z.strictObject({
  specversion: z.literal('1.0').describe('Of CloudEvents.'),
  id: z.string().describe('Of the entry: the same whenever it is pulled.'),
  source: z.string().describe('This gateway, and the log.'),
  type: z.enum(['comity.decision', 'comity.entry-changed']),
  time: z.string().optional().describe('When it was entered (UTC).'),
  sequence: z
    .string()
    .describe(
      'Its place in the log, the CloudEvents extension of that name: as text, in the order of the log.',
    ),
  datacontenttype: z.literal('application/json').describe('Of `data`.'),
  data: z
    .union([told.extend({ erased: gone, restricted: gone }), z.strictObject({ wrong: z.string() })])
    .describe('What an auditor’s list shows of it, without the officer; or how it was changed.'),
})

/** A pull: events, and where the next one begins, whether or not there is more already. */
export const decisionEventsSchema = z.strictObject({
  events: z.array(cloudEvent),
  next: z.string().describe('The cursor with which to pull what comes after.'),
  more: z.boolean().describe('Whether there is more already, even after a pull without an event.'),
})

/** The next decisions of a log, as far as its newest checkpoint is published. */
export async function pullDecisions(
  { purpose, log, cursor }: z.infer<typeof decisionEventsQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<Plain<z.infer<typeof decisionEventsSchema>>>> {
  const holder = holderOf(log, world.gateway)
  if (holder === undefined || authorize(asker, 'sample', { holder }) === undefined) return notFound
  const bound = { agency: asker.id, question: { action: asker.action, log } }
  const place = cursor === undefined ? '0' : placeOfCursor(cursor, bound, world.secrets)
  if (place === undefined)
    return invalid(
      '/cursor',
      'it is not the `next` of a pull of this log that your office was given',
    )
  const from = Number(place)
  const head = await publishedHead(log, world)
  const size = head?.size ?? 0
  const until = Math.max(from, Math.min(size, from + readMax))
  const places = Array.from({ length: until - from }, (_, i) => from + i)
  const found = head === undefined ? [] : await sealedEntries(head, places, world)
  const lines = await linesIn(purpose, found, world, ({ leaf }) => leaf.t === 'decision')
  type Told = Plain<z.infer<typeof cloudEvent>>
  const events = found.flatMap((each): readonly Told[] => {
    const { index, eid } = each
    const about = {
      specversion: '1.0',
      id: eid || `${log}/${index}`,
      source: `${world.origin}/log/${log}`,
      sequence: String(index).padStart(12, '0'),
      datacontenttype: 'application/json',
    } as const
    if ('wrong' in each)
      return [{ ...about, type: 'comity.entry-changed', data: { wrong: each.wrong } }]
    const line = lines.get(eid)
    if (line === undefined) return []
    const { id: _, ts: time, kind: __, side: ___, officer: ____, ...data } = line
    return [{ ...about, type: 'comity.decision', time, data }]
  })
  return {
    question: { log, from },
    shown: events.map(({ id }) => id),
    answer: { events, next: cursorAt(String(until), bound, world.secrets), more: until < size },
  }
}

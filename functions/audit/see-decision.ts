/** One entry, as auditors of the holder's or the requester's side may see it. */

import * as z from 'zod'
import { type Opened, type OpenedEntry, openAny } from '../answer/entries/reader.ts'
import type { Values } from '../answer/entries/values.ts'
import { prove } from '../answer/look-up.ts'
import { entryIdSchema } from '../decision/request.ts'
import { wasChanged } from '../failure.ts'
import { authorize, type Sight } from '../identity/authorize.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import {
  type Asker,
  isForCourt,
  type LookRead,
  type NotShown,
  notFound,
  purposeSchema,
} from './look.ts'
import { lineSchema } from './read-lines.ts'
import { leavesOf, publishedHead } from './sealed-entries.ts'

/** The entry's id, in the path. */
export const entryInPath = z.object({ id: entryIdSchema })
/** The purpose of the look, in the query. */
export const purposeQuery = z.strictObject({ purpose: purposeSchema })
type Asked = z.infer<typeof entryInPath> & z.infer<typeof purposeQuery>

const anything = z.unknown().optional()

/** One entry. Which of these members it has depends on its kind. */
export const entryViewSchema = lineSchema
  .extend({
    receipt: z.string().describe('The gateway’s signed word that the entry is durable.'),
    place: z
      .strictObject({ log: z.string(), index: z.int() })
      .nullable()
      .describe('Null until it is sealed.'),
    erased: z
      .literal(true)
      .optional()
      .describe('Its personal part is gone; `leaf` is what is left.'),
    restricted: z.literal(true).optional().describe('Its personal part is kept as evidence only.'),
    leaf: anything.describe('What is hashed into the log.'),
    call: anything.describe('Who called, how.'),
    request: anything.describe('The body of the call, as it was sent.'),
    told: anything.describe('What the agency that called was told.'),
  })
  .loose()

/** Reads an entry, as much of it as the asker's office may see for this purpose. */
export async function seeDecision(
  { id, purpose }: Asked,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<EntryView>> {
  const found = await findEntry(id, asker, world)
  if (found === undefined) return notFound
  const { stored, sight } = found
  // What was found may be restricted, or gone, for the holder's side alone.
  const findings = sight === 'whole' ? 'findings' : undefined
  const isRestricted =
    !isForCourt(purpose) && (await world.subjectKeys.isRestricted(stored.kid, findings))
  const opened = isRestricted ? undefined : await openAny(stored, world)
  const same = {
    ...lineOf(stored, opened, sight === 'whole' ? 'holder' : 'requester'),
    place: await placeOf(stored, world),
    ...(opened?.isLeft && findings
      ? { leaf: stored.leaf, erased: true, ...views['own-side'](stored, opened) }
      : opened !== undefined
        ? views[sight](stored, opened)
        : { leaf: stored.leaf, ...(isRestricted ? { restricted: true } : { erased: true }) }),
  }
  const receipt = await world.secrets.receipt(receiptPayload(stored.leaf, stored.leafHash))
  return { question: { id }, shown: [id], answer: { ...same, receipt }, same }
}

/**
 * The place of an entry; null until it is sealed. Throws if the log has another leaf there: whoever can change the ledger can
 * give an entry another outcome or time, which no key shows, and neither it nor a receipt of it may leave.
 */
async function placeOf({ leaf, leafHash }: Stored, world: AuditWorld): Promise<Place | null> {
  const place = await world.sealing.placeOf(leaf.eid)
  if (place === undefined) return null
  const head = await publishedHead(place.log, world)
  const isCovered = head !== undefined && place.index < head.size
  if (isCovered && !(await leavesOf(head, world)(place.index, leafHash)))
    throw wasChanged(`couldn’t show ${leaf.eid}: it is not the entry that was sealed`)
  return place
}

type EntryView = AuditLine & { readonly receipt: string; readonly place: Place | null }
type Place = { readonly log: string; readonly index: number }

/** Reads the proof of an entry, once it is sealed. An asker who may see any of the entry may have it. */
export async function proveDecision(
  { id }: Asked,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<string>> {
  if ((await findEntry(id, asker, world)) === undefined) return notFound
  const proved = await prove(id, world)
  return {
    ...{ question: { id }, shown: [id] },
    ...(proved.kind === 'proved' ? { answer: proved.text } : { instead: { kind: 'not-sealed' } }),
  }
}

/** An entry, and how much of it the asker may see; undefined if nothing, whatever the reason. */
async function findEntry(
  id: string,
  asker: Asker,
  world: Pick<AuditWorld, 'ledger'>,
): Promise<{ readonly stored: Stored; readonly sight: Sight } | undefined> {
  const stored = await world.ledger.read(id)
  if (stored === undefined) return undefined
  const { hj, aj } = stored.leaf
  const sight = authorize(asker, 'read-entry', { holder: hj, requester: aj })
  return sight === undefined ? undefined : { stored, sight }
}

type View = (stored: Stored, opened: OpenedEntry) => Readonly<Record<string, unknown>>

const views: Readonly<Record<Sight, View>> = {
  /** Everything except the salt of what left, with which one could guess the values that left. */
  whole: ({ leaf }, { values, evidence }) => {
    // A cast: entries of other kinds lack these values, which then stay absent.
    const { told, ...rest } = values as Partial<Opened>
    return {
      leaf,
      request: requestIn(evidence.body),
      ...rest,
      ...(told === undefined
        ? {}
        : // Not named `decided`, since the line has that: the outcome in full.
          { told: told.reply, treatments: told.decided, recordId: told.recordId }),
    }
  },

  /** What the requester's agency said, and what it was told. */
  'own-side': (_, { values, evidence }) => {
    const { call, told, notice } = values as Partial<Opened & Values['notice']>
    return {
      call,
      ...(notice && { notice }),
      request: requestIn(evidence.body),
      ...(told === undefined ? {} : { told: told.reply }),
    }
  },
}

/** The body of the call, as it was sent. */
const requestIn = (body: string): unknown => (body === '' ? null : JSON.parse(body))

/** An agency looks up a decision on its own request: never the data, never another agency's. */

import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'
import { ComityError } from '../failure.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { writeProof } from '../ledger/log-proof.ts'
import { proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { receiptPayload, sealedBy } from '../ledger/receipt.ts'
import { tileReader } from '../ledger/tiles.ts'
import type { Durable, World } from '../ports.ts'
import { rememberEntry } from './ask/refusals.ts'
import { newestHead } from './entries/marks.ts'
import { type Opened, open, openAny } from './entries/reader.ts'
import type { SignedCall } from './entries/signed-call.ts'
import { responsesSchema, responsesTo } from './offices/response.ts'
import { deskOf } from './reminders/deadline.ts'
import { isRemedied } from './reminders/progress.ts'
import { isAskedAgain } from './reminders/reminder.ts'
import { type Reply, replySchema } from './reply/reply-schema.ts'

/** A decision as it stands. `cured`, the wire's word for remedied, tells whether it is worth asking again. */
export const standingReplySchema = replySchema.extend({
  cured: z.boolean().optional(),
  review: z
    .strictObject({
      askedAt: z.iso.datetime(),
      askedBy: z
        .string()
        .optional()
        .describe('Your officer who put it there; absent once that entry was erased.'),
      answeredAt: z.iso.datetime().optional(),
      by: z.string().optional().describe('The office whose officer looked at it.'),
    })
    .optional()
    .describe('Of a denial that was put before a person.'),
  responses: responsesSchema
    .optional()
    .describe('What offices answered to an open denial: that they refuse, or what they ask back.'),
  offices: z
    .array(
      replySchema.shape.offices.unwrap().element.extend({ openedAt: z.iso.datetime().optional() }),
    )
    .optional()
    .describe('Whom to phone, as of now, and since when each office has had the denial before it.'),
  delivery: z
    .strictObject({ by: z.string(), number: z.string(), sentAt: z.iso.datetime() })
    .optional()
    .describe('How the answer left, where it left by another way.'),
  receipt: z.string(),
})
export type StandingReply = z.infer<typeof standingReplySchema>

/**
 * The decision with this id, if it is the caller's own; undefined for another's as for one that does not
 * exist.
 */
export async function lookUp(
  { agency }: Pick<SignedCall, 'agency'>,
  eid: string,
  world: World,
): Promise<StandingReply | undefined> {
  const own = await ownDecision(agency, eid, world)
  if (own === undefined) return undefined
  const [standing] = await Promise.all([standingOf(own, world), rememberUnsealed(own, world)])
  return standing
}

/** Remembers what was refused, before whoever asked is told, if sealing has not: it may be late. */
async function rememberUnsealed({ stored, opened }: OwnDecision, world: World): Promise<void> {
  const { eid, ts } = stored.leaf
  const isLate = sealedBy(ts) < world.now().toISOString()
  if (isLate && (await world.sealed.placeOf(eid)) !== undefined) return
  await rememberEntry(stored, opened, world)
}

/** A decision on a request of an agency's own. */
export type OwnDecision = { readonly stored: Durable; readonly opened: Opened }

/** The decision with this id, opened, if it is the agency's own; undefined as `lookUp` is. */
export async function ownDecision(
  agency: Agency,
  eid: string,
  world: World,
): Promise<OwnDecision | undefined> {
  if (!entryIdSchema.safeParse(eid).success) return undefined
  const stored = await world.ledger.read(eid)
  if (stored?.leaf.t !== 'decision') return undefined
  const opened = await open(stored, world)
  const owner = opened?.call.agency ?? ''
  const right = authorize(agency, 'read-answer', { holder: stored.leaf.hj, owner })
  return opened === undefined || right === undefined ? undefined : { stored, opened }
}

/** How an agency's own decision stands now. */
export async function standingOf(
  { stored, opened }: OwnDecision,
  world: World,
): Promise<StandingReply> {
  const { eid } = stored.leaf
  const { reply } = opened.told
  const receipt = await world.secrets.receipt(receiptPayload(stored.leaf, stored.leafHash))
  const [asked, made] = await Promise.all([world.reviews.get(eid), world.handovers.get(eid)])
  const review =
    asked === undefined
      ? {}
      : {
          review: {
            askedAt: asked.at,
            ...(await askedBy(asked.id, world)),
            ...(asked.answer && { answeredAt: asked.answer.at, by: asked.answer.office }),
          },
        }
  const sent =
    made === undefined
      ? {}
      : { delivery: { by: made.by, number: made.number, sentAt: made.sentAt } }
  if (reply.standing !== 'open') {
    const isReleased =
      reply.outcome !== 'release' &&
      (await isRemedied(stored, opened, world)) &&
      !(await isAskedAgain(stored, opened, world))
    return { ...reply, ...review, ...sent, ...(isReleased && { cured: true }), receipt }
  }
  const [cured, offices, responses] = await Promise.all([
    isRemedied(stored, opened, world),
    officesNow(reply, world),
    responsesTo(eid, world),
  ])
  const said = responses.length === 0 ? {} : { responses }
  return { ...reply, ...review, ...sent, ...said, ...offices, cured, receipt }
}

/** The officer who put a denial before a person: a colleague of whoever asked may have. */
async function askedBy(
  entry: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<{ readonly askedBy?: string }> {
  const stored = await world.ledger.read(entry)
  const opened = stored && (await openAny(stored, world))
  return opened?.kind === 'review' ? { askedBy: opened.values.call.officer } : {}
}

/** The offices that an open denial named, as they are now, and since when each has had it before it. */
async function officesNow(
  { id: eid, offices }: Pick<Reply, 'id' | 'offices'>,
  { register, inbox, now }: World,
): Promise<Pick<StandingReply, 'offices'>> {
  if (offices === undefined) return {}
  const seen = await inbox.seenBy(eid)
  const at = now().toISOString()
  const each = offices.map(async (told) => {
    const office = await register.agency(told.id)
    const openedAt = seen.get(told.id)
    return { ...(office ? deskOf(office, at) : told), ...(openedAt && { openedAt }) }
  })
  return { offices: await Promise.all(each) }
}

// The proof that an entry is in the log, for anyone who holds the entry: C2SP tlog-proof.

/** A proof, or why there is none yet. */
type Proved =
  | { readonly kind: 'proved'; readonly text: string }
  /** Durable, but no published checkpoint covers it yet. */
  | { readonly kind: 'not-sealed' }
  | { readonly kind: 'no-such-entry' }

/**
 * Proves that an entry is in the newest published checkpoint of its log. Throws if what is stored does not
 * lead from the entry to the checkpoint: it was changed, and no proof leaves.
 */
export async function prove(
  eid: string,
  {
    sealed,
    ledger,
  }: Pick<World, 'ledger'> & { readonly sealed: Pick<World['sealed'], 'placeOf' | 'get'> },
): Promise<Proved> {
  const stored = await ledger.read(eid)
  if (stored === undefined) return { kind: 'no-such-entry' }
  const place = await sealed.placeOf(eid)
  if (place === undefined) return { kind: 'not-sealed' }
  const { log, index } = place
  if (log !== stored.leaf.log)
    throw new ComityError(`couldn’t prove ${eid}: it has a place in another log`, 'changed')
  const head = await newestHead(log, sealed)
  if (head === undefined || index >= head.size) return { kind: 'not-sealed' }
  const { note, size, root } = head

  const read = tileReader(size, (path) => sealed.get(`${log}/${path}`))
  const path = await proveInclusion(index, size, read)
  if (!verifyInclusion(stored.leafHash, index, size, path, root))
    throw new ComityError(
      `couldn’t prove ${eid}: the tiles of ${log} do not lead to its checkpoint`,
      'changed',
    )
  return { kind: 'proved', text: writeProof({ index, path, checkpoint: note }) }
}

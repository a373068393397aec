/** Denials that wait for an office: which office, and what it is shown. */

import * as z from 'zod'
import { dayMs } from '../../decision/attestation.ts'
import type { AttestedFacts } from '../../decision/attested.ts'
import type { Decision } from '../../decision/decide.ts'
import { agencyId, entryIdSchema } from '../../decision/request.ts'
import { actorOf, authorize, type Principal } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { InboxRow } from '../../inbox-ports.ts'
import type { Stored, World } from '../../ports.ts'
import { isInTime, matterIn } from '../ask/matter.ts'
import { requesterId } from '../ask/requester.ts'
import { noteSeen } from '../entries/looks.ts'
import { type Opened, open, requestIn } from '../entries/reader.ts'
import type { PageCall, SignedCall } from '../entries/signed-call.ts'
import { dueAtHolder } from '../reminders/deadline.ts'
import { forPerson, isOpenConsent, isToSend, officer } from '../reminders/inbox-rows.ts'
import { isAttested, stepsFor, vouchingFor } from '../reminders/progress.ts'
import { cursorAt, placeOfCursor } from '../reply/cursor.ts'
import { type Reply, replySchema } from '../reply/reply-schema.ts'
import { officesOf } from './inboxes.ts'
import { beginning, compare, pressingFirst, type Queued, queueAt, type Turn } from './queue.ts'
import { askedFor, askedSchema } from './request-view.ts'
import { type MatterStatement, saidFor } from './statements.ts'

/** A denial that waits for an office. */
const waitingDenial = z.strictObject({
  request: entryIdSchema,
  matter: entryIdSchema,
  holder: agencyId,
  requester: agencyId,
  receivedFrom: z.string().optional().describe('Who asks, where the request came by another way.'),
  caseReference: z.string(),
  purpose: z.string(),
  offence: z.string(),
  classes: z.array(z.string()),
  urgency: z.string(),
  decidedAt: z.iso.datetime(),
  because: z
    .array(
      z.enum([
        'review',
        'delivery',
        'human-decision',
        'many-persons',
        'answered-no',
        'ambiguous-subject',
      ]),
    )
    .describe(
      'Why a person is asked, beside what could be attested; `delivery`: send the answer by its way.',
    ),
  answerBy: replySchema.shape.answerBy,
  dueBy: replySchema.shape.dueBy,
  asked: askedSchema,
  askedBackAt: z.iso.datetime().optional().describe('When your office asked back.'),
  todo: replySchema.shape.todo,
})
export type WaitingDenial = z.infer<typeof waitingDenial> & {
  /** For pages alone: what offices have said of it that the office may take back or doubt. */
  readonly said?: readonly MatterStatement[]
}

/** A page of an inbox. */
export const inboxPageSchema = z.strictObject({
  open: z.array(waitingDenial),
  next: z
    .string()
    .optional()
    .describe('There may be more, even after a page that is short or empty. It is good for a day.'),
})
type InboxPage = {
  readonly open: readonly WaitingDenial[]
  /** For pages alone: those of which the office has said its part. They wait for others, or for whoever asked. */
  readonly done?: readonly WaitingDenial[]
  readonly next?: string
}

/** Denials read together; most that are read for one page if none of them is open. */
const [atOnce, lookedMax] = [50, 200]
/** Most rows read of one requester, for threats to life and for others; and most rows removed by one page. */
const [rowsMax, removedMax] = [2000, 50]

/**
 * The denials that still wait and that an office could help to change. Requesters take turns, so that many
 * denials of one do not hide another’s. For a page, also those of which it has said its part, until they are asked
 * again.
 */
export async function inboxOf(
  call: SignedCall | PageCall,
  after: string | undefined,
  world: World,
): Promise<InboxPage | { readonly kind: 'wrong-cursor' }> {
  const { agency } = call
  const now = world.now()
  const bound = { agency: agency.id, question: { action: 'read-inbox' } }
  const [at, from] =
    after === undefined
      ? ([now.toISOString(), beginning] as const)
      : pageEnd(placeOfCursor(after, bound, world.secrets))
  const yesterday = new Date(now.getTime() - dayMs).toISOString()
  // Rows that had ended by then may be removed, and their turns with them.
  if (at < yesterday) return { kind: 'wrong-cursor' }

  const rows = await rowsOf(agency, world)
  const old = rows
    .filter(({ ended }) => ended !== undefined && ended < yesterday)
    .slice(0, removedMax)
  await Promise.all(old.map((row) => world.inbox.remove(row)))
  const rest = queueAt(at, rows).filter(
    ({ waiting, place }) => waiting.length > 0 && compare(place, from) > 0,
  )
  let open: readonly WaitingDenial[] = []
  const said: WaitingDenial[] = []
  let looked = 0
  while (open.length === 0 && looked < Math.min(rest.length, lookedMax)) {
    const found = await look(rest.slice(looked, looked + atOnce), call, world)
    open = found.open
    said.push(...found.done)
    looked += atOnce
  }
  const done = 'session' in call ? { done: said } : {}
  const last = rest[looked - 1]
  if (last === undefined || looked === rest.length) return { open, ...done }
  return { open, ...done, next: cursorAt(JSON.stringify([at, last.place]), bound, world.secrets) }
}

/** The moment of a queue, and the turn at which a page ended; without a cursor, a moment long past. */
const pageEnd = (place = '["",[]]'): readonly [at: string, from: Turn] =>
  // A cast: only this function's own places are in cursors that we gave.
  JSON.parse(place) as [string, Turn]

/** Every row in an agency's inboxes. */
async function rowsOf(agency: Agency, world: World): Promise<readonly InboxRow[]> {
  const offices = await officesOf(agency, world)
  const lists = offices.map(({ holder, audience }) => world.inbox.list(holder, audience, rowsMax))
  return (await Promise.all(lists)).flat()
}

/**
 * Those of these denials that wait for the agency. The rows of denials that have ended for good are marked
 * so.
 */
async function look(
  denials: readonly Queued[],
  call: SignedCall | PageCall,
  world: World,
): Promise<{ readonly open: readonly WaitingDenial[]; readonly done: readonly WaitingDenial[] }> {
  const told: string[] = []
  const entries = await world.ledger.readAll(denials.map(({ eid }) => eid))
  const seen = await Promise.all(
    denials.map(async (each) => {
      const found = await waitingDenialOf(each, entries.get(each.eid), call, world)
      if (found !== 'ended') {
        if (found?.isTold) told.push(each.eid)
        return found
      }
      const ended = world.now().toISOString()
      await Promise.all(each.waiting.map((row) => world.inbox.end(row, ended)))
      return undefined
    }),
  )
  await noteSeen(told, call, world)
  const soon = new Date(world.now().getTime() + dayMs).toISOString()
  const listed = (isSaid: boolean) =>
    pressingFirst(
      seen.flatMap((each, i) => {
        const place = denials[i]?.place
        const isListed = each !== undefined && each.isSaid === isSaid
        return isListed && place !== undefined ? [{ ...each.shown, place }] : []
      }),
      soon,
    ).map(({ place: _, ...each }) => each)
  return { open: listed(false), done: listed(true) }
}

/** What is shown of a denial, whether its requester was told of the office, and whether that has said its part. */
type Shown = { readonly shown: WaitingDenial; readonly isTold: boolean; readonly isSaid: boolean }

/**
 * What an office is shown of a denial. `ended` if nobody will wait for it again; undefined if it does not
 * wait for this office now: what is attested today may be taken back tomorrow, or end.
 */
async function waitingDenialOf(
  { eid, holder, ts, waiting }: Queued,
  stored: Stored | undefined,
  call: SignedCall | PageCall,
  world: World,
): Promise<Shown | 'ended' | undefined> {
  const { agency } = call
  const now = world.now().toISOString()
  const opened = stored && (await open(stored, world))
  // The entry is not there yet, was erased, or is kept as evidence only, which may end.
  if (stored === undefined || opened === undefined)
    return isInTime({ since: ts }, now, world) ? undefined : 'ended'
  // The call reused a jti for another holder: rows were once written before the entry.
  if (opened.matter.holder !== holder) return 'ended'
  const audiences = waiting.map((row) => row.audience)
  const { isReview, isToBeSent } = await forOfficers(eid, waiting, opened, world)
  const isForPerson = audiences.includes(officer) && (isReview || isToBeSent)
  if (!isForPerson && (await hasPassed(stored, opened, world)))
    // It still waits for the officers, whose row it is, too.
    return isReview || isToBeSent ? undefined : 'ended'
  const vouching = await vouchingFor(stored, opened, world)
  const vouched = vouching?.facts
  const responses = await world.responses.of(eid)
  const own = responses.filter((each) => each.office === agency.id && !each.takenBack)
  const of = { opened, responses }
  const said = 'session' in call ? await saidFor(actorOf(call), holder, vouching, world, of) : []
  const active = audiences.filter(
    (each) =>
      (isForPerson && each === officer) ||
      (vouched !== undefined && !isDone(each, opened, vouched)),
  )
  const keeper = { holder: stored.leaf.hj, keeper: holder }
  const steps = active.length === 0 ? [] : todoFor(active, opened)
  const todo = stepsFor(steps, opened, vouched, (fact) => mayDo(agency, keeper, fact))
  const isReleased = vouched?.get('release.decision')?.value === 'release'
  const because: WaitingDenial['because'] = active.includes(officer)
    ? [
        ...(isReview ? (['review'] as const) : []),
        // Only the holder sends it; to others it would tell that something left.
        ...(isToBeSent && agency.id === holder ? (['delivery'] as const) : []),
        ...(isReleased ? [] : forPersonTo(mayDo(agency, keeper, 'release.decision'), opened)),
      ]
    : []
  const isForOriginator = active.some((each) => each.startsWith('originator:'))
  const hasRefused = !isForPerson && own.some(({ what }) => what === 'refuse')
  const isSaid = hasRefused || (todo.length + because.length === 0 && !isForOriginator)
  const isListed = !isOver(opened.told.reply) && said.some(({ isOwn }) => isOwn)
  if (isSaid && !isListed) return undefined
  const askedBackAt = own.find(({ what }) => what === 'ask-back')?.at
  const request = requestIn(opened)
  const due = await dueAtHolder(opened, world)
  const shown = {
    request: eid,
    matter: matterIn(stored, opened).id,
    holder,
    requester: requesterId(opened),
    ...(request.receivedBy && { receivedFrom: request.receivedBy.from.name }),
    caseReference: opened.matter.caseReference,
    purpose: opened.matter.purpose,
    offence: request.offence.category,
    classes: request.classes,
    urgency: request.urgency,
    decidedAt: opened.told.reply.decidedAt,
    because,
    ...(due && { answerBy: due.answerBy, dueBy: due.dueBy }),
    asked: askedFor(
      todo.map(({ fact }) => fact),
      request,
    ),
    ...(askedBackAt && { askedBackAt }),
    ...(said.length > 0 && { said }),
    todo: todo.map((step) => ({
      ...(step as Reply['todo'][number]),
      ...(due && { due: due.answerBy }),
    })),
  }
  return { shown, isTold: !isSaid && isToldOf(agency.id, opened), isSaid }
}

/** Whether an answer waits for nobody: all of it left that somebody could still let go. */
const isOver = ({ outcome, standing }: Reply): boolean => outcome !== 'deny' && standing !== 'open'

/** Why a person is asked: what rests on the record, to an office that may decide; to others only of an open denial. */
const forPersonTo = (mayDecide: boolean, { decision, told }: Opened) =>
  mayDecide ? forPerson(decision) : told.reply.standing === 'open' ? forPerson(told.reply) : []

/** What the officers have to do about it beside what could be attested, if it is a row of theirs. */
async function forOfficers(
  eid: string,
  waiting: readonly InboxRow[],
  opened: Opened,
  world: World,
): Promise<{ readonly isReview: boolean; readonly isToBeSent: boolean }> {
  const isTheirs = waiting.some(({ audience, isOfBoth }) => isOfBoth || audience === officer)
  if (!isTheirs) return { isReview: false, isToBeSent: false }
  const review = await world.reviews.get(eid)
  const isReview = review !== undefined && review.answer === undefined
  return { isReview, isToBeSent: await isUnsent(eid, opened, world) }
}

/** Whether the requester of an open denial was told to phone an office: the same for hit and no hit. */
export const isToldOf = (agency: string, { told: { reply } }: Opened): boolean =>
  reply.standing === 'open' && reply.offices?.some(({ id }) => id === agency) === true

/** Whether an answer is still to leave by another way. If the matter was decided again, only the last one is. */
async function isUnsent(eid: string, opened: Opened, world: World): Promise<boolean> {
  const { reply } = opened.told
  if (!isToSend(reply) || (await world.handovers.get(eid)) !== undefined) return false
  if (await world.messages.isRecalled(eid)) return false
  const again = await world.inbox.lastDecided(opened.matter.id ?? eid)
  return again === undefined || again <= reply.decidedAt
}

/**
 * Whether no statement can help a denial any more: it is final, was asked again, or is too old to be asked
 * again.
 */
async function hasPassed(stored: Stored, opened: Opened, world: World): Promise<boolean> {
  const { id, since } = matterIn(stored, opened)
  const now = world.now().toISOString()
  if (opened.decision.standing === 'final' || !isInTime({ since }, now, world)) return true
  const again = await world.inbox.lastDecided(id)
  return again !== undefined && again > stored.leaf.ts
}

const mayDo = (
  agency: Principal,
  keeper: { readonly holder: string; readonly keeper: string },
  fact: string,
): boolean =>
  authorize(agency, 'read-inbox', {
    ...keeper,
    vouched: [{ fact, originator: agency.jurisdiction }],
  }) !== undefined

/** The remedies of a denial that offices may read: a ministry sees only those that the requester was told. */
const todoFor = (
  audiences: readonly string[],
  { decision, told }: Opened,
): readonly (Reply | Decision)['todo'][number][] =>
  audiences.every((each) => each === 'holder-ministry') ? told.reply.todo : decision.todo

/**
 * Whether a denial no longer waits for an office: the office answered, or all of one alternative is attested.
 */
function isDone(audience: string, opened: Opened, vouched: AttestedFacts): boolean {
  const decision = vouched.get('release.decision')?.value
  if (decision === 'refuse' || opened.decision.standing === 'final') return true
  const [kind, origin] = audience.split(':')
  if (kind === 'originator' && origin !== undefined) return isConsentAnswered(origin, vouched)
  const todo = todoFor([audience], opened)
  return isAttested(todo, opened, vouched) || (todo.length === 0 && decision === 'release')
}

const isConsentAnswered = (origin: string, vouched: AttestedFacts): boolean => {
  const value = vouched.get(`item.originConsent@${origin}`)?.value
  return value !== undefined && !isOpenConsent(value)
}

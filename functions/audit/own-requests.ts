/**
 * What officers who ask see on pages: the requests of their own agency, and what a new one would be told. Each is a
 * look, entered before it is shown. No API serves these, since an agency has them by its own signed calls.
 */

import * as z from 'zod'
import { wouldAnswer } from '../answer/answer.ts'
import { isInTime, matterDaysMax, matterIn } from '../answer/ask/matter.ts'
import { isRemembered } from '../answer/ask/refusals.ts'
import { open, requestIn } from '../answer/entries/reader.ts'
import { type OwnDecision, ownDecision, type StandingReply, standingOf } from '../answer/look-up.ts'
import { type OpenDuties, openDuties } from '../answer/messages/open-duties.ts'
import { isAskedAgain } from '../answer/reminders/reminder.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { dayMs } from '../decision/attestation.ts'
import { identifierOf } from '../decision/record.ts'
import { type AccessRequest, accessRequestSchema, entryIdSchema } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import { entryId } from '../ledger/entry.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import {
  type Asker,
  invalid,
  type LookRead,
  type NotShown,
  notFound,
  ownWork,
  type PageLook,
} from './look.ts'
import { linesReadMax, readPage } from './read-lines.ts'

/** A request of an agency's own, as lists show it: nothing of the person. */
export type OwnRequest = {
  readonly standing: Omit<StandingReply, 'receipt'>
  readonly officer: string
  readonly about: Pick<AccessRequest, 'caseReference' | 'purpose' | 'classes' | 'urgency'>
}

/** A page of them. Only the first says what is open and owed. */
export type OwnRequests = {
  /** Open denials that can still be asked again, the first to be due first. */
  readonly open: readonly OwnRequest[]
  /** Whether older ones may be open, too: of so many of the newest denials these are. */
  readonly openOf?: number
  /** Every answer, the newest first. */
  readonly all: readonly OwnRequest[]
  /** More of them, and more events by which something may be owed. */
  readonly next?: string
  readonly owed: readonly OpenDuties[]
  readonly owedNext?: string
  /** Whether duties of older answers were not looked for: of so many of the newest they were. */
  readonly duesOf?: number
}

/** One of them, with whom it asked for. */
export type OwnAnswer = {
  readonly standing: StandingReply
  readonly officer: string
  readonly request: AccessRequest
  /** Whether it was asked again since, so that another answer stands. */
  readonly askedAgain: boolean
}

const purpose = z.literal(ownWork)
/** The officer's own requests; or those of all officers of the agency, for whoever runs the shift. */
const of = z.enum(['mine', 'office'])
const requestsAsked = z.strictObject({
  purpose,
  of,
  cursor: z.string().max(200).optional(),
  owedAfter: z.string().max(4000).optional(),
})
const answerAsked = z.strictObject({ purpose })
const inPath = z.object({ id: entryIdSchema })

const row = <
  Asked extends PageLook['question'],
  InPath extends z.ZodType,
  Answer extends z.ZodType,
>(
  look: PageLook<Asked, InPath, Answer>,
): PageLook<Asked, InPath, Answer> => look

/** The looks that pages for officers who ask have. */
export const ownLooks = {
  requests: row({
    right: 'read-answer',
    action: 'own-requests',
    question: requestsAsked,
    answer: ['A page', z.custom<OwnRequests>()],
    read: readOwn,
  }),
  answer: row({
    right: 'read-answer',
    action: 'own-request',
    isOfOne: true,
    inPath,
    question: answerAsked,
    answer: ['The decision, never the data', z.custom<OwnAnswer>()],
    read: readAnswer,
  }),
  /** What a request would be told: a dry run, which nobody signs. */
  dryRun: row({
    right: 'ask',
    action: 'dry-run',
    question: z.strictObject({ purpose, request: accessRequestSchema }),
    answer: ['What would be told', z.custom<Reply>()],
    read: readDryRun,
  }),
}

/** How many answers a page lists; of how many answers it looks for dated duties. */
const [answersOnPage, duesMax] = [20, 200]
/** How many denials are read together; once so many wait, no more are looked for; most such readings for one page. */
const [openAtOnce, openMax, openReadingsMax] = [50, 200, 20]
/** How long after its time a duty is still shown, ms: nobody says here that it was done. */
const shownAfterMs = 30 * 86_400_000

async function readOwn(
  { of: whose, cursor, owedAfter }: z.infer<typeof requestsAsked>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<OwnRequests>> {
  if (whose === 'office' && !mayReadOffice(asker)) return { kind: 'not-your-role' }
  const asked = { of: whose }
  const { jurisdiction } = asker
  const list = (
    limit: number,
    cursor: string | undefined,
    isWanted: (line: AuditLine) => boolean,
    from?: string,
  ) =>
    readPage(
      asker,
      asked,
      { cursor, from },
      {
        key:
          whose === 'mine'
            ? { jurisdiction, by: 'officer', value: `${asker.id}/${asker.officer}` }
            : { jurisdiction, by: 'agency', value: asker.id },
        wanted: (line) => isOwn(line, asker.id) && isWanted(line),
        ...{ limit, readMax: linesReadMax },
      },
      world,
    )
  const page = await list(answersOnPage, cursor, () => true)
  if ('kind' in page) return page
  const all = await requestsOf(page.lines, asker, world)
  const next = page.next === undefined ? {} : { next: page.next }
  const shown = all.map(({ standing }) => standing.id)
  if (cursor !== undefined)
    return { question: asked, shown, answer: { ...{ open: [], all, owed: [] }, ...next } }
  // Most denials of a busy office were asked again, and the one that waits longest is behind them.
  const waiting: OwnRequest[] = []
  const since = new Date(world.now().getTime() - matterDaysMax * dayMs).toISOString()
  let [readings, looked, further]: [number, number, string | undefined] = [0, 0, undefined]
  do {
    const denials = await list(openAtOnce, further, isOpen, since)
    if ('kind' in denials) return denials
    waiting.push(...(await requestsOf(denials.lines, asker, world, isWaiting)))
    readings += 1
    looked += denials.lines.length
    further = denials.next
  } while (further !== undefined && readings < openReadingsMax && waiting.length < openMax)
  const owing = await openDuties(asker, owedAfter, world)
  if ('kind' in owing) return invalid('/owedAfter', 'it is of another page; begin anew')
  const given = await list(duesMax, undefined, ({ outcome }) => outcome !== 'deny')
  if ('kind' in given) return given
  const dues = await duesIn(given.lines, asker, world)
  const own = whose === 'office' ? owing.owed : owing.owed.filter(isOf(asker.officer))
  // Of one day by their requests: the store gives them in whatever order.
  const owed = [...own, ...dues].toSorted((a, b) => (pressing(a) < pressing(b) ? -1 : 1))
  const answer = {
    open: waiting.toSorted((a, b) => (dueOf(a) < dueOf(b) ? -1 : 1)),
    ...{ all, owed, ...next, ...(owing.more && { owedNext: owing.next }) },
    ...(further !== undefined && { openOf: looked }),
    ...(given.next !== undefined && { duesOf: given.lines.length }),
  }
  const ids = [...waiting.map(({ standing }) => standing.id), ...shown, ...owed.map(idIn)]
  return { question: asked, shown: [...new Set(ids)], answer }
}

const isRememberedOrSealed = async ({ stored, opened }: OwnDecision, world: AuditWorld) =>
  (await world.sealed.placeOf(stored.leaf.eid)) !== undefined || isRemembered(stored, opened, world)

/** Whether an answer is the officer's: they asked, or they run the shift, or it came to the office by another way. */
function mayReadAnswer({ stored, opened }: OwnDecision, asker: Asker): boolean {
  if (opened.call.officer === asker.officer || mayReadOffice(asker)) return true
  const of = { holder: stored.leaf.hj, keeper: opened.matter.holder }
  const isReceived = requestIn(opened).receivedBy !== undefined
  return isReceived && authorize(asker, 'enter-received', of) !== undefined
}

/** Whether an officer may see what others of the agency asked. */
const mayReadOffice = (asker: Asker): boolean =>
  authorize(asker, 'read-office', { holder: asker.jurisdiction, owner: asker.id }) !== undefined

const isOwn = ({ kind, agency, dryRun }: AuditLine, id: string): boolean =>
  kind === 'decision' && dryRun === undefined && agency === id

const isOpen = ({ standing }: AuditLine): boolean => standing === 'open'

const isOf =
  (officer: string) =>
  (owed: OpenDuties): boolean =>
    owed.kind === 'provision' || owed.officer === officer

const idIn = ({ request }: OpenDuties): string => request
const pressing = ({ due, request }: OpenDuties): string => `${due} ${request}`
const dueOf = ({ standing }: OwnRequest): string => standing.answerBy ?? '~'

/** The dated duties on what the agency got, as far as they are due now or later. */
async function duesIn(
  lines: readonly AuditLine[],
  { id }: Asker,
  world: AuditWorld,
): Promise<readonly OpenDuties[]> {
  const since = new Date(world.now().getTime() - shownAfterMs).toISOString()
  const entries = await world.ledger.readAll(lines.map((line) => line.id))
  const dues = [...entries.values()].map(async (stored): Promise<readonly OpenDuties[]> => {
    const opened = await open(stored, world)
    if (opened?.call.agency !== id) return []
    const { officer } = opened.call
    const request = stored.leaf.eid
    return opened.told.reply.obligations.flatMap(({ onWhom, code, text, due }) =>
      onWhom === 'requester' && due !== undefined && due >= since
        ? [{ kind: 'condition', request, officer, code, text, due } as const]
        : [],
    )
  })
  return (await Promise.all(dues)).flat()
}

/** Whether somebody may still answer an open denial, and it was not asked again since. */
const isWaiting = async ({ stored, opened }: OwnDecision, world: AuditWorld): Promise<boolean> =>
  isInTime(matterIn(stored, opened), world.now().toISOString(), world) &&
  !(await isAskedAgain(stored, opened, world))

/** The requests of lines, as far as their entries open. */
async function requestsOf(
  lines: readonly AuditLine[],
  asker: Asker,
  world: AuditWorld,
  isWanted: (own: OwnDecision, world: AuditWorld) => Promise<boolean> = async () => true,
): Promise<readonly OwnRequest[]> {
  const found = lines.map(async ({ id }) => {
    const own = await ownDecision(asker, id, world)
    if (own === undefined || !(await isWanted(own, world))) return []
    const { receipt: _, ...standing } = await standingOf(own, world)
    const { caseReference, purpose: what, classes, urgency } = requestIn(own.opened)
    const about = { caseReference, purpose: what, classes, urgency }
    return [{ standing, officer: own.opened.call.officer, about }]
  })
  return (await Promise.all(found)).flat()
}

async function readAnswer(
  { id }: z.infer<typeof answerAsked> & z.infer<typeof inPath>,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<OwnAnswer>> {
  const own = await ownDecision(asker, id, world)
  if (own === undefined) return notFound
  // INVARIANT (a refusal tells nothing): a colleague's answer is as one that does not exist.
  if (!mayReadAnswer(own, asker)) return notFound
  // INVARIANT (remembered before it is told): pages write no refusals; a call that looks it up does, and so does sealing.
  if (!(await isRememberedOrSealed(own, world))) return notFound
  const standing = await standingOf(own, world)
  const { stored, opened } = own
  const answer = {
    ...{ standing, officer: opened.call.officer, request: requestIn(opened) },
    askedAgain: await isAskedAgain(stored, opened, world),
  }
  const { receipt: _, ...same } = standing
  return { question: { id }, shown: [id], answer, same: { ...answer, standing: same } }
}

/**
 * The dry run of a request. Its entry has the request as it was asked, under the key of the person, so that it is
 * erased with them; of dry runs that are alike within a quarter of an hour there is one.
 */
async function readDryRun(
  { request }: { readonly request: z.infer<typeof accessRequestSchema> },
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<Reply>> {
  const nobodys = entryId(asker.id, Buffer.from(world.random(16)).toString('base64url'))
  // As the register has it, and not as the asker: what is stated of it is entered by that.
  const agency = await world.register.agency(asker.id)
  if (agency === undefined) return { kind: 'not-your-role' }
  const would = await wouldAnswer(
    { agency, officer: asker.officer, entry: nobodys },
    request,
    world,
  )
  switch (would.kind) {
    case 'would': {
      const { outcome, standing, reasons, classes } = would.reply
      return {
        question: { request },
        shown: [],
        subject: identifierOf(request.subject),
        answer: would.reply,
        same: { outcome, standing: standing ?? null, reasons, classes },
      }
    }
    case 'unavailable':
    case 'not-your-role':
      return would
    case 'served-elsewhere':
      return invalid(
        '/request/holder',
        `another gateway serves it: ${would.gateway ?? 'the register names none'}`,
      )
    case 'no-such-holder':
      return invalid('/request/holder', 'no agency of this id keeps records here')
    case 'another-matter':
      return invalid(
        '/request/previous',
        'this does not ask the same again, or not in time: ask anew',
      )
    default:
      return invalid('/request', `it cannot be asked so: ${would.kind}`)
  }
}

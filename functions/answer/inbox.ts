/** Denials that wait for an office: which office, and what it is shown. */

import * as z from 'zod'
import { dayMs } from '../decision/attestation.ts'
import type { AttestedFacts } from '../decision/attested.ts'
import { attestedBy } from '../decision/compromised.ts'
import type { Decision } from '../decision/decide.ts'
import { agencyId, entryIdSchema } from '../decision/request.ts'
import { authorize, type Principal, vouchesAs } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { inForce } from '../policy/history.ts'
import { type Attester, vocabulary } from '../policy/vocabulary.ts'
import type { InboxRow, Stored, World } from '../ports.ts'
import { undecided } from './consider.ts'
import { cursorAt, placeOfCursor } from './cursor.ts'
import { consentWaitedFor, forPerson, isOpenConsent, officer } from './inbox-rows.ts'
import { isInTime, matterIn, matterOf, requestIn } from './matter.ts'
import { type Opened, open } from './opened.ts'
import { type Reply, replySchema } from './reply.ts'
import { vouchedIn } from './vouched.ts'

/** A denial that waits for an office. */
const curable = z.strictObject({
  request: entryIdSchema,
  matter: entryIdSchema,
  holder: agencyId,
  requester: agencyId,
  caseReference: z.string(),
  purpose: z.string(),
  offence: z.string(),
  classes: z.array(z.string()),
  urgency: z.string(),
  decidedAt: z.iso.datetime(),
  because: z
    .array(z.enum(['review', 'human-decision', 'ambiguous-subject']))
    .describe('Why a person is asked, beside what could be attested.'),
  todo: replySchema.shape.todo,
})
export type Curable = z.infer<typeof curable>

/** A page of an inbox. */
export const inboxPageSchema = z.strictObject({
  open: z.array(curable),
  next: z
    .string()
    .optional()
    .describe('There may be more, even after a page that is short or empty. It is good for a day.'),
})
type InboxPage = z.infer<typeof inboxPageSchema>

/** Denials read together; most that are read for one page if none of them is open. */
const [atOnce, lookedMax] = [50, 200]
/** Most rows read of one requester, for threats to life and for others; and most rows removed by one page. */
const [rowsMax, removedMax] = [2000, 50]

/**
 * The denials that still wait and that an office could help to change. Requesters take turns, so that many
 * denials of one do not hide another’s.
 */
export async function inboxOf(
  agency: Agency,
  after: string | undefined,
  world: World,
): Promise<InboxPage | { readonly kind: 'wrong-cursor' }> {
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
  const gone = rows
    .filter(({ ended }) => ended !== undefined && ended < yesterday)
    .slice(0, removedMax)
  await Promise.all(gone.map((row) => world.inbox.remove(row)))
  const rest = queueAt(at, rows).filter(
    ({ waiting, place }) => waiting.length > 0 && compare(place, from) > 0,
  )
  let open: Curable[] = []
  let looked = 0
  while (open.length === 0 && looked < Math.min(rest.length, lookedMax)) {
    open = await look(rest.slice(looked, looked + atOnce), agency, world)
    looked += atOnce
  }
  const last = rest[looked - 1]
  if (last === undefined || looked === rest.length) return { open }
  return { open, next: cursorAt(JSON.stringify([at, last.place]), bound, world.secrets) }
}

/** The moment of a queue, and the turn at which a page ended; without a cursor, a moment long past. */
const pageEnd = (place = '["",[]]'): readonly [at: string, from: Turn] =>
  // A cast: only this function's own places are in cursors that we gave.
  JSON.parse(place) as [string, Turn]

/** Every row in an agency's inboxes. */
async function rowsOf(agency: Agency, { register, inbox }: World): Promise<readonly InboxRow[]> {
  const rows: InboxRow[] = []
  for (const holder of new Set(agency.attests.map((each) => each.holder))) {
    const keeper = await register.agency(holder)
    if (keeper === undefined) continue
    for (const audience of audiencesOf(agency, keeper))
      rows.push(...(await inbox.list(holder, audience, rowsMax)))
  }
  return rows
}

/**
 * Those of these denials that wait for the agency. The rows of denials that have ended for good are marked
 * so.
 */
async function look(denials: readonly Queued[], agency: Agency, world: World): Promise<Curable[]> {
  const entries = await world.ledger.readAll(denials.map(({ eid }) => eid))
  const seen = await Promise.all(
    denials.map(async (each) => {
      const curable = await curableOf(each, entries.get(each.eid), agency, world)
      if (curable !== 'ended') return curable
      const ended = world.now().toISOString()
      await Promise.all(each.waiting.map((row) => world.inbox.end(row, ended)))
      return undefined
    }),
  )
  return seen.filter((each) => each !== undefined)
}

/** The kinds of office that an agency is for a holder. */
function audiencesOf(agency: Agency, keeper: Agency): readonly string[] {
  const resource = { holder: keeper.jurisdiction, keeper: keeper.id }
  const isFor = (kind: Attester) =>
    Object.keys(vocabulary).some(
      (fact) =>
        vocabulary[fact]?.attester === kind &&
        authorize(agency, 'read-inbox', {
          ...resource,
          vouched: [{ fact, originator: agency.jurisdiction }],
        }) !== undefined &&
        vouchesAs(agency, resource, { fact, originator: agency.jurisdiction }) === kind,
    )
  return [
    ...(['holder-officer', 'holder-ministry'] as const).filter(isFor),
    ...(isFor('originator') ? [`originator:${agency.jurisdiction}`] : []),
  ]
}

/**
 * What an office is shown of a denial. `ended` if nobody will wait for it again; undefined if it does not
 * wait for this office now: what is attested today may be withdrawn tomorrow, or run out.
 */
async function curableOf(
  { eid, holder, ts, waiting }: Queued,
  stored: Stored | undefined,
  agency: Agency,
  world: World,
): Promise<Curable | 'ended' | undefined> {
  const now = world.now().toISOString()
  const opened = stored && (await open(stored, world))
  // The entry is not there yet, was erased, or is kept as evidence only, which may end.
  if (stored === undefined || opened === undefined)
    return isInTime({ since: ts }, now, world) ? undefined : 'ended'
  // The call reused a jti for another holder: rows were once written before the entry.
  if (opened.matter.holder !== holder) return 'ended'
  const audiences = waiting.map((row) => row.audience)
  const review = audiences.includes(officer) ? await world.reviews.get(eid) : undefined
  const isReview = review !== undefined && review.answer === undefined
  if (!isReview && (await hasPassed(stored, opened, world))) return 'ended'
  const vouched = await vouchedFor(stored, opened, world)
  const active = audiences.filter(
    (each) =>
      (isReview && each === officer) || (vouched !== undefined && !isDone(each, opened, vouched)),
  )
  if (active.length === 0) return undefined
  const keeper = { holder: stored.leaf.hj, keeper: holder }
  const todo = todoFor(active, opened).filter(
    (step) =>
      mayDo(agency, keeper, step.fact) &&
      !(vouched !== undefined && isStepDone(step, opened, vouched)),
  )
  const because = active.includes(officer)
    ? [...(isReview ? (['review'] as const) : []), ...forPerson(opened.decision)]
    : []
  const isForOriginator = active.some((each) => each.startsWith('originator:'))
  if (todo.length === 0 && because.length === 0 && !isForOriginator) return undefined
  const request = requestIn(opened)
  return {
    request: eid,
    matter: matterIn(stored, opened).id,
    holder,
    requester: opened.call.agency,
    caseReference: opened.matter.caseReference,
    purpose: opened.matter.purpose,
    offence: request.offence.category,
    classes: request.classes,
    urgency: request.urgency,
    decidedAt: opened.told.reply.decidedAt,
    because,
    todo: todo.map((step) => ({ ...step, to: step.to as Reply['todo'][number]['to'] })),
  }
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

/**
 * Whether all steps of an alternative in the told `todo` are attested now, so that asking again is
 * worthwhile.
 */
export async function isCured(stored: Stored, opened: Opened, world: World): Promise<boolean> {
  const vouched = await vouchedFor(stored, opened, world)
  return vouched !== undefined && isAttested(opened.told.reply.todo, opened, vouched)
}

/** What is attested now of an entry's matter. */
async function vouchedFor(
  stored: Stored,
  opened: Opened,
  world: World,
): Promise<AttestedFacts | undefined> {
  const [requester, holder] = await Promise.all(
    [opened.call.agency, opened.matter.holder].map((id) => world.register.agency(id)),
  )
  if (requester === undefined || holder === undefined) return undefined
  const at = world.now().toISOString()
  const { id } = matterIn(stored, opened)
  const rules = inForce((await world.law.now()).book, at, at)
  const request = requestIn(opened)
  const matter = matterOf(id, opened.subject.asked, request, requester, holder, rules)
  const { attestations, objections, keys } = await vouchedIn(holder.id, matter, world)
  const vouched = attestedBy(keys, attestations, objections, matter, at)
  const decision = vouched.get('release.decision')
  // A decision older than this denial was tried on it already: it released something else.
  const isOfBefore = attestations
    .filter((act) => decision?.ids.includes(act.id))
    .every(({ enteredAt }) => enteredAt < opened.told.reply.decidedAt)
  return decision?.value === 'release' && isOfBefore ? undecided(vouched) : vouched
}

type Step = Pick<Decision['todo'][number], 'alternative' | 'fact' | 'to'>

/** Whether a step is attested; for consent, whether every originator that the denial waits for gave it. */
function isStepDone(
  { fact, to }: Step,
  { decision, items }: Opened,
  vouched: AttestedFacts,
): boolean {
  const keys =
    fact === 'item.originConsent'
      ? consentWaitedFor(decision.items, items).map((origin) => `${fact}@${origin}`)
      : [fact]
  return keys.every((key) => JSON.stringify(vouched.get(key)?.value) === JSON.stringify(to))
}

function isAttested(todo: readonly Step[], opened: Opened, vouched: AttestedFacts): boolean {
  const alternatives = new Set(todo.map(({ alternative }) => alternative))
  return [...alternatives].some((each) =>
    todo
      .filter(({ alternative }) => alternative === each)
      .every((step) => isStepDone(step, opened, vouched)),
  )
}

// The order in which an office sees denials: each requester gets its turn, however many another files.

/** A denial in the queue. */
type Queued = Pick<InboxRow, 'holder' | 'eid' | 'requester' | 'ts'> & {
  /** Its rows that have not ended, one for each kind of office. Without any, it only keeps its turn. */
  readonly waiting: readonly InboxRow[]
  readonly place: Turn
}

/** A unique place in a queue: the turn; 0 for a threat to life, else 1; and whose turn it is. */
export type Turn = readonly [turn: number, ordinary: number, requester: string]

/**
 * Each requester's first threats to life, this many, come before all else; further ones take turns with the
 * rest.
 */
const threatsFirst = 5

/**
 * The queue as it was at the moment `at`: requesters take turns, the newest denial of each first. A denial
 * filed later has no turn, and one that has ended since keeps its own, so that nothing moves ahead of where a
 * page ended. The requester itself states `urgent`, so it only moves a few of its denials ahead.
 */
export function queueAt(at: string, rows: readonly InboxRow[]): readonly Queued[] {
  const there = rows.filter(({ ts, ended }) => ts <= at && (ended === undefined || ended >= at))
  const denials = [...Map.groupBy(there, ({ holder, eid }) => `${holder} ${eid}`).values()]
    .map((ofOne) => ofOne.sort(newestFirst))
    .sort(([a], [b]) => (a === undefined || b === undefined ? 0 : newestFirst(a, b)))
  const turns = new Map<string, number>()
  return denials
    .flatMap(([newest, ...others]): readonly Queued[] => {
      if (newest === undefined) return []
      const all = [newest, ...others]
      const { holder, eid, requester, ts } = newest
      const isUrgent = all.some(({ urgent }) => urgent)
      const whose = `${requester} ${isUrgent}`
      const turn = turns.get(whose) ?? 0
      turns.set(whose, turn + 1)
      const place = [isUrgent ? turn - threatsFirst : turn, isUrgent ? 0 : 1, requester] as const
      const waiting = all.filter(({ ended }) => ended === undefined)
      return [{ holder, eid, requester, ts, waiting, place }]
    })
    .sort((a, b) => compare(a.place, b.place))
}

const newestFirst = (a: InboxRow, b: InboxRow): number =>
  `${a.ts} ${a.eid}` < `${b.ts} ${b.eid}` ? 1 : -1

/** Negative if `a` comes first. */
export function compare(a: Turn, b: Turn): number {
  const byTurn = a[0] - b[0] || a[1] - b[1]
  return byTurn !== 0 ? byTurn : a[2] < b[2] ? -1 : Number(a[2] > b[2])
}

/** The place before every other. */
export const beginning: Turn = [Number.NEGATIVE_INFINITY, 0, '']

/** Denials that wait for somebody: whom each waits for, and what that office is shown. */

import * as z from 'zod'
import { type Attested, attested } from '../decision/attested.ts'
import type { Decision } from '../decision/decide.ts'
import { agencyId, entryIdSchema } from '../decision/request.ts'
import { authorize, type Principal, vouchesAs } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { inForce } from '../policy/history.ts'
import { type Attester, vocabulary } from '../policy/vocabulary.ts'
import type { InboxRow, World } from '../ports.ts'
import { undecided } from './consider.ts'
import { consentWaitedFor, forPerson, isOpenConsent } from './inbox-rows.ts'
import { matterIn, matterOf, requestIn } from './matter.ts'
import { type Opened, open } from './opened.ts'
import { type Reply, replySchema } from './reply.ts'

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

/** A page of an inbox, the most urgent first; `next` asks for the rest. */
export const inboxPageSchema = z.strictObject({
  open: z.array(curable),
  next: entryIdSchema.optional(),
})
export type InboxPage = z.infer<typeof inboxPageSchema>

/** Denials shown at once, and rows read of one kind of office. */
const [pageMax, rowsMax] = [50, 2000]

/**
 * The denials that an office could help to change and that still wait. Requesters take turns, so that
 * nobody’s many denials hide another’s; a threat to life comes before all others.
 */
export async function inboxOf(
  agency: Agency,
  after: string | undefined,
  world: World,
): Promise<InboxPage> {
  const rows: InboxRow[] = []
  for (const holder of new Set(agency.attests.map((each) => each.holder))) {
    const keeper = await world.register.agency(holder)
    if (keeper === undefined) continue
    for (const audience of audiencesOf(agency, keeper))
      rows.push(...(await world.inbox.list(holder, audience, rowsMax)))
  }
  const distinct = [...new Map(inTurn(rows).map((row) => [row.eid, row])).values()]
  const from = after === undefined ? 0 : distinct.findIndex(({ eid }) => eid === after) + 1
  const open: Curable[] = []
  let last: InboxRow | undefined
  for (const row of distinct.slice(from)) {
    if (open.length === pageMax) return { open, ...(last === undefined ? {} : { next: last.eid }) }
    last = row
    const curable = await curableOf(row, agency, world)
    if (curable === 'done') await world.inbox.remove(row)
    else if (curable !== undefined) open.push(curable)
  }
  return { open }
}

/** The kinds of office that an agency is to a holder. */
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

/** Threats to life first, then the newest of each requester in turn. */
function inTurn(rows: readonly InboxRow[]): readonly InboxRow[] {
  const newest = [...rows].sort((a, b) => (a.ts < b.ts ? 1 : -1))
  const turns = new Map<string, number>()
  const turnOf = (row: InboxRow) => {
    const who = `${row.urgent} ${row.requester}`
    const turn = turns.get(who) ?? 0
    turns.set(who, turn + 1)
    return turn
  }
  return newest
    .map((row) => ({ row, turn: turnOf(row) }))
    .sort((a, b) => Number(b.row.urgent) - Number(a.row.urgent) || a.turn - b.turn)
    .map(({ row }) => row)
}

/** What an office is shown of a denial; `done` if it waits no more, undefined if it is not for it. */
async function curableOf(
  { eid, holder, audience }: InboxRow,
  agency: Agency,
  world: World,
): Promise<Curable | 'done' | undefined> {
  const stored = await world.ledger.read(eid)
  // Rows were once written before the entry.
  if (stored === undefined) return undefined
  const opened = await open(stored, world)
  // Erased, or kept as evidence only, which may end.
  if (opened === undefined) return undefined
  // So a call with a jti used before, to another holder, left one here.
  if (opened.matter.holder !== holder) return 'done'
  const request = requestIn(opened)
  const review = audience === 'holder-officer' ? await world.reviews.get(eid) : undefined
  const isReview = review !== undefined && review.answer === undefined
  const vouched = await vouchedFor(eid, opened, world)
  if (!isReview && (vouched === undefined || isDone(audience, opened, vouched))) return 'done'
  const keeper = { holder: stored.leaf.hj, keeper: holder }
  const todo = todoFor(audience, opened).filter(
    (step) =>
      mayDo(agency, keeper, step.fact) &&
      !(vouched !== undefined && isStepDone(step, opened, vouched)),
  )
  const because = [...(isReview ? (['review'] as const) : []), ...forPerson(opened.decision)]
  const isForPerson = audience === 'holder-officer' && because.length > 0
  const isForOriginator = audience.startsWith('originator:')
  if (todo.length === 0 && !isForPerson && !isForOriginator) return undefined
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
    because: audience === 'holder-officer' ? because : [],
    todo: todo.map((step) => ({ ...step, to: step.to as Reply['todo'][number]['to'] })),
  }
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

/** What an office may read of a denial’s remedies: a ministry no more than the requester was told. */
const todoFor = (
  audience: string,
  { decision, told }: Opened,
): readonly (Reply | Decision)['todo'][number][] =>
  audience === 'holder-ministry' ? told.reply.todo : decision.todo

/** Whether a denial waits no more for an office: it answered, or all of an alternative is attested. */
function isDone(audience: string, opened: Opened, vouched: Attested): boolean {
  const decision = vouched.get('release.decision')?.value
  if (decision === 'refuse' || opened.decision.standing === 'final') return true
  const [kind, origin] = audience.split(':')
  if (kind === 'originator' && origin !== undefined) return isConsentAnswered(origin, vouched)
  const todo = todoFor(audience, opened)
  return isAttested(todo, opened, vouched) || (todo.length === 0 && decision === 'release')
}

const isConsentAnswered = (origin: string, vouched: Attested): boolean => {
  const value = vouched.get(`item.originConsent@${origin}`)?.value
  return value !== undefined && !isOpenConsent(value)
}

/** Whether what an agency was told to be missing has been attested since: then it is worth asking again. */
export async function isCured(eid: string, opened: Opened, world: World): Promise<boolean> {
  const vouched = await vouchedFor(eid, opened, world)
  return vouched !== undefined && isAttested(opened.told.reply.todo, opened, vouched)
}

/** What is attested of the matter of an entry now. */
async function vouchedFor(
  eid: string,
  opened: Opened,
  world: World,
): Promise<Attested | undefined> {
  const stored = await world.ledger.read(eid)
  const [requester, holder] = await Promise.all(
    [opened.call.agency, opened.matter.holder].map((id) => world.register.agency(id)),
  )
  if (stored === undefined || requester === undefined || holder === undefined) return undefined
  const at = world.now().toISOString()
  const { id } = matterIn(stored, opened)
  const rules = inForce(world.book, at, at)
  const request = requestIn(opened)
  const matter = matterOf(id, opened.subject.asked, request, requester, holder, rules)
  const { attestations, objections } = await world.attestations.about(holder.id, matter)
  const vouched = attested(attestations, objections, matter, at)
  const decision = vouched.get('release.decision')
  // A decision of before this denial was tried on it: it released something else.
  const isOfBefore = attestations
    .filter((act) => decision?.ids.includes(act.id))
    .every(({ enteredAt }) => enteredAt < opened.told.reply.decidedAt)
  return decision?.value === 'release' && isOfBefore ? undecided(vouched) : vouched
}

type Step = Pick<Decision['todo'][number], 'alternative' | 'fact' | 'to'>

/** Whether a step is attested; consent, whether every originator gave it that it waits for. */
function isStepDone({ fact, to }: Step, { decision, items }: Opened, vouched: Attested): boolean {
  const keys =
    fact === 'item.originConsent'
      ? consentWaitedFor(decision.items, items).map((origin) => `${fact}@${origin}`)
      : [fact]
  return keys.every((key) => JSON.stringify(vouched.get(key)?.value) === JSON.stringify(to))
}

function isAttested(todo: readonly Step[], opened: Opened, vouched: Attested): boolean {
  const alternatives = new Set(todo.map(({ alternative }) => alternative))
  return [...alternatives].some((each) =>
    todo
      .filter(({ alternative }) => alternative === each)
      .every((step) => isStepDone(step, opened, vouched)),
  )
}

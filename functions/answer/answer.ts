/** The whole journey of one request. Read this first. */

import type { Disclosure } from '../decision/disclose.ts'
import type { AccessRequest } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import { isServed } from '../identity/holds.ts'
import { type Agency, channelOfKey } from '../identity/register.ts'
import { commitment } from '../ledger/entry.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import type { LawNow } from '../policy/law.ts'
import type { Durable, World } from '../ports.ts'
import { type Considered, consider } from './consider.ts'
import { enter, idOf, type ToEnter } from './enter.ts'
import { toldRows } from './inbox-rows.ts'
import { lawIn } from './law.ts'
import { type AskedAgain, askedAgain } from './matter.ts'
import { caseOf, refusalOf } from './refused.ts'
import type { Answered } from './reply.ts'
import { type AnswerBody, type Reply, replyOf } from './reply.ts'
import { repeat } from './retry.ts'
import type { Said } from './said.ts'
import { callOf, type SignedCall } from './signed-call.ts'
import { enterRegistered } from './stated.ts'

/** Answers a request that was verified and is well formed. */
export async function answer(
  call: SignedCall,
  request: AccessRequest,
  world: World,
): Promise<Answered> {
  const holder = await world.register.agency(request.holder)
  const eid = idOf(call)
  if (holder === undefined) return { kind: 'no-such-holder' }
  const of = { holder: holder.jurisdiction, keeper: holder.id, owner: call.agency.id }
  if (authorize(call.agency, 'ask', of) === undefined) return { kind: 'not-your-role' }
  const at = world.now().toISOString()
  const behind = await enterRegistered([call.agency, holder], at, world)
  if (behind !== undefined) return behind
  const law = await lawIn(holder.jurisdiction, at, world)
  if ('kind' in law) return law
  const channel = channelOfKey(call.agency, call.kid)
  const matter = await matterOfCall(request, call.agency, eid, at, world)
  const refused = refusedBefore(request, holder, channel, matter, world)
  if (refused !== undefined || matter === undefined) {
    // A call that would be refused today may be a retry of one already answered: then that answer stands.
    const entry = await world.ledger.read(eid)
    if (entry !== undefined) return again(call, entry, holder, world)
    return refused ?? { kind: 'another-matter' }
  }

  const about = { request, requester: call.agency, holder, channel, matter: matter.id, at, law }
  const considered = await consider(about, world)
  const { seen, disclosure } = considered
  const reply = replyOf(
    {
      id: eid,
      at,
      holder: holder.id,
      classes: request.classes,
      dryRun: request.dryRun === true,
      matter: matter.id,
      released: considered.released,
    },
    seen.told,
    disclosure,
  )

  const said = { call, request, holder, eid, at, law, matter, considered, reply }
  const values = valuesOf(said, world)
  const appended = await enter(call, entryOf(said, values), world, {
    discloses: seen.told.outcome !== 'deny' && !request.dryRun,
    ...(request.dryRun ? {} : { before: remember(said, values, world) }),
  })
  switch (appended.kind) {
    case 'durable': {
      // Only once it is entered, so that a retry has no row of its own; if we crash here, sealing writes the
      // rows.
      const rows = request.dryRun ? [] : toldRows(eid, at, values, seen.told)
      const [body] = await Promise.all([
        send(reply, disclosure, appended.entry, world),
        ...rows.map((row) => world.inbox.put(row)),
      ])
      return { kind: 'answered', first: true, body }
    }
    case 'already':
      return again(call, appended.entry, holder, world)
    case 'unavailable':
      return appended
  }
}

/**
 * Remembers a refusal before the answer is given, so that the requester cannot ask otherwise before it is
 * known.
 */
async function remember(
  { request, holder, call }: Answering,
  values: Decided,
  { refusals, secrets }: World,
): Promise<void> {
  const pseudonym = (identifier: string) => secrets.pseudonym(holder.jurisdiction, identifier)
  const refusal = refusalOf(values, call.agency.id, request, pseudonym)
  if (refusal === undefined) return
  await refusals.put(holder.id, caseOf(call.agency.id, request), refusal)
}

/** The matter of a call: its own, or that of the request which it asks again. */
const matterOfCall = async (
  request: AccessRequest,
  agency: Agency,
  eid: string,
  at: string,
  world: World,
): Promise<AskedAgain | undefined> =>
  request.previous === undefined ? { id: eid, since: at } : askedAgain(request, agency, at, world)

function refusedBefore(
  request: AccessRequest,
  holder: Agency,
  channel: string | undefined,
  matter: AskedAgain | undefined,
  { holds }: World,
): Answered | undefined {
  if (!isServed(holder, holds)) return { kind: 'served-elsewhere', gateway: holder.gateway }
  const of = { holder: holder.jurisdiction, keeper: holder.id }
  if (authorize(holder, 'answer-requests', of) === undefined) return { kind: 'no-such-holder' }
  if (channel !== undefined && channel !== request.channel)
    return { kind: 'another-channel', channel }
  return matter === undefined ? { kind: 'another-matter' } : undefined
}

/** Answers a retry from the entry that its first call made. */
async function again(
  call: SignedCall,
  entry: Durable,
  holder: Agency,
  world: World,
): Promise<Answered> {
  const repeated = await repeat(call, entry, holder, world)
  if (repeated.kind !== 'same') return repeated
  const { opened, disclosure } = repeated
  return {
    kind: 'answered',
    first: false,
    body: await send(opened.told.reply, disclosure, entry, world),
  }
}

/**
 * INVARIANT (no entry, no release): the only place that puts together what leaves, and only from a durable
 * entry.
 */
export async function send(
  reply: Reply,
  disclosure: Disclosure,
  entry: Durable,
  world: World,
): Promise<AnswerBody> {
  const items = disclosure.items as AnswerBody['records'][number]['items']
  return {
    ...reply,
    records: items.length === 0 ? [] : [{ items }],
    receipt: await world.secrets.receipt(receiptPayload(entry.leaf, entry.leafHash)),
  }
}

/** Everything from which the entry of a decision is made. */
type Answering = {
  readonly call: SignedCall
  readonly request: AccessRequest
  readonly holder: Agency
  readonly eid: string
  readonly at: string
  readonly law: LawNow
  readonly matter: AskedAgain
  readonly considered: Considered
  readonly reply: Reply
}

type Decided = Said['decision']

/** The values behind the entry's commitments. */
function valuesOf(
  { call, request, holder, matter, considered, reply }: Answering,
  world: World,
): Decided {
  const { seen, facts, sources } = considered
  const pseudonym = (identifier: string) => world.secrets.pseudonym(holder.jurisdiction, identifier)
  return {
    call: callOf(call),
    subject: {
      asked: considered.asked,
      match: seen.match,
      found: seen.ids.flatMap((each) => each.map(pseudonym)),
    },
    matter: {
      caseReference: request.caseReference,
      purpose: request.purpose,
      holder: holder.id,
      id: matter.id,
      since: matter.since,
      classes: request.classes,
    },
    facts: { facts, sources },
    items: seen.items,
    decision: seen.decision,
    told: {
      reply,
      decided: seen.told.items,
      recordId: seen.record?.id ?? null,
      paySalt: Buffer.from(world.random(32)).toString('base64url'),
    },
  }
}

function entryOf(
  { request, holder, at, law, considered: { seen, disclosure, rules, asked } }: Answering,
  said: Decided,
): ToEnter<'decision'> {
  const { outcome, standing } = seen.told
  return {
    kind: 'decision',
    at,
    jurisdiction: holder.jurisdiction,
    pseudonym: asked,
    said,
    leaf: {
      // The outcome as told, since the leaf goes to the requester; the full decision is behind a commitment.
      out: outcome,
      ...(standing === undefined ? {} : { standing }),
      ...(request.dryRun ? { dryRun: true as const } : {}),
      ...(request.previous === undefined ? {} : { previous: request.previous }),
      pol: seen.decision.policies,
      lists: rules.listVersions.map(({ id, version, digest }) => ({ id, version, digest })),
      ...(law.named && { law: law.named.ref }),
      pay: commitment({ salt: said.told.paySalt, value: disclosure }),
    },
  }
}

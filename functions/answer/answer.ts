/** The whole journey of one request. Read this first. */

import { type Disclosure, nothingLeaves } from '../decision/disclose.ts'
import { lawTimes } from '../decision/duties.ts'
import type { AccessRequest } from '../decision/request.ts'
import { isPasskeyWithout } from '../identity/passkey-calls.ts'
import { type Agency, channelOfKey, passkeysOf } from '../identity/register.ts'
import { commitment, named } from '../ledger/entry.ts'
import { receiptPayload, sealedBy } from '../ledger/receipt.ts'
import type { LawNow } from '../policy/law.ts'
import type { Durable, World } from '../ports.ts'
import {
  askingAs,
  isAsked,
  type MayAsk,
  type NotAsking,
  type Release,
  type WhoAsks,
} from './ask/admissibility.ts'
import type { Considering } from './ask/background.ts'
import { consider } from './ask/consideration.ts'
import type { Considered } from './ask/decision.ts'
import type { AskedAgain } from './ask/matter.ts'
import { rememberRefusals } from './ask/refusals.ts'
import type { Requester } from './ask/requester.ts'
import { repeat } from './ask/retry.ts'
import type { StillLeaves } from './ask/still-leaves.ts'
import { callOf, type SignedCall } from './entries/signed-call.ts'
import type { Values } from './entries/values.ts'
import { enter, idOf, justSeen, type KeySeen, seeKey, type ToEnter } from './entries/writer.ts'
import { dueOf, dutyDueOf, toPhone } from './reminders/deadline.ts'
import { keptRows, toldRows, watchOf } from './reminders/inbox-rows.ts'
import { type Answered, type Due, leavesHere, replyOf } from './reply/reply.ts'
import type { AnswerBody, Reply } from './reply/reply-schema.ts'

/** Answers a request that was verified and is well formed; `providing` is of what a holder provides unasked. */
export async function answer(
  call: SignedCall,
  request: AccessRequest,
  world: World,
  providing?: Providing,
): Promise<Answered> {
  const asking = await askingBy(call, request, world, providing?.release)
  if (asking.kind !== 'asking') return asking
  const { holder, matter, about } = asking
  const { entry: eid, at, law } = about
  // INVARIANT (erased before it left): the key is looked for no earlier than the record is read for the last time,
  // so that an erasure or a restriction before that counts. Where more than the decision comes in between, or the
  // record is long in coming, it is looked for anew.
  let looked: KeySeen | undefined
  const atLastRead = (pseudonym: string) => {
    looked = seeKey(call, { jurisdiction: holder.jurisdiction, pseudonym }, world)
  }
  const considered = await consider({ ...about, atLastRead }, world)
  if (providing !== undefined && considered.shown() !== providing.shown)
    return (await answeredBefore(call, eid, holder, false, world)) ?? { kind: 'not-as-shown' }
  const { seen, disclosure } = considered
  const waits = await waitsFor(about, considered, matter.due, world)
  const reply = replyTo(eid, about, considered, waits)

  const said = { call, about, holder, eid, at, law, matter, considered, reply }
  const values = valuesOf(said, world)
  const appended = await enter(call, entryOf(said, values), world, {
    discloses: seen.told.outcome !== 'deny' && !request.dryRun,
    ...justSeen(looked, world),
  })
  switch (appended.kind) {
    case 'durable': {
      // Only once it is entered, so that a retry has no row of its own, and before the answer is given; if we crash
      // here, sealing writes the rows. It alone has the clock look at what is not due for a look before it is sealed.
      const rows = request.dryRun ? [] : keptRows(toldRows(eid, at, values, reply))
      const first = request.dryRun ? undefined : watchOf(eid, values, reply)
      const watch = first !== undefined && first.at <= sealedBy(at) ? first : undefined
      const [body] = await Promise.all([
        bodyOf(reply, leavesHere(reply) ? disclosure : nothingLeaves, appended.entry, world),
        request.dryRun || rememberRefusals(values, request, considered.pseudonym, world),
        ...rows.map((row) => world.inbox.put(row)),
        watch && world.inbox.watch(watch),
      ])
      return { kind: 'answered', first: true, body }
    }
    case 'already':
      return again(call, appended.entry, holder, false, world)
    case 'unavailable':
      return appended
  }
}

/** What an officer of the holder adds who provides unasked. */
type Providing = {
  /** What he was shown. */
  readonly shown: string
  readonly release: Release
}
/** Who asks whom, in which matter and by which law; or why nobody may, or the answer that stands already. */
export async function askingBy(
  call: SignedCall,
  request: AccessRequest,
  world: World,
  release?: Release,
): Promise<MayAsk | Answered> {
  const { agency, officer, kid } = call
  // Who asks by a passkey is named for it; what came by another way needs another naming, as `admissibility.ts` has it.
  if (isAsked(request) && isPasskeyWithout(call, 'ask')) return { kind: 'not-your-role' }
  const caller = { agency, officer, entry: idOf(call), channel: channelOfKey(agency, kid) }
  const asking = await askingAs(caller, request, world, release)
  if (asking.kind === 'asking') return asking
  const { holder, why } = asking
  // A call that would be refused today may be a retry of one already answered: then that answer stands, without its data.
  return (holder && (await answeredBefore(call, caller.entry, holder, true, world))) ?? why
}

/**
 * What an officer would be told if the agency asked so now, as a dry run. Nothing of it is entered here: whoever shows
 * it enters the look before. `entry` is an id that nothing has.
 */
export async function wouldAnswer(
  { agency, officer, entry }: Omit<WhoAsks, 'channel'>,
  asked: AccessRequest,
  world: World,
): Promise<{ readonly kind: 'would'; readonly reply: Reply } | NotAsking['why']> {
  const request = { ...asked, dryRun: true as const }
  // Who has a passkey asks by it, and otherwise the agency's system by its keys: if none is of the channel that is named,
  // nobody can ask by that.
  const own = passkeysOf(agency, officer)
  const hasKey = (own.length > 0 ? own : agency.keys).some(
    ({ kid, status }) => status === 'active' && channelOfKey(agency, kid) === request.channel,
  )
  const channel = hasKey ? request.channel : undefined
  const asking = await askingAs({ agency, officer, entry, channel }, request, world)
  if (asking.kind !== 'asking') return asking.why
  const considered = await consider(asking.about, world)
  const waits = await waitsFor(asking.about, considered, asking.matter.due, world)
  return { kind: 'would', reply: replyTo(entry, asking.about, considered, waits) }
}

/** The classes of which something would leave, if what a dry run supposes were held. It discloses none itself. */
function wouldLeave({ classes }: AccessRequest, { seen: { items, told } }: Considered) {
  const leaving = told.items.filter(({ treatment }) => treatment.kind !== 'withhold')
  const given = items
    .filter(({ id }) => leaving.some((each) => each.id === id))
    .map(({ facts }) => facts['item.class'])
  const how = (each: string) => (given.includes(each) ? 'released' : 'not released')
  return Object.fromEntries(classes.map((each) => [each, how(each)] as const))
}

/** The answer that a call already has. */
async function answeredBefore(
  call: SignedCall,
  eid: string,
  holder: Agency,
  isRefused: boolean,
  world: World,
): Promise<Answered | undefined> {
  const entry = await world.ledger.read(eid)
  return entry && again(call, entry, holder, isRefused, world)
}

/** When an open denial is due, and whom to phone about it; undefined for any other answer. */
async function waitsFor(
  { request, holder, at }: Considering,
  { seen: { told }, judgement }: Considered,
  before: Due | undefined,
  world: World,
): Promise<Parameters<typeof replyOf>[0]['waits']> {
  if (told.standing !== 'open') return undefined
  // Nobody waits for what is given unasked: only the holder's own time runs.
  const times = request.provided === undefined ? lawTimes(judgement) : []
  const due = dueOf(at, request, holder, times, before)
  return { due, phone: await toPhone(told, holder, at, world) }
}

/** What the requester is told. */
const replyTo = (
  id: string,
  { request, requester, holder, matter, at }: Considering,
  considered: Considered,
  waits: Awaited<ReturnType<typeof waitsFor>>,
): Reply => {
  const { seen, disclosure, released, judgement } = considered
  const reply = replyOf(
    {
      ...{ id, at, matter, released, waits },
      holder: holder.id,
      classes: request.classes,
      dryRun: request.dryRun === true,
      received: receivedIn(request, requester),
      deliverBy: request.deliverBy,
      provided: request.provided,
      dutyDue: (duty) => dutyDueOf(at, duty, judgement, { requester, holder }),
    },
    seen.told,
    disclosure,
  )
  return request.dryRun ? { ...reply, classes: wouldLeave(request, considered) } : reply
}

/** What the answer says of a request that came by another way. */
const receivedIn = (
  { receivedBy }: AccessRequest,
  { id }: Requester,
): Reply['receivedBy'] | undefined => {
  if (receivedBy === undefined) return undefined
  const { way, number, from } = receivedBy
  return { way, number, from: { id, name: from.name, jurisdiction: from.jurisdiction } }
}

/** Answers a retry from the entry that its first call made. */
async function again(
  call: SignedCall,
  entry: Durable,
  holder: Agency,
  isRefused: boolean,
  world: World,
): Promise<Answered> {
  const repeated = await repeat(call, entry, holder, isRefused, world)
  if (repeated.kind !== 'same') return repeated
  const { opened, leaves } = repeated
  return {
    kind: 'answered',
    first: false,
    body: await sendAgain(opened.told.reply, leaves, entry, world),
  }
}

/** An answer that stands, with what still leaves by it: for a retry, a package, and whoever collects a provision. */
export const sendAgain = (
  reply: Reply,
  { disclosure }: StillLeaves,
  entry: Durable,
  world: World,
): Promise<AnswerBody> => bodyOf(reply, disclosure, entry, world)

/** INVARIANT (no entry, no release): the only place that puts together what leaves, and only from a durable entry. */
async function bodyOf(
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
  readonly about: Considering
  readonly holder: Agency
  readonly eid: string
  readonly at: string
  readonly law: LawNow
  readonly matter: AskedAgain
  readonly considered: Considered
  readonly reply: Reply
}

type Decided = Values['decision']

/** The values behind the entry's commitments. */
function valuesOf(
  { call, about: { request }, holder, matter, considered, reply }: Answering,
  world: World,
): Decided {
  const { seen, facts, sources, pseudonym } = considered
  return {
    call: callOf(call),
    subject: {
      asked: considered.asked,
      match: seen.match,
      found: seen.ids.flatMap((each) => each.map(pseudonym)),
      ...(seen.exchange && { exchange: seen.exchange }),
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
  {
    about: { request },
    holder,
    at,
    law,
    considered: { seen, disclosure, rules, asked },
  }: Answering,
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
      ...named({
        pol: seen.decision.policies,
        lists: rules.listVersions,
      }),
      ...(law.named && { law: law.named.ref }),
      pay: commitment({ salt: said.told.paySalt, value: disclosure }),
    },
  }
}

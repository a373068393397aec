/** The whole journey of one request. Read this first. */

import { attested, type Matter } from '../decision/attestation.ts'
import { type Disclosure, disclose } from '../decision/disclose.ts'
import type { Item } from '../decision/facts.ts'
import { gather, itemFacts } from '../decision/gather.ts'
import { type HeldRecord, identifierOf } from '../decision/record.ts'
import type { AccessRequest } from '../decision/request.ts'
import type { Agency } from '../identity/register.ts'
import { commitment, entryId, logOf, makeEntry, requestDigest } from '../ledger/entry.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import { dayIn, inForce } from '../policy/history.ts'
import type { Durable, World } from '../ports.ts'
import { open } from './opened.ts'
import { type AnswerBody, type Reply, replyOf } from './reply.ts'
import { repeat } from './retry.ts'
import { see } from './see.ts'
import { callOf, type SignedCall } from './signed-call.ts'

/** What became of a request. Everything but `answered` leaves the gateway without data. */
export type Answered =
  | { readonly kind: 'answered'; readonly first: boolean; readonly body: AnswerBody }
  /** The record changed since; the decision stands, but nothing leaves. */
  | { readonly kind: 'record-changed'; readonly reply: Reply; readonly receipt: string }
  | { readonly kind: 'jti-reused' }
  | { readonly kind: 'erased' }
  | { readonly kind: 'no-such-holder' }
  | { readonly kind: 'no-such-previous' }
  | { readonly kind: 'unavailable'; readonly why: string }

/** Answers a request that was verified and is well formed. */
export async function answer(
  call: SignedCall,
  request: AccessRequest,
  world: World,
): Promise<Answered> {
  const at = world.now().toISOString()
  const holder = await world.register.agency(request.holder)
  const eid = entryId(call.agency.id, call.jti)
  if (holder === undefined || !holder.holdsRecords) return { kind: 'no-such-holder' }
  const pseudonym = (identifier: string) => world.secrets.pseudonym(holder.jurisdiction, identifier)
  const inCase = (value: string) =>
    pseudonym(['case', call.agency.id, request.caseReference, value].join('\u001f'))
  const fault = await faultOf(request, call.agency, holder, world)
  if (fault !== undefined) {
    const entry = await world.ledger.read(eid)
    return entry === undefined ? fault : again(call, entry, holder, inCase, world)
  }

  const rules = inForce(world.book, at, at)
  const day = dayIn(at, holder.timeZone)
  const matter = matterOf(request, call.agency)
  const vouched = attested(await world.attestations.about(holder.id, matter), matter, at)
  const { facts, sources } = gather(request, call.agency, holder, vouched, day, rules)

  const asItem = (record: HeldRecord): readonly Item[] =>
    record.items
      .filter((item) => (request.classes as readonly string[]).includes(item.class))
      .map((item) => itemFacts(item, vouched, day, rules.elements))
  const seen = await see(request, holder, rules, facts, at, asItem, world)

  const disclosure =
    seen.record === undefined
      ? nothingLeaves
      : disclose(seen.record.items, seen.told.items, rules.elements, inCase)
  const reply = replyOf(
    { id: eid, at, holder: holder.id, classes: request.classes, dryRun: request.dryRun === true },
    seen.told,
    disclosure,
  )

  if (seen.told.standing === 'open') await world.inbox.put(holder.id, eid, at)
  const asked = pseudonym(identifierOf(request.subject))
  const key = await world.subjectKeys.keyFor(holder.jurisdiction, asked)
  const paySalt = Buffer.from(world.random(32)).toString('base64url')
  const entry = makeEntry(
    {
      t: 'decision',
      log: logOf(world.gateway, holder.jurisdiction, at),
      eid,
      ts: at,
      hj: holder.jurisdiction,
      aj: call.agency.jurisdiction,
      // As told: the leaf goes to the requester, and what was decided in full is behind a commitment.
      out: seen.told.outcome,
      ...(seen.told.standing === undefined ? {} : { standing: seen.told.standing }),
      ...(request.dryRun ? { dryRun: true as const } : {}),
      ...(request.previous === undefined ? {} : { previous: request.previous }),
      pol: seen.decision.policies,
      lists: rules.listVersions.map(({ id, version, digest }) => ({ id, version, digest })),
      eng: world.build,
      req: requestDigest(call.signingInput),
      pay: commitment({ salt: paySalt, value: disclosure }),
    },
    {
      call: callOf(call),
      subject: { asked, match: seen.match, found: seen.ids.flatMap((each) => each.map(pseudonym)) },
      matter: { caseReference: request.caseReference, purpose: request.purpose, holder: holder.id },
      facts: { facts, sources },
      items: seen.items,
      decision: seen.decision,
      told: { reply, decided: seen.told.items, recordId: seen.record?.id ?? null, paySalt },
    },
    { jws: call.jws, body: call.body },
    key,
    Buffer.from(world.random(16)).toString('base64url'),
    world.random,
  )

  const appended = await world.ledger.append(entry)
  switch (appended.kind) {
    case 'durable':
      return {
        kind: 'answered',
        first: true,
        body: await send(reply, disclosure, appended.entry, world),
      }
    case 'already':
      return again(call, appended.entry, holder, inCase, world)
    case 'unavailable':
      return appended
  }
}

/** The same call again, answered from the entry that stands. */
async function again(
  call: SignedCall,
  entry: Durable,
  holder: Agency,
  inCase: (value: string) => string,
  world: World,
): Promise<Answered> {
  const repeated = await repeat(call, entry, holder, inCase, world)
  if (repeated.kind !== 'same') return repeated
  const { opened, disclosure } = repeated
  return {
    kind: 'answered',
    first: false,
    body: await send(opened.told.reply, disclosure, entry, world),
  }
}

/**
 * INVARIANT (no entry, no release): what leaves is put together here, from an entry that is durable
 * and from nothing less.
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

const nothingLeaves: Disclosure = { items: [], handling: [] }

/** What attestations are matched against. */
const matterOf = (request: AccessRequest, requester: Agency): Matter => ({
  request: request.previous === undefined ? [] : [request.previous],
  requester: requester.id,
  requesterJurisdiction: requester.jurisdiction,
  caseReference: request.caseReference,
  purpose: request.purpose,
  offenceCategory: request.offence.category,
})

/** What makes a well-formed request unanswerable today. */
async function faultOf(
  request: AccessRequest,
  requester: Agency,
  holder: Agency,
  world: World,
): Promise<Answered | undefined> {
  if (holder.status !== 'active') return { kind: 'no-such-holder' }
  const { previous } = request
  const known = previous === undefined || (await isOpenDenialOf(requester, previous, world))
  return known ? undefined : { kind: 'no-such-previous' }
}

/** Whether an entry is a denial that this agency was told is open; of any other, it learns nothing. */
async function isOpenDenialOf(agency: Agency, eid: string, world: World): Promise<boolean> {
  const stored = await world.ledger.read(eid)
  if (stored?.leaf.t !== 'decision' || stored.leaf.standing !== 'open') return false
  return (await open(stored, world))?.call.agency === agency.id
}

/** The whole journey of one request. Read this first. */

import { attested, type Matter } from '../decision/attestation.ts'
import { type Disclosure, disclose, nothingLeaves } from '../decision/disclose.ts'
import type { Item } from '../decision/facts.ts'
import { gather, itemFacts } from '../decision/gather.ts'
import { type HeldRecord, identifierOf } from '../decision/record.ts'
import type { AccessRequest } from '../decision/request.ts'
import type { Agency } from '../identity/register.ts'
import { commitment, entryId, logOf, makeEntry, requestDigest } from '../ledger/entry.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import { dayIn, inForce } from '../policy/history.ts'
import type { Durable, World } from '../ports.ts'
import { lost } from './lost.ts'
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
  const earlier = await askedBefore(request, call.agency, world)
  if (holder.status !== 'active' || earlier === undefined) {
    // What would be refused today may have been answered already: then that answer stands.
    const entry = await world.ledger.read(eid)
    if (entry !== undefined) return again(call, entry, holder, inCase, world)
    return { kind: earlier === undefined ? 'no-such-previous' : 'no-such-holder' }
  }

  const rules = inForce(world.book, at, at)
  const day = dayIn(at, holder.timeZone)
  const matter = matterOf(request, call.agency, earlier)
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

  if (seen.told.standing === 'open' && !request.dryRun) await world.inbox.put(holder.id, eid, at)
  const asked = pseudonym(identifierOf(request.subject))
  const [isLost, key] = await Promise.all([
    lost(eid, world),
    world.subjectKeys.keyFor(holder.jurisdiction, asked, at),
  ])
  if (isLost !== undefined) return isLost
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
      matter: {
        caseReference: request.caseReference,
        purpose: request.purpose,
        holder: holder.id,
        asked: earlier,
      },
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

/** What attestations are matched against; those of the denials asked before count again. */
const matterOf = (
  request: AccessRequest,
  requester: Agency,
  earlier: readonly string[],
): Matter => ({
  request: earlier,
  requester: requester.id,
  requesterJurisdiction: requester.jurisdiction,
  caseReference: request.caseReference,
  purpose: request.purpose,
  offenceCategory: request.offence.category,
})

/**
 * The open denials that a request asks again, the last one first: none, or undefined if `previous` is
 * no denial that this agency was told is open. Of any other entry it learns nothing.
 */
async function askedBefore(
  { previous }: AccessRequest,
  agency: Agency,
  world: World,
): Promise<readonly string[] | undefined> {
  if (previous === undefined) return []
  const stored = await world.ledger.read(previous)
  if (stored?.leaf.t !== 'decision' || stored.leaf.standing !== 'open') return undefined
  const opened = await open(stored, world)
  if (opened?.call.agency !== agency.id) return undefined
  return [previous, ...opened.matter.asked].slice(0, askedAgainMax)
}

/** How many earlier askings are followed back. */
const askedAgainMax = 10

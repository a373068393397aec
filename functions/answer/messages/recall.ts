/**
 * Two offices of a holder's state recall what rested on something wrong: a version of a policy, an attestation, a
 * record, a key or single answers. Whoever got it is told, as of a change of a record (`corrections.ts`).
 */

import * as z from 'zod'
import { statementsOf } from '../../decision/attestation.ts'
import { attested, type Matter } from '../../decision/attested.ts'
import { type AgencySignature, signingsOf, withdrawalsOf } from '../../decision/compromised.ts'
import { freeText } from '../../decision/free-text.ts'
import { identifierOf, recordId } from '../../decision/record.ts'
import { agencyId, entryIdSchema } from '../../decision/request.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import { isSamePerson } from '../../identity/register.ts'
import type { EntryLists } from '../../inbox-ports.ts'
import { readCall } from '../../ledger/agency-call.ts'
import { policyNames } from '../../ledger/entry.ts'
import { isAgainst } from '../../policy/vouching.ts'
import type { KeptAttestation, KeptObjection, Stored, World } from '../../ports.ts'
import { matterIn } from '../ask/matter.ts'
import { requesterId } from '../ask/requester.ts'
import { isOfCase } from '../ask/scope.ts'
import { type Recorded, record } from '../entries/act.ts'
import { type Opened, openAny, requestIn } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import type { Recall } from '../entries/values.ts'
import { idOf } from '../entries/writer.ts'
import { collectDays } from '../handovers/provision.ts'

const item = recordId
/** What was wrong. */
const causeSchema = z.union([
  z.strictObject({
    policy: z
      .string()
      .max(120)
      .regex(/^[a-z0-9./-]+@[0-9][0-9a-z.-]*$/, 'a version such as de/bkag@2026-02-14')
      .describe('What rested on this version of a policy.'),
  }),
  z.strictObject({ attestation: entryIdSchema.describe('What rested on this attestation.') }),
  z.strictObject({
    record: recordId.describe('What was given of this record.'),
    items: z.array(item).min(1).max(100).optional().describe('These items of it; all if left out.'),
  }),
  z.strictObject({
    key: z
      .strictObject({
        agency: agencyId,
        kid: z.string().min(1).max(100).describe('The key, by its id in the register.'),
        since: z.iso.datetime().describe('Since when it was in wrong hands.'),
      })
      .describe(
        'What was answered to calls that it signed, may have been collected or was fetched with it, or rested on ' +
          'what it attested, or on its taking back a refusal, a risk or a doubt.',
      ),
  }),
  z.strictObject({
    entries: z.array(entryIdSchema).min(1).max(50).describe('What was given by these answers.'),
  }),
])

/** The body of `POST /v1/recalls`. */
export const recallSchema = z.strictObject({
  cause: causeSchema.describe('What was wrong.'),
  ask: z
    .enum(['restricted', 'erased'])
    .describe('What whoever got it must do: not use it, or keep nothing of it.'),
  ground: freeText(600).min(8).describe('Why, without a name. Shown to the holder’s side alone.'),
  days: z.int().min(1).max(30).default(7).describe('Within how many days they must have done so.'),
})

/** The result of a recall, or of signing one. */
export type RecallMade =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
      /** What it does not do. */
      readonly says?: string
    }
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'no-such-recall' }
  | { readonly kind: 'invalid'; readonly pointer: string; readonly detail: string }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** An officer of a holder enters a recall of what it gave. Nobody is told until data protection has signed it. */
export async function recall(
  call: SignedCall,
  { cause, ask, days }: z.infer<typeof recallSchema>,
  world: World,
): Promise<RecallMade> {
  const { agency } = call
  const of = { holder: agency.jurisdiction, keeper: agency.id }
  if (authorize(actorOf(call), 'recall', of) === undefined) return { kind: 'not-your-role' }
  if (!(await isKnown(cause, agency.jurisdiction, world))) {
    const detail = 'nothing of this name is known here, so that nothing can have rested on it'
    return { kind: 'invalid', pointer: '/cause', detail }
  }
  const id = idOf(call)
  const says = { recall: { holder: agency.id, cause, ask, days } }
  const subject = `recall:${id}`
  const recorded = await record('recall', call, agency.jurisdiction, subject, says, world)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt } = recorded
  const stands = endsNothing(cause)
  return { kind: 'done', first, id, receipt, ...(stands && { says: stands }) }
}

/** That what was wrong stands as it did, so that more is given by it, and who ends that. */
function endsNothing(cause: Recall['cause']): string | undefined {
  if ('policy' in cause)
    return 'The version counts as before: answers go on resting on it until it is suspended or replaced. Who gets one meanwhile is told within a week, for a year.'
  if ('attestation' in cause)
    return 'The attestation counts as before: answers go on resting on it until its office withdraws it. Who gets one meanwhile is told within a week, for a year.'
  if ('record' in cause)
    return 'The record stands as before: it is given again until it is corrected, restricted or erased.'
  if (!('key' in cause)) return undefined
  return (
    'The key counts as before, until it is revoked. What it took back of what lets data go has only made answers ' +
    `stricter: nobody got anything by it. \`comity agency compromised ${cause.key.agency}\` lists it once the ` +
    'register says that the key is; the office then states anew what is true.'
  )
}

/** Whether there is, or was, what a recall names: a name that is mistyped would reach nobody, and look done. */
async function isKnown(
  cause: Recall['cause'],
  jurisdiction: string,
  world: World,
): Promise<boolean> {
  if (!('policy' in cause)) return (await restingOn(cause, jurisdiction, world)) !== undefined
  const { book } = await world.law.now()
  return book.policies.some(({ id, version }) => `${id}@${version}` === cause.policy)
}

/** Data protection of the holder's state signs a recall: from then on, whoever got it is told. */
export async function signRecall(call: SignedCall, id: string, world: World): Promise<RecallMade> {
  const found = await recallOf(id, world)
  const of = { holder: found?.jurisdiction ?? '' }
  if (found === undefined || authorize(actorOf(call), 'sign-for-data-protection', of) === undefined)
    return { kind: 'no-such-recall' }
  const { said, jurisdiction, officer: maker } = found
  const { agency, officer } = call
  const holder = await world.register.agency(said.holder)
  if (holder && isSamePerson(call, { agency: holder, officer: maker }))
    return { kind: 'not-your-role' }
  const says = {
    signature: { agency: agency.id, officer, as: 'data-protection' as const },
    recalls: said.holder,
  }
  const subject = `recall:${id}`
  const recorded = await record('countersignature', call, jurisdiction, subject, says, world, id)
  if (recorded.kind !== 'recorded') return recorded
  await world.messages.sign(id, { id: idOf(call), office: agency.id, at: recorded.ts })
  // Also when the entry is sealed, so that a crash here loses nothing.
  const row = { holder: said.holder, requester: said.holder, eid: id, at: recorded.ts }
  await world.inbox.watch(row)
  const { first, receipt } = recorded
  return { kind: 'done', first, id: idOf(call), receipt }
}

/** A recall by its id. */
export async function recallOf(
  id: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<
  { readonly said: Recall; readonly jurisdiction: string; readonly officer: string } | undefined
> {
  const stored = await world.ledger.read(id)
  const opened = stored?.leaf.t === 'recall' ? await openAny(stored, world) : undefined
  if (stored === undefined || opened?.kind !== 'recall') return undefined
  const { recall: said, call } = opened.values
  return { said, jurisdiction: stored.leaf.hj, officer: call.officer }
}

/** Where answers that rested on a cause are listed, and whether one did. */
export type Resting = {
  readonly key: Parameters<EntryLists['list']>[0]
  readonly from?: string
  readonly isOf: (stored: Stored, answer: Opened) => boolean | Promise<boolean>
}

/** The same of a cause. In doubt an answer rested on it. Undefined if there is no such attestation or answer. */
export async function restingOn(
  cause: Recall['cause'],
  jurisdiction: string,
  world: World,
): Promise<Resting | undefined> {
  const all = { jurisdiction, by: 'all', value: '' } as const
  if ('policy' in cause) {
    const value = cause.policy.split('@')[0] ?? ''
    return {
      key: { jurisdiction, by: 'policy', value },
      isOf: ({ leaf }) => policyNames(leaf).includes(cause.policy),
    }
  }
  if ('record' in cause) {
    const value = world.secrets.pseudonym(jurisdiction, identifierOf({ recordId: cause.record }))
    return {
      key: { jurisdiction, by: 'subject', value },
      isOf: (_, { told }) => told.recordId === cause.record,
    }
  }
  if ('entries' in cause) {
    const stored = [...(await world.ledger.readAll(cause.entries)).values()]
    const [from] = stored.map(({ leaf }) => leaf.ts).sort()
    const isOf = ({ leaf }: Stored) => cause.entries.includes(leaf.eid)
    return from === undefined ? undefined : { key: all, from, isOf }
  }
  if ('attestation' in cause) {
    const attestation = await world.attestations.get(cause.attestation)
    if (attestation === undefined) return undefined
    const isOf = (stored: Stored, answer: Opened) => restsOn(stored, answer, attestation)
    return { key: all, from: before(attestation.enteredAt), isOf }
  }
  const { agency, kid } = cause.key
  // As times are written in rows, so that they compare as text.
  const since = new Date(cause.key.since).toISOString()
  const first = before(since)
  const known = new Map<string, Promise<boolean>>()
  const isBy = (each: Pick<AgencySignature, 'agency' | 'kid' | 'at'>) =>
    each.agency === agency && (each.kid ?? kid) === kid && (each.at ?? since) >= since
  const wasBy = async (id: string) => {
    const attestation = await world.attestations.get(id)
    return attestation === undefined || signingsOf(attestation).some(isBy)
  }
  return {
    key: all,
    from: new Date(Date.parse(first) - collectDays * 86_400_000).toISOString(),
    async isOf(stored, answer) {
      const { leaf } = stored
      // What was provided before may have been collected since, by that key.
      if (answer.told.reply.provided?.to === agency) return true
      // So may files of what another key of its agency asked for.
      if (answer.call.agency === agency && (await wasFetched(leaf.eid, isBy, world))) return true
      if (leaf.ts < first) return false
      if (answer.call.agency === agency && readCall(answer.evidence.jws)?.head.kid === kid)
        return true
      if (hasConsentOf(agency.split('-')[0] ?? '', answer)) return true
      for (const id of attestationsOf(answer)) {
        const was = known.get(id) ?? wasBy(id)
        known.set(id, was)
        if (await was) return true
      }
      return restedOnWithdrawal(stored, answer, isBy, world)
    },
  }
}

/** Whether a file of an answer was fetched by a call that such a key signed. In doubt it was. */
async function wasFetched(
  answer: string,
  isBy: (signature: Pick<AgencySignature, 'agency' | 'kid' | 'at'>) => boolean,
  { filesGiven, ledger, subjectKeys }: World,
): Promise<boolean> {
  const given = await filesGiven.of(answer)
  const entries = await ledger.readAll(given.map(({ id }) => id))
  for (const { id, at } of given) {
    const entry = entries.get(id)
    const opened = entry && (await openAny(entry, { subjectKeys }))
    if (opened?.kind !== 'file') return true
    const { agency } = opened.values.call
    const kid = readCall(opened.evidence.jws)?.head.kid
    if (isBy({ agency, at, ...(kid !== undefined && { kid }) })) return true
  }
  return false
}

/** A minute earlier, since clocks of instances differ. */
const before = (at: string): string => new Date(Date.parse(at) - 60_000).toISOString()

/** The attestations that an answer rested on, by id. A provision is its officer's decision itself, and none. */
function attestationsOf({ facts: { sources }, told }: Opened): ReadonlySet<string> {
  const { decidedBy, id } = told.reply
  const all = new Set([
    ...Object.values(sources).flatMap(({ attestations = [] }) => attestations),
    ...(decidedBy?.kind === 'officer' ? [decidedBy.attestation] : []),
  ])
  all.delete(id)
  return all
}

/** Whether an answer gave an item by the word of an office of a state, as its originator or for want of time. */
const hasConsentOf = (jurisdiction: string, { items, facts: { facts }, told }: Opened): boolean =>
  items.some(({ id, facts: of }) => {
    const consent = of['item.originConsent']
    const isHolders = consent === 'unobtainable-in-time'
    const by = isHolders ? facts['holder.jurisdiction'] : of['item.origin']
    const hasLeft = told.decided.some(
      (each) => each.id === id && each.treatment.kind !== 'withhold',
    )
    return (isHolders || consent === 'given') && by === jurisdiction && hasLeft
  })

/** Whether an answer rested on an attestation. Of an originator's consent, entries do not say which act gave it. */
function restsOn(stored: Stored, answer: Opened, attestation: KeptAttestation): boolean {
  if (attestationsOf(answer).has(attestation.id)) return true
  const { originator, scope } = attestation
  const isConsent = statementsOf(attestation).some(({ fact }) => fact === 'item.originConsent')
  const hasItem = answer.items.some(({ facts }) => facts['item.origin'] === originator)
  if (!isConsent || !hasItem) return false
  switch (scope.kind) {
    case 'matter':
      return matterIn(stored, answer).id === scope.matter
    case 'case':
      return isOfCase(answer, scope)
    case 'general':
      return stored.leaf.aj === scope.requester
  }
}

/**
 * Whether something that would have held the answer back was taken back by such a signature before it. What lets data
 * go and was taken back held nothing back. In doubt it did.
 */
async function restedOnWithdrawal(
  stored: Stored,
  answer: Opened,
  isBy: (signature: AgencySignature) => boolean,
  { attestations }: Pick<World, 'attestations'>,
): Promise<boolean> {
  const { ts } = stored.leaf
  const matter = matterThen(stored, answer)
  const said = await attestations.about(matter.holder, matter, ts)
  const isTakenBack = (each: KeptAttestation | KeptObjection) =>
    withdrawalsOf(each).some((by) => isBy(by) && (by.at ?? ts) <= ts)
  const takenBack = said.takenBack.filter(isTakenBack)
  const ended = said.ended.filter(isTakenBack)
  const { facts } = answer.facts
  return [...attested(takenBack, ended, matter, ts)].some(([key, { value }]) => {
    const [fact = key] = key.split('@')
    const isOther = fact in facts && JSON.stringify(facts[fact]) !== JSON.stringify(value)
    return value === undefined || isAgainst(fact, value) || isOther
  })
}

/** The matter of an answer, as widely as attestations may reach it. */
const matterThen = (stored: Stored, answer: Opened): Matter => {
  const { holder, caseReference, purpose } = answer.matter
  return {
    id: matterIn(stored, answer).id,
    requester: requesterId(answer),
    requesterJurisdiction: String(answer.facts.facts['requester.jurisdiction'] ?? stored.leaf.aj),
    ...{ holder, caseReference, purpose, asked: answer.subject.asked },
    offenceCategory: requestIn(answer).offence.category,
    necessityPresumed: true,
  }
}

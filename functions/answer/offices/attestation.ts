/** An office vouches for facts, signs another's attestation, adds a person, or objects. */

import {
  type AttestationBody,
  aheadDaysMax,
  dayMs,
  releaseHoursMax,
  type Scope,
  statementsOf,
} from '../../decision/attestation.ts'
import {
  actorOf,
  asOffice,
  authorize,
  type Principal,
  type Resource,
  type Vouched,
  vouchesAs,
} from '../../identity/authorize.ts'
import { isServed } from '../../identity/holds.ts'
import { isBeyondPasskey } from '../../identity/passkey-calls.ts'
import { type Agency, isSamePerson } from '../../identity/register.ts'
import { type FactValue, factTypes } from '../../policy/fact-types.ts'
import { vouching } from '../../policy/vouching.ts'
import type { KeptAttestation, SignedBy, World } from '../../ports.ts'
import { entered, objected } from '../ask/entered-acts.ts'
import { isOfCase, type NoSuchMatter, requestOf, scopeOf } from '../ask/scope.ts'
import { asEntered } from '../ask/signed-acts.ts'
import { type Recorded, record } from '../entries/act.ts'
import { callOf, type SignedCall } from '../entries/signed-call.ts'
import type { ActKind, Values } from '../entries/values.ts'
import { idOf } from '../entries/writer.ts'
import { tellIfAnswerable } from '../reminders/reminder.ts'

/** The result of an act on attestations. */
export type AttestationDone =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
      /** What it does not do. */
      readonly says?: string
    }
  | { readonly kind: 'may-not-attest' }
  | { readonly kind: 'no-such-attestation' }
  | NoSuchMatter
  /** `decidedBy` may not decide it, or is another office and no document is named. */
  | { readonly kind: 'no-such-office' }
  | { readonly kind: 'document-needed' }
  | { readonly kind: 'release-too-long'; readonly hours: number }
  | { readonly kind: 'too-far-ahead'; readonly days: number }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

type Refusal = Exclude<AttestationDone, { readonly kind: 'done' }>

/** Enters an attestation in the ledger, then where requests find it. */
export async function attest(
  call: SignedCall,
  body: AttestationBody,
  world: World,
): Promise<AttestationDone> {
  const holder = await world.register.agency(body.holder)
  if (holder === undefined || !isServed(holder, world.holds)) return { kind: 'may-not-attest' }
  const resource = resourceOf(holder, statementsOf(body), body.originator)
  const kinds = new Set(resource.vouched?.map((each) => vouchesAs(call.agency, resource, each)))
  const [as, ...others] = kinds
  // One act comes from one kind of office.
  if (as === undefined || others.length > 0) return { kind: 'may-not-attest' }
  const actor = actorOf(call)
  if (authorize(actor, 'attest', resource) === undefined) return { kind: 'may-not-attest' }
  if (isBeyondPasskey(call, body.scope)) return { kind: 'may-not-attest' }
  const decided = await officeOf(actor, body, resource, world)
  if ('kind' in decided) return decided
  const tooFar = releaseTooLong(body, holder, world.now()) ?? tooFarAhead(body, world.now())
  if (tooFar !== undefined) return tooFar
  const about = await scopeOf(body, world)
  if ('kind' in about) return about

  const { scope, subject } = about
  const attestation = { ...body, scope, as, ...decided }
  const id = idOf(call)
  const recorded = await record(
    'attestation',
    call,
    holder.jurisdiction,
    subject,
    { attestation, ...(about.inCase && { inCase: about.inCase }) },
    world,
  )
  if (recorded.kind !== 'recorded') return recorded
  const by = { agency: call.agency.id, officer: call.officer, kid: call.kid }
  await world.attestations.put(entered(attestation, id, by, recorded.ts, about))
  // The request that the office named, which it found in its inbox.
  if (body.scope.kind === 'matter') await tellIfAnswerable(body.scope.matter, holder.id, world)
  return { kind: 'done', first: recorded.first, id, receipt: recorded.receipt }
}

/** The statements of an attestation, as the table of rights reads them. */
export const resourceOf = (
  holder: Agency,
  statements: readonly { readonly fact: string; readonly value: FactValue }[],
  originator?: string,
): Resource => ({
  holder: holder.jurisdiction,
  keeper: holder.id,
  vouched: statements.map(
    ({ fact, value }): Vouched => ({
      fact,
      ...(originator === undefined ? {} : { originator }),
      saysUnknown: factTypes[fact]?.open?.includes(String(value)) ?? false,
    }),
  ),
})

/**
 * Checks that the office named in `decidedBy` may decide this, and whether the signer may enter its decision.
 */
async function officeOf(
  agency: Principal,
  { decidedBy, documentDigest, ...body }: AttestationBody,
  resource: Resource,
  { register }: World,
): Promise<{ readonly entersFor?: true } | Refusal> {
  if (decidedBy === agency.id) return {}
  const office = await register.agency(decidedBy)
  if (office === undefined || authorize(asOffice(office), 'attest', resource) === undefined)
    return { kind: 'no-such-office' }
  const isLifeAndLimb = statementsOf(body).some(({ fact }) => vouching[fact]?.lifeAndLimb)
  const of = { ...resource, owner: decidedBy }
  const enters = authorize(agency, 'enter-decision', of) !== undefined
  if (!enters || isLifeAndLimb) return {}
  return documentDigest === undefined ? { kind: 'document-needed' } : { entersFor: true }
}

function releaseTooLong(
  { release, until }: AttestationBody,
  { releaseHours = releaseHoursMax }: Agency,
  now: Date,
): Refusal | undefined {
  if (release === undefined) return undefined
  const end = now.getTime() + releaseHours * 3_600_000
  return Date.parse(until) <= end ? undefined : { kind: 'release-too-long', hours: releaseHours }
}

/** A general attestation may not begin more than `aheadDaysMax` days from now. */
function tooFarAhead({ scope, from }: AttestationBody, now: Date): Refusal | undefined {
  const ms = Date.parse(from) - now.getTime()
  return scope.kind === 'general' && ms > aheadDaysMax * dayMs
    ? { kind: 'too-far-ahead', days: aheadDaysMax }
    : undefined
}

/** An attestation whose row says what its entry does: nobody adds to what he was shown otherwise. */
async function unchanged(id: string, world: World): Promise<KeptAttestation | undefined> {
  const row = await world.attestations.get(id)
  return (await asEntered(row, id, false, world)) === row ? row : undefined
}

/** Signs an attestation as the office that decided it, or for data protection. */
export async function countersign(
  call: SignedCall,
  id: string,
  world: World,
): Promise<AttestationDone> {
  const attestation = await unchanged(id, world)
  const holder = attestation && (await world.register.agency(attestation.holder))
  if (attestation === undefined || holder === undefined) return { kind: 'no-such-attestation' }
  const { agency, officer } = call
  const actor = actorOf(call)
  const of = { ...attestationResource(attestation, holder), owner: attestation.decidedBy }
  const as =
    authorize(actor, 'sign-as-office', of) !== undefined && mayStill(actor, holder, attestation)
      ? 'office'
      : authorize(actor, 'sign-for-data-protection', of) !== undefined
        ? 'data-protection'
        : undefined
  if (as === undefined) return { kind: 'no-such-attestation' }
  const attester = await world.register.agency(attestation.attester)
  if (attester && isSamePerson(call, { agency: attester, officer: attestation.enteredBy }))
    return { kind: 'may-not-attest' }
  const signature = { agency: agency.id, officer, as } as const
  return act(
    'countersignature',
    call,
    { attestation, holder, values: { signature } },
    world,
    async (by) => {
      await world.attestations.sign(attestation, signature, by)
      const { scope } = attestation
      if (scope.kind === 'matter') await tellIfAnswerable(scope.matter, holder.id, world)
    },
  )
}

/** Whether, by the register as it is now, an agency may vouch for everything that an attestation says. */
const mayStill = (actor: Principal, holder: Agency, attestation: KeptAttestation): boolean =>
  authorize(actor, 'attest', attestationResource(attestation, holder)) !== undefined

/** What an attestation says, as the table of rights reads it. */
export const attestationResource = (attestation: KeptAttestation, holder: Agency): Resource =>
  resourceOf(holder, statementsOf(attestation), attestation.originator)

/** Adds a person to an attestation of a case, named by a request of that case. */
export async function addPerson(
  call: SignedCall,
  id: string,
  request: string,
  world: World,
): Promise<AttestationDone> {
  const attestation = await unchanged(id, world)
  const holder = attestation && (await world.register.agency(attestation.holder))
  if (attestation === undefined || holder === undefined || attestation.scope.kind !== 'case')
    return { kind: 'no-such-attestation' }
  // An older one without `persons` names nobody, and reaches everybody in the case already.
  if (attestation.persons === undefined) return { kind: 'no-such-attestation' }
  // What is over may have left; an objection to it reaches those whom it named.
  if (Date.parse(attestation.until) <= world.now().getTime()) return { kind: 'no-such-attestation' }
  // Adding a person is a new statement of that office, which nobody else may enter for it.
  const of = { ...attestationResource(attestation, holder), owner: attestation.decidedBy }
  const actor = actorOf(call)
  const isItsWord = authorize(actor, 'add-person', of) !== undefined
  if (!isItsWord || !mayStill(actor, holder, attestation)) return { kind: 'no-such-attestation' }
  const found = await requestOf(request, holder.id, world)
  if (found === undefined || !isOfCase(found.opened, attestation.scope))
    return { kind: 'no-such-matter', pointer: '/request' }
  const { asked: person } = found.opened.subject
  const subject = { pseudonym: person }
  return act(
    'attestation',
    call,
    { attestation, holder, values: { person }, subject },
    world,
    (by) => world.attestations.addPerson(attestation, person, request, by),
  )
}

/** That neither a withdrawal nor a doubt recalls anything, and the call that does. */
export const recallsNothing = (attestation: string): string =>
  'What rested on it before stays where it went. To recall that, the holder sends ' +
  `POST /v1/recalls ${JSON.stringify({ cause: { attestation }, ask: 'erased', ground: '…' })}`

/** Objects to the facts of an attestation, within a scope: while the objection stands, they are unknown. */
export async function object(
  call: SignedCall,
  id: string,
  body: { readonly scope?: Scope | undefined; readonly ground: string },
  world: World,
): Promise<AttestationDone> {
  const attestation = await asEntered(await world.attestations.get(id), id, false, world)
  const holder = attestation && (await world.register.agency(attestation.holder))
  if (attestation === undefined || holder === undefined) return { kind: 'no-such-attestation' }
  const doubted = statementsOf(attestation).filter((said) => {
    const resource = resourceOf(holder, [said], attestation.originator)
    return authorize(actorOf(call), 'object', resource) !== undefined
  })
  if (doubted.length === 0) return { kind: 'no-such-attestation' }
  const about =
    body.scope === undefined
      ? undefined
      : await scopeOf({ holder: holder.id, scope: body.scope }, world)
  if (about !== undefined && 'kind' in about) return about
  const { scope } = about ?? attestation
  if (isBeyondPasskey(call, scope)) return { kind: 'may-not-attest' }
  const objection = {
    holder: holder.id,
    against: id,
    facts: doubted.map(({ fact }) => fact),
    ...(attestation.originator === undefined ? {} : { originator: attestation.originator }),
    scope,
    ground: body.ground,
  }
  const subject = about?.subject ?? subjectOf(scope)
  const done = await act(
    'objection',
    call,
    { attestation, holder, values: { objection }, subject },
    world,
    ({ at }) =>
      world.attestations.object(
        objected(objection, idOf(call), callOf(call), at, about ?? attestation),
      ),
  )
  return done.kind === 'done' ? { ...done, says: recallsNothing(id) } : done
}

type Act<K extends ActKind> = {
  readonly attestation: Pick<KeptAttestation, 'scope' | 'id'>
  readonly holder: Agency
  readonly values: Omit<Values[K], 'call' | 'subject'>
  readonly subject?: string | { readonly pseudonym: string }
}

/** Makes the entry, then the effect. A retry repeats the effect, which changes nothing. */
export async function act<
  K extends 'attestation' | 'withdrawal' | 'countersignature' | 'objection',
>(
  kind: K,
  call: SignedCall,
  { attestation, holder, values, subject = subjectOf(attestation.scope) }: Act<K>,
  world: World,
  effect: (by: SignedBy) => Promise<void>,
): Promise<AttestationDone> {
  const { jurisdiction } = holder
  const recorded = await record(kind, call, jurisdiction, subject, values, world, attestation.id)
  if (recorded.kind !== 'recorded') return recorded
  await effect({ agency: call.agency.id, kid: call.kid, at: recorded.ts, entry: idOf(call) })
  const { first, receipt } = recorded
  return { kind: 'done', first, id: idOf(call), receipt }
}

/** The subject whose key keeps the entry of an act that is about no single person. */
function subjectOf(scope: Scope): string {
  switch (scope.kind) {
    case 'matter':
      return `request:${scope.matter}`
    case 'case':
      return `case:${scope.requester}:${scope.caseReference}`
    case 'general':
      return `standing:${scope.requester}`
  }
}

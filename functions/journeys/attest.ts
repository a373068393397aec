/** An officer vouches for a fact, takes it back, or looks for denials that could be cured. */

import type { Attestation, AttestationBody, Scope } from '../decision/attestation.ts'
import { attested } from '../decision/attestation.ts'
import type { Agency } from '../identity/register.ts'
import { entryId } from '../ledger/entry.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import type { World } from '../ports.ts'
import { type Opened, open } from './opened.ts'
import { type Recorded, record } from './record-act.ts'
import type { Reply } from './reply.ts'
import { type Call, callOf, type SignedCall } from './signed-call.ts'

/** What became of an attestation. */
export type Attested =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
    }
  | { readonly kind: 'may-not-attest' }
  | { readonly kind: 'no-such-attestation' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** Whether the register lets an agency vouch for a fact of a holder's requests. */
export const mayAttest = (agency: Agency, holder: string, fact: string): boolean =>
  agency.attests.some(
    (each) => each.holder === holder && (each.facts.includes(fact) || each.facts.includes('*')),
  )

/** An originator's answer is its own; that there is none yet, or in time, the holder alone says. */
function mayAnswerFor(agency: Agency, body: AttestationBody): boolean {
  const { fact, value, originator, holder } = body
  if (originator === undefined || originator === agency.jurisdiction) return true
  return agency.id === holder && (vocabulary[fact]?.open?.includes(String(value)) ?? false)
}

/** Enters an attestation: first in the ledger, then where requests find it. */
export async function attest(
  call: SignedCall,
  body: AttestationBody,
  world: World,
): Promise<Attested> {
  const holder = await world.register.agency(body.holder)
  if (
    holder === undefined ||
    !mayAnswerFor(call.agency, body) ||
    !mayAttest(call.agency, body.holder, body.fact)
  )
    return { kind: 'may-not-attest' }
  const id = entryId(call.agency.id, call.jti)
  const recorded = await record(
    'attestation',
    call,
    holder.jurisdiction,
    subjectOf(body.scope),
    { attestation: body },
    world,
  )
  if (recorded.kind !== 'recorded') return recorded
  await world.attestations.put(entered(body, id, callOf(call), recorded.ts))
  return { kind: 'done', first: recorded.first, id, receipt: recorded.receipt }
}

/** An attestation as requests find it. */
export const entered = (
  body: AttestationBody,
  id: string,
  { agency, officer }: Call,
  ts: string,
): Attestation => ({ ...body, id, attester: agency, enteredBy: officer, enteredAt: ts })

/** Takes an attestation back: from then on it counts for no request. */
export async function withdraw(call: SignedCall, id: string, world: World): Promise<Attested> {
  const attestation = await world.attestations.get(id)
  if (attestation === undefined || !mayAttest(call.agency, attestation.holder, attestation.fact))
    return { kind: 'no-such-attestation' }
  const holder = await world.register.agency(attestation.holder)
  if (holder === undefined) return { kind: 'no-such-attestation' }
  const recorded = await record(
    'withdrawal',
    call,
    holder.jurisdiction,
    subjectOf(attestation.scope),
    { attestation: id },
    world,
    id,
  )
  if (recorded.kind !== 'recorded') return recorded
  await world.attestations.withdraw(attestation)
  return {
    kind: 'done',
    first: recorded.first,
    id: entryId(call.agency.id, call.jti),
    receipt: recorded.receipt,
  }
}

/** An open denial that an agency could help to cure. */
export type Curable = {
  readonly request: string
  readonly holder: string
  readonly requester: string
  readonly caseReference: string
  readonly purpose: string
  readonly decidedAt: string
  readonly todo: Reply['todo']
}

/** Most denials read for one look at the inbox of a holder. */
const inboxMax = 100

/** The open denials that an agency could help to cure and that are not cured yet, newest first. */
export async function inboxOf(agency: Agency, world: World): Promise<readonly Curable[]> {
  const curable: Curable[] = []
  for (const holder of new Set(agency.attests.map((each) => each.holder))) {
    for (const { eid } of await world.inbox.list(holder, inboxMax)) {
      const stored = await world.ledger.read(eid)
      const opened = stored === undefined ? undefined : await open(stored, world)
      if (opened === undefined || (await isCured(eid, opened, world))) continue
      const { reply } = opened.told
      const todo = reply.todo.filter(({ fact }) => mayAttest(agency, holder, fact))
      if (todo.length === 0) continue
      curable.push({
        request: eid,
        holder,
        requester: opened.call.agency,
        caseReference: opened.matter.caseReference,
        purpose: opened.matter.purpose,
        decidedAt: reply.decidedAt,
        todo,
      })
    }
  }
  return curable
}

/** Whether every step of some alternative of an open denial has been attested since. */
export async function isCured(
  eid: string,
  { call, matter, facts, told }: Opened,
  world: World,
): Promise<boolean> {
  const { facts: known } = facts
  const about = {
    request: [eid, ...matter.asked],
    requester: call.agency,
    requesterJurisdiction: String(known['requester.jurisdiction']),
    caseReference: matter.caseReference,
    purpose: matter.purpose,
    offenceCategory: String(known['request.offence.category']),
  }
  const found: readonly Attestation[] = await world.attestations.about(matter.holder, about)
  const vouched = attested(found, about, world.now().toISOString())
  const { todo } = told.reply
  const isDone = ({ fact, to }: (typeof todo)[number]) =>
    [...vouched].some(
      ([key, { value }]) =>
        (key === fact || key.startsWith(`${fact}@`)) &&
        JSON.stringify(value) === JSON.stringify(to),
    )
  const alternatives = new Set(todo.map(({ alternative }) => alternative))
  return [...alternatives].some((each) =>
    todo.filter(({ alternative }) => alternative === each).every(isDone),
  )
}

/** Under whose key an attestation's entry is kept: its case's, or that of standing ones. */
function subjectOf(scope: Scope): string {
  switch (scope.kind) {
    case 'request':
      return `request:${scope.request}`
    case 'case':
      return `case:${scope.requester}:${scope.caseReference}`
    case 'standing':
      return `standing:${scope.requester}`
  }
}

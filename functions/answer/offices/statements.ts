/** What offices have said that counts for a matter now, as far as an office may take it back or doubt it there; and what it refused. */

import { statementsOf } from '../../decision/attestation.ts'
import { officeOf } from '../../decision/attested.ts'
import { actorOf, authorize, type Principal } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { Responded } from '../../inbox-ports.ts'
import type { FactValue } from '../../policy/fact-types.ts'
import type { KeptAttestation, KeptObjection, World } from '../../ports.ts'
import { requestOf } from '../ask/scope.ts'
import { type Opened, open } from '../entries/reader.ts'
import type { PageCall } from '../entries/signed-call.ts'
import { vouchingFor } from '../reminders/progress.ts'
import { resourceOf } from './attestation.ts'
import { decisionsStanding, holdersOf, type StandingDecisions } from './expiry.ts'
import { mayTakeBack } from './response.ts'

/** A statement; an objection, whose facts then have no value; or a refusal of the denial, which has none. */
export type MatterStatement = {
  readonly id: string
  readonly office: string
  /** The officer who signed it, where that is the reader's own office. */
  readonly officer?: string
  readonly enteredAt: string
  /** Of what may be doubted, the facts that the reader may doubt: an objection reaches no others. */
  readonly facts: readonly { readonly fact: string; readonly value?: FactValue }[]
  /** Said by the reader's own office, of this matter alone. */
  readonly isOwn?: true
  /** What the reader may do about it in this matter alone; absent where a colleague alone may. */
  readonly may?: 'take-back' | 'object'
}

/** What an office may take back, and its officer doubt, of what counts for a denial; and of the answers to it. */
export async function saidFor(
  reader: Principal,
  keeper: string,
  vouching: Awaited<ReturnType<typeof vouchingFor>>,
  { register }: Pick<World, 'register'>,
  answered?: { readonly opened: Opened; readonly responses: readonly Responded[] },
): Promise<readonly MatterStatement[]> {
  const holder = await register.agency(keeper)
  if (holder === undefined) return []
  const refusals = answered && refusalsFor(reader, holder, answered.opened, answered.responses)
  return [
    ...(vouching === undefined ? [] : saidInMatter(reader, holder, vouching)),
    ...(refusals ?? []),
  ]
}

/**
 * Each statement and objection that an office may take back, being its own of this matter, or its officer doubt; of
 * another office's act not the facts beside, such as that it released: no office reads what is none of its business.
 */
function saidInMatter(
  reader: Principal,
  holder: Agency,
  said: {
    readonly attestations: readonly KeptAttestation[]
    readonly objections: readonly KeptObjection[]
  },
): readonly MatterStatement[] {
  const isOwn = (owner: string) => [reader.id, ...(reader.succeeds ?? [])].includes(owner)
  const statements = said.attestations.flatMap((each): readonly MatterStatement[] => {
    const { id, attester, enteredBy: officer, enteredAt, originator, scope } = each
    const facts = statementsOf(each).map(({ fact, value }) => ({ fact, value }))
    const about = { id, office: officeOf(each), enteredAt }
    const own = isOwn(attester) ? { officer } : {}
    if (isOwn(attester) && scope.kind === 'matter') {
      const of = { ...resourceOf(holder, statementsOf(each), originator), owner: attester }
      const may = authorize(reader, 'withdraw', of) && ({ may: 'take-back' } as const)
      return [{ ...about, ...own, facts, isOwn: true, ...may }]
    }
    const doubtable = facts.filter(
      (one) => authorize(reader, 'object', resourceOf(holder, [one], originator)) !== undefined,
    )
    return doubtable.length > 0 ? [{ ...about, ...own, facts: doubtable, may: 'object' }] : []
  })
  const doubts = said.objections
    .filter(({ agency: by, scope }) => isOwn(by) && scope.kind === 'matter')
    .map((each): MatterStatement => {
      const { id, agency: by, enteredBy: officer, enteredAt } = each
      const facts = each.facts.map((fact) => ({ fact }))
      const of = { holder: holder.jurisdiction, owner: by, vouched: facts }
      const may = authorize(reader, 'end-objection', of) && ({ may: 'take-back' } as const)
      return { id, office: by, officer, enteredAt, facts, isOwn: true, ...may }
    })
  return [...statements, ...doubts].toSorted((a, b) => (a.enteredAt < b.enteredAt ? -1 : 1))
}

/** Refusals of a denial by an office, as its officer reads them. */
const refusalsFor = (
  reader: Principal,
  holder: Agency,
  opened: Opened,
  responses: readonly Responded[],
): readonly MatterStatement[] =>
  responses
    .filter(({ what, takenBack }) => what === 'refuse' && takenBack === undefined)
    .filter(({ office }) => [reader.id, ...(reader.succeeds ?? [])].includes(office))
    .map(({ id, office, at: enteredAt }) => {
      const may = mayTakeBack(reader, { office, holder, opened }) && { may: 'take-back' as const }
      return { id, office, enteredAt, facts: [], isOwn: true, ...may }
    })

/**
 * What an officer may take back of a request that waits no more, since it was asked again: a release stands for its
 * hours, for each who asks again. Nothing, for whoever's office, or one that it took over, said nothing of it.
 */
export async function pastStatements(
  call: PageCall,
  request: string,
  world: World,
): Promise<readonly MatterStatement[]> {
  for (const holder of await holdersOf(call.agency, world)) {
    const found = await requestOf(request, holder, world, open)
    if (found === undefined) continue
    const vouching = await vouchingFor(found.stored, found.opened, world)
    const said = await saidFor(actorOf(call), holder, vouching, world)
    return said.filter(({ may }) => may === 'take-back')
  }
  return []
}

/** Decisions on releases that stand, and that an officer may take back, each on the page of its request. */
export async function decisionsToTakeBack(
  call: PageCall,
  world: World,
): Promise<StandingDecisions> {
  const actor = actorOf(call)
  const { decisions, complete } = await decisionsStanding(call.agency, world)
  const may = await Promise.all(
    decisions.map(async ({ holder, value, officer }) => {
      const keeper = await world.register.agency(holder)
      // Those of another office it only sees.
      if (keeper === undefined || officer === undefined) return false
      const of = resourceOf(keeper, [{ fact: 'release.decision', value }])
      return authorize(actor, 'withdraw', { ...of, owner: actor.id }) !== undefined
    }),
  )
  return { decisions: decisions.filter((_, i) => may[i]), complete }
}

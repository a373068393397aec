/** What is attested of a denial by now: whether it is worth asking again, and for whom it still waits. */

import type { AttestedFacts } from '../../decision/attested.ts'
import { attestedBy } from '../../decision/compromised.ts'
import type { Decision } from '../../decision/decide.ts'
import { inForce } from '../../policy/history.ts'
import type { KeptAttestation, KeptObjection, Stored, World } from '../../ports.ts'
import { vouchedIn } from '../ask/attestations.ts'
import { undecided } from '../ask/consideration.ts'
import { matterIn, matterOf } from '../ask/matter.ts'
import { requesterIn } from '../ask/requester.ts'
import { type Opened, requestIn } from '../entries/reader.ts'
import { consentWaitedFor, forPerson, officer } from './inbox-rows.ts'

/**
 * Whether asking again is worthwhile: all steps of an alternative in the told `todo` are attested now. Where nothing was
 * told to be open, an officer of the holder has released something since.
 */
export async function isRemedied(stored: Stored, opened: Opened, world: World): Promise<boolean> {
  const vouched = await vouchedFor(stored, opened, world)
  return vouched !== undefined && isSupplied(opened, vouched)
}

function isSupplied(opened: Opened, vouched: AttestedFacts): boolean {
  const { standing, todo } = opened.told.reply
  return standing === 'open'
    ? isAttested(todo, opened, vouched)
    : vouched.get('release.decision')?.value === 'release'
}

/** A kind of office that a requester is told of. */
export type OfficeKind = 'holder-officer' | 'holder-ministry'

/**
 * For which kinds of office an open denial still waits, as it was told; `remedied` once it is worth asking again.
 * For none, once an officer of the holder has refused.
 */
export async function stillWaitsFor(
  stored: Stored,
  opened: Opened,
  world: World,
): Promise<'remedied' | readonly OfficeKind[]> {
  const vouched = await vouchedFor(stored, opened, world)
  const { reply } = opened.told
  if (vouched === undefined) return []
  if (isSupplied(opened, vouched)) return 'remedied'
  if (vouched.get('release.decision')?.value === 'refuse') return []
  const told = reply.todo.map(({ by }) => by).filter((by) => by !== 'originator')
  const kinds = new Set<OfficeKind>([...told, ...(forPerson(reply).length > 0 ? [officer] : [])])
  return [...kinds].filter(
    (kind) =>
      !isAttested(
        reply.todo.filter(({ by }) => by === kind),
        opened,
        vouched,
      ),
  )
}

/** What is attested now of an entry's matter. */
export const vouchedFor = async (
  ...of: Parameters<typeof vouchingFor>
): Promise<AttestedFacts | undefined> => (await vouchingFor(...of))?.facts

/** What is attested now of an entry's matter, and the statements and objections that make it so. */
export async function vouchingFor(
  stored: Stored,
  opened: Opened,
  world: World,
): Promise<
  | {
      readonly facts: AttestedFacts
      readonly attestations: readonly KeptAttestation[]
      readonly objections: readonly KeptObjection[]
    }
  | undefined
> {
  const [requester, holder] = await Promise.all([
    requesterIn(opened, world),
    world.register.agency(opened.matter.holder),
  ])
  if (requester === undefined || holder === undefined) return undefined
  const at = world.now().toISOString()
  const { id } = matterIn(stored, opened)
  const rules = inForce((await world.law.now()).book, at, at)
  const request = requestIn(opened)
  const matter = matterOf(id, opened.subject.asked, request, requester, holder, rules)
  const { attestations, objections, keys } = await vouchedIn(holder.id, matter, at, world)
  const vouched = attestedBy(keys, attestations, objections, matter, at)
  const decision = vouched.get('release.decision')
  // A decision older than this denial was tried on it already: it released something else.
  const isOfBefore = attestations
    .filter((act) => decision?.ids.includes(act.id))
    .every(({ enteredAt }) => enteredAt < opened.told.reply.decidedAt)
  const facts = decision?.value === 'release' && isOfBefore ? undecided(vouched) : vouched
  const ids = new Set([...facts.values()].flatMap((each) => each.ids))
  const isCounting = ({ id: of }: { readonly id: string }) => ids.has(of)
  return {
    facts,
    attestations: attestations.filter(isCounting),
    objections: objections.filter(isCounting),
  }
}

type Step = Pick<Decision['todo'][number], 'alternative' | 'fact' | 'to'>

/** What an office may still say of a denial; nothing, once it has said its part of one way out. */
export const stepsFor = <Of extends Step>(
  steps: readonly Of[],
  opened: Opened,
  vouched: AttestedFacts | undefined,
  may: (fact: string) => boolean,
): readonly Of[] => {
  const isOwn = ({ fact }: Of) => may(fact)
  if (vouched === undefined) return steps.filter(isOwn)
  return hasSaidItsPart(steps, isOwn, opened, vouched)
    ? []
    : steps.filter((step) => isOwn(step) && !isStepDone(step, opened, vouched))
}

/**
 * Whether an office has said all of its part of one alternative, and nobody has said what bars that one: then it waits
 * for others, or for whoever asked.
 */
function hasSaidItsPart<Of extends Step>(
  todo: readonly Of[],
  isOwn: (step: Of) => boolean,
  opened: Opened,
  vouched: AttestedFacts,
): boolean {
  const alternatives = Map.groupBy(todo, ({ alternative }) => alternative)
  return [...alternatives.values()].some((steps) => {
    const own = steps.filter(isOwn)
    const isBarred = steps.some(
      (step) => !isStepDone(step, opened, vouched) && vouched.get(step.fact)?.value !== undefined,
    )
    return own.length > 0 && !isBarred && own.every((step) => isStepDone(step, opened, vouched))
  })
}

/** Whether a step is attested; for consent, whether every originator that the denial waits for gave it. */
export function isStepDone(
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

/** Whether all steps of one alternative are attested. */
export function isAttested(todo: readonly Step[], opened: Opened, vouched: AttestedFacts): boolean {
  const alternatives = new Set(todo.map(({ alternative }) => alternative))
  return [...alternatives].some((each) =>
    todo
      .filter(({ alternative }) => alternative === each)
      .every((step) => isStepDone(step, opened, vouched)),
  )
}

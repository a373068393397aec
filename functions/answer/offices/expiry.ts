/** What stands for a while: general attestations that end soon, to be judged anew, and decisions on releases. */

import * as z from 'zod'
import { attestationShape, statementsOf } from '../../decision/attestation.ts'
import type { AttestedFacts } from '../../decision/attested.ts'
import { attestedBy } from '../../decision/compromised.ts'
import { entryIdSchema } from '../../decision/request.ts'
import { authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { KeptAttestation, World } from '../../ports.ts'
import { newestReleases, vouchedIn } from '../ask/attestations.ts'

const { holder, fact, value, scope, until } = attestationShape.shape

/** Why a decision on a release lets nothing leave, or refuses nothing, as things are. */
const idleSchema = z.enum(['objected', 'refused', 'replaced', 'not-counting'])
/** What is said of each. */
export const idleWords = {
  objected: 'does not count while somebody objects to it',
  refused: 'does not count while a refusal stands beside it',
  replaced: 'does not count: a later decision replaced it',
  'not-counting': 'does not count: a signature is missing, or a key was revoked',
} as const satisfies Readonly<Record<z.infer<typeof idleSchema>, string>>
type Idle = keyof typeof idleWords

/** A decision of an officer on a release, which stands for each who asks for it again. */
const decided = z.strictObject({
  id: entryIdSchema.describe('Its entry, by which it is taken back.'),
  holder,
  matter: entryIdSchema,
  value: z.enum(['release', 'refuse']),
  requester: z.string().optional(),
  caseReference: z.string().optional(),
  enteredAt: z.iso.datetime(),
  until,
  decidedBy: z.string(),
  officer: z
    .string()
    .optional()
    .describe(
      'Who signed it, where that is an officer of yours, or of an agency that you took over.',
    ),
  idle: idleSchema
    .optional()
    .describe(
      'Why it does not count now; absent where it does. `objected`: somebody objected to a decision of the matter, so nothing ' +
        'leaves until that is taken back. `refused`: a refusal stands there, too, and prevails. `replaced`: a later decision ' +
        'counts in its place, even once that is taken back. `not-counting`: a signature is missing, or its key was revoked.',
    ),
})
export type StandingDecision = z.infer<typeof decided>

/** The answer to `GET /v1/attestations`. */
export const endingsSchema = z.strictObject({
  ending: z.array(
    z.strictObject({
      id: entryIdSchema,
      holder,
      fact,
      value,
      scope,
      until,
      decidedBy: z.string().describe('The office that decided; before offices were named, who.'),
    }),
  ),
  decisions: z
    .array(decided)
    .describe(
      'Decisions on releases of yours, or for you, that stand: each who asks again gets that answer until it ends, or ' +
        'until you take it back, unless `idle` says why not. At most 200 of each holder. What a build decided that had no such list yet is not here: ' +
        'it stands on the page of its request.',
    ),
  complete: z
    .boolean()
    .describe('False if more decisions may stand than `decisions` has; those end later.'),
})
type Ending = z.infer<typeof endingsSchema>['ending'][number]
/** What stands by decisions, and whether that is all. */
export type StandingDecisions = Readonly<
  Pick<z.infer<typeof endingsSchema>, 'decisions' | 'complete'>
>

/** In how many matters it is looked at once what counts: each takes three connections, of the 200 that there are. */
const mattersAtOnce = 50

/** How long before its end a general attestation is listed, ms: 30 days. */
const endingMs = 30 * 86_400_000

const maySee = (agency: Agency, of: { readonly keeper: string; readonly owner: string }): boolean =>
  authorize(agency, 'see-ending', { holder: agency.jurisdiction, ...of }) !== undefined

/** The agency and those that it took over: what they said, it takes back. */
const officesIn = ({ id, succeeds = [] }: Agency): readonly string[] => [id, ...succeeds]

/** Each holder that one of those is, or may vouch for. */
export async function holdersOf(
  agency: Agency,
  { register }: Pick<World, 'register'>,
): Promise<readonly string[]> {
  const before = await Promise.all((agency.succeeds ?? []).map((id) => register.agency(id)))
  const attests = [agency, ...before].flatMap((each) => each?.attests ?? [])
  return [...new Set([...officesIn(agency), ...attests.map(({ holder }) => holder)])]
}

/** General attestations that end within 30 days, for each holder that the agency is or may vouch for. */
export async function endingSoon(
  agency: Agency,
  { attestations, now, register }: World,
): Promise<readonly Ending[]> {
  const at = now()
  const until = new Date(at.getTime() + endingMs).toISOString()
  const holders = await holdersOf(agency, { register })
  const found = await Promise.all(
    holders.map((holder) => attestations.ending(holder, at.toISOString(), until)),
  )
  return found
    .flat()
    .filter(({ holder: keeper, attester: owner }) => maySee(agency, { keeper, owner }))
    .map(({ id, holder, fact, value, scope, until: end, decidedBy }) => ({
      id,
      holder,
      fact,
      value,
      scope,
      until: end,
      decidedBy,
    }))
}

/** Decisions on releases that stand, of the agency's own or for it as the holder; the first to end comes first. */
export async function decisionsStanding(
  agency: Agency,
  world: Pick<World, 'now'> & Parameters<typeof vouchedIn>[3],
): Promise<StandingDecisions> {
  const { attestations, now, register } = world
  const at = now().toISOString()
  const isSeen = ({ holder: keeper, attester: owner }: KeptAttestation) =>
    maySee(agency, { keeper, owner })
  const holders = await holdersOf(agency, { register })
  const found = []
  // One holder after the other: each is asked for some hundred rows at once.
  for (const of of holders) found.push(await attestations.decisions(of, at, isSeen))
  const all = found.flatMap((each) => each.decisions)
  const idle = await idleOf(all, at, world)
  const decisions = all
    .flatMap((each): readonly StandingDecision[] => {
      const { id, holder, scope, until, enteredAt, decidedBy, attester, enteredBy, inCase } = each
      const value = decisionIn(each)
      // Only of one matter can it be said.
      if (scope.kind !== 'matter' || value === undefined) return []
      const about = { id, holder, matter: scope.matter, value, enteredAt, until }
      const officer = officesIn(agency).includes(attester) ? { officer: enteredBy } : {}
      const why = idle.get(id)
      return [{ ...about, ...inCase, decidedBy, ...officer, ...(why && { idle: why }) }]
    })
    .toSorted((a, b) => (a.until < b.until ? -1 : 1))
  return { decisions, complete: found.every(({ complete }) => complete) }
}

function decisionIn(of: KeptAttestation): StandingDecision['value'] | undefined {
  const { value } = statementsOf(of).find(({ fact }) => fact === 'release.decision') ?? {}
  return value === 'release' || value === 'refuse' ? value : undefined
}

/** Why each of these decisions, by its id, does not count in its matter; nothing of one that does, or whose case is unknown. */
async function idleOf(
  decisions: readonly KeptAttestation[],
  at: string,
  world: Parameters<typeof vouchedIn>[3],
): Promise<ReadonlyMap<string, Idle>> {
  const byMatter = Map.groupBy(decisions, ({ holder, scope }) => JSON.stringify([holder, scope]))
  const idleIn = async (own: readonly KeptAttestation[]) => {
    const [{ holder, scope, inCase, persons } = {}] = own
    // Older rows say no case, without which not all is found that was said of the matter.
    if (holder === undefined || scope?.kind !== 'matter' || inCase === undefined) return []
    const { matter: id } = scope
    const asked = persons?.[0] ?? ''
    // Nothing that is said of a country or a purpose decides on a release.
    const general = { requesterJurisdiction: '', purpose: '', offenceCategory: '' }
    const matter = { id, holder, ...inCase, asked, ...general, necessityPresumed: false }
    const found = await vouchedIn(holder, matter, at, world)
    const { attestations, takenBack, objections, keys } = found
    const said = attestedBy(keys, attestations, objections, matter, at).get('release.decision')
    const newest = newestReleases([...attestations, ...takenBack], id).map((one) => one.id)
    return own.flatMap((one) => {
      const why = whyIdle(one, said, newest)
      return why === undefined ? [] : [[one.id, why] as const]
    })
  }
  const matters = [...byMatter.values()]
  const idle = new Map<string, Idle>()
  for (let i = 0; i < matters.length; i += mattersAtOnce) {
    const some = await Promise.all(matters.slice(i, i + mattersAtOnce).map(idleIn))
    for (const [id, why] of some.flat()) idle.set(id, why)
  }
  return idle
}

function whyIdle(
  one: KeptAttestation,
  said: ReturnType<AttestedFacts['get']>,
  newest: readonly string[],
): Idle | undefined {
  const counts = said?.ids.includes(one.id) ? undefined : 'not-counting'
  // No objection lifts a refusal, and no release stands against one.
  if (said === undefined || decisionIn(one) === 'refuse') return counts
  if (said.value === undefined) return 'objected'
  if (said.value === 'refuse') return 'refused'
  return newest.includes(one.id) ? counts : 'replaced'
}

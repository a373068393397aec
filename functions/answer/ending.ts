/** What stands for a while: general attestations that end soon, to be judged anew, and decisions on releases. */

import * as z from 'zod'
import { attestationShape, statementsOf } from '../decision/attestation.ts'
import { entryIdSchema } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import type { KeptAttestation, World } from '../ports.ts'

const { holder, fact, value, scope, until } = attestationShape.shape

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
        'until you take it back. At most 200 of each holder. What a build decided that had no such list yet is not here: ' +
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

/** How long before its end a general attestation is listed, ms: 30 days. */
const endingMs = 30 * 86_400_000

const maySee = (agency: Agency, of: { readonly keeper: string; readonly owner: string }): boolean =>
  authorize(agency, 'see-ending', { holder: agency.jurisdiction, ...of }) !== undefined

/** The agency and those that it took over: what they said, it takes back. */
const officesIn = ({ id, succeeds = [] }: Agency): readonly string[] => [id, ...succeeds]

/** Each holder that one of those is, or may vouch for. */
async function holdersOf(
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
  { attestations, now, register }: Pick<World, 'attestations' | 'now' | 'register'>,
): Promise<StandingDecisions> {
  const at = now().toISOString()
  const isSeen = ({ holder: keeper, attester: owner }: KeptAttestation) =>
    maySee(agency, { keeper, owner })
  const holders = await holdersOf(agency, { register })
  const found = await Promise.all(holders.map((of) => attestations.decisions(of, at, isSeen)))
  const decisions = found
    .flatMap((each) => each.decisions)
    .flatMap((each): readonly StandingDecision[] => {
      const { id, holder, scope, until, enteredAt, decidedBy, attester, enteredBy, inCase } = each
      const decision = statementsOf(each).find((one) => one.fact === 'release.decision')?.value
      // Only of one matter can it be said.
      if (scope.kind !== 'matter' || (decision !== 'release' && decision !== 'refuse')) return []
      const value: StandingDecision['value'] = decision
      const about = { id, holder, matter: scope.matter, value, enteredAt, until }
      const officer = officesIn(agency).includes(attester) ? { officer: enteredBy } : {}
      return [{ ...about, ...inCase, decidedBy, ...officer }]
    })
    .toSorted((a, b) => (a.until < b.until ? -1 : 1))
  return { decisions, complete: found.every(({ complete }) => complete) }
}

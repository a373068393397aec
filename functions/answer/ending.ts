/** General attestations that end soon, which whoever made them and the holder must judge anew. */

import * as z from 'zod'
import { attestationShape } from '../decision/attestation.ts'
import { entryIdSchema } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import type { World } from '../ports.ts'

const { holder, fact, value, scope, until } = attestationShape.shape

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
})
type Ending = z.infer<typeof endingsSchema>['ending'][number]

/** How long before its end a general attestation is listed, ms: 30 days. */
const endingMs = 30 * 86_400_000

const maySee = (agency: Agency, of: { readonly keeper: string; readonly owner: string }): boolean =>
  authorize(agency, 'see-ending', { holder: agency.jurisdiction, ...of }) !== undefined

/** General attestations that end within 30 days, for each holder that the agency is or may vouch for. */
export async function endingSoon(
  agency: Agency,
  { attestations, now }: World,
): Promise<readonly Ending[]> {
  const at = now()
  const until = new Date(at.getTime() + endingMs).toISOString()
  const holders = new Set([agency.id, ...agency.attests.map(({ holder }) => holder)])
  const found = await Promise.all(
    [...holders].map((holder) => attestations.ending(holder, at.toISOString(), until)),
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

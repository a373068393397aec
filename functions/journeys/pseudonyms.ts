/** By what an auditor asks for a person or a case, so that neither stands in an address. */

import * as z from 'zod'
import { identifierOf, subjectSchema } from '../decision/record.ts'
import { agencyId, caseReference } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { World } from '../ports.ts'
import { type Consulted, consult, purposeSchema } from './consult.ts'
import type { NotShown } from './list-decisions.ts'
import { caseIdentifier } from './lookup-rows.ts'
import type { SignedCall } from './signed-call.ts'

const purpose = purposeSchema

/** The body of `POST /v1/pseudonyms`. */
export const pseudonymOfSchema = z.union([
  z.strictObject({ purpose, subject: subjectSchema }),
  z.strictObject({ purpose, case: z.strictObject({ agency: agencyId, caseReference }) }),
])

/** The pseudonym by which a list is asked, under the name of that parameter. */
export type Named = {
  readonly kind: 'named'
  readonly consulted: Consulted
  readonly pseudonym: { readonly subject: string } | { readonly case: string }
}

/** Gives a pseudonym under the asker's own jurisdiction; the look is kept under the person's own key. */
export async function pseudonymOf(
  call: SignedCall,
  body: z.infer<typeof pseudonymOfSchema>,
  world: World,
): Promise<Named | NotShown> {
  const { jurisdiction } = call.agency
  if (authorize(call.agency, 'make-pseudonym', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const { purpose, ...of } = body
  const identifier =
    'subject' in of
      ? identifierOf(of.subject)
      : caseIdentifier(of.case.agency, of.case.caseReference)
  const question = { action: 'make-pseudonym', ...of }
  const look = { purpose, question, shown: [], subject: identifier }
  const consulted = await consult(call, jurisdiction, look, world)
  if (consulted.kind !== 'recorded') return consulted
  const pseudonym = world.secrets.pseudonym(jurisdiction, identifier)
  return {
    kind: 'named',
    consulted,
    pseudonym: 'subject' in of ? { subject: pseudonym } : { case: pseudonym },
  }
}

/** Pseudonyms, so that neither a person nor a case stands in an address or in an act. */

import * as z from 'zod'
import type { SignedCall } from '../answer/signed-call.ts'
import { identifierOf, subjectSchema } from '../decision/record.ts'
import { agencyId, caseReference } from '../decision/request.ts'
import { type Action, actorOf, authorize } from '../identity/authorize.ts'
import type { World } from '../ports.ts'
import { caseIdentifier } from '../sealing/lookup-rows.ts'
import { type Consulted, consult, type Purpose, purposeSchema } from './consult.ts'
import type { NotShown } from './list-decisions.ts'

const purpose = purposeSchema

/** The body of `POST /v1/pseudonyms`, for auditors: by what a list is to be asked. */
export const pseudonymOfSchema = z.union([
  z.strictObject({ purpose, subject: subjectSchema }),
  z.strictObject({ purpose, case: z.strictObject({ agency: agencyId, caseReference }) }),
])

/** The body of `POST /v1/subject-pseudonyms`, for holders: one person, by everything known of them. */
export const namedSubjectSchema = z.strictObject({
  purpose,
  subjects: z.array(subjectSchema).min(1).max(10),
})

/** Pseudonyms under the asker's own jurisdiction, in the order of what they stand for. */
export type Named = {
  readonly kind: 'named'
  readonly consulted: Consulted
  readonly pseudonyms: readonly string[]
}

/** The one pseudonym of a person, or of a case. */
export const pseudonymOf = (
  call: SignedCall,
  { purpose, ...of }: z.infer<typeof pseudonymOfSchema>,
  world: World,
): Promise<Named | NotShown> =>
  name(
    call,
    'make-pseudonym',
    { purpose, question: { action: 'make-pseudonym', ...of } },
    [
      'subject' in of
        ? identifierOf(of.subject)
        : caseIdentifier(of.case.agency, of.case.caseReference),
    ],
    world,
  )

/** The pseudonyms for `POST /v1/subject-acts`, at most 20. */
export const nameSubject = (
  call: SignedCall,
  { purpose, subjects }: z.infer<typeof namedSubjectSchema>,
  world: World,
): Promise<Named | NotShown> =>
  name(
    call,
    'act-on-subject',
    { purpose, question: { action: 'name-subject', subjects } },
    subjects.flatMap((each) => [
      identifierOf(each),
      // What the holder did to a record is kept under a name of its own.
      ...('recordId' in each ? [`kept:${each.recordId}`] : []),
    ]),
    world,
  )

/** Gives pseudonyms; that somebody asked is kept under the key of the first, the person's own. */
async function name(
  call: SignedCall,
  right: Action,
  asked: { readonly purpose: Purpose; readonly question: Readonly<Record<string, unknown>> },
  identifiers: readonly string[],
  world: World,
): Promise<Named | NotShown> {
  const { jurisdiction } = call.agency
  if (authorize(actorOf(call), right, { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const [subject = ''] = identifiers
  const consulted = await consult(call, jurisdiction, { ...asked, shown: [], subject }, world)
  if (consulted.kind !== 'recorded') return consulted
  const pseudonyms = identifiers.map((each) => world.secrets.pseudonym(jurisdiction, each))
  return { kind: 'named', consulted, pseudonyms: [...new Set(pseudonyms)] }
}

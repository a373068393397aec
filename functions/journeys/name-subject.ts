/** The pseudonyms by which a holder says whom an act is about, so that the act itself names nobody. */

import * as z from 'zod'
import { identifierOf, subjectSchema } from '../decision/record.ts'
import { authorize } from '../identity/authorize.ts'
import type { World } from '../ports.ts'
import { type Consulted, consult, purposeSchema } from './consult.ts'
import type { NotShown } from './list-decisions.ts'
import type { SignedCall } from './signed-call.ts'

/** The body of `POST /v1/subject-pseudonyms`: one person, by everything the holder knows of them. */
export const namedSubjectSchema = z.strictObject({
  purpose: purposeSchema,
  subjects: z.array(subjectSchema).min(1).max(10),
})

/** Pseudonyms for `POST /v1/subject-acts`, at most 20. */
export type SubjectNamed = {
  readonly kind: 'named'
  readonly consulted: Consulted
  readonly subjects: readonly string[]
}

/** Gives them under the holder's own jurisdiction; that it asked is kept under the person's own key. */
export async function nameSubject(
  call: SignedCall,
  { purpose, subjects }: z.infer<typeof namedSubjectSchema>,
  world: World,
): Promise<SubjectNamed | NotShown> {
  const { jurisdiction } = call.agency
  if (authorize(call.agency, 'act-on-subject', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const identifiers = subjects.flatMap((each) => [
    identifierOf(each),
    // What the holder did to a record is kept under a name of its own.
    ...('recordId' in each ? [`kept:${each.recordId}`] : []),
  ])
  const question = { action: 'name-subject', subjects }
  const [subject = ''] = identifiers
  const consulted = await consult(
    call,
    jurisdiction,
    { purpose, question, shown: [], subject },
    world,
  )
  if (consulted.kind !== 'recorded') return consulted
  const pseudonyms = identifiers.map((each) => world.secrets.pseudonym(jurisdiction, each))
  return { kind: 'named', consulted, subjects: [...new Set(pseudonyms)] }
}

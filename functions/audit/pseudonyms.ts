/** Pseudonyms, so that neither a person nor a case stands in an address or in an act. */

import * as z from 'zod'
import { identifierOf, subjectSchema } from '../decision/record.ts'
import { agencyId, caseReference } from '../decision/request.ts'
import type { AuditWorld } from '../log-ports.ts'
import { caseIdentifier } from '../sealing/lookup-rows.ts'
import { type Asker, purposeSchema, type Read } from './look.ts'

const purpose = purposeSchema

/** The body of `POST /v1/pseudonyms`, for auditors: by what a list is to be asked. */
export const pseudonymOfSchema = z.union([
  z.strictObject({ purpose, subject: subjectSchema }),
  z.strictObject({ purpose, case: z.strictObject({ agency: agencyId, caseReference }) }),
])

/** A pseudonym by the name of the parameter it is for. */
export const pseudonymSchema = z.union([
  z.strictObject({ subject: z.string() }),
  z.strictObject({ case: z.string() }),
])

/** The one pseudonym of a person, or of a case, under the asker's own jurisdiction. */
export async function pseudonymOf(
  { purpose: _, ...of }: z.infer<typeof pseudonymOfSchema>,
  { jurisdiction }: Asker,
  { secrets }: AuditWorld,
): Promise<Read<z.infer<typeof pseudonymSchema>>> {
  const subject =
    'subject' in of
      ? identifierOf(of.subject)
      : caseIdentifier(of.case.agency, of.case.caseReference)
  const pseudonym = secrets.pseudonym(jurisdiction, subject)
  const answer = 'subject' in of ? { subject: pseudonym } : { case: pseudonym }
  return { question: of, shown: [], subject, answer }
}

/** The body of `POST /v1/subject-pseudonyms`, for holders: one person, by everything known of them. */
export const namedSubjectSchema = z.strictObject({
  purpose,
  subjects: z.array(subjectSchema).min(1).max(10),
})

/** By whom an act is about, at most 20. */
export const pseudonymsSchema = z.strictObject({ subjects: z.array(z.string()) })

/** The pseudonyms for `POST /v1/subject-acts`; the look is kept under the key of the first, the person's own. */
export async function nameSubject(
  { subjects }: z.infer<typeof namedSubjectSchema>,
  { jurisdiction }: Asker,
  { secrets }: AuditWorld,
): Promise<Read<z.infer<typeof pseudonymsSchema>>> {
  const identifiers = subjects.flatMap((each) => [
    identifierOf(each),
    // What the holder did to a record is kept under a name of its own.
    ...('recordId' in each ? [`kept:${each.recordId}`] : []),
  ])
  const pseudonyms = identifiers.map((each) => secrets.pseudonym(jurisdiction, each))
  const [subject = ''] = identifiers
  return {
    question: { subjects },
    shown: [],
    subject,
    answer: { subjects: [...new Set(pseudonyms)] },
  }
}

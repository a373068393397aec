/** The person whom a command is about, from a file. */

import * as z from 'zod'
import { type Subject, subjectSchema } from '../decision/record.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'

/** The person in a file: alone, or of a request. Throws a Failure that says how a person is written. */
export function personIn(file: string): Subject {
  const value = readJson(file, z.unknown())
  const parsed = z
    .union([subjectSchema, z.looseObject({ subject: subjectSchema })])
    .safeParse(value)
  if (parsed.success) return 'subject' in parsed.data ? parsed.data.subject : parsed.data
  throw new Failure(
    `couldn’t read a person in \`${file}\`; write one of these, or a whole request:
  {"recordId": "DE-POL-0001"}
  {"document": {"number": "DEC04X00T47", "country": "DE"}}
  {"name": {"given": "Anton", "family": "Beispiel"}, "birthDate": "1979-03-14"}`,
    exitCodes.usage,
  )
}

/** What the first call would otherwise wait for. */

import { accessRequestSchema } from '../decision/request.ts'
import type { Book } from '../policy/book.ts'
import { dayIn, inForce } from '../policy/history.ts'

/**
 * Does once, before the first call, what is dear only once: finds what is in force at `at`, and makes a calendar
 * and a check of requests. Changes nothing.
 */
export function warm(book: Book, at: string): void {
  inForce(book, at, at)
  dayIn(at, 'Europe/Brussels')
  accessRequestSchema.safeParse(sample)
}

/** A request that nobody made: whole, so that every part of a check is made. */
const sample = {
  holder: 'XX-NOBODY',
  subject: { name: { given: 'N', family: 'N' }, birthDate: '2000-01-01' },
  classes: ['identification'],
  purpose: 'investigation',
  instrument: 'none',
  channel: 'bilateral',
  offence: { category: 'ordinary', description: 'none', maxCustodyMonths: 1 },
  stage: 'suspect',
  urgency: 'none',
  necessity: { statement: 'None at all.', strictlyNecessaryClasses: [] },
  caseReference: 'NONE',
}

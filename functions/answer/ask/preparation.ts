/** What an answer would otherwise wait for, of the law alone. */

import type { Book } from '../../policy/book.ts'
import { dayIn, inForce } from '../../policy/history.ts'

/** Finds what is in force at `at`, and makes a calendar: both are dear once. Changes nothing. */
export function warm(book: Book, at: string): void {
  inForce(book, at, at)
  dayIn(at, 'Europe/Brussels')
}

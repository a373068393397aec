/** A law that never changes and has no set. */

import type { Book, SourceFile } from '../functions/policy/book.ts'
import type { Law } from '../functions/ports.ts'

export const fixedLaw = (book: Book, files: readonly SourceFile[] = []): Law => {
  const now = async () => ({ book })
  return { now, anew: now, asOf: async () => book, files: () => files }
}

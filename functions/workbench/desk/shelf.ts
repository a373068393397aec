/** What lies on the desk: the policies folder as it is now. */

import { createHash } from 'node:crypto'
import { foundLaw } from '../../adapters/policies-files.ts'
import { type List, lawPath, oldestFirst, type Policy } from '../../policy/book.ts'
import { judge } from '../../policy/check-seals.ts'
import { readBook } from '../../policy/read-book.ts'
import type { Titles } from '../../policy/words.ts'
import { type LawRead, titlesOf } from '../commands/choose.ts'
import { testPolicies } from '../commands/policy-test.ts'
import type { Ran } from '../law/coverage.ts'

/** The folder as it was read. */
export type Shelf = LawRead & {
  readonly titles: Titles
  /** The cases of a version, run; empty if it has none. */
  readonly casesOf: (version: Policy | List) => readonly Ran[]
}

/** Reads the folder, anew only once a file of the law has changed. */
export function shelfOf(folder: string): () => Shelf {
  let last: { readonly digest: string; readonly shelf: Shelf } | undefined
  return () => {
    const law = foundLaw(folder)
    const digest = createHash('sha256').update(JSON.stringify(law)).digest('hex')
    if (last?.digest !== digest) {
      const { sealedAt, retiredAt, faults } = judge(law)
      const read = readBook(law.files, sealedAt, undefined, retiredAt)
      const titles = titlesOf(read.book)
      const casesOf = (version: Policy | List) => casesIn(folder, lawPath(version))
      last = {
        digest,
        shelf: { folder, book: read.book, faults: [...faults, ...read.faults], titles, casesOf },
      }
    }
    return last.shelf
  }
}

/** Every version of the same law or list, the oldest first. */
export const versionsOf = ({ book }: Shelf, version: Policy | List): readonly (Policy | List)[] =>
  ('rules' in version ? book.policies : book.lists)
    .filter(({ id }) => id === version.id)
    .toSorted(oldestFirst)

function casesIn(folder: string, path: string): readonly Ran[] {
  const test = path.replace(/\.json$/, '.test.json')
  return testPolicies(folder, [path], false).ran.filter((each) => each.path === test)
}

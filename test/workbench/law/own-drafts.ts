/** Drafts of the law that tests own, as a lawyer makes them of a version that is there. */

import { readBook } from '../../../functions/policy/read-book.ts'
import type { Draft } from '../../../functions/workbench/law/law.ts'
import { own, readOwn } from '../../own-law.ts'

// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of a file.
type Edited = any

/** A version, changed and put at another path of the policies folder. */
export function draftOf(from: string, to: string, change: (json: Edited) => void): Draft {
  const json: Edited = JSON.parse(readOwn(from))
  change(json)
  const lists = own.book.lists
    .map((each) => `lists/${each.id}/${each.version}.json`)
    .filter((path) => path !== to)
    .map((path) => ({ path, text: readOwn(path) }))
  const { book, faults } = readBook(
    [...lists, { path: to, text: JSON.stringify(json) }],
    () => undefined,
  )
  if (faults.length > 0) throw new Error(`the test wrote a fault: ${JSON.stringify(faults)}`)
  const [policy] = book.policies
  if (policy !== undefined) return { kind: 'policy', version: policy }
  const version = book.lists.find((each) => `lists/${each.id}/${each.version}.json` === to)
  if (version === undefined) throw new Error(`${to} is no version`)
  return { kind: 'list', version }
}

/** The refusal of petty cases between Member States begins at two years instead of one. */
export const raisedThreshold = (): Draft =>
  draftOf('eu/exchange/2024-12-12.r2.json', 'eu/exchange/2027-01-01.json', (json) => {
    const rule = json.rules.find((each: Edited) => each.id === 'seriousness')
    rule.when.or[1]['<='][1] = 24
  })

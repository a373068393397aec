/** What a file needs before anybody signs it: cases that pass and notice its changes, and its own sentence. */

import { dirname } from 'node:path'
import { type Book, lawPath, oldestFirst } from '../../policy/book.ts'
import type { SmallChange } from '../law/changes.ts'
import { changesOf, type Ran, runAll, tryChanges } from '../law/coverage.ts'
import { cannotMatter } from '../law/example.ts'
import { lawsOf } from '../law/law.ts'
import { versionAt, whyNotAsItWas } from './as-it-was.ts'
import { asIfSealed, countingIn, lawTested } from './policy-test.ts'
import { refused } from './signing.ts'

/**
 * Runs the cases of a policy or list as if all were sealed, and refuses a file with a failing case. Gives
 * the changes of the file that no case notices: its own cases run first, since they mostly notice all.
 */
export function unnoticedIn(folder: string, path: string): readonly string[] {
  const { book, tests, standing } = lawTested(folder)
  const isOwn = (test: { readonly path: string }) => dirname(test.path) === dirname(path)
  const laws = lawsOf(book, asIfSealed)
  const own = runAll(tests.filter(isOwn), laws)
  refuseFailing(path, own)
  // A draft corrects nothing yet, but for the file that is to be sealed, which nothing of its folder corrects.
  const corrects = (each: string) =>
    each === path || (standing.sealed.has(each) && dirname(each) !== dirname(path))
  const counting = (ran: readonly Ran[]) => countingIn(book, ran, corrects)
  const left = unnoticed(book, changesIn(book, path), counting(own))
  if (left.length === 0) return []
  const others = runAll(
    tests.filter((each) => !isOwn(each)),
    laws,
  )
  const all = counting([...own, ...others])
  return unnoticed(book, left, all)
    .filter((change) => !cannotMatter(book, change, all, asIfSealed))
    .map(({ pointer, says }) => (pointer === '' ? says : `${pointer}: ${says}`))
}

const changesIn = (book: Book, path: string): readonly SmallChange[] =>
  changesOf(book).filter((change) => change.path === path)

const unnoticed = (book: Book, changes: readonly SmallChange[], ran: readonly Ran[]) =>
  [...tryChanges(book, changes, ran, asIfSealed)]
    .filter(({ noticedBy }) => noticedBy === undefined)
    .map(({ change }) => change)

function refuseFailing(path: string, ran: readonly Ran[]): void {
  const failing = ran.filter(({ failures }) => failures.length > 0)
  const [first] = failing
  if (first === undefined) return
  throw refused(
    `couldn’t seal: ${failing.length} of the ${ran.length} cases of \`${dirname(path)}\` fail: ${first.path}, “${first.each.name}”: ${first.failures[0]}; run \`comity policy test ${dirname(path)}\``,
  )
}

/** Refuses a file whose `change` repeats that of the version before it. */
export function refuseCopied(path: string, { policies, lists }: Book): void {
  const all = [...policies, ...lists].filter((each) => dirname(lawPath(each)) === dirname(path))
  const own = all.find((each) => lawPath(each) === path)
  if (own === undefined) return
  const before = all
    .filter(({ day, revision }) => day < own.day || (day === own.day && revision < own.revision))
    .toSorted(oldestFirst)
    .at(-1)
  if (before !== undefined && before.file.change === own.file.change)
    throw refused(
      `couldn’t seal: ${path}/change: it is the sentence of \`${lawPath(before)}\`; say what this version changes`,
    )
}

/** Refuses a file that says falsely that what it decides stays as it was. */
export function refuseUnlike(folder: string, path: string): void {
  const { book, tests } = lawTested(folder)
  const version = versionAt(book, path)
  const why = version && whyNotAsItWas(book, version, tests, asIfSealed)
  if (why !== undefined)
    throw refused(`couldn’t seal: ${path}/change: what it decides does not stay as it was: ${why}`)
}

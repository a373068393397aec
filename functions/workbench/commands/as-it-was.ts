/** Versions whose `change` says that what they decide stays as it was: whether that is so. */

import { decideAndTell } from '../../decision/decide.ts'
import {
  type Book,
  type List,
  lawId,
  lawPath,
  oldestFirst,
  type Policy,
} from '../../policy/book.ts'
import { type CaseFile, imagining, inputOf } from '../law/cases.ts'
import type { FullAnswer } from '../law/differ.ts'
import { type LawOn, lawWith } from '../law/law.ts'
import { allSteps } from '../law/steps.ts'
import { caseWords, proofWords, provedInSteps } from './policy-diff.ts'

/** The words by which a `change` promises it. */
const promise = /what it decides stays as it was/i

/** A file of cases, by its path. */
type Cases = { readonly path: string; readonly file: CaseFile }

/**
 * Why the promise of a version is not kept, as a sentence without its stop; undefined if it is kept, or none is made.
 * It is kept if all facts are proved to be answered as under the version before, in what leaves, by whom and under
 * which duties, and all cases of its folder alike in the words told, steps, clocks and values. In `book`, what counts
 * is sealed.
 */
export function whyNotAsItWas(
  book: Book,
  version: Policy | List,
  tests: readonly Cases[],
  now: string,
): string | undefined {
  if (!promise.test(version.file.change)) return undefined
  const all = 'rules' in version ? book.policies : book.lists
  const earlier = all
    .filter(({ id, day, revision }) => {
      const isBefore = day < version.day || (day === version.day && revision < version.revision)
      return id === version.id && isBefore
    })
    .toSorted(oldestFirst)
    .at(-1)
  if (earlier === undefined) return 'there is no version before it'
  const proofs = allSteps(provedInSteps(book, earlier, version, now))
  const found = proofs.flatMap((proof) => proof.found)
  if (found.some(({ result }) => result === 'differs' || result === 'not-proved'))
    return firstOf(proofs)
  if (!found.some(({ result }) => result === 'alike')) return 'nothing leaves of whom it reaches'
  const [was, is] = [earlier, version].map((each) => lawWith(book, each, now))
  const folder = `${lawId(version).split('/')[0]}/`
  for (const { path, file } of tests.filter((each) => each.path.startsWith(folder)))
    for (const each of file.cases)
      if (was && is && seenUnder(was, file, each) !== seenUnder(is, file, each))
        return `the case “${each.name}” of \`${path}\` is told otherwise, or has other steps, clocks or values`
  return undefined
}

/** The first that differs, or is not proved. */
function firstOf(proofs: readonly Parameters<typeof proofWords>[0][]): string {
  const said = proofs.flatMap(proofWords)
  const first = said.find(({ least }) => least !== undefined) ?? said.at(-1)
  if (first?.least === undefined) return first?.says ?? ''
  const { from, facts } = caseWords(first.least)
  return `${first.says} (${first.holders.join(', ')}). ${from} ${facts.join('; ')}`
}

/** What whoever asks, and whoever answers, sees of a case: not the rules and articles behind it. */
function seenUnder(law: LawOn, file: CaseFile, each: CaseFile['cases'][number]): string {
  const { asOf, facts, items, arrangements } = inputOf(file, each)
  const now = imagining(law(asOf), arrangements)
  return JSON.stringify(seenIn(decideAndTell(now, facts, items, `${asOf}T12:00:00.000Z`)))
}

const seenIn = ({ decision, told }: FullAnswer): unknown => [
  ...[decision.outcome, decision.items.map(({ treatment }) => treatment)],
  ...[decision.standing, decision.missing, decision.todo, decision.answerBy],
  decision.obligations.map(({ code, value, due, text }) => [code, value, due, text]),
  told.reasons.map(({ says, code }) => [says, code]),
]

/** Where a version stands in a book, by the path of its file. */
export const versionAt = ({ policies, lists }: Book, path: string): Policy | List | undefined =>
  [...policies, ...lists].find((each) => lawPath(each) === path)

/** Every permit of the law: its sentence, what it tests in words, and its articles. */

import { type Book, oldestFirst } from '../../policy/book.ts'
import { inWords, type Titles } from '../../policy/words.ts'

/** A permit in words. Whatever its sentence or its articles name, it tests, or another rule does. */
export type PermitWords = {
  /** `de/bkag/member-state`. */
  readonly id: string
  /** The version that it is of, `de/bkag@2026-02-14`. */
  readonly of: string
  readonly says: string
  readonly tests: string
  readonly cites: readonly string[]
  readonly nature: string
  readonly confidence: string
  /** What its words name and another rule tests. */
  readonly elsewhere: readonly { readonly words: string; readonly by: string }[]
}

/** The permits of the newest version of each policy, a draft too; of policies whose id begins so, if that is said. */
export const permitsIn = (
  { policies }: Pick<Book, 'policies'>,
  titles: Titles,
  from = '',
): readonly PermitWords[] =>
  [
    ...Map.groupBy(
      policies
        .filter(({ id, retiredAt }) => retiredAt === undefined && `${id}/`.startsWith(from))
        .toSorted(oldestFirst),
      ({ id }) => id,
    ).values(),
  ]
    .flatMap((versions) => versions.slice(-1))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ id, version, file }) =>
      file.rules
        .filter(({ then }) => then.effect === 'permit')
        .map(
          (rule): PermitWords => ({
            ...{ id: `${id}/${rule.id}`, of: `${id}@${version}`, says: rule.says },
            tests: inWords(rule.when, titles),
            ...{ cites: rule.cites, nature: rule.nature, confidence: rule.confidence },
            elsewhere: rule.testedElsewhere ?? [],
          }),
        ),
    )

/** What each state of the Union and of Schengen lets its police give unasked: the law that is shipped says so. */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { versionFiles } from '../functions/adapters/policies-files.ts'
import type { SourceFile } from '../functions/policy/book.ts'
import { inForce } from '../functions/policy/history.ts'
import { readBook } from '../functions/policy/read-book.ts'

const shipped = versionFiles(join(import.meta.dirname, '../policies'))
const moment = '2026-11-28T12:00:00Z'

/**
 * What the grounds of each such state say of what is given unasked (Dir. (EU) 2023/977 art. 7): a permit of its
 * own, or why there is none. A permit that does not read whether anybody asked speaks of requests alone.
 */
function unaskedIn(files: readonly SourceFile[]): Readonly<Record<string, string>> {
  const { policies, lists } = inForce(readBook(files, () => moment).book, moment, moment)
  const saidOf = (state: string): readonly [string, string][] => {
    const grounds = policies.filter(
      ({ folder, file }) => folder === state.toLowerCase() && file.kind === 'ground',
    )
    const permits = grounds.some(({ rules }) =>
      rules.some(
        ({ rule, reads }) => rule.then.effect === 'permit' && reads.includes('request.unasked'),
      ),
    )
    const whyNot = grounds.some(({ file }) =>
      file.unchecked?.some((each) => each.startsWith('Nothing is given unasked: ')),
    )
    const said = permits ? 'permit' : whyNot ? 'why not' : 'nothing'
    return grounds.length === 0 ? [] : [[state, said]]
  }
  return Object.fromEntries((lists['led-states'] ?? []).flatMap(saidOf))
}
const of = (said: string, files = shipped) =>
  Object.entries(unaskedIn(files)).flatMap(([state, each]) => (each === said ? [state] : []))

describe('What police of the Union and of Schengen may be given unasked', () => {
  test('is said by each state that has a ground, or its file says why nothing is', () => {
    expect(of('nothing')).toEqual([])
    expect(of('why not')).toEqual(['ES'])
    expect(of('permit')).toHaveLength(29)
  })

  // Kills: a permit for requests that counts for what nobody asked for, and a file without a word that passes.
  test.each([
    ['LI', 'li/polg/', '"request.unasked"', '"item.minor"'],
    ['ES', 'es/lo-7-2021/', 'Nothing is given unasked: ', 'Nothing is given: '],
  ])('is missed in %s where its version does not say so', (state, start, says, instead) => {
    const changed = shipped.map(({ path, text }) => ({
      path,
      text: path.startsWith(start) ? text.replaceAll(says, instead) : text,
    }))
    expect(of('nothing', changed)).toEqual([state])
  })
})

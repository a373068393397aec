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
const without = (start: string) => shipped.filter(({ path }) => !path.startsWith(start))

describe('What police of the Union and of Schengen may be given unasked', () => {
  test('is said by each state that has a ground, or its file says why nothing is', () => {
    expect(of('nothing')).toEqual([])
    expect(of('why not')).toEqual(['ES'])
    expect(of('permit')).toHaveLength(29)
  })

  // Kills: a permit for requests that counts for what nobody asked for, and a file without a word that passes.
  test.each([
    ['LI', 'li/polg/2025-06-01.r'],
    ['ES', 'es/lo-7-2021/2021-06-16.'],
  ])('is missed in %s where the version that says so is gone', (state, corrections) =>
    expect(of('nothing', without(corrections))).toEqual([state]),
  )
})

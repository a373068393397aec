/** Law that is taken away, and read anew: the cases of the law notice it. */

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { readBook } from '../functions/policy/read-book.ts'
import { runAll } from '../functions/workbench/law/coverage.ts'
import { lawsOf } from '../functions/workbench/law/law.ts'
import { sealed } from './decision/write.ts'
import { deletions, filesOfTheLaw, testsOfTheLaw } from './policies-deletions.ts'
import { correctionOf } from './shipped.ts'

describe('the law of this repository', () => {
  const files = filesOfTheLaw()
  const tests = testsOfTheLaw()
  // A version that a correction replaced decides nothing more.
  const isReplaced = (path: string) => files.some((file) => file.path === correctionOf(path))
  // How long a log is kept, acts on it ask, and no decision.
  const isDecided = (path: string) => !path.startsWith('lists/log-retention/')
  const all = deletions(files).filter(({ path }) => !isReplaced(path) && isDecided(path))
  let ran = 0

  beforeAll(() => {
    expect(all.length).toBeGreaterThan(500)
  })

  // Kills the mutant that keeps what was in force on a day from one set of files to the next.
  test('deleting any one rule, condition, exception or list member makes a case fail', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), ({ path, text, what }) => {
        const changed = files.map((file) => (file.path === path ? { path, text } : file))
        const { book, faults } = readBook(changed, () => sealed)
        if (faults.length > 0) return
        ran += 1
        const failing = runAll(tests, lawsOf(book, sealed)).filter(
          (each) => each.failures.length > 0,
        )
        expect(failing.length, what).toBeGreaterThan(0)
      }),
      // Each decides every case of the law anew; `policy test` tries them all.
      { numRuns: 10 },
    )
    expect(ran).toBeGreaterThan(0)
  }, 120_000)
})

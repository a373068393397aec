/** A sample takes each entry with the same chance: Pearson's chi-square over fixed seeds. */

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sampleOf } from '../../functions/ledger/sample.ts'

const seeds = Array.from({ length: 5000 }, (_, at) =>
  createHash('sha256').update(`seed ${at}`).digest(),
)

/** How far counts are from being all the same. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/**
 * Bounds of chi-square with 19 degrees of freedom that chance goes beyond once in 10,000 times each:
 * too uneven, and too even. Source: the quantiles 0.9999 and 0.0001 of its distribution.
 */
const [uneven, even] = [50.8, 3.97]

// Kills: a remainder of few bits, drawing only from the front, a stream that does not move on.
test.each([0, 1, 9])('Draw number %i falls on each of 20 entries alike', (draw) => {
  const counts = new Array<number>(20).fill(0)
  for (const seed of seeds) {
    const index = sampleOf(seed, 20, 10)[draw] ?? -1
    counts[index] = (counts[index] ?? 0) + 1
  }
  expect(chiSquare(counts)).toBeLessThan(uneven)
  expect(chiSquare(counts)).toBeGreaterThan(even)
})

// Kills: a draw that depends on the one before it.
test('Two draws fall on each pair of 5 entries alike', () => {
  const counts = new Map<string, number>()
  for (const seed of seeds) {
    const pair = sampleOf(seed, 5, 2).join()
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  expect(counts.size).toBe(20)
  expect(chiSquare([...counts.values()])).toBeLessThan(uneven)
})

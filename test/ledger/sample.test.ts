/** A sample that a checkpoint decides: anyone draws the same one, and nobody chooses it. */

import { describe, expect, test } from 'vitest'
import { sampleOf } from '../../functions/ledger/sample.ts'

const root = (byte: number) => new Uint8Array(32).fill(byte)

describe('A sample of a log', () => {
  // Kills: another byte order, counter or remainder. Computed by a second implementation in Python.
  test('is what the rule gives, computed elsewhere', () => {
    expect(sampleOf(root(0), 10, 10)).toEqual([8, 6, 2, 5, 0, 9, 4, 3, 1, 7])
    expect(sampleOf(root(7), 1000, 8)).toEqual([182, 920, 498, 436, 491, 411, 761, 246])
    expect(sampleOf(root(1), 1_000_000, 5)).toEqual([960478, 382112, 734347, 927529, 366531])
  })

  // Kills: drawing with replacement (no swap).
  test('draws no entry twice, and all of them if as many are wanted', () => {
    const all = sampleOf(root(3), 300, 1000)
    expect(new Set(all).size).toBe(300)
    expect(Math.max(...all)).toBe(299)
  })

  test('is the beginning of a longer one of the same checkpoint', () => {
    expect(sampleOf(root(4), 500, 20)).toEqual(sampleOf(root(4), 500, 100).slice(0, 20))
  })

  test('is another for another checkpoint', () => {
    expect(sampleOf(root(5), 500, 20)).not.toEqual(sampleOf(root(6), 500, 20))
  })

  // Kills: favouring the first indices (a remainder of too few bits, `i +` left out).
  test('takes each entry as often as any other', () => {
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 256; i++)
      for (let j = 0; j < 8; j++)
        for (const drawn of sampleOf(root(i).fill(j, 16), 10, 3))
          counts[drawn] = (counts[drawn] ?? 0) + 1
    // 2048 samples of 3 of 10: 614 of each, give or take five standard deviations of 21.
    for (const count of counts) expect(Math.abs(count - 614)).toBeLessThan(104)
  })
})

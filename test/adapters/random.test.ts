/** Random bytes that are drawn many at a time. */

import { expect, test } from 'vitest'
import { drawing } from '../../functions/adapters/random.ts'

// Kills: bytes given again once those that were drawn are used up, or before; a draw cut short.
test('nobody gets bytes that somebody else got, however many each asks for', () => {
  const random = drawing()
  const asked = Array.from({ length: 400 }, (_, i) => [16, 24, 32, 5000][i % 4] ?? 0)
  const given = asked.map((bytes) => random(bytes))
  expect(given.map(({ length }) => length)).toEqual(asked)
  const all = Buffer.concat(given)
  const pieces = Array.from({ length: all.length / 8 }, (_, i) =>
    all.subarray(8 * i, 8 * i + 8).toString('hex'),
  )
  expect(new Set(pieces).size).toBe(pieces.length)
  // What was given stays as it is.
  expect(Buffer.concat(given).equals(all)).toBe(true)
})

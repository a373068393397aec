/** Two treatments of one item join to one that shows no more than either. */

import { expect, test } from 'vitest'
import { join, outcomeOf, type Treatment } from '../../functions/decision/treatment.ts'
import { shows } from './compare.ts'

const treatments: readonly Treatment[] = [
  { kind: 'release' },
  { kind: 'generalise' },
  { kind: 'mask', keepLast: 0 },
  { kind: 'mask', keepLast: 2 },
  { kind: 'mask', keepLast: 8 },
  { kind: 'pseudonymise' },
  { kind: 'withhold' },
]

const pairs = treatments.flatMap((a) => treatments.map((b) => [a, b] as const))

// Killed: two kinds, or two masks, joined to one of them.
test('in which order two rules treat an item does not matter', () => {
  for (const [a, b] of pairs) expect(join(a, b)).toEqual(join(b, a))
})

// Killed: two kinds joined to `release`.
test('how three treatments are grouped does not matter', () => {
  for (const [a, b] of pairs)
    for (const c of treatments) expect(join(join(a, b), c)).toEqual(join(a, join(b, c)))
})

// Killed: one kind joined with itself to `withhold`.
test('a treatment said twice is said once', () => {
  for (const a of treatments) expect(join(a, a)).toEqual(a)
})

// Killed: two kinds joined to the second; the mask that keeps more.
test('two treatments join to one that shows no more than either', () => {
  for (const [a, b] of pairs) {
    expect(shows(join(a, b), a)).toBe(false)
    expect(shows(join(a, b), b)).toBe(false)
  }
})

test('two kinds join to withholding, two masks to the one that keeps less, release to the other', () => {
  expect(join({ kind: 'generalise' }, { kind: 'pseudonymise' }).kind).toBe('withhold')
  expect(join({ kind: 'mask', keepLast: 2 }, { kind: 'generalise' }).kind).toBe('withhold')
  expect(join({ kind: 'mask', keepLast: 4 }, { kind: 'mask', keepLast: 2 })).toEqual({
    kind: 'mask',
    keepLast: 2,
  })
  for (const a of treatments) expect(join({ kind: 'release' }, a)).toEqual(a)
})

test('the outcome is read off the items', () => {
  const open: Treatment = { kind: 'release' }
  const redacted: Treatment = { kind: 'generalise' }
  const closed: Treatment = { kind: 'withhold' }
  expect(outcomeOf([open, open])).toBe('release')
  expect(outcomeOf([open, closed])).toBe('redact')
  expect(outcomeOf([redacted])).toBe('redact')
  expect(outcomeOf([closed, closed])).toBe('deny')
  expect(outcomeOf([])).toBe('deny')
})

/** A chain of statements: whatever is done to it is seen. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  emptyTip,
  followChain,
  type Link,
  nextLink,
  reaches,
  type Tip,
} from '../../functions/policy/chain.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 12, minute)).toISOString()

function chainOf(name: string, bodies: readonly string[]): readonly Link<string>[] {
  const links: Link<string>[] = []
  for (const [i, body] of bodies.entries()) {
    const tip = followChain(name, links).tips.at(-1) ?? emptyTip
    links.push(nextLink(name, tip, at(i), body))
  }
  return links
}

const five = chainOf('seals/de', ['a', 'b', 'c', 'd', 'e'])
const tipsOf = (links: readonly Link<string>[]) => followChain('seals/de', links).tips
const broken = (links: readonly Link<string>[]) => followChain('seals/de', links).broken

test('a whole chain holds, and so does an empty one', () => {
  expect(broken(five)).toBeUndefined()
  expect(tipsOf(five).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
  expect(followChain('seals/de', [])).toEqual({ tips: [] })
})

/** Kills: any of the four comparisons of `breakOf` left out. */
test.each([
  ['one is left out', five.toSpliced(2, 1), { at: 2, why: 'gap' }],
  ['one stands twice', five.toSpliced(2, 0, five[2] as Link<string>), { at: 3, why: 'gap' }],
  [
    'one is changed',
    five.with(2, { ...(five[2] as Link<string>), body: 'x' }),
    { at: 3, why: 'another-predecessor' },
  ],
  ['one is of another chain', chainOf('seals/fr', ['a']), { at: 0, why: 'another-chain' }],
  [
    'one is dated back',
    five.with(4, { ...(five[4] as Link<string>), statedAt: at(-1) }),
    { at: 4, why: 'earlier' },
  ],
])('a chain of which %s breaks there', (_, links, expected) => {
  expect(broken(links)).toEqual(expected)
})

test('a time in another notation is compared as a time', () => {
  const [first] = chainOf('seals/de', ['a'])
  const tip = tipsOf([first as Link<string>]).at(-1) as Tip
  const next = nextLink('seals/de', tip, '2026-11-27T12:00:00Z', 'b')
  expect(broken([first as Link<string>, next])).toBeUndefined()
})

/** Kills: `reaches` that compares the number alone, or that looks at the last tip. */
test('a chain reaches each tip that it had, and no other chain’s', () => {
  const tips = tipsOf(five)
  for (const tip of [emptyTip, ...tips]) expect(reaches(tips, tip)).toBe(true)
  const forked = tipsOf([
    ...five.slice(0, 3),
    ...chainOf('seals/de', ['a', 'b', 'c', 'x']).slice(3),
  ])
  expect(reaches(forked, tips[2] as Tip)).toBe(true)
  expect(reaches(forked, tips[3] as Tip)).toBe(false)
  expect(reaches(tips.slice(0, 3), tips[4] as Tip)).toBe(false)
})

test('whatever is reordered, dropped or put in: a chain with the old tip is the old chain', () => {
  const some = fc.array(fc.constantFrom(...five, ...chainOf('seals/de', ['a', 'x', 'c'])), {
    maxLength: 7,
  })
  fc.assert(
    fc.property(some, (links) => {
      const tips = tipsOf(links)
      const seen = tipsOf(five)[4] as Tip
      if (broken(links) === undefined && reaches(tips, seen)) expect(links).toEqual(five)
    }),
    { numRuns: 2000, examples: [[[...five]]] },
  )
})

/** SECURITY.md: a paragraph for each threat, and tests that hold it; five lines for each root of trust. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { roots, threats } from './threats.ts'

const page = readFileSync(join(import.meta.dirname, '../SECURITY.md'), 'utf8')
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

/** What stands under each heading of a section: paragraphs and lists, as they are written. */
const under = (title: string) =>
  section(title)
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...blocks] = part.trim().split('\n\n')
      return { name, blocks }
    })
const limitsIn = (blocks: readonly string[]) => blocks.join('\n').match(/^- /gm)?.length ?? 0
/** Tests that are named and not there. */
const missing = (tests: Readonly<Record<string, readonly string[]>> = {}) =>
  Object.entries(tests).flatMap(([file, titles]) => {
    const path = join(import.meta.dirname, file)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    return titles.filter((title) => title === '' || !text.includes(title))
  })
const counted = (tests: Readonly<Record<string, readonly string[]>> = {}) =>
  Object.values(tests).flat().length

const said = under('Threats')
const kept = under('Roots of trust')

describe('What SECURITY.md promises', () => {
  // Kills: a threat on the page that nothing holds; one that is held and that the page no longer says.
  test('is said of what the table of tests holds, in its order', () => {
    expect(said.map(({ name }) => name)).toEqual(Object.keys(threats))
    expect(kept.map(({ name }) => name)).toEqual(Object.keys(roots))
    expect(said.length).toBeGreaterThan(20)
    expect(kept).toHaveLength(9)
  })

  // Kills: a promise that no test holds; a test that was renamed or taken away since.
  test.each(Object.entries(threats))('is held by tests that there are: of %s', (_, tests) => {
    expect(counted(tests)).toBeGreaterThan(0)
    expect(missing(tests)).toEqual([])
  })

  // Kills: a threat whose promise is lost among its limits, or is a page to read.
  test.each(said)('is one paragraph of at most 120 words, then its limits: $name', ({ blocks }) => {
    const [promise = '', ...rest] = blocks
    expect(promise).not.toMatch(/^- /)
    expect(promise.split(/\s+/).length).toBeLessThanOrEqual(120)
    for (const each of rest) expect(each).toMatch(/^- /)
    expect(rest.length).toBeLessThanOrEqual(1)
  })
  test('is said with its limits', () => {
    expect(limitsIn(said.flatMap(({ blocks }) => blocks))).toBeGreaterThan(40)
  })

  // Kills: a root of which nobody says what it costs, or whose drill is gone.
  test.each(kept)(
    'is said of each root, with a test that rehearses its loss: $name',
    ({ name, blocks: [lines = ''] }) => {
      const costs = /^- Held by: \S.*\n- Can: \S.*\n- Cannot: \S.*\n- Lost: \S.*\n- Stolen: \S.*$/
      expect(lines.replaceAll('\n  ', ' ')).toMatch(costs)
      expect(counted(roots[name])).toBe(1)
      expect(missing(roots[name])).toEqual([])
    },
  )

  test('has no line of more than 120 columns', () => {
    expect(page.split('\n').filter((line) => [...line].length > 120)).toEqual([])
  })
})

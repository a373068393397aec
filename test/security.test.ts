/** SECURITY.md: each promise names tests that hold it, each limit the promise that it limits. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../SECURITY.md'), 'utf8')
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

const promises = section('What is trusted, and what is not')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| who'))
  .map((line) => {
    const [who = '', , , heldBy = ''] = line
      .split('|')
      .slice(1)
      .map((each) => each.trim())
    return { who, heldBy: heldBy.split('; ') }
  })
const roots = section('Roots of trust')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| key |'))
  .map((line) => {
    const cells = line.split('|').slice(1, -1)
    return { key: cells[0]?.trim() ?? '', cells: cells.map((each) => each.trim()) }
  })
const limits = section('Known limits')
  .split('\n')
  .filter((line) => line.startsWith('- '))

/** Whether a test is there: `file` › its title. */
function isTest(named: string): boolean {
  const [, file = '', title = ''] = /^`([^`]+)` › (.+)$/.exec(named) ?? []
  const path = join(import.meta.dirname, file)
  return title !== '' && existsSync(path) && readFileSync(path, 'utf8').includes(title)
}

describe('What SECURITY.md promises', () => {
  test('is said of everybody who is trusted with something, and of what limits it', () => {
    expect(promises.length).toBeGreaterThan(10)
    expect(limits.length).toBeGreaterThan(10)
  })

  // Kills: a promise that no test holds; a test that was renamed or taken away since.
  test.each(promises)('is held by tests that there are: of $who', ({ heldBy }) => {
    for (const each of heldBy) expect(each).toSatisfy(isTest)
  })

  // Kills: a root of which nobody says what it costs, or whose drill is gone.
  test.each(roots)(
    'is said of each root, with the test that rehearses its loss: $key',
    ({ cells }) => {
      expect(cells).toHaveLength(7)
      for (const each of cells) expect(each).not.toBe('')
      expect(cells.at(-1)).toSatisfy(isTest)
    },
  )
  test('is said of nine roots', () => expect(roots).toHaveLength(9))

  // Kills: a limit of nothing that was promised.
  test.each(limits)('is limited by what names it: %s', (limit) => {
    const [, who = ''] = /^- \[([^\]]+)\] /.exec(limit) ?? []
    expect(promises.map((each) => each.who)).toContain(who)
  })
})

/** What a run of some parts of the bench leaves of the figures that were there, and what README.md quotes of them. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { merged, type Results } from './results.ts'

const run = (date: string, figures: Results['figures']): Results => ({
  machine: 'one of two cores',
  date,
  versions: { node: '24' },
  figures,
})
const figure = (name: string, value: number, part = name) => ({ name, value, unit: 'µs', part })

// Kills: a part that wipes out the others; a figure that looks as if it were of today; one that stands twice; one that
// stays under a name that its part has no more.
test('A run of some parts replaces their figures, and the others keep their day', () => {
  const before = run('2026-11-28', [
    figure('start', 9),
    figure('units', 8),
    figure('bits', 8, 'units'),
  ])
  const found = [figure('units', 7), figure('bytes', 6, 'units')]
  const after = merged(before, run('2026-11-29', found), ['units'])
  expect(after).toEqual(
    run('2026-11-29', [{ ...figure('start', 9), date: '2026-11-28' }, ...found]),
  )
  const [start] = merged(after, run('2026-11-29', [figure('start', 5)]), ['start']).figures
  expect(start).toEqual(figure('start', 5))
})

// Kills: figures side by side that nobody can compare.
test('A run on another machine, or of other versions, has to be a whole one', () => {
  const before = run('2026-11-28', [])
  for (const other of [{ machine: 'another' }, { versions: { node: '25' } }])
    expect(() => merged(before, { ...before, ...other }, [])).toThrow('run the whole bench')
})

// Kills: a figure in the README of another day, or that nobody measured.
test('README.md quotes figures as they were found', () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')
  // A cast: it is what a run wrote.
  const { figures } = JSON.parse(read('results.json')) as Results
  const found = new Map(figures.map(({ name, value, unit }) => [name, `${value} ${unit}`]))
  const quoted = [...read('../../README.md').matchAll(/^\| `([^`]+)` \| (\d\S* .+?) \|$/gm)]
  expect(quoted.length).toBeGreaterThan(5)
  for (const [, name = '', value] of quoted) expect(value, name).toBe(found.get(name))
})

/** What `infra/README.md` says of costs is what the bench counted. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Results = { readonly figures: readonly { readonly name: string; readonly value: number }[] }

const { figures } = JSON.parse(readFileSync('test/bench/results.json', 'utf8')) as Results
const text = readFileSync('infra/README.md', 'utf8')

/** A figure of the bench's last whole run. */
function counted(name: string): number {
  const found = figures.find((each) => each.name === name)
  if (found === undefined) throw new Error(`test/bench/results.json has no \`${name}\``)
  return found.value
}

/** The numbers in the cells of one row of the table of costs. */
function row(name: string): readonly (readonly number[])[] {
  const line = text.split('\n').find((each) => each.startsWith(`| ${name}`)) ?? ''
  const cells = line.split('|').slice(2, 5)
  return cells.map((cell) => [...cell.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => Number(number)))
}

// Kills: a count that changed, and a table of costs that did not.
test.each([
  ['DynamoDB, writing', 'written', 0.625],
  ['DynamoDB, reading', 'read', 0.125],
] as const)('what is said of %s is what the bench counted', (name, what, price) => {
  const kinds = ['release', 'sealing of one alone', 'sealing of one in 50']
  const [release = 0, alone = 0, inFifties = 0] = kinds.map((kind) => counted(`${kind}: ${what}`))
  const [[said, saidAlone, saidInFifties] = [], [oneByOne] = [], [together] = []] = row(name)
  expect([said, saidAlone]).toEqual([release, alone])
  expect(Math.abs((saidInFifties ?? 0) - inFifties)).toBeLessThan(0.5)
  expect(oneByOne).toBeCloseTo(price * (release + alone), 1)
  expect(together).toBeCloseTo(price * (release + (saidInFifties ?? 0)), 1)
})

test('what a million decisions cost, and the size of an entry, are those that the bench found', () => {
  const [, , [together] = []] = row('**together**')
  const million = counted('a million releases, sealed in fifties')
  expect(Math.abs((together ?? 0) - million)).toBeLessThan(0.3)
  const kilobytes = (counted('release: entry') / 1000).toFixed(1)
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`its entry of ${kilobytes} KB`)
})

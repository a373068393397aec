/** The table of formats, walked: an older store goes on, a newer one is refused by name. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasFailed } from '../../functions/failure.ts'
import { expectGateway } from '../../functions/machine/checkpoint-key.ts'
import { formatOf, storeFormat, writeFormat } from '../../functions/machine/store-format.ts'

/** A memory of whoever signs, with a store of this format; 0 says none. */
function memoryAt(format: number, writer = '9.1.0') {
  const kept = new Map<string, { readonly size: number; readonly root: Uint8Array }>()
  if (format > 0) kept.set('format', { size: format, root: Buffer.from(writer) })
  return {
    kept,
    last: async (name: string) => kept.get(name),
    async advance(name: string, from: number, to: { size: number; root: Uint8Array }) {
      if ((kept.get(name)?.size ?? 0) !== from) return false
      kept.set(name, to)
      return true
    },
  }
}

const page = readFileSync(join(import.meta.dirname, '../../infra/FORMATS.md'), 'utf8')
const steps = [...page.matchAll(/^\| (\d+) \| (\d+) \|/gm)].map(([, from, to]) => [
  Number(from),
  Number(to),
])

// Kills: a format that nobody described; a step that leads nowhere.
test('The table has each step, from the first format to that of this version', () => {
  expect(steps).toEqual(Array.from({ length: storeFormat }, (_, from) => [from, from + 1]))
})

// Kills: a store of before that is refused, or keeps its number.
test.each(steps)('A store of format %i goes on to %i, once', async (from) => {
  const memory = memoryAt(from ?? 0)
  expect(await formatOf(memory)).toBe(from)
  expect(await writeFormat(memory, '0.1.0')).toBe(from)
  expect(await formatOf(memory)).toBe(storeFormat)
  expect(await writeFormat(memory, '0.2.0')).toBe(storeFormat)
  expect(Buffer.from(memory.kept.get('format')?.root ?? []).toString()).toBe('0.1.0')
})

// Kills: an older version that writes its number over a newer one; one that calls a newer store changed.
test('A store of a newer format is refused, with both numbers and the way out, and stays as it is', async () => {
  const memory = memoryAt(storeFormat + 1)
  for (const act of [() => formatOf(memory), () => writeFormat(memory, '0.1.0')]) {
    const error = await act().catch((thrown: unknown) => thrown)
    expect(hasFailed(error, 'newer')).toBe(true)
    expect(String(error)).toContain(
      `the store has format ${storeFormat + 1}, and this version reads up to ${storeFormat}; run Comity 9.1.0 or later`,
    )
    expect(String(error)).not.toMatch(/tamper|changed/)
  }
  expect(memory.kept.get('format')?.size).toBe(storeFormat + 1)
})

// Kills: an older store that takes the first name that somebody sets.
test('A store from before names were kept has the name of its logs', async () => {
  const memory = memoryAt(0)
  const logs = async () => ['beginning', 'comity.prod/de/2026', 'comity.prod/de/looks-2026']
  await expect(expectGateway('comity.other', memory, logs)).rejects.toThrow(
    'this is the store of `comity.prod`, and COMITY_GATEWAY says `comity.other`',
  )
  expect(memory.kept.size).toBe(0)
  await expectGateway('comity.prod', memory, logs)
  await expect(expectGateway('comity.other', memory, async () => [])).rejects.toThrow('comity.prod')
})

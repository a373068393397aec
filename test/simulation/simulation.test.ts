/** A slice of the simulation for every build; `npm run simulate` plays all of it. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Mutant, type MutantName, mutants } from './mutants.ts'
import { pieceNames, playPiece } from './pairs.ts'
import { runSeed } from './random.ts'
import { jobsOf, readFaults, search } from './search.ts'

const seed = (fc.readConfigureGlobal()?.seed ?? Date.now()) % 1_000_000_000

describe('Whatever fails', () => {
  test('random runs keep every promise', async () => {
    const { first, runs, crashes } = await search({ from: seed, seeds: 400 })
    expect(first).toBeUndefined()
    expect(runs).toBe(400)
    // Were nothing to end, nothing would be shown.
    expect(crashes).toBeGreaterThan(100)
  })

  test.each(pieceNames)(
    '%s keeps them with every two faults, of which a few are tried here',
    async (piece) => {
      const jobs = await jobsOf(piece)
      const [job] = jobs.slice(seed % jobs.length)
      if (job === undefined) throw new Error('the piece has no operation')
      const { first, runs } = await search(job)
      expect(first).toBeUndefined()
      expect(runs).toBeGreaterThan(1)
    },
  )

  test('a run is played again as it was', async () => {
    const [one, other] = [await runSeed(seed), await runSeed(seed)]
    expect(other.hash).toBe(one.hash)
    expect(other.steps).toBe(one.steps)
    const [piece = 'sealing'] = pieceNames
    const faults = [[3, 'pause']] as const
    expect((await playPiece(piece, faults)).hash).toBe((await playPiece(piece, faults)).hash)
  })
})

/**
 * A seed that finds each mutant. Where a change of the simulation moved it, another is near, or
 * `npm run simulate -- --mutant NAME --seeds 400` says it.
 */
const foundBy: Partial<Record<MutantName, number>> = {
  'writes-manifests-over': 16,
  'looks-at-an-old-view': 5,
  'signs-only-after-sealing': 10,
  'signer-remembers-blindly': 641,
  'takes-a-timeout-for-a-yes': 36,
  'takes-any-attempt-for-its-own': 10,
  'keeps-its-own-manifest': 16,
  'takes-other-logs-entries': 2,
  'begins-anywhere': 49,
  'sweeps-without-a-margin': 5,
  'cosigns-before-it-remembers': 1,
  'witness-remembers-blindly': 154,
  'publishes-without-its-quorum': 34,
  'publishes-backwards': 245,
  'erases-what-is-held': 344,
  'holds-what-it-read-before': 239,
  'forgets-what-was-lifted': 62,
  'writes-keys-over': 57,
  'brings-keys-back': 28,
  'leaves-rows': 4,
  'never-clears': 4,
  'keeps-the-way': 4,
  'forgets-keys-at-once': 177,
  'erases-before-it-is-an-entry': 23,
}
/** What random seeds hardly find, and these faults do. */
const foundByFaults: Partial<Record<MutantName, string>> = {
  'forgets-rows-at-once': 'erasing:38=pause',
  'clears-at-once': 'erasing:37=pause,272=crash-after',
}

const all = Object.entries(mutants) as [MutantName, Mutant][]

describe('What is built in wrongly', () => {
  test.each(
    all.filter(
      ([name, { harmless }]) => harmless === undefined && foundByFaults[name] === undefined,
    ),
  )('%s is found', async (name, mutant) => {
    const start = foundBy[name] ?? 0
    const seeds = Array.from({ length: 60 }, (_, i) => start + i)
    for (const each of seeds) if ((await runSeed(each, mutant)).wrong !== undefined) return
    expect.fail(`${mutant.says} No seed from ${start} on finds it.`)
  })

  test.each(Object.entries(foundByFaults))('%s is found by %s', async (name, faults) => {
    const read = readFaults(faults)
    if (read === undefined) throw new Error('these are no faults')
    const { wrong } = await playPiece(read.piece, read.faults, mutants[name as MutantName])
    expect(wrong).toMatch(/^S12: /)
  })

  test.each(all.filter(([, { harmless }]) => harmless !== undefined))(
    '%s is harmless, and not found',
    async (_, mutant) => {
      for (let each = 0; each < 40; each++)
        expect((await runSeed(each, mutant)).wrong).toBeUndefined()
    },
  )
})

describe('The command', () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'simulate.ts'), ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    )

  test('says that nothing was found, and ends with 0', async () => {
    const { code, stdout } = await run('--seeds', '50')
    expect(stdout).toMatch(/^Nothing found in 50 runs: /)
    expect(code).toBe(0)
  })

  test('says what was found, and how to play it again, and ends with 1', async () => {
    const { code, stdout } = await run('--seeds', '50', '--mutant', 'marks-nothing')
    expect(stdout).toContain('A sealer counts entries as marked that it did not mark.')
    expect(stdout).toMatch(
      /\nPlay it again: npm run simulate -- --mutant marks-nothing --seed \d+\n/,
    )
    expect(code).toBe(1)
  })

  test.each([
    { args: ['--seeds', 'many'], says: 'it is a whole number' },
    { args: ['--mutant', 'nobody'], says: 'Allowed choices are' },
    { args: ['--sed', '7'], says: 'Did you mean --seed?' },
  ])('is told what is wrong with $args, and ends with 2', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(...args)
    expect(stderr).toContain(says)
    expect([code, stdout]).toEqual([2, ''])
  })
})

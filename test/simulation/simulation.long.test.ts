/** Whole runs of the gateway and its log, with whatever can go wrong: a slice of `npm run simulate`. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainEnvironment, root } from '../demo/process.ts'
import { chanceOf } from './chance.ts'
import { type Mutant, type MutantName, mutants } from './mutants.ts'
import { type PieceName, pieceNames, playPiece, single } from './pairs.ts'
import { runSeed } from './random.ts'
import type { Outcome } from './run.ts'
import { add, emptyTally, jobsOf, readFaults, search, type Tally, writeFaults } from './search.ts'

/** Another each time, but on a build machine (`test/seed.ts`). */
const seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31)

const statements = [...Array.from({ length: 14 }, (_, i) => `S${i + 1}`), 'L1', 'L2', 'L3']

/**
 * The statement by which each mutant is found, and where: in a piece as it is, with a fault or a pause at
 * one of its operations, or else in random runs, of which the first may be named.
 */
const found: Readonly<
  Partial<Record<MutantName, readonly [statement: string, where: PieceName | 'seeds', at?: string]>>
> = {
  'takes-a-timeout-for-a-yes': ['S1', 'erasing', 'ledger.put'],
  'writes-entries-over': ['S2', 'sealing'],
  'takes-any-attempt-for-its-own': ['S3', 'seeds'],
  'writes-manifests-over': ['S4', 'sealing', 'sealing.propose'],
  'looks-at-an-old-view': ['S5', 'sealing', 'sealing.head'],
  'believes-in-hints': ['S6', 'sealing'],
  'marks-nothing': ['S7', 'sealing'],
  'counts-marks-early': ['S7', 'sealing'],
  'begins-anywhere': ['S7', 'seeds', '145'],
  'moves-the-head-before-the-tiles': ['S8', 'sealing', 'archive.put'],
  'publishes-without-its-quorum': ['S8', 'sealing', 'witness.one.ask'],
  'keeps-its-own-manifest': ['S8', 'seeds', '320'],
  'signs-before-it-remembers': ['S9', 'sealing'],
  'cosigns-before-it-remembers': ['S9', 'sealing'],
  'signer-remembers-blindly': ['S9', 'sealing', 'memory.advance'],
  'witness-remembers-blindly': ['S9', 'sealing', 'memory.advance'],
  'publishes-backwards': ['S9', 'sealing', 'key.sign'],
  'files-after-marking': ['S10', 'sealing'],
  'loser-answers-its-own': ['S11', 'sealing'],
  'sends-before-it-is-durable': ['S11', 'sealing'],
  'erases-before-it-is-an-entry': ['S11', 'seeds'],
  'leaves-rows': ['S12', 'erasing'],
  'leaves-tags': ['S12', 'erasing'],
  'never-clears': ['S12', 'erasing'],
  'keeps-the-way': ['S12', 'erasing'],
  'files-before-it-notes': ['S12', 'sealing'],
  'forgets-rows-at-once': ['S12', 'erasing', 'lookups.put'],
  'clears-at-once': ['S12', 'erasing', 'lookups.put'],
  'forgets-keys-at-once': ['S12', 'expiring', 'keys.forget'],
  'writes-keys-over': ['S12', 'erasing', 'keys.make'],
  'brings-keys-back': ['S12', 'erasing', 'keys.make'],
  'erases-what-is-held': ['S13', 'erasing', 'sealing.head'],
  'holds-what-it-read-before': ['S13', 'expiring', 'keys.hold'],
  'forgets-what-was-lifted': ['S13', 'erasing'],
  'files-for-anybody': ['S14', 'sealing'],
  'takes-other-logs-entries': ['L1', 'seeds'],
  'sweeps-without-a-margin': ['L1', 'erasing', 'records.find'],
  'counts-a-step-early': ['S7', 'seeds'],
  'forgets-its-place': ['L3', 'seeds'],
  'waits-for-ever': ['L3', 'seeds', '87'],
  'believes-any-clock': ['L3', 'seeds', '3687'],
  'signs-only-after-sealing': ['L2', 'erasing', 'sealing.advance'],
}

/** Runs with a mutant, as many as there are at a place. */
async function* runsWith(
  mutant: Mutant,
  where: PieceName | 'seeds',
  at?: string,
): AsyncGenerator<Outcome> {
  if (where === 'seeds')
    for (let each = Number(at ?? 0), end = each + 1000; each < end; each++)
      yield await runSeed(each, mutant)
  else {
    const base = await playPiece(where, [], mutant)
    yield base
    for (const [operation, name] of base.operations.entries())
      if (name === at)
        for (const one of [...single(operation), [operation, 'pause'] as const])
          yield await playPiece(where, [one], mutant)
  }
}

/** Runs the command. */
async function simulate(...args: readonly string[]) {
  const command = ['test/simulation/simulate.ts', ...args]
  const child = spawn(process.execPath, command, { cwd: root, env: plainEnvironment })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

/** What was found, with the command that plays it again. */
const said = ({ first }: Tally) =>
  first && `${first.wrong}\nPlay it again: npm run simulate -- ${first.again}`

describe('Whatever goes wrong', () => {
  test('by chance, every statement about the gateway and its log holds', async () => {
    expect(said(await search({ from: seed, seeds: 60 }))).toBeUndefined()
  })

  test('twice in a piece that is played, every statement holds: at some operations of each', async () => {
    const tally = emptyTally()
    const chance = chanceOf(seed)
    for (const piece of pieceNames)
      for (const job of chance.shuffled(await jobsOf(piece)).slice(0, 1))
        add(tally, await search(job))
    expect(said(tally)).toBeUndefined()
    // Few where chance takes late operations, after which little is left.
    expect(tally.runs).toBeGreaterThan(20)
  })

  // Kills: a piece that went by without what it is about, in which every statement would hold.
  test('there is something to go wrong: every piece comes to all that it is about', async () => {
    const operations = await Promise.all(
      pieceNames.map(async (piece) => (await playPiece(piece, [])).operations),
    )
    for (const [at, wanted] of [
      ['ledger.put', 'sealing.mark', 'key.sign', 'witness.one.answer', 'archive.replace', 'send'],
      ['lookups.note', 'keys.hold', 'keys.lift', 'keys.shred', 'lookups.remove', 'keys.forget'],
      ['keys.earlier', 'lookups.note', 'keys.hold', 'keys.lift', 'keys.shred', 'keys.forget'],
    ].entries())
      expect(operations[at]).toEqual(expect.arrayContaining(wanted))
  })
})

describe('A run', () => {
  // Kills: a clock, an order of threads or a number that is not of the seed.
  test('is the same whenever it is played, and whoever calls', async () => {
    const from = <T>(call: () => Promise<T>) =>
      new Promise<T>((resolve) => setImmediate(() => resolve(call())))
    const first = await runSeed(seed)
    await runSeed(seed + 1)
    expect(await from(() => runSeed(seed))).toEqual(first)
    for (const piece of pieceNames)
      expect(await from(() => playPiece(piece, []))).toEqual(await playPiece(piece, []))
  })

  test('is another with another seed, and with a fault', async () => {
    const hashes = [await runSeed(seed), await runSeed(seed + 1)].map(({ hash }) => hash)
    const pieces = [await playPiece('sealing', []), await playPiece('sealing', [[9, 'lost']])]
    expect(new Set([...hashes, ...pieces.map(({ hash }) => hash)]).size).toBe(4)
  })

  test('of a piece is written down with its faults, and read again', () => {
    const faults = [
      [3, 'lost'],
      [20, 'pause'],
    ] as const
    expect(readFaults(writeFaults('sealing', faults))).toEqual({ piece: 'sealing', faults })
    expect(readFaults('sealing:')).toEqual({ piece: 'sealing', faults: [] })
    for (const wrong of ['', 'sleeping:3=lost', 'sealing:3', 'sealing:3=gone', 'sealing:-3=lost'])
      expect(readFaults(wrong), wrong).toBeUndefined()
  })
})

describe('A fault that is built in', () => {
  test.each(Object.keys(found) as (keyof typeof found)[])('is found: %s', async (name) => {
    const [statement, where, at] = found[name] ?? ['', 'seeds']
    const wrong: (string | undefined)[] = []
    for await (const outcome of runsWith(mutants[name], where, at)) {
      wrong.push(outcome.wrong)
      if (outcome.wrong?.startsWith(`${statement}:`)) break
    }
    expect(wrong.at(-1)).toMatch(new RegExp(`^${statement}: `))
  })

  test('is found by each of the statements in turn', () => {
    const by = new Set(Object.values(found).map(([statement]) => statement))
    expect([...by].sort()).toEqual([...statements].sort())
  })

  const harmless = Object.entries<Mutant>(mutants).filter(([name]) => !(name in found))
  test.each(harmless)('and is harmless is not found, and says why: %s', async (_, mutant) => {
    expect(mutant.harmless).toMatch(/\.$/)
    for (let each = seed; each < seed + 15; each++)
      expect((await runSeed(each, mutant)).wrong, `--seed ${each}`).toBeUndefined()
  })
})

describe('npm run simulate', () => {
  test('says what it takes, and what its exit codes mean', async () => {
    const { code, stdout } = await simulate('--help')
    expect(code).toBe(0)
    for (const option of ['seeds', 'from', 'pairs', 'mutants', 'mutant', 'seed', 'faults', 'json'])
      expect(stdout).toContain(`--${option}`)
    expect(stdout).toContain('Exit codes: 0 nothing was found, 1 something was, 2 wrong usage')
  })

  test.each([
    [['--faultz', '3'], 'Did you mean --faults?'],
    [['--seeds', 'many'], 'a whole number of 32 bits'],
    [['--mutant', 'nobody'], 'Allowed choices are marks-nothing'],
    [['--faults', 'sealing:x'], 'written like sealing:3=lost,20=away'],
    [['--seed', '3', '--pairs'], 'cannot be used with'],
    [['3'], 'too many arguments'],
  ])('says what is wrong with %j, and ends with 2', async (args, hint) => {
    const { code, stdout, stderr } = await simulate(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(hint)
    expect(stderr).toContain('--help')
  })

  test('plays runs on every core, and ends with one line', async () => {
    const { code, stdout, stderr } = await simulate('--seeds', '20', '--from', '7')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Nothing found in 20 runs: [\d,]+ steps, [\d,]+ faults, [\d,]+ crashes.*; [\d.]+ s on \d+ cores? of .*, Node .*, \d{4}-\d\d-\d\d\.\n$/,
    )
    expect(stderr).toContain('100 % after')
    const { steps } = await search({ from: 7, seeds: 20 })
    expect(stdout).toContain(`${steps.toLocaleString('en')} steps`)
  })

  test('says what it found, and the command that plays it again', async () => {
    const { code, stdout } = await simulate('--mutant', 'believes-in-hints', '--seeds', '10')
    expect(code).toBe(1)
    expect(stdout).toContain('A sealer believes whoever brought a hint')
    const [, again = ''] = stdout.match(/Play it again: npm run simulate -- (.*)/) ?? []
    expect(again).toBe('--mutant believes-in-hints --seed 0')
    const replayed = await simulate(...again.split(' '))
    expect(replayed.code).toBe(1)
    expect(replayed.stdout).toMatch(/^ {4}0 2026-.* starts\n/)
    expect(replayed.stdout.trimEnd().split('\n').at(-1)).toMatch(/^S6: /)
  })

  test('gives a run as JSON, which is the same run', async () => {
    const { code, stdout } = await simulate('--faults', 'sealing:9=lost', '--json')
    expect(code).toBe(0)
    const { hash, steps } = await playPiece('sealing', [[9, 'lost']])
    expect(JSON.parse(stdout)).toMatchObject({ hash, steps })
  })
})

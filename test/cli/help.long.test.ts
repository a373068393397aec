/** What the command line says to those who do not know it yet. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { root } from '../demo/process.ts'
import { comity } from './run.ts'

/** The commands that a help text lists, without `help` itself. */
const commandsIn = (help: string): readonly string[] => {
  const [list = ''] = (help.split('\nCommands:\n')[1] ?? '').split('\n\n')
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help')
}

/** Every command, from the top: `[]`, `['request']`, `['request', 'send']`, … with its help. */
async function everyHelp(
  path: readonly string[] = [],
): Promise<readonly { path: readonly string[]; code: number | null; help: string; err: string }[]> {
  const { code, stdout, stderr } = await comity([...path, '--help'])
  const below = await Promise.all(commandsIn(stdout).map((name) => everyHelp([...path, name])))
  return [{ path, code, help: stdout, err: stderr }, ...below.flat()]
}

test('every command explains itself with --help', async () => {
  const all = await everyHelp()
  const names = all.map(({ path }) => path.join(' '))
  expect(names).toEqual(
    expect.arrayContaining([
      '',
      'request send',
      'attestation send',
      'policy explain',
      'policy seal',
    ]),
  )
  for (const { path, code, help, err } of all) {
    const name = ['comity', ...path].join(' ')
    expect(code, name).toBe(0)
    expect(err, name).toBe('')
    // The usage, then a sentence on what it is for.
    expect(help, name).toMatch(new RegExp(`^Usage: ${name} .+\\n\\n[A-Z][^]+?\\.\\n`))
  }
})

test('the exit codes are told', async () => {
  const { stdout } = await comity(['--help'])
  expect(stdout).toMatch(/Exit codes: 0 .+, 1 .+, 2 .+, 3 .+,\s4 .+, 5 .+, 6 [^.]+\./)
})

test.each([
  { args: ['polcy'], meant: 'policy' },
  { args: ['policy', 'explian'], meant: 'explain' },
  { args: ['request', 'sned'], meant: 'send' },
  { args: ['policy', 'explain', '--facts', 'x', '--as-off', '2026-11-24'], meant: '--as-of' },
])('a slip of the finger is answered with what was meant: $meant', async ({ args, meant }) => {
  const { code, stdout, stderr } = await comity(args)
  expect(stderr).toContain(`Did you mean ${meant}?`)
  expect(stderr).toContain('--help')
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

test.each([
  { args: ['request', 'send', 'x.json', '--officer', 'officer-7'], lacks: '--as <name>' },
  { args: ['policy', 'explain'], lacks: '--facts <file>' },
  { args: ['policy', 'set'], lacks: '--key <file...>' },
])('what is left out is named: $lacks', async ({ args, lacks }) => {
  const { code, stderr } = await comity(args)
  expect(stderr).toContain(`required option '${lacks}' not specified`)
  expect(code).toBe(2)
})

test('a day and an address are told how they are written', async () => {
  const wrongDay = ['policy', 'explain', '--facts', 'x', '--as-of', 'yesterday']
  const day = await comity(wrongDay)
  expect(day.stderr).toContain('a day is written like 2026-11-24')
  expect(day.code).toBe(2)
  const who = ['--as', 'FR-SPOC', '--officer', 'officer-7']
  const url = await comity(['request', 'send', 'x.json', ...who, '--url', 'localhost'])
  expect(url.stderr).toContain('an address is written like http://localhost:')
  expect(url.code).toBe(2)
})

test('who reads the first lines alone is told nothing more', async () => {
  const child = spawn(process.execPath, ['functions/comity.mjs', 'policy', 'say'], { cwd: root })
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect([code, stderr]).toEqual([1, ''])
})

test('says its version, and nothing else', async () => {
  const { code, stdout, stderr } = await comity(['--version'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+( \(commit [0-9a-f]{12}\))?\n$/)
})

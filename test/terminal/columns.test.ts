/** The screen of whoever uses the command line: what others wrote shows, and does nothing else. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { onScreen } from '../../functions/terminal/columns.ts'
import { itemLine } from '../../functions/terminal/say.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-screen-'))
afterAll(() => rmSync(folder, { recursive: true }))

const esc = String.fromCharCode(27)

// Kills: any control let through; our own styles taken away; a direction that is turned.
test.each([
  ['a cursor that goes up', `a${esc}[2Ab`, 'a\\u001b[2Ab'],
  ['a style that hides', `${esc}[8msecret${esc}[0m`, '\\u001b[8msecret\\u001b[0m'],
  ['a title of the window', `${esc}]0;x${String.fromCharCode(7)}`, '\\u001b]0;x\\u0007'],
  ['a line that is written anew', 'DENIED\rRELEASED', 'DENIED\\u000dRELEASED'],
  ['a control of eight bits', `${String.fromCharCode(0x9b)}2J`, '\\u009b2J'],
  ['a name that reads backwards', `${String.fromCharCode(0x202e)}nosnhoJ`, '\\u202enosnhoJ'],
  ['an isolate', `${String.fromCharCode(0x2066)}a`, '\\u2066a'],
  ['our own styles', `${esc}[1mBold${esc}[22m`, `${esc}[1mBold${esc}[22m`],
  ['lines and tabs', 'a\n\tb', 'a\n\tb'],
  ['Arabic, Greek and Chinese', 'محمد Αθήνα 北京', 'محمد Αθήνα 北京'],
])('shows %s', (_, said, shown) => {
  expect(onScreen(said)).toBe(shown)
})

// Kills: a command line that is not guarded.
test('shows what a file says, whichever command says it', () => {
  const name = `${esc}[2J${String.fromCharCode(0x202e)}x`
  const file = join(folder, 'case.json')
  writeFileSync(file, JSON.stringify({ [name]: 1 }))
  const cli = join(import.meta.dirname, '../../functions/cli.ts')
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [cli, ...args], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0' },
    })
  const { stdout, stderr } = run('policy', 'explain', '--facts', file)
  expect(stdout + stderr).toContain('\\u001b[2J\\u202ex')
  expect(stdout + stderr).not.toContain(esc)
})

// Kills: a part of a value that reads as the whole of it.
test('says of each value in a word that it is not whole', () => {
  const item = {
    id: '1',
    element: 'nc:PersonBirthDate',
    class: 'identification',
    value: '1979',
  } as const
  const shown = (['release', 'generalise', 'mask', 'pseudonymise'] as const).map((treatment) =>
    itemLine({ ...item, treatment }),
  )
  const line = '- nc:PersonBirthDate: 1979'
  expect(shown).toEqual([
    line,
    `${line} (generalised)`,
    `${line} (masked)`,
    `${line} (pseudonymised)`,
  ])
})

/** In `prod`, a process that can read private halves of two roles acts on nothing. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expectOneRole } from '../../functions/adapters/keys-in-reach.ts'
import { removeFolders, temporaryFolder } from '../demo/process.ts'

afterAll(removeFolders)

/** A folder with these private halves. */
function holding(of: Readonly<Record<string, string | undefined>>): string {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  for (const [name, role] of Object.entries(of))
    writeFileSync(
      join(folder, name),
      JSON.stringify({ kid: name, role, jwk: { kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' } }),
    )
  return folder
}
const two = (one: string, other: string) =>
  new RegExp(`\\(${one}\\) and .*\\(${other}\\); keep each`)

// Kills: a release key beside the gateway's own; a key of two roles that is not in `--key` and lies beside one that is.
test('Two roles in reach are refused by name, one role is not', () => {
  const release = holding({ 'a.json': 'release', 'b.json': 'release' })
  expectOneRole(false, [join(release, 'a.json')], [release])
  expect(() => expectOneRole(true, [], [release])).toThrow(two('gateway', 'release'))
  const mixed = holding({ 'a.json': 'release', 'b.json': 'registrar' })
  expect(() => expectOneRole(false, [join(mixed, 'a.json')], [mixed])).toThrow(
    two('release', 'registrar'),
  )
  // Of which role it is, nobody can say.
  const unknown = holding({ 'a.json': 'legal', 'b.json': undefined })
  expect(() => expectOneRole(false, [], [unknown])).toThrow(two('legal', 'person'))
  const machine = holding({ 'a.json': 'legal' })
  writeFileSync(join(machine, 'master.key'), '')
  expect(() => expectOneRole(false, [], [machine])).toThrow(two('legal', 'gateway'))
})

test('What is no private half, or not there, is none', () => {
  const folder = holding({ 'a.json': 'legal' })
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ kid: 'b', jwk: { kty: 'OKP' } }))
  writeFileSync(join(folder, 'c.json'), 'no JSON')
  expectOneRole(false, ['-'], [folder, join(folder, 'none')])
})

// Kills: a release key that nobody finds for its name, its editor's mark, or a word that somebody wrote into it.
test.each([
  ['release.key', (text: string) => text],
  ['.a.json.part', (text: string) => text],
  ['A.JSON', (text: string) => `\ufeff${text}`],
  ['b.json', (text: string) => text.replace('{', '{"note":"mine",')],
])('A private half is found whatever it is called: %s', (name, write) => {
  const folder = holding({ 'a.json': 'release' })
  const text = readFileSync(join(folder, 'a.json'), 'utf8')
  renameSync(join(folder, 'a.json'), join(folder, name))
  writeFileSync(join(folder, name), write(text))
  expect(() => expectOneRole(true, [], [folder])).toThrow(two('gateway', 'release'))
})

// Kills: a gateway that never starts, since it waits for what nobody writes.
test.skipIf(process.platform === 'win32')('Nothing waits for a pipe, or fails at a file', () => {
  const folder = holding({ 'a.json': 'release' })
  execFileSync('mkfifo', [join(folder, 'b.json')])
  expectOneRole(false, [], [folder, join(folder, 'a.json')])
})

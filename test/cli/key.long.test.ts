/** Keys of people who sign the law or the register. */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeFolders, runDoor, temporaryFolder } from '../demo/process.ts'

afterAll(removeFolders)

const gateway = ['--gateway', 'comity.prod']
const meant = [...gateway, '--role', 'release', '--person', 'Anna Invented']

const key = async (...args: readonly string[]) => {
  const { ended, output } = runDoor(['functions/comity.mjs', 'key', ...args], {})
  return { ...(await ended), ...output }
}

// Kills: a key that others can read; a proof of another key, or of another name; a key that is overwritten.
test('A key is made for its owner alone, once, and its public half proves that somebody holds it', async () => {
  const folder = temporaryFolder()
  const made = await key('new', 'release-2027', '--folder', folder, ...meant)
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('release-2027.json')])
  const own = join(folder, 'release-2027.json')
  if (process.platform !== 'win32') expect(statSync(own).mode & 0o777).toBe(0o600)
  const { jwk } = JSON.parse(readFileSync(own, 'utf8'))
  expect(made.stdout).not.toContain(jwk.d)
  const handed = join(folder, 'handed.json')
  const said = JSON.parse(made.stdout)
  writeFileSync(handed, made.stdout)
  const taken = await key('check', handed, ...gateway)
  expect([taken.code, JSON.parse(taken.stdout)]).toEqual([
    0,
    [{ kid: 'release-2027', name: 'Anna Invented', jwk: said.jwk }],
  ])
  expect((await key('check', handed, handed, ...gateway)).code).toBe(2)
  expect((await key('check', handed, '--gateway', 'comity.other')).code).toBe(2)
  const other = JSON.parse((await key('new', 'release-2028', '--folder', folder, ...meant)).stdout)
  for (const changed of [
    { ...said, kid: 'release-2029' },
    { ...said, role: 'registrar' },
    { ...said, name: 'Somebody Else' },
    { ...said, jwk: other.jwk },
    { ...said, proof: other.proof },
  ]) {
    writeFileSync(handed, JSON.stringify(changed))
    expect((await key('check', handed, ...gateway)).code).toBe(5)
  }
  expect((await key('new', 'release-2027', '--folder', folder, ...meant)).code).toBe(1)
  expect(JSON.parse(readFileSync(own, 'utf8')).jwk).toEqual(jwk)
  expect((await key('new', '../x', '--folder', folder, ...meant)).code).toBe(2)
  const turned = ['--folder', folder, ...gateway, '--role', 'release', '--person', 'A\u202enna']
  expect((await key('new', 'release-2031', ...turned)).code).toBe(2)
  for (const foreign of [{ kid: 'a\u001b[2J' }, { name: 'A\u202e' }, { gateway: 'c\u001b[2J' }]) {
    writeFileSync(handed, JSON.stringify({ ...said, ...foreign }))
    const refused = await key('check', handed, ...gateway)
    expect([refused.code, refused.stderr.includes('\u001b'), refused.stdout]).toEqual([
      2,
      false,
      '',
    ])
  }
  const none = await key('new', 'release-2030', '--folder', join(folder, 'none'), ...meant)
  expect([none.code, none.stdout, none.stderr]).toEqual([
    1,
    '',
    expect.stringMatching(
      /^couldn’t make a key: .*release-2030\.json` can’t be written \(ENOENT\)\n$/,
    ),
  ])
})

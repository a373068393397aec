/** What a command says of a file of `--deployed` whose database has a password in its address, or does not answer. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { removeFolders, runDoor, temporaryFolder } from '../demo/process.ts'

afterAll(removeFolders)

async function list(postgres: string, more: object = {}) {
  const folder = temporaryFolder()
  const site = join(folder, 'site.json')
  const registrars = demonstrationRegistrars
  writeFileSync(site, JSON.stringify({ postgres, registrars, ...more }))
  const { ended, output } = runDoor(
    ['functions/comity.mjs', 'agency', 'list', '--deployed', site],
    { COMITY_DATA: folder },
  )
  return { ...(await ended), ...output }
}
const nowhere = 'postgresql://127.0.0.1:1/comity'

// Kills: a rule of `serve` that the same address in a file of its operator is not held to.
test('A password in the address is refused, as `serve` refuses it', async () => {
  const { code, stderr } = await list('postgresql://u:secret@127.0.0.1:1/comity')
  expect(code).toBe(2)
  expect(stderr).toContain('PGPASSFILE')
}, 60_000)

// Kills: lines of a program where a sentence should say that no store answers.
test('A database that does not answer is said so, in a sentence', async () => {
  const { stderr } = await list(nowhere)
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(stderr).toContain('127.0.0.1:1')
}, 60_000)

// Kills: two stores in one file, of which one is taken without a word.
test('A file that names two stores is refused', async () => {
  const { code } = await list(nowhere, { endpoint: 'http://127.0.0.1:1' })
  expect(code).toBe(2)
}, 60_000)

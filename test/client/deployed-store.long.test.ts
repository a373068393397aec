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

test('A password in the address of DynamoDB’s API is refused, too', async () => {
  const { code, stderr } = await list(nowhere, {
    endpoint: 'http://u:secret@127.0.0.1:1',
    postgres: undefined,
  })
  expect([code, stderr]).toEqual([2, expect.stringContaining('take the name and password out')])
  expect(stderr).not.toContain('secret@')
}, 60_000)

// Kills: two stores in one file, of which one is taken without a word.
test('A file that names two stores is refused', async () => {
  const { code } = await list(nowhere, { endpoint: 'http://127.0.0.1:1' })
  expect(code).toBe(2)
}, 60_000)

// Kills: a registrar's key beside a release key, or on the gateway's machine, that a command or `serve` takes in prod.
test('Two roles in reach in prod stop a command, and a machine before it asks its store', async () => {
  const folder = temporaryFolder()
  const key = (role: string) => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }
    const file = join(folder, `${role}.json`)
    writeFileSync(file, JSON.stringify({ kid: role, role, jwk }))
    return file
  }
  const signer = key('registrar')
  const site = join(folder, 'site.json')
  const registrars = demonstrationRegistrars
  writeFileSync(site, JSON.stringify({ postgres: nowhere, registrars, environment: 'prod' }))
  const suspend = async () => {
    const sign = ['--key', signer, '--why', 'Their desk asks for it.', '--deployed', site]
    const { ended, output } = runDoor(
      ['functions/comity.mjs', 'agency', 'suspend', 'DE-POL', ...sign],
      { COMITY_DATA: folder },
    )
    await ended
    return output.stderr
  }
  expect(await suspend()).toContain('no store answers')
  key('release')
  expect(await suspend()).toMatch(/^couldn’t go on: in `prod` .*registrar.* and .*release/)
  // Kills: a command that signs and names no store, which `prod` is then nothing to.
  for (const signing of [
    ['policy', 'seal', site],
    ['policy', 'retire', 'de/x@2026-01-01', '--from', '2027-01-01T00:00:00Z'],
    ['policy', 'begin'],
    ['policy', 'set'],
    ['agency', 'sign', site],
  ]) {
    const { ended, output } = runDoor(['functions/comity.mjs', ...signing, '--key', signer], {
      ...{ COMITY_DATA: folder, COMITY_ENVIRONMENT: 'prod' },
    })
    await ended
    expect(output.stderr, signing.join(' ')).toMatch(/^couldn’t go on: in `prod` .*registrar/)
  }
  const own = registrars.map((each, i) => ({
    ...{ ...each, kid: `r-${i}`, jwk: { ...each.jwk, x: `${'A'.repeat(42)}${'AEI'[i]}` } },
  }))
  const { ended, output } = runDoor(['functions/serve.ts'], {
    ...{ COMITY_POSTGRES: nowhere, COMITY_ORIGIN: 'https://gateway.example', COMITY_HOLDS: 'DE' },
    ...{ COMITY_ENVIRONMENT: 'prod', COMITY_GATEWAY: 'comity.prod', COMITY_BACKUP_DAYS: '0' },
    ...{ COMITY_REGISTRARS: JSON.stringify(own), COMITY_LAW_KEYS: '0'.repeat(64) },
    ...{ COMITY_KEYS: folder, COMITY_ARCHIVE: join(folder, 'log') },
    COMITY_QUORUM_AGREED: 'nobody outside vouches that all are shown one log',
  })
  expect(await ended).toMatchObject({ code: 1 })
  expect(output.stderr).toMatch(/^couldn’t go on: in `prod` .*gateway.* and /)
}, 60_000)

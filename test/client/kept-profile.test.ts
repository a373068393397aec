/** The profile that `npm start` writes: it names those of the demonstration, and forgets nobody. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { identityIn, keepProfile } from '../../functions/client/profile.ts'
import { profileOf } from '../../functions/demo/demonstration.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-profile-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'profile.json')
const read = () => JSON.parse(readFileSync(file, 'utf8'))
const gateway = { data: folder, url: 'http://localhost:1' }

// Kills: a start that writes its own over what somebody added; a file of before that others may read.
test('keeps whom somebody added, at each start, and is read by its owner alone', () => {
  keepProfile(file, profileOf('http://localhost:1'))
  const added = { agency: 'DE-POL', officer: 'officer-9' }
  writeFileSync(
    file,
    JSON.stringify({ ...read(), identities: { ...read().identities, me: added } }),
  )
  chmodSync(file, 0o644)
  keepProfile(file, profileOf('http://localhost:2'))
  expect(read().url).toBe('http://localhost:2')
  expect(read().identities.me).toEqual(added)
  expect(read().identities['DE-DPA']).toMatchObject({ agency: 'DE-DPA' })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

// Kills: a name that leads out of the folder of keys; a folder of keys that is taken for one below.
test('names keys where they are, and nobody by a path', () => {
  const key = join(folder, 'DE-POL.json')
  writeFileSync(key, '{}')
  writeFileSync(file, JSON.stringify({ ...read(), keys: folder }))
  expect(identityIn(gateway, 'me')).toEqual({ agency: 'DE-POL', officer: 'officer-9', key })
  writeFileSync(file, JSON.stringify({ ...read(), keys: 'keys' }))
  expect(() => identityIn(gateway, '../DE-POL')).toThrow('there is no key for `../DE-POL`')
})

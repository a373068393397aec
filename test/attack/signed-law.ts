/** The law as it is signed, and what the attacks on its roots suspend of it. */

import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Runnable } from '../../functions/policy/carried.ts'
import { run } from '../../functions/policy/read-book.ts'
import { demonstrationKey, lawOf, setIn } from '../policy/sealing.ts'
import { worldLaw } from '../world-law.ts'

export const found = lawOf(worldLaw, '2026-07-01T01:00:00.000Z')
export const law = run(found)
/** Those who suspend. */
export const both = ['legal', 'data-protection'].map(demonstrationKey)
const ground = law.book.policies.findLast(({ id }) => id === 'de/police')
if (ground === undefined) throw new Error('there is no such policy')
export const version = { path: `${ground.id}/${ground.version}.json`, sha256: ground.digest }
const other = law.book.policies.find(({ id }) => id.startsWith('fr/'))
if (other === undefined) throw new Error('there is no French policy')
export const french = { path: `${other.id}/${other.version}.json`, sha256: other.digest }
export const why = 'A court has stayed the article.'

/** The law without the last seals of a folder. */
export const without = (last: number, folder: 'de' | 'eu' | 'gb' = 'de'): Runnable => {
  const links = found.seals[folder] as readonly { body: { path: string } }[]
  const gone = new Set(links.slice(-last).map(({ body }) => body.path))
  const older = {
    ...found,
    files: found.files.filter(({ path }) => !gone.has(path)),
    seals: { ...found.seals, [folder]: links.slice(0, -last) },
  }
  return run({ ...older, set: setIn(older) })
}

/** Puts it where a command finds it, with the keys that sign for it. */
export function writeLaw(folder: string): void {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const { path, text } of found.files) put(path, text)
  for (const [of, seals] of Object.entries(found.seals))
    put(`${of}/seals.json`, JSON.stringify(seals))
  put('sealers.json', JSON.stringify(found.sealers))
  put('release-keys.json', JSON.stringify(found.releaseKeys))
  const keys = 'demonstration-keys'
  cpSync(join(import.meta.dirname, '../../policies', keys), join(folder, keys), { recursive: true })
}

/** The law as it is signed, and what the attacks on its roots suspend of it. */

import { join } from 'node:path'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import type { Runnable } from '../../functions/policy/carried.ts'
import { run } from '../../functions/policy/read-book.ts'
import { demonstrationKey, setIn } from '../policy/sealing.ts'
import { newestOf } from '../shipped.ts'

export const found = lawToRun(join(import.meta.dirname, '../../policies'))
export const law = run(found)
/** Those who suspend. */
export const both = ['legal', 'data-protection'].map(demonstrationKey)
const newest = newestOf('de/bkag').version
const ground = law.book.policies.find(({ id, version }) => id === 'de/bkag' && version === newest)
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

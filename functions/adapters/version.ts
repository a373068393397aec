/** Which version this is. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
// A bundle has it in itself, wherever it lies.
import packed from '../../package.json' with { type: 'json' }

/** The version of the package. */
export const packedVersion = packed.version

/** The same, with the commit of a clone; an archive has none, and `/healthz` names the digest of its files. */
export function versionSays(): string {
  const commit = commitIn(join(import.meta.dirname, '../../.git'))
  return commit === undefined ? packedVersion : `${packedVersion} (commit ${commit.slice(0, 12)})`
}

/** The commit that a clone is at; undefined if there is no clone, or git keeps it elsewhere. */
function commitIn(git: string): string | undefined {
  const read = (name: string) =>
    existsSync(join(git, name)) ? readFileSync(join(git, name), 'utf8') : ''
  const [, branch] = /^ref: (\S+)/.exec(read('HEAD')) ?? []
  const packedRef = read('packed-refs')
    .split('\n')
    .find((line) => line.endsWith(` ${branch}`))
  const found = branch === undefined ? read('HEAD') : read(branch) || (packedRef ?? '')
  return /^[0-9a-f]{40}/.exec(found)?.[0]
}
